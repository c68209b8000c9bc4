"""Results of checks as rows: the observed value stays beside the limits that it was judged by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from ketenwacht.domain.result import CheckResult, Interval
from ketenwacht.domain.statement import params_from_json, params_json

from .codec import missing_of, missing_row
from .database import rows_of
from .tables import results

_CHUNK = 500  # runs a statement: databases limit the number of parameters


def write_results(connection: Connection, run: int, said: Sequence[CheckResult]) -> None:
    """Write the results of the run with this number, in order."""
    rows = [{"run": run, "position": position, **_row(result)} for position, result in enumerate(said)]
    if rows:
        connection.execute(insert(results), rows)


def read_results(connection: Connection, runs: Sequence[int]) -> Mapping[int, tuple[CheckResult, ...]]:
    """By run number, its results in order; () for a run without any."""
    found: dict[int, list[CheckResult]] = {run: [] for run in runs}
    for start in range(0, len(runs), _CHUNK):
        some: Collection[int] = runs[start : start + _CHUNK]
        query = select(results).where(results.c.run.in_(some)).order_by(results.c.run, results.c.position)
        for row in rows_of(connection, query):
            found[row["run"]].append(_result(row))
    return {run: tuple(said) for run, said in found.items()}


def _row(result: CheckResult) -> dict[str, Any]:
    limits = Interval() if result.expected is None else result.expected
    return {
        "check_name": result.check,
        "status": result.status,
        "evidence": result.evidence,
        "message": result.message,
        "code": result.code or None,
        "params": params_json(result.params) if result.code else None,
        "segment": result.segment,
        "observed": result.observed,
        "bounded": result.expected is not None,
        "low": limits.low,
        "high": limits.high,
        "unit": result.unit,
        "of_delivery": result.of_delivery,
        "whole": result.whole,
        **missing_row(result.missing),
    }


def _result(row: Mapping[str, Any]) -> CheckResult:
    return CheckResult(
        check=row["check_name"],
        status=row["status"],
        evidence=row["evidence"],
        message=row["message"],
        code=row["code"] or "",
        params={} if row["params"] is None else params_from_json(row["params"]),
        segment=row["segment"],
        observed=row["observed"],
        expected=Interval(row["low"], row["high"]) if row["bounded"] else None,
        unit=row["unit"],
        of_delivery=row["of_delivery"],
        whole=row["whole"],
        missing=missing_of(row),
    )
