"""What judging a run does to incidents: changed incidents, durable events, and what people must be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ketenwacht.domain.finding import Event, Finding, Fingerprint, State

from .reasons import BROADCAST, Reason

SYSTEM = "ketenwacht"
"""The actor of every event that no person caused."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one result, also when that is nothing."""

    fingerprint: Fingerprint
    reason: Reason


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about one incident that people must hear, as the incident is now.

    Attributes:
        incident: as it is now.
        reason: why they must hear.
        actor: who did it, None when nobody but the data did.
        before: how many missing persons they were told of last; None when that says nothing.
    """

    incident: Finding
    reason: Reason
    actor: str | None = None
    before: float | None = None

    @property
    def broadcast(self) -> bool:
        """Whether the whole channel must hear it."""
        return self.reason in BROADCAST


@dataclass(frozen=True, slots=True)
class Advance:
    """The outcome of one run, or one sweep, over all incidents of a feed.

    Attributes:
        incidents: the ones that changed, closed ones first (so that a store can keep one live a fingerprint).
        events: in the order they happened.
        notices: at most one an incident.
        decisions: one a result (a fingerprint), in order of fingerprint.
        standing: every incident that is live afterwards, in order of fingerprint.
        quiet: of each incident that people know of and that changed without a notice, how it was and how it is.
    """

    incidents: tuple[Finding, ...] = ()
    events: tuple[Event, ...] = ()
    notices: tuple[Notice, ...] = ()
    decisions: tuple[Decision, ...] = ()
    standing: tuple[Finding, ...] = ()
    quiet: tuple[tuple[Finding, Finding], ...] = ()


@dataclass(slots=True)
class FindingSet:
    """The incidents of a feed while one run is applied to them; the only thing here that changes."""

    at: datetime
    before: Mapping[Fingerprint, Finding]
    live: dict[Fingerprint, Finding] = field(default_factory=dict)
    closed: list[Finding] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    reasons: dict[str, list[Reason]] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)

    @classmethod
    def of(cls, live: Mapping[Fingerprint, Finding], at: datetime) -> FindingSet:
        """Open a book on the live incidents of a feed."""
        return cls(at=at, before=live, live=dict(live))

    def put(self, incident: Finding) -> None:
        """Remember the newest version of a live incident, without an event."""
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
        """The live incidents, in order of fingerprint."""
        return tuple(self.live[key] for key in sorted(self.live))

    def done(self, notices: Iterable[Notice] = ()) -> Advance:
        """What changed since the book was opened."""
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
