"""Backtests and the blindness audit, for the terminal and as JSON.

`ketenwacht backtest --format json` prints `ketenwacht/backtest/1` with more keys: `source`, what the losses were
planted in, `needed`, what shows each of them, and `audit`: `[{"segment": {…}, "smallest_loss": {"history":
{"30": 0.27, "90": 0.16, "365": 0.08}, "reference": {…}, "reconciliation": {…}}, "message": "…"}]`. A loss is a
fraction; null: not even a total one. `watched` tells of each check of counts how many segments it judges `alone`,
and which are too small for that: `{"check": "ratio", "at_least": 3, "alone": 14, "together": [{"segment": {…},
"members": [{…}]}]}`.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.backtest import BacktestView, DetectionLimitRow, WatchedView
from ketenwacht.messages.report.data import WatchedCheck

from .json import Object, backtest_object
from .terminal import glyphs_of

_WIDEST = 110


def full_backtest_object(view: BacktestView) -> Object:
    """A backtest with its audit as JSON; see the head of this file."""
    done = view.data
    return {
        **backtest_object(done.feed, done.rows),
        "source": view.source,
        "needed": list(view.needed),
        "audit": [_sight(one) for one in view.limits],
        "watched": [_watched(one) for one in done.watched],
    }


def _sight(one: DetectionLimitRow) -> Object:
    data = one.data
    kinds = {"history": data.history, "reference": data.reference, "reconciliation": data.reconciliation}
    return {
        "segment": data.segment.as_dict(),
        "smallest_loss": {
            kind: {str(days): None if loss is None else round(loss, 4) for days, loss in seen.items()}
            for kind, seen in kinds.items()
        },
        "message": one.message,
    }


def _watched(one: WatchedCheck) -> Object:
    return {
        "check": one.check,
        "at_least": one.at_least,
        "alone": one.alone,
        "together": [
            {"segment": t.segment.as_dict(), "members": [m.as_dict() for m in t.members]} for t in one.together
        ],
    }


def print_backtest(view: BacktestView, how: MessageFormatter, console: Console) -> None:
    """Print the scenarios, then the audit."""
    glyphs = glyphs_of(console)
    console.print(view.title, markup=False, soft_wrap=True)
    table = _table(console)
    table.add_column(view.columns[0], ratio=1, overflow="fold")
    table.add_column(view.columns[1])
    for name in view.columns[2:]:
        table.add_column(name, justify="right", no_wrap=True)
    for row in view.scenarios:
        table.add_row(row.who, row.evidence, row.found, row.half, row.most, row.bound, row.false_alarms)
    console.print(table)
    console.print(view.note, style="dim", soft_wrap=True)
    for line in view.needed:
        console.print(glyphs.plain(line), markup=False, soft_wrap=True)
    if view.limits:
        console.print()
        _print_sights(view, console)
    _print_watched(view.watched, how, console)


def _print_sights(view: BacktestView, console: Console) -> None:
    """Print the smallest loss that each segment would show within 30, 90 and 365 days."""
    console.print(view.audit_title, style="bold")
    table = _table(console)
    table.add_column(view.audit_columns[0], ratio=1, overflow="fold")
    for name in view.audit_columns[1:]:
        table.add_column(name, justify="right", no_wrap=True)
    for one in view.limits:
        table.add_row(one.who, one.history, one.reference, one.reconciliation)
    console.print(table)
    for one in view.limits:
        console.print(glyphs_of(console).plain(one.message), markup=False, soft_wrap=True)


def _print_watched(watched: Sequence[WatchedView], how: MessageFormatter, console: Console) -> None:
    """Print which segments are too small to be watched by themselves, and as what they are watched together."""
    for one in watched:
        console.print(one.title, markup=False, soft_wrap=True)
        for segment, _, which in one.rows:
            line = how.label("audit.as", segment=segment, which=which)
            console.print(f"  {line}", markup=False, soft_wrap=True)


def _table(console: Console) -> Table:
    return Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=min(console.width, _WIDEST))
