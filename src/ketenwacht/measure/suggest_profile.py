"""Profiles the columns of a sample: counts and shapes, and the values of codes that belong to no person."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

from ketenwacht.domain.measurement import Column
from ketenwacht.sql import TABLE, quote_name

if TYPE_CHECKING:
    import duckdb

K = 20
"""A value may be shown only when at least so many rows have it, and each other value of its column."""
MOST_CODES = 50
PERIODS = "periods"  # the table text → day of the period column
DAY = '"\x01day"'
"""The extra column of the view `sample`; no column of a file can have this name."""
_TEXT = '"\x01text"'
_MOST_PERIODS = 1_000_000  # moments rarely repeat
_MOST_SHAPES = 40
_MOST_SHOWN = 5_000  # distinct texts to try as periods, one by one
_LONGEST = 40  # characters
_CODE_TYPES = ("text", "boolean")

# Parts of column names that are about one person. No value of such a column is shown.
_PERSONAL = re.compile(
    r"name|naam|birth|geboorte|addres|adres|street|straat|mail|phone|telefoon|bsn|ssn|iban|passport|\bid\b|_id\b"
)
_PERSONAL_VALUE = (
    r"[0-9]{5}|@|^[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|^[0-9]{1,2}[-/. ]([0-9]{1,2}|[A-Za-z]{3,9})[-/. ][0-9]{2}"
)
_DATE_SHAPE = re.compile(r"99?[-/.]99?[-/.](99|9999)|9999[-/.]99?[-/.]99?")

_EIGHT_DIGITS = "0{8}|(19|20)[0-9]{2}(0[0-9]|1[0-2])([0-2][0-9]|3[01])"

Days = Mapping[str, date]
Readings = Callable[[Collection[str]], Mapping[str | None, Days]]
"""All texts of a column → each format in which all are periods (None: no format) → text → first day."""


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column of a sample.

    Attributes:
        name: of the column.
        type: our name for its type (`text` for CSV).
        rows: number of rows.
        empty: rows in which it is empty.
        distinct: number of distinct values.
        most_alike: the most rows of one period with the same value; 1: unique within each delivery.
        varies: whether a period has more than one value.
        fewest: rows of its rarest value.
        shapes: its values with digits as 9, capitals as A, small letters as a, any other character as ?.
        number: "integer" or "number" when all values are; "" otherwise.
        consecutive: whether its values are 1, 2, 3… within a delivery.
        odd: whether a value is long, or holds a long number, a date or an @. Such values are never shown.
        dated: whether all values look like dates: digits with marks between, or YYYYMMDD (parts may be 00).
        codes: its values, sorted, when they may be shown; () otherwise.
        dates: earliest year, and whether no date is after the period of its row; None when not all are dates.
    """

    name: str
    type: str
    rows: int
    empty: int
    distinct: int
    most_alike: int
    varies: bool
    fewest: int
    shapes: tuple[str, ...]
    number: str
    consecutive: bool
    odd: bool
    dated: bool
    codes: tuple[str, ...] = ()
    dates: tuple[int, bool] | None = None

    @property
    def filled(self) -> bool:
        """Whether it is filled in every row."""
        return self.empty == 0

    @property
    def personal(self) -> bool:
        """Whether its name or its values could be about one person."""
        return self.odd or _PERSONAL.search(self.name.casefold()) is not None


def read_periods(
    con: duckdb.DuckDBPyConnection, column: str, readings: Readings
) -> Mapping[str | None, Mapping[str, date]]:
    """Return every way to read a column as periods; {} when there is none, or a row is empty."""
    sql = f"SELECT DISTINCT CAST({quote_name(column)} AS VARCHAR) FROM {TABLE} LIMIT {_MOST_PERIODS + 1}"  # noqa: S608 - quoted
    texts = [row[0] for row in con.execute(sql).fetchall()]
    return readings(texts) if len(texts) <= _MOST_PERIODS and None not in texts else {}


def count_days(con: duckdb.DuckDBPyConnection) -> int:
    """Return how many deliveries the sample holds rows of."""
    return int(_query_row(con, f"SELECT COUNT(DISTINCT {DAY}) FROM sample")[0])  # noqa: S608 - a constant


def count_rows_unlike(con: duckdb.DuckDBPyConnection, column: str, form: str) -> int:
    """Return in how many rows a column is empty or does not match a regular expression."""
    text = _as_text(column)
    sql = f"SELECT COUNT(*) FROM sample WHERE {text} IS NULL OR NOT regexp_full_match({text}, '{form}')"  # noqa: S608 - quoted
    return int(_query_row(con, sql)[0])


def count_no_periods(con: duckdb.DuckDBPyConnection, column: str, readings: Readings) -> int:
    """Return how many rows hold no period, when most of the values of a column are periods; else 0."""
    sql = f"SELECT {_as_text(column)}, COUNT(*) FROM sample GROUP BY 1 LIMIT {_MOST_SHOWN + 1}"  # noqa: S608 - quoted
    rows = con.execute(sql).fetchall()
    odd = [number for text, number in rows if text is None or not readings([str(text)])]
    return sum(odd) if len(rows) <= _MOST_SHOWN and 2 * len(odd) < len(rows) else 0


def create_sample_view(
    con: duckdb.DuckDBPyConnection, column: str | None, days: Mapping[str, date], *, dated: bool = False
) -> None:
    """Create the view `sample`: the rows of the deliveries, with the day of each in an extra column.

    Args:
        con: a workspace with the table `delivery`.
        column: holds the period of a row; None: there is none.
        days: text in that column → its day.
        dated: whether the table has the extra column already.
    """
    if dated:
        con.execute(f"CREATE OR REPLACE VIEW sample AS SELECT * FROM {TABLE}")  # noqa: S608 - a constant
        return
    con.execute(f"CREATE OR REPLACE TABLE {PERIODS} ({_TEXT} VARCHAR, {DAY} DATE)")
    if days:
        con.execute(f"INSERT INTO {PERIODS} SELECT unnest(?), unnest(?)", [list(days), list(days.values())])
    if column is None:
        day = f"(SELECT min({DAY}) FROM {PERIODS})"  # noqa: S608 - constants
        con.execute(f"CREATE OR REPLACE VIEW sample AS SELECT *, {day} AS {DAY} FROM {TABLE}")  # noqa: S608 - constants
        return
    joined = f"{TABLE} JOIN {PERIODS} ON CAST({TABLE}.{quote_name(column)} AS VARCHAR) = {_TEXT}"
    con.execute(f"CREATE OR REPLACE VIEW sample AS SELECT {TABLE}.*, {DAY} FROM {joined}")  # noqa: S608 - quoted


def profile_columns(con: duckdb.DuckDBPyConnection, columns: Sequence[Column]) -> tuple[ColumnProfile, ...]:
    """Profile every column of the view `sample`."""
    return tuple(_profile_column(con, column) for column in columns)


def count_empties(con: duckdb.DuckDBPyConnection, column: str, by: str) -> list[tuple[str, int, int]]:
    """Return for each value of `by`: the value, its rows, and the rows of it in which `column` is empty."""
    empty = f"{_as_text(column)} IS NULL"
    sql = f"SELECT {_as_text(by)}, COUNT(*), COUNT(*) FILTER (WHERE {empty}) FROM sample GROUP BY 1 ORDER BY 1"  # noqa: S608 - quoted
    return [(str(v), int(n), int(e)) for v, n, e in con.execute(sql).fetchall() if v is not None]


def are_unique_together(con: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> bool:
    """Return whether no two rows of a delivery have equal values in all of `columns`."""
    keys = ", ".join([DAY, *(quote_name(name) for name in columns)])
    sql = f"SELECT COUNT(*) FROM (SELECT 1 FROM sample GROUP BY {keys} HAVING COUNT(*) > 1)"  # noqa: S608 - quoted
    return bool(_query_row(con, sql)[0] == 0)


def _profile_column(con: duckdb.DuckDBPyConnection, column: Column) -> ColumnProfile:
    text = _as_text(column.name)
    rows, empty, distinct, whole, number = _query_row(
        con,
        f"SELECT COUNT(*), COUNT(*) - COUNT({text}), COUNT(DISTINCT {text}), "  # noqa: S608 - quoted
        f"COUNT(*) FILTER (WHERE regexp_full_match({text}, '-?[0-9]+')), "
        f"COUNT(*) FILTER (WHERE regexp_full_match({text}, '-?[0-9]+([.][0-9]+)?')) FROM sample",
    )
    alike, several = _query_row(
        con,
        f"SELECT COALESCE(MAX(alike), 0), COALESCE(MAX(different), 0) > 1 FROM "  # noqa: S608 - quoted
        f"(SELECT MAX(rows) AS alike, COUNT(*) AS different FROM (SELECT {DAY}, COUNT(*) AS rows FROM sample "
        f"WHERE {text} IS NOT NULL GROUP BY {DAY}, {text}) GROUP BY {DAY})",
    )
    filled = rows - empty
    kind = "" if not filled else "integer" if whole == filled else "number" if number == filled else ""
    counts = f"SELECT COUNT(*) AS rows FROM sample GROUP BY {text}"  # noqa: S608 - quoted
    fewest = _query_row(con, f"SELECT COALESCE(MIN(rows), 0) FROM ({counts})")[0]  # noqa: S608 - quoted
    shapes = _read_shapes(con, text)
    found = ColumnProfile(
        column.name,
        column.type,
        rows,
        empty,
        distinct,
        alike,
        bool(several),
        fewest,
        shapes,
        kind,
        consecutive=kind == "integer" and _is_consecutive(con, text),
        odd=_has_rows(con, f"regexp_matches({text}, '{_PERSONAL_VALUE}') OR len({text}) > {_LONGEST}"),
        dated=filled > 0
        and (_look_like_dates(shapes) or not _has_rows(con, f"NOT regexp_full_match({text}, '{_EIGHT_DIGITS}')")),
    )
    return ColumnProfile(
        **{name: getattr(found, name) for name in ColumnProfile.__slots__ if name not in {"codes", "dates"}},
        codes=_read_codes(con, found, text),
        dates=_date_range(con, found, text),
    )


def _look_like_dates(shapes: Sequence[str]) -> bool:
    return all(_DATE_SHAPE.fullmatch(shape) for shape in shapes)


def _read_codes(con: duckdb.DuckDBPyConnection, found: ColumnProfile, text: str) -> tuple[str, ...]:
    few = 1 < found.distinct <= MOST_CODES and found.fewest >= K and found.type in _CODE_TYPES
    widths = {len(shape) for shape in found.shapes}
    if not few or found.personal or (found.number and len(widths) > 1):
        return ()
    sql = f"SELECT DISTINCT {text} FROM sample WHERE {text} IS NOT NULL ORDER BY 1"  # noqa: S608 - quoted
    return tuple(row[0] for row in con.execute(sql).fetchall())


def _has_rows(con: duckdb.DuckDBPyConnection, condition: str) -> bool:
    return bool(_query_row(con, f"SELECT COUNT(*) > 0 FROM sample WHERE {condition}")[0])  # noqa: S608 - names are quoted


def _date_range(con: duckdb.DuckDBPyConnection, found: ColumnProfile, text: str) -> tuple[int, bool] | None:
    if found.shapes != ("9999-99-99",) or found.rows - found.empty < K:
        return None
    as_date = f"TRY_CAST({text} AS DATE)"
    wrong, year, later = _query_row(
        con,
        f"SELECT COUNT(*) FILTER (WHERE {as_date} IS NULL AND {text} IS NOT NULL), MIN(year({as_date})), "  # noqa: S608 - quoted
        f"COUNT(*) FILTER (WHERE {DAY} IS NULL OR {as_date} > {DAY}) FROM sample",
    )
    return None if wrong else (int(year), later == 0)


def _is_consecutive(con: duckdb.DuckDBPyConnection, text: str) -> bool:
    number = f"TRY_CAST({text} AS HUGEINT)"
    sql = (
        f"SELECT COUNT(*) FROM (SELECT MIN({number}) AS first, MAX({number}) AS last, "  # noqa: S608 - quoted
        f"COUNT(DISTINCT {number}) AS different FROM sample GROUP BY {DAY}) WHERE first <> 1 OR last <> different"
    )
    return bool(_query_row(con, sql)[0] == 0)


def _read_shapes(con: duckdb.DuckDBPyConnection, text: str) -> tuple[str, ...]:
    shape = text
    for expression, mark in (("[0-9]", "9"), ("[A-Z]", "A"), ("[a-z]", "a"), ("[^9Aa _/.:+-]", "?")):
        shape = f"regexp_replace({shape}, '{expression}', '{mark}', 'g')"
    shape = f"CASE WHEN len({text}) > {_LONGEST} THEN '?' ELSE {shape} END"
    sql = f"SELECT DISTINCT {shape} FROM sample WHERE {text} IS NOT NULL ORDER BY 1 LIMIT {_MOST_SHAPES}"  # noqa: S608 - quoted
    return tuple(row[0] for row in con.execute(sql).fetchall())


def _as_text(column: str) -> str:
    return f"NULLIF(CAST({quote_name(column)} AS VARCHAR), '')"


def _query_row(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    found = con.execute(sql).fetchone()
    assert found is not None  # noqa: S101 - an aggregate always returns a row
    return found


# The shapes of values (digits as 9, capitals as A) become a regular expression that holds no value.


_CLASSES = {"9": r"\d", "A": "[A-Z]", "a": "[a-z]"}
_DATE = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
_NUMBERS = {"integer": r"^-?\d+$", "number": r"^-?\d+(\.\d+)?$"}
_LONGEST_CODE = 20


def regex_of(shapes: Sequence[str], *, number: str = "") -> str | None:
    """Return a regular expression that all shapes match; None when they have no common form.

    Shapes that differ only in the length of their runs give open lengths. Capitals and digits in any order give
    one class with a range of lengths. Small letters or spaces mean free text, which has no form.
    """
    if not shapes or any(mark in shape for shape in shapes for mark in "? a"):
        return None
    runs = [[(mark, len(list(same))) for mark, same in groupby(shape)] for shape in shapes]
    kinds = {tuple(mark for mark, _ in one) for one in runs}
    if len(kinds) == 1:
        return (
            _DATE
            if set(shapes) == {"9999-99-99"}
            else "^" + "".join(_run_regex(column) for column in zip(*runs, strict=True)) + "$"
        )
    if number:
        return _NUMBERS[number]
    widths = [len(shape) for shape in shapes]
    if max(widths) <= _LONGEST_CODE and all(set(shape) <= {"9", "A"} for shape in shapes):
        return f"^[A-Z0-9]{{{min(widths)},{max(widths)}}}$"
    return None


def _run_regex(column: Sequence[tuple[str, int]]) -> str:
    mark = column[0][0]
    lengths = {length for _, length in column}
    unit = _CLASSES.get(mark, re.escape(mark))
    if len(lengths) > 1:
        return unit + "+"
    (length,) = lengths
    return unit if length == 1 else f"{unit}{{{length}}}"
