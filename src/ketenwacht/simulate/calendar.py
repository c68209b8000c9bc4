"""The sender's calendar: Dutch working days, and local times as instants."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

ZONE = ZoneInfo("Europe/Amsterdam")
_SATURDAY = 5


def working_days(first: date, last: date) -> tuple[date, ...]:
    """Every weekday from `first` to `last`, both inclusive, that is not a Dutch public holiday."""
    closed = holidays.country_holidays("NL", years=range(first.year, last.year + 1))
    days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    return tuple(d for d in days if d.weekday() < _SATURDAY and d not in closed)


def last_of_weeks(days: tuple[date, ...]) -> tuple[date, ...]:
    """The last of `days` in each ISO week: Friday, or the day before a Friday without delivery.

    A week that is cut off by the end of the range before its Friday has none.
    """
    latest: dict[tuple[int, int], date] = {}
    for day in days:
        latest[day.isocalendar()[:2]] = day
    found = tuple(latest.values())
    friday = 5
    if found and found[-1].isoweekday() < friday:
        next_friday = found[-1] + timedelta(days=friday - found[-1].isoweekday())
        if working_days(found[-1] + timedelta(days=1), next_friday):
            return found[:-1]
    return found


def local(day: date, at: time) -> datetime:
    """The instant of a local wall-clock time, with its offset. No time here falls in 02:00–03:00."""
    return datetime.combine(day, at, tzinfo=ZONE)
