"""Runs: what was measured and said of each delivery, written as a whole and once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, func, insert, select

from ketenwacht.domain.findings.finding import Alert, Event, Finding
from ketenwacht.domain.measurement import MetricKey, Snapshot
from ketenwacht.domain.result import JudgedRun
from ketenwacht.errors import StoreError

from . import tables
from .codec import columns_of, delivery_of, delivery_row, mark_of
from .database import inserted, rows_of
from .findings import write_incidents
from .measured import read_measurements, write_measurements
from .outbox import enqueue
from .provenance import ProvenanceRepository, VerdictProvenance, write_provenance
from .verdicts import read_results, write_results

if TYPE_CHECKING:
    from ketenwacht.domain.checks.base import State

_DELIVERY = [column for column in tables.deliveries.c if column.name != "id"]
_NO_STATES: Mapping[str, State] = MappingProxyType({})


class RunRepository(ProvenanceRepository):
    """The runs of every feed."""

    def save(  # noqa: PLR0913 - one call, since it is one transaction
        self,
        run: JudgedRun,
        snapshot: Snapshot,
        *,
        states: Mapping[str, State] = _NO_STATES,
        incidents: Sequence[Finding] = (),
        events: Sequence[Event] = (),
        alerts: Sequence[Alert] = (),
        based_on: Sequence[Finding] = (),
        provenance: VerdictProvenance | None = None,
    ) -> bool:
        """Keep one judged delivery with all that follows from it, in one transaction.

        Args:
            run: what was said.
            snapshot: what was measured; it speaks of the same delivery.
            states: by check, what it wants to remember.
            incidents: incidents that began or changed, as they are now.
            events: their transitions, in order.
            alerts: what must be told, in order.
            based_on: the incidents as they were read before judging; one that somebody changed since is refused.
            provenance: what the verdict rests on besides; None: nothing judged it.

        Returns:
            False when this delivery (feed, id and SHA-256) was judged before: nothing at all is written then.

        Raises:
            ConcurrentUpdate: an incident of `based_on` changed meanwhile; nothing is written.
            StoreError: the history cannot be written; nothing is written.
        """
        delivery, known = run.delivery, self.known_series.setdefault(run.delivery.feed, {})
        fresh: dict[MetricKey, int] = {}
        try:
            with self.writing() as connection:
                number = _begin(connection, run, snapshot)
                if number is None:
                    return False
                fresh = write_measurements(connection, delivery.feed, number, snapshot.measurements, known)
                write_results(connection, number, run.results)
                _write_states(connection, number, states)
                if provenance is not None:
                    write_provenance(connection, number, provenance)
                write_incidents(connection, incidents, events, based_on)
                enqueue(connection, alerts)
        except StoreError:
            self.known_series.clear()  # the database may be another one than it was, restored from a backup
            raise
        known.update(fresh)
        return True

    def judged(self, feed: str) -> frozenset[tuple[str, str | None]]:
        """The deliveries that were judged: their ids, each with the mark of its content."""
        query = select(tables.deliveries.c.delivery_id, tables.deliveries.c.sha256).where(
            tables.deliveries.c.feed == feed
        )
        with self.reading() as connection:
            return frozenset((name, mark_of(key)) for name, key in connection.execute(query))

    def snapshots(
        self,
        feed: str,
        *,
        before: date | None = None,
        metrics: Collection[str] | None = None,
    ) -> tuple[Snapshot, ...]:
        """What was measured, in order of judging, oldest first.

        Args:
            feed: of which feed.
            before: only deliveries for a period strictly earlier than this; None: all.
            metrics: only measurements of these names; None: all.
        """
        with self.reading() as connection:
            rows = rows_of(connection, _runs_of(feed, before=before))
            values = read_measurements(connection, feed, before=before, metrics=metrics)
        return tuple(Snapshot(delivery_of(row), values.get(row["number"], {}), columns_of(row)) for row in rows)

    def runs(self, feed: str, *, limit: int | None = None, since: date | None = None) -> tuple[JudgedRun, ...]:
        """What was said, newest last.

        Args:
            feed: of which feed.
            limit: only the newest so many; None: all.
            since: only deliveries for this period or later; None: all.
        """
        query = _runs_of(feed, since=since)
        if limit is not None:
            query = query.order_by(None).order_by(tables.runs.c.number.desc()).limit(limit)
        with self.reading() as connection:
            rows = rows_of(connection, query)
            said = read_results(connection, [row["number"] for row in rows])
        found = (
            JudgedRun(
                row["run_id"], delivery_of(row), row["at"], said[row["number"]], row["smallest"], row["detector"]
            )
            for row in rows
        )
        return tuple(found) if limit is None else tuple(reversed(tuple(found)))

    def states(self, feed: str) -> Mapping[str, State]:
        """What each check of a feed remembers: by check, from the newest run in which it left something."""
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
        with self.reading() as connection:
            return dict(connection.execute(query).all())

    def states_of(self, run_id: str) -> Mapping[str, State]:
        """What each check left with one run; {} for an unknown run."""
        query = (
            select(tables.states.c.check_name, tables.states.c.body)
            .join(tables.runs)
            .where(tables.runs.c.id == run_id)
        )
        with self.reading() as connection:
            return dict(connection.execute(query).all())


def _begin(connection: Connection, run: JudgedRun, snapshot: Snapshot) -> int | None:
    """The number of a new run; None when its delivery was judged before."""
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
