"""The rows of a delivery where they are: in their database, in one read-only transaction, never copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import tzinfo
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Amount, Name, Term
from ketenwacht.errors import EngineError
from ketenwacht.messages.problem import unreadable

from . import in_database_sqlite as held_sqlite
from .columns import KINDS, literal, quoted
from .database import SourceDatabase

Schema = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """How one kind of database is asked to show rows as a copy of them would be.

    Attributes:
        begins: makes all statements see one state of the data, and values read the same on every server.
        shown: our type → the value of a quoted column `{0}`; `{zone}` is the time zone of calendar days.
        octets: the text of the bytes in a quoted column.
        hashed: rows, each one text `cells`, as SQL → what tells them from other rows, in whatever order.
        doubted: our type → what must hold of a quoted column, where the database itself does not see to it.
    """

    begins: Callable[[sa.Connection], None]
    shown: Mapping[str, str]
    octets: str
    hashed: str
    doubted: Mapping[str, str] = field(default_factory=dict)


def _begin_postgresql(connection: sa.Connection) -> None:
    for setting in ("datestyle = 'ISO, YMD'", "extra_float_digits = 1", "intervalstyle = 'postgres'"):
        connection.exec_driver_sql(f"SET LOCAL {setting}")


_POSTGRESQL = SourceLocation(
    begins=_begin_postgresql,
    shown={
        # Sorted and compared by code point, as DuckDB does; padding of char(n) stays, as the driver hands it over.
        "text": 'CASE WHEN {0} IS NOT NULL THEN concat({0}) END COLLATE "C"',
        "json": 'CAST({0} AS TEXT) COLLATE "C"',
        "integer": "CAST({0} AS BIGINT)",
        "number": "CAST({0} AS DOUBLE PRECISION)",
        "timestamp": "CAST({0} AT TIME ZONE {zone} AS TIMESTAMP)",
    },
    octets="encode({0}, 'hex')",
    # Sums of hashes do not hang on an order, so nothing is sorted and nothing kept.
    hashed=(
        "SELECT concat_ws(':', count(*), sum(CAST(CAST('x' || left(h, 16) AS BIT(64)) AS BIGINT)), "
        "sum(CAST(CAST('x' || right(h, 16) AS BIT(64)) AS BIGINT))) "
        "FROM (SELECT md5(cells) AS h FROM ({rows}) AS r) AS s"
    ),
)
_SQLITE = SourceLocation(
    begins=held_sqlite.begin,
    shown=held_sqlite.SHOWN,
    octets="hex({0})",
    hashed="SELECT sum_of_hashes(cells) FROM ({rows}) AS r",
    doubted=held_sqlite.DOUBTED,
)
LOCATIONS: Mapping[str, SourceLocation] = {"postgresql": _POSTGRESQL, "sqlite": _SQLITE}
"""Dialect → how its rows are judged in place."""


@dataclass(frozen=True, slots=True)
class OpenRows:
    """The rows of one delivery in an open transaction; `held_rows` makes it.

    Attributes:
        connection: every statement on it sees the same state of the database.
        dialect: of the database, as SQLAlchemy calls it.
        columns: of the table.
        schema: (name, DuckDB type) of each column, as a copy would have them.
        select: the rows as SQL.
    """

    connection: sa.Connection
    dialect: str
    columns: tuple[Column, ...]
    schema: Schema
    select: str = field(repr=False)  # it names a period, which is all of a row that it holds

    def query(self, sql: str) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
        """Run one statement; what it refuses leaves the transaction as it was.

        Raises:
            EngineError: with the class of the database's error, whose text may quote a value.
        """
        try:
            with self.connection.begin_nested():
                # Without parameters a driver leaves percent signs alone.
                plain = self.connection.execution_options(no_parameters=True)
                result = plain.exec_driver_sql(sql)
                return list(result.keys()), result.fetchall()
        except SQLAlchemyError as error:
            refused = type(error).__name__
        raise EngineError(refused)

    def digest(self) -> str:
        """SHA-256 (hexadecimal) of what tells these rows from others; the rows themselves stay where they are.

        Raises:
            UnreadableDelivery: a value is not of its column's type, or the rows cannot be read.
        """
        location = LOCATIONS[self.dialect]
        types = {column.name: column.type for column in self.columns}
        cells = " || ".join(
            f"CASE WHEN {column} IS NULL THEN '' ELSE {literal(name)} || {_cell(location, column, kind)} END"
            for name, column, kind in sorted((name, quoted(name), kind) for name, kind in types.items())
        )
        rows = f"SELECT {cells} AS cells FROM ({self.select}) AS d"  # noqa: S608 - names are quoted
        try:
            self._refuse_ill_typed(location)
            summed = str(self.query(location.hashed.format(rows=rows))[1][0][0])
        except EngineError as error:
            raise unreadable("delivery.rows_not_read", cause=Name(str(error))) from None
        if summed.partition(":")[0] in {"0", "None"}:
            raise unreadable("delivery.gone_from_table")
        return sha256(summed.encode()).hexdigest()

    def _refuse_ill_typed(self, location: SourceLocation) -> None:
        """What a copy would stumble on, a database may take for anything."""
        asked = {n: location.doubted[c.type] for n, c in enumerate(self.columns) if c.type in location.doubted}
        if not asked:
            return
        sums = [
            f"COALESCE(SUM(NOT ({rule.format(quoted(self.columns[n].name))})), 0)" for n, rule in asked.items()
        ]
        found = self.query(f"SELECT {', '.join(sums)} FROM ({self.select}) AS d")[1][0]  # noqa: S608 - names are quoted
        for number, ill in zip(asked, found, strict=True):
            if ill:
                kind = Term(f"type.{self.columns[number].type}")
                raise unreadable("delivery.value_type", column=Amount(number + 1), type=kind)


def _cell(location: SourceLocation, column: str, kind: str) -> str:
    """SQL: a value that is there, as a text that ends where no other can begin."""
    text = location.octets.format(column) if kind == "binary" else f"CAST({column} AS TEXT)"
    return f"'=' || length({text}) || ':' || {text} || ';'"


@contextmanager
def held_rows(
    database: SourceDatabase,
    columns: Sequence[Column],
    chosen: Callable[[sa.Connection], sa.ColumnElement[bool]],
    zone: tzinfo,
) -> Iterator[OpenRows]:
    """The rows of a table that are chosen, while the context lasts.

    Args:
        database: where the table is.
        columns: of the table.
        chosen: says, in the transaction, which rows they are.
        zone: in which a moment with an offset is shown.
    """
    with database.reading() as connection:
        dialect = connection.dialect.name
        location = LOCATIONS[dialect]
        database.reached(lambda: location.begins(connection))
        shown = [_shown(location, column, zone) for column in columns]
        picked: sa.Select[Any] = sa.select(sa.literal_column(", ".join(shown))).select_from(database.table_clause)
        picked = picked.where(database.reached(lambda: chosen(connection)))
        text = str(picked.compile(dialect=_plain(dialect), compile_kwargs={"literal_binds": True}))
        schema = tuple((column.name, KINDS[column.type].duckdb) for column in columns)
        yield OpenRows(connection, dialect, tuple(columns), schema, text)


def _shown(location: SourceLocation, column: Column, zone: tzinfo) -> str:
    name = quoted(column.name)
    rule = location.shown.get(column.type)
    return name if rule is None else f"{rule.format(name, zone=literal(str(zone)))} AS {name}"


def _plain(dialect: str) -> sa.Dialect:
    """A dialect that writes statements out whole; its usual way to mark parameters would double percent signs."""
    kinds: dict[str, Any] = {"postgresql": postgresql.dialect, "sqlite": sqlite.dialect}
    made: sa.Dialect = kinds[dialect](paramstyle="named")
    return made
