"""The chart of a baseline: the evidence that the feed's own history gave, week by week, under its threshold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from .data import Shown
from .svg import Scale, Tick, count_ticks, date_ticks, line, nice_ceiling
from .words import day, span

_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 40, 10, 12, 22, 110


@dataclass(frozen=True, slots=True)
class ThresholdChart:
    """Everything a template needs to write it in one width; `height_at` is where the threshold lies."""

    width: int
    height: int
    left: float
    right: float
    top: float
    base: float
    path: str
    height_at: float
    label: str
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]


def threshold_chart(one: Shown, *, width: int) -> ThresholdChart:
    """Lay out one version of a baseline in a drawing `width` units wide; nats over weeks."""
    body, training = one.body, one.body["training"]
    first, last = date.fromisoformat(training["first"]), date.fromisoformat(training["last"])
    evidence, height = [float(v) for v in body["path"]] or [0.0], float(body["threshold"])
    top = max(*evidence, height, 1.0)
    x = Scale(first.toordinal(), max(last, first + timedelta(1)).toordinal(), _LEFT + 4, width - _RIGHT)
    base = _TOP + _HEIGHT
    y = Scale(0.0, nice_ceiling(top)[0], base, _TOP)
    weeks = [min(first + timedelta(weeks=i), last) for i in range(len(evidence))]
    return ThresholdChart(
        width=width,
        height=base + _BOTTOM,
        left=_LEFT,
        right=width - _RIGHT,
        top=_TOP,
        base=base,
        path=line([(x(when.toordinal()), y(nats)) for when, nats in zip(weeks, evidence, strict=True)]),
        height_at=y(height),
        label=f"alarm at {height:.1f}",
        y_ticks=tuple(count_ticks(top, y)),
        x_ticks=tuple(date_ticks(first, last, x, most=max(3, width // 85))),
    )


def describe_threshold(one: Shown) -> str:
    """The chart in words."""
    training, highest = one.body["training"], float(one.body["highest_seen"])
    first, last = date.fromisoformat(training["first"]), date.fromisoformat(training["last"])
    where = "above" if highest >= float(one.body["threshold"]) else "below"
    weeks = [float(v) for v in one.body["path"]]
    peak = f", in the week from {day(first + timedelta(weeks=weeks.index(max(weeks))))}" if weeks else ""
    return f"Evidence in {span(first, last)}: at most {highest:.1f} nats{peak}, {where} the threshold."
