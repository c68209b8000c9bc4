"""The history of a feed in the terminal: a row a segment with its trend, and a line a run."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ketenwacht.domain.statement import Amount
from ketenwacht.domain.status import Status
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views import RunView, span_text
from ketenwacht.messages.views_history import TrendView

from .glyphs import sparkline
from .terminal import glyphs_of, status_text

_SPARK, _LAST, _EXPECTED, _STATUS = 22, 7, 11, 10
_WORST = (Status.ERROR, Status.FAILED, Status.WARNED, Status.UNPROVEN)


def print_history(
    feed: str, series: Sequence[TrendView], how: MessageFormatter, console: Console, *, more: int = 0
) -> None:
    """Print one row a segment: trend, last count, what was expected of it, newest verdict.

    Args:
        feed: its name.
        series: a row each.
        how: says what is not in the views.
        console: where it is printed.
        more: how many smaller segments there are besides.
    """
    glyphs = glyphs_of(console)
    filled = [one for one in series if one.points]
    if not filled:
        console.print(Text(how.label("history.nothing", feed=feed)))
        return
    first, last = min(s.points[0].day for s in filled), max(s.points[-1].day for s in filled)
    count = Amount(max(len(s.points) for s in filled))
    title = how.label("history.title", feed=feed, count=count, span=span_text(first, last, how))
    console.print(Text(glyphs.plain(title), style="bold"))
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=min(console.width, 100))
    table.add_column(how.label("column.who"), ratio=1, overflow="fold")
    table.add_column(how.label("column.trend"), width=_SPARK, no_wrap=True)
    table.add_column(how.label("column.last"), width=_LAST, justify="right")
    table.add_column(how.label("column.expected"), width=_EXPECTED, justify="right")
    table.add_column(how.label("column.now"), width=_STATUS)
    for one in filled:
        newest = one.points[-1]
        table.add_row(
            one.segment_text,
            sparkline([point.height for point in one.points], width=_SPARK, glyphs=glyphs),
            newest.observed_text,
            glyphs.plain(newest.expected.text if newest.expected is not None else ""),
            Text("") if one.status is None else status_text(one.status, one.status_text, glyphs),
        )
    console.print(table)
    if more:
        console.print(how.label("history.more", count=Amount(more)))


def print_runs(runs: Sequence[RunView], how: MessageFormatter, console: Console) -> None:
    """Print one line a run, the newest first: its period, verdict, which delivery, and what was not right."""
    if not runs:
        return
    glyphs = glyphs_of(console)
    console.print()
    console.print(Text(how.label("history.runs", count=Amount(len(runs))), style="bold"))
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_header=False, width=min(console.width, 100))
    for width in (11, 10):
        table.add_column(width=width, overflow="fold")
    table.add_column(ratio=1, overflow="fold")
    for run in reversed(runs):
        table.add_row(
            run.period_text,
            status_text(run.status, run.status_text, glyphs),
            Text(glyphs.plain(_said(run, how))),
        )
    console.print(table)


def _said(run: RunView, how: MessageFormatter) -> str:
    """Which delivery, when it was judged if that was another day, and the checks that were not content with it."""
    which = run.delivery_name
    judged = run.at.astimezone(how.zone).date()
    if judged != run.period:
        which = how.label("history.judged", delivery=which, day=how.short_day(judged))
    if run.status in _WORST:
        checks = dict.fromkeys(r.check.partition(".")[0] for r in run.results if r.status is run.status)
        return how.label("history.said", delivery=which, what=", ".join(checks))
    count = how.label("results.count", count=Amount(len(run.results)))
    return how.label("history.said", delivery=which, what=count)
