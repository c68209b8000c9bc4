"""What the values of a copied delivery mean: which are empty, and how its counts are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ketenwacht.dialects import Dialect, Schema
from ketenwacht.dialects.duckdb import DUCKDB
from ketenwacht.domain.feed import Numbers
from ketenwacht.domain.statement import Amount, Name
from ketenwacht.messages.formatter import unreadable
from ketenwacht.sql import TABLE, quote_name, quote_text

from .sql_table import schema_of

if TYPE_CHECKING:
    import duckdb

BLANK = r"[\s\p{Z}\x{200B}\x{FEFF}]*"
"""Regular expression (RE2) of a text that shows nothing: spaces, tabs, no-break spaces."""
BLANKS = "".join(map(chr, (9, 10, 11, 12, 13, 32, 0xA0, 0x2007, 0x200B, 0x202F, 0x3000, 0xFEFF)))
"""The same for databases that trim a set of characters."""


@dataclass(frozen=True, slots=True)
class ValueRules:
    """How to read the values of a delivery. Plain values: it may be sent to another process.

    Attributes:
        empty: texts that mean that a value is empty, as agreed with the sender. A blank text always does.
        numbers: how counts in a text column are written; None: digits alone.
        count_column: the column with a count; None: a row is a record.
        has_header: whether the rows come from a file, whose header may be repeated among them.
    """

    empty: tuple[str, ...] = ()
    numbers: Numbers | None = None
    count_column: str | None = None
    has_header: bool = True


def clean_values(
    con: duckdb.DuckDBPyConnection, rules: ValueRules, find_line: Callable[[int], int | None]
) -> None:
    """Make blank texts and the agreed empty values null in `TABLE`, and write its counts as digits.

    Args:
        con: a workspace that holds the delivery in `TABLE`.
        rules: how to read the values.
        find_line: returns the line of a row (1 is the first) in its file; None when it has none.

    Raises:
        UnreadableDelivery: a text is no count, or a row repeats the header; with the number of such rows and the
            first line.
    """
    texts = [name for name, kind in schema_of(con) if kind == "VARCHAR"]
    if not texts:
        return
    if rules.has_header and len(texts) == len(schema_of(con)):
        refuse_repeated_header(con, texts, find_line)
    empty = {name: _is_empty_sql(quote_name(name), rules.empty) for name in texts}
    found = con.execute(f"SELECT {', '.join(f'bool_or({sql})' for sql in empty.values())} FROM {TABLE}").fetchone()  # noqa: S608 - quoted
    for name, present in zip(texts, found or (), strict=True):
        if present:
            con.execute(f"UPDATE {TABLE} SET {quote_name(name)} = NULL WHERE {empty[name]}")  # noqa: S608 - quoted
    if rules.count_column in texts:
        _read_counts(con, rules.count_column, rules.numbers, find_line)


def refuse_repeated_header(
    con: duckdb.DuckDBPyConnection, columns: Sequence[str], find_line: Callable[[int], int | None]
) -> None:
    """Raise UnreadableDelivery when a row holds the names of the columns, each in its own column."""
    found = con.execute(f"SELECT COUNT(*), MIN(rowid) FROM {TABLE} WHERE {repeats_header_sql(columns)}").fetchone()  # noqa: S608 - quoted
    if found is None or not found[0]:
        return
    rows, line = Amount(found[0]), find_line(found[1] + 1)
    if line is None:
        raise unreadable("delivery.header_repeated", rows=rows)
    raise unreadable("delivery.header_repeated_line", rows=rows, line=Amount(line))


def repeats_header_sql(columns: Sequence[str]) -> str:
    """Return an SQL condition for a row that repeats the names of the columns."""
    return " AND ".join(f"{quote_name(name)} = {quote_text(name)}" for name in columns)


def clean_sql(dialect: Dialect, schema: Schema, select: str, agreed: tuple[str, ...]) -> str:
    """Return a query as `clean_values` leaves a copy of its rows, for rows that stay in their database."""
    listed = ", ".join(map(quote_text, ("", *agreed)))
    cells = []
    for name, kind in schema:
        column = quote_name(name)
        if kind == "VARCHAR":
            blank = f"{dialect.trim.format(column, quote_text(BLANKS))} = '' OR {column} IN ({listed})"
            column = f"CASE WHEN {blank} THEN NULL ELSE {column} END AS {column}"
        cells.append(column)
    return f"SELECT {', '.join(cells)} FROM ({select}) AS arrived"  # noqa: S608 - quoted


def _is_empty_sql(column: str, agreed: tuple[str, ...]) -> str:
    """Return SQL for an empty text. The comparisons come first: they are fast, and few texts pass them."""
    blank = f"(({column} < '!' OR {column} >= chr(127)) AND regexp_full_match({column}, '{BLANK}'))"
    return f"({blank} OR {column} IN ({', '.join(map(quote_text, agreed))}))" if agreed else blank


def _read_counts(
    con: duckdb.DuckDBPyConnection, name: str, numbers: Numbers | None, find_line: Callable[[int], int | None]
) -> None:
    column = quote_name(name)
    if numbers is not None:
        con.execute(
            f"UPDATE {TABLE} SET {column} = {_plain_sql(column, numbers)} "  # noqa: S608 - quoted
            f"WHERE regexp_full_match({column}, {quote_text(_written_as(numbers))})"
        )
    wrong = f"{column} <> '' AND NOT {DUCKDB.whole.format(column)}"
    found = con.execute(f"SELECT COUNT(*), MIN(rowid) FROM {TABLE} WHERE {wrong}").fetchone()  # noqa: S608 - quoted
    if found is None or not found[0]:
        return
    rows, line = Amount(found[0]), find_line(found[1] + 1)
    if line is None:
        raise unreadable("delivery.count_wrong", column=Name(name), rows=rows)
    raise unreadable("delivery.count_wrong_line", column=Name(name), rows=rows, line=Amount(line))


def _written_as(numbers: Numbers) -> str:
    digits = "[0-9]+"
    if numbers.thousands:
        digits = f"(?:[0-9]+|[0-9]{{1,3}}(?:{re.escape(numbers.thousands)}[0-9]{{3}})+)"
    return digits + (f"(?:{re.escape(numbers.decimal)}0+)?" if numbers.decimal else "")


def _plain_sql(column: str, numbers: Numbers) -> str:
    plain = column
    if numbers.thousands:
        plain = f"replace({plain}, {quote_text(numbers.thousands)}, '')"
    if numbers.decimal:
        plain = f"split_part({plain}, {quote_text(numbers.decimal)}, 1)"
    return plain
