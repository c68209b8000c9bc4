"""Runs, replays and backtests as the JSON of the public interface; ready for `json.dumps`.

Privacy decides the numbers. `observed` in a unit that counts persons is null when it is above 0 and below 10;
`observed_text` then says `<10` (the key is there only then). An estimate of missing persons is rounded to
tens, its interval outward; an estimate above 0 never becomes 0: one missing person is not reported as none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from ketenwacht.domain.impact import Impact
from ketenwacht.domain.incident import Incident
from ketenwacht.domain.privacy import SMALL_COUNT
from ketenwacht.domain.result import CheckResult, Interval, Missing, Run
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.yardstick import FoundFirst, yardstick_of

from .data import AuditRow, Replay
from .words import PERSON_UNITS, is_small, limits, say

RUN_SCHEMA = "ketenwacht/run/1"
REPLAY_SCHEMA = "ketenwacht/replay/1"
BACKTEST_SCHEMA = "ketenwacht/backtest/1"

Object = dict[str, object]


def run_object(run: Run) -> Object:
    """One run as `ketenwacht/run/1`."""
    return {
        "schema": RUN_SCHEMA,
        "feed": run.delivery.feed,
        "delivery": run.delivery.id,
        "period": run.delivery.period.isoformat(),
        "status": run.status.word,
        "results": [_result(result) for result in run.results],
    }


def replay_object(replay: Replay) -> Object:
    """A whole replay as `ketenwacht/replay/1`; `alerts.per_week` is a mean over the replayed stretch."""
    weeks = ((replay.last - replay.first).days + 1) / 7
    return {
        "schema": REPLAY_SCHEMA,
        "feed": replay.feed,
        "from": replay.first.isoformat(),
        "to": replay.last.isoformat(),
        "deliveries": replay.deliveries,
        "incidents": [incident_object(incident) for incident in replay.incidents],
        "found_first": found_first_object(yardstick_of(replay)),
        "alerts": {
            "sent": replay.alerts_sent,
            "per_week": round(replay.alerts_sent / weeks, 2) if weeks > 0 else None,
        },
    }


def found_first_object(first: FoundFirst) -> Object:
    """The yardstick: persons first found by us and by an inquiry, in tens, and the share of the latter."""
    share = first.share
    return {
        **tens(by_inquiry=first.by_inquiry, by_us=first.by_us),
        "share_by_inquiry": None if share is None else round(share, 2),
    }


def tens(**counts: float) -> Object:
    """Counts of persons as they may leave the tool: in tens, and below ten hidden."""
    shown: Object = {}
    for name, count in counts.items():
        small = 0 < round(count) < SMALL_COUNT
        shown[name] = None if small else int(round(count, -1))
        if small:
            shown[f"{name}_text"] = f"<{SMALL_COUNT}"
    return shown


def impact_object(impact: Impact | None) -> Object | None:
    """Where those missing are and which terms run for them; None when nobody is, or nothing counted it."""
    if impact is None or impact.count == 0:
        return None
    return {
        **tens(persons=impact.count),
        "parts": [{"segment": segment.as_dict(), **tens(persons=count)} for segment, count in impact.parts],
        "terms": [
            {
                "name": MessageFormatter().text(term.clock.name),
                "starts": term.clock.starts.value,
                **tens(passed=term.passed, soon=term.soon, waiting=term.waiting, overdue=term.overdue),
            }
            for term in impact.terms
        ],
    }


def incident_object(incident: Incident) -> Object:
    """One incident as it stands in a replay; times in UTC, ISO 8601."""
    return {
        "id": incident.id,
        "check": incident.fingerprint.check,
        "segment": incident.fingerprint.segment.as_dict(),
        "evidence": incident.evidence.value,
        "severity": incident.severity.name.lower(),
        "opened_at": _moment(incident.opened_at),
        "resolved_at": None if incident.resolved_at is None else _moment(incident.resolved_at),
        "missing": _missing(incident.missing),
    }


def backtest_object(feed: str, rows: Sequence[AuditRow]) -> Object:
    """A backtest as `ketenwacht/backtest/1`; days are calendar days."""
    return {"schema": BACKTEST_SCHEMA, "feed": feed, "scenarios": [_scenario(row) for row in rows]}


def _result(result: CheckResult) -> Object:
    shown: Object = {
        "check": result.check,
        "segment": result.segment.as_dict(),
        "status": result.status.word,
        "observed": _observed(result),
        "expected": _expected(result.expected, result.unit),
        "unit": result.unit,
        "evidence": result.evidence.value,
        "missing": _missing(result.missing),
        "message": say(result.said),
    }
    if result.observed is not None and is_small(result.observed, result.unit):
        shown["observed_text"] = "<10"
    return shown


def _scenario(row: AuditRow) -> Object:
    return {
        "segment": row.segment.as_dict(),
        "drop": row.drop,
        "evidence": row.evidence.value,
        "runs": row.runs,
        "detected": round(row.detected, 3),
        "delay_days": {"p50": _figure(row.delay_p50), "p90": _figure(row.delay_p90)},
        "bound_days": None if row.bound_days is None else _figure(round(row.bound_days, 1)),
        "false_alarms_per_year": None
        if row.false_alarms_per_year is None
        else round(row.false_alarms_per_year, 2),
    }


def _observed(result: CheckResult) -> float | None:
    if result.observed is None or is_small(result.observed, result.unit):
        return None
    return _figure(float(round(result.observed)) if result.unit in PERSON_UNITS else result.observed)


def _expected(expected: Interval | None, unit: str | None) -> Object | None:
    if expected is None:
        return None
    shown = limits(expected, unit)
    return {"low": _figure(shown.low), "high": _figure(shown.high)}


def _missing(missing: Missing | None) -> Object | None:
    if missing is None:
        return None
    return {
        "since": missing.since.isoformat(),
        "value": _tens(missing.value),
        "low": math.floor(missing.low / 10) * 10,
        "high": math.ceil(missing.high / 10) * 10,
    }


def _tens(value: float) -> int:
    """The nearest ten, and 10 rather than 0 for anything that rounds to a whole person."""
    whole = round(value)
    if 0 < abs(whole) < 10:  # noqa: PLR2004 - a ten is what we round to
        return 10 if whole > 0 else -10
    return round(whole, -1)


def _figure(value: float | None) -> float | None:
    """A number as JSON can hold it: whole when it is whole, null when it is not finite."""
    if value is None or not math.isfinite(value):
        return None
    return int(value) if float(value).is_integer() else round(value, 6)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
