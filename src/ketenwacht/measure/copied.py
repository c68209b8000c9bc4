"""The engine that needs nothing of a source but its rows: a copy of them is judged in a private database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.measurement import Column, Measurement, MetricKey
from ketenwacht.errors import EngineError

from .engine import Dataset, Grouping, Outcomes, Statements
from .measure import evaluated
from .profile import KeyRange, exclude, profile
from .workspace import WorkspaceTable, open_workspace

if TYPE_CHECKING:
    import duckdb


class LoadingReader(Protocol):
    """What this engine needs of a reader; any reader of a feed has it."""

    def verify(self, delivery: Delivery) -> Delivery:
        """See `Engine.verify`."""
        ...

    def load(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        """Make the table `delivery`, and return its columns."""
        ...


@dataclass(frozen=True, slots=True)
class CopyEngine:
    """Judges a copy in a DuckDB in memory, which is gone afterwards; see `Engine`."""

    reader: LoadingReader

    def verify(self, delivery: Delivery) -> Delivery:
        """See `Engine.verify`."""
        return self.reader.verify(delivery)

    @contextmanager
    def open(self, delivery: Delivery) -> Iterator[Dataset]:
        """See `Engine.open`."""
        with open_workspace() as connection:
            yield CopiedDataset(connection, self.reader.load(delivery, connection))


@dataclass(frozen=True, slots=True)
class CopiedDataset:
    """A delivery that was loaded into a workspace; see `Dataset`."""

    connection: duckdb.DuckDBPyConnection
    columns: tuple[Column, ...]

    def exclude(self, keys: KeyRange | None, groupings: Sequence[Grouping]) -> dict[MetricKey, Measurement]:
        """See `Dataset.exclude`."""
        import duckdb

        try:
            return exclude(self.connection, keys, groupings)
        except duckdb.Error as error:  # its text quotes the value that did not fit
            refused = type(error).__name__
        raise EngineError(refused)

    def profile(self, groupings: Sequence[Grouping], count_column: str | None) -> dict[MetricKey, Measurement]:
        """See `Dataset.profile`."""
        return profile(WorkspaceTable(self.connection), groupings, count_column)

    def evaluate(self, entries: Mapping[str, str], statements: Statements) -> Outcomes:
        """See `Dataset.evaluate`."""
        return evaluated(WorkspaceTable(self.connection), entries, statements)
