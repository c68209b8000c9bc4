"""The profile of a delivery: how many rows each segment has, and how many of them leave a column empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ketenwacht.domain.measurement import ROWS, Measurement, MetricKey, nulls
from ketenwacht.domain.segment import WHOLE, Segment

from .dialects import Dialect, Schema, SqlTable, quoted

Grouping = tuple[str, ...]
_ALIAS = "\x01dimension"  # no column can be called so: in GROUPING SETS a column goes before an alias


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
    asked: SqlTable, groupings: Sequence[Grouping], count_column: str | None = None
) -> dict[MetricKey, Measurement]:
    """Count rows and empty fields by segment, in one statement.

    Args:
        asked: where the rows are.
        groupings: the dimensions to count by; () is the whole feed. One that names a column the delivery does
            not have is left out; the others are measured.
        count_column: a column that says for how many records a row stands (an empty one: for none); None: a
            row is a record.

    Returns:
        `rows` of every segment that has a row, and every `nulls.<column>` above 0; both in records, except the
        nulls of `count_column` itself, in rows. A null, and an empty text, is a missing value; in a dimension it
        makes the segment with the empty string. Segments have their values as they came: `measure` guards them.
        The whole feed's `rows` is always there, 0 for an empty delivery.

    Raises:
        EngineError: `count_column` is not a number, or the database fails.
    """
    schema = asked.schema
    present = {name for name, _ in schema}
    usable = tuple(dict.fromkeys(g for g in groupings if present.issuperset(g)))
    if not usable:
        return {}
    query = _query(asked, schema, usable, count_column)
    measured = _measurements(asked.ask(query.sql).rows, query)
    if () in usable:
        measured.setdefault(MetricKey(ROWS), 0.0)
    return measured


def _query(asked: SqlTable, schema: Schema, groupings: Sequence[Grouping], count_column: str | None) -> _Query:
    types, dialect = dict(schema), asked.dialect
    dimensions = tuple(dict.fromkeys(name for grouping in groupings for name in grouping))
    weight = dialect.number.format(quoted(count_column)) if count_column is not None else None
    counted = [f"COALESCE(SUM({weight}), 0)" if weight is not None else "COUNT(*)"]
    counted += [_null_count(name, types[name], None if name == count_column else weight) for name in types]
    keys = [f"COALESCE({dialect.as_text(quoted(name), types[name])}, '')" for name in dimensions]
    place = {name: f'"{_ALIAS}{i}"' for i, name in enumerate(dimensions)}
    inner = ", ".join([f"{key} AS {alias}" for key, alias in zip(keys, place.values(), strict=True)] + ["*"])
    rows = f"(SELECT {inner} FROM {quoted(asked.table)}) AS counted"  # noqa: S608 - every name is quoted
    exclusions = {_mask(dimensions, grouping): grouping for grouping in groupings}
    return _Query(_grouped(dialect, rows, exclusions, place, counted), dimensions, exclusions, tuple(types))


def _grouped(
    dialect: Dialect,
    rows: str,
    exclusions: Mapping[int, Grouping],
    place: Mapping[str, str],
    counted: Sequence[str],
) -> str:
    """One scan for all groupings, or where a database knows no such thing, one a grouping."""
    if dialect.grouping_sets:
        sets = ", ".join(
            "(" + ", ".join(place[name] for name in grouping) + ")" for grouping in exclusions.values()
        )
        mask = f"GROUPING({', '.join(place.values())})" if place else "0"
        return f"SELECT {', '.join([mask, *place.values(), *counted])} FROM {rows} GROUP BY GROUPING SETS ({sets})"  # noqa: S608 - as above
    parts = []
    for number, grouping in exclusions.items():
        named = [alias if name in grouping else "NULL" for name, alias in place.items()]
        by = f" GROUP BY {', '.join(place[name] for name in grouping)}" if grouping else ""
        parts.append(f"SELECT {', '.join([str(number), *named, *counted])} FROM {rows}{by}")  # noqa: S608 - as above
    return " UNION ALL ".join(parts)


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


def _measurements(rows: Sequence[Sequence[Any]], query: _Query) -> dict[MetricKey, Measurement]:
    measured: dict[MetricKey, Measurement] = {}
    width = len(query.dimensions)
    for mask, *cells in rows:
        values = dict(zip(query.dimensions, cells[:width], strict=True))
        grouping = query.groupings[mask]
        segment = Segment(tuple((name, values[name]) for name in grouping)) if grouping else WHOLE
        count, *empties = (float(cell) for cell in cells[width:])
        measured[MetricKey(ROWS, segment)] = count
        for column, empty in zip(query.columns, empties, strict=True):
            if empty:
                measured[MetricKey(nulls(column), segment)] = empty
    return measured
