"""When deliveries are due: cron moments less holidays and closures, as a plain sequence of UTC moments.

Times of a cron expression are stepped through on a clock without a zone, and then placed in the zone. So every
step makes progress, whatever the zone does to its clocks.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from ketenwacht.domain.feed import Schedule
from ketenwacht.errors import ConfigError

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

_YEARS = range(1990, 2051)  # wide enough for any history and forecast; the table costs milliseconds
_CRON_FIELDS = 5
_SHIFT = timedelta(days=2)  # more than any zone ever moved its clocks by
_LEAP_YEAR, _PROBED = timedelta(days=366), timedelta(days=366 + 365)
_IMPORTING = Lock()


@cache
def public_holidays(country: str) -> frozenset[date]:
    """Return every public holiday of `country` (ISO code, optionally `-SUBDIVISION`) from 1990 to 2050.

    Raises:
        ConfigError: the calendar is not known.
    """
    import holidays

    code, _, subdivision = country.partition("-")
    try:
        with _importing_one_country():
            return frozenset(holidays.country_holidays(code, subdiv=subdivision or None, years=_YEARS))
    except (NotImplementedError, KeyError, AttributeError):
        raise ConfigError(
            "schedule.calendar", f"there is no calendar {country}", "use a country code such as NL"
        ) from None


@contextmanager
def _importing_one_country() -> Iterator[None]:
    """Let the library import the module of one country: its package imports those of every country, 0.1 s."""
    name = "holidays.countries"
    with _IMPORTING:
        spec = find_spec(name) if name not in sys.modules else None
        if spec is None:
            yield
            return
        sys.modules[name] = module_from_spec(spec)  # a package that was not run
        try:
            yield
        finally:
            del sys.modules[name]


def holidays_of(schedule: Schedule | None) -> frozenset[date]:
    """Return the public holidays on which nothing is due under `schedule`; empty without a calendar."""
    if schedule is None or schedule.calendar is None:
        return frozenset()
    return public_holidays(schedule.calendar) - frozenset(schedule.workdays)


@cache
def _school_holidays() -> dict[str, dict[str, list[list[str]]]]:
    text = (Path(__file__).parent / "school_holidays.json").read_text(encoding="utf-8")
    return cast("dict[str, dict[str, list[list[str]]]]", json.loads(text)["regions"])


def recurring_periods(schedule: Schedule | None) -> tuple[frozenset[date], ...]:
    """Return the days of each period that recurs with counts of its own: school holidays by kind, then the others.

    Raises:
        ConfigError: the region of the school holidays is not known, or a period ends before it begins.
    """
    if schedule is None:
        return ()
    found = []
    if schedule.school_holidays is not None:
        regions = _school_holidays()
        if schedule.school_holidays not in regions:
            raise ConfigError(
                "schedule.school_holidays",
                f"there are no school holidays of {schedule.school_holidays}",
                f"use one of: {', '.join(regions)}; or write the days under `periods`",
            )
        for _, times in sorted(regions[schedule.school_holidays].items()):
            found.append([(date.fromisoformat(first), date.fromisoformat(last)) for first, last in times])
    for period in schedule.periods:
        if any(last < first for first, last in period.days):
            raise ConfigError("schedule.periods", f"{period.name} ends before it begins", "swap the two days")
        found.append(list(period.days))
    return tuple(
        frozenset(first + timedelta(days=n) for first, last in times for n in range((last - first).days + 1))
        for times in found
    )


def dues(schedule: Schedule, timezone: str, *, after: datetime, until: datetime) -> tuple[datetime, ...]:
    """Return every moment at which a delivery is due, after `after` and not after `until`; UTC, in order.

    A local time that the zone skips moves to the next valid minute. A local time that it repeats counts once. A
    schedule with a wildcard hour steps through real time instead: it leaves skipped times out and counts repeated
    ones twice.

    Raises:
        ConfigError: the cron expression is not one that means the same every day of the year.
    """
    off = holidays_of(schedule) | frozenset(schedule.closures)
    local = ZoneInfo(timezone)
    wall = _wall_times(schedule.cron, _wall(after, local) - _SHIFT, _wall(until, local) + _SHIFT)
    by_interval = schedule.cron.split()[1].startswith("*")
    moments = {
        moment
        for time in wall
        if time.date() not in off
        for moment in _list_moments(time, local, by_interval=by_interval)
    }
    return tuple(sorted(moment for moment in moments if after < moment <= until))


def check_schedule(schedule: Schedule) -> None:
    """Refuse a schedule that would surprise its author.

    Raises:
        ConfigError: what is wrong with the cron expression or calendar, and how to mend it.
    """
    days = _days_due(schedule.cron)
    if not days:
        raise ConfigError("schedule.cron", "is never due", "write a day that exists")
    if len(set(days)) < len(days):
        raise ConfigError(
            "schedule.cron",
            "is due more than once a day, and all deliveries of a day have one period",
            "make it one feed for each time of day",
        )
    holidays_of(schedule)
    recurring_periods(schedule)


_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORKING_WEEK = frozenset(range(5))


def find_lag_fault(schedule: Schedule) -> ConfigError | None:
    """Return how a `lag` moves a working week into the weekend; None where it does not.

    A delivery that is due on Monday with a lag of a day is Sunday's, so Friday's would never be due.
    """
    lag = schedule.lag.days % 7
    _, _, day, month, _ = schedule.cron.split()
    weekdays = {due.weekday() for due in _days_due(schedule.cron)}
    if not lag or (day, month) != ("*", "*") or weekdays != _WORKING_WEEK:
        return None
    missed = [_NAMES[d] for d in sorted(_WORKING_WEEK - {(d - lag) % 7 for d in weekdays})]
    due = ",".join(_NAMES[d] for d in sorted((d + lag) % 7 for d in _WORKING_WEEK))
    return ConfigError(
        "schedule.lag",
        f"with mon-fri, the deliveries of {' and '.join(missed)} are never due, and those of the weekend are",
        f"write `{due}` for the weekdays of cron, and a `grace` for what waits for Monday; or leave out the lag",
    )


@cache
def _days_due(cron: str) -> tuple[date, ...]:
    """Return the day of each due moment of a leap year, or of the next year when it has none.

    Of a day with several moments, only two are listed. The answer is cached, since each environment asks.
    """
    start = datetime(2024, 1, 1)  # noqa: DTZ001 - wall time
    days: list[date] = []
    for time in _wall_times(cron, start, start + _PROBED):
        if days and time > start + _LEAP_YEAR:
            break
        days.append(time.date())
        if days[-2:-1] == [time.date()]:
            break  # every minute of a year would take long to list
    return tuple(days)


def _wall_times(cron: str, after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the local times of a schedule without a zone, so that they go on when the clocks change."""
    trigger = _make_trigger(cron)
    moment = trigger.get_next_fire_time(None, after.replace(tzinfo=UTC) + timedelta(microseconds=1))
    while moment is not None and moment.replace(tzinfo=None) <= until:
        yield moment.replace(tzinfo=None)
        moment = trigger.get_next_fire_time(moment, moment + timedelta(microseconds=1))


def _list_moments(wall: datetime, local: ZoneInfo, *, by_interval: bool) -> Iterator[datetime]:
    """Yield the moments (UTC) that a time on the wall stands for: one, or several when the clocks change."""
    first, second = (wall.replace(tzinfo=local, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        yield first
    elif first < second:  # the zone repeats it
        yield first
        if by_interval:
            yield second
    elif not by_interval:  # the zone skips it: `first` and `second` lie at equal distances around the change
        yield _end_of_gap(wall, local)


def _end_of_gap(wall: datetime, local: ZoneInfo) -> datetime:
    """Return the first valid minute after a time that the zone skips."""
    while True:
        wall += timedelta(minutes=1)
        first, second = (wall.replace(tzinfo=local, fold=fold).astimezone(UTC) for fold in (0, 1))
        if first <= second:
            return first


def _wall(moment: datetime, local: ZoneInfo) -> datetime:
    return moment.astimezone(local).replace(tzinfo=None)


@cache
def _make_trigger(cron: str) -> CronTrigger:
    from apscheduler.triggers.cron import CronTrigger

    fields = cron.split()
    if len(fields) != _CRON_FIELDS:
        raise ConfigError("schedule.cron", f"has {len(fields)} fields", "write minute hour day month weekday")
    if re.search(r"\d", fields[-1]):
        raise ConfigError("schedule.cron", "weekdays have numbers, which tools count differently", "write mon-fri")
    try:
        return CronTrigger.from_crontab(cron, timezone=UTC)
    except ValueError:
        raise ConfigError("schedule.cron", "is not a cron expression", "write it as `0 7 * * mon-fri`") from None
