"""Holding a replay against the truth: was everything found that had been planted?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ketenwacht.domain.findings.finding import Finding
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Persons
from ketenwacht.messages.findings import KnownOnset
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
        """Persons missing by the incident; 0 without one."""
        return self.found.missing.value if self.found is not None and self.found.missing is not None else 0.0

    @property
    def found_all(self) -> bool:
        """Whether the incident tells of them all: a register counts exactly, up to those whose SLA still ran."""
        return abs(self.estimate - self.count) <= _SLACK * self.count


def planted_text(one: PlantedGroup, formatter: MessageFormatter) -> str:
    """How many were left out of which part, and what was found of them by what and when."""
    where, count = segment_text(one.segment, formatter), Persons(one.count)
    if one.found is None:
        return formatter.label("demo.not_found", segment=where, count=count)
    return formatter.label(
        "demo.found",
        segment=where,
        count=count,
        found=Persons(one.estimate),
        evidence=EVIDENCE_WORD[one.found.evidence][formatter.language],
        day=formatter.short_day(one.found.opened_at.date()),
    )


def planted(truth: Path, incidents: tuple[Finding, ...]) -> tuple[PlantedGroup, ...]:
    """What `truth.json` says was left out, each with the first incident that told of it."""
    told: Mapping[str, Any] = json.loads(truth.read_text(encoding="utf-8"))
    return tuple(
        PlantedGroup(
            segment := Segment.of(one["segment"]),
            one["count"],
            date.fromisoformat(one["from"]),
            next(_about(segment, incidents), None),
        )
        for one in told["missing"]
    )


def onsets(found: tuple[PlantedGroup, ...]) -> tuple[KnownOnset, ...]:
    """The days on which the losses began, for a report that knows the truth."""
    return tuple(KnownOnset(one.segment, one.first, one.count) for one in found)


def _about(segment: Segment, incidents: tuple[Finding, ...]) -> Iterator[Finding]:
    """Incidents with a count of missing persons of this very segment, exact evidence first, then by date."""
    hits = [i for i in incidents if i.fingerprint.segment == segment and i.missing is not None]
    yield from sorted(hits, key=lambda i: (i.evidence is not _EXACT, i.opened_at))
