"""Counts rows and empty fields by segment; counts canaries, control totals and lateness.

What is here needs no expectation suite.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ketenwacht.dialects import Dialect, Schema
from ketenwacht.domain.delivery import MOST_ROWS, Delivery, Manifest
from ketenwacht.domain.evidence import PREFIX
from ketenwacht.domain.measurement import (
    DECLARED_EXCLUDED,
    DECLARED_ROWS,
    DECLARED_SELECTED,
    HOURS_LATE,
    PLACEHOLDERS,
    ROWS,
    Measurement,
    MetricKey,
    nulls,
    placeholder,
)
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, Name
from ketenwacht.messages.formatter import unreadable
from ketenwacht.sql import TABLE, quote_name, quote_text

from .sql_table import SqlTable, WorkspaceTable, schema_of

if TYPE_CHECKING:
    import duckdb

Grouping = tuple[str, ...]
MOST_SEGMENTS = 20_000
"""A delivery with more segments than this has a column of another kind where a code belongs."""
# No column can have this name: in GROUPING SETS a column takes precedence over an alias.
_ALIAS = "dimension\u00a0"


@dataclass(frozen=True, slots=True)
class _Query:
    """One grouped scan: its SQL, and the shape of its rows.

    A row is: grouping mask, a value for each dimension, rows, a null count for each column; with a count
    column also the number of rows whose count is impossible.
    """

    sql: str
    dimensions: tuple[str, ...]
    groupings: dict[int, Grouping]
    columns: tuple[str, ...]
    count_column: str | None = None


def profile(
    table: SqlTable, groupings: Sequence[Grouping], count_column: str | None = None
) -> dict[MetricKey, Measurement]:
    """Count rows and empty fields by segment, in one statement.

    Args:
        table: holds the rows.
        groupings: the dimensions to count by; () is the whole feed. A grouping by a column that the delivery does
            not have is left out.
        count_column: the column that holds for how many records a row stands (empty: none); None: a row is a
            record.

    Returns:
        `rows` of every segment that has a row, every `nulls.<column>` above 0, and how many rows of a feed without
        counts hold each text that often means empty (`placeholder`). The first two are in records, except the
        nulls of `count_column` itself, which are in rows. A null and an empty text are missing values; in a
        dimension they make the segment with the empty string. Segments have their values as they arrived;
        `measure` guards them. The `rows` of the whole feed is always there, 0 for an empty delivery.

    Raises:
        EngineError: `count_column` is not a number, or the database fails.
        UnreadableDelivery: a count is below 0, a fraction or above `MOST_ROWS`, or there are more segments than
            `MOST_SEGMENTS`.
    """
    schema = table.schema
    present = {name for name, _ in schema}
    usable = tuple(dict.fromkeys(g for g in groupings if present.issuperset(g)))
    if not usable:
        return {}
    query = _build_query(table, schema, usable, count_column)
    rows = table.query(f"{query.sql} LIMIT {MOST_SEGMENTS + 1}").rows
    if len(rows) > MOST_SEGMENTS:
        raise unreadable("delivery.too_many_segments", most=Amount(MOST_SEGMENTS))
    measured = _measurements(rows, query)
    if () in usable:
        measured.setdefault(MetricKey(ROWS), 0.0)
        if count_column is None:
            measured |= _count_placeholders(table, schema)
    return measured


def _build_query(
    table: SqlTable, schema: Schema, groupings: Sequence[Grouping], count_column: str | None
) -> _Query:
    types, dialect = dict(schema), table.dialect
    dimensions = tuple(dict.fromkeys(name for grouping in groupings for name in grouping))
    weight, wrong = _weigh(dialect, count_column, types) if count_column is not None else (None, None)
    counted = [f"COALESCE(SUM({weight}), 0)" if weight is not None else "COUNT(*)"]
    counted += [
        _null_count(dialect, name, types[name], None if name == count_column else weight) for name in types
    ]
    if wrong is not None:
        counted.append(dialect.count_if(wrong))
    keys = [f"COALESCE({dialect.cast_to_text(quote_name(name), types[name])}, '')" for name in dimensions]
    aliases = {name: f'"{_ALIAS}{i}"' for i, name in enumerate(dimensions)}
    name = quote_name(table.name)
    named = [f"{key} AS {alias}" for key, alias in zip(keys, aliases.values(), strict=True)]
    rows = f"(SELECT {', '.join([*named, f'{name}.*'])} FROM {name}) AS counted"  # noqa: S608 - every name is quoted
    by_mask = {_mask(dimensions, grouping): grouping for grouping in groupings}
    return _Query(
        _grouped_sql(dialect, rows, by_mask, aliases, counted), dimensions, by_mask, tuple(types), count_column
    )


def _grouped_sql(
    dialect: Dialect,
    rows: str,
    by_mask: Mapping[int, Grouping],
    aliases: Mapping[str, str],
    counted: Sequence[str],
) -> str:
    """Return one scan for all groupings, or one per grouping where the database has no GROUPING SETS."""
    if dialect.grouping_sets:
        sets = ", ".join(
            "(" + ", ".join(aliases[name] for name in grouping) + ")" for grouping in by_mask.values()
        )
        mask = f"{dialect.grouping}({', '.join(aliases.values())})" if aliases else "0"
        return (
            f"SELECT {', '.join([mask, *aliases.values(), *counted])} FROM {rows} GROUP BY GROUPING SETS ({sets})"  # noqa: S608 - as above
        )
    parts = []
    for number, grouping in by_mask.items():
        named = [alias if name in grouping else "NULL" for name, alias in aliases.items()]
        by = f" GROUP BY {', '.join(aliases[name] for name in grouping)}" if grouping else ""
        parts.append(f"SELECT {', '.join([str(number), *named, *counted])} FROM {rows}{by}")  # noqa: S608 - as above
    return " UNION ALL ".join(parts)


def _weigh(dialect: Dialect, count_column: str, types: Mapping[str, str]) -> tuple[str, str]:
    """Return SQL for the count of a row, and for a count that is impossible."""
    column = quote_name(count_column)
    number = dialect.number.format(column)
    possible = f"{number} BETWEEN 0 AND {MOST_ROWS} AND round({number}) = {number}"
    if types.get(count_column) != "VARCHAR":
        return number, f"NOT ({possible})"
    # Only a text of digits is cast: a database may refuse any other, or read it as another number.
    written = f"{column} <> '' AND {dialect.whole.format(column)}"
    number = f"CASE WHEN {written} THEN {number} END"
    return number, f"{column} <> '' AND NOT (CASE WHEN {written} THEN {possible} ELSE 1 = 0 END)"


def _null_count(dialect: Dialect, name: str, duckdb_type: str, weight: str | None) -> str:
    column = quote_name(name)
    empty = f"{column} IS NULL"
    if duckdb_type == "VARCHAR":
        empty = f"({empty} OR {column} = '')"
    if weight is None:
        return dialect.count_if(empty)
    return f"COALESCE({dialect.sum_if(weight, empty)}, 0)"


def _count_placeholders(table: SqlTable, schema: Schema) -> dict[MetricKey, Measurement]:
    """Return how often each column holds each text that often means empty; one scan when there is none."""
    texts = ", ".join(map(quote_text, PLACEHOLDERS))
    columns = [name for name, kind in schema if kind == "VARCHAR"]
    if not columns:
        return {}
    counts = ", ".join(table.dialect.count_if(f"{quote_name(name)} IN ({texts})") for name in columns)
    found = table.query(f"SELECT {counts} FROM {quote_name(table.name)}").rows[0]  # noqa: S608 - quoted
    measured: dict[MetricKey, Measurement] = {}
    for name, count in zip(columns, found, strict=True):
        if count:
            column = quote_name(name)
            sql = f"SELECT {column}, COUNT(*) FROM {quote_name(table.name)} WHERE {column} IN ({texts}) GROUP BY 1"  # noqa: S608 - quoted
            for text, rows in table.query(sql).rows:
                measured[MetricKey(placeholder(str(text), name))] = float(str(rows))
    return measured


def _mask(dimensions: Sequence[str], grouping: Grouping) -> int:
    """Return GROUPING() of `grouping`: a bit for each dimension that is summed over, first highest."""
    mask = 0
    for name in dimensions:
        mask = mask * 2 + (name not in grouping)
    return mask


def _measurements(rows: Sequence[Sequence[Any]], query: _Query) -> dict[MetricKey, Measurement]:
    measured: dict[MetricKey, Measurement] = {}
    width = len(query.dimensions)
    wrong: Counter[int] = Counter()
    for mask, *cells in rows:
        values = dict(zip(query.dimensions, cells[:width], strict=True))
        grouping = query.groupings[mask]
        segment = Segment(tuple((name, values[name]) for name in grouping)) if grouping else WHOLE
        count, *empties = (float(cell) for cell in cells[width:])
        if query.count_column is not None:
            wrong[mask] += int(empties.pop())
        measured[MetricKey(ROWS, segment)] = count
        for column, empty in zip(query.columns, empties, strict=True):
            if empty:
                measured[MetricKey(nulls(column), segment)] = empty
    if query.count_column is not None and any(wrong.values()):
        rows_wrong = Amount(max(wrong.values()))
        raise unreadable("delivery.count_wrong", column=Name(query.count_column), rows=rows_wrong)
    return measured


# Canaries: synthetic persons in a delivery. They are counted, and then removed, so that nothing else counts them.


_EXCLUDED = "synthetic"
_NUMBERS = "canary_numbers"


@dataclass(frozen=True, slots=True)
class KeyRange:
    """The keys of canaries, which belong to no person. Plain values: it may be sent to another process.

    Attributes:
        column: the column that identifies a person.
        first: lowest key.
        last: highest key, with as many digits.
        pseudonyms: pseudonym of a listed key → its number in the range, for deliveries that hold pseudonyms.
    """

    column: str
    first: str
    last: str
    pseudonyms: Mapping[str, int] = field(default_factory=dict)

    def keys(self) -> tuple[str, ...]:
        """Return every key of the range, in order."""
        return tuple(f"{n:0{len(self.first)}d}" for n in range(int(self.first), int(self.last) + 1))


def exclude_canaries(
    connection: duckdb.DuckDBPyConnection, keys: KeyRange | None, groupings: Sequence[Grouping]
) -> dict[MetricKey, Measurement]:
    """Remove the canaries from `TABLE`, and count them.

    Args:
        connection: a workspace that holds the delivery in `TABLE`.
        keys: of the canaries; None: there are none.
        groupings: the dimensions to count by.

    Returns:
        `canary.<number>` by all dimensions together, and under `rows` how many were removed from each segment.
    """
    if keys is None or keys.column not in {name for name, _ in schema_of(connection)}:
        return {}
    number = _number_sql(connection, keys)
    connection.execute(
        f"CREATE OR REPLACE TABLE {_EXCLUDED} AS SELECT * FROM "  # noqa: S608 - names are quoted
        f"(SELECT *, {number} AS canary_number FROM {TABLE}) WHERE canary_number IS NOT NULL"
    )
    (count,) = connection.execute(f"SELECT count(*) FROM {_EXCLUDED}").fetchall()[0]  # noqa: S608 - our own name
    measured: dict[MetricKey, Measurement] = {}
    if count:
        measured = _count_canaries(connection, groupings)
        connection.execute(f"DELETE FROM {TABLE} WHERE {number} IS NOT NULL")  # noqa: S608 - names are quoted
    connection.execute(f"DROP TABLE {_EXCLUDED}")
    return measured


def subtract_excluded(
    declared: Mapping[MetricKey, Measurement], excluded: Mapping[MetricKey, Measurement]
) -> dict[MetricKey, Measurement]:
    """Return what the sender declares without the canaries that arrived: the sender counts them as persons."""
    found = dict(declared)
    for key, value in declared.items():
        count = excluded.get(MetricKey(ROWS, key.segment))
        if (
            key.name in {DECLARED_ROWS, DECLARED_SELECTED}
            and isinstance(count, float)
            and isinstance(value, float)
        ):
            found[key] = max(0.0, value - count)
    return found


def _number_sql(connection: duckdb.DuckDBPyConnection, keys: KeyRange) -> str:
    """Return SQL for the number of a row's key in the range; null for a person's key."""
    value = f"trim(CAST({quote_name(keys.column)} AS VARCHAR))"
    digits = len(keys.first)
    clear = (
        f"CASE WHEN length({value}) = {digits} AND {value} BETWEEN '{keys.first}' AND '{keys.last}' "
        f"THEN TRY_CAST({value} AS BIGINT) - {int(keys.first)} END"
    )
    if not keys.pseudonyms:
        return clear
    connection.execute(f"CREATE OR REPLACE TABLE {_NUMBERS} (pseudonym VARCHAR, number BIGINT)")
    pairs = [list(pair) for pair in keys.pseudonyms.items()]
    connection.executemany(f"INSERT INTO {_NUMBERS} VALUES (?, ?)", pairs)  # noqa: S608 - our own name
    return f"coalesce({clear}, (SELECT min(number) FROM {_NUMBERS} WHERE pseudonym = {value}))"  # noqa: S608 - names are quoted


def _count_canaries(
    connection: duckdb.DuckDBPyConnection, groupings: Sequence[Grouping]
) -> dict[MetricKey, Measurement]:
    present = {name for name, _ in schema_of(connection)}
    usable = [grouping for grouping in groupings if present.issuperset(grouping)]
    finest = tuple(dict.fromkeys(name for grouping in usable for name in grouping))
    wanted = [*usable, ("canary_number", *finest)]
    measured: dict[MetricKey, Measurement] = {}
    for key, value in profile(WorkspaceTable(connection, _EXCLUDED), wanted).items():
        values = key.segment.as_dict()
        number = values.pop("canary_number", None)
        if key.name != ROWS:
            continue
        if number is None:
            measured[key] = value
        else:
            measured[MetricKey(f"{PREFIX}{number}", key.segment.project(finest))] = value
    return measured


# Measurements that need no rows: what the sender declares, and how late a delivery arrived.


_HOUR = timedelta(hours=1)


def measure_declared(
    manifest: Manifest | None, groupings: Sequence[tuple[str, ...]]
) -> dict[MetricKey, Measurement]:
    """Return what a manifest declares, as measurements (rows).

    Args:
        manifest: of the delivery; None: it has none.
        groupings: the dimensions to count by. A control total counts for each grouping whose dimensions it states.

    Returns:
        `declared.rows` and `declared.selected` for the whole feed when stated, and by segment, for segments that a
        control total names. `declared.excluded.<reason>` for the whole feed.
    """
    if manifest is None:
        return {}
    found = {
        **_totals(DECLARED_ROWS, manifest.rows, manifest.rows_by_segment, groupings),
        **_totals(DECLARED_SELECTED, manifest.selected, manifest.selected_by_segment, groupings),
    }
    found |= {MetricKey(DECLARED_EXCLUDED + reason): float(count) for reason, count in manifest.excluded.items()}
    return found


def measure_lateness(delivery: Delivery, at: datetime | None = None) -> dict[MetricKey, Measurement]:
    """Return `hours_late`: the hours from when a delivery was due until it was complete; negative when early.

    Args:
        delivery: that arrived, or is still absent.
        at: now (UTC); an absent delivery is late until then.

    Returns:
        {} when it was never due, or has not arrived and `at` is None.
    """
    arrived = delivery.arrived_at if delivery.arrived_at is not None else at
    if delivery.due_at is None or arrived is None:
        return {}
    return {MetricKey(HOURS_LATE): (arrived - delivery.due_at) / _HOUR}


def _totals(
    name: str, whole: int | None, by_segment: Mapping[Segment, int], groupings: Sequence[tuple[str, ...]]
) -> dict[MetricKey, Measurement]:
    sums: dict[MetricKey, Measurement] = {}
    for grouping in groupings:
        for segment, count in by_segment.items():
            projected = segment.project(grouping)
            if projected.dimensions == grouping:
                key = MetricKey(name, projected)
                earlier = sums.get(key, 0.0)
                sums[key] = count + (earlier if isinstance(earlier, float) else 0.0)
    if whole is not None:
        sums[MetricKey(name, WHOLE)] = float(whole)
    return sums
