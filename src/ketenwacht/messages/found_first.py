"""The share of missing persons first found by an inquiry: the measure of success, which must fall to zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import Protocol

from ketenwacht.domain.evidence import InquiryCount
from ketenwacht.domain.findings.finding import Finding, Nature
from ketenwacht.domain.incidents import KnownOnset, common_segment, count_missing, is_proof
from ketenwacht.domain.result import Evidence, Missing
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Persons

from .findings import ReportFinding, number_findings
from .formatter import MessageFormatter
from .privacy import Shown

_CONFIRMED = "should_have_been_sent"
_ONE = 0.5  # less than this is nobody

Peaks = Mapping[str, float]
"""Id of an incident → the most persons that it ever reported missing."""


@dataclass(frozen=True, slots=True)
class FoundFirst:
    """Persons by the evidence that found them first.

    Attributes:
        by_inquiry: persons that an inquiry found before any other evidence did.
        by_us: persons that any other evidence found first.
    """

    by_inquiry: float
    by_us: float

    @property
    def share(self) -> float | None:
        """The share first found by an inquiry (fraction 0–1), None when nobody was missing. It must fall to 0."""
        whole = self.by_inquiry + self.by_us
        return self.by_inquiry / whole if whole > 0 else None


@dataclass(frozen=True, slots=True)
class FoundFirstView:
    """The yardstick for showing.

    Attributes:
        by_inquiry: persons that an inquiry found first.
        by_us: persons that any other evidence found first.
        share: first found by an inquiry (fraction 0–1); None when nobody was missing.
        sentence: both numbers in words.
    """

    by_inquiry: Shown
    by_us: Shown
    share: Shown | None
    sentence: str


def view_found_first(first: FoundFirst, formatter: MessageFormatter) -> FoundFirstView:
    """Return the share as it may be shown."""
    whole = first.by_inquiry + first.by_us
    nobody = first.share is None
    return FoundFirstView(
        by_inquiry=formatter.privacy.count(first.by_inquiry),
        by_us=formatter.privacy.count(first.by_us),
        share=None if nobody else formatter.privacy.share(first.by_inquiry, whole),
        sentence=formatter.label("yardstick.nobody")
        if nobody
        else formatter.label("yardstick.found", by_us=Persons(first.by_us), by_inquiry=Persons(first.by_inquiry)),
    )


class FindingsPeriod(Protocol):
    """A period of a feed with its findings."""

    @property
    def incidents(self) -> Sequence[Finding]:
        """Every incident of it."""
        ...

    @property
    def onsets(self) -> Sequence[KnownOnset]:
        """When losses really began, where that is known."""
        ...

    @property
    def zone(self) -> tzinfo:
        """The time zone of calendar days."""
        ...

    @property
    def peaks(self) -> Peaks:
        """The most persons that each incident ever said were missing."""
        ...

    @property
    def inquiries(self) -> Sequence[InquiryCount]:
        """All that are known."""
        ...


def sum_found_first(
    found: Sequence[ReportFinding], *, peaks: Peaks | None = None, inquiries: Sequence[InquiryCount] = ()
) -> FoundFirst:
    """Add up who found missing persons first: each loss counts once, at its largest, for its earliest evidence.

    An inquiry is evidence of a loss that had begun by then, also without an estimate of its own. When inquiries
    are the only evidence, the persons that they confirmed count.

    Args:
        found: every finding.
        peaks: the largest number of each incident; None: the current number, which shrinks as a loss is made good.
        inquiries: all that are known.
    """
    asked = [f for f in found if f.evidence is Evidence.INQUIRY and f.incident.nature is not Nature.WARNED]
    losses = _list_losses(found, peaks or {})
    by_inquiry = by_us = 0.0
    for loss in losses:
        about = [f for f in found if (is_proof(f.incident) or f in asked) and _speaks_of(f, loss)]
        first = min(about, key=lambda f: f.number, default=None)
        if first is not None and first.evidence is Evidence.INQUIRY:
            by_inquiry += loss.persons
        else:
            by_us += loss.persons
    if not losses and asked:
        by_inquiry = float(sum(one.count for one in inquiries if one.outcome == _CONFIRMED))
    return FoundFirst(by_inquiry, by_us)


@dataclass(frozen=True, slots=True)
class _Loss:
    """Persons who went missing from one segment, and the first day on which they did."""

    segment: Segment
    persons: float
    began: date


def _list_losses(found: Sequence[ReportFinding], peaks: Peaks) -> list[_Loss]:
    """Return the parts of the number of missing persons that every surface shows, and the rest of it."""
    largest = [_at_most(finding.incident, peaks.get(finding.incident.id, 0.0)) for finding in found]
    number = count_missing(largest)
    if number is None:
        return []
    known = {f.segment: f.began for f in found if f.began is not None and f.began_known}
    losses = [
        _Loss(part.segment, part.value, min(part.since, known.get(part.segment, part.since)))
        for part in number.parts
    ]
    rest = number.value - sum(loss.persons for loss in losses)
    within = common_segment(one.fingerprint.segment for one in largest if is_proof(one)) if not losses else WHOLE
    return losses if rest < _ONE else [*losses, _Loss(within, rest, min([number.since, *known.values()]))]


def _at_most(finding: Finding, peak: float) -> Finding:
    """Return a finding with the most persons that it ever said were missing."""
    missing = finding.missing
    if missing is None or peak <= missing.value:
        return finding
    return replace(finding, missing=Missing(missing.since, peak, peak, peak))


def measure_found_first(told: FindingsPeriod) -> FoundFirst:
    """Count who was found first, in a report or a replay."""
    found = number_findings(told.incidents, told.onsets, told.zone)
    return sum_found_first(found, peaks=told.peaks, inquiries=told.inquiries)


def _speaks_of(finding: ReportFinding, loss: _Loss) -> bool:
    """Tell whether a finding is about persons of a loss, and not of an earlier loss."""
    same = finding.segment.contains(loss.segment) or loss.segment.contains(finding.segment)
    return same and finding.found >= loss.began
