"""Rows with typed values, from whatever hands them over in batches, into the table `delivery`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Amount, Statement, Term
from ketenwacht.messages.faults import unreadable

from .columns import TABLE, quoted
from .guard import guarded

if TYPE_CHECKING:
    import duckdb

Batch = Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class ColumnKind:
    """How a column of one type is kept in DuckDB: its type there, and the Python types it accepts."""

    duckdb: str
    accepts: tuple[type, ...]


# Texts are always accepted where SQLite has nothing but texts; DuckDB then reads them strictly.
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
"""Our name for a type → how its values are kept."""


def make_table(
    into: duckdb.DuckDBPyConnection, columns: Sequence[Column], zone: tzinfo
) -> Callable[[Batch], None]:
    """Make the empty table `delivery`, and return what takes batches of rows into it."""
    empty_table(into, columns)
    return _Target(into, columns, zone).add


def empty_table(into: duckdb.DuckDBPyConnection, columns: Sequence[Column]) -> None:
    """Make the empty table `delivery`."""
    layout = ", ".join(f"{quoted(column.name)} {KINDS[column.type].duckdb}" for column in columns)
    into.execute(f"CREATE TABLE {TABLE} ({layout})")


@dataclass(frozen=True, slots=True)
class _Target:
    """Takes batches of rows into the table `delivery`."""

    con: duckdb.DuckDBPyConnection
    columns: Sequence[Column]
    zone: tzinfo

    def add(self, rows: Batch) -> None:
        """Add rows; raises UnreadableDelivery when a value is not of its column's type."""
        texts = [
            [
                _text(value, column, number, self.zone)
                for number, (value, column) in enumerate(zip(row, self.columns, strict=True))
            ]
            for row in rows
        ]
        # One JSON text a batch: no type is guessed from a sample of the values, and it is fast without Arrow.
        cells = ", ".join(_cell(number, column) for number, column in enumerate(self.columns, start=1))
        source = "SELECT unnest(from_json(CAST(? AS VARCHAR), '[[\"VARCHAR\"]]')) AS row"
        sql = f"INSERT INTO {TABLE} SELECT {cells} FROM ({source})"  # noqa: S608 - names of ours
        guarded(
            "delivery.rows_not_read",
            lambda: self.con.execute(sql, [json.dumps(texts)]),
            why=lambda: Statement("delivery.values_of_other_types"),
        )


def _cell(number: int, column: Column) -> str:
    kind = KINDS[column.type].duckdb
    return f"unhex(row[{number}])" if kind == "BLOB" else f"CAST(row[{number}] AS {kind})"


def _text(value: object, column: Column, number: int, zone: tzinfo) -> str | None:
    """A value as text that DuckDB reads back strictly, so that nothing is inferred from a sample."""
    if value is None:
        return None
    if not isinstance(value, KINDS[column.type].accepts):
        raise unreadable("delivery.value_type", column=Amount(number + 1), type=Term(f"type.{column.type}"))
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(zone).replace(tzinfo=None)
    text = next((write(value) for kind, write in _WRITTEN if isinstance(value, kind)), None)
    text = text if text is not None else str(value)
    if "\0" in text:
        raise unreadable("delivery.value_nul", column=Amount(number + 1))
    return text


# How a value of a driver is written; anything else as `str` does.
_WRITTEN: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    ((date, time), lambda value: value.isoformat()),
    ((bytes, memoryview), lambda value: bytes(value).hex()),
    ((dict, list), lambda value: json.dumps(value, ensure_ascii=False, default=str)),
)
