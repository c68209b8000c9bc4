"""Baselines for people who must approve them: what they rest on, and what each threshold would cost.

`ketenwacht/baselines/1`: `{"feed": "…", "baselines": [{"check": "volume", "version": 1, "state": "proposed",
"proposed": {"who": "…", "why": "…", "at": "…Z"}, "approved": null, "body": {…}}]}`. In `body` stand the slack
(fraction), the threshold (nats), the false alarms a year they give, the training window and the settings they are
for. Means of parts below ten persons are null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ketenwacht.domain.privacy import SMALL_COUNT
from ketenwacht.domain.segment import Segment

from .data import Shown, Signed
from .json import Object
from .sparkline import sparkline
from .terminal import glyphs_of
from .words import UNICODE, clean, day, plural, segment_words, span

_BAR, _WIDEST, _SPARK = 40, 100, 60
_MOST_PARTS = 12


def baselines_object(feed: str, shown: Sequence[Shown]) -> Object:
    """Versions as `ketenwacht/baselines/1`, oldest first within a check."""
    return {"schema": "ketenwacht/baselines/1", "feed": feed, "baselines": [_object(one) for one in shown]}


def _object(one: Shown) -> Object:
    parts = [{**part, "mean": part["mean"] if part["mean"] >= SMALL_COUNT else None} for part in one.body["parts"]]
    return {
        "check": one.check,
        "version": one.version,
        "state": one.state,
        "used": one.used,
        "proposed": _signed(one.proposed),
        "approved": _signed(one.approved),
        "body": {**one.body, "parts": parts},
    }


def _signed(one: Signed | None) -> Object | None:
    if one is None:
        return None
    at = one.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"who": one.who, "why": one.why, "at": at}


def print_baselines(feed: str, shown: Sequence[Shown], console: Console) -> None:
    """Print a line a version, and the newest of each check in full."""
    if not shown:
        console.print(f"{clean(feed)}: no baseline is proposed yet; make one with `ketenwacht baseline propose`")
        return
    newest = {one.check: one for one in shown}
    for one in shown:
        if newest[one.check] is not one:
            console.print(Text(_line(one)), soft_wrap=True)
    for one in newest.values():
        print_baseline(one, console)


def print_baseline(one: Shown, console: Console) -> None:
    """Print one version: threshold, window, the history's own evidence, and what other thresholds would cost."""
    body, glyphs = one.body, glyphs_of(console)
    training = body["training"]
    console.print(Text(_line(one), style="bold"), soft_wrap=True)
    window = span(date.fromisoformat(training["first"]), date.fromisoformat(training["last"]))
    learnt = f"learnt from {plural(training['deliveries'], 'delivery', 'deliveries')}, {glyphs.plain(window)}"
    if training["replayed"]:
        learnt += ", as replayed"
    console.print(f"  {learnt}; {plural(training['masked'], 'day')} of them declared", soft_wrap=True)
    if training["incidents"]:
        console.print(
            f"  careful: {plural(training['incidents'], 'incident')} about missing persons lived in it; declare "
            "those days first, or the loss is learnt as normal",
            style="yellow",
            soft_wrap=True,
        )
    console.print(
        f"  a level that wanders by {body['slack']:.0%} counts as normal: below such losses own history is blind",
        soft_wrap=True,
    )
    console.print(
        f"  drawn: {body['runs']} histories, seed {body['seed']}, drift {100 * body['drift_a_week']:.1f} % a "
        f"week; at most {body['at_most']:.2f} false alarms a year (95 %)",
        soft_wrap=True,
    )
    for part in body["parts"][:_MOST_PARTS]:
        console.print(Text(f"  {_part(part)}"), soft_wrap=True)
    if len(body["parts"]) > _MOST_PARTS:
        console.print(f"  and {len(body['parts']) - _MOST_PARTS} more")
    console.print(
        f"  evidence of that history, by week: {sparkline(body['path'], width=_SPARK, glyphs=glyphs)} highest "
        f"{body['highest_seen']:.1f} nats, {'above' if body['highest_seen'] >= body['threshold'] else 'below'} "
        "the threshold",
        soft_wrap=True,
    )
    console.print(_costs(body, "█" if glyphs is UNICODE else "#", min(console.width, _WIDEST)))


def _line(one: Shown) -> str:
    signed = one.approved if one.approved is not None else one.proposed
    used = ", in use" if one.used else ""
    body = one.body
    height = f"slack {body['slack']:.0%}, {body['threshold']:.1f} nats"
    cost = f"{height}, {body['false_alarms_a_year']:.2f} false alarms a year"
    by = f"{clean(signed.who)}, {day(signed.at.date())}: {clean(signed.why)}"
    return f"{clean(one.check)} {one.version} ({one.state}{used}): {cost}; {by}"


def _part(part: Mapping[str, Any]) -> str:
    small = part["mean"] < SMALL_COUNT
    mean = f"fewer than {SMALL_COUNT}" if small else f"about {part['mean']:.0f}"
    merged = f" and {plural(part['members'] - 1, 'small part')}" if part["members"] > 1 else ""
    return f"{segment_words(Segment.of(part['segment']))}{merged}: {mean} persons a delivery, k {part['k']:.0f}"


def _costs(body: Mapping[str, Any], full: str, width: int) -> Table:
    """What other thresholds would cost, a bar each; beyond twenty false alarms a year a bar says no more."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=width)
    table.add_column("threshold", justify="right", no_wrap=True)
    table.add_column("a year", justify="right", no_wrap=True)
    table.add_column("false alarms", ratio=1, no_wrap=True)
    told = [(height, cost) for height, cost in body["curve"] if cost <= 20.0]  # noqa: PLR2004 - see above
    top = max((cost for _, cost in told), default=1.0) or 1.0
    for height, cost in told:
        near = abs(height - body["threshold"]) <= 0.5  # noqa: PLR2004 - half a step of the curve
        bar = full * round(_BAR * cost / top)
        table.add_row(f"{height:.0f}", f"{cost:.2f}", f"{bar}{' < about here' if near else ''}")
    return table
