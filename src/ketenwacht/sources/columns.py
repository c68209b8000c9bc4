"""Columns: checks their names, names their types, and creates tables of typed values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Amount, Statement, Term
from ketenwacht.messages.formatter import unreadable
from ketenwacht.sql import TABLE, quote_name, quote_text

from .base import guard_read

if TYPE_CHECKING:
    import duckdb

MAX_COLUMNS = 1_000
_MAX_NAME = 200
_RUN_OF_DIGITS = re.compile(r"\d{8}")

# The first word of a DuckDB type → our name for it. Another width is no change of meaning.
_TYPES = {
    **dict.fromkeys(("VARCHAR", "ENUM", "UUID", "INTERVAL"), "text"),
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), "integer"),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"), "integer"),
    **dict.fromkeys(("FLOAT", "DOUBLE", "DECIMAL"), "number"),
    **dict.fromkeys(("STRUCT", "MAP", "UNION", "JSON"), "json"),
    **dict.fromkeys(("BLOB", "BIT"), "binary"),
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
}


def type_name(duckdb_type: str) -> str:
    """Return our name for a DuckDB type: text, integer, number, boolean, date, time, timestamp, json or binary."""
    if duckdb_type.endswith("]"):  # a list or array
        return "json"
    word = re.split(r"[\s(_]", duckdb_type, maxsplit=1)[0]
    return _TYPES.get(word, word.lower())


def check_column_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns, after a check that they can be names of columns.

    Without a header, the first person of a file would become the column names, which are stored and shown. That is
    why a name without a letter, or with a long number, is refused.

    Raises:
        UnreadableDelivery: with the position of the column, never its name.
    """
    if len(names) > MAX_COLUMNS:
        raise unreadable("delivery.too_many_columns", columns=Amount(len(names)), most=Amount(MAX_COLUMNS))
    seen: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        if not name.strip():
            raise unreadable("delivery.column_unnamed", column=Amount(number))
        if len(name) > _MAX_NAME or not name.isprintable():
            raise unreadable("delivery.column_name_odd", column=Amount(number))
        if not any(c.isalpha() for c in name) or _RUN_OF_DIGITS.search(name):
            raise unreadable("delivery.column_name_number", column=Amount(number))
        earlier = seen.setdefault(name.strip().casefold(), number)
        if earlier != number:
            raise unreadable("delivery.columns_alike", first=Amount(earlier), second=Amount(number))
    return tuple(names)


def describe_columns(con: duckdb.DuckDBPyConnection, select: str) -> tuple[Column, ...]:
    """Return the columns of a query, with our names for their types."""
    rows: Iterable[tuple[str, str]] = con.execute(
        f"SELECT column_name, column_type FROM (DESCRIBE {select})"  # noqa: S608 - a query of ours
    ).fetchall()
    return tuple(Column(name, type_name(kind)) for name, kind in rows)


# Values inside objects become columns of their own.


def select_nested(
    con: duckdb.DuckDBPyConnection, select: str, columns: Sequence[Column], paths: Sequence[str]
) -> tuple[str, tuple[Column, ...]]:
    """Return a query with a column for each path into an object, and its columns.

    Args:
        con: runs the query.
        select: a query.
        columns: of it.
        paths: such as `address.city`. A path into a column that is absent, or holds no objects, adds none; one
            that leads nowhere inside objects adds an empty column.
    """
    import duckdb

    objects = {column.name for column in columns if column.type in {"json", "mixed", "empty"}}
    described_as = f"SELECT column_name, column_type FROM (DESCRIBE {select})"  # noqa: S608 - a query of ours
    kinds: dict[str, str] = dict(con.execute(described_as).fetchall())
    cells: list[str] = []
    for path in paths:
        first, *keys = path.split(".")
        if path in kinds or first not in objects:
            continue
        cell, struct = quote_name(first), ".".join(map(quote_name, (first, *keys)))
        if kinds[first] == "VARCHAR":
            place = quote_text("$" + "".join(f'."{key}"' for key in keys))
            struct = f"CASE WHEN json_valid({cell}) THEN json_extract_string({cell}, {place}) END"
        else:
            try:
                con.execute(f"DESCRIBE SELECT {struct} FROM ({select})")  # noqa: S608 - names are quoted
            except duckdb.Error:  # there is no such key
                struct = "CAST(NULL AS VARCHAR)"
        cells.append(f"{struct} AS {quote_name(path)}")
    if not cells:
        return select, tuple(columns)
    widened = f"SELECT *, {', '.join(cells)} FROM ({select})"  # noqa: S608 - names are quoted
    described = describe_columns(con, widened)
    check_column_names(tuple(column.name for column in described))
    return widened, (*columns, *described[len(columns) :])


# Batches of rows with typed values become the table `delivery`.


Batch = Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class ColumnKind:
    """How DuckDB holds a column of one type: the DuckDB type, and the Python types that are accepted for it."""

    duckdb: str
    accepts: tuple[type, ...]


# SQLite has only texts for dates and times, so texts are accepted; DuckDB then reads them strictly.
KINDS = {
    "text": ColumnKind("VARCHAR", (object,)),
    "integer": ColumnKind("BIGINT", (int, Decimal)),
    "number": ColumnKind("DOUBLE", (int, float, Decimal)),
    "boolean": ColumnKind("BOOLEAN", (bool, int)),
    "date": ColumnKind("DATE", (date, str)),
    "timestamp": ColumnKind("TIMESTAMP", (datetime, date, str)),
    "time": ColumnKind("TIME", (time, str)),
    "json": ColumnKind("VARCHAR", (object,)),
    "binary": ColumnKind("BLOB", (bytes, memoryview)),
}
"""Our name for a type → how DuckDB holds its values."""


def create_typed_table(
    into: duckdb.DuckDBPyConnection, columns: Sequence[Column], zone: tzinfo
) -> Callable[[Batch], None]:
    """Create the empty table `delivery`, and return a function that adds a batch of rows to it."""
    create_empty_table(into, columns)
    return _TypedTable(into, columns, zone).add


def create_empty_table(into: duckdb.DuckDBPyConnection, columns: Sequence[Column]) -> None:
    """Create the empty table `delivery`."""
    layout = ", ".join(f"{quote_name(column.name)} {KINDS[column.type].duckdb}" for column in columns)
    into.execute(f"CREATE TABLE {TABLE} ({layout})")


@dataclass(frozen=True, slots=True)
class _TypedTable:
    """Adds batches of rows to the table `delivery`."""

    con: duckdb.DuckDBPyConnection
    columns: Sequence[Column]
    zone: tzinfo

    def add(self, rows: Batch) -> None:
        """Add rows; raises UnreadableDelivery when a value is not of its column's type."""
        texts = [
            _as_texts(values, column, number, self.zone)
            for number, (values, column) in enumerate(
                zip(zip(*rows, strict=True), self.columns, strict=True), start=1
            )
        ]
        if not texts:
            return
        # One JSON text a column and batch: DuckDB guesses no type from a sample of the values, and no cell costs a
        # call of Python's.
        names = [f"c{number}" for number in range(1, len(texts) + 1)]
        lists = ", ".join(f"unnest(from_json(CAST(? AS VARCHAR), '[\"VARCHAR\"]')) AS {name}" for name in names)
        cells = ", ".join(_cell(name, column) for name, column in zip(names, self.columns, strict=True))
        sql = f"INSERT INTO {TABLE} SELECT {cells} FROM (SELECT {lists})"  # noqa: S608 - names of ours
        guard_read(
            "delivery.rows_not_read",
            lambda: self.con.execute(sql, [json.dumps(values) for values in texts]),
            why=lambda: Statement("delivery.values_of_other_types"),
        )


def _cell(name: str, column: Column) -> str:
    kind = KINDS[column.type].duckdb
    return f"unhex({name})" if kind == "BLOB" else f"CAST({name} AS {kind})"


def _as_texts(values: Sequence[object], column: Column, number: int, zone: tzinfo) -> list[str | None]:
    """Return the values of a column as texts that DuckDB reads back strictly, so that no type is inferred."""
    kinds = set(map(type, values)) - {type(None)}
    if not all(issubclass(kind, KINDS[column.type].accepts) for kind in kinds):
        raise unreadable("delivery.value_type", column=Amount(number), type=Term(f"type.{column.type}"))
    writers = {kind: _writer(kind, zone) for kind in kinds}
    if kinds <= {str}:
        texts: list[Any] = list(values)
    else:
        texts = [None if value is None else writers[type(value)](value) for value in values]
    if "\0" in "".join(filter(None, texts)):
        raise unreadable("delivery.value_nul", column=Amount(number))
    return texts


def _writer(kind: type, zone: tzinfo) -> Callable[[Any], str]:
    """Return how to write values of a type as text."""
    if issubclass(kind, datetime):
        return lambda value: _local(value, zone).isoformat()
    return next((write for of, write in _AS_TEXT if issubclass(kind, of)), str)


def _local(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(zone).replace(tzinfo=None)


# Type of a value → how to write it as text; any other value is written by `str`.
_AS_TEXT: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    ((date, time), lambda value: value.isoformat()),
    ((bytes, memoryview), lambda value: bytes(value).hex()),
    ((dict, list), lambda value: json.dumps(value, ensure_ascii=False, default=str)),
)
