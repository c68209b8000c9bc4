"""A series summed for showing: by delivery, or by week when it is long."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ketenwacht.domain.past import Mask
from ketenwacht.domain.privacy import shown_count
from ketenwacht.domain.result import Interval
from ketenwacht.messages.findings import overlap

from .data import Series
from .words import band, plural, segment_words, span

LONG = 130
"""From this many days on, a daily series is drawn as weekly sums."""


@dataclass(frozen=True, slots=True)
class Point:
    """The sum of one stretch of days.

    Attributes:
        first: its first day with a delivery due.
        last: its last.
        count: persons delivered, None when nothing was delivered.
        low: lower end of what was expected of the days delivered, None when not known for each of them.
        high: upper end, likewise.
        masked: whether a mask covers any of it, so that its count says nothing.
    """

    first: date
    last: date
    count: float | None
    low: float | None
    high: float | None
    masked: bool = False

    @property
    def verdict(self) -> str:
        """Where the count lies: `below`, `above`, `inside` the band, `masked`, or nothing without a band."""
        if self.masked:
            return "masked"
        if self.count is None or self.low is None or self.high is None:
            return ""
        return "below" if self.count < self.low else "above" if self.count > self.high else "inside"


def points(series: Series, masks: Sequence[Mask] = (), *, long: int = LONG) -> tuple[Point, ...]:
    """The series by day, or by week when it has more than `long` days."""
    columns = list(
        zip(
            series.days,
            series.observed,
            series.low or [None] * len(series.days),
            series.high or [None] * len(series.days),
            strict=True,
        )
    )
    weekly = is_weekly(series, long=long)
    groups: dict[date, list[tuple[date, float | None, float | None, float | None]]] = {}
    for row in columns:
        start = row[0] - timedelta(row[0].weekday()) if weekly else row[0]
        groups.setdefault(start, []).append(row)
    return tuple(
        _point(group, [m for m in masks if overlap(m.segment, series.segment)]) for group in groups.values()
    )


def is_weekly(series: Series, *, long: int = LONG) -> bool:
    """Whether the series is long and dense enough to be drawn as weekly sums."""
    days = series.days
    return len(days) > long and (days[-1] - days[0]).days < 4 * len(days)


def describe(series: Series, drawn: Sequence[Point]) -> str:
    """The chart in two sentences, for who cannot see it."""
    what = "Weekly sums" if is_weekly(series) else "Counts by delivery"
    stretch = span(drawn[0].first, drawn[-1].last)
    below = sum(p.verdict == "below" for p in drawn)
    above = sum(p.verdict == "above" for p in drawn)
    judged = sum(p.verdict in {"below", "above", "inside"} for p in drawn)
    words = f"{what} of {segment_words(series.segment)}, {stretch}."
    if judged == 0:
        return f"{words} Nothing independent said what to expect."
    unit = "week" if is_weekly(series) else "delivery"
    many = "weeks" if is_weekly(series) else "deliveries"
    return f"{words} Of {plural(judged, unit, many)} {below} below and {above} above the expected band."


def rows(series: Series, masks: Sequence[Mask] = ()) -> list[tuple[str, str, str, str]]:
    """The chart as a table: when, delivered, expected, where it lies. Small counts as `<10`."""
    return [
        (
            span(p.first, p.last),
            "none" if p.count is None else shown_count(p.count),
            "" if p.low is None or p.high is None else band(Interval(p.low, p.high), "persons"),
            p.verdict,
        )
        for p in points(series, masks)
    ]


def _point(group: Sequence[tuple[date, float | None, float | None, float | None]], masks: Sequence[Mask]) -> Point:
    """Sum a stretch. Days are taken as independent, so half-widths of their bands add in squares."""
    masked = any(m.first <= group[-1][0] and group[0][0] <= m.last for m in masks)
    delivered = [row for row in group if row[1] is not None]
    count = sum(row[1] or 0.0 for row in delivered) if delivered else None
    known = [(low, high) for _, _, low, high in delivered if low is not None and high is not None]
    if len(known) < len(delivered) or not known:
        return Point(group[0][0], group[-1][0], count, None, None, masked)
    middle = sum((low + high) / 2 for low, high in known)
    half = math.sqrt(sum(((high - low) / 2) ** 2 for low, high in known))
    return Point(group[0][0], group[-1][0], count, max(0.0, middle - half), middle + half, masked)
