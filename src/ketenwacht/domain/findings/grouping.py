"""Which incidents speak for others, so that one problem is told once.

A containing segment that fails the same check speaks for what is in it; of several checks that see the same
shortfall in the same segment, the one with the strongest evidence speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ketenwacht.domain.finding import Finding, Nature
from ketenwacht.domain.result import STRENGTH

from .finding_set import FindingSet
from .reasons import Reason


def group(finding_set: FindingSet) -> None:
    """Give every active incident the one that speaks for it, or take away one that no longer does."""
    active = [incident for incident in finding_set.walk() if incident.active]
    speakers = {incident.id: _speaker(incident, active) for incident in active}
    for incident in active:
        parent = speakers[incident.id]
        while parent is not None and speakers[parent] is not None:  # every step is wider, or stronger
            parent = speakers[parent]
        if parent == incident.parent:
            continue
        reason = Reason.GROUPED if parent is not None else Reason.UNGROUPED
        finding_set.record(
            incident.state, replace(incident, parent=parent), reason, parent or incident.parent or ""
        )


def _speaker(incident: Finding, active: Sequence[Finding]) -> str | None:
    found = [other for other in active if _contains(other, incident) or _knows_better(other, incident)]
    best = min(found, key=_width, default=None)
    return best.id if best is not None else None


def _contains(other: Finding, incident: Finding) -> bool:
    ours, theirs = incident.fingerprint, other.fingerprint
    wider = len(theirs.segment.pairs) < len(ours.segment.pairs) and theirs.segment.contains(ours.segment)
    return wider and theirs.check == ours.check and _as_bad(other, incident)


def _knows_better(other: Finding, incident: Finding) -> bool:
    if incident.nature is not Nature.FAILED or incident.fingerprint.segment != other.fingerprint.segment:
        return False
    if incident.missing is None or other.missing is None:
        return False
    same_way = (incident.missing.value < 0) == (other.missing.value < 0)
    stronger = STRENGTH.index(other.evidence) < STRENGTH.index(incident.evidence)
    # a number that lies within the weaker one's interval explains it, though it may be a step less severe
    explains = incident.missing.low <= other.missing.value <= incident.missing.high
    alike = other.nature is incident.nature
    return same_way and stronger and alike and (explains or other.severity >= incident.severity)


def _as_bad(other: Finding, incident: Finding) -> bool:
    return other.nature is incident.nature and other.severity >= incident.severity


def _width(incident: Finding) -> tuple[int, int, str]:
    return len(incident.fingerprint.segment.pairs), STRENGTH.index(incident.evidence), incident.id
