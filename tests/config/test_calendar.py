"""When deliveries are due, over days off and clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ketenwacht.config.calendar import check_schedule, dues
from ketenwacht.domain.feed import Schedule
from ketenwacht.errors import ConfigError

AMSTERDAM = "Europe/Amsterdam"


def due_days(schedule, first, last):
    after = datetime.combine(first, datetime.min.time(), UTC)
    return [
        d.date() for d in dues(schedule, AMSTERDAM, after=after, until=after + (last - first) + timedelta(days=1))
    ]


def test_a_daily_feed_is_due_on_working_days_only():
    days = due_days(Schedule(cron="0 7 * * mon-fri", calendar="NL"), date(2022, 4, 14), date(2022, 4, 19))
    assert days == [date(2022, 4, 14), date(2022, 4, 19)]  # Good Friday to Easter Monday are off


def test_closures_are_off_and_working_holidays_are_on():
    schedule = Schedule(
        cron="0 7 * * mon-fri", calendar="NL", closures=(date(2022, 4, 14),), workdays=(date(2022, 4, 15),)
    )
    assert due_days(schedule, date(2022, 4, 14), date(2022, 4, 18)) == [date(2022, 4, 15)]


@pytest.mark.parametrize(
    ("sentence", "day", "hour_utc"),
    [
        ("in winter seven o'clock is six in UTC", date(2022, 3, 25), 6),
        ("after the spring change it is five", date(2022, 3, 28), 5),
        ("before the autumn change too", date(2022, 10, 28), 5),
        ("and after it six again", date(2022, 10, 31), 6),
    ],
)
def test_the_local_hour_stays(sentence, day, hour_utc):
    after = datetime.combine(day, datetime.min.time(), UTC)
    found = dues(Schedule(cron="0 7 * * mon-fri"), AMSTERDAM, after=after, until=after + timedelta(days=1))
    assert [d.hour for d in found] == [hour_utc], sentence


def test_the_moment_itself_is_not_after_itself():
    first = datetime(2022, 1, 3, 6, tzinfo=UTC)
    assert dues(Schedule(cron="0 7 * * mon-fri"), AMSTERDAM, after=first, until=first + timedelta(days=1)) == (
        first + timedelta(days=1),
    )


@pytest.mark.parametrize(
    ("sentence", "cron", "said"),
    [
        ("an hour that comes twice or never", "30 2 * * mon-fri", "twice or never"),
        ("weekdays by number", "0 7 * * 1-5", "write mon-fri"),
        ("too few fields", "0 7 * *", "4 fields"),
        ("nonsense", "0 99 * * mon", "not a cron expression"),
    ],
)
def test_a_surprising_schedule_is_refused(sentence, cron, said):
    with pytest.raises(ConfigError, match=said):
        check_schedule(Schedule(cron=cron), AMSTERDAM)


def test_an_unknown_calendar_is_refused():
    with pytest.raises(ConfigError, match="no calendar"):
        check_schedule(Schedule(cron="0 7 * * mon", calendar="ZZ"), AMSTERDAM)
