"""Runs: what was measured and judged of each delivery, and what the verdict rests on; each is written once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, Table, func, insert, select

from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.result import CheckResult, Interval, JudgedRun
from ketenwacht.domain.statement import params_from_json, params_json

from . import tables
from .audit import record_facts, record_row
from .audit_facts import RUN, digest_run, key_of
from .codec import (
    EVIDENCE,
    columns_of,
    delivery_of,
    delivery_row,
    digest,
    evidence_key,
    evidence_of,
    mark_of,
    missing_of,
    missing_row,
)
from .database import Connections, Row, ignore_known, inserted, rows_of
from .measurements import read_measurements, write_measurements
from .tables import results

if TYPE_CHECKING:
    from ketenwacht.domain.checks.base import State
    from ketenwacht.domain.segment import Segment

_BY_DELIVERY = ~tables.deliveries.c.sha256.startswith(EVIDENCE)
"""Runs of deliveries, not those that evidence led to."""
_DELIVERY = [column for column in tables.deliveries.c if column.name != "id"]
_NO_STATES: Mapping[str, State] = MappingProxyType({})


class RunRepository:
    """The runs of every feed: what was measured, judged and remembered, and what each verdict rests on."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def save(
        self,
        run: JudgedRun,
        snapshot: Snapshot,
        *,
        states: Mapping[str, State] = _NO_STATES,
        provenance: VerdictProvenance | None = None,
    ) -> bool:
        """Save one judged delivery with its measurements, results, states and provenance.

        Args:
            run: what was judged.
            snapshot: what was measured, of the same delivery.
            states: by check, what it wants to remember.
            provenance: what the verdict rests on besides; None: nothing judged it.

        Returns:
            False when this delivery (feed, id and SHA-256) was judged before, or by this evidence: nothing is
            written then.

        Raises:
            StoreError: the history cannot be written; nothing is written.
        """
        feed = run.delivery.feed
        with self._database.begin() as transaction:
            connection = transaction.connection
            delivery = delivery_row(snapshot.delivery, snapshot.columns)
            if run.by_evidence:
                delivery["sha256"] = evidence_key(run.evidence, run.delivery.mark)
            written = _insert_run(connection, run, delivery)
            if written is None:
                return False
            number = written["number"]
            known = transaction.known_series.get(feed, {})
            new, measured = write_measurements(connection, feed, number, snapshot.measurements, known)
            transaction.new_series.setdefault(feed, {}).update(new)
            digest = digest_run(
                written,
                delivery,
                measurements=measured,
                results=write_results(connection, number, run.results),
                states=_write_states(connection, number, states),
                provenance=None if provenance is None else write_provenance(connection, number, provenance),
            )
            record_facts(transaction, {key_of(RUN, written): digest}, run.at)
            record_row(transaction, tables.deliveries, {**delivery, "id": written["delivery"]}, run.at)
        return True

    def find_judged(self, feed: str) -> frozenset[tuple[str, str | None]]:
        """Return the deliveries that were judged: their ids, each with the mark of its content."""
        query = select(tables.deliveries.c.delivery_id, tables.deliveries.c.sha256).where(
            tables.deliveries.c.feed == feed, _BY_DELIVERY
        )
        with self._database.reading() as connection:
            return frozenset((name, mark_of(key)) for name, key in connection.execute(query))

    def find_snapshots(
        self,
        feed: str,
        *,
        before: date | None = None,
        metrics: Collection[str] | None = None,
        segments: Callable[[Segment], bool] | None = None,
    ) -> tuple[Snapshot, ...]:
        """Return what was measured, in order of judging, oldest first.

        Args:
            feed: of which feed.
            before: only deliveries for a period strictly earlier than this; None: all.
            metrics: only measurements of these names; None: all.
            segments: only measurements of the segments that it chooses; None: all.
        """
        with self._database.reading() as connection:
            rows = rows_of(connection, _runs_of(feed, before=before).where(_BY_DELIVERY))
            values = read_measurements(connection, feed, before=before, metrics=metrics, segments=segments)
        return tuple(Snapshot(delivery_of(row), values.get(row["number"], {}), columns_of(row)) for row in rows)

    def find(
        self,
        feed: str,
        *,
        limit: int | None = None,
        since: date | None = None,
        judged_after: datetime | None = None,
    ) -> tuple[JudgedRun, ...]:
        """Return the runs of a feed, newest last.

        Args:
            feed: of which feed.
            limit: only the newest so many; None: all.
            since: only deliveries for this period or later; None: all.
            judged_after: only those that were judged after this moment (UTC); None: all.
        """
        query = _runs_of(feed, since=since)
        if judged_after is not None:
            query = query.where(tables.runs.c.at > judged_after)
        if limit is not None:
            query = query.order_by(None).order_by(tables.runs.c.number.desc()).limit(limit)
        with self._database.reading() as connection:
            rows = rows_of(connection, query)
            results = read_results(connection, [row["number"] for row in rows])
        found = (
            JudgedRun(
                row["run_id"],
                delivery_of(row),
                row["at"],
                results[row["number"]],
                row["smallest"],
                row["detector"],
                evidence_of(row["sha256"]),
            )
            for row in rows
        )
        return tuple(found) if limit is None else tuple(reversed(tuple(found)))

    def find_newest_provenance(self, feed: str) -> VerdictProvenance | None:
        """Return what the newest verdict of a feed rests on; None when none has provenance."""
        with self._database.reading() as connection:
            return next(iter(read_provenance(connection, feed, newest=True).values()), None)

    def find_states(self, feed: str) -> Mapping[str, State]:
        """Return what each check of a feed remembers: by check, from the newest run in which it left a state."""
        newest = (
            select(tables.states.c.check_name, func.max(tables.states.c.run).label("run"))
            .join(tables.runs, tables.runs.c.number == tables.states.c.run)
            .join(tables.deliveries)
            .where(tables.deliveries.c.feed == feed)
            .group_by(tables.states.c.check_name)
            .subquery()
        )
        query = select(tables.states.c.check_name, tables.states.c.body).join(
            newest,
            (newest.c.check_name == tables.states.c.check_name) & (newest.c.run == tables.states.c.run),
        )
        with self._database.reading() as connection:
            return dict(connection.execute(query).all())

    def find_states_of(self, run_id: str) -> Mapping[str, State]:
        """Return what each check left with one run, by check; {} for an unknown run."""
        query = (
            select(tables.states.c.check_name, tables.states.c.body)
            .join(tables.runs)
            .where(tables.runs.c.id == run_id)
        )
        with self._database.reading() as connection:
            return dict(connection.execute(query).all())

    def find_provenance(self, feed: str) -> Mapping[str, VerdictProvenance]:
        """Return what each verdict of a feed rests on, by id of the run; runs without it are left out."""
        with self._database.reading() as connection:
            return read_provenance(connection, feed)


def _insert_run(connection: Connection, run: JudgedRun, row_of_delivery: Row) -> dict[str, Any] | None:
    """Insert a run and return its row; None when its delivery was judged before."""
    delivery = inserted(connection, tables.deliveries, row_of_delivery)
    if delivery is None:
        return None
    row = {
        "id": run.id,
        "delivery": delivery,
        "at": run.at,
        "status": run.status,
        "smallest": run.smallest,
        "detector": run.detector,
    }
    number = connection.execute(insert(tables.runs).returning(tables.runs.c.number), row).scalar_one()
    return {**row, "number": int(number)}


def _runs_of(feed: str, *, before: date | None = None, since: date | None = None) -> Select[Any]:
    """Return the runs of a feed with their deliveries, in order of judging."""
    runs = tables.runs.c
    query = (
        select(runs.number, runs.id.label("run_id"), runs.at, runs.smallest, runs.detector, *_DELIVERY)
        .join(tables.deliveries)
        .where(tables.deliveries.c.feed == feed)
        .order_by(tables.runs.c.number)
    )
    if before is not None:
        query = query.where(tables.deliveries.c.period < before)
    return query if since is None else query.where(tables.deliveries.c.period >= since)


def _write_states(connection: Connection, number: int, left: Mapping[str, State]) -> Sequence[Row]:
    rows = [{"run": number, "check_name": check, "body": dict(state)} for check, state in left.items()]
    if rows:
        connection.execute(insert(tables.states), rows)
    return rows


# Results as rows: the observed value is stored beside the limits that it was judged by.


_CHUNK = 500  # runs a statement: databases limit the number of parameters


def write_results(connection: Connection, run: int, said: Sequence[CheckResult]) -> Sequence[Row]:
    """Write the results of the run with this number, in order, and return the rows."""
    rows = [{"run": run, "position": position, **_row(result)} for position, result in enumerate(said)]
    if rows:
        connection.execute(insert(results), rows)
    return rows


def read_results(connection: Connection, runs: Sequence[int]) -> Mapping[int, tuple[CheckResult, ...]]:
    """Return the results of each run in order, by run number; () for a run without any."""
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


# Provenance: what a verdict rests on besides measurements, so that it can be reproduced.


_READ = (tables.reference_figures, tables.inquiries, tables.reconciliations, tables.exclusions)
"""The tables of evidence and declarations that verdicts are made from."""

EvidenceWatermarks = Mapping[str, int]
"""By table, the number of its last row at some moment; a table that was empty is not in it."""


@dataclass(frozen=True, slots=True)
class VerdictProvenance:
    """What one verdict rests on besides measurements and what the checks remembered.

    Attributes:
        rules: the checks, calendars and expectations of that moment, as JSON.
        watermarks: how far evidence and declarations had come.
        known_at: the moment (UTC) until which evidence counted; None: that of judging.
    """

    rules: Mapping[str, Any]
    watermarks: EvidenceWatermarks = field(default_factory=dict)
    known_at: datetime | None = None


def read_watermarks(connection: Connection) -> EvidenceWatermarks:
    """Return how far evidence and declarations have come: what comes later has a higher number."""
    newest = {t.name: connection.execute(select(func.max(t.c.id))).scalar_one() for t in _READ}
    return {name: int(number) for name, number in newest.items() if number is not None}


def read_provenance(connection: Connection, feed: str, *, newest: bool = False) -> Mapping[str, VerdictProvenance]:
    """Return what each verdict of a feed rests on, by id of the run; runs without provenance are left out.

    With `newest` only the newest of them.
    """
    table = tables.provenance
    query = (
        select(tables.runs.c.id, table.c.rules, table.c.papers, table.c.known_at)
        .join(tables.runs, tables.runs.c.number == table.c.run)
        .join(tables.deliveries, tables.deliveries.c.id == tables.runs.c.delivery)
        .where(tables.deliveries.c.feed == feed)
    )
    if newest:
        query = query.order_by(tables.runs.c.number.desc()).limit(1)
    rows = connection.execute(query).all()
    wanted = select(tables.rules.c.id, tables.rules.c.body).where(tables.rules.c.id.in_({row[1] for row in rows}))
    bodies = dict(connection.execute(wanted).all())
    return {run: VerdictProvenance(bodies[rules], until, known_at) for run, rules, until, known_at in rows}


def write_provenance(connection: Connection, run: int, provenance: VerdictProvenance) -> Row:
    """Save what a run rests on and return the row; rules that were saved before are only referred to."""
    name = digest(dict(provenance.rules))
    ignore_known(connection, tables.rules, [{"id": name, "body": dict(provenance.rules)}])
    row = {"run": run, "rules": name, "papers": dict(provenance.watermarks), "known_at": provenance.known_at}
    connection.execute(insert(tables.provenance), row)
    return row


def as_of(query: Select[Any], table: Table, until: EvidenceWatermarks | None) -> Select[Any]:
    """Limit a query to the rows of a table that were there at some moment; None: all that are there now."""
    return query if until is None else query.where(table.c.id <= until.get(table.name, 0))
