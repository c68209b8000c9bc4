"""What happened to incidents between two moments: the events of their life, each with a named reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ketenwacht.domain.findings.finding_set import SYSTEM
from ketenwacht.domain.findings.policy import Policy

from .incident import Incident, IncidentState


class IncidentReason(Enum):
    """Why something happened to an incident. The value is what events store."""

    OPENED = "opened"
    REOPENED = "reopened"
    GREW = "grew"  # well above the number that the last event named
    SEVERITY_GREW = "severity-grew"
    NATURE_CHANGED = "nature-changed"
    JOINED = "joined"  # a finding joined it
    MERGED = "merged"  # it is continued in another one
    STOPPED = "stopped"  # no longer grows
    GROWS_AGAIN = "grows-again"
    RECOVERED = "recovered"
    CLOSED = "closed"
    # what people do
    TAKEN = "taken"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    SNOOZE_ENDED = "snooze-ended"
    NOTED = "noted"
    RESOLVED_BY_HAND = "resolved-by-hand"
    SPLIT = "split"
    MERGED_BY_HAND = "merged-by-hand"


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """Something that happened to an incident: durable, append-only.

    Attributes:
        incident: the number.
        at: when (UTC).
        reason: an `IncidentReason`, as stored.
        actor: who did it; `ketenwacht` when nobody did.
        detail: a number, an end, a reason; no words of a language but those of a person.
    """

    incident: int
    at: datetime
    reason: str
    actor: str = SYSTEM
    detail: str = ""


@dataclass(frozen=True, slots=True)
class IncidentChange:
    """One incident before and after a run, with what happened to it.

    Attributes:
        before: None: it is new.
        after: as it is now; None: it is continued in `into`.
        reasons: why, in order; empty when nothing happened that people care about.
        into: the number it is continued in.
    """

    before: Incident | None
    after: Incident | None
    reasons: tuple[IncidentReason, ...]
    into: int | None = None

    @property
    def number(self) -> int:
        """The number of the incident."""
        one = self.after or self.before
        return one.number if one is not None else 0


def compare_incidents(
    before: Iterable[Incident],
    after: Iterable[Incident],
    policy: Policy,
    *,
    merged: Mapping[int, int] | None = None,
    named: Mapping[int, float] | None = None,
) -> tuple[IncidentChange, ...]:
    """Return what happened to each incident, by number; those to which nothing happened are left out.

    Args:
        before: the incidents as they were.
        after: as they are.
        policy: when a number has grown.
        merged: number → number it is continued in, of those that were merged in between.
        named: number → the persons that its last event named, so that slow growth is noted too. What was missing
            before counts for others, and where it is less: some were delivered since, or a person split it.
    """
    last = named or {}
    was = {one.number: one for one in before}
    changes = []
    for one in sorted(after, key=lambda incident: incident.number):
        reasons = _reasons(was.get(one.number), one, policy, last.get(one.number))
        if reasons:
            changes.append(IncidentChange(was.get(one.number), one, reasons))
    for number, into in sorted((merged or {}).items()):
        if number in was:
            changes.append(IncidentChange(was[number], None, (IncidentReason.MERGED,), into))
    return tuple(sorted(changes, key=lambda change: change.number))


def events_of(changes: Iterable[IncidentChange], at: datetime) -> tuple[IncidentEvent, ...]:
    """Return the events that changes leave, in order of number."""
    return tuple(
        IncidentEvent(change.number, _moment(change, reason, at), reason.value, detail=_detail(change, reason))
        for change in changes
        for reason in change.reasons
    )


def _moment(change: IncidentChange, reason: IncidentReason, at: datetime) -> datetime:
    """Return when it happened: an incident began with its first finding, also when that is grouped later."""
    new = reason is IncidentReason.OPENED and change.after is not None
    return change.after.opened_at if new and change.after is not None else at


def _reasons(
    before: Incident | None, after: Incident, policy: Policy, named: float | None
) -> tuple[IncidentReason, ...]:
    if before is None:
        return (IncidentReason.OPENED,)
    if before.active is not after.active:
        return (IncidentReason.REOPENED if after.active else IncidentReason.RECOVERED,)
    if not after.active:
        closed = after.state is IncidentState.CLOSED and before.state is not IncidentState.CLOSED
        return (IncidentReason.CLOSED,) if closed else ()
    known = None if before.missing is None else before.missing.value
    told = min((one for one in (named, known) if one is not None), key=abs, default=None)
    number = after.missing.to_estimate() if after.missing is not None else None
    happened = (
        (IncidentReason.NATURE_CHANGED, after.nature is not before.nature),
        (IncidentReason.JOINED, {one.id for one in before.findings} < {one.id for one in after.findings}),
        (IncidentReason.SEVERITY_GREW, after.severity > before.severity),
        (IncidentReason.GREW, policy.grown(told, number)),
        (IncidentReason.STOPPED, after.stopped_on is not None and before.stopped_on is None),
        (IncidentReason.GROWS_AGAIN, after.stopped_on is None and before.stopped_on is not None),
        (IncidentReason.SNOOZE_ENDED, after.snooze is None and before.snooze is not None),
    )
    return tuple(reason for reason, holds in happened if holds)


def _detail(change: IncidentChange, reason: IncidentReason) -> str:
    """Return what an event adds: a number of persons (exact: for the history), a day, another incident."""
    if reason is IncidentReason.MERGED:
        return f"#{change.into}"
    write = _DETAILS.get(reason)
    return write(change.before, change.after) if write is not None and change.after is not None else ""


def _persons(before: Incident | None, after: Incident) -> str:
    del before
    return f"{after.missing.value:.0f}" if after.missing is not None else ""


def _stop(before: Incident | None, after: Incident) -> str:
    del before
    return after.stopped_on.isoformat() if after.stopped_on is not None else ""


def _list_joined(before: Incident | None, after: Incident) -> str:
    known = set() if before is None else {one.id for one in before.findings}
    return ", ".join(sorted(one.fingerprint.check for one in after.findings if one.id not in known))


def _severity(before: Incident | None, after: Incident) -> str:
    return "" if before is None else f"{before.severity.name.lower()} → {after.severity.name.lower()}"


def _nature(before: Incident | None, after: Incident) -> str:
    return "" if before is None else f"{before.nature.value} → {after.nature.value}"


_DETAILS: Mapping[IncidentReason, Callable[[Incident | None, Incident], str]] = {
    IncidentReason.OPENED: _persons,
    IncidentReason.REOPENED: _persons,
    IncidentReason.GREW: _persons,
    IncidentReason.STOPPED: _stop,
    IncidentReason.JOINED: _list_joined,
    IncidentReason.SEVERITY_GREW: _severity,
    IncidentReason.NATURE_CHANGED: _nature,
}
