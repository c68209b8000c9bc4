"""What the calendar says about a day: the columns of the baseline's design matrix."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import numpy as np

from .negbin import Array

YEAR = 365.25
_SATURDAY = 5
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HARMONICS = ("sin 1", "cos 1", "sin 2", "cos 2")
HARMONICS_NEED_DAYS = 548  # a year and a half: less would take one swing for a season


def columns(*, harmonics: bool) -> tuple[str, ...]:
    """Names of the columns of `matrix`, in order; the first is the level."""
    season = _HARMONICS if harmonics else ()
    return ("level", *_WEEKDAYS, "holiday", "day after holiday", *season)


def matrix(
    days: Sequence[date],
    holidays: Collection[date],
    *,
    harmonics: bool,
) -> Array:
    """The design matrix, shape (days, columns).

    Args:
        days: the dates of the deliveries.
        holidays: public holidays; a day after one is told apart, since a backlog arrives on it. One that falls on
            a weekend changes nothing: whoever rests on it rested already.
        harmonics: whether two annual harmonics take part.
    """
    ordinal = np.array([d.toordinal() for d in days], dtype=np.float64)
    parts = [np.ones(len(days))]
    weekday = np.array([d.weekday() for d in days])
    parts += [(weekday == i).astype(np.float64) for i in range(7)]
    free = {d for d in holidays if d.weekday() < _SATURDAY}
    parts.append(np.array([float(d in free) for d in days]))
    parts.append(np.array([float(d not in free and d - timedelta(days=1) in free) for d in days]))
    if harmonics:
        angle = 2.0 * np.pi * ordinal / YEAR
        parts += [np.sin(angle), np.cos(angle), np.sin(2.0 * angle), np.cos(2.0 * angle)]
    return np.column_stack(parts)
