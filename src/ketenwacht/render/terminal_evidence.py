"""Comparisons, catch-ups and outside figures in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ketenwacht.domain.result import Status
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.found_first import FoundFirstView
from ketenwacht.messages.privacy import Shown
from ketenwacht.messages.texts.labels import OUTCOME
from ketenwacht.messages.views_evidence import (
    CLASSES,
    CatchUpView,
    ExclusionView,
    InquiryMonthView,
    ReconciliationView,
    SourceView,
)
from ketenwacht.messages.views_finding import FindingView

from .svg import UNICODE
from .terminal import glyphs_of, status_text

_WIDEST = 100
_BAR = 40
_MOST_WEEKS = 60


def print_reconciliation(
    done: ReconciliationView,
    formatter: MessageFormatter,
    console: Console,
    *,
    changed: Sequence[FindingView] = (),
) -> None:
    """Print the verdict, a row a segment, how long people waited, what it means, and what else must be known."""
    glyphs = glyphs_of(console)
    console.print(
        Text.assemble(status_text(done.status, done.status_text, glyphs), f"  {done.title}"), soft_wrap=True
    )
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=min(console.width, _WIDEST))
    table.add_column(formatter.label("column.who"), ratio=1, overflow="fold")
    for name in (*CLASSES, "within"):
        table.add_column(formatter.label(f"reconcile.{name}"), justify="right", no_wrap=True)
    # the whole feed and its coarse parts always; finer ones when something is wrong with them
    shown = [one for one in done.segments if one.found or len(one.segment.pairs) <= 1]
    for one in shown:
        cells = (_person_cell(name, one.counts[name], formatter) for name in CLASSES)
        table.add_row(one.segment_text, *cells, one.ages_text)
    console.print(table)
    if len(shown) < len(done.segments):
        console.print(formatter.label("reconcile.more", count=Amount(len(done.segments) - len(shown))))
    for line in (*done.notes, *(done.impact.lines if done.impact is not None else ())):
        console.print(Text(glyphs.plain(line)), soft_wrap=True)
    for result in done.results:
        if result.status in {Status.WARNED, Status.FAILED, Status.ERROR}:
            mark = status_text(result.status, result.status_text, glyphs)
            console.print(Text.assemble(mark, f" {glyphs.plain(result.message)}"), soft_wrap=True)
    if done.newer is not None:
        console.print(formatter.label("reconcile.newer", day=formatter.short_day(done.newer)))
    for incident in changed:
        said = formatter.label(
            "reconcile.changed", incident=incident.id, state=incident.state_text, message=incident.message
        )
        console.print(Text(glyphs.plain(said)), soft_wrap=True)


def _person_cell(name: str, count: Shown, formatter: MessageFormatter) -> Text:
    loud = count.value != 0.0 and name in {"missing", "extra"}
    return Text(formatter.shown(count), style="bold red" if loud else "")


def print_catchup(done: CatchUpView, formatter: MessageFormatter, console: Console) -> None:
    """Print the schedule as a bar a week, and the terms that run for those who wait."""
    glyphs = glyphs_of(console)
    console.print(Text(glyphs.plain(done.title), style="bold" if done.weeks else ""), soft_wrap=True)
    if not done.weeks:
        return
    console.print(Text(done.rule), soft_wrap=True)
    top = max(week.height for week in done.weeks)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=min(console.width, _WIDEST))
    table.add_column(formatter.label("catchup.week_of"), no_wrap=True)
    table.add_column(formatter.label("catchup.persons"), justify="right", no_wrap=True)
    table.add_column("", ratio=1, no_wrap=True)
    table.add_column(formatter.label("catchup.waiting"), justify="right", no_wrap=True)
    full = "█" if glyphs is UNICODE else "#"
    for week in done.weeks[:_MOST_WEEKS]:
        width = max(1, round(_BAR * week.height / top))
        table.add_row(week.first_text, week.persons_text, full * width, week.waiting_text)
    console.print(table)
    if len(done.weeks) > _MOST_WEEKS:
        console.print(formatter.label("catchup.more", count=Amount(len(done.weeks) - _MOST_WEEKS)))
    for risk in done.risks:
        console.print(Text(glyphs.plain(risk.text)), soft_wrap=True)


def print_sources(feed: str, sources: Sequence[SourceView], formatter: MessageFormatter, console: Console) -> None:
    """Print a row a source of reference figures."""
    if not sources:
        console.print(Text(formatter.label("reference.none", feed=feed)))
        return
    for one in sources:
        console.print(Text(one.name, style="bold"), soft_wrap=True)
        console.print(Text(f"  {glyphs_of(console).plain(one.text)}"), soft_wrap=True)


def print_inquiries(
    feed: str,
    months: Sequence[InquiryMonthView],
    first: FoundFirstView,
    formatter: MessageFormatter,
    console: Console,
) -> None:
    """Print inquiries a month by outcome, and the yardstick."""
    if not months:
        console.print(Text(formatter.label("inquiries.none", feed=feed)))
    else:
        table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
        table.add_column(formatter.label("inquiries.month"))
        for outcome in months[0].outcomes:
            known = OUTCOME.get(outcome)
            table.add_column(known[formatter.language] if known else outcome.replace("_", " "), justify="right")
        for one in months:
            counts = (formatter.shown(count) for count in one.outcomes.values())
            table.add_row(one.name, *counts, style="bold" if one.first is None else None)
        console.print(table)
    if first.share is not None:
        by_us, asked = formatter.shown(first.by_us), formatter.shown(first.by_inquiry)
        console.print(Text(formatter.label("inquiries.first", by_us=by_us, by_inquiry=asked)), soft_wrap=True)


def print_exclusions(
    feed: str, stretches: Sequence[ExclusionView], formatter: MessageFormatter, console: Console
) -> None:
    """Print a row a declared stretch."""
    if not stretches:
        console.print(Text(formatter.label("declared.none", feed=feed)))
        return
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=min(console.width, _WIDEST))
    for name in ("declared.days", "declared.kind", "column.who"):
        table.add_column(formatter.label(name))
    table.add_column(formatter.label("column.why"), ratio=1, overflow="fold")
    table.add_column(formatter.label("declared.by"))
    for one in stretches:
        table.add_row(
            glyphs_of(console).plain(one.span_text),
            Text(one.kind),
            Text(one.segment_text),
            Text(one.reason),
            Text(one.declared_by),
        )
    console.print(table)
