"""Two drawings over time: the findings, a lane a kind of evidence, and the deliveries as a calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ketenwacht.messages.findings import ReportFinding
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.series import LedgerEntry
from ketenwacht.messages.report.view import LaneView

from .svg import AxisScale, AxisTick, date_ticks

_ROW, _HEAD, _BOTTOM, _RIGHT, _MARK = 20, 22, 24, 12, 18
_CELL, _ABOVE, _SIDE = 11, 16, 30
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One finding: hidden from `began` to `found`, at work on it from `found` to `ended`."""

    number: int
    y: float
    began: float
    found: float
    ended: float
    live: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of evidence."""

    title: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything a template needs to write the timeline in one width."""

    width: int
    height: int
    right: float
    base: float
    lanes: tuple[Lane, ...]
    x_ticks: tuple[AxisTick, ...]


def make_timeline(
    lanes: Sequence[LaneView], formatter: MessageFormatter, *, width: int, stretch: tuple[date, date]
) -> Timeline:
    """Lay out the findings between two days, both included."""
    x = AxisScale(stretch[0].toordinal(), stretch[1].toordinal(), 10, width - _RIGHT)
    y = 0
    laid: list[Lane] = []
    for lane in lanes:
        bars = _stack(lane.found, x, y + _HEAD)
        laid.append(Lane(lane.title, y + _HEAD / 2, bars))
        y = round(max(bar.y for bar in bars) + _ROW)
    return Timeline(
        width=width,
        height=y + _BOTTOM,
        right=width - _RIGHT,
        base=y,
        lanes=tuple(laid),
        x_ticks=tuple(date_ticks(stretch[0], stretch[1], x, most=max(3, width // 85), month=formatter.month)),
    )


def _stack(found: Sequence[ReportFinding], x: AxisScale, top: float) -> tuple[Bar, ...]:
    """Give each bar the first row in which it touches no other."""
    ends: list[float] = []
    bars: list[Bar] = []
    for finding in sorted(found, key=lambda f: (f.began or f.found, f.number)):
        began, at, ended = _reach(finding, x)
        left, right = min(began, at - _MARK / 2), max(ended, at + _MARK / 2)
        row = next((i for i, end in enumerate(ends) if end + 2 <= left), len(ends))
        ends[row:row] = [0.0] if row == len(ends) else []
        ends[row] = right
        bars.append(Bar(finding.number, top + _ROW * row + _ROW / 2, began, at, ended, finding.live))
    return tuple(bars)


def _reach(finding: ReportFinding, x: AxisScale) -> tuple[float, float, float]:
    def place(when: date) -> float:
        return x(min(max(when.toordinal(), x.first), x.last))

    at = place(finding.found)
    began = at if finding.began is None else min(at, place(finding.began))
    ended = place(finding.ended) if finding.ended is not None else x.end if finding.live else at
    return began, at, ended


@dataclass(frozen=True, slots=True)
class CalendarCell:
    """One square of the calendar."""

    x: float
    y: float
    mark: str
    title: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word beside the calendar."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class DeliveryCalendar:
    """Everything a template needs to write the calendar in one width: weeks across, weekdays down."""

    width: int
    height: int
    size: int
    cells: tuple[CalendarCell, ...]
    labels: tuple[Label, ...]


def make_calendar(entries: Sequence[LedgerEntry], formatter: MessageFormatter, *, width: int) -> DeliveryCalendar:
    """Lay out the deliveries as blocks of weeks, as many across as fit."""
    across = max(4, (width - _SIDE) // _CELL)
    first = entries[0].day - timedelta(entries[0].day.weekday())
    weeks = (entries[-1].day - first).days // 7 + 1
    down = 7 if any(e.day.weekday() > _FRIDAY for e in entries) else 5
    block = down * _CELL + _ABOVE + 10
    cells, labels = [], []
    for entry in entries:
        week, row = (entry.day - first).days // 7, entry.day.weekday()
        x, y = _SIDE + (week % across) * _CELL, (week // across) * block + _ABOVE + row * _CELL
        cells.append(CalendarCell(x, y, entry.mark.value, entry.title))
    for week in range(weeks):
        x, y = _SIDE + (week % across) * _CELL, (week // across) * block + _ABOVE - 5
        labels.extend(_month_label(first + timedelta(7 * week), x, y, formatter, first=week % across == 0))
    blocks = -(-weeks // across)
    for row in (0, 2, 4):
        word = formatter.weekday(first + timedelta(row))
        labels.extend(Label(0, b * block + _ABOVE + row * _CELL + 8.5, word) for b in range(blocks))
    return DeliveryCalendar(width, blocks * block, _CELL - 2, tuple(cells), tuple(_space_labels(labels)))


def _month_label(monday: date, x: float, y: float, formatter: MessageFormatter, *, first: bool) -> list[Label]:
    """Return the month above the week in which it begins; the year with January and at the start of a block."""
    begins = next((d for d in (monday + timedelta(i) for i in range(7)) if d.day == 1), None)
    if begins is None and not first:
        return []
    shown = begins or monday
    month = formatter.month(shown)
    return [Label(x, y, f"{month} {shown.year}" if first or shown.month == 1 else month)]


def _space_labels(labels: Sequence[Label]) -> list[Label]:
    """Drop a label that would run into the one before it on the same line."""
    kept: list[Label] = []
    for label in labels:
        before = next((k for k in reversed(kept) if k.y == label.y), None)
        if before is None or label.x - before.x > 6.2 * len(before.text) + 4:
            kept.append(label)
    return kept
