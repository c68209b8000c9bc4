"""The engine that leaves the rows where they are: their database counts and judges, and gives numbers only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.measurement import Column, Measurement, MetricKey
from ketenwacht.errors import EngineError

from .dialects import DIALECTS, TABLE, Dialect, QueryResult, Schema, quoted
from .engine import Dataset, Grouping, Outcomes, Statements
from .measure import evaluated
from .profile import KeyRange, profile


class HeldRows(Protocol):
    """The rows of a delivery in their database, of which every statement sees the same state."""

    @property
    def dialect(self) -> str:
        """Of the database, as SQLAlchemy calls it."""
        ...

    @property
    def columns(self) -> tuple[Column, ...]:
        """Of the table."""
        ...

    @property
    def schema(self) -> Schema:
        """(name, DuckDB type) of each column, as a copy would have them."""
        ...

    @property
    def select(self) -> str:
        """The rows of the delivery as SQL, each value as a copy would hold it."""
        ...

    def query(self, sql: str) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
        """Names of the columns, and rows, that a statement gives; EngineError with a class when it is refused."""
        ...


class RowHolder(Protocol):
    """What this engine needs of a reader: that of a database table has it."""

    def verify_in_place(self, delivery: Delivery) -> Delivery:
        """See `Engine.verify`; no row leaves the database."""
        ...

    def held(self, delivery: Delivery) -> AbstractContextManager[HeldRows]:
        """The rows of a delivery, in one read-only transaction."""
        ...


@dataclass(frozen=True, slots=True)
class InDatabaseEngine:
    """Judges the rows in the database that they are in; see `Engine`."""

    reader: RowHolder

    def verify(self, delivery: Delivery) -> Delivery:
        """See `Engine.verify`."""
        return self.reader.verify_in_place(delivery)

    @contextmanager
    def open(self, delivery: Delivery) -> Iterator[Dataset]:
        """See `Engine.open`."""
        with self.reader.held(delivery) as held:
            yield InDatabaseDataset(held)


@dataclass(frozen=True, slots=True)
class InDatabaseDataset:
    """A delivery in its own database; see `Dataset`."""

    held: HeldRows

    @property
    def columns(self) -> tuple[Column, ...]:
        """See `Dataset.columns`."""
        return self.held.columns

    def exclude(self, keys: KeyRange | None, groupings: Sequence[Grouping]) -> dict[MetricKey, Measurement]:
        """See `Dataset.exclude`; `lint` refuses canaries of a feed that is judged in place."""
        del groupings
        if keys is not None:
            raise EngineError("synthetic persons cannot be set apart in place")
        return {}

    def profile(self, groupings: Sequence[Grouping], count_column: str | None) -> dict[MetricKey, Measurement]:
        """See `Dataset.profile`."""
        return profile(_Named(self.held), groupings, count_column)

    def evaluate(self, entries: Mapping[str, str], statements: Statements) -> Outcomes:
        """See `Dataset.evaluate`."""
        return evaluated(_Named(self.held), entries, statements)


@dataclass(frozen=True, slots=True)
class _Named:
    """Gives the rows the name `delivery` in every statement, for as long as that runs: nothing is written."""

    held: HeldRows
    table: str = TABLE

    @property
    def dialect(self) -> Dialect:
        return DIALECTS[self.held.dialect]

    @property
    def schema(self) -> Schema:
        return self.held.schema

    def ask(self, sql: str) -> QueryResult:
        # Not materialised: a database would otherwise copy the rows once a statement, and look at all columns.
        named = f"WITH {quoted(TABLE)} AS NOT MATERIALIZED ({self.held.select})"
        joined = f"{named}, {sql[4:]}" if sql[:5].upper() == "WITH " else f"{named} {sql}"
        return QueryResult(*self.held.query(joined))
