"""Estimate how many persons no list holds, and keep how the lists overlap: counts only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from pathlib import Path

from ketenwacht.domain.evidence import UNDERCOVERAGE, ReferenceFigure
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.personal_values import shown_text
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.stats.undercoverage import (
    MOST_LISTS,
    CaptureHistory,
    Undercoverage,
    add_up,
    estimate_unseen,
)
from ketenwacht.errors import ConfigError
from ketenwacht.reconcile.captures import count_captures
from ketenwacht.store import History


@dataclass(frozen=True, slots=True)
class OverlapEstimate:
    """How lists overlap, and whom none of them holds.

    Attributes:
        lists: names, in order.
        counts: segment → capture history → persons.
        parts: segment → estimate; None: the lists overlap too little there.
        total: of all segments together; None: one of them has no estimate.
    """

    lists: tuple[str, ...]
    counts: Mapping[Segment, Mapping[CaptureHistory, int]]
    parts: Mapping[Segment, Undercoverage | None]
    total: Undercoverage | None


def estimate_overlap(
    lists: Mapping[str, Path],
    *,
    key: str,
    segments: tuple[str, ...],
    linkage_error: float,
    guard: Guard | None = None,
) -> OverlapEstimate:
    """Count how lists overlap, and estimate whom none of them holds.

    Args:
        lists: name → a file that `pseudonymise` wrote.
        key: the column of the pseudonym.
        segments: columns to count by.
        linkage_error: fraction of the true links between two lists that are missed, 0–0.2.
        guard: withholds values that may be of a person; None: that of a feed of which nothing is agreed.

    Raises:
        ConfigError: too few or too many lists, or one of them cannot be used.
        UnreadableDelivery: a list cannot be parsed.
    """
    if not 2 <= len(lists) <= MOST_LISTS:  # noqa: PLR2004 - an overlap is of two
        raise ConfigError("--list", f"{len(lists)} lists", f"give 2 to {MOST_LISTS}, each as NAME=FILE")
    if not 0.0 <= linkage_error <= 0.2:  # noqa: PLR2004 - more is no link at all
        raise ConfigError("--linkage-error", f"{linkage_error:g}", "give a fraction from 0 to 0.2")
    for name in lists:
        if not name or "+" in name or shown_text(name) != name:
            raise ConfigError("--list", "the name of a list", "use a short word without '+'")
    counts = count_captures(lists, key=key, segments=segments, guard=guard or Guard())
    parts = {one: estimate_unseen(found, linkage_error=linkage_error) for one, found in sorted(counts.items())}
    known = [one for one in parts.values() if one is not None]
    total = add_up(known) if known and len(known) == len(parts) else None
    return OverlapEstimate(tuple(lists), counts, parts, total)


def keep_overlap(  # noqa: PLR0913 - what, of which day, and who, why and when
    history: History,
    feed: str,
    found: OverlapEstimate,
    *,
    day: date,
    linkage_error: float,
    who: str,
    why: str,
    at: datetime,
) -> int:
    """Keep how lists overlap for `kind: undercoverage`; return how many counts are new.

    Raises:
        StoreError: the history cannot be written; nothing is written.
    """
    figures = [
        ReferenceFigure(
            segment,
            day,
            day,
            float(persons),
            linkage_error,
            day,
            "+".join(found.lists),
            hop=UNDERCOVERAGE,
            reason="".join("1" if inside else "0" for inside in held),
        )
        for segment, counts in found.counts.items()
        for held in product((False, True), repeat=len(found.lists))
        if any(held)  # in none of the lists: whom the estimate is about
        for persons in (counts.get(held, 0),)  # a count that fell to 0 is written too
    ]
    return history.evidence.add_references(feed, figures, who=who, why=why, at=at)
