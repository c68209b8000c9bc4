"""A survey of a table of persons before use: the form of its keys, and its segment values as numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ketenwacht.domain.guard import Guard
from ketenwacht.errors import UnreadableDelivery
from ketenwacht.sql import quote_name

from .keys import Form, looks_hashed_sql, plain_hash_error, text

if TYPE_CHECKING:
    import duckdb

PSEUDONYM = "pseudonym"
"""Column of the pseudonyms of a key of several columns, and of every list of pseudonyms."""
ABSENT = "\ue000"
"""Stands for the values of a segment column that a delivery lacks: they differ from nobody's."""
EXACT_ID = "exact_id"
EXACT_TERMS = ("key_id", "feed", "until", "nonce")
"""Columns of a list of ids from an exact digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyColumns:
    """The columns of a delivery or register that a comparison needs.

    Attributes:
        key: the columns that together identify a person.
        segments: columns that register and deliveries share; a comparison reports different values.
        decided: decision date; None: absent.
        mutation: column with the kind of a row; None: every row delivers a person.
        withdrawn: values of `mutation` that withdraw a person.
    """

    key: tuple[str, ...]
    segments: tuple[str, ...] = ()
    decided: str | None = None
    mutation: str | None = None
    withdrawn: tuple[str, ...] = ()

    def resolve(self, present: Collection[str]) -> KeyColumns:
        """Return the columns for a table: a key of several columns may stand in it as one column of pseudonyms."""
        signed = len(self.key) > 1 and PSEUDONYM in present and not set(self.key) <= set(present)
        return replace(self, key=(PSEUDONYM,)) if signed else self

    @property
    def names(self) -> tuple[str, ...]:
        """The name of every column."""
        return (*self.key, *self.others)

    @property
    def others(self) -> tuple[str, ...]:
        """The name of every column that a comparison needs beside the key, or of the key for another purpose."""
        return tuple(c for c in (*self.segments, self.decided, self.mutation) if c is not None)


@dataclass(frozen=True, slots=True)
class Survey:
    """The form, segment values and row counts of a table.

    Attributes:
        form: of its keys.
        segments: hash of the segment values, and the values, each combination once.
        rows: all rows, with a key or without.
        hashed: rows whose key looks like a plain hash, when the keys are clear.
    """

    form: Form
    segments: tuple[tuple[int, tuple[str, ...]], ...]
    rows: int
    hashed: int


def survey(connection: duckdb.DuckDBPyConnection, relation: str, columns: KeyColumns, form: Form) -> Survey:
    """Read the segment columns of `relation` once, and count keys that look like plain hashes."""
    named = [f"s{i}" for i in range(len(columns.segments))]
    listed = "".join(f", {name}" for name in named)
    texts = "".join(f", {text(c)} AS {name}" for c, name in zip(columns.segments, named, strict=True))
    hashed = looks_hashed_sql(columns.key) if form.clear else "false"
    found = connection.execute(
        f"SELECT count(*), count(*) FILTER (hashed), {hash_sql(named)}{listed} "  # noqa: S608 - names are quoted
        f"FROM (SELECT {hashed} AS hashed{texts} FROM {relation}) "
        f"{f'GROUP BY {listed[2:]}' if named else ''}"
    ).fetchall()
    seen = tuple((int(row[2]), tuple(row[3:])) for row in found if row[0])
    return Survey(form, seen, *(sum(int(row[i]) for row in found) for i in (0, 1)))


def refuse_malformed(where: str, seen: Survey, *, malformed: int, column: str) -> None:
    """Raise unless every key has the form of the first keys.

    Raises:
        ConfigError: some keys are plain hashes.
        UnreadableDelivery: some keys are no pseudonyms of the first key; gives their number.
    """
    if seen.hashed:
        raise plain_hash_error(where, column)
    if malformed:
        raise UnreadableDelivery(f"{where}: {malformed} keys are not pseudonyms of key {seen.form.key_id}")


def day_sql(column: str | None) -> str:
    """Return SQL for a date column as days since 1970; null unless it is an ISO date or time, or `YYYYMMDD`."""
    if column is None:
        return "NULL::INTEGER"
    value = text(column)
    parsed = f"coalesce(TRY_CAST(substr({value}, 1, 10) AS DATE), try_strptime({value}, '%Y%m%d')::DATE)"
    return f"({parsed} - DATE '1970-01-01')::INTEGER"


def segment_hash_sql(columns: KeyColumns) -> str:
    """Return SQL that hashes the segment values; stable within a process only."""
    return hash_sql([text(column) for column in columns.segments])


def hash_sql(values: Sequence[str]) -> str:
    """Return SQL that hashes values, 0 without values."""
    return f"hash({', '.join(values)})" if values else "0::UBIGINT"


# Segment values as numbers, so that ten million rows hold one integer instead of texts.


class Segments:
    """Table `segment` of a workspace: each combination of segment values with its number."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, columns: Sequence[str], guard: Guard) -> None:
        """Create the table with a column for each of `columns`; `guard` decides which values are stored."""
        self._connection, self._columns, self._guard = connection, tuple(columns), guard
        self._numbers: dict[tuple[str, ...], int] = {}
        named = "".join(f", {quote_name(name)} VARCHAR" for name in columns)
        connection.execute(f"CREATE TABLE segment (id INTEGER{named})")

    @contextmanager
    def numbered(self, seen: Survey) -> Iterator[None]:
        """Hold table `numbered`: hash (`segments`) and number (`segment`) of each combination of values."""
        hashes, numbers = self._number(seen)
        self._connection.register("numbered", {"segments": hashes, "segment": numbers})
        try:
            yield
        finally:
            self._connection.unregister("numbered")

    def number(self, combinations: Sequence[tuple[str, ...]]) -> list[int]:
        """Return the number of each combination of values, as they may be stored."""
        return self._add([tuple(map(self._guard_value, self._columns, values)) for values in combinations])

    def renew(self, day: date) -> bool:
        """Hold table `renewed`: the number of each combination with an expired code, and that by current codes.

        Returns:
            Whether there is any; without one there is no table.
        """
        expired = self._guard.successors.expired_on(day)
        numbers = {}
        for values, number in tuple(self._numbers.items()):
            current = tuple(
                expired.get(column, {}).get(value, value)
                for column, value in zip(self._columns, values, strict=True)
            )
            if current != values:
                numbers[number] = self._add([current])[0]
        if numbers:
            self._connection.register(
                "renewed",
                {
                    "old": np.array(list(numbers), dtype=np.int32),
                    "new": np.array(list(numbers.values()), dtype=np.int32),
                },
            )
        return bool(numbers)

    def _number(self, seen: Survey) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """Return the hash of each combination of segment values, and its number in table `segment`."""
        guarded = [tuple(map(self._guard_value, self._columns, values)) for _, values in seen.segments]
        hashes = np.array([found for found, _ in seen.segments], dtype=np.uint64)
        return hashes, np.array(self._add(guarded), dtype=np.int32)

    def _guard_value(self, column: str, value: str) -> str:
        return value if value == ABSENT else self._guard.value(column, value)

    def has_absent(self) -> bool:
        """Return whether some delivery lacks a segment column."""
        return any(ABSENT in values for values in self._numbers)

    def _add(self, combinations: Sequence[tuple[str, ...]]) -> list[int]:
        """Return the number of each combination in table `segment`; new ones are added to it."""
        known = len(self._numbers)
        for values in combinations:
            self._numbers.setdefault(values, len(self._numbers))
        added = list(self._numbers)[known:]
        if added:
            columns = {"id": np.arange(known, known + len(added), dtype=np.int32)} | {
                f"v{i}": np.array([values[i] for values in added], dtype=object) for i in range(len(added[0]))
            }
            self._connection.register("added", columns)
            self._connection.execute("INSERT INTO segment SELECT * FROM added")
            self._connection.unregister("added")
        return [self._numbers[values] for values in combinations]
