"""Facts and their digests: what the audit log records of the rows of every other table.

A digest is a SHA-256 over the values of a row as the database stores them, by column name and without nulls, so
that SQLite and PostgreSQL give the same one and a new nullable column changes none. The digest of a run also
covers its results, measurements, states and provenance, and the content of its delivery.

Every column of every table is covered, except those in `NOT_COVERED`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Double,
    Integer,
    Select,
    Table,
    Text,
    func,
    inspect,
    select,
    type_coerce,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import NullType, TypeDecorator

from . import tables
from .measurements import StoredMeasurement, series_id
from .types import canonical

Row = Mapping[str, Any]

Fact = tuple[str, str]
"""A kind and a key: the number of the row, its id, or what makes it the only one."""

Digests = Mapping[Fact, str | None]
"""By fact its digest; None: it was removed on purpose."""


@dataclass(frozen=True, slots=True)
class FactKind:
    """One kind of fact: the rows of a table.

    Attributes:
        name: as the log and people read it.
        table: whose rows they are.
        key: the columns that tell one row from another.
        left_out: columns that the digest leaves out.
        decided: state that a row must have before the columns in `working` count; None: they always do.
        working: columns that change until the row is in one of the states `decided`.
    """

    name: str
    table: Table
    key: tuple[str, ...] = ("id",)
    left_out: frozenset[str] = frozenset()
    decided: frozenset[str] | None = None
    working: frozenset[str] = frozenset()


_PRUNED = frozenset({"manifest", "problem", "columns"})  # of a delivery: part of its run, and pruned with it
_DELIVERING = frozenset(
    {"state", "attempts", "refused", "next_attempt_at", "worker", "leased_until", "sent_at", "ref", "error"}
)

_TRAIL = frozenset({"trail"})
_CAUSES = frozenset({"causes"})

RUN = FactKind("run", tables.runs, ("number",))
KINDS = (
    RUN,
    FactKind("delivery", tables.deliveries, left_out=_PRUNED),
    FactKind("expected delivery", tables.expected, ("feed", "due")),
    FactKind("schedule", tables.watermarks, ("feed",)),
    FactKind("finding", tables.incidents, left_out=_TRAIL),
    FactKind("event", tables.events, ("number",)),
    FactKind("incident", tables.numbered_incidents, ("number",), left_out=_CAUSES),
    FactKind("membership", tables.memberships, ("finding",)),
    FactKind("incident event", tables.incident_events),
    FactKind("alert", tables.alerts, decided=frozenset({"sent", "failed"}), working=_DELIVERING),
    FactKind("reference figure", tables.reference_figures),
    FactKind("inquiry", tables.inquiries),
    FactKind("reconciliation", tables.reconciliations),
    FactKind("exclusion window", tables.exclusions),
    FactKind("baseline", tables.baselines, ("feed", "check_name", "version")),
    FactKind("baseline act", tables.baseline_acts),
)
"""Every kind of fact. A new table is one line here, and `audit.record_row` wherever a row is written."""

KIND_OF: Mapping[Table, FactKind] = MappingProxyType({kind.table: kind for kind in KINDS})

PARTS = (tables.provenance, tables.states, tables.results, tables.measurements)
"""The tables whose rows belong to a run: its digest covers them."""

CHECKED = (tables.series, tables.rules)
"""The tables whose keys are hashes of their content: `find_misfits` computes them again."""

NOT_COVERED: Mapping[str, str] = MappingProxyType(
    {
        "leases": "who works now; it changes every few seconds",
        "audit": "the log itself; its chain covers it",
        "incidents.trail": "it follows from the results of the runs",
        "numbered_incidents.causes": "it follows from the measurements and the results of the runs",
        **{f"alerts.{name}": "how sending goes, until the alert is sent or given up" for name in _DELIVERING},
    }
)
"""By table or `table.column`, why no digest covers it."""

_DIALECT = sqlite.dialect()
_CHUNK = 5000  # rows that are fetched at a time
_HEX = 32  # digits of a digest: 128 bits


def key_of(kind: FactKind, row: Row) -> Fact:
    """Return the fact that a row is; its values are of the code, or stored ones."""
    values = [_stored_form(_plain(row.get(name))) for name in kind.key]
    return kind.name, values[0] if len(values) == 1 else "/".join(quote(text, safe=" :.-") for text in values)


def _stored_form(value: object) -> str:
    return value if isinstance(value, str) else canonical(value)


def _plain(value: object) -> object:
    """Return a value as SQLite stores it, as JSON: moments in UTC, truth values as 0 and 1."""
    if isinstance(value, datetime):
        naive = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        return naive.isoformat(" ", "microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return int(value)
    return value.hex() if isinstance(value, bytes) else value


def _encoder(column: Column[Any]) -> Callable[[Any], Any] | None:
    """Return what makes a value of the code the value that the database stores, as JSON; None: it is the same."""
    kind = column.type
    if isinstance(kind, TypeDecorator):
        bind = kind.process_bind_param
        if isinstance(kind.impl_instance, DateTime):
            return lambda value: _plain(bind(value, _DIALECT))
        return lambda value: bind(value, _DIALECT)
    if isinstance(kind, Double):
        return float
    return None if isinstance(kind, (Text, Integer)) else _plain


@cache
def _encoders(table: Table) -> Mapping[str, Callable[[Any], Any] | None]:
    return {column.name: _encoder(column) for column in table.columns}


def _encode(table: Table, row: Row, left_out: Collection[str] = ()) -> dict[str, Any]:
    """Return the stored values of a row of the code, by column name, without nulls."""
    encoders = _encoders(table)
    found = {}
    for name, value in row.items():
        if value is None or name in left_out:
            continue
        encode = encoders[name]
        stored = value if encode is None else encode(value)
        if stored is not None:  # a number that is none is stored as null
            found[name] = stored
    return found


def _digest(content: object) -> str:
    return hashlib.sha256(canonical(content).encode()).hexdigest()[:_HEX]


def _digest_values(kind: FactKind, values: dict[str, Any]) -> str:
    """Digest the stored values of a row."""
    if kind.decided is not None and values.get("state") not in kind.decided:
        values = {name: value for name, value in values.items() if name not in kind.working}
    return _digest(values)


# Rows before they are written, as values of the code.


def digest_row(kind: FactKind, row: Row) -> str:
    """Digest a row that is written; it names every column that the database does not leave null."""
    return _digest_values(kind, _encode(kind.table, row, kind.left_out))


def digest_run(  # noqa: PLR0913 - the rows of one run, by table
    run: Row,
    delivery: Row,
    *,
    provenance: Row | None,
    states: Sequence[Row],
    results: Sequence[Row],
    measurements: Sequence[StoredMeasurement],
) -> str:
    """Digest the rows of one run, with the columns of its delivery that go with it."""
    own = ("run",)
    return _digest_run(
        _encode(tables.runs, run) | _encode(tables.deliveries, {name: delivery[name] for name in _PRUNED}),
        {
            "grounds": [] if provenance is None else [_encode(tables.provenance, provenance, own)],
            "states": [_encode(tables.states, row, own) for row in states],
            "results": [_encode(tables.results, row, own) for row in results],
        },
        sorted(row[1:] for row in measurements),
    )


def _digest_run(run: Row, parts: Mapping[str, list[dict[str, Any]]], measured: Iterable[Sequence[object]]) -> str:
    # Databases order names in different ways, so states are sorted here; results have positions.
    states = sorted(parts["states"], key=lambda row: str(row.get("check_name")))
    return _digest([run, parts["grounds"], states, parts["results"], [list(one) for one in measured]])


# Rows in the tables, as the database stores them: a forged value need not be a valid one.


def read_digests(connection: Connection, *, revision_is_older: bool = False) -> Iterator[tuple[Fact, str]]:
    """Yield every fact that is in the tables with its digest, a table at a time, in its order.

    Args:
        connection: on which every statement sees the same moment.
        revision_is_older: whether tables and columns may be missing, since they come with a later revision.
    """
    present = _present_columns(connection) if revision_is_older else None
    for kind in KINDS:
        columns = _columns(kind.table, present, kind.left_out)
        if not columns:
            continue
        if kind is RUN:
            yield from _read_runs(connection, columns, present)
            continue
        order = [kind.table.c[name] for name in kind.key]
        for row in _stream(connection, _select(columns).order_by(*order)):
            yield key_of(kind, row), _digest_values(kind, row)


def _present_columns(connection: Connection) -> dict[str, set[str]]:
    examined = inspect(connection)
    return {name: {column["name"] for column in examined.get_columns(name)} for name in examined.get_table_names()}


def _columns(
    table: Table, present: Mapping[str, set[str]] | None, left_out: Collection[str] = ()
) -> list[Column[Any]]:
    """Return the columns of a table that the database has, without those that are left out."""
    there = None if present is None else present.get(table.name, set())
    return [
        column
        for column in table.columns
        if column.name not in left_out and (there is None or column.name in there)
    ]


def _select(columns: Sequence[Column[Any]]) -> Select[Any]:
    """Select columns as the driver gives them: a forged value need not be one of the column's type."""
    return select().add_columns(*(type_coerce(column, NullType()).label(column.name) for column in columns))


def _stream(connection: Connection, query: Select[Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a query by column name, without nulls."""
    for row in connection.execute(query.execution_options(yield_per=_CHUNK)).mappings():
        yield {name: _plain(value) for name, value in row.items() if value is not None}


def _read_runs(
    connection: Connection, columns: Sequence[Column[Any]], present: Mapping[str, set[str]] | None
) -> Iterator[tuple[Fact, str]]:
    content = [column for column in _columns(tables.deliveries, present) if column.name in _PRUNED]
    query = _select([*columns, *content]).select_from(tables.runs.outerjoin(tables.deliveries))
    orders: Mapping[Table, str | None] = {tables.results: "position"}
    parts = {
        table.name: _RunParts(connection, table, _columns(table, present), orders.get(table))
        for table in PARTS
        if table is not tables.measurements
    }
    measured = _Measurements(connection)
    for row in _stream(connection, query.order_by(tables.runs.c.number)):
        number = row["number"]
        found = {name: part.take(number) for name, part in parts.items()}
        yield key_of(RUN, row), _digest_run(row, found, measured.take(number))


class _RunParts:
    """The rows of a table that belong to runs, read once in order of the runs."""

    def __init__(
        self, connection: Connection, table: Table, columns: Sequence[Column[Any]], position: str | None
    ) -> None:
        order = [table.c.run] if position is None else [table.c.run, table.c[position]]
        self._rows = _stream(connection, _select(columns).order_by(*order)) if columns else iter(())
        self._next = next(self._rows, None)

    def take(self, run: int) -> list[dict[str, Any]]:
        """Return the rows of a run; those of runs that are not there are passed over."""
        while self._next is not None and self._next["run"] < run:
            self._next = next(self._rows, None)
        found: list[dict[str, Any]] = []
        while self._next is not None and self._next["run"] == run:
            del self._next["run"]
            found.append(self._next)
            self._next = next(self._rows, None)
        return found


class _Measurements:
    """The measurements of runs, read once in their order: numbers and texts only, and a million of them."""

    def __init__(self, connection: Connection) -> None:
        of = tables.measurements.c
        query = _select([of.run, of.series, of.value, of.reason]).order_by(of.run, of.series)
        self._rows = iter(connection.execute(query.execution_options(yield_per=_CHUNK)))
        self._next = next(self._rows, None)

    def take(self, run: int) -> list[tuple[Any, ...]]:
        """Return series, value and reason of each measurement of a run; those of no run are passed over."""
        following = self._next
        while following is not None and following[0] < run:
            following = next(self._rows, None)
        found = []
        while following is not None and following[0] == run:
            found.append((following[1], _plain(following[2]), _plain(following[3])))
            following = next(self._rows, None)
        self._next = following
        return found


# References between tables that need no digest: names that follow from what they name, and rows of no run.


def find_misfits(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each table that refers to what is not there, or whose names do not follow."""
    named = connection.execute(select(tables.series)).all()
    wrong = [row.id for row in named if row.id != series_id(row.feed, row.metric, row.segment)]
    if wrong:
        yield _sentence("series", [str(number) for number in wrong], "altered")
    bodies = connection.execute(_select([tables.rules.c.id, tables.rules.c.body])).all()
    altered = [name for name, body in bodies if hashlib.sha256(f"[{body}]".encode()).hexdigest() != name]
    if altered:
        yield _sentence("rules", altered, "altered")
    for table, column, whole in (
        (tables.measurements, "series", tables.series.c.id),
        (tables.provenance, "rules", tables.rules.c.id),
        *((table, "run", tables.runs.c.number) for table in PARTS),
    ):
        used = select(table.c[column]).where(table.c[column].not_in(select(whole)))
        lost = connection.execute(select(func.count()).select_from(used.subquery())).scalar_one()
        if lost:
            yield f"{table.name}: {lost} rows refer to {whole.table.name} that are not there"
    yield from _find_content_of_pruned(connection)


def _find_content_of_pruned(connection: Connection) -> Iterator[str]:
    """Yield a sentence when deliveries whose run was pruned hold what `prune` removed."""
    of = tables.deliveries.c
    query = (
        _select([of.id])
        .where(of.id.not_in(select(tables.runs.c.delivery)))
        .where(of.manifest.is_not(None) | of.problem.is_not(None) | (type_coerce(of.columns, NullType()) != "[]"))
    )
    found = [str(number) for number in connection.execute(query.order_by(of.id)).scalars()]
    if found:
        yield _sentence("delivery", found, "altered")


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
