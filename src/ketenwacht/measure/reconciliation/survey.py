"""One look over a table of persons before it is used: segment values, keys that are absent or wrongly written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from .pseudonym import Form, looks_hashed, pseudonym_sql, refuse_malformed, text


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyColumns:
    """Where a delivery or register holds what a comparison needs.

    Attributes:
        key: identifies a person.
        segments: columns that register and deliveries share; a difference in one is reported.
        decided: date of the decision; None: not there.
        mutation: column that says what a row does; None: every row delivers a person.
        withdrawn: values of `mutation` that take a person back.
    """

    key: str
    segments: tuple[str, ...] = ()
    decided: str | None = None
    mutation: str | None = None
    withdrawn: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """What a table holds, as counts.

    Attributes:
        form: how its keys are written.
        segments: hash of the segment values, and the values, each combination once.
        rows: rows with a key.
        without_key: rows that can never be matched.
        undated: rows with a key and without a date that can be read.
    """

    form: Form
    segments: tuple[tuple[int, tuple[str, ...]], ...]
    rows: int
    without_key: int
    undated: int


def survey(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: KeyColumns, form: Form, *, where: str
) -> Survey:
    """Look over `relation` once, holding every key to `form`.

    Raises:
        ConfigError: plain hashes.
        UnreadableDelivery: keys that are written otherwise.
    """
    wrong = looks_hashed("key") if form.clear else "key <> '' AND digits IS NULL"
    digits = "NULL" if form.clear else pseudonym_sql(columns.key, form)
    named = [f"s{i}" for i in range(len(columns.segments))]
    listed = "".join(f", {name}" for name in named)
    texts = "".join(f", {text(c)} AS {name}" for c, name in zip(columns.segments, named, strict=True))
    found = connection.execute(
        "SELECT count(*) FILTER (key <> ''), count(*) FILTER (key = ''), "  # noqa: S608 - names are quoted
        f"count(*) FILTER (key <> '' AND day IS NULL), count(*) FILTER ({wrong}), {hash_sql(named)}{listed} "
        f"FROM (SELECT {text(columns.key)} AS key, {digits} AS digits, {day_sql(columns.decided)} AS day{texts} "
        f"FROM {relation}) "
        f"{f'GROUP BY {listed[2:]}' if named else ''}"
    ).fetchall()
    rows, without_key, undated, bad = (sum(int(row[i]) for row in found) for i in range(4))
    refuse_malformed(
        where, form, malformed=0 if form.clear else bad, hashed=bad if form.clear else 0, column=columns.key
    )
    seen = tuple((int(row[4]), tuple(row[5:])) for row in found if any(row[:2]))
    return Survey(form, seen, rows, without_key, undated)


def day_sql(column: str | None) -> str:
    """SQL for a date column as days since 1970, null when empty or no date; ISO dates, times, and `YYYYMMDD`."""
    if column is None:
        return "NULL::INTEGER"
    value = text(column)
    parsed = f"coalesce(TRY_CAST(substr({value}, 1, 10) AS DATE), try_strptime({value}, '%Y%m%d')::DATE)"
    return f"({parsed} - DATE '1970-01-01')::INTEGER"


def segment_hash(columns: KeyColumns) -> str:
    """SQL for one number a combination of segment values; the same within a process only."""
    return hash_sql([text(column) for column in columns.segments])


def hash_sql(values: Sequence[str]) -> str:
    """SQL for one number a combination of values, 0 when there are none."""
    return f"hash({', '.join(values)})" if values else "0::UBIGINT"
