"""Compare a replay with the truth: did it find everything that was planted?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ketenwacht.domain.findings.finding import Finding
from ketenwacht.domain.incidents import KnownOnset
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Persons
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.texts.labels import EVIDENCE_WORD
from ketenwacht.messages.views import segment_text

_EXACT = Evidence.RECONCILIATION
_SLACK = 0.02  # fraction of those planted; the register of the last week may hold some who are not late yet


@dataclass(frozen=True, slots=True)
class PlantedGroup:
    """Persons who were left out of the feed on purpose, and the incident that found them.

    Attributes:
        segment: which part of the feed.
        count: persons.
        first: the first day on which one of them should have been delivered.
        found: the first incident about this segment, None when there is none.
    """

    segment: Segment
    count: int
    first: date
    found: Finding | None

    @property
    def estimate(self) -> float:
        """Missing persons by the incident; 0 without one."""
        return self.found.missing.value if self.found is not None and self.found.missing is not None else 0.0

    @property
    def found_all(self) -> bool:
        """Whether the incident counts them all: a register is exact, except for those whose SLA still runs."""
        return abs(self.estimate - self.count) <= _SLACK * self.count


def describe_planted(one: PlantedGroup, formatter: MessageFormatter) -> str:
    """Return how many were left out of which part, and what found how many of them when."""
    where, count = segment_text(one.segment, formatter), Persons(one.count)
    if one.found is None:
        return formatter.label("demo.not_found", segment=where, count=count)
    return formatter.label(
        "demo.found",
        segment=where,
        count=count,
        found=Persons(one.estimate),
        evidence=EVIDENCE_WORD[one.found.evidence][formatter.language],
        day=formatter.short_day(one.found.opened_at.astimezone(formatter.zone).date()),
    )


def match_planted(truth: Path, incidents: tuple[Finding, ...]) -> tuple[PlantedGroup, ...]:
    """Return what `truth.json` says was left out, each with the first incident about it."""
    content: Mapping[str, Any] = json.loads(truth.read_text(encoding="utf-8"))
    return tuple(
        PlantedGroup(
            segment := Segment.of(one["segment"]),
            one["count"],
            date.fromisoformat(one["from"]),
            next(_incidents_about(segment, incidents), None),
        )
        for one in content["missing"]
    )


def onsets(found: tuple[PlantedGroup, ...]) -> tuple[KnownOnset, ...]:
    """Return the days on which the losses began, for a report that shows the truth."""
    return tuple(KnownOnset(one.segment, one.first, one.count) for one in found)


def _incidents_about(segment: Segment, incidents: tuple[Finding, ...]) -> Iterator[Finding]:
    """Yield the incidents that count missing persons of this very segment, exact evidence first, then by date."""
    hits = [i for i in incidents if i.fingerprint.segment == segment and i.missing is not None]
    yield from sorted(hits, key=lambda i: (i.evidence is not _EXACT, i.opened_at))
