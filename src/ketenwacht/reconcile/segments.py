"""Segment values as numbers: a row of ten million holds one integer in place of its texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ketenwacht.domain.guard import Guard

from .pseudonym import quoted
from .survey import Survey

if TYPE_CHECKING:
    import duckdb


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
