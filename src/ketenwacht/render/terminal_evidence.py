"""Comparisons, catch-ups and outside figures in the terminal. Small counts are hidden, others rounded to tens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ketenwacht.domain.catchup import CatchUpPlan
from ketenwacht.domain.evidence import ReconciliationCount
from ketenwacht.domain.incident import Incident
from ketenwacht.domain.past import Mask
from ketenwacht.domain.privacy import SMALL_COUNT, shown_missing
from ketenwacht.domain.result import CheckResult
from ketenwacht.domain.status import Status, worst
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.yardstick import FoundFirst

from .evidence_tables import CLASSES, Compared, InquiryMonth, Source, Waited
from .impact import impact_lines
from .terminal import glyphs_of, status_text
from .words import UNICODE, clean, day, drawn_count, plural, say, segment_words, span

_WIDEST = 100
_BAR = 40
_MOST_WEEKS = 60


def print_reconciliation(  # noqa: PLR0913 - one thing to tell each
    feed: str,
    outcome: Compared,
    results: Sequence[CheckResult],
    console: Console,
    *,
    unread: int = 0,
    newer: date | None = None,
    changed: Sequence[Incident] = (),
) -> None:
    """Print the verdict, a row a segment, how long people waited, what it means, and what else must be known."""
    glyphs = glyphs_of(console)
    status = worst(result.status for result in results)
    console.print(
        Text.assemble(
            status_text(status, glyphs),
            f"  {clean(feed)}: register of {day(outcome.register_date)} against "
            f"{plural(outcome.deliveries, 'delivery', 'deliveries')}",
        ),
        soft_wrap=True,
    )
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=min(console.width, _WIDEST))
    table.add_column("who", ratio=1, overflow="fold")
    for name in CLASSES:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("95 % in", justify="right", no_wrap=True)
    shown = [count for count in outcome.counts if _is_told(count)]
    for count in shown:
        days = f"{count.age_p95} d" if count.age_p95 is not None else ""
        table.add_row(segment_words(count.segment), *(_person_cell(count, name) for name in CLASSES), days)
    console.print(table)
    if len(shown) < len(outcome.counts):
        console.print(f"and {plural(len(outcome.counts) - len(shown), 'finer part')} without a finding")
    for line in [*_notes(outcome, unread), *impact_lines(outcome.counts[0].impact)]:
        console.print(Text(line), soft_wrap=True)
    for result in results:
        if result.status in {Status.WARNED, Status.FAILED, Status.ERROR}:
            console.print(
                Text.assemble(status_text(result.status, glyphs), f" {clean(say(result.said))}"), soft_wrap=True
            )
    if newer is not None:
        console.print(f"A newer register, of {day(newer)}, was compared before: incidents stay as it left them.")
    for incident in changed:
        console.print(
            Text(f"incident {incident.id} {incident.state.value}: {clean(say(incident.said))}"), soft_wrap=True
        )


def _is_told(count: ReconciliationCount) -> bool:
    """The whole feed and its coarse parts always; finer ones when something is wrong with them."""
    found = count.missing + count.extra + count.different + count.late
    return len(count.segment.pairs) <= 1 or found > 0


def _person_cell(count: ReconciliationCount, name: str) -> Text:
    persons = int(getattr(count, name))
    loud = persons > 0 and name in {"missing", "extra"}
    return Text(shown_missing(persons), style="bold red" if loud else "")


def _notes(outcome: Compared, unread: int) -> list[str]:
    notes = [_waited("late", "from decision to arrival", outcome.late)]
    notes.append(_waited("missing", "since the decision", outcome.overdue))
    by_column = {name: persons for name, persons in outcome.differences.items() if persons > 0}
    if by_column:
        told = ", ".join(f"{clean(name)} {shown_missing(persons)}" for name, persons in by_column.items())
        notes.append(f"different by column: {told}")
    without = (
        (unread, "deliveries could not be read: their persons count as not delivered", False),
        (outcome.undated, "rows of the register have no date of decision", True),
        (outcome.register_without_key, "rows of the register have no key, and can never be matched", True),
        (outcome.delivered_without_key, "records were delivered without a key", True),
        (outcome.duplicates, "rows of the register repeat a person, who counts once", True),
    )
    told_rows = [f"{shown_missing(n) if persons else n} {words}" for n, words, persons in without if n > 0]
    return [note for note in notes if note] + told_rows


def _waited(who: str, what: str, ages: Waited | None) -> str:
    if ages is None:
        return ""
    if ages.count < SMALL_COUNT:
        return f"{who}: too few to tell how long"
    return f"{who}, days {what}: half at most {ages.p50:.0f}, 95 % at most {ages.p95:.0f}, longest {ages.longest}"


def print_catchup(  # noqa: PLR0913 - what is planned, for whom, and where it is printed
    feed: str,
    whole: ReconciliationCount,
    by: Sequence[str],
    plan: CatchUpPlan,
    console: Console,
    *,
    multiple: float,
) -> None:
    """Print the schedule as a bar a week, and the terms that run for those who wait."""
    if not plan.weeks:
        console.print(f"{clean(feed)}: nobody in the register of {day(whole.register_date)} is missing")
        return
    last = plan.last if plan.last is not None else plan.weeks[-1].first
    console.print(
        Text(
            f"{clean(feed)}: {shown_missing(plan.count)} persons in {plural(len(plan.weeks), 'week')}, "
            f"{glyphs_of(console).plain(span(plan.weeks[0].first, last))}",
            style="bold",
        ),
        soft_wrap=True,
    )
    console.print(
        f"oldest decision first; with what comes anyway no {' and '.join(map(clean, by))} gets more than "
        f"{multiple:g} times its normal week",
        soft_wrap=True,
    )
    points = plan.chart()
    top = max(drawn_count(persons) or 0.0 for _, persons, _ in points)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=min(console.width, _WIDEST))
    table.add_column("week of", no_wrap=True)
    table.add_column("persons", justify="right", no_wrap=True)
    table.add_column("", ratio=1, no_wrap=True)
    table.add_column("still waiting", justify="right", no_wrap=True)
    full = "█" if glyphs_of(console) is UNICODE else "#"
    for week, persons, waiting in points[:_MOST_WEEKS]:
        width = max(1, round(_BAR * (drawn_count(persons) or 0.0) / top))
        table.add_row(day(week), shown_missing(persons), full * width, shown_missing(waiting))
    console.print(table)
    if len(points) > _MOST_WEEKS:
        console.print(f"and {plural(len(points) - _MOST_WEEKS, 'week')} more")
    for risk in plan.risks:
        name = clean(MessageFormatter().text(risk.clock.name))
        console.print(
            f"{name} ({plural(risk.clock.term.days, 'day')} from {risk.clock.starts.value}): "
            f"passed for {shown_missing(risk.passed)}, will pass for {shown_missing(risk.will_pass)} while they "
            f"wait; the last one ends {day(risk.last_end)}",
            soft_wrap=True,
        )


def print_sources(feed: str, sources: Sequence[Source], console: Console) -> None:
    """Print a row a source of reference figures."""
    if not sources:
        console.print(f"{clean(feed)}: no reference figure is known")
        return
    for one in sources:
        console.print(Text(clean(one.name), style="bold"), soft_wrap=True)
        stretch = glyphs_of(console).plain(span(one.first, one.last))
        restated = f", {one.restated:,} of them restated" if one.restated else ""
        console.print(
            f"  {plural(one.figures, 'figure')}{restated}, of {plural(one.segments, 'part')}, {stretch}; "
            f"known to {100 * one.uncertainty:.0f} %, newest of {day(one.newest)}",
            soft_wrap=True,
        )


def print_inquiries(feed: str, months: Sequence[InquiryMonth], first: FoundFirst, console: Console) -> None:
    """Print inquiries a month by outcome, and the yardstick."""
    if not months:
        console.print(f"{clean(feed)}: no inquiry is known; nobody asking proves nothing")
    else:
        table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
        table.add_column("month")
        for outcome in months[0].outcomes:
            table.add_column(outcome.replace("_", " "), justify="right")
        for one in months:
            table.add_row(one.first.strftime("%Y-%m"), *(shown_missing(n) for n in one.outcomes.values()))
        totals = (sum(one.outcomes[outcome] for one in months) for outcome in months[0].outcomes)
        table.add_row("together", *(shown_missing(n) for n in totals), style="bold")
        console.print(table)
    if first.share is not None:
        console.print(
            f"of the missing {shown_missing(first.by_us)} were first found by us, "
            f"{shown_missing(first.by_inquiry)} first by an inquiry: the share must fall to nothing",
            soft_wrap=True,
        )


def print_declared(feed: str, masks: Sequence[Mask], console: Console) -> None:
    """Print a row a declared stretch."""
    if not masks:
        console.print(f"{clean(feed)}: nothing is declared")
        return
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=min(console.width, _WIDEST))
    for name in ("days", "kind", "who"):
        table.add_column(name)
    table.add_column("why", ratio=1, overflow="fold")
    table.add_column("by")
    for mask in masks:
        stretch = glyphs_of(console).plain(span(mask.first, mask.last))
        table.add_row(stretch, mask.kind, segment_words(mask.segment), clean(mask.reason), clean(mask.declared_by))
    console.print(table)
