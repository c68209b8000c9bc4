"""Incidents as JSON, ready for `json.dumps`: the same object on every surface. A hidden count is null."""

from __future__ import annotations

from collections.abc import Sequence

from ketenwacht.domain.incidents.changes import IncidentEvent
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.public import figure, moment, public_counts
from ketenwacht.messages.views_event import view_step
from ketenwacht.messages.views_finding import FindingView
from ketenwacht.messages.views_incident import IncidentView
from ketenwacht.messages.views_missing import MissingPersonsView

from .json import missing_object

INCIDENTS_SCHEMA = "ketenwacht/incidents/2"
INCIDENT_SCHEMA = "ketenwacht/incident/1"

Object = dict[str, object]


def numbered_incident_object(view: IncidentView) -> Object:
    """Return one incident, with its one number of missing persons and its findings."""
    return {
        "id": view.number,
        "feed": view.feed,
        "nature": view.nature.value,
        "title": view.title,
        "severity": view.severity.name.lower(),
        "state": view.state.value,
        "owner": view.owner,
        "opened_at": moment(view.opened_at),
        "resolved_at": moment(view.resolved_at),
        "segment": view.segment.as_dict(),
        "evidence": list(dict.fromkeys(line.evidence.value for line in view.evidence)),
        "missing": missing_persons_object(view.missing),
        "causes": [
            {
                "code": cause.code,
                "segment": cause.segment.as_dict(),
                "since": cause.since.isoformat(),
                "ended": cause.ended,
            }
            for cause in view.causes
        ],
        "probable_causes": None
        if view.probable_causes is None
        else [
            {
                "code": one.code,
                "text": one.text,
                "since": one.since.isoformat(),
                "strength": one.strength,
                "fit": round(one.fit, 3),
            }
            for one in view.probable_causes
        ],
        "why": view.why or None,
        "next_deadline": None
        if view.deadline is None
        else {"on": view.deadline.on.isoformat(), **public_counts(persons=view.deadline.persons)},
        "merged_into": int(view.merged_into.lstrip("#")) if view.merged_into else None,
        "findings": [incident_finding_object(finding) for finding in view.findings],
    }


def missing_persons_object(missing: MissingPersonsView | None) -> Object | None:
    """Return the number of missing persons with its parts; null when it is not about missing persons."""
    total = None if missing is None else missing_object(missing.total)
    if missing is None or total is None:
        return None
    return {
        **total,
        "evidence": missing.evidence.value,
        "parts": [
            {
                "segment": part.segment.as_dict(),
                **public_counts(value=part.value),
                "low": figure(part.low),
                "high": figure(part.high),
            }
            for part in missing.parts
        ],
    }


def incident_finding_object(finding: FindingView) -> Object:
    """Return one finding of an incident."""
    return {
        "id": finding.id,
        "feed": finding.feed,
        "check": finding.check,
        "segment": finding.segment.as_dict(),
        "evidence": finding.evidence.value,
        "status": finding.status.word,
        "state": finding.state.value,
        "code": finding.code,
        "params": dict(finding.params),
        "message": finding.message,
        "opened_at": moment(finding.opened_at),
        "resolved_at": moment(finding.resolved_at),
        "missing": missing_object(finding.missing),
    }


def incident_event_objects(events: Sequence[IncidentEvent], formatter: MessageFormatter) -> list[Object]:
    """Return what happened to an incident, oldest first, with the details in words."""
    return [
        {
            "at": moment(event.at),
            "reason": event.reason,
            "actor": event.actor,
            "detail": view_step(event, formatter).detail,
        }
        for event in events
    ]
