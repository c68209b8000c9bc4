"""Findings of a report: number them, order them, and add up missing persons without counting anybody twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from ketenwacht.domain.findings.finding import Finding, Fingerprint, State
from ketenwacht.domain.incidents import KnownOnset, attribute
from ketenwacht.domain.result import STRENGTH, Evidence
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount

from .formatter import MessageFormatter

LIVE = frozenset({State.OPEN, State.ACKNOWLEDGED})
_ORDER = (State.OPEN, State.ACKNOWLEDGED, State.RESOLVED, State.CLOSED)
_RANK = {evidence: place for place, evidence in enumerate(STRENGTH)}


@dataclass(frozen=True, slots=True)
class ReportFinding:
    """One incident as a finding.

    Attributes:
        number: 1 for what was found first; the same number everywhere in a report.
        incident: the incident itself.
        found: the local day on which it was opened.
        ended: the local day on which it was resolved, None while it lives.
        began: when the loss began: known from outside, else estimated; None when it is not about missing persons.
        began_known: whether `began` is known rather than estimated.
    """

    number: int
    incident: Finding
    found: date
    ended: date | None
    began: date | None
    began_known: bool

    @property
    def segment(self) -> Segment:
        """The segment of the feed."""
        return self.incident.fingerprint.segment

    @property
    def evidence(self) -> Evidence:
        """The evidence for it."""
        return self.incident.evidence

    @property
    def live(self) -> bool:
        """Whether it still needs action."""
        return self.incident.state in LIVE

    @property
    def days(self) -> int | None:
        """Calendar days from the onset until it was found; None without one, or if it was re-estimated since."""
        if self.began is None or (not self.began_known and self.began > self.found):
            return None
        return max(0, (self.found - self.began).days)


def number_findings(
    incidents: Iterable[Finding], onsets: Sequence[KnownOnset] = (), zone: tzinfo = UTC
) -> tuple[ReportFinding, ...]:
    """Return every incident as a numbered finding, in the order in which they were found."""
    ordered = sorted(incidents, key=lambda i: (i.opened_at, _RANK[i.evidence], i.fingerprint))
    return tuple(_finding(number, incident, onsets, zone) for number, incident in enumerate(ordered, start=1))


def sort_by_urgency(incidents: Iterable[Finding]) -> list[Finding]:
    """Return the incidents that need action first, the worst before the others."""

    def rank(one: Finding) -> tuple[float | datetime | Fingerprint, ...]:
        missing = 0.0 if one.missing is None else abs(one.missing.value)
        return (_ORDER.index(one.state), -one.severity, -missing, one.opened_at, one.fingerprint)

    return sorted(incidents, key=rank)


def is_loss(finding: ReportFinding) -> bool:
    """Tell whether it is about persons who should have arrived and did not."""
    return finding.incident.missing is not None and finding.incident.missing.value > 0


def describe_delay(finding: ReportFinding, formatter: MessageFormatter) -> str:
    """Return how long it took: `15 days`, `about 38 days` from an estimated onset, nothing without one."""
    if finding.days is None:
        return ""
    days = Amount(finding.days)
    return formatter.label("finding.days" if finding.began_known else "finding.about_days", days=days)


def _finding(number: int, incident: Finding, onsets: Sequence[KnownOnset], zone: tzinfo) -> ReportFinding:
    found = incident.opened_at.astimezone(zone).date()
    ended = None if incident.resolved_at is None else incident.resolved_at.astimezone(zone).date()
    if incident.missing is None:
        return ReportFinding(number, incident, found, ended, None, began_known=False)
    known = attribute(incident, onsets)
    if known is None:
        return ReportFinding(number, incident, found, ended, incident.missing.since, began_known=False)
    return ReportFinding(number, incident, found, ended, known.day, began_known=True)
