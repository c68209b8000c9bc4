"""Facts and their digests: what the audit chain holds of each run, delivery, finding, event and alert.

A digest is a SHA-256 over the values of a row as the database stores them, so that SQLite and PostgreSQL give
the same one. That of a run also covers its results, measurements, states and provenance. The columns are those
that never change once written; of an alert the outcome counts too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, Connection, Double, Select, Table, case, func, select, type_coerce
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator

from . import problems, tables
from .measured import series_id
from .types import canonical

RUN, DELIVERY, FINDING, EVENT, ALERT = KINDS = ("run", "delivery", "finding", "event", "alert")
"""What the chain holds digests of."""

Fact = tuple[str, str]
"""A kind and a key: the number of the row, or its id."""

Digests = Mapping[Fact, str | None]
"""By fact its digest; None: it was removed on purpose."""

KEYS: Mapping[Table, tuple[str, Column[Any]]] = {
    tables.runs: (RUN, tables.runs.c.number),
    tables.deliveries: (DELIVERY, tables.deliveries.c.id),
    problems.incidents: (FINDING, problems.incidents.c.id),
    problems.events: (EVENT, problems.events.c.number),
    problems.alerts: (ALERT, problems.alerts.c.id),
}
"""By table, the kind of fact that its rows are and the column that is its key."""

_DIALECT = sqlite.dialect()
_CHUNK = 5000  # rows that are fetched at a time
_HEX = 32  # digits of a digest: 128 bits
_PRUNED = ("manifest", "problem", "columns")  # of a delivery: they go with its run
_OVER = ("sent", "failed")


def _columns(table: Table, *, without: Sequence[str] = ()) -> tuple[Column[Any], ...]:
    return tuple(column for column in table.columns if column.name not in without)


_DELIVERY = _columns(tables.deliveries, without=("id", *_PRUNED))
_RUN = _columns(tables.runs, without=("number",))
_CONTENT = tuple(tables.deliveries.c[name] for name in _PRUNED)
_PROVENANCE = _columns(tables.provenance, without=("run",))
_STATES = _columns(tables.states, without=("run",))
_RESULTS = _columns(tables.results, without=("run",))
_MEASUREMENTS = _columns(tables.measurements, without=("run",))
_FINDING = _columns(problems.incidents)
_EVENT = _columns(problems.events, without=("number",))
_ALERT = tuple(problems.alerts.c[name] for name in ("id", "route", "topic", "kind", "body", "created_at"))

Encoder = Callable[[Any], Any]


def _plain(value: object) -> object:
    """A stored value as JSON; moments in UTC."""
    if isinstance(value, datetime):
        return (value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _encoder(column: Column[Any]) -> Encoder:
    """Return what makes a value of the code the value that the database stores, as JSON."""
    kind = column.type
    if isinstance(kind, TypeDecorator):
        return lambda value: _plain(kind.process_bind_param(value, _DIALECT))
    if isinstance(kind, Double):
        return lambda value: None if value is None else float(value)
    return _plain


_ENCODERS = {
    columns: tuple((column.name, _encoder(column)) for column in columns)
    for columns in (
        _DELIVERY, _RUN, _CONTENT, _PROVENANCE, _STATES, _RESULTS, _FINDING, _EVENT, _ALERT
    )
}  # fmt: skip


def _values(columns: tuple[Column[Any], ...], row: Mapping[str, Any]) -> list[Any]:
    return [encode(row.get(name)) for name, encode in _ENCODERS[columns]]


def _digest(content: object) -> str:
    return hashlib.sha256(canonical(content).encode()).hexdigest()[:_HEX]


def _digest_run(
    run: Sequence[object],
    provenance: Sequence[object] | None,
    states: Iterable[Sequence[object]],
    results: Iterable[Sequence[object]],
    measured: Iterable[Sequence[object]],
) -> str:
    """Digest a run with all that belongs to it; the order of databases for names does not matter."""
    return _digest([list(run), provenance, sorted(states, key=str), list(results), list(measured)])


# What is about to be written, in values of the code.


def digest_delivery(row: Mapping[str, Any]) -> str:
    """Digest a row of `deliveries`."""
    return _digest(_values(_DELIVERY, row))


def digest_run(  # noqa: PLR0913 - the rows of one run, by table
    run: Mapping[str, Any],
    delivery: Mapping[str, Any],
    *,
    provenance: Mapping[str, Any] | None,
    states: Sequence[Mapping[str, Any]],
    results: Sequence[Mapping[str, Any]],
    measurements: Sequence[Mapping[str, Any]],
) -> str:
    """Digest the rows of one run."""
    return _digest_run(
        [*_values(_RUN, run), *_values(_CONTENT, delivery)],
        None if provenance is None else _values(_PROVENANCE, provenance),
        [_values(_STATES, row) for row in states],
        [_values(_RESULTS, row) for row in results],
        sorted((row["series"], row["value"], row["reason"]) for row in measurements),
    )


def digest_finding(row: Mapping[str, Any]) -> str:
    """Digest a row of `incidents`."""
    return _digest(_values(_FINDING, row))


def digest_event(row: Mapping[str, Any]) -> str:
    """Digest a row of `events`."""
    return _digest(_values(_EVENT, row))


def digest_alert(row: Mapping[str, Any], outcome: str | None = None) -> str:
    """Digest a row of `alerts`; `outcome` is its state once it was sent or given up, None before."""
    return _digest([*_values(_ALERT, row), outcome])


# What is in the tables, as the database stores it: a value that was forged need not be one of the code.


def read_digests(connection: Connection) -> Iterator[tuple[Fact, str]]:
    """Yield every fact that is in the tables with its digest, a table at a time, in its order."""
    deliveries, events, alerts = tables.deliveries.c, problems.events.c, problems.alerts.c
    outcome = case((alerts.state.in_(_OVER), alerts.state))
    yield from _runs(connection)
    for kind, query in (
        (DELIVERY, _stored(deliveries.id, *_DELIVERY).order_by(deliveries.id)),
        (FINDING, _stored(problems.incidents.c.id, *_FINDING)),
        (EVENT, _stored(events.number, *_EVENT).order_by(events.number)),
        (ALERT, _stored(alerts.id, *_ALERT).add_columns(outcome).order_by(alerts.number)),
    ):
        for key, *values in _stream(connection, query):
            yield (kind, str(key)), _digest([_plain(value) for value in values])


def _runs(connection: Connection) -> Iterator[tuple[Fact, str]]:
    of = tables.runs.c
    query = _stored(of.number, *_RUN, *_CONTENT).select_from(tables.runs.outerjoin(tables.deliveries))
    parts = [
        _Parts(connection, table, columns, position)
        for table, columns, position in (
            (tables.provenance, _PROVENANCE, None),
            (tables.states, _STATES, None),
            (tables.results, _RESULTS, "position"),
            (tables.measurements, _MEASUREMENTS, "series"),
        )
    ]
    for number, *run in _stream(connection, query.order_by(of.number)):
        provenance, states, results, measured = (part.take(number) for part in parts)
        row = [_plain(value) for value in run]
        yield (
            (RUN, str(number)),
            _digest_run(row, provenance[0] if provenance else None, states, results, measured),
        )


class _Parts:
    """The rows of a table that belong to runs, read once in order of the runs."""

    def __init__(
        self, connection: Connection, table: Table, columns: Sequence[Column[Any]], position: str | None
    ) -> None:
        order = [table.c.run] if position is None else [table.c.run, table.c[position]]
        self._rows = _stream(connection, _stored(table.c.run, *columns).order_by(*order))
        self._whole = table is tables.measurements  # numbers and texts only, and a million of them
        self._next = next(self._rows, None)

    def take(self, run: int) -> list[Sequence[Any]]:
        """Return the rows of a run; those of runs that are not there are passed over."""
        while self._next is not None and self._next[0] < run:
            self._next = next(self._rows, None)
        found: list[Sequence[Any]] = []
        while self._next is not None and self._next[0] == run:
            values = self._next[1:]
            found.append(tuple(values) if self._whole else [_plain(value) for value in values])
            self._next = next(self._rows, None)
        return found


def _stored(key: Column[Any], *columns: Column[Any]) -> Select[Any]:
    """Select columns without the types of the code."""
    kinds = [(column, column.type) for column in (key, *columns)]
    return select(
        *(
            type_coerce(column, kind.impl_instance if isinstance(kind, TypeDecorator) else kind).label(f"c{n}")
            for n, (column, kind) in enumerate(kinds)
        )
    )


def _stream(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    return iter(connection.execute(query.execution_options(yield_per=_CHUNK)))


# References between tables that need no digest: names that follow from what they name, and rows of no run.


def find_misfits(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each table that refers to what is not there, or whose names do not follow."""
    named = connection.execute(select(tables.series)).all()
    wrong = [row.id for row in named if row.id != series_id(row.feed, row.metric, row.segment)]
    if wrong:
        yield _sentence("series", [str(number) for number in wrong], "altered")
    bodies = connection.execute(_stored(tables.rules.c.id, tables.rules.c.body)).all()
    altered = [name for name, body in bodies if hashlib.sha256(f"[{body}]".encode()).hexdigest() != name]
    if altered:
        yield _sentence("rules", altered, "altered")
    for table, column, whole in (
        (tables.measurements, "series", tables.series.c.id),
        (tables.provenance, "rules", tables.rules.c.id),
        (tables.measurements, "run", tables.runs.c.number),
        (tables.results, "run", tables.runs.c.number),
        (tables.states, "run", tables.runs.c.number),
        (tables.provenance, "run", tables.runs.c.number),
    ):
        used = select(table.c[column]).where(table.c[column].not_in(select(whole)))
        lost = connection.execute(select(func.count()).select_from(used.subquery())).scalar_one()
        if lost:
            yield f"{table.name}: {lost} rows refer to {whole.table.name} that are not there"


def compare(recorded: Digests, present: Iterable[tuple[Fact, str]]) -> Iterator[str]:
    """Yield a sentence for each kind of difference between what was recorded and what is in the tables."""
    left = {fact: digest for fact, digest in recorded.items() if digest is not None}
    found: dict[tuple[str, str], list[str]] = {}
    for fact, digest in present:
        known = left.pop(fact, None)
        if known != digest:
            what = "altered" if known is not None else "no line of the log records it"
            found.setdefault((fact[0], what), []).append(fact[1])
    for kind, key in left:
        found.setdefault((kind, "removed"), []).append(key)
    for (kind, what), keys in found.items():
        yield _sentence(kind, keys, what)


_NAMED = 5


def _sentence(kind: str, keys: Sequence[str], what: str) -> str:
    more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
    return f"{kind} {', '.join(keys[:_NAMED])}{more}: {what}"
