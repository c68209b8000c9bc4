"""What judging a run does to findings: changed findings, durable events, and what people must be told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ketenwacht.domain.findings.finding import Event, Finding, Fingerprint, Nature, State
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.result import STRENGTH

from .finding import BROADCAST, Reason

SYSTEM = "ketenwacht"
"""The actor of every event that no person caused."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one result, also when that is nothing."""

    fingerprint: Fingerprint
    reason: Reason


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about one finding that people must be told, as the finding is now.

    Attributes:
        incident: as it is now.
        reason: why they must be told.
        actor: who did it, None when nobody but the data did.
        before: how many missing persons they were told of last; None when that says nothing.
    """

    incident: Finding
    reason: Reason
    actor: str | None = None
    before: float | None = None

    @property
    def broadcast(self) -> bool:
        """Whether the whole channel must be told."""
        return self.reason in BROADCAST


@dataclass(frozen=True, slots=True)
class Advance:
    """The outcome of one run, or one sweep, over all findings of a feed.

    Attributes:
        incidents: the ones that changed, closed ones first (so that a store can keep one live a fingerprint).
        events: in the order they happened.
        notices: at most one a finding.
        decisions: one a result (a fingerprint), in order of fingerprint.
        standing: every finding that is live afterwards, in order of fingerprint.
        quiet: of each finding that people know of and that changed without a notice, how it was and how it is.
    """

    incidents: tuple[Finding, ...] = ()
    events: tuple[Event, ...] = ()
    notices: tuple[Notice, ...] = ()
    decisions: tuple[Decision, ...] = ()
    standing: tuple[Finding, ...] = ()
    quiet: tuple[tuple[Finding, Finding], ...] = ()


@dataclass(slots=True)
class FindingSet:
    """The findings of a feed while one run is applied to them; the only thing here that changes."""

    at: datetime
    before: Mapping[Fingerprint, Finding]
    live: dict[Fingerprint, Finding] = field(default_factory=dict)
    closed: list[Finding] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    reasons: dict[str, list[Reason]] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)

    @classmethod
    def of(cls, live: Mapping[Fingerprint, Finding], at: datetime) -> FindingSet:
        """Start from the live findings of a feed."""
        return cls(at=at, before=live, live=dict(live))

    def put(self, incident: Finding) -> None:
        """Remember the newest version of a live finding, without an event."""
        self.live[incident.fingerprint] = incident

    def record(self, was: State | None, incident: Finding, reason: Reason, detail: str = "") -> Finding:
        """Write the event that leads from state `was` to `incident`, and remember it."""
        incident = replace(incident, changed_at=self.at)
        self.events.append(Event(incident.id, self.at, reason.value, was, incident.state, SYSTEM, detail))
        self.reasons.setdefault(incident.id, []).append(reason)
        if incident.state is State.CLOSED:
            self.live.pop(incident.fingerprint, None)
            self.closed.append(incident)
        else:
            self.live[incident.fingerprint] = incident
        return incident

    def walk(self) -> tuple[Finding, ...]:
        """Return the live findings, in order of fingerprint."""
        return tuple(self.live[key] for key in sorted(self.live))

    def done(self, notices: Iterable[Notice] = ()) -> Advance:
        """Return what changed since it was made."""
        standing, told = self.walk(), tuple(notices)
        loud = {notice.incident.id for notice in told}
        pairs = [(self.before.get(now.fingerprint), now) for now in standing]
        return Advance(
            incidents=(*self.closed, *(now for was, now in pairs if now != was)),
            events=tuple(self.events),
            notices=told,
            decisions=tuple(self.decisions),
            standing=standing,
            quiet=tuple(
                (was, now)
                for was, now in pairs
                if was is not None
                and was.id == now.id
                and was != now
                and now.told_severity is not None
                and now.id not in loud
            ),
        )


# Findings that represent others, so that one problem gives one alert.


def group(finding_set: FindingSet) -> None:
    """Give every active finding the one that represents it, or take away one that no longer does."""
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
    # a number within the interval of the weaker finding explains it, even one severity lower
    explains = incident.missing.low <= other.missing.value <= incident.missing.high
    alike = other.nature is incident.nature
    return same_way and stronger and alike and (explains or other.severity >= incident.severity)


def _as_bad(other: Finding, incident: Finding) -> bool:
    return other.nature is incident.nature and other.severity >= incident.severity


def _width(incident: Finding) -> tuple[int, int, str]:
    return len(incident.fingerprint.segment.pairs), STRENGTH.index(incident.evidence), incident.id


# Notices compare a finding with what was last announced, so a change during a snooze is not lost.


# The reason to report a problem that people do not know yet, first that applies; OPENED when none does.
_FIRST_TOLD = (
    Reason.REOPENED,
    Reason.NATURE_CHANGED,
    Reason.UNGROUPED,
    Reason.STABLE,
    Reason.SNOOZE_BROKEN,
    Reason.SNOOZE_EXPIRED,
)
# The reason to report a known problem again, first that applies.
_TOLD_AGAIN = (Reason.SNOOZE_BROKEN, Reason.SNOOZE_EXPIRED, Reason.STABLE)
# Reports with these reasons also give the number before.
_GROWN = frozenset({Reason.SHORTFALL_GREW, Reason.SEVERITY_GREW, Reason.SNOOZE_BROKEN})


def tell(finding_set: FindingSet, policy: Policy) -> tuple[Notice, ...]:
    """Return the notices of a run, at most one per finding, and record on each finding what was announced."""
    notices = []
    for incident in (*finding_set.closed, *finding_set.walk()):
        reason = notice_of(incident, finding_set.reasons.get(incident.id, ()), policy)
        if reason is None:
            continue
        told = replace(
            incident,
            told_severity=incident.severity if incident.active or reason is Reason.FLAPPING else None,
            told_missing=incident.missing.value if incident.missing is not None else None,
        )
        if reason is Reason.SHORTFALL_GREW:  # the one change that is measured against what was told
            told = finding_set.record(told.state, told, reason)
        _keep(finding_set, told)
        before = incident.told_missing if reason in _GROWN else None
        notices.append(Notice(told, reason, before=before))
    return tuple(notices)


def _keep(finding_set: FindingSet, incident: Finding) -> None:
    if incident.state is State.CLOSED:
        finding_set.closed[:] = [incident if kept.id == incident.id else kept for kept in finding_set.closed]
    else:
        finding_set.put(incident)


def notice_of(incident: Finding, reasons: Collection[Reason], policy: Policy) -> Reason | None:
    """Return why people must be told of this finding now, None when they need not.

    `reasons` are the events of this run. A severity that grows is always told: it can do so three times.
    """
    told = incident.told_severity
    if Reason.FLAPPING in reasons and incident.nature in policy.told and not _is_silent(incident):
        return Reason.FLAPPING
    if not incident.active:
        over = incident.state is State.CLOSED or not policy.flapping(incident)
        ended = Reason.EXCUSED if Reason.EXCUSED in reasons else Reason.RECOVERED
        return ended if told is not None and over else None
    if told is not None and incident.severity > told and incident.parent is None:
        return Reason.SEVERITY_GREW
    if incident.nature not in policy.told or _is_silent(incident) or policy.flapping(incident):
        return None
    if told is None:
        return next((reason for reason in _FIRST_TOLD if reason in reasons), Reason.OPENED)
    again = next((reason for reason in _TOLD_AGAIN if reason in reasons), None)
    grown = Reason.SHORTFALL_GREW if policy.grown(incident.told_missing, incident.missing) else None
    return again or grown


def _is_silent(incident: Finding) -> bool:
    return incident.snooze is not None or incident.parent is not None
