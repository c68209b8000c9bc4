"""Runs: what was measured and said of each delivery, written as a whole and once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, func, insert, select

from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.result import JudgedRun

from . import tables
from .codec import columns_of, delivery_of, delivery_row, mark_of
from .database import Connections, inserted, rows_of
from .measured import read_measurements, write_measurements
from .provenance import VerdictProvenance, read_provenance, write_provenance
from .verdicts import read_results, write_results

if TYPE_CHECKING:
    from ketenwacht.domain.checks.base import State

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
            False when this delivery (feed, id and SHA-256) was judged before: nothing is written then.

        Raises:
            StoreError: the history cannot be written; nothing is written.
        """
        feed = run.delivery.feed
        with self._database.begin() as transaction:
            connection = transaction.connection
            number = _insert_run(connection, run, snapshot)
            if number is None:
                return False
            known = transaction.known_series.get(feed, {})
            new = write_measurements(connection, feed, number, snapshot.measurements, known)
            transaction.new_series.setdefault(feed, {}).update(new)
            write_results(connection, number, run.results)
            _write_states(connection, number, states)
            if provenance is not None:
                write_provenance(connection, number, provenance)
        return True

    def find_judged(self, feed: str) -> frozenset[tuple[str, str | None]]:
        """Return the deliveries that were judged: their ids, each with the mark of its content."""
        query = select(tables.deliveries.c.delivery_id, tables.deliveries.c.sha256).where(
            tables.deliveries.c.feed == feed
        )
        with self._database.reading() as connection:
            return frozenset((name, mark_of(key)) for name, key in connection.execute(query))

    def find_snapshots(
        self,
        feed: str,
        *,
        before: date | None = None,
        metrics: Collection[str] | None = None,
    ) -> tuple[Snapshot, ...]:
        """Return what was measured, in order of judging, oldest first.

        Args:
            feed: of which feed.
            before: only deliveries for a period strictly earlier than this; None: all.
            metrics: only measurements of these names; None: all.
        """
        with self._database.reading() as connection:
            rows = rows_of(connection, _runs_of(feed, before=before))
            values = read_measurements(connection, feed, before=before, metrics=metrics)
        return tuple(Snapshot(delivery_of(row), values.get(row["number"], {}), columns_of(row)) for row in rows)

    def find(self, feed: str, *, limit: int | None = None, since: date | None = None) -> tuple[JudgedRun, ...]:
        """Return the runs of a feed, newest last.

        Args:
            feed: of which feed.
            limit: only the newest so many; None: all.
            since: only deliveries for this period or later; None: all.
        """
        query = _runs_of(feed, since=since)
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
            )
            for row in rows
        )
        return tuple(found) if limit is None else tuple(reversed(tuple(found)))

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


def _insert_run(connection: Connection, run: JudgedRun, snapshot: Snapshot) -> int | None:
    """Insert a run and return its number; None when its delivery was judged before."""
    delivery = inserted(connection, tables.deliveries, delivery_row(snapshot.delivery, snapshot.columns))
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
    return int(connection.execute(insert(tables.runs).values(row).returning(tables.runs.c.number)).scalar_one())


def _runs_of(feed: str, *, before: date | None = None, since: date | None = None) -> Select[Any]:
    """The runs of a feed with their deliveries, in order of judging."""
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


def _write_states(connection: Connection, number: int, left: Mapping[str, State]) -> None:
    rows = [{"run": number, "check_name": check, "body": dict(state)} for check, state in left.items()]
    if rows:
        connection.execute(insert(tables.states), rows)
