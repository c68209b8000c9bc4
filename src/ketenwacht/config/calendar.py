"""When deliveries are due: cron moments less holidays and closures, as a plain sequence of UTC moments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ketenwacht.domain.feed import Schedule
from ketenwacht.errors import ConfigError

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

_YEARS = range(1990, 2051)  # wide enough for any history and forecast; the table costs milliseconds
_CRON_FIELDS = 5
_SKIPPED_HOUR = 2  # 02:00–03:00 local exists twice or not at all on the days when the clocks change
_PROBE_DAYS = 366


@cache
def public_holidays(country: str) -> frozenset[date]:
    """Every public holiday of `country` (ISO code, optionally `-SUBDIVISION`) from 1990 to 2050.

    Raises:
        ConfigError: the calendar is not known.
    """
    import holidays

    code, _, subdivision = country.partition("-")
    try:
        return frozenset(holidays.country_holidays(code, subdiv=subdivision or None, years=_YEARS))
    except (NotImplementedError, KeyError, AttributeError):
        raise ConfigError(
            "schedule.calendar", f"there is no calendar {country}", "use a country code such as NL"
        ) from None


def holidays_of(schedule: Schedule | None) -> frozenset[date]:
    """The public holidays on which nothing is due under `schedule`; empty without a calendar."""
    if schedule is None or schedule.calendar is None:
        return frozenset()
    return public_holidays(schedule.calendar) - frozenset(schedule.workdays)


def dues(schedule: Schedule, timezone: str, *, after: datetime, until: datetime) -> tuple[datetime, ...]:
    """Every moment at which a delivery is due, later than `after` and not later than `until`; UTC, in order.

    Raises:
        ConfigError: the cron expression is not one that means the same every day of the year.
    """
    off = holidays_of(schedule) | frozenset(schedule.closures)
    local = ZoneInfo(timezone)
    moments = _moments(_trigger(schedule.cron, local), after.astimezone(local), until)
    return tuple(moment.astimezone(UTC) for moment in moments if moment.date() not in off)


def check_schedule(schedule: Schedule, timezone: str) -> None:
    """Refuse a schedule that would surprise its author.

    Raises:
        ConfigError: what is wrong with the cron expression or calendar, and how to mend it.
    """
    if _in_skipped_hour(schedule.cron, timezone):
        raise ConfigError(
            "schedule.cron",
            "a moment between 02:00 and 03:00 local comes twice or never when the clocks change",
            "choose another hour",
        )
    holidays_of(schedule)


@cache
def _in_skipped_hour(cron: str, timezone: str) -> bool:
    """Whether a moment of a year is in the hour that the clocks skip; each environment of a feed asks it anew."""
    start = datetime(2024, 1, 1, tzinfo=UTC)  # a leap year, so that every calendar day is tried
    moments = _moments(_trigger(cron, ZoneInfo(timezone)), start, start + timedelta(days=_PROBE_DAYS))
    return any(moment.hour == _SKIPPED_HOUR for moment in moments)


def _moments(trigger: CronTrigger, after: datetime, until: datetime) -> Iterator[datetime]:
    moment = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    while moment is not None and moment <= until:
        yield moment
        moment = trigger.get_next_fire_time(moment, moment + timedelta(microseconds=1))


def _trigger(cron: str, local: ZoneInfo) -> CronTrigger:
    from apscheduler.triggers.cron import CronTrigger

    fields = cron.split()
    if len(fields) != _CRON_FIELDS:
        raise ConfigError("schedule.cron", f"has {len(fields)} fields", "write minute hour day month weekday")
    if re.search(r"\d", fields[-1]):
        raise ConfigError("schedule.cron", "weekdays have numbers, which tools count differently", "write mon-fri")
    try:
        return CronTrigger.from_crontab(cron, timezone=local)
    except ValueError:
        raise ConfigError("schedule.cron", "is not a cron expression", "write it as `0 7 * * mon-fri`") from None
