"""What was looked back at, as JSON; ready for `json.dumps`. Small counts are hidden as in runs.

```json
{"schema": "ketenwacht/history/1", "feed": "…", "replayed": false, "from": "2022-01-03", "to": "2022-03-31",
 "series": [{"segment": {}, "status": "failed", "counts": [{"period": "2022-01-03", "observed": 105,
             "expected": {"low": 80, "high": 130}}]}],
 "more_segments": 0,
 "runs": [{"id": "…", "delivery": "000001", "period": "2022-01-03", "presence": "read", "at": "…Z",
           "status": "failed", "results": {"passed": 40, "failed": 1}}],
 "audit": {"verified": true, "faults": []}}
{"schema": "ketenwacht/incidents/1", "replayed": false, "incidents": [{…as in a replay…, "feed": "…",
  "state": "open", "nature": "failed", "period": "…", "summary": "…", "impact": null, "owner": null,
  "snooze": null, "parent": null, "closed_at": null, "events": [{"at": "…Z", "reason": "opened", "actor": "…",
  "before": null, "after": "open", "detail": ""}]}]}
```
`observed` is null where nothing was delivered, and where it is above 0 and below 10; then `observed_text` says
`<10`. `expected` is null where no check said anything of that delivery, `impact` is as in
`ketenwacht/reconcile/1`. `audit` and `events` are only there when they were asked for; events of an incident by
`incidents show`. All moments are UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from ketenwacht.domain.incident import Event, Incident
from ketenwacht.domain.result import Interval, Run

from .data import Series
from .json import Object, impact_object, incident_object
from .words import is_small, limits, say

HISTORY_SCHEMA = "ketenwacht/history/1"
INCIDENTS_SCHEMA = "ketenwacht/incidents/1"


def history_object(  # noqa: PLR0913 - one part of the object each
    feed: str,
    series: Sequence[Series],
    runs: Sequence[Run],
    *,
    more: int = 0,
    replayed: bool = False,
    faults: Sequence[str] | None = None,
) -> Object:
    """A feed's history as `ketenwacht/history/1`; `faults` of the audit log, None when it was not verified."""
    days = [one for each in series for one in each.days]
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


def incidents_object(incidents: Sequence[Incident], *, replayed: bool = False) -> Object:
    """Incidents as `ketenwacht/incidents/1`, in the order given."""
    return {
        "schema": INCIDENTS_SCHEMA,
        "replayed": replayed,
        "incidents": [full_incident(incident) for incident in incidents],
    }


def full_incident(incident: Incident, events: Sequence[Event] | None = None) -> Object:
    """One incident with where it is in its life; with `events` also how it came there."""
    snooze = incident.snooze
    shown: Object = {
        **incident_object(incident),
        "feed": incident.fingerprint.feed,
        "state": incident.state.value,
        "nature": incident.nature.value,
        "period": incident.period.isoformat(),
        "summary": say(incident.said),
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


def moment(at: datetime | None) -> str | None:
    """A moment in UTC, ISO 8601 to the second, null for none."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _event(event: Event) -> Object:
    return {
        "at": moment(event.at),
        "reason": event.reason,
        "actor": event.actor,
        "before": None if event.before is None else event.before.value,
        "after": event.after.value,
        "detail": event.detail,
    }


def _series(series: Series) -> Object:
    nothing: list[float | None] = [None] * len(series.days)
    rows = zip(series.days, series.observed, series.low or nothing, series.high or nothing, strict=True)
    return {
        "segment": series.segment.as_dict(),
        "status": None if series.status is None else series.status.word,
        "counts": [
            {"period": day.isoformat(), **_count(count), "expected": _expected(low, high)}
            for day, count, low, high in rows
        ],
    }


def _count(count: float | None) -> Object:
    if count is None:
        return {"observed": None}
    return {"observed": None, "observed_text": "<10"} if is_small(count, "persons") else {"observed": round(count)}


def _expected(low: float | None, high: float | None) -> Object | None:
    if low is None and high is None:
        return None
    shown = limits(Interval(low, high), "persons")
    return {"low": shown.low, "high": shown.high}


def _run(run: Run) -> Object:
    counts = Counter(result.status for result in run.results)
    return {
        "id": run.id,
        "delivery": run.delivery.id,
        "period": run.delivery.period.isoformat(),
        "presence": run.delivery.presence.value,
        "at": moment(run.at),
        "status": run.status.word,
        "results": {status.word: counts[status] for status in sorted(counts)},
    }
