"""Runs, replays and backtests as the JSON of the public interface; ready for `json.dumps`.

Privacy decides the numbers (`messages.privacy`). A number of persons that must not be told is null, with
`"hidden": true` beside it. `observed_text` then says `<10`; it stays for one release.
"""

from __future__ import annotations

from collections.abc import Sequence

from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.public import figure, moment, public_counts
from ketenwacht.messages.report.data import AuditRow, Replay
from ketenwacht.messages.views import IntervalView, MissingView, ResultView, RunView
from ketenwacht.messages.views_incident import ImpactView, IncidentView, view_incident
from ketenwacht.messages.yardstick import FoundFirstView, view_found_first, yardstick_of

RUN_SCHEMA = "ketenwacht/run/1"
REPLAY_SCHEMA = "ketenwacht/replay/1"
BACKTEST_SCHEMA = "ketenwacht/backtest/1"

Object = dict[str, object]


def run_object(run: RunView) -> Object:
    """One run as `ketenwacht/run/1`."""
    return {
        "schema": RUN_SCHEMA,
        "feed": run.feed,
        "delivery": run.delivery,
        "period": run.period.isoformat(),
        "status": run.status.word,
        "results": [result_object(result) for result in run.results],
    }


def result_object(result: ResultView) -> Object:
    """One result of a run."""
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
    """Where a value was expected; null on a side without a limit."""
    return None if expected is None else {"low": figure(expected.low), "high": figure(expected.high)}


def missing_object(missing: MissingView | None) -> Object | None:
    """An estimate of missing persons; negative: too many."""
    if missing is None:
        return None
    return {
        "since": missing.since.isoformat(),
        "value": figure(missing.value.value),
        **({"hidden": True} if missing.value.hidden else {}),
        "low": figure(missing.low),
        "high": figure(missing.high),
    }


def replay_object(replay: Replay, how: MessageFormatter) -> Object:
    """A whole replay as `ketenwacht/replay/1`; `alerts.per_week` is a mean over the replayed stretch."""
    weeks = ((replay.last - replay.first).days + 1) / 7
    return {
        "schema": REPLAY_SCHEMA,
        "feed": replay.feed,
        "from": replay.first.isoformat(),
        "to": replay.last.isoformat(),
        "deliveries": replay.deliveries,
        "incidents": [incident_object(view_incident(incident, how)) for incident in replay.incidents],
        "found_first": found_first_object(view_found_first(yardstick_of(replay), how)),
        "alerts": {
            "sent": replay.alerts_sent,
            "per_week": round(replay.alerts_sent / weeks, 2) if weeks > 0 else None,
        },
    }


def found_first_object(first: FoundFirstView) -> Object:
    """The yardstick: persons first found by us and by an inquiry, and the share of the latter."""
    share = None if first.share is None else first.share.value
    return {
        **public_counts(by_inquiry=first.by_inquiry, by_us=first.by_us),
        "share_by_inquiry": None if share is None else round(share, 2),
    }


def impact_object(impact: ImpactView | None) -> Object | None:
    """Where those missing are and which terms run for them; None when nobody is, or nothing counted it."""
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


def incident_object(incident: IncidentView) -> Object:
    """One incident as it stands in a replay; times in UTC, ISO 8601."""
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
    """A backtest as `ketenwacht/backtest/1`; days are calendar days."""
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
