"""What was looked back at, as JSON; ready for `json.dumps`. A count that must not be told is null.

```json
{"schema": "ketenwacht/history/1", "feed": "…", "replayed": false, "from": "2022-01-03", "to": "2022-03-31",
 "series": [{"segment": {}, "status": "failed", "counts": [{"period": "2022-01-03", "observed": 105,
             "expected": {"low": 80, "high": 130}}]}],
 "more_segments": 0,
 "runs": [{"id": "…", "delivery": "000001", "period": "2022-01-03", "presence": "read", "at": "…Z",
           "status": "failed", "results": {"passed": 40, "failed": 1}}],
 "audit": {"verified": true, "faults": []}}
{"schema": "ketenwacht/incidents/1", "replayed": false, "incidents": [{…as in a replay…, "feed": "…",
  "state": "open", "nature": "failed", "period": "…", "code": "…", "params": {…}, "summary": "…", "impact": null,
  "owner": null, "snooze": null, "parent": null, "closed_at": null, "events": [{"at": "…Z", "reason": "opened",
  "actor": "…", "before": null, "after": "open", "detail": ""}]}]}
```
`observed` is null where nothing was delivered, and with `"hidden": true` where the count must not be told. A count
beside a hidden one of its delivery is rounded, and what was expected of it outward. `expected` is null where no
check said anything of that delivery, `impact` is as in `ketenwacht/reconcile/1`. `audit` and `events` are only
there when they were asked for; events of an incident by `incidents show`. All moments are UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ketenwacht.domain.finding import Event
from ketenwacht.messages.public import figure, moment
from ketenwacht.messages.views import RunView
from ketenwacht.messages.views_history import PointView, TrendView
from ketenwacht.messages.views_incident import IncidentView

from .json import Object, impact_object, incident_object, interval_object

HISTORY_SCHEMA = "ketenwacht/history/1"
INCIDENTS_SCHEMA = "ketenwacht/incidents/1"


def history_object(  # noqa: PLR0913 - one part of the object each
    feed: str,
    series: Sequence[TrendView],
    runs: Sequence[RunView],
    *,
    more: int = 0,
    replayed: bool = False,
    faults: Sequence[str] | None = None,
) -> Object:
    """A feed's history as `ketenwacht/history/1`; `faults` of the audit log, None when it was not verified."""
    days = [point.day for each in series for point in each.points]
    shown: Object = {
        "schema": HISTORY_SCHEMA,
        "feed": feed,
        "replayed": replayed,
        "from": min(days).isoformat() if days else None,
        "to": max(days).isoformat() if days else None,
        "series": [_series(one) for one in series],
        "more_segments": more,
        "runs": [_run(run) for run in runs],
    }
    if faults is not None:
        shown["audit"] = {"verified": not faults, "faults": list(faults)}
    return shown


def incidents_object(incidents: Sequence[IncidentView], *, replayed: bool = False) -> Object:
    """Incidents as `ketenwacht/incidents/1`, in the order given."""
    return {
        "schema": INCIDENTS_SCHEMA,
        "replayed": replayed,
        "incidents": [full_incident(incident) for incident in incidents],
    }


def full_incident(incident: IncidentView, events: Sequence[Event] | None = None) -> Object:
    """One incident with where it is in its life; with `events` also how it came there."""
    snooze = incident.snooze
    shown: Object = {
        **incident_object(incident),
        "feed": incident.feed,
        "state": incident.state.value,
        "nature": incident.nature.value,
        "period": incident.period.isoformat(),
        "code": incident.code,
        "params": dict(incident.params),
        "summary": incident.message,
        "impact": impact_object(incident.impact),
        "owner": incident.owner,
        "snooze": None
        if snooze is None
        else {"by": snooze.owner, "reason": snooze.reason, "until": moment(snooze.until)},
        "parent": incident.parent,
        "closed_at": moment(incident.closed_at),
    }
    if events is not None:
        shown["events"] = [_event(event) for event in events]
    return shown


def _event(event: Event) -> Object:
    return {
        "at": moment(event.at),
        "reason": event.reason,
        "actor": event.actor,
        "before": None if event.before is None else event.before.value,
        "after": event.after.value,
        "detail": event.detail,
    }


def _series(series: TrendView) -> Object:
    return {
        "segment": series.segment.as_dict(),
        "status": None if series.status is None else series.status.word,
        "counts": [
            {"period": point.day.isoformat(), **_count(point), "expected": interval_object(point.expected)}
            for point in series.points
        ],
    }


def _count(point: PointView) -> Object:
    if point.observed is None:
        return {"observed": None}
    if point.observed.hidden:
        return {"observed": None, "hidden": True, "observed_text": point.observed_text}
    return {"observed": figure(point.observed.value)}


def _run(run: RunView) -> Object:
    counts = Counter(result.status for result in run.results)
    return {
        "id": run.id,
        "delivery": run.delivery,
        "period": run.period.isoformat(),
        "presence": run.presence.value,
        "at": moment(run.at),
        "status": run.status.word,
        "results": {status.word: counts[status] for status in sorted(counts)},
    }
