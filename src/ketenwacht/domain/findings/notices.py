"""What people must hear: found from what they were told before, so that silence never loses anything."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ketenwacht.domain.finding import Finding, State
from ketenwacht.domain.policy import Policy

from .finding_set import FindingSet, Notice
from .reasons import Reason

# Why a problem is told that people do not know of yet, first that applies; OPENED when none does.
_FIRST_TOLD = (
    Reason.REOPENED,
    Reason.NATURE_CHANGED,
    Reason.UNGROUPED,
    Reason.STABLE,
    Reason.SNOOZE_BROKEN,
    Reason.SNOOZE_EXPIRED,
)
# What is told once more although people know of the problem, first that applies.
_TOLD_AGAIN = (Reason.SNOOZE_BROKEN, Reason.SNOOZE_EXPIRED, Reason.STABLE)
# Of these it is also told from which number the shortfall grew.
_GROWN = frozenset({Reason.SHORTFALL_GREW, Reason.SEVERITY_GREW, Reason.SNOOZE_BROKEN})


def tell(finding_set: FindingSet, policy: Policy) -> tuple[Notice, ...]:
    """The notices of a run, at most one an incident; remembers in the book what is told with them."""
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
    """Why people must hear of this incident now, None when they need not.

    `reasons` are the events of this run. A severity that grows is always told: it can do so three times.
    """
    told = incident.told_severity
    if Reason.FLAPPING in reasons and incident.nature in policy.told and not _hushed(incident):
        return Reason.FLAPPING
    if not incident.active:
        over = incident.state is State.CLOSED or not policy.flapping(incident)
        return Reason.RECOVERED if told is not None and over else None
    if told is not None and incident.severity > told and incident.parent is None:
        return Reason.SEVERITY_GREW
    if incident.nature not in policy.told or _hushed(incident) or policy.flapping(incident):
        return None
    if told is None:
        return next((reason for reason in _FIRST_TOLD if reason in reasons), Reason.OPENED)
    again = next((reason for reason in _TOLD_AGAIN if reason in reasons), None)
    grown = Reason.SHORTFALL_GREW if policy.grown(incident.told_missing, incident.missing) else None
    return again or grown


def _hushed(incident: Finding) -> bool:
    return incident.snooze is not None or incident.parent is not None
