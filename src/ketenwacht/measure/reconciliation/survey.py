"""One look over a table of persons before it is used: segment values, keys that are absent or wrongly written."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from .pseudonym import Form, half_sql, looks_hashed, pseudonym_sql, refuse_malformed, text


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
    key = text(columns.key)
    wrong = looks_hashed(key)
    if not form.clear:
        wrong = f"{key} <> '' AND {half_sql(pseudonym_sql(columns.key, form), 1)} IS NULL"
    found = connection.execute(
        f"SELECT count(*) FILTER ({key} <> ''), count(*) FILTER ({key} = ''), "  # noqa: S608 - names are quoted
        f"count(*) FILTER ({key} <> '' AND {day_sql(columns.decided)} IS NULL), count(*) FILTER ({wrong}), "
        f"{', '.join((segment_hash(columns), *map(text, columns.segments)))} FROM {relation} GROUP BY ALL"
    ).fetchall()
    rows, without_key, undated, bad = (sum(int(row[i]) for row in found) for i in range(4))
    refuse_malformed(
        where, form, malformed=0 if form.clear else bad, hashed=bad if form.clear else 0, column=columns.key
    )
    return Survey(form, tuple((int(row[4]), tuple(row[5:])) for row in found), rows, without_key, undated)


def day_sql(column: str | None) -> str:
    """SQL for a date column as days since 1970, null when empty or no date; ISO dates, times, and `YYYYMMDD`."""
    if column is None:
        return "NULL::INTEGER"
    value = text(column)
    parsed = f"coalesce(TRY_CAST(substr({value}, 1, 10) AS DATE), try_strptime({value}, '%Y%m%d')::DATE)"
    return f"({parsed} - DATE '1970-01-01')::INTEGER"


def segment_hash(columns: KeyColumns) -> str:
    """SQL for one number a combination of segment values; the same within a process only."""
    return f"hash({', '.join(map(text, columns.segments))})" if columns.segments else "0::UBIGINT"
