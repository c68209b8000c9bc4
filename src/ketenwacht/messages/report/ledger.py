"""The ledger of deliveries: what became of each that was due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.result import Evidence, JudgedRun
from ketenwacht.domain.statement import Amount
from ketenwacht.domain.status import Status
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views import clean


class DeliveryMark(Enum):
    """What became of a delivery, from best to worst."""

    RECEIVED = "received"
    LATE = "late"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One period of the ledger.

    Attributes:
        mark: what became of it.
        mark_text: the same in words.
        title: the day and what became of it.
        note: why, when it was not received in time.
    """

    day: date
    day_text: str
    mark: DeliveryMark
    mark_text: str
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The ledger of deliveries.

    Attributes:
        entries: one a period, oldest first.
        tally: each mark with its words and how many periods have it.
        odd: the entries that were not received in time; `odd_title` says how many.
        description: the calendar in words.
    """

    entries: tuple[LedgerEntry, ...]
    tally: tuple[tuple[DeliveryMark, str, str], ...]
    odd: tuple[LedgerEntry, ...]
    odd_title: str
    description: str


def view_ledger(runs: Sequence[JudgedRun], how: MessageFormatter) -> LedgerView:
    """One entry a period, oldest first. What was absent and came after all was late."""
    marked: dict[date, tuple[DeliveryMark, str]] = {}
    for run in runs:
        day, (mark, note) = run.delivery.period, _marked(run, how)
        earlier = marked.get(day)
        if earlier is not None and earlier[0] is DeliveryMark.MISSING and mark is DeliveryMark.RECEIVED:
            mark, note = DeliveryMark.LATE, note or earlier[1]
        marked[day] = (mark, note)
    entries = tuple(_entry(day, *marked[day], how) for day in sorted(marked))
    counts = {mark: sum(entry.mark is mark for entry in entries) for mark in DeliveryMark}
    tally = tuple((mark, _mark_text(mark, how), how.number(float(n))) for mark, n in counts.items())
    odd = tuple(entry for entry in entries if entry.mark is not DeliveryMark.RECEIVED)
    counted = ", ".join(f"{count} {text}" for _, text, count in tally)
    return LedgerView(
        entries,
        tally,
        odd,
        how.label("report.ledger_odd", count=Amount(float(len(odd)))),
        how.label("report.ledger_text", count=Amount(float(len(entries))), tally=counted),
    )


def _marked(run: JudgedRun, how: MessageFormatter) -> tuple[DeliveryMark, str]:
    delivery = run.delivery
    if delivery.presence is Presence.ABSENT:
        return DeliveryMark.MISSING, clean(how.say(delivery.why))
    if delivery.presence is Presence.UNREADABLE:
        return DeliveryMark.UNREADABLE, clean(how.say(delivery.why))
    late = [r for r in run.results if r.evidence is Evidence.SCHEDULE and r.status >= Status.WARNED]
    return (DeliveryMark.LATE, clean(how.say(late[0].said))) if late else (DeliveryMark.RECEIVED, "")


def _entry(day: date, mark: DeliveryMark, note: str, how: MessageFormatter) -> LedgerEntry:
    day_text, text = how.short_day(day), _mark_text(mark, how)
    return LedgerEntry(day, day_text, mark, text, f"{day_text}: {text}", note)


def _mark_text(mark: DeliveryMark, how: MessageFormatter) -> str:
    return how.label(f"report.mark_{mark.value}")
