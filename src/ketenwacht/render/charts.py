"""The charts of a report: positions of marks and lines. The template only writes them.

Heights come from view models, in which every number may be told; so nothing that is hidden can be measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from ketenwacht.messages.findings import ReportFinding
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.baselines import BaselineView
from ketenwacht.messages.report.series import ExclusionBand, Point, SeriesView
from ketenwacht.messages.views_evidence import CatchUpView

from .svg import AxisScale, AxisTick, area_path, count_ticks, date_ticks, find_runs, line_path, nice_ceiling

_LEFT, _RIGHT, _BOTTOM, _HEIGHT, _PIN = 40, 10, 22, 170, 17
_LOW, _TOP = 110, 12
_PLACE = 85  # units that a date takes on an axis


@dataclass(frozen=True, slots=True)
class Pin:
    """A finding at the top of a chart: a numbered mark where it was found, and where the loss began."""

    number: int
    found: float
    began: float | None
    level: int

    @property
    def y(self) -> float:
        """Where its mark is drawn: row by row from the top."""
        return 10 + _PIN * self.level


@dataclass(frozen=True, slots=True)
class Hatch:
    """A period under an exclusion window."""

    x: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything a template needs to write one chart in one width."""

    width: int
    height: int
    left: float
    right: float
    top: float
    base: float
    bands: tuple[str, ...]
    lines: tuple[str, ...]
    outside: tuple[tuple[float, float, str], ...]
    gaps: tuple[float, ...]
    beyond: tuple[tuple[float, str], ...]
    hatches: tuple[Hatch, ...]
    pins: tuple[Pin, ...]
    y_ticks: tuple[AxisTick, ...]
    x_ticks: tuple[AxisTick, ...]


def make_chart(
    series: SeriesView,
    formatter: MessageFormatter,
    *,
    width: int,
    found: Sequence[ReportFinding] = (),
    stretch: tuple[date, date] | None = None,
) -> Chart:
    """Lay out one series in a drawing `width` units wide; `stretch` gives charts of one report the same axis."""
    drawn = series.points
    first, last = stretch if stretch is not None else (drawn[0].first, drawn[-1].last)
    x = AxisScale(first.toordinal(), last.toordinal(), _LEFT + 4, width - _RIGHT)
    pins = _pins(found, x)
    top = 12 + _PIN * (1 + max((p.level for p in pins), default=-1))
    base = top + _HEIGHT
    highest = _highest(drawn)
    ceiling = nice_ceiling(highest, least=series.step)[0]
    y = AxisScale(0.0, ceiling, base, top)
    return Chart(
        width=width,
        height=base + _BOTTOM,
        left=_LEFT,
        right=width - _RIGHT,
        top=top,
        base=base,
        bands=tuple(_bands(drawn, x, y)),
        lines=tuple(_lines(drawn, x, y)),
        outside=tuple((_x(p, x), y(p.height or 0.0), p.side) for p in drawn if p.side in {"below", "above"}),
        gaps=tuple(_x(p, x) for p in drawn if p.height is None),
        beyond=tuple(_beyond(drawn, x, ceiling, formatter)),
        hatches=tuple(_hatch(m, x, first, last) for m in series.exclusions if m.last >= first and m.first <= last),
        pins=tuple(pins),
        y_ticks=tuple(count_ticks(highest, y, formatter.number, least=series.step)),
        x_ticks=tuple(date_ticks(first, last, x, most=max(3, width // _PLACE), month=formatter.month)),
    )


def _highest(drawn: Sequence[Point]) -> float:
    """Return the top of the axis; excluded counts may exceed it.

    Or a catch-up would flatten everything before it.
    """
    counts = [p.height or 0.0 for p in drawn if not p.excluded] or [p.height or 0.0 for p in drawn]
    return max(counts + [p.high or 0.0 for p in drawn])


def _beyond(
    drawn: Sequence[Point], x: AxisScale, ceiling: float, formatter: MessageFormatter
) -> list[tuple[float, str]]:
    """Return where the line leaves the top of the drawing, and how high it gets there."""
    labels = []
    for run in find_runs([p.height is not None and p.height > ceiling for p in drawn]):
        peak = max((drawn[i] for i in run), key=lambda p: p.height or 0.0)
        labels.append((_x(peak, x), formatter.label("report.up_to", count=peak.count_text)))
    return labels


def _x(point: Point, x: AxisScale) -> float:
    return x((point.first.toordinal() + point.last.toordinal()) / 2)


def _bands(drawn: Sequence[Point], x: AxisScale, y: AxisScale) -> list[str]:
    """Return the band as areas; a day without a delivery has no band and does not break it."""
    paths = []
    kept = [p for p in drawn if p.height is not None]
    for run in find_runs([p.low is not None and p.high is not None for p in kept]):
        upper = [(_x(kept[i], x), y(kept[i].high or 0.0)) for i in run]
        lower = [(_x(kept[i], x), y(kept[i].low or 0.0)) for i in run]
        paths.append(area_path(upper, lower))
    return paths


def _lines(drawn: Sequence[Point], x: AxisScale, y: AxisScale) -> list[str]:
    present = find_runs([p.height is not None for p in drawn])
    return [line_path([(_x(drawn[i], x), y(drawn[i].height or 0.0)) for i in run]) for run in present]


def _pins(found: Sequence[ReportFinding], x: AxisScale) -> list[Pin]:
    """Place numbered marks in as few rows as keep them from touching."""
    placed: list[Pin] = []
    for finding in found:
        at = x(min(max(finding.found.toordinal(), x.first), x.last))
        began = None if finding.began is None else x(min(max(finding.began.toordinal(), x.first), x.last))
        taken = {p.level for p in placed if abs(p.found - at) < _PIN}
        level = next(i for i in range(len(placed) + 1) if i not in taken)
        placed.append(Pin(finding.number, at, began, level))
    return placed


def _hatch(mask: ExclusionBand, x: AxisScale, first: date, last: date) -> Hatch:
    start, end = x(max(mask.first, first).toordinal()), x(min(mask.last, last).toordinal())
    return Hatch(start, round(max(2.0, end - start), 1), mask.title)


@dataclass(frozen=True, slots=True)
class ThresholdChart:
    """Everything a template needs to write a baseline in one width; `height_at` is where the threshold lies."""

    width: int
    height: int
    left: float
    right: float
    top: float
    base: float
    path: str
    height_at: float
    label: str
    y_ticks: tuple[AxisTick, ...]
    x_ticks: tuple[AxisTick, ...]


def make_threshold_chart(one: BaselineView, formatter: MessageFormatter, *, width: int) -> ThresholdChart:
    """Return the evidence of a feed's own history under its threshold, `width` units wide; nats over weeks."""
    evidence = one.evidence or (0.0,)
    top = max(*evidence, one.threshold, 1.0)
    last = max(one.last, one.first + timedelta(1))
    x = AxisScale(one.first.toordinal(), last.toordinal(), _LEFT + 4, width - _RIGHT)
    base = _TOP + _LOW
    y = AxisScale(0.0, nice_ceiling(top)[0], base, _TOP)
    weeks = [min(one.first + timedelta(weeks=i), one.last) for i in range(len(evidence))]
    return ThresholdChart(
        width=width,
        height=base + _BOTTOM,
        left=_LEFT,
        right=width - _RIGHT,
        top=_TOP,
        base=base,
        path=line_path([(x(when.toordinal()), y(nats)) for when, nats in zip(weeks, evidence, strict=True)]),
        height_at=y(one.threshold),
        label=one.threshold_text,
        y_ticks=tuple(count_ticks(top, y, formatter.number)),
        x_ticks=tuple(date_ticks(one.first, one.last, x, most=max(3, width // _PLACE), month=formatter.month)),
    )


# The schedule of a catch-up: a bar for each week, and a line for the persons who still wait.


_WIDTH, _HEIGHT_CATCHUP_CHART = 800, 360
_LEFT_CATCHUP_CHART, _RIGHT_CATCHUP_CHART, _TOP_CATCHUP_CHART, _BASE = 56, 784, 64, 320
_GAP = 0.2  # of a bar's place
# Distinguishable without colour (bars and a line), with a contrast of 4.5:1 against white.
_BARS, _LINE, _TEXT, _RULE = "#2b6cb0", "#9b2c2c", "#1a202c", "#cbd5e0"


def catchup_svg(done: CatchUpView, formatter: MessageFormatter) -> str:
    """Return the drawing as a file of its own. Counts are rounded, and hidden ones drawn alike."""
    title = done.title
    about = formatter.label("catchup.legend", rule=done.rule) if done.rule else ""
    drawn = _draw(done, formatter) if done.weeks else []
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT_CATCHUP_CHART}" role="img" '
        f'aria-labelledby="t d" font-family="sans-serif" font-size="13" fill="{_TEXT}">'
    )
    parts = [
        head,
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(about)}</desc>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT_CATCHUP_CHART}" fill="#fff"/>',
        f'<text x="16" y="24" font-size="16" font-weight="bold">{escape(title)}</text>',
        f'<text x="16" y="44" font-size="11">{escape(about)}</text>',
        *drawn,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _draw(done: CatchUpView, formatter: MessageFormatter) -> list[str]:
    least = float(formatter.privacy.step)
    first, last = done.weeks[0].first, done.weeks[-1].first
    place = (_RIGHT_CATCHUP_CHART - _LEFT_CATCHUP_CHART) / ((last - first).days // 7 + 1)
    x = AxisScale(first.toordinal(), last.toordinal() + 7, _LEFT_CATCHUP_CHART, _RIGHT_CATCHUP_CHART)
    most = max(done.height, *(week.height for week in done.weeks))
    y = AxisScale(0.0, nice_ceiling(most, least=least)[0], _BASE, _TOP_CATCHUP_CHART)
    parts = [_rule(tick) for tick in count_ticks(most, y, formatter.number, least=least)]
    for week in done.weeks:
        left, top = x(week.first.toordinal()) + place * _GAP / 2, y(week.height)
        parts.append(
            f'<rect x="{left:g}" y="{top:g}" width="{place * (1 - _GAP):.1f}" height="{_BASE - top:.1f}" '
            f'fill="{_BARS}"><title>{escape(week.text)}</title></rect>'
        )
    waits = [(x(first.toordinal()), y(done.height))]
    waits += [(x(week.first.toordinal() + 7), y(week.waiting_height)) for week in done.weeks]
    path = line_path(waits)
    parts.append(f'<path d="{path}" fill="none" stroke="{_LINE}" stroke-width="2" stroke-dasharray="6 3"/>')
    ticks = date_ticks(first, last, x, most=8, month=formatter.month)
    parts += [f'<text x="{tick.at:g}" y="{_BASE + 20}">{escape(tick.label)}</text>' for tick in ticks]
    return parts


def _rule(tick: AxisTick) -> str:
    return (
        f'<path d="M{_LEFT_CATCHUP_CHART} {tick.at:g}H{_RIGHT_CATCHUP_CHART}" stroke="{_RULE}"/>'
        f'<text x="{_LEFT_CATCHUP_CHART - 8}" y="{tick.at + 4:g}" text-anchor="end">{escape(tick.label)}</text>'
    )
