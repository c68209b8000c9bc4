from __future__ import annotations

from datetime import date, time

from ketenwacht.simulate.volumes import list_working_days, pick_week_ends, to_local


def test_weekends_and_dutch_holidays_are_closed():
    days = list_working_days(date(2022, 4, 11), date(2022, 4, 29))
    closed = {date(2022, 4, 15), date(2022, 4, 18), date(2022, 4, 27)}  # Good Friday, Easter Monday, King's Day
    assert not closed & set(days)
    assert all(d.weekday() < 5 for d in days)
    assert len(days) == 12


def test_a_week_is_closed_on_its_last_working_day():
    days = list_working_days(date(2022, 4, 4), date(2022, 4, 22))
    assert pick_week_ends(days) == (date(2022, 4, 8), date(2022, 4, 14), date(2022, 4, 22))


def test_a_week_that_is_cut_off_is_not_closed():
    assert pick_week_ends(list_working_days(date(2022, 4, 4), date(2022, 4, 13))) == (date(2022, 4, 8),)
    # Only Good Friday is left of the week after this Thursday.
    assert pick_week_ends(list_working_days(date(2022, 4, 4), date(2022, 4, 14)))[-1] == date(2022, 4, 14)


def test_local_time_follows_summer_time():
    assert to_local(date(2022, 3, 25), time(6, 30)).isoformat().endswith("+01:00")
    assert to_local(date(2022, 3, 28), time(6, 30)).isoformat().endswith("+02:00")
