"""The ledger of deliveries: what came when, as a calendar and in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from types import MappingProxyType

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.result import Evidence, Run
from ketenwacht.domain.status import Status

from .words import clean, day, month, say

_CELL, _HEAD, _SIDE = 11, 16, 30


class Mark(Enum):
    """What became of a delivery, from best to worst."""

    RECEIVED = "received"
    LATE = "late"
    MISSING = "missing"
    UNREADABLE = "unreadable"


MEANING: Mapping[Mark, str] = MappingProxyType(
    {
        Mark.RECEIVED: "received in time",
        Mark.LATE: "received late",
        Mark.MISSING: "did not come",
        Mark.UNREADABLE: "came, could not be read",
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One period of the ledger; `note` says why when it was not received in time."""

    day: date
    mark: Mark
    note: str


@dataclass(frozen=True, slots=True)
class Cell:
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
class Calendar:
    """Everything a template needs to write the calendar in one width: weeks across, weekdays down."""

    width: int
    height: int
    size: int
    cells: tuple[Cell, ...]
    labels: tuple[Label, ...]


def ledger(runs: Sequence[Run]) -> tuple[Entry, ...]:
    """One entry a period, oldest first. What was absent and came after all was late."""
    entries: dict[date, Entry] = {}
    for run in runs:
        entry = _entry(run)
        earlier = entries.get(entry.day)
        if earlier is not None and earlier.mark is Mark.MISSING and entry.mark is Mark.RECEIVED:
            entry = Entry(entry.day, Mark.LATE, entry.note or earlier.note)
        entries[entry.day] = entry
    return tuple(entries[when] for when in sorted(entries))


def tally(entries: Sequence[Entry]) -> dict[Mark, int]:
    """How many periods of each mark."""
    return {mark: sum(entry.mark is mark for entry in entries) for mark in Mark}


def calendar(entries: Sequence[Entry], *, width: int) -> Calendar:
    """Lay out the ledger as blocks of weeks, as many across as fit."""
    across = max(4, (width - _SIDE) // _CELL)
    first = entries[0].day - timedelta(entries[0].day.weekday())
    weeks = (entries[-1].day - first).days // 7 + 1
    down = 7 if any(e.day.weekday() > 4 for e in entries) else 5  # noqa: PLR2004 - Friday
    block = down * _CELL + _HEAD + 10
    cells, labels = [], []
    for entry in entries:
        week, row = (entry.day - first).days // 7, entry.day.weekday()
        x, y = _SIDE + (week % across) * _CELL, (week // across) * block + _HEAD + row * _CELL
        cells.append(Cell(x, y, entry.mark.value, f"{day(entry.day)}: {MEANING[entry.mark]}"))
    for week in range(weeks):
        x, y = _SIDE + (week % across) * _CELL, (week // across) * block + _HEAD - 5
        labels.extend(_month_label(first + timedelta(7 * week), x, y, first=week % across == 0))
    blocks = -(-weeks // across)
    for row, word in ((0, "Mon"), (2, "Wed"), (4, "Fri")):
        labels.extend(Label(0, b * block + _HEAD + row * _CELL + 8.5, word) for b in range(blocks))
    return Calendar(width, blocks * block, _CELL - 2, tuple(cells), tuple(_spaced(labels)))


def _entry(run: Run) -> Entry:
    delivery = run.delivery
    if delivery.presence is Presence.ABSENT:
        return Entry(delivery.period, Mark.MISSING, clean(delivery.problem or ""))
    if delivery.presence is Presence.UNREADABLE:
        return Entry(delivery.period, Mark.UNREADABLE, clean(delivery.problem or ""))
    late = [r for r in run.results if r.evidence is Evidence.SCHEDULE and r.status >= Status.WARNED]
    if late:
        return Entry(delivery.period, Mark.LATE, clean(say(late[0].said)))
    return Entry(delivery.period, Mark.RECEIVED, "")


def _month_label(monday: date, x: float, y: float, *, first: bool) -> list[Label]:
    """The month above the week in which it begins; the year with January and at the start of a block."""
    begins = next((d for d in (monday + timedelta(i) for i in range(7)) if d.day == 1), None)
    if begins is None and not first:
        return []
    shown = begins or monday
    return [Label(x, y, f"{month(shown)} {shown.year}" if first or shown.month == 1 else month(shown))]


def _spaced(labels: Sequence[Label]) -> list[Label]:
    """Drop a label that would run into the one before it on the same line."""
    kept: list[Label] = []
    for label in labels:
        before = next((k for k in reversed(kept) if k.y == label.y), None)
        if before is None or label.x - before.x > 6.2 * len(before.text) + 4:
            kept.append(label)
    return kept
