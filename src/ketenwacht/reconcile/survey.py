"""One look over a table of persons before it is used: where its columns are, which segment values it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ketenwacht.domain.guard import Guard
from ketenwacht.errors import UnreadableDelivery

from .keys import Form, looks_hashed, quoted, text, unkeyed

if TYPE_CHECKING:
    import duckdb


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
    """What a table holds.

    Attributes:
        form: how its keys are written.
        segments: hash of the segment values, and the values, each combination once.
        rows: all rows, with a key or without.
        hashed: of those whose keys are in clear as far as was seen, how many look like plain hashes.
    """

    form: Form
    segments: tuple[tuple[int, tuple[str, ...]], ...]
    rows: int
    hashed: int


def survey(connection: duckdb.DuckDBPyConnection, relation: str, columns: KeyColumns, form: Form) -> Survey:
    """Look over the segment columns of `relation` once; of its keys only at what they must not be."""
    named = [f"s{i}" for i in range(len(columns.segments))]
    listed = "".join(f", {name}" for name in named)
    texts = "".join(f", {text(c)} AS {name}" for c, name in zip(columns.segments, named, strict=True))
    hashed = looks_hashed(text(columns.key)) if form.clear else "false"
    found = connection.execute(
        f"SELECT count(*), count(*) FILTER (hashed), {hash_sql(named)}{listed} "  # noqa: S608 - names are quoted
        f"FROM (SELECT {hashed} AS hashed{texts} FROM {relation}) "
        f"{f'GROUP BY {listed[2:]}' if named else ''}"
    ).fetchall()
    seen = tuple((int(row[2]), tuple(row[3:])) for row in found if row[0])
    return Survey(form, seen, *(sum(int(row[i]) for row in found) for i in (0, 1)))


def refuse_malformed(where: str, seen: Survey, *, malformed: int, column: str) -> None:
    """Hold every row to the form that the first rows showed.

    Raises:
        ConfigError: plain hashes further down.
        UnreadableDelivery: pseudonyms of another key, or something else among them; with how many.
    """
    if seen.hashed:
        raise unkeyed(where, column)
    if malformed:
        raise UnreadableDelivery(f"{where}: {malformed} keys are no pseudonyms of key {seen.form.key_id}")


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


# Segment values as numbers: a row of ten million holds one integer in place of its texts.


class Segments:
    """Table `segment` of a workspace: each combination of segment values with its number."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, columns: Sequence[str], guard: Guard) -> None:
        """Make the table, with a column for each of `columns`; `guard` says what of their values is kept."""
        self._connection, self._columns, self._guard = connection, tuple(columns), guard
        self._numbers: dict[tuple[str, ...], int] = {}
        named = "".join(f", {quoted(name)} VARCHAR" for name in columns)
        connection.execute(f"CREATE TABLE segment (id INTEGER{named})")

    @contextmanager
    def numbered(self, seen: Survey) -> Iterator[None]:
        """Table `numbered`: the hash (`segments`) and number (`segment`) of each combination of segment values."""
        hashes, numbers = self._number(seen)
        self._connection.register("numbered", {"segments": hashes, "segment": numbers})
        try:
            yield
        finally:
            self._connection.unregister("numbered")

    def _number(self, seen: Survey) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """Hash of each combination of segment values, and its number in table `segment`."""
        known = len(self._numbers)
        shown = [tuple(map(self._guard.value, self._columns, values)) for _, values in seen.segments]
        for values in shown:
            self._numbers.setdefault(values, len(self._numbers))
        added = list(self._numbers)[known:]
        if added:
            columns = {"id": np.arange(known, known + len(added), dtype=np.int32)} | {
                f"v{i}": np.array([values[i] for values in added], dtype=object) for i in range(len(added[0]))
            }
            self._connection.register("added", columns)
            self._connection.execute("INSERT INTO segment SELECT * FROM added")
            self._connection.unregister("added")
        hashes = np.array([found for found, _ in seen.segments], dtype=np.uint64)
        return hashes, np.array([self._numbers[values] for values in shown], dtype=np.int32)
