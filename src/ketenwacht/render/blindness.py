"""Backtests and the blindness audit: what would be found how soon, what would not, and what would show it.

`ketenwacht backtest --format json` prints `ketenwacht/backtest/1` with more keys: `source`, what the losses were
planted in, `needed`, what shows each of them, and `audit`: `[{"segment": {…}, "smallest_loss": {"history":
{"30": 0.27, "90": 0.16, "365": 0.08}, "reference": {…}, "reconciliation": {…}}, "message": "…"}]`. A loss is a
fraction; null: not even a total one. `watched` tells of each check of counts how many segments it judges `alone`,
and which are too small for that: `{"check": "ratio", "at_least": 3, "alone": 14, "together": [{"segment": {…},
"members": [{…}]}]}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from .data import AuditRow, Sight, Smallest, Watched
from .json import Object, backtest_object
from .terminal import glyphs_of
from .words import clean, plural, segment_words

_WIDEST = 110
_FINE = 0.03
_MOST_MEMBERS = 12


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a backtest came to.

    Attributes:
        feed: name of the feed.
        source: what the losses were planted in, in words.
        rows: one a scenario.
        sights: the blindness audit, one a coarse segment.
        needed: for each planted loss what shows it, in words.
        watched: what the checks judge as one, for being too small.
    """

    feed: str
    source: str
    rows: tuple[AuditRow, ...]
    sights: tuple[Sight, ...]
    needed: tuple[str, ...]
    watched: tuple[Watched, ...] = ()


def blindness_object(told: Backtest) -> Object:
    """A backtest with its audit as JSON; see the head of this file."""
    return {
        **backtest_object(told.feed, told.rows),
        "source": told.source,
        "needed": list(told.needed),
        "audit": [_sight(one) for one in told.sights],
        "watched": [_watched(one) for one in told.watched],
    }


def _sight(one: Sight) -> Object:
    kinds = {"history": one.history, "reference": one.reference, "reconciliation": one.reconciliation}
    return {
        "segment": one.segment.as_dict(),
        "smallest_loss": {
            kind: {str(days): None if loss is None else round(loss, 4) for days, loss in seen.items()}
            for kind, seen in kinds.items()
        },
        "message": one.message,
    }


def _watched(one: Watched) -> Object:
    return {
        "check": one.check,
        "at_least": one.at_least,
        "alone": one.alone,
        "together": [
            {"segment": t.segment.as_dict(), "members": [m.as_dict() for m in t.members]} for t in one.together
        ],
    }


def print_backtest(told: Backtest, console: Console) -> None:
    """Print the scenarios, then the audit."""
    console.print(f"{clean(told.feed)}: losses planted in {clean(told.source)}", soft_wrap=True)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=min(console.width, _WIDEST))
    table.add_column("loss", ratio=1, overflow="fold")
    table.add_column("by")
    for name in ("found", "half in", "9 of 10", "÷ bound", "FA/year"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in told.rows:
        bound = row.bound_days
        table.add_row(
            f"{clean(segment_words(row.segment))} {100 * row.drop:g} %",
            row.evidence.value,
            f"{100 * row.detected:.0f} %",
            days_text(row.delay_p50),
            days_text(row.delay_p90),
            "–" if bound is None or row.delay_p50 is None else f"{row.delay_p50 / bound:.1f}",
            "–" if row.false_alarms_per_year is None else f"{row.false_alarms_per_year:.1f}",
        )
    console.print(table)
    console.print("calendar days; FA/year: false alarms a year without a loss", style="dim", soft_wrap=True)
    for line in told.needed:
        console.print(glyphs_of(console).plain(clean(line)), markup=False, soft_wrap=True)
    if told.sights:
        console.print()
        print_sights(told.sights, console)
    print_watched(told.watched, console)


def print_sights(sights: Sequence[Sight], console: Console) -> None:
    """Print the smallest loss that each segment would show within 30, 90 and 365 days."""
    console.print("What would go unseen: the smallest loss seen within 30 / 90 / 365 days", style="bold")
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, width=min(console.width, _WIDEST))
    table.add_column("who", ratio=1, overflow="fold")
    for name in ("own history", "reference", "reconciliation"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in sights:
        told = (losses_text(seen) for seen in (one.history, one.reference, one.reconciliation))
        table.add_row(clean(segment_words(one.segment)), *told)
    console.print(table)
    for one in sights:
        console.print(glyphs_of(console).plain(clean(one.message)), markup=False, soft_wrap=True)


def print_watched(watched: Sequence[Watched], console: Console) -> None:
    """Print which segments are too small to be watched by themselves, and as what they are watched together."""
    for one in watched:
        members = sum(len(t.members) for t in one.together)
        if not members:
            continue
        told = (
            f"{clean(one.check)}: {plural(members, 'segment')} of fewer than {one.at_least:g} persons a delivery "
            f"are judged together, {one.alone} alone"
        )
        console.print(told, markup=False, soft_wrap=True)
        for t in one.together:
            some = "; ".join(clean(segment_words(m)) for m in t.members[:_MOST_MEMBERS])
            more = f" and {len(t.members) - _MOST_MEMBERS} more" if len(t.members) > _MOST_MEMBERS else ""
            console.print(f"  as {clean(segment_words(t.segment))}: {some}{more}", markup=False, soft_wrap=True)


def losses_text(seen: Smallest) -> str:
    """Losses of one kind of evidence, `25 / 15 / 8 %`; below 3 % with a decimal."""
    return (
        " / ".join("–" if loss is None else f"{100 * loss:.{int(loss < _FINE)}f}" for loss in seen.values()) + " %"
    )


def days_text(days: float | None) -> str:
    """Days as a cell."""
    return "–" if days is None else f"{days:.0f} d"
