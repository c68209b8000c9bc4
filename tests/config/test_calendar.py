"""When deliveries are due, over days off and clock changes."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.config.calendar import check_schedule, dues, recurring_periods
from ketenwacht.domain.feed import RecurringPeriod, Schedule
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
        ("two times on one day", "0 7,13 * * mon-fri", "more than once a day.*one feed for each time"),
        ("two times on one day of the year", "0 7-9 29 feb *", "more than once a day"),
        ("every half hour", "*/30 * * * *", "more than once a day"),
        ("a day that no year has", "0 7 30 2 *", "never due"),
        ("weekdays by number", "0 7 * * 1-5", "write mon-fri"),
        ("too few fields", "0 7 * *", "4 fields"),
        ("nonsense", "0 99 * * mon", "not a cron expression"),
    ],
)
def test_a_surprising_schedule_is_refused(sentence, cron, said):
    with pytest.raises(ConfigError, match=said):
        check_schedule(Schedule(cron=cron))


def test_an_unknown_calendar_is_refused():
    with pytest.raises(ConfigError, match="no calendar"):
        check_schedule(Schedule(cron="0 7 * * mon", calendar="ZZ"))


WINTER, SUMMER = date(2024, 10, 27), date(2024, 3, 31)  # the days on which the clocks of Amsterdam change
LONDON, NEW_YORK, LORD_HOWE, APIA = "Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"


@pytest.mark.parametrize(
    ("sentence", "zone", "cron", "day", "times"),
    [
        (
            "a time that is skipped moves to the next valid minute",
            AMSTERDAM,
            "30 2 * * *",
            SUMMER,
            ["03:00+02:00"],
        ),
        ("a time that is repeated counts once, at first", AMSTERDAM, "30 2 * * *", WINTER, ["02:30+02:00"]),
        ("on other days it is what it says", AMSTERDAM, "30 2 * * *", date(2024, 6, 1), ["02:30+02:00"]),
        ("London skips another hour", LONDON, "30 1 * * *", SUMMER, ["02:00+01:00"]),
        ("London repeats another hour", LONDON, "30 1 * * *", WINTER, ["01:30+01:00"]),
        ("New York skips on another day", NEW_YORK, "30 2 * * *", date(2024, 3, 10), ["03:00-04:00"]),
        ("New York repeats on another day", NEW_YORK, "30 1 * * *", date(2024, 11, 3), ["01:30-04:00"]),
        ("half an hour is skipped on Lord Howe", LORD_HOWE, "15 2 * * *", date(2024, 10, 6), ["02:30+11:00"]),
        ("a whole day was skipped in Samoa", APIA, "0 7 * * *", date(2011, 12, 30), []),
        (
            "an interval steps through real time in autumn",
            AMSTERDAM,
            "30 */1 * * *",
            WINTER,
            ["00:30+02:00", "01:30+02:00", "02:30+02:00", "02:30+01:00", "03:30+01:00"],
        ),
        ("and in spring", AMSTERDAM, "30 */1 * * *", SUMMER, ["00:30+01:00", "01:30+01:00", "03:30+02:00"]),
    ],
)
def test_due_moments_when_clocks_change(sentence, zone, cron, day, times):
    local = ZoneInfo(zone)
    midnight = datetime(day.year, day.month, day.day, tzinfo=local)
    found = dues(Schedule(cron=cron), zone, after=midnight, until=midnight.replace(hour=4).astimezone(UTC))
    here = [moment.astimezone(local) for moment in found]
    assert [
        moment.isoformat()[11:16] + moment.isoformat()[19:] for moment in here if moment.date() == day
    ] == times


@pytest.mark.integration
@given(
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    zone=st.sampled_from(sorted(available_timezones() - {"localtime"})),
    year=st.integers(1990, 2040),
)
def test_every_zone_has_one_due_moment_a_day(minute, hour, zone, year):
    after = datetime(year, 1, 1, tzinfo=UTC)
    found = dues(Schedule(cron=f"{minute} {hour} * * *"), zone, after=after, until=after + timedelta(days=366))
    assert 364 <= len(found) <= 367
    assert all(a < b for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("region", "day", "off"),
    [
        ("NL-noord", date(2025, 7, 12), True),
        ("NL-zuid", date(2025, 7, 12), True),
        ("NL-midden", date(2025, 7, 18), False),
        ("NL-midden", date(2025, 7, 19), True),
        ("NL-midden", date(2025, 8, 31), True),
        ("NL-midden", date(2025, 9, 1), False),
        ("NL-noord", date(2025, 12, 31), True),
        ("NL-zuid", date(2026, 4, 27), True),
    ],
)
def test_school_holidays_of_a_region_are_known_by_kind(region, day, off):
    periods = recurring_periods(Schedule(cron="0 7 * * mon-fri", school_holidays=region))
    assert len(periods) == 5
    assert sum(day in days for days in periods) == int(off)
    assert all(max(days).year >= 2029 for days in periods)


def test_other_periods_recur_too_and_deliveries_stay_due_in_them():
    rounds = RecurringPeriod(
        name="enrolment",
        days=((date(2024, 3, 4), date(2024, 3, 5)), (date(2025, 3, 3), date(2025, 3, 3))),
    )
    schedule = Schedule(cron="0 7 * * mon-fri", periods=(rounds,))
    assert recurring_periods(schedule) == (frozenset({date(2024, 3, 4), date(2024, 3, 5), date(2025, 3, 3)}),)
    assert due_days(schedule, date(2024, 3, 4), date(2024, 3, 5)) == [date(2024, 3, 4), date(2024, 3, 5)]
    assert recurring_periods(None) == ()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"school_holidays": "NL-oost"}, "use one of: NL-noord, NL-midden, NL-zuid"),
        ({"periods": (RecurringPeriod(name="x", days=((date(2024, 3, 5), date(2024, 3, 4)),)),)}, "swap"),
    ],
)
def test_a_period_that_cannot_be_is_refused(wrong, why):
    with pytest.raises(ConfigError, match=why):
        check_schedule(Schedule(cron="0 7 * * mon-fri", **wrong))


def test_the_holidays_of_one_country_are_known_without_those_of_all():
    asked = (
        "import sys; from ketenwacht.config.calendar import public_holidays; found = public_holidays('NL');"
        "loaded = [name for name in sys.modules if name.startswith('holidays.countries')];"
        "from holidays import country_holidays; from holidays.countries import Netherlands, France;"
        "assert found == frozenset(country_holidays('NL', years=range(1990, 2051)));"
        "assert public_holidays('FR') == frozenset(country_holidays('FR', years=range(1990, 2051)));"
        "print(loaded)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['holidays.countries.netherlands']"
