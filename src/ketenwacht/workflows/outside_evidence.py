"""Add outside evidence and declared days by hand: each with who, when and why, and never twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.delivery import FIRST_DAY, LAST_DAY
from ketenwacht.domain.evidence import InquiryCount, ReferenceFigure
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.errors import ConfigError
from ketenwacht.messages.findings import number_findings
from ketenwacht.messages.found_first import FoundFirst, sum_found_first
from ketenwacht.store import History
from ketenwacht.workflows.agreements import load_guard

from .project import LoadedProject

T = TypeVar("T", ReferenceFigure, InquiryCount)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result of importing a file.

    Attributes:
        feed: of which feed.
        rows: figures in the file.
        new: figures that the history did not hold, restatements included.
    """

    feed: str
    rows: int
    new: int


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who adds something, why, and when (UTC)."""

    who: str
    why: str
    at: datetime

    def __post_init__(self) -> None:
        if not self.why.strip():
            raise ConfigError("--why", "it is empty", "say why, for those who read it later")


def import_references(
    project: LoadedProject, feed: str | None, path: Path, attribution: Attribution, *, hop: str | None = None
) -> ImportResult:
    """Save the published figures in a file; a restated figure becomes a new version.

    Args:
        project: the configuration.
        feed: name of the feed; None: the only one.
        path: the CSV.
        attribution: who brings it in, why and when.
        hop: the hop of the chain at which it counts; None: figures of outsiders.

    Raises:
        ConfigError: the file is not what it must be: nothing of it is kept.
        StoreError: the history cannot be written.
    """
    from ketenwacht.sources import read_hop_counts, read_references  # noqa: PLC0415 - only who imports reads files

    named = project.feed(feed)
    dimensions, guard = named.dimensions, load_guard(project, named)
    read = (
        read_references(path, dimensions=dimensions, guard=guard)
        if hop is None
        else read_hop_counts(path, hop, dimensions=dimensions, guard=guard)
    )
    figures = _require_rows(read, path)
    with project.history() as history:
        new = history.evidence.add_references(
            named.name, figures, who=attribution.who, why=attribution.why, at=attribution.at
        )
    return ImportResult(named.name, len(figures), new)


def import_inquiries(
    project: LoadedProject, feed: str | None, path: Path, attribution: Attribution
) -> ImportResult:
    """Save the inquiries in a file, counted by day, segment and outcome.

    Raises:
        ConfigError: the file is not what it must be, or seems to hold persons: nothing of it is kept.
        StoreError: the history cannot be written.
    """
    from ketenwacht.sources import read_inquiries  # noqa: PLC0415 - see above

    named = project.feed(feed)
    counts = _require_rows(
        read_inquiries(path, dimensions=named.dimensions, guard=load_guard(project, named)), path
    )
    with project.history() as history:
        new = history.evidence.add_inquiries(
            named.name, counts, who=attribution.who, why=attribution.why, at=attribution.at
        )
    return ImportResult(named.name, len(counts), new)


def _require_rows(rows: Sequence[T], path: Path) -> Sequence[T]:
    if not rows:
        raise ConfigError(str(path), "holds a header and no row", "give a file with at least one row")
    return rows


def count_found_first(project: LoadedProject, history: History, feed: str) -> FoundFirst:
    """Count the missing persons first found by an inquiry, and those first found by a check."""
    found = number_findings(history.findings.find(feed, closed=True), zone=project.zone)
    return sum_found_first(
        found,
        peaks=history.findings.find_peaks(feed),
        inquiries=history.evidence.find_inquiries(feed, known_on=None),
    )


def declare_exclusion(
    project: LoadedProject, feed: str | None, window: ExclusionWindow, attribution: Attribution
) -> bool:
    """Save a period that says nothing about the normal level.

    Returns:
        False when the very same was declared before.

    Raises:
        ConfigError: its days or its segment cannot be.
        StoreError: the history cannot be written.
    """
    named = project.feed(feed)
    if window.last < window.first:
        raise ConfigError("--to", "is before --from", "both days belong to the stretch; swap them")
    if window.first < FIRST_DAY or window.last > LAST_DAY:
        where = "--from" if window.first < FIRST_DAY else "--to"
        raise ConfigError(where, "is no day from 1970 to 2100", "mend the year")
    strange = [name for name in window.segment.dimensions if name not in named.dimensions]
    if strange:
        known = ", ".join(named.dimensions) or "none: leave --segment out"
        raise ConfigError("--segment", f"the feed is not counted by `{strange[0]}`", f"use one of: {known}")
    with project.history() as history:
        return history.exclusions.add(named.name, window, at=attribution.at)


def list_exclusions(project: LoadedProject, feed: Feed, history: History) -> tuple[ExclusionWindow, ...]:
    """Return every exclusion window, of the checks file and declared by hand, by first day."""
    return tuple(
        sorted(
            (*load_rules(feed, project.root).exclusions, *history.exclusions.find(feed.name)),
            key=lambda m: (m.first, m.last),
        )
    )
