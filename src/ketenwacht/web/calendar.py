"""The calendar of deliveries: the outcome of each delivery that was due."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.result import Status
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.report.series import DeliveryMark, LedgerEntry
from ketenwacht.messages.texts.labels import STATUS_WORD
from ketenwacht.render.timeline import DeliveryCalendar, make_calendar

from .charts import NARROW, WIDE
from .queries import RunRow, find_runs
from .site import Ask

_MOST = 600


@dataclass(frozen=True, slots=True)
class DeliveryCalendarView:
    """The calendar in both widths, with its words.

    Attributes:
        tally: each mark with its words and how many days have it.
        text: the calendar in words.
    """

    wide: DeliveryCalendar
    narrow: DeliveryCalendar
    tally: tuple[tuple[str, str, int], ...]
    text: str


def view_calendar(ask: Ask, feed: str, *, since: date) -> DeliveryCalendarView | None:
    """Return the outcome of the deliveries from a day on; None when there are none."""
    formatter = ask.formatter_of(feed)
    marks: dict[date, tuple[DeliveryMark, Status]] = {}
    late = _late_days(ask, feed, since)
    for run in reversed(find_runs(ask.service.history, feed=feed, since=since, limit=_MOST)):
        mark = mark_of(run, late)
        earlier = marks.get(run.period)
        if earlier is not None and earlier[0] is DeliveryMark.MISSING and mark is DeliveryMark.RECEIVED:
            mark = DeliveryMark.LATE
        marks[run.period] = (mark, run.status)
    if not marks:
        return None
    entries = []
    for day in sorted(marks):
        mark, status = marks[day]
        text = formatter.label(f"report.mark_{mark.value}")
        title = f"{formatter.short_day(day)}: {text}, {STATUS_WORD[status][formatter.language]}"
        entries.append(LedgerEntry(day, formatter.short_day(day), mark, text, title, ""))
    counts = Counter(entry.mark for entry in entries)
    tally = tuple((m.value, formatter.label(f"report.mark_{m.value}"), counts[m]) for m in DeliveryMark)
    words = ", ".join(f"{count} {text}" for _, text, count in tally)
    return DeliveryCalendarView(
        make_calendar(entries, formatter, width=WIDE),
        make_calendar(entries, formatter, width=NARROW),
        tally,
        formatter.label("report.ledger_text", count=Amount(float(len(entries))), tally=words),
    )


def mark_of(run: RunRow, late: frozenset[str]) -> DeliveryMark:
    """Return the outcome of a delivery."""
    if run.presence is Presence.ABSENT:
        return DeliveryMark.MISSING
    if run.presence is Presence.UNREADABLE:
        return DeliveryMark.UNREADABLE
    return DeliveryMark.LATE if run.delivery in late else DeliveryMark.RECEIVED


def _late_days(ask: Ask, feed: str, since: date) -> frozenset[str]:
    """Return the ids of the deliveries that came too late."""
    due = ask.service.history.expected.find(feed)
    return frozenset(one.delivery_id or "" for one in due if one.verdict == "late" and one.due.date() >= since)
