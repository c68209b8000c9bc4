"""The yardstick: how many of the missing were first found because somebody asked. It must fall to nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ketenwacht.domain.evidence import InquiryCount
from ketenwacht.domain.incident import Nature
from ketenwacht.domain.privacy import shown_missing
from ketenwacht.domain.result import Evidence

from .data import Replay, ReportData
from .findings import Finding, findings, strongest

_CONFIRMED = "should_have_been_sent"
NOBODY = "Nobody was found missing, by us or by an inquiry."

Peaks = Mapping[str, float]
"""Id of an incident → the most persons that it ever said were missing; one that never said so is not in it."""


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

    @property
    def sentence(self) -> str:
        """In words, for people."""
        if self.share is None:
            return NOBODY
        by_us, asked = (shown_missing(persons) for persons in (self.by_us, self.by_inquiry))
        return f"{by_us} persons found before anybody asked, {asked} first found by an inquiry."


def found_first(
    found: Sequence[Finding], *, peaks: Peaks | None = None, inquiries: Sequence[InquiryCount] = ()
) -> FoundFirst:
    """Who found the missing first: each loss counts once, at its largest, for whatever spoke of it earliest.

    An inquiry's finding speaks of a loss that had begun by then, also without an estimate of its own. Where
    nothing but inquiries ever spoke, the persons they confirmed are counted.

    Args:
        found: every finding.
        peaks: the most that each incident ever said; None: what is said now, which shrinks as a loss is made good.
        inquiries: all that are known.
    """
    most = peaks or {}

    def persons(finding: Finding) -> float:
        now = finding.incident.missing
        return max(most.get(finding.incident.id, 0.0), 0.0 if now is None else now.value)

    losses = strongest(found, persons)
    asked = [f for f in found if f.evidence is Evidence.INQUIRY and f.incident.nature is not Nature.WARNED]
    by_inquiry = by_us = 0.0
    for loss in losses:
        about = [f for f in found if (persons(f) > 0.0 or f in asked) and _speaks_of(f, loss)]
        first = min((loss, *about), key=lambda f: f.number)
        if first.evidence is Evidence.INQUIRY:
            by_inquiry += persons(loss)
        else:
            by_us += persons(loss)
    if not losses and asked:
        by_inquiry = float(sum(one.count for one in inquiries if one.outcome == _CONFIRMED))
    return FoundFirst(by_inquiry, by_us)


def yardstick_of(told: ReportData | Replay) -> FoundFirst:
    """The yardstick of all that a report or a replay tells."""
    inquiries = told.known.inquiries if isinstance(told, ReportData) else told.inquiries
    found = findings(told.incidents, told.onsets, told.zone)
    return found_first(found, peaks=told.peaks, inquiries=inquiries)


def _speaks_of(finding: Finding, loss: Finding) -> bool:
    """Whether a finding is about persons of a loss, and not of one that was over before."""
    same = finding.segment.contains(loss.segment) or loss.segment.contains(finding.segment)
    return same and (loss.began is None or finding.found >= loss.began)
