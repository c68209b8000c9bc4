"""Put an incident together from its findings: nature, one number, causes, state and severity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from ketenwacht.domain.findings.finding import Finding, Nature, Severity, State
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import WHOLE, Segment

from .grouping import are_siblings, group_incidents
from .incident import (
    Cause,
    Incident,
    IncidentNature,
    IncidentState,
    KnownIncident,
    MissingPersons,
)
from .missing import count_missing
from .natures import by_strength, is_anchor, is_cause, is_proof, nature_of, stated_since, watermark_of

STOPPED_AFTER = timedelta(days=14)
"""A loss stopped growing when its causes ended and no later delivery made it larger for this time."""

_HEAD: Sequence[IncidentNature] = (
    IncidentNature.PRIVACY,
    IncidentNature.SCHEMA,
    IncidentNature.UNREADABLE,
    IncidentNature.LATE,
    IncidentNature.MISSING,
    IncidentNature.SURPLUS,
    IncidentNature.BROKEN_RULE,
    IncidentNature.CANNOT_JUDGE,
)
"""What an incident is about, when its findings are about several things: the first of these."""


def assemble(known: KnownIncident, findings: Iterable[Finding], policy: Policy) -> Incident:
    """Return the incident that these findings make; at least one finding is needed.

    Args:
        known: its number, and what people did.
        findings: all of its findings, closed ones too.
        policy: the limits of severity.
    """
    ordered = tuple(sorted({finding.id: finding for finding in findings}.values(), key=by_strength))
    live = tuple(finding for finding in ordered if finding.active)
    basis = live or ordered
    nature = _nature(basis)
    recoded = nature is IncidentNature.MISSING and is_recoded(basis)
    missing = count_missing(basis) if nature is IncidentNature.MISSING and not recoded else None
    causes = _list_causes(ordered)
    stopped = _find_stop(live, causes, missing)
    counted = [finding for finding in basis if is_proof(finding)] if missing is not None else list(basis)
    return Incident(
        number=known.number,
        feed=known.feed,
        nature=nature,
        state=_state(known, ordered, live, stopped),
        severity=_severity(basis, missing, policy),
        findings=ordered,
        opened_at=min(finding.opened_at for finding in ordered),
        since=missing.since if missing is not None else min(stated_since(finding) for finding in basis),
        missing=missing,
        causes=causes,
        search=known.search,
        not_fitting=tuple(finding for finding in ordered if _contradicts(finding, nature)) if not recoded else (),
        segment=common_segment(finding.fingerprint.segment for finding in counted),
        resolved_at=None if live else _find_end(ordered),
        recoded=recoded,
        stopped_on=stopped,
        owner=known.owner,
        acknowledged_at=known.acknowledged_at,
        snooze=known.snooze,
        merged_into=known.merged_into,
    )


def assemble_all(
    known: Iterable[KnownIncident], members: Mapping[int, Sequence[Finding]], policy: Policy
) -> tuple[Incident, ...]:
    """Return every incident that has a finding, by number; those that are continued in another have none."""
    found = [one for one in known if members.get(one.number)]
    return tuple(assemble(one, members[one.number], policy) for one in sorted(found, key=lambda one: one.number))


def assemble_findings(findings: Iterable[Finding], policy: Policy | None = None) -> tuple[Incident, ...]:
    """Return the incidents that findings of one feed make by themselves, without what a history knows.

    Their numbers count from 1 and mean nothing elsewhere. Splits and merges by hand are not known here; they move
    findings between incidents and change no total.
    """
    found = {finding.id: finding for finding in findings}
    grouping = group_incidents(found.values())
    members = {number: [found[name] for name in names] for number, names in grouping.members.items()}
    return assemble_all(grouping.incidents, members, policy if policy is not None else Policy())


def count_live(findings: Iterable[Finding], within: Segment = WHOLE) -> MissingPersons | None:
    """Return how many persons are missing from a feed now, from its findings alone; see `count_feed`."""
    return count_feed(assemble_findings(findings), within)


def count_feed(incidents: Iterable[Incident], within: Segment = WHOLE) -> MissingPersons | None:
    """Return how many persons are missing from a feed now: the number of its live incidents of missing persons.

    Persons that two incidents see in two dimensions count once, and the number is never more than those of the
    incidents together.

    Args:
        incidents: of one feed; those that are over, or about something else, do not count.
        within: the segment to count in.
    """
    counting = [one for one in incidents if one.active and one.missing is not None]
    found = [[finding for finding in one.fitting if finding.active] for one in counting]
    total = count_missing((finding for each in found for finding in each), within=within)
    each = [number for one in found if (number := count_missing(one, within=within)) is not None]
    if total is None or total.value <= sum(number.value for number in each):
        return total
    low, value, high = (sum(getattr(number, side) for number in each) for side in ("low", "value", "high"))
    fits = sum(part.value for part in total.parts) <= value and sum(part.high for part in total.parts) <= high
    fits = fits and sum(part.low for part in total.parts) <= low
    return replace(total, low=low, value=value, high=high, parts=total.parts if fits else ())


def is_recoded(findings: Sequence[Finding]) -> bool:
    """Return whether a shortfall and a surplus in sibling segments cancel out while the whole is normal.

    Only weak evidence is taken to be recoded: a register or a control total counts persons.
    """
    short = [one for one in findings if is_anchor(one)]
    many = [one for one in findings if nature_of(one) is IncidentNature.SURPLUS and one.nature is Nature.FAILED]
    exact = {Evidence.RECONCILIATION, Evidence.CONTROL_TOTAL}
    whole = any(is_proof(one) and not one.fingerprint.segment.pairs for one in findings)
    if not short or not many or whole or any(one.evidence in exact for one in short):
        return False
    if not all(any(are_siblings(one, other) for other in many) for one in short):
        return False
    low = sum(one.missing.low for one in (*short, *many) if one.missing is not None)
    high = sum(one.missing.high for one in (*short, *many) if one.missing is not None)
    return low <= 0.0 <= high


def common_segment(segments: Iterable[Segment]) -> Segment:
    """Return the smallest segment that contains all of these; the whole feed when there is none."""
    found = list(segments)
    if not found:
        return WHOLE
    shared = set.intersection(*(set(segment.pairs) for segment in found))
    return Segment(tuple(pair for pair in found[0].pairs if pair in shared))


def _nature(findings: Sequence[Finding]) -> IncidentNature:
    natures = {nature_of(finding) for finding in findings if finding.nature is not Nature.WARNED} or {
        nature_of(finding) for finding in findings
    }
    return next(nature for nature in _HEAD if nature in natures)


def _contradicts(finding: Finding, nature: IncidentNature) -> bool:
    return nature is IncidentNature.MISSING and nature_of(finding) is IncidentNature.SURPLUS


def _list_causes(findings: Sequence[Finding]) -> tuple[Cause, ...]:
    causes = [
        Cause(
            finding.said.code,
            finding.fingerprint.segment,
            stated_since(finding),
            ended=not finding.active,
            finding=finding.id,
        )
        for finding in findings
        if is_cause(finding)
    ]
    return tuple(sorted(causes, key=lambda cause: (cause.since, cause.segment, cause.code, cause.finding)))


def _find_stop(live: Sequence[Finding], causes: Sequence[Cause], missing: MissingPersons | None) -> date | None:
    """Return since when nobody more goes missing; None while the loss grows, or that is not known.

    That needs evidence: every cause ended, or the trail of the number tells when it last grew; and since then
    deliveries were counted for `STOPPED_AFTER` that did not make it larger.
    """
    if missing is None or any(not cause.ended for cause in causes):
        return None
    proofs = [one for one in live if is_proof(one) and one.evidence is missing.evidence and one.trail]
    if not proofs:
        return None
    grew = max(_last_growth(one) for one in proofs)
    counted = min(watermark_of(one) for one in proofs)
    return grew if counted - grew >= STOPPED_AFTER else None


def _last_growth(finding: Finding) -> date:
    """Return the day up to which a finding counted when its number last grew."""
    grew, most = finding.trail[0].day, finding.trail[0].value
    for point in finding.trail[1:]:
        if point.value > most:
            grew = point.day
        most = max(most, point.value)
    return grew


def _state(
    known: KnownIncident, findings: Sequence[Finding], live: Sequence[Finding], stopped: date | None
) -> IncidentState:
    if not live:
        over = all(finding.state is State.CLOSED for finding in findings)
        return IncidentState.CLOSED if over else IncidentState.RESOLVED
    if known.snooze is not None:
        return IncidentState.SNOOZED
    if stopped is not None:
        return IncidentState.STOPPED
    return IncidentState.ACKNOWLEDGED if known.acknowledged_at is not None else IncidentState.OPEN


def _severity(findings: Sequence[Finding], missing: MissingPersons | None, policy: Policy) -> Severity:
    if missing is not None:
        return policy.severity(Nature.FAILED, missing.to_estimate())
    return max(finding.severity for finding in findings)


def _find_end(findings: Sequence[Finding]) -> datetime | None:
    ends = [end for finding in findings if (end := finding.resolved_at or finding.closed_at) is not None]
    return max(ends, default=None)
