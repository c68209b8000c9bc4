"""The timeline of findings as a drawing: one lane a kind of evidence, strongest on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ketenwacht.domain.incident import Severity
from ketenwacht.domain.result import STRENGTH
from ketenwacht.messages.findings import Finding

from .svg import Scale, Tick, date_ticks
from .words import EVIDENCE

MOST_DRAWN = 40
"""More findings than this are drawn only when they speak of missing persons or are severe; the table has all."""
_ROW, _HEAD, _BOTTOM, _RIGHT, _MARK = 20, 22, 24, 12, 18


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
class Lanes:
    """Everything a template needs to write the timeline in one width."""

    width: int
    height: int
    right: float
    base: float
    lanes: tuple[Lane, ...]
    x_ticks: tuple[Tick, ...]


def drawn(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings worth a place in the drawing."""
    if len(found) <= MOST_DRAWN:
        return tuple(found)
    return tuple(f for f in found if f.incident.missing is not None or f.incident.severity >= Severity.HIGH)


def lanes(found: Sequence[Finding], *, width: int, stretch: tuple[date, date]) -> Lanes:
    """Lay out the timeline between two days, both included."""
    x = Scale(stretch[0].toordinal(), stretch[1].toordinal(), 10, width - _RIGHT)
    y = 0
    laid: list[Lane] = []
    for evidence in STRENGTH:
        mine = [f for f in drawn(found) if f.evidence is evidence]
        if not mine:
            continue
        bars = _stack(mine, x, y + _HEAD)
        laid.append(Lane(EVIDENCE[evidence].capitalize(), y + _HEAD / 2, bars))
        y = round(max(bar.y for bar in bars) + _ROW)
    return Lanes(
        width=width,
        height=y + _BOTTOM,
        right=width - _RIGHT,
        base=y,
        lanes=tuple(laid),
        x_ticks=tuple(date_ticks(stretch[0], stretch[1], x, most=max(3, width // 85))),
    )


def _stack(found: Sequence[Finding], x: Scale, top: float) -> tuple[Bar, ...]:
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


def _reach(finding: Finding, x: Scale) -> tuple[float, float, float]:
    def place(when: date) -> float:
        return x(min(max(when.toordinal(), x.first), x.last))

    at = place(finding.found)
    began = at if finding.began is None else min(at, place(finding.began))
    ended = place(finding.ended) if finding.ended is not None else x.end if finding.live else at
    return began, at, ended
