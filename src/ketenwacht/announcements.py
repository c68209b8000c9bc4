"""Save what a run changes for people: findings, the incidents they belong to, and the alerts about these."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ketenwacht.domain.alerting import Alerting
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings import Advance
from ketenwacht.domain.findings.finding import Finding
from ketenwacht.domain.incidents import CauseSearch, Incident
from ketenwacht.domain.incidents.cause_finders import FINDERS
from ketenwacht.domain.incidents.causes import CauseMaterial, needs_search, search_causes
from ketenwacht.domain.incidents.changes import IncidentReason
from ketenwacht.domain.incidents.notices import (
    IncidentNotice,
    IncidentNotices,
    decide_notices,
    heard_before,
    is_told,
    remember,
)
from ketenwacht.errors import place_of
from ketenwacht.messages.compose_incidents import compose_incidents
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.store import UnitOfWork
from ketenwacht.store.incidents import Regrouping

_log = logging.getLogger("ketenwacht")


def save_findings(  # noqa: PLR0913 - what changed, of which feed, for whom and when
    work: UnitOfWork,
    step: Advance,
    *,
    based_on: Sequence[Finding],
    feed: Feed,
    alerting: Alerting,
    formatter: MessageFormatter,
    key: str,
    at: datetime,
    silent: bool = False,
    material: CauseMaterial | None = None,
) -> Regrouping:
    """Save changed findings, group them into incidents and write the alerts about these.

    Args:
        work: an open transaction of the history.
        step: what changed.
        based_on: the findings as they were read.
        feed: whose findings.
        alerting: routes, notes and policy.
        formatter: of alerts.
        key: what caused it: the same key never makes a second alert.
        at: now (UTC).
        silent: new incidents send no alerts until they change; for the first check of an archive.
        material: in which the causes of incidents are looked for; None: they are not.

    Raises:
        ConcurrentUpdate: somebody changed one of the findings since it was read.
        StoreError: the history cannot be written.
    """
    policy = alerting.policy
    grouped = work.incidents.save_findings(
        feed.name, step.incidents, step.events, based_on=based_on, policy=policy, at=at
    )
    if material is not None:
        grouped = _search_causes(work, feed, grouped, material, at)
    known = work.incidents.read_known(feed.name).incidents
    said = decide_notices(grouped.before, grouped.after, known, policy, at=at, silent=silent)
    work.incidents.save([replace(known[number], told=heard) for number, heard in said.heard.items()], at=at)
    work.outbox.add(compose_incidents(said, feed=feed, alerting=alerting, formatter=formatter, key=key, at=at))
    return grouped


def _search_causes(
    work: UnitOfWork, feed: Feed, grouped: Regrouping, material: CauseMaterial, at: datetime
) -> Regrouping:
    """Look for the causes of incidents that are new or recent; save them and return the incidents with them."""
    members = {one.number: {finding.id for finding in one.findings} for one in grouped.before}
    found: dict[int, CauseSearch] = {}
    for one in grouped.after:
        joined = {finding.id for finding in one.findings} != members.get(one.number)
        if needs_search(one, material, joined=joined):
            search = find_cause(one, material)
            if search is not None and search != one.search:
                found[one.number] = search
    if not found:
        return grouped
    known = work.incidents.read_known(feed.name).incidents
    work.incidents.save([replace(known[number], search=search) for number, search in found.items()], at=at)
    return replace(
        grouped, after=tuple(replace(one, search=found.get(one.number, one.search)) for one in grouped.after)
    )


def find_cause(incident: Incident, material: CauseMaterial) -> CauseSearch | None:
    """Return why an incident happened; None, and a line in the log, where the search itself fails.

    A cause is a hint: without one, the results are saved and reported all the same.
    """
    try:
        return search_causes(incident, material, FINDERS)
    except Exception as fault:  # noqa: BLE001 - whatever it is, it says nothing of the delivery
        _log.warning("the search for the cause of incident #%d failed: %s", incident.number, place_of(fault))
        return None


def announce_act(  # noqa: PLR0913 - who did what to which, for whom and when
    work: UnitOfWork,
    number: int,
    reason: IncidentReason,
    *,
    actor: str,
    detail: str = "",
    opened: int | None = None,
    merged: Incident | None = None,
    feed: Feed,
    alerting: Alerting,
    formatter: MessageFormatter,
    at: datetime,
) -> int:
    """Write the alerts about an act on an incident; none when no alert was sent about it before.

    The incident that a split made gets a root message; that of a merged one says where it continues.

    Args:
        work: an open transaction of the history, with the act in it.
        number: of the incident.
        reason: what was done.
        actor: who did it.
        detail: their words.
        opened: number of the incident that a split made.
        merged: the incident that a merge ended, as it was.
        feed: whose incident.
        alerting: routes, notes and policy.
        formatter: of alerts.
        at: now (UTC).

    Returns:
        How many alerts were written.
    """
    incident = work.incidents.get(number, alerting.policy)
    known = None if incident is None else work.incidents.read_known(feed.name).incidents.get(incident.number)
    told = None if incident is None else heard_before(known, incident)
    if incident is None or known is None or told is None:
        return 0
    everything = work.incidents.read_known(feed.name).incidents
    notices = [IncidentNotice(incident, reason, actor=actor, detail=detail)]
    saved = [replace(known, told=remember(incident, told, notices[0], at))]
    new = None if opened is None else work.incidents.get(opened, alerting.policy)
    if new is not None and is_told(new, alerting.policy):
        notices.append(IncidentNotice(new, IncidentReason.OPENED))
        saved.append(replace(everything[new.number], told=remember(new, None, notices[-1], at)))
    if merged is not None and heard_before(everything.get(merged.number), merged) is not None:
        notices.append(IncidentNotice(merged, IncidentReason.MERGED, into=incident.number))
    work.incidents.save(saved, at=at)
    key = f"act/{incident.number}/{reason.value}/{at.isoformat()}"
    said = IncidentNotices(tuple(notices))
    alerts = compose_incidents(said, feed=feed, alerting=alerting, formatter=formatter, key=key, at=at)
    work.outbox.add(alerts)
    return len(alerts)
