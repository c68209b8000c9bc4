"""Baselines for people who must approve them, in the terminal and as JSON.

`ketenwacht/baselines/1`: `{"feed": "…", "baselines": [{"check": "volume", "version": 1, "state": "proposed",
"proposed": {"who": "…", "why": "…", "at": "…Z"}, "approved": null, "body": {…}}]}`. In `body` stand the slack
(fraction), the threshold (nats), the false alarms a year they give, the training window and the settings they are
for. Means of parts are counts of persons: rounded, and null with `"hidden": true` where they are small.
`baseline show` adds `own_history`: what each check can detect now, by segment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.public import moment
from ketenwacht.messages.report.backtest import BacktestView, DetectionLimitRow, WatchedView, view_own_text
from ketenwacht.messages.report.baselines import BaselineView, CostRow
from ketenwacht.messages.report.data import OwnHistoryView, Signature, WatchedCheck
from ketenwacht.messages.views import clean

from .json import Object, backtest_object
from .svg import UNICODE, sparkline
from .terminal import glyphs_of

_BAR, _WIDEST, _SPARK = 40, 100, 60


def baselines_object(feed: str, views: Sequence[BaselineView]) -> Object:
    """Return versions as `ketenwacht/baselines/1`, oldest first within a check."""
    return {"schema": "ketenwacht/baselines/1", "feed": feed, "baselines": [_object(one) for one in views]}


def _object(view: BaselineView) -> Object:
    one = view.entry
    return {
        "check": one.check,
        "version": one.version,
        "state": one.state,
        "used": one.used,
        "proposed": _signature_object(one.proposed),
        "approved": _signature_object(one.approved),
        "body": dict(view.body),
    }


def _signature_object(one: Signature | None) -> Object | None:
    if one is None:
        return None
    return {"who": one.who, "why": one.why, "at": moment(one.at)}


def print_baselines(
    feed: str, views: Sequence[BaselineView], formatter: MessageFormatter, console: Console
) -> None:
    """Print a line a version, and the newest of each check in full."""
    if not views:
        console.print(formatter.label("baseline.none_yet", feed=feed), markup=False)
        return
    newest = {view.entry.check: view for view in views}
    for view in views:
        if newest[view.entry.check] is not view:
            console.print(Text(view.line), soft_wrap=True)
    for view in newest.values():
        _print_baseline(view, formatter, console)


def own_history_object(today: Mapping[str, Sequence[OwnHistoryView]], formatter: MessageFormatter) -> list[Object]:
    """Return what each check can detect now, as `own_history` of `ketenwacht/baselines/1`.

    `blind` is the smallest loss (fraction) that is detected within a year, `loss` a round one that is detected
    within `days`; null: none.
    """
    return [
        {
            "check": check,
            "segment": one.segment.as_dict(),
            "judged": one.reason == "judged",
            "reason": one.reason,
            "season_known": one.season_known,
            "blind": None if one.blind is None else round(one.blind, 4),
            "loss": None if one.loss is None else round(one.loss, 4),
            "days": None if one.days is None else round(one.days),
            "message": view_own_text(one, formatter),
        }
        for check, found in today.items()
        for one in found
    ]


def print_own_history(
    today: Mapping[str, Sequence[OwnHistoryView]], formatter: MessageFormatter, console: Console
) -> None:
    """Print what each check can detect now, a line a segment."""
    for check, found in today.items():
        if found:
            console.print(formatter.label("baseline.today", check=clean(check)), markup=False, style="bold")
        for one in found:
            console.print(
                f"  {glyphs_of(console).plain(view_own_text(one, formatter))}", markup=False, soft_wrap=True
            )


def _print_baseline(view: BaselineView, formatter: MessageFormatter, console: Console) -> None:
    """Print one version: what it rests on, the history's own evidence, and what other thresholds would cost."""
    glyphs = glyphs_of(console)
    console.print(Text(view.line, style="bold"), soft_wrap=True)
    for line in (view.notes[0], view.warning, *view.notes[1:3], *view.parts):
        if line:
            style = "yellow" if line == view.warning else ""
            console.print(Text(f"  {glyphs.plain(line)}", style=style), soft_wrap=True)
    drawn = sparkline(view.evidence, width=_SPARK, glyphs=glyphs)
    path = formatter.label("baseline.path", line=drawn, highest=view.evidence_text)
    console.print(Text(f"  {path}"), soft_wrap=True)
    full = "█" if glyphs is UNICODE else "#"
    console.print(_costs(view.costs, formatter, full, min(console.width, _WIDEST)))


def _costs(costs: Sequence[CostRow], formatter: MessageFormatter, full: str, width: int) -> Table:
    """Return what other thresholds would cost, a bar each."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=width)
    table.add_column(formatter.label("baseline.threshold"), justify="right", no_wrap=True)
    table.add_column(formatter.label("baseline.a_year"), justify="right", no_wrap=True)
    table.add_column(formatter.label("baseline.false_alarms"), ratio=1, no_wrap=True)
    top = max((row.cost for row in costs), default=1.0) or 1.0
    for row in costs:
        bar = full * round(_BAR * row.cost / top)
        table.add_row(row.height, row.a_year, f"{bar} < {row.near}" if row.near else bar)
    return table


# Backtests and detection limits, for the terminal and as JSON.


_WIDEST_BACKTEST = 110


def full_backtest_object(view: BacktestView) -> Object:
    """Return a backtest with its detection limits as `ketenwacht/backtest/1`."""
    done = view.data
    return {
        **backtest_object(done.feed, done.rows),
        "source": view.source,
        "needed": list(view.needed),
        "audit": [_limit_object(one) for one in view.limits],
        "watched": [_watched_object(one) for one in done.watched],
    }


def _limit_object(one: DetectionLimitRow) -> Object:
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


def _watched_object(one: WatchedCheck) -> Object:
    return {
        "check": one.check,
        "at_least": one.at_least,
        "alone": one.alone,
        "together": [
            {"segment": t.segment.as_dict(), "members": [m.as_dict() for m in t.members]} for t in one.together
        ],
    }


def print_backtest(view: BacktestView, formatter: MessageFormatter, console: Console) -> None:
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
        _print_limits(view, console)
    _print_watched(view.watched, formatter, console)


def _print_limits(view: BacktestView, console: Console) -> None:
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


def _print_watched(watched: Sequence[WatchedView], formatter: MessageFormatter, console: Console) -> None:
    """Print which segments are too small to be watched by themselves, and as what they are watched together."""
    for one in watched:
        console.print(one.title, markup=False, soft_wrap=True)
        for segment, _, which in one.rows:
            line = formatter.label("audit.as", segment=segment, which=which)
            console.print(f"  {line}", markup=False, soft_wrap=True)


def _table(console: Console) -> Table:
    return Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=min(console.width, _WIDEST_BACKTEST))
