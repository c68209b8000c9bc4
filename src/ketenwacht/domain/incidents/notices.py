"""What people must be told about incidents, compared with what they were told before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ketenwacht.domain.findings.policy import Policy

from .changes import IncidentReason
from .incident import Incident, KnownIncident

UNSETTLED = timedelta(days=7)
"""Over this time changes of direction are counted; see `Policy.flap_flips`."""
BROADCAST = frozenset({IncidentReason.SEVERITY_GREW, IncidentReason.REOPENED})
"""Of these the whole channel must hear, not only who follows the thread."""
_HEARD = ("severity", "missing", "nature", "over", "stopped")
_BACK_AND_FORTH = frozenset({IncidentReason.REOPENED, IncidentReason.RECOVERED})


@dataclass(frozen=True, slots=True)
class IncidentNotice:
    """Something about one incident that people must be told, as the incident is now.

    Attributes:
        incident: as it is now; one that is continued in another: as it was.
        reason: why they must be told.
        before: how many missing persons they heard of last; None when that says nothing.
        actor: who did it; None when nobody but the data did.
        into: the number it is continued in.
        detail: a reason or note in somebody's own words.
        unsettled: it comes and goes: this is the last notice until it keeps still.
    """

    incident: Incident
    reason: IncidentReason
    before: float | None = None
    actor: str | None = None
    into: int | None = None
    detail: str = ""
    unsettled: bool = False

    @property
    def broadcast(self) -> bool:
        """Whether the whole channel must be told."""
        return self.reason in BROADCAST


@dataclass(frozen=True, slots=True)
class IncidentNotices:
    """What one run leaves to be said.

    Attributes:
        notices: at most one an incident, by number.
        heard: number → what people have heard of it from now on (`KnownIncident.told`); only what changed.
        quiet: of each incident that people know of and that changed without a notice, how it was and how it is.
    """

    notices: tuple[IncidentNotice, ...] = ()
    heard: Mapping[int, Mapping[str, object]] = field(default_factory=dict)
    quiet: tuple[tuple[Incident, Incident], ...] = ()


def decide_notices(  # noqa: PLR0913 - the incidents twice, and what people know
    before: Sequence[Incident],
    after: Sequence[Incident],
    known: Mapping[int, KnownIncident],
    policy: Policy,
    *,
    at: datetime,
    silent: bool = False,
) -> IncidentNotices:
    """Return what people must be told; pure, and a second call with the outcome says nothing.

    Args:
        before: the incidents as they were.
        after: as they are, closed ones too.
        known: what the history knows of each, those that were merged too.
        policy: which natures are told, and when a number has grown.
        at: now (UTC).
        silent: an archive is judged for the first time: nothing is said of its incidents until their next change,
            and they have no root message that could be edited.
    """
    was = {one.number: one for one in before}
    heard: dict[int, Mapping[str, object]] = {}
    notices: list[IncidentNotice] = []
    quiet: list[tuple[Incident, Incident]] = []
    for one in sorted(after, key=lambda incident: incident.number):
        told = heard_before(known.get(one.number), was.get(one.number))
        notice = None if silent else _decide(one, told, policy, at, hushed=_had_snooze(was.get(one.number)))
        now = remember(one, told, notice, at)
        if notice is not None:
            notices.append(notice)
        elif not silent and told is not None and one.number in was and was[one.number] != one:
            quiet.append((was[one.number], one))
        worth = notice is not None or told is not None or (silent and is_told(one, policy))
        if worth and now != (known[one.number].told if one.number in known else None):
            heard[one.number] = now
    if not silent:
        notices += _announce_merges(was, known)
    return IncidentNotices(tuple(notices), heard, tuple(quiet))


def _announce_merges(was: Mapping[int, Incident], known: Mapping[int, KnownIncident]) -> Iterable[IncidentNotice]:
    """Yield a notice for each incident that was merged since, if people know of it."""
    for number, one in sorted(was.items()):
        into = known[number].merged_into if number in known else None
        if into is not None and one.merged_into is None and heard_before(known[number], one) is not None:
            yield IncidentNotice(one, IncidentReason.MERGED, into=into)


def heard_before(known: KnownIncident | None, was: Incident | None) -> Mapping[str, Any] | None:
    """Return what people heard of an incident; None: nothing.

    In a history from before incidents had numbers, people heard of its findings.
    """
    if known is not None and known.told is not None:
        return known.told
    findings = [] if was is None else [one for one in was.findings if one.told_severity is not None]
    if was is None or not findings:
        return None
    return {
        "severity": int(was.severity),
        "missing": None if was.missing is None else was.missing.value,
        "nature": was.nature.value,
        "over": not was.active,
        "stopped": was.stopped_on is not None,
    }


def is_told(incident: Incident, policy: Policy) -> bool:
    """Tell whether people must be told of an incident: it is active by a finding of a nature that is told."""
    return incident.active and any(one.active and one.nature in policy.told for one in incident.findings)


def _decide(
    incident: Incident, told: Mapping[str, Any] | None, policy: Policy, at: datetime, *, hushed: bool
) -> IncidentNotice | None:
    """Return the first notice that applies; None: people know it all. `hushed`: it was snoozed until now."""
    if told is None:
        opened = is_told(incident, policy) and not _is_hushed(incident, policy)
        return IncidentNotice(incident, IncidentReason.OPENED) if opened else None
    before = told.get("missing")
    number = None if incident.missing is None else incident.missing.to_estimate()
    if not incident.active:
        reason = None if told.get("over") else IncidentReason.RECOVERED
        return _settle(incident, reason, told, policy, at)
    if told.get("over"):
        reason = IncidentReason.REOPENED if is_told(incident, policy) else None
        return _settle(incident, reason, told, policy, at)
    if incident.severity > int(told.get("severity", 0)):
        return IncidentNotice(incident, IncidentReason.SEVERITY_GREW, before)
    if _is_hushed(incident, policy):
        return None
    stopped = incident.stopped_on is not None
    happened = (
        (IncidentReason.GREW, policy.grown(before, number)),
        (IncidentReason.NATURE_CHANGED, incident.nature.value != told.get("nature")),
        (IncidentReason.STOPPED, stopped and not told.get("stopped")),
        (IncidentReason.GROWS_AGAIN, bool(told.get("stopped")) and not stopped and incident.missing is not None),
        (IncidentReason.SNOOZE_ENDED, hushed and incident.snooze is None),
    )
    reason = next((reason for reason, holds in happened if holds), None)
    grew = reason in {IncidentReason.GREW, IncidentReason.NATURE_CHANGED}
    return None if reason is None else IncidentNotice(incident, reason, before if grew else None)


def _had_snooze(was: Incident | None) -> bool:
    return was is not None and was.snooze is not None


def _is_hushed(incident: Incident, policy: Policy) -> bool:
    """Return whether somebody asked for silence and the number did not grow beyond it."""
    snooze = incident.snooze
    if snooze is None:
        return False
    number = None if incident.missing is None else incident.missing.to_estimate()
    return not policy.grown(snooze.missing, number)


def _settle(
    incident: Incident, reason: IncidentReason | None, told: Mapping[str, Any], policy: Policy, at: datetime
) -> IncidentNotice | None:
    """Return the notice that it ended or came back; of one that comes and goes only the first of the last ones."""
    turns = len(_recent_turns(told, at))
    if reason is None or turns >= policy.flap_flips:
        return None
    return IncidentNotice(incident, reason, unsettled=turns + 1 == policy.flap_flips)


def _recent_turns(told: Mapping[str, Any], at: datetime) -> list[str]:
    return [one for one in told.get("turns", ()) if at - datetime.fromisoformat(one) <= UNSETTLED]


def remember(
    incident: Incident, told: Mapping[str, Any] | None, notice: IncidentNotice | None, at: datetime
) -> dict[str, object]:
    """Return what people have heard from now on. A number counts as heard with the notice that named it."""
    known = told or {}
    turned = notice is not None and notice.reason in _BACK_AND_FORTH
    turns = [*_recent_turns(known, at), *([at.isoformat()] if turned else [])]
    now: dict[str, object] = {name: known[name] for name in _HEARD if name in known}
    if notice is not None or told is None:
        now = {
            "severity": int(incident.severity),
            "missing": None if incident.missing is None else incident.missing.value,
            "nature": incident.nature.value,
            "over": not incident.active,
            "stopped": incident.stopped_on is not None,
        }
    return now | ({"turns": turns} if turns else {})
