"""What people do to incidents by their number: the same acts, events and audit lines from every surface."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from ketenwacht.announcements import announce_act
from ketenwacht.domain.findings import resolve
from ketenwacht.domain.findings.finding import Event, Finding, Snooze
from ketenwacht.domain.incidents import Incident, KnownIncident, Membership
from ketenwacht.domain.incidents.changes import IncidentEvent, IncidentReason
from ketenwacht.domain.personal_values import looks_personal
from ketenwacht.errors import ConfigError
from ketenwacht.store import History, UnitOfWork
from ketenwacht.store.audit import AuditEntry

from .project import LoadedProject

LONGEST_REASON = 500
"""Characters of a reason or a note."""
LONGEST_SNOOZE = timedelta(days=90)
"""The longest snooze: a longer one would hide a forgotten loss."""


@dataclass(frozen=True, slots=True)
class Take:
    """Somebody becomes its owner, also when it has another one."""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Somebody has seen it, and becomes its owner when it has none."""


@dataclass(frozen=True, slots=True)
class Note:
    """Somebody writes something down."""

    reason: str


@dataclass(frozen=True, slots=True)
class SnoozeUntil:
    """Silence up to and including a day; a loss that grows breaks it."""

    last: date
    reason: str


@dataclass(frozen=True, slots=True)
class Resolve:
    """Somebody says that it is over; when it fails again it is reopened."""

    reason: str


@dataclass(frozen=True, slots=True)
class Merge:
    """It is the same as another incident; the lowest number goes on."""

    other: int
    reason: str


@dataclass(frozen=True, slots=True)
class Split:
    """Some of its findings are about something else, and become an incident of their own."""

    findings: tuple[str, ...]
    reason: str


NumberedAct = Take | Acknowledge | Note | SnoozeUntil | Resolve | Merge | Split


@dataclass(frozen=True, slots=True)
class Acted:
    """The outcome of an act.

    Attributes:
        incident: as it is now; after a split the new one, after a merge the one that goes on.
        changed: False when it was so before.
    """

    incident: Incident
    changed: bool


@dataclass(slots=True)
class _Change:
    """What an act writes."""

    incidents: list[KnownIncident]
    events: list[IncidentEvent]
    memberships: Sequence[Membership] = ()
    findings: Sequence[Finding] = ()
    finding_events: Sequence[Event] = ()
    based_on: Sequence[Finding] = ()
    number: int = 0
    opened: int | None = None
    merged: Incident | None = None


@dataclass(frozen=True, slots=True)
class _Scene:
    """One incident in an open transaction, with who acts and when."""

    work: UnitOfWork
    project: LoadedProject
    incident: Incident
    known: KnownIncident
    actor: str
    at: datetime

    def event(self, reason: IncidentReason, detail: str = "", number: int | None = None) -> IncidentEvent:
        """Return an event of this act."""
        return IncidentEvent(number or self.known.number, self.at, reason.value, self.actor, detail)


def perform(  # noqa: PLR0913 - who does what to which, where and when
    project: LoadedProject,
    history: History,
    number: int,
    act: NumberedAct,
    *,
    actor: str,
    at: datetime,
    origin: str,
) -> Acted:
    """Act on an incident: its new form, the event and the audit line are saved in one transaction.

    Args:
        project: the configuration.
        history: open.
        number: of the incident; one that is continued in another acts on that.
        act: what is done.
        actor: who does it.
        at: now, UTC.
        origin: from where, for the audit line (web, api).

    Raises:
        ConfigError: it cannot be done; `where` names what is wrong: incident, over, personal, no_reason, day,
            other or which.
        ConcurrentUpdate: somebody changed a finding of it meanwhile.
        StoreError: the history cannot be written; nothing is written.
    """
    _check_reason(act)
    policy = project.settings.alerts.policy
    with history.transaction() as work:
        found = work.incidents.get(number, policy)
        if found is None:
            raise ConfigError("incident", "there is no such incident", "see the list of incidents")
        known = work.incidents.read_known(found.feed, to_change=True).incidents[found.number]
        change = _do(act, _Scene(work, project, found, known, actor, at))
        if change is not None:
            work.findings.save(change.findings, change.finding_events, based_on=change.based_on)
            work.incidents.save(change.incidents, change.memberships, change.events, at=at)
            what = f"incident #{found.number}"
            work.audit.add(AuditEntry(change.events[0].reason, what, change.events[0].detail, origin, actor, at))
            _announce(work, project, found=found, act=act, change=change, at=at)
    after = history.incidents.get(found.number if change is None else change.number or found.number, policy)
    return Acted(after if after is not None else found, change is not None)


def _announce(  # noqa: PLR0913 - an act, and where it is written
    work: UnitOfWork, project: LoadedProject, *, found: Incident, act: NumberedAct, change: _Change, at: datetime
) -> None:
    """Write the alerts about an act, for those who follow the incident."""
    feed, detail = project.settings.feeds.get(found.feed), getattr(act, "reason", "").strip()
    other = change.opened or (None if change.merged is None else change.merged.number)
    if feed is not None:
        announce_act(
            work,
            found.number,
            IncidentReason(change.events[0].reason),
            actor=change.events[0].actor,
            detail=detail if other is None else f"#{other}, {detail}",
            opened=change.opened,
            merged=change.merged,
            feed=feed,
            alerting=project.settings.alerts,
            formatter=project.formatter(feed),
            at=at,
        )


def _check_reason(act: NumberedAct) -> None:
    reason = getattr(act, "reason", None)
    if reason is None:
        return
    if not reason.strip() or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise ConfigError("no_reason", "there is no usable reason", f"write at most {LONGEST_REASON} characters")
    if looks_personal(reason, longest=LONGEST_REASON, dates=True):
        raise ConfigError("personal", "the reason could hold data of a person", "leave numbers and addresses out")


def _do(act: NumberedAct, scene: _Scene) -> _Change | None:
    """Return what an act writes; None when it was so before."""
    if isinstance(act, Note):
        return _Change([scene.known], [scene.event(IncidentReason.NOTED, act.reason.strip())])
    if not scene.incident.active:
        raise ConfigError("over", f"the incident is {scene.incident.state.value}", "only a note can be added")
    return _ACTS[type(act)](act, scene)


def _take(_: Take, scene: _Scene) -> _Change | None:
    known = scene.known
    if known.owner == scene.actor and known.acknowledged_at is not None:
        return None
    after = replace(known, owner=scene.actor, acknowledged_at=known.acknowledged_at or scene.at)
    return _Change([after], [scene.event(IncidentReason.TAKEN)])


def _acknowledge(_: Acknowledge, scene: _Scene) -> _Change | None:
    known = scene.known
    if known.acknowledged_at is not None:
        return None
    after = replace(known, owner=known.owner or scene.actor, acknowledged_at=scene.at)
    return _Change([after], [scene.event(IncidentReason.ACKNOWLEDGED)])


def _snooze(act: SnoozeUntil, scene: _Scene) -> _Change | None:
    today = scene.at.astimezone(scene.project.zone).date()
    if not today <= act.last <= today + LONGEST_SNOOZE:
        raise ConfigError("day", "the snooze ends in the past or too late", f"{LONGEST_SNOOZE.days} days at most")
    # the last day counts in full, where the organisation is
    until = datetime.combine(act.last + timedelta(days=1), time(), scene.project.zone).astimezone(UTC)
    missing = scene.incident.missing.value if scene.incident.missing is not None else None
    quiet = Snooze(scene.actor, act.reason.strip(), until, missing)
    if scene.known.snooze == quiet:
        return None
    after = replace(scene.known, snooze=quiet, owner=scene.known.owner or scene.actor)
    return _Change([after], [scene.event(IncidentReason.SNOOZED, f"{until.isoformat()} {act.reason.strip()}")])


def _resolve(act: Resolve, scene: _Scene) -> _Change:
    live = [finding for finding in scene.incident.findings if finding.active]
    done = [resolve(finding, actor=scene.actor, reason=act.reason, at=scene.at) for finding in live]
    return _Change(
        [replace(scene.known, snooze=None)],
        [scene.event(IncidentReason.RESOLVED_BY_HAND, act.reason.strip())],
        findings=[one.incident for one in done],
        finding_events=[one.event for one in done if one.event is not None],
        based_on=live,
    )


def _merge(act: Merge, scene: _Scene) -> _Change:
    policy = scene.project.settings.alerts.policy
    other = scene.work.incidents.get(act.other, policy)
    if other is None or other.feed != scene.incident.feed or other.number == scene.incident.number:
        raise ConfigError("other", "there is no other incident with this number in this feed", "name another")
    first, second = sorted((scene.incident, other), key=lambda one: one.number)
    known = scene.work.incidents.read_known(scene.incident.feed).incidents
    merged = replace(known[second.number], merged_into=first.number)
    findings = (*first.findings, *second.findings)
    return _Change(
        [known[first.number], merged],
        [scene.event(IncidentReason.MERGED_BY_HAND, f"#{second.number} {act.reason.strip()}", first.number)],
        memberships=[Membership(finding.id, first.number, by_hand=True) for finding in findings],
        number=first.number,
        merged=second,
    )


def _split(act: Split, scene: _Scene) -> _Change:
    mine = {finding.id: finding for finding in scene.incident.findings}
    apart = [mine[one] for one in dict.fromkeys(act.findings) if one in mine]
    if len(apart) != len(set(act.findings)) or not apart or len(apart) == len(mine):
        raise ConfigError("which", "a split needs some findings of this incident, but not all", "choose others")
    feed = scene.incident.feed
    number = scene.work.incidents.read_known(feed).next_number
    new = KnownIncident(number, feed, min(finding.opened_at for finding in apart))
    theirs = {finding.id for finding in apart}
    return _Change(
        [scene.known, new],
        [
            scene.event(IncidentReason.SPLIT, f"#{number} {act.reason.strip()}"),
            scene.event(IncidentReason.SPLIT, f"#{scene.known.number} {act.reason.strip()}", number),
        ],
        memberships=[
            Membership(one, number if one in theirs else scene.known.number, by_hand=True) for one in mine
        ],
        number=number,
        opened=number,
    )


_ACTS: Mapping[type, Callable[[Any, _Scene], _Change | None]] = {
    Take: _take,
    Acknowledge: _acknowledge,
    SnoozeUntil: _snooze,
    Resolve: _resolve,
    Merge: _merge,
    Split: _split,
}
"""What each act writes."""
