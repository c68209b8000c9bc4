"""What people do to incidents, from the command line or from the channel: the same acts, the same events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ketenwacht.domain.finding import Event, Finding, Snooze, State
from ketenwacht.errors import ConfigError

from .finding_set import Notice
from .reasons import Reason


@dataclass(frozen=True, slots=True)
class Act:
    """What one act did. Without an event it changed nothing: it was done before."""

    incident: Finding
    event: Event | None = None
    notice: Notice | None = None


def acknowledge(incident: Finding, *, actor: str, at: datetime) -> Act:
    """Say that somebody looks after it; the actor becomes its owner.

    Raises:
        ConfigError: it is not failing any more.
    """
    if incident.state is State.ACKNOWLEDGED:
        return Act(incident)
    _must_be_active(incident)
    after = replace(incident, state=State.ACKNOWLEDGED, owner=actor, changed_at=at)
    return _acted(incident, after, Reason.ACKNOWLEDGED, actor)


def snooze(incident: Finding, *, actor: str, reason: str, until: datetime, at: datetime) -> Act:
    """Ask for silence until a moment (UTC); a growing shortfall breaks it.

    Raises:
        ConfigError: it is not failing any more, no reason is given, or the end is not in the future.
    """
    _must_be_active(incident)
    if not reason.strip():
        raise ConfigError(f"incident {incident.id}", "a snooze needs a reason", "say why it may wait")
    if until <= at:
        raise ConfigError(f"incident {incident.id}", "the snooze ends in the past", "give a later end")
    missing = incident.missing.value if incident.missing is not None else None
    quiet = Snooze(actor, reason.strip(), until, missing)
    if incident.snooze == quiet:
        return Act(incident)
    after = replace(incident, snooze=quiet, owner=incident.owner or actor, changed_at=at)
    return _acted(incident, after, Reason.SNOOZED, actor, f"{until.isoformat()} {reason.strip()}")


def resolve(incident: Finding, *, actor: str, reason: str, at: datetime) -> Act:
    """Say that it is over; when it fails again within the policy's time, it is reopened.

    Raises:
        ConfigError: it is closed.
    """
    if incident.state is State.RESOLVED:
        return Act(incident)
    _must_be_active(incident)
    after = replace(incident, state=State.RESOLVED, resolved_at=at, changed_at=at, snooze=None)
    return _acted(incident, after, Reason.RESOLVED_BY_HAND, actor, reason.strip())


def _must_be_active(incident: Finding) -> None:
    if not incident.active:
        raise ConfigError(
            f"incident {incident.id}",
            f"it is {incident.state.value}",
            "only an open or acknowledged incident can be acted on",
        )


def _acted(before: Finding, after: Finding, reason: Reason, actor: str, detail: str = "") -> Act:
    event = Event(after.id, after.changed_at, reason.value, before.state, after.state, actor, detail)
    if before.told_severity is None:
        return Act(after, event)
    told = replace(after, told_severity=None) if not after.active else after
    return Act(told, event, Notice(told, reason, actor))
