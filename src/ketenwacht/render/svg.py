"""Small pure helpers for drawing: scales, ticks and paths. Coordinates are in SVG user units."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from types import MappingProxyType

from ketenwacht.domain.result import Status

_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
_DAY_STEPS = (1, 2, 7, 14)


@dataclass(frozen=True, slots=True)
class AxisScale:
    """A straight map from a domain onto a stretch of the drawing."""

    first: float
    last: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return where `value` falls, to a tenth of a unit; the start when the domain has no length."""
        if self.last == self.first:
            return self.start
        share = (value - self.first) / (self.last - self.first)
        return round(self.start + share * (self.end - self.start), 1)


@dataclass(frozen=True, slots=True)
class AxisTick:
    """One mark on an axis."""

    at: float
    label: str


def nice_ceiling(top: float, *, count: int = 4, least: float = 0.0) -> tuple[float, float]:
    """Return the smallest round number at or above `top`, and the step that cuts it into at most `count` parts.

    Args:
        top: what must fit.
        count: so many parts at most.
        least: the step is no finer: an axis promises no more than its numbers hold.
    """
    if top <= 0:
        step = max(1.0, least)
        return step, step
    raw = max(top / count, least)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= raw * (1 - 1e-9))
    step = max(1.0, step) if top >= 1 else step
    return math.ceil(top / step - 1e-9) * step, step


def count_ticks(
    top: float, scale: AxisScale, number: Callable[[float], str], *, count: int = 4, least: float = 0.0
) -> list[AxisTick]:
    """Return ticks from 0 to the nice ceiling of `top`; `number` says one."""
    ceiling, step = nice_ceiling(top, count=count, least=least)
    return [AxisTick(scale(i * step), number(i * step)) for i in range(round(ceiling / step) + 1)]


def date_ticks(
    first: date, last: date, scale: AxisScale, *, most: int, month: Callable[[date], str]
) -> list[AxisTick]:
    """Return at most `most` ticks on round dates, with the year at the first tick and wherever it changes."""
    days = _round_days(first, last, most)
    by_month = all(d.day == 1 for d in days)
    ticks: list[AxisTick] = []
    for i, when in enumerate(days):
        said = month(when) if by_month else f"{when.day} {month(when)}"
        new_year = i == 0 or when.year != days[i - 1].year
        ticks.append(AxisTick(scale(when.toordinal()), f"{said} {when.year}" if new_year else said))
    return ticks


def _round_days(first: date, last: date, most: int) -> list[date]:
    length = (last - first).days
    if length < _DAY_STEPS[-1] * most and length < 62:  # noqa: PLR2004 - two months: days say more than months
        step = next((s for s in _DAY_STEPS if length // s + 1 <= most), _DAY_STEPS[-1])
        return [first + timedelta(i * step) for i in range(length // step + 1)]
    for step in _MONTH_STEPS:
        days = [d for d in _month_starts(first, last) if (d.year * 12 + d.month - 1) % step == 0]
        if len(days) <= most:
            return days
    return [first]


def _month_starts(first: date, last: date) -> Iterable[date]:
    index = first.year * 12 + first.month - 1 + (first.day > 1)
    while (when := date(index // 12, index % 12 + 1, 1)) <= last:
        yield when
        index += 1


def line_path(points: Sequence[tuple[float, float]]) -> str:
    """Return the path data of a polyline; a single point becomes a dot-sized stroke."""
    if len(points) == 1:
        (x, y) = points[0]
        return f"M{x:g} {y:g}h0.1"
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def area_path(upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]]) -> str:
    """Return the path data of the area between two polylines over the same x."""
    return line_path([*upper, *reversed(lower)]) + "Z"


def find_runs(present: Sequence[bool]) -> list[range]:
    """Return the unbroken runs of True, as ranges of indices."""
    found: list[range] = []
    start: int | None = None
    for i, here in enumerate([*present, False]):
        if here and start is None:
            start = i
        elif not here and start is not None:
            found.append(range(start, i))
            start = None
    return found


# The signs of a medium: a mark a verdict, and a series in one line of text.


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The signs of a medium: one mark a status, and the levels of a sparkline from low to high."""

    marks: Mapping[Status, str]
    levels: str
    gap: str
    dash: str

    def plain(self, text: str) -> str:
        """Return our own words with the dash and the minus that this medium can write."""
        return text if self.dash == "–" else text.replace("–", self.dash).replace("−", "-").replace("—", self.dash)


UNICODE = Glyphs(
    MappingProxyType(
        {
            Status.PASSED: "✓",
            Status.SKIPPED: "–",
            Status.UNPROVEN: "?",
            Status.WARNED: "!",
            Status.FAILED: "✗",
            Status.ERROR: "⊘",
        }
    ),
    levels="▁▂▃▄▅▆▇█",
    gap="·",
    dash="–",
)
ASCII = Glyphs(
    MappingProxyType(
        {
            Status.PASSED: "+",
            Status.SKIPPED: "-",
            Status.UNPROVEN: "?",
            Status.WARNED: "!",
            Status.FAILED: "x",
            Status.ERROR: "#",
        }
    ),
    levels="_.:-=+*#",
    gap=" ",
    dash="-",
)


def sparkline(values: Sequence[float | None], *, width: int | None = None, glyphs: Glyphs = UNICODE) -> str:
    """Draw values as one row of bars from 0 to the largest; a gap where there is none.

    Args:
        values: oldest first; None and NaN are gaps.
        width: at most this many characters; a longer series is cut into equal stretches, each drawn as its mean.
        glyphs: the signs to draw with.
    """
    drawn = list(values) if width is None or len(values) <= width else _means(values, width)
    finite = [v for v in drawn if v is not None and math.isfinite(v)]
    top = max(finite, default=0.0)
    return "".join(_level(v, top, glyphs) for v in drawn)


def _level(value: float | None, top: float, glyphs: Glyphs) -> str:
    if value is None or not math.isfinite(value):
        return glyphs.gap
    if top <= 0:
        return glyphs.levels[0]
    last = len(glyphs.levels) - 1
    return glyphs.levels[max(0, round(value / top * last))]


def _means(values: Sequence[float | None], width: int) -> list[float | None]:
    cuts = [round(i * len(values) / width) for i in range(width + 1)]
    means: list[float | None] = []
    for first, last in pairwise(cuts):
        finite = [v for v in values[first:last] if v is not None and math.isfinite(v)]
        means.append(sum(finite) / len(finite) if finite else None)
    return means
