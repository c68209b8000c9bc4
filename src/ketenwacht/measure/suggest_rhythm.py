"""From the periods of a sample to the schedule that they keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

LEAST = 4
"""Periods that a rhythm needs."""
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SATURDAY, _WEEK = 5, 7
_DAILY_SHARE, _WORKING_SHARE, _HOLIDAY_SHARE = 0.95, 0.85, 0.6
_OFF_SHARE = 0.02
_MONTH = range(28, 32)
_SAME_GAP = 0.9

Holidays = Callable[[str], Collection[date]]
COUNTRIES = ("NL", "BE", "DE", "FR", "GB", "US")
"""Calendars that are tried on working days without a delivery."""


@dataclass(frozen=True, slots=True)
class SuggestedSchedule:
    """A schedule that the sample keeps.

    Attributes:
        name: daily, working days, weekly or monthly.
        cron: when a delivery is due.
        lag: days from the first day of a period to the day from which its delivery can be due.
        grace: hours.
        calendar: country whose holidays have no delivery, None when none was recognised.
        reason: why.
    """

    name: str
    cron: str
    lag: int
    grace: int
    calendar: str | None
    reason: str


def rhythm_of(days: Collection[date], holidays: Holidays, *, whole_periods: bool) -> SuggestedSchedule | None:
    """The rhythm of a sample's periods, None when it keeps none or has too few.

    Args:
        days: first day of each period.
        holidays: public holidays of a country.
        whole_periods: True when rows are gathered by period, so that a delivery is complete only after it;
            False when a delivery is a file with its own date.
    """
    found = sorted(set(days))
    if len(found) < LEAST:
        return None
    for kind in (_monthly, _weekly, _working, _daily):
        rhythm = kind(found, holidays, whole_periods)
        if rhythm is not None:
            return rhythm
    return None


def _daily(days: Sequence[date], _holidays: Holidays, whole: bool) -> SuggestedSchedule | None:  # noqa: FBT001 - one shape for all kinds
    span = (days[-1] - days[0]).days + 1
    if len(days) < _DAILY_SHARE * span:
        return None
    reason = f"{len(days)} of the {span} days from {days[0]} to {days[-1]} have rows, weekends included"
    return SuggestedSchedule("daily", "0 9 * * *", 1 if whole else 0, 12, None, reason)


def _working(days: Sequence[date], holidays: Holidays, _whole: bool) -> SuggestedSchedule | None:  # noqa: FBT001 - see _daily
    span = [days[0] + timedelta(n) for n in range((days[-1] - days[0]).days + 1)]
    here = set(days)
    working = [day for day in span if day.weekday() < _SATURDAY]
    weekend = len(days) - sum(day in here for day in working)
    missing = [day for day in working if day not in here]
    if weekend > _OFF_SHARE * len(days) or len(missing) > (1 - _WORKING_SHARE) * len(working):
        return None
    calendar = _calendar(missing, holidays)
    reason = f"{len(working) - len(missing)} of {len(working)} working days have rows, {weekend} days of weekends"
    if calendar is not None:
        reason += f"; most of the others are public holidays of {calendar}"
    return SuggestedSchedule("working days", "0 18 * * mon-fri", 0, 12, calendar, reason)


def _calendar(missing: Sequence[date], holidays: Holidays) -> str | None:
    """The country whose holidays explain most of the days without a delivery; the first of equals."""
    if not missing:
        return None
    explained = {country: sum(day in holidays(country) for day in missing) for country in COUNTRIES}
    best = max(COUNTRIES, key=lambda country: explained[country])
    return best if explained[best] >= _HOLIDAY_SHARE * len(missing) else None


def _weekly(days: Sequence[date], _holidays: Holidays, whole: bool) -> SuggestedSchedule | None:  # noqa: FBT001 - see _daily
    weekdays = {day.weekday() for day in days}
    gaps = Counter((b - a).days for a, b in pairwise(days))
    if len(weekdays) > 1 or gaps[_WEEK] < _SAME_GAP * gaps.total():
        return None
    weekday = _NAMES[weekdays.pop()]
    reason = f"{len(days)} periods from {days[0]} to {days[-1]}, each a week after the other"
    return SuggestedSchedule("weekly", f"0 9 * * {weekday}", _WEEK if whole else 0, 48, None, reason)


def _monthly(days: Sequence[date], _holidays: Holidays, whole: bool) -> SuggestedSchedule | None:  # noqa: FBT001 - see _daily
    gaps = Counter((b - a).days in _MONTH for a, b in pairwise(days))
    if len({day.day for day in days}) > 1 or gaps[True] < _SAME_GAP * gaps.total():
        return None
    reason = f"{len(days)} periods from {days[0]} to {days[-1]}, each a month after the other"
    if not whole:
        return SuggestedSchedule("monthly", f"0 9 {days[0].day} * *", 0, 120, None, reason)
    return SuggestedSchedule("monthly", "0 9 5 * *", 31, 120, None, reason)
