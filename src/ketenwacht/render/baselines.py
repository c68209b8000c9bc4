"""Baselines for people who must approve them, in the terminal and as JSON.

`ketenwacht/baselines/1`: `{"feed": "…", "baselines": [{"check": "volume", "version": 1, "state": "proposed",
"proposed": {"who": "…", "why": "…", "at": "…Z"}, "approved": null, "body": {…}}]}`. In `body` stand the slack
(fraction), the threshold (nats), the false alarms a year they give, the training window and the settings they are
for. Means of parts are counts of persons: rounded, and null with `"hidden": true` where they are small.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.public import moment
from ketenwacht.messages.report.baselines import BaselineView, CostRow
from ketenwacht.messages.report.data import Signature

from .glyphs import UNICODE, sparkline
from .json import Object
from .terminal import glyphs_of

_BAR, _WIDEST, _SPARK = 40, 100, 60


def baselines_object(feed: str, views: Sequence[BaselineView]) -> Object:
    """Versions as `ketenwacht/baselines/1`, oldest first within a check."""
    return {"schema": "ketenwacht/baselines/1", "feed": feed, "baselines": [_object(one) for one in views]}


def _object(view: BaselineView) -> Object:
    one = view.entry
    return {
        "check": one.check,
        "version": one.version,
        "state": one.state,
        "used": one.used,
        "proposed": _signed(one.proposed),
        "approved": _signed(one.approved),
        "body": dict(view.body),
    }


def _signed(one: Signature | None) -> Object | None:
    if one is None:
        return None
    return {"who": one.who, "why": one.why, "at": moment(one.at)}


def print_baselines(feed: str, views: Sequence[BaselineView], how: MessageFormatter, console: Console) -> None:
    """Print a line a version, and the newest of each check in full."""
    if not views:
        console.print(how.label("baseline.none_yet", feed=feed), markup=False)
        return
    newest = {view.entry.check: view for view in views}
    for view in views:
        if newest[view.entry.check] is not view:
            console.print(Text(view.line), soft_wrap=True)
    for view in newest.values():
        _print_baseline(view, how, console)


def _print_baseline(view: BaselineView, how: MessageFormatter, console: Console) -> None:
    """Print one version: what it rests on, the history's own evidence, and what other thresholds would cost."""
    glyphs = glyphs_of(console)
    console.print(Text(view.line, style="bold"), soft_wrap=True)
    for line in (view.notes[0], view.warning, *view.notes[1:3], *view.parts):
        if line:
            style = "yellow" if line == view.warning else ""
            console.print(Text(f"  {glyphs.plain(line)}", style=style), soft_wrap=True)
    drawn = sparkline(view.evidence, width=_SPARK, glyphs=glyphs)
    path = how.label("baseline.path", line=drawn, highest=view.evidence_text)
    console.print(Text(f"  {path}"), soft_wrap=True)
    full = "█" if glyphs is UNICODE else "#"
    console.print(_costs(view.costs, how, full, min(console.width, _WIDEST)))


def _costs(costs: Sequence[CostRow], how: MessageFormatter, full: str, width: int) -> Table:
    """What other thresholds would cost, a bar each."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=width)
    table.add_column(how.label("baseline.threshold"), justify="right", no_wrap=True)
    table.add_column(how.label("baseline.a_year"), justify="right", no_wrap=True)
    table.add_column(how.label("baseline.false_alarms"), ratio=1, no_wrap=True)
    top = max((row.cost for row in costs), default=1.0) or 1.0
    for row in costs:
        bar = full * round(_BAR * row.cost / top)
        table.add_row(row.height, row.a_year, f"{bar} < {row.near}" if row.near else bar)
    return table
