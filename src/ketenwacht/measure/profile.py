"""The profile of a delivery: how many rows each segment has, and how many of them leave a column empty."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from ketenwacht.domain.measurement import ROWS, Measurement, MetricKey, nulls
from ketenwacht.domain.segment import WHOLE, Segment

from .workspace import TABLE, quoted, schema_of

Grouping = tuple[str, ...]
_ALIAS = "\x01dimension"  # no column can be called so: in GROUPING SETS a column goes before an alias

WITHHELD = "(withheld)"
LONGEST_NAME = 60
# seven digits in a row (numbers of persons, dates), a date, a Dutch postcode, an e-mail address
_PERSONAL = re.compile(r"\d{7}|\d{4}-\d{2}-\d{2}|\d{1,2}[-/]\d{1,2}[-/]\d{4}|\b\d{4}\s?[A-Z]{2}\b|@")


@dataclass(frozen=True, slots=True)
class _Query:
    """One grouped scan: its SQL, and the shape of a row that it returns.

    A row is: grouping mask, a value for each dimension, rows, a null count for each column.
    """

    sql: str
    dimensions: tuple[str, ...]
    groupings: dict[int, Grouping]
    columns: tuple[str, ...]


def profile(
    connection: duckdb.DuckDBPyConnection,
    groupings: Sequence[Grouping],
    count_column: str | None = None,
    *,
    table: str = TABLE,
) -> dict[MetricKey, Measurement]:
    """Count rows and empty fields by segment, in one scan.

    Args:
        connection: a workspace that holds the delivery in `TABLE`.
        groupings: the dimensions to count by; () is the whole feed. One that names a column the delivery does
            not have is left out; the others are measured.
        count_column: a column that says for how many records a row stands (an empty one: for none); None: a
            row is a record.
        table: the table to count, where that is not the delivery.

    Returns:
        `rows` of every segment that has a row, and every `nulls.<column>` above 0; both in records, except the
        nulls of `count_column` itself, in rows. A null, and an empty text, is a missing value; in a dimension it
        makes the segment with the empty string.
        The whole feed's `rows` is always there, 0 for an empty delivery.

    Raises:
        duckdb.Error: `count_column` is not a number; the caller must not show its text.
    """
    schema = schema_of(connection, table)
    present = {name for name, _ in schema}
    usable = tuple(dict.fromkeys(g for g in groupings if present.issuperset(g)))
    if not usable:
        return {}
    query = _query(schema, usable, count_column, table)
    measured = _measurements(connection.execute(query.sql).fetchall(), query)
    if () in usable:
        measured.setdefault(MetricKey(ROWS), 0.0)
    return measured


def _query(
    schema: Sequence[tuple[str, str]], groupings: Sequence[Grouping], count_column: str | None, table: str
) -> _Query:
    types = dict(schema)
    dimensions = tuple(dict.fromkeys(name for grouping in groupings for name in grouping))
    weight = f"CAST({quoted(count_column)} AS DOUBLE)" if count_column is not None else None
    counted = [f"COALESCE(SUM({weight}), 0)" if weight is not None else "COUNT(*)"]
    counted += [_null_count(name, types[name], None if name == count_column else weight) for name in types]
    keys = [f"COALESCE(CAST({quoted(name)} AS VARCHAR), '')" for name in dimensions]
    numbered = [f'"{_ALIAS}{i}"' for i in range(len(dimensions))]
    inner = ", ".join([f"{key} AS {alias}" for key, alias in zip(keys, numbered, strict=True)] + ["*"])
    place = dict(zip(dimensions, numbered, strict=True))
    sets = ", ".join("(" + ", ".join(place[name] for name in grouping) + ")" for grouping in groupings)
    mask = f"GROUPING({', '.join(numbered)})" if numbered else "0"
    selected = ", ".join([mask, *numbered, *counted])
    sql = f"SELECT {selected} FROM (SELECT {inner} FROM {quoted(table)}) GROUP BY GROUPING SETS ({sets})"  # noqa: S608 - every name is quoted
    return _Query(sql, dimensions, {_mask(dimensions, g): g for g in groupings}, tuple(types))


def _null_count(name: str, duckdb_type: str, weight: str | None) -> str:
    column = quoted(name)
    empty = f"{column} IS NULL"
    if duckdb_type == "VARCHAR":
        empty = f"({empty} OR {column} = '')"
    if weight is None:
        return f"COUNT(*) FILTER (WHERE {empty})"
    return f"COALESCE(SUM({weight}) FILTER (WHERE {empty}), 0)"


def _mask(dimensions: Sequence[str], grouping: Grouping) -> int:
    """Return what GROUPING() says for `grouping`: a bit for every dimension that is summed over, first highest."""
    mask = 0
    for name in dimensions:
        mask = mask * 2 + (name not in grouping)
    return mask


def _measurements(rows: Sequence[tuple[Any, ...]], query: _Query) -> dict[MetricKey, Measurement]:
    measured: dict[MetricKey, Measurement] = {}
    width = len(query.dimensions)
    for mask, *cells in rows:
        values = dict(zip(query.dimensions, cells[:width], strict=True))
        grouping = query.groupings[mask]
        segment = Segment(tuple((name, shown_name(values[name])) for name in grouping)) if grouping else WHOLE
        count, *empties = (float(cell) for cell in cells[width:])
        _add(measured, MetricKey(ROWS, segment), count)
        for column, empty in zip(query.columns, empties, strict=True):
            if empty:
                _add(measured, MetricKey(nulls(column), segment), empty)
    return measured


def _add(measured: dict[MetricKey, Measurement], key: MetricKey, count: float) -> None:
    """Segments whose names are withheld share one, so counts add up."""
    earlier = measured.get(key, 0.0)
    measured[key] = count + (earlier if isinstance(earlier, float) else 0.0)


def shown_name(value: str) -> str:
    """A segment's value as it may be kept: a code or a word. What could be a person's becomes `WITHHELD`.

    Columns that moved by one put numbers, dates and addresses where a category belongs, and segments are kept.
    """
    return WITHHELD if len(value) > LONGEST_NAME or _PERSONAL.search(value) is not None else value
