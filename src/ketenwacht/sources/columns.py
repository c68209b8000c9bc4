"""Columns as they arrived: their names checked, their types named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.faults import unreadable

if TYPE_CHECKING:
    import duckdb

TABLE = "delivery"
MAX_COLUMNS = 2_000
_MAX_NAME = 200
_RUN_OF_DIGITS = re.compile(r"\d{8}")

# The first word of a DuckDB type → our name for it. Widths are left out: they are no change of meaning.
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


def quoted(name: str) -> str:
    """An identifier as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def type_name(duckdb_type: str) -> str:
    """Our name for a DuckDB type: text, integer, number, boolean, date, time, timestamp, json or binary."""
    if duckdb_type.endswith("]"):  # a list or array
        return "json"
    word = re.split(r"[\s(_]", duckdb_type, maxsplit=1)[0]
    return _TYPES.get(word, word.lower())


def checked_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns, when they can be names of columns.

    A header that is not there makes the first person into column names, and those are stored and shown: a name
    without a letter, or with a long number in it, is refused for that reason.

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
        earlier = seen.setdefault(name.casefold(), number)
        if earlier != number:
            raise unreadable("delivery.columns_alike", first=Amount(earlier), second=Amount(number))
    return tuple(names)


def described(con: duckdb.DuckDBPyConnection, select: str) -> tuple[Column, ...]:
    """The columns of a query with our names for their types."""
    rows: Iterable[tuple[str, str]] = con.execute(
        f"SELECT column_name, column_type FROM (DESCRIBE {select})"  # noqa: S608 - a query of ours
    ).fetchall()
    return tuple(Column(name, type_name(kind)) for name, kind in rows)
