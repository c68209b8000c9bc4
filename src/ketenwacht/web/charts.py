"""One chart of counts over time: delivered, expected, the same weeks a year earlier, and when a loss began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.result import Interval
from ketenwacht.domain.segment import Segment
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.data import Series
from ketenwacht.messages.report.series import Point, SeriesView, view_series
from ketenwacht.render.svg import (
    AxisScale,
    AxisTick,
    area_path,
    count_ticks,
    date_ticks,
    find_runs,
    line_path,
    nice_ceiling,
)

from .queries import CountRow

WIDE, NARROW = 760, 330
BROAD = 1120
"""Units of a chart as wide as the page."""
_LONG = 35  # from this many deliveries on, weeks are shown: rounded counts of days say little
YEAR = timedelta(weeks=52)  # the same weekday
_LEFT, _RIGHT, _TOP, _BASE, _HEIGHT = 40, 12, 14, 164, 190
_PLACE = 85


@dataclass(frozen=True, slots=True)
class CountsChart:
    """Everything a template needs to write it in one width.

    Attributes:
        before: paths of the year before.
        onset: where the loss began; None: not in this stretch, or none.
    """

    name: str
    width: int
    height: int
    left: int
    right: int
    top: int
    base: int
    bands: tuple[str, ...]
    before: tuple[str, ...]
    lines: tuple[str, ...]
    outside: tuple[tuple[float, float, str], ...]
    gaps: tuple[float, ...]
    onset: float | None
    x_ticks: tuple[AxisTick, ...]
    y_ticks: tuple[AxisTick, ...]


@dataclass(frozen=True, slots=True)
class FeedChartView:
    """A chart in both widths, with its words and the same as a table.

    Attributes:
        series: the counts in words.
        has_before: whether the year before is drawn.
        onset_text: when the loss began; empty without.
    """

    series: SeriesView
    wide: CountsChart
    narrow: CountsChart
    has_before: bool
    onset_text: str


def view_counts(
    segment: Segment,
    rows: Sequence[CountRow],
    limits: Mapping[date, Interval],
    formatter: MessageFormatter,
    exclusions: Sequence[ExclusionWindow] = (),
) -> SeriesView:
    """Return counts for showing: by delivery, or by week when there are many."""
    newest = {row.period: row for row in rows}  # a redelivery replaces the first
    days = sorted(newest)
    kept = [newest[day] for day in days]
    bands = [limits.get(day, Interval()) for day in days]
    series = Series(
        segment,
        days,
        [row.value for row in kept],
        low=[one.low for one in bands],
        high=[one.high for one in bands],
        status=None,
        smallest=[row.smallest for row in kept],
    )
    return view_series(series, formatter, exclusions, long=_LONG)


def make_chart_view(  # noqa: PLR0913 - what may be drawn, by keyword
    name: str,
    series: SeriesView,
    formatter: MessageFormatter,
    *,
    stretch: tuple[date, date],
    before: SeriesView | None = None,
    onset: date | None = None,
    width: int = WIDE,
) -> FeedChartView | None:
    """Lay out a chart in both widths; None when nothing was counted.

    Args:
        name: for its parts, unique on the page.
        series: what was counted in the stretch.
        formatter: says months and numbers.
        stretch: first and last day of the axis.
        before: the same a year earlier; None: it is not drawn.
        onset: when a loss began.
        width: units of the wider drawing.
    """
    if not series.points:
        return None
    earlier = () if before is None or before.weekly != series.weekly else before.points
    onset = onset if onset is not None and stretch[0] <= onset <= stretch[1] else None
    wide, narrow = (
        _lay_out(f"{name}-{units}", series, earlier, formatter, width=units, stretch=stretch, onset=onset)
        for units in (width, NARROW)
    )
    said = "" if onset is None else formatter.label("web.onset", day=onset)
    return FeedChartView(series, wide, narrow, bool(earlier), said)


def _lay_out(  # noqa: PLR0913 - what a chart is made from
    name: str,
    series: SeriesView,
    earlier: Sequence[Point],
    formatter: MessageFormatter,
    *,
    width: int,
    stretch: tuple[date, date],
    onset: date | None,
) -> CountsChart:
    drawn = series.points
    x = AxisScale(stretch[0].toordinal(), stretch[1].toordinal(), _LEFT + 4, width - _RIGHT)
    heights = [p.height or 0.0 for p in (*drawn, *earlier) if not p.excluded] or [0.0]
    highest = max([*heights, *(p.high or 0.0 for p in drawn)])
    y = AxisScale(0.0, nice_ceiling(highest, least=series.step)[0], _BASE, _TOP)
    present = [p for p in drawn if p.height is not None]
    return CountsChart(
        name=name,
        width=width,
        height=_HEIGHT,
        left=_LEFT,
        right=width - _RIGHT,
        top=_TOP,
        base=_BASE,
        bands=tuple(_bands(present, x, y)),
        before=tuple(_paths(earlier, x, y, shift=YEAR.days)),
        lines=tuple(_paths(drawn, x, y)),
        outside=tuple((_x(p, x), y(p.height or 0.0), p.side) for p in present if p.side in {"below", "above"}),
        gaps=tuple(_x(p, x) for p in drawn if p.height is None),
        onset=None if onset is None else x(onset.toordinal()),
        x_ticks=tuple(date_ticks(*stretch, x, most=max(3, width // _PLACE), month=formatter.month)),
        y_ticks=tuple(count_ticks(highest, y, formatter.number, least=series.step)),
    )


def _x(point: Point, x: AxisScale, shift: int = 0) -> float:
    return x((point.first.toordinal() + point.last.toordinal()) / 2 + shift)


def _paths(points: Sequence[Point], x: AxisScale, y: AxisScale, *, shift: int = 0) -> list[str]:
    runs = find_runs([p.height is not None for p in points])
    return [line_path([(_x(points[i], x, shift), y(points[i].height or 0.0)) for i in run]) for run in runs]


def _bands(points: Sequence[Point], x: AxisScale, y: AxisScale) -> list[str]:
    paths = []
    for run in find_runs([p.low is not None and p.high is not None for p in points]):
        upper = [(_x(points[i], x), y(points[i].high or 0.0)) for i in run]
        lower = [(_x(points[i], x), y(points[i].low or 0.0)) for i in run]
        paths.append(area_path(upper, lower))
    return paths
