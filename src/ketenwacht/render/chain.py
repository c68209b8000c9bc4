"""The chain: how many came to each hop, and how many of them no stated reason explains at the next, added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ketenwacht.domain.privacy import shown_missing
from ketenwacht.domain.result import CheckResult, Run
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.status import Status

from .words import clean, day, segment_words


@dataclass(frozen=True, slots=True)
class Cell:
    """One hop of one part of the feed.

    Attributes:
        status: the verdict; None: nothing is known of this part at this hop.
        unexplained: persons who came to the hop before and are not explained, in tens, `<10` or `0`.
        came: persons who came to the hop before, in tens: an exact number would give away one that is hidden.
        since: since when, empty when everybody is explained.
        said: why nothing is known; empty: it is.
    """

    status: Status | None
    unexplained: str = ""
    came: str = ""
    since: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """The account of one chain, as it stands after the newest delivery that was judged by it.

    Attributes:
        check: that keeps the account.
        hops: all of them, in the order in which persons pass them; one that nobody was counted at says so.
        columns: the hops that are held against the last one before them.
        until: period of that delivery.
        rows: the whole feed first: its name, and a cell a column.
    """

    check: str
    hops: tuple[str, ...]
    columns: tuple[str, ...]
    until: date
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def chains(runs: Sequence[Run], hops: Mapping[str, tuple[str, ...]]) -> tuple[Chain, ...]:
    """The chain of each conservation check.

    Args:
        runs: in order of judging.
        hops: the names of its hops, by the name of the check.
    """
    found = (_chain(runs, check, names) for check, names in hops.items())
    return tuple(chain for chain in found if chain is not None)


def _chain(runs: Sequence[Run], check: str, hops: tuple[str, ...]) -> Chain | None:
    for run in reversed(runs):
        said = {(r.check, r.segment): r for r in run.results if r.check.startswith(f"{check}.")}
        if any(result.observed is not None for result in said.values()):
            compared = {name for (name, _), result in said.items() if result.observed is not None}
            silent = {name for name, _ in said} - compared
            columns = [hop for hop in hops if f"{check}.{hop}" in compared]
            segments = sorted({segment for _, segment in said} - {WHOLE})
            rows = tuple(
                (segment_words(segment), tuple(_cell(said, f"{check}.{hop}", segment) for hop in columns))
                for segment in (WHOLE, *segments)
            )
            named = [f"{clean(hop)} (not counted)" if f"{check}.{hop}" in silent else clean(hop) for hop in hops]
            return Chain(clean(check), tuple(named), tuple(map(clean, columns)), run.delivery.period, rows)
    return None


def _cell(said: Mapping[tuple[str, Segment], CheckResult], check: str, segment: Segment) -> Cell:
    result = said.get((check, segment))
    band = result.expected if result is not None else None
    if result is None or result.observed is None or band is None or band.low is None or band.high is None:
        return Cell(None, said="not counted by this")
    came = (band.low + band.high) / 2  # what is tolerated lies on both sides of it
    lost = result.missing.value if result.missing is not None else max(came - result.observed, 0.0)
    since = day(result.missing.since) if result.missing is not None else ""
    return Cell(result.status, shown_missing(lost), shown_missing(came), since)
