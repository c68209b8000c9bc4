"""What is known of a feed besides incidents: its deliveries, what would go unseen, and its baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.result import Evidence, Run
from ketenwacht.domain.statement import Amount, Fraction, Text
from ketenwacht.domain.status import Status
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views import clean, segment_text, span_text

from .data import BaselineEntry, ReportData, Sight, Smallest, Together, Watched

MOST_MEMBERS = 12
"""More small segments than this are told by their number."""
FEW_GROUPS = 4
"""So many groups of small segments are shown without a click."""
_FINE = 0.03


class Mark(Enum):
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
    mark: Mark
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
    tally: tuple[tuple[Mark, str, str], ...]
    odd: tuple[LedgerEntry, ...]
    odd_title: str
    description: str


def view_ledger(runs: Sequence[Run], how: MessageFormatter) -> LedgerView:
    """One entry a period, oldest first. What was absent and came after all was late."""
    marked: dict[date, tuple[Mark, str]] = {}
    for run in runs:
        day, (mark, note) = run.delivery.period, _marked(run, how)
        earlier = marked.get(day)
        if earlier is not None and earlier[0] is Mark.MISSING and mark is Mark.RECEIVED:
            mark, note = Mark.LATE, note or earlier[1]
        marked[day] = (mark, note)
    entries = tuple(_entry(day, *marked[day], how) for day in sorted(marked))
    counts = {mark: sum(entry.mark is mark for entry in entries) for mark in Mark}
    tally = tuple((mark, _mark_text(mark, how), how.number(float(n))) for mark, n in counts.items())
    odd = tuple(entry for entry in entries if entry.mark is not Mark.RECEIVED)
    counted = ", ".join(f"{count} {text}" for _, text, count in tally)
    return LedgerView(
        entries,
        tally,
        odd,
        how.label("report.ledger_odd", count=Amount(float(len(odd)))),
        how.label("report.ledger_text", count=Amount(float(len(entries))), tally=counted),
    )


def _marked(run: Run, how: MessageFormatter) -> tuple[Mark, str]:
    delivery = run.delivery
    if delivery.presence is Presence.ABSENT:
        return Mark.MISSING, clean(delivery.problem or "")
    if delivery.presence is Presence.UNREADABLE:
        return Mark.UNREADABLE, clean(delivery.problem or "")
    late = [r for r in run.results if r.evidence is Evidence.SCHEDULE and r.status >= Status.WARNED]
    return (Mark.LATE, clean(how.say(late[0].said))) if late else (Mark.RECEIVED, "")


def _entry(day: date, mark: Mark, note: str, how: MessageFormatter) -> LedgerEntry:
    day_text, text = how.short_day(day), _mark_text(mark, how)
    return LedgerEntry(day, day_text, mark, text, f"{day_text}: {text}", note)


def _mark_text(mark: Mark, how: MessageFormatter) -> str:
    return how.label(f"report.mark_{mark.value}")


@dataclass(frozen=True, slots=True)
class SightView:
    """What each kind of evidence can see of one segment: losses within 30 / 90 / 365 days, and what helps."""

    who: str
    history: str
    reference: str
    reconciliation: str
    message: str


@dataclass(frozen=True, slots=True)
class WatchedView:
    """Segments that one check is too coarse to judge by themselves.

    Attributes:
        title: how many there are.
        label: of their table.
        open: whether they are few enough to be shown at once.
        rows: as what they are judged, how many, and which.
    """

    title: str
    label: str
    open: bool
    rows: tuple[tuple[str, str, str], ...]


def view_sight(one: Sight, how: MessageFormatter) -> SightView:
    """The blindness audit of one segment."""
    return SightView(
        segment_text(one.segment, how),
        losses_text(one.history, how),
        losses_text(one.reference, how),
        losses_text(one.reconciliation, how),
        clean(one.message),
    )


def losses_text(seen: Smallest, how: MessageFormatter) -> str:
    """Losses of one kind of evidence, `25 / 15 / 8%`; below 3 % with a decimal; `–`: not even a total one."""
    told = ("–" if loss is None else how.number(round(100 * loss, int(loss < _FINE))) for loss in seen.values())
    return f"{' / '.join(told)}%"


def view_watched(one: Watched, how: MessageFormatter) -> WatchedView | None:
    """What one check judges together; None when it judges every segment by itself."""
    if not one.together:
        return None
    members = sum(len(together.members) for together in one.together)
    title = how.label(
        "report.watched_title",
        check=clean(one.check),
        count=Amount(float(members)),
        limit=Amount(one.at_least),
        alone=Amount(float(one.alone)),
    )
    return WatchedView(
        title,
        how.label("report.watched_label", check=clean(one.check)),
        len(one.together) <= FEW_GROUPS,
        tuple(_together(together, how) for together in one.together),
    )


def _together(one: Together, how: MessageFormatter) -> tuple[str, str, str]:
    named = "; ".join(segment_text(member, how) for member in one.members[:MOST_MEMBERS])
    rest = len(one.members) - MOST_MEMBERS
    more = f" {how.label('report.and_more', count=Amount(float(rest)))}" if rest > 0 else ""
    return segment_text(one.segment, how), how.number(float(len(one.members))), f"{named}{more}"


@dataclass(frozen=True, slots=True)
class BaselineView:
    """One version of a baseline.

    Attributes:
        title: its check, number and state.
        cost: its slack and threshold, and the false alarms that they cost.
        first: first day that it learnt from.
        last: last day.
        evidence: what that history's own counts gave, nats a week.
        threshold: nats.
        threshold_text: what stands beside it in the drawing.
        description: the drawing in words.
        warning: that incidents lived in what it learnt from; empty when none did.
        notes: what it rests on, a line each.
    """

    title: str
    cost: str
    first: date
    last: date
    evidence: tuple[float, ...]
    threshold: float
    threshold_text: str
    description: str
    warning: str
    notes: tuple[str, ...]


def view_baseline(one: BaselineEntry, how: MessageFormatter) -> BaselineView:
    """One version of a baseline, for showing. Nothing in it counts persons."""
    body, training = one.body, one.body["training"]
    first, last = date.fromisoformat(training["first"]), date.fromisoformat(training["last"])
    state = how.label(f"baseline.state_{one.state}")
    lived = training["incidents"]
    state = how.label("baseline.in_use", state=state) if one.used else state
    height = how.label("baseline.alarm_at", nats=how.decimal(body["threshold"], 1))
    return BaselineView(
        title=f"{clean(one.check)} {one.version}: {state}",
        cost=how.label(
            "baseline.cost",
            slack=Fraction(body["slack"]),
            nats=how.decimal(body["threshold"], 1),
            a_year=how.decimal(body["false_alarms_a_year"], 2),
            at_most=how.decimal(body["at_most"], 2),
        ),
        first=first,
        last=last,
        evidence=tuple(float(v) for v in body["path"]),
        threshold=float(body["threshold"]),
        threshold_text=height,
        description=_describe(body, first, last, how),
        warning=how.label("baseline.lived", count=Amount(float(lived))) if lived else "",
        notes=_notes(one, first, last, how),
    )


def _notes(one: BaselineEntry, first: date, last: date, how: MessageFormatter) -> tuple[str, ...]:
    body, training = one.body, one.body["training"]
    learnt = how.label(
        "baseline.learnt_replayed" if training["replayed"] else "baseline.learnt",
        deliveries=Amount(float(training["deliveries"])),
        span=span_text(first, last, how),
        masked=Amount(float(training["masked"])),
    )
    counted = how.label(
        "baseline.counted",
        runs=Amount(float(body["runs"])),
        seed=str(body["seed"]),
        drift=Fraction(body["drift_a_week"]),
        years=Amount(float(round(body["exposure_years"]))),
    )
    signed = [("baseline.proposed", one.proposed)]
    signed += [("baseline.approved_by", one.approved)] if one.approved is not None else []
    by = " ".join(
        how.label(key, who=clean(by.who), day=how.short_day(by.at.date()), why=Text.of(clean(by.why)))
        for key, by in signed
    )
    return (learnt, how.label("baseline.blind", slack=Fraction(body["slack"])), counted, by)


def _describe(body: Mapping[str, Any], first: date, last: date, how: MessageFormatter) -> str:
    """The chart of a baseline in words."""
    weeks, highest = [float(v) for v in body["path"]], float(body["highest_seen"])
    said = "baseline.above" if highest >= float(body["threshold"]) else "baseline.below"
    values = {"span": span_text(first, last, how), "nats": how.decimal(highest, 1), "where": how.label(said)}
    if not weeks:
        return how.label("baseline.evidence", **values)
    peak = first + timedelta(weeks=weeks.index(max(weeks)))
    return how.label("baseline.evidence_peak", **values, week=how.short_day(peak))


def unseen(data: ReportData, how: MessageFormatter) -> tuple[tuple[SightView, ...], tuple[WatchedView, ...]]:
    """The blindness audit, and what is too small to be watched by itself."""
    watched = (view_watched(one, how) for one in data.watched)
    return tuple(view_sight(one, how) for one in data.sights), tuple(one for one in watched if one is not None)
