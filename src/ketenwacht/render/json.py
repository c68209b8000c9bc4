"""Runs, replays and backtests as the JSON of the public interface; ready for `json.dumps`.

Privacy decides the numbers (`messages.privacy`). A number of persons that must not be told is null, with
`"hidden": true` beside it. `observed_text` then says `<10`; it stays for one release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ketenwacht.domain.findings.finding import Event
from ketenwacht.messages.found_first import FoundFirstView
from ketenwacht.messages.public import figure, moment, public_counts
from ketenwacht.messages.report.data import AuditRow
from ketenwacht.messages.views import IntervalView, MissingView, PointView, ResultView, RunView, TrendView
from ketenwacht.messages.views_finding import FindingView, ImpactView

from .terminal import Row, headline_of

RUN_SCHEMA = "ketenwacht/run/1"
BACKTEST_SCHEMA = "ketenwacht/backtest/1"

Object = dict[str, object]


def run_object(run: RunView) -> Object:
    """Return one run as `ketenwacht/run/1`."""
    return {
        "schema": RUN_SCHEMA,
        "feed": run.feed,
        "delivery": run.delivery,
        "period": run.period.isoformat(),
        "status": run.status.word,
        **({"occasion": "evidence"} if run.by_evidence else {}),
        "results": [result_object(result) for result in run.results],
    }


def result_object(result: ResultView) -> Object:
    """Return one result of a run."""
    observed = result.observed
    shown: Object = {
        "check": result.check,
        "segment": result.segment.as_dict(),
        "status": result.status.word,
        "code": result.code,
        "params": dict(result.params),
        "observed": None if observed is None else figure(observed.value),
        "expected": interval_object(result.expected),
        "unit": result.unit,
        "evidence": result.evidence.value,
        "missing": missing_object(result.missing),
        "message": result.message,
    }
    if observed is not None and observed.hidden:
        shown |= {"hidden": True, "observed_text": result.observed_text}
    return shown


def interval_object(expected: IntervalView | None) -> Object | None:
    """Return where a value was expected; null on a side without a limit."""
    return None if expected is None else {"low": figure(expected.low), "high": figure(expected.high)}


def missing_object(missing: MissingView | None) -> Object | None:
    """Return an estimate of missing persons; negative: too many."""
    if missing is None:
        return None
    return {
        "since": missing.since.isoformat(),
        "value": figure(missing.value.value),
        **({"hidden": True} if missing.value.hidden else {}),
        "low": figure(missing.low),
        "high": figure(missing.high),
    }


def found_first_object(first: FoundFirstView) -> Object:
    """Return the yardstick: persons first found by us and by an inquiry, and the share of the latter."""
    share = None if first.share is None else first.share.value
    return {
        **public_counts(by_inquiry=first.by_inquiry, by_us=first.by_us),
        "share_by_inquiry": None if share is None else round(share, 2),
    }


def impact_object(impact: ImpactView | None) -> Object | None:
    """Return where those missing are and which terms run for them; None when nobody is, or nothing counted it."""
    if impact is None:
        return None
    return {
        **public_counts(persons=impact.count),
        "parts": [
            {"segment": part.segment.as_dict(), **public_counts(persons=part.count)} for part in impact.parts
        ],
        "terms": [
            {
                "name": term.name,
                "starts": term.starts,
                **public_counts(passed=term.passed, soon=term.soon, waiting=term.waiting, overdue=term.overdue),
            }
            for term in impact.terms
        ],
    }


def incident_object(incident: FindingView) -> Object:
    """Return one incident as it stands in a replay; times in UTC, ISO 8601."""
    return {
        "id": incident.id,
        "check": incident.check,
        "segment": incident.segment.as_dict(),
        "evidence": incident.evidence.value,
        "severity": incident.severity.name.lower(),
        "opened_at": moment(incident.opened_at),
        "resolved_at": moment(incident.resolved_at),
        "missing": missing_object(incident.missing),
    }


def backtest_object(feed: str, rows: Sequence[AuditRow]) -> Object:
    """Return a backtest as `ketenwacht/backtest/1`; days are calendar days."""
    return {"schema": BACKTEST_SCHEMA, "feed": feed, "scenarios": [_scenario(row) for row in rows]}


def _scenario(row: AuditRow) -> Object:
    return {
        "segment": row.segment.as_dict(),
        "drop": row.drop,
        "evidence": row.evidence.value,
        "runs": row.runs,
        "detected": round(row.detected, 3),
        "delay_days": {"p50": figure(row.delay_p50), "p90": figure(row.delay_p90)},
        "bound_days": None if row.bound_days is None else figure(round(row.bound_days, 1)),
        "false_alarms_per_year": None
        if row.false_alarms_per_year is None
        else round(row.false_alarms_per_year, 2),
    }


# Alerts as JSON, ready for `json.dumps`.


ALERTS_SCHEMA = "ketenwacht/alerts/1"


def alerts_object(rows: Sequence[Row], counts: Mapping[str, int], *, replayed: bool = False) -> Object:
    """Return alerts as `ketenwacht/alerts/1`, in the order given."""
    return {
        "schema": ALERTS_SCHEMA,
        "replayed": replayed,
        "counts": dict(counts),
        "alerts": [
            {
                "id": alert.id,
                "route": alert.route,
                "topic": alert.topic,
                "kind": alert.kind,
                "headline": headline_of(alert),
                "state": state,
                "attempts": attempts,
                "created_at": moment(alert.created_at),
                "sent_at": moment(sent_at),
                "error": error,
            }
            for alert, state, attempts, sent_at, error in rows
        ],
    }


# What was looked back at, as JSON; ready for `json.dumps`. A count that must not be told is null.


HISTORY_SCHEMA = "ketenwacht/history/1"
FINDINGS_SCHEMA = "ketenwacht/findings/1"


def history_object(  # noqa: PLR0913 - one part of the object each
    feed: str,
    series: Sequence[TrendView],
    runs: Sequence[RunView],
    *,
    more: int = 0,
    replayed: bool = False,
    faults: Sequence[str] | None = None,
) -> Object:
    """Return a feed's history as `ketenwacht/history/1`.

    `faults` of the audit log, None when it was not verified.
    """
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


def findings_object(findings: Sequence[FindingView], *, replayed: bool = False) -> Object:
    """Return findings as `ketenwacht/findings/1`, in the order given."""
    return {
        "schema": FINDINGS_SCHEMA,
        "replayed": replayed,
        "findings": [full_incident(finding) for finding in findings],
    }


def full_incident(incident: FindingView, events: Sequence[Event] | None = None) -> Object:
    """Return one incident with where it is in its life; with `events` also how it came there."""
    snooze = incident.snooze
    shown: Object = {
        **incident_object(incident),
        "feed": incident.feed,
        "status": incident.status.word,
        "state": incident.state.value,
        "nature": incident.about.value,
        "period": incident.period.isoformat(),
        "code": incident.code,
        "params": dict(incident.params),
        "message": incident.message,
        "summary": incident.message,  # the older name of `message`
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
