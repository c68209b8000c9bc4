"""The history of a feed in the terminal: one row a segment, its trend as a sparkline."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ketenwacht.domain.privacy import shown_count
from ketenwacht.domain.result import Interval

from .data import Series
from .sparkline import sparkline
from .terminal import glyphs_of, status_text
from .words import band, clean, day, drawn_count, plural, segment_words

_SPARK, _LAST, _EXPECTED, _STATUS = 22, 7, 11, 10


def print_history(feed: str, series: Sequence[Series], console: Console) -> None:
    """Print one row a segment: trend, last count, what was expected of it, newest verdict."""
    glyphs = glyphs_of(console)
    filled = [one for one in series if one.days]
    if not filled:
        console.print(Text(f"{clean(feed)}: nothing in the history yet"))
        return
    first, last = min(s.days[0] for s in filled), max(s.days[-1] for s in filled)
    deliveries = plural(max(len(s.days) for s in filled), "delivery", "deliveries")
    console.print(Text(f"{clean(feed)}: {deliveries}, {day(first)} {glyphs.dash} {day(last)}", style="bold"))
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=min(console.width, 100))
    table.add_column("who", ratio=1, overflow="fold")
    table.add_column("trend", width=_SPARK, no_wrap=True)
    table.add_column("last", width=_LAST, justify="right")
    table.add_column("expected", width=_EXPECTED, justify="right")
    table.add_column("now", width=_STATUS)
    for one in filled:
        count = one.observed[-1]
        table.add_row(
            segment_words(one.segment),
            sparkline([drawn_count(v) for v in one.observed], width=_SPARK, glyphs=glyphs),
            "none" if count is None else shown_count(count),
            glyphs.plain(_expected(one)),
            Text("") if one.status is None else status_text(one.status, glyphs),
        )
    console.print(table)


def _expected(series: Series) -> str:
    if not series.low or not series.high:
        return ""
    return band(Interval(series.low[-1], series.high[-1]), "persons")
