"""The engine that leaves the rows where they are: their database counts and judges, and gives numbers only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.measurement import Column, Measurement, MetricKey
from ketenwacht.errors import EngineError

from .canaries import KeyRange
from .dialects import DIALECTS, TABLE, Answer, Dialect, Schema, quoted
from .engine import Ground, Grouping, Outcomes, Statements
from .judging import evaluated
from .profile import profile


class Held(Protocol):
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


class HoldsRows(Protocol):
    """What this engine needs of a reader: that of a database table has it."""

    def verify_in_place(self, delivery: Delivery) -> Delivery:
        """See `Engine.verify`; no row leaves the database."""
        ...

    def held(self, delivery: Delivery) -> AbstractContextManager[Held]:
        """The rows of a delivery, in one read-only transaction."""
        ...


@dataclass(frozen=True, slots=True)
class InPlace:
    """Judges the rows in the database that they are in; see `Engine`."""

    reader: HoldsRows

    def verify(self, delivery: Delivery) -> Delivery:
        """See `Engine.verify`."""
        return self.reader.verify_in_place(delivery)

    @contextmanager
    def opened(self, delivery: Delivery) -> Iterator[Ground]:
        """See `Engine.opened`."""
        with self.reader.held(delivery) as held:
            yield There(held)


@dataclass(frozen=True, slots=True)
class There:
    """A delivery in its own database; see `Ground`."""

    held: Held

    @property
    def columns(self) -> tuple[Column, ...]:
        """See `Ground.columns`."""
        return self.held.columns

    def set_apart(self, keys: KeyRange | None, groupings: Sequence[Grouping]) -> dict[MetricKey, Measurement]:
        """See `Ground.set_apart`; `lint` refuses canaries of a feed that is judged in place."""
        del groupings
        if keys is not None:
            raise EngineError("synthetic persons cannot be set apart in place")
        return {}

    def profile(self, groupings: Sequence[Grouping], count_column: str | None) -> dict[MetricKey, Measurement]:
        """See `Ground.profile`."""
        return profile(_Named(self.held), groupings, count_column)

    def evaluate(self, entries: Mapping[str, str], statements: Statements) -> Outcomes:
        """See `Ground.evaluate`."""
        return evaluated(_Named(self.held), entries, statements)


@dataclass(frozen=True, slots=True)
class _Named:
    """Gives the rows the name `delivery` in every statement, for as long as that runs: nothing is written."""

    held: Held
    table: str = TABLE

    @property
    def dialect(self) -> Dialect:
        return DIALECTS[self.held.dialect]

    @property
    def schema(self) -> Schema:
        return self.held.schema

    def ask(self, sql: str) -> Answer:
        # Not materialised: a database would otherwise copy the rows once a statement, and look at all columns.
        named = f"WITH {quoted(TABLE)} AS NOT MATERIALIZED ({self.held.select})"
        joined = f"{named}, {sql[4:]}" if sql[:5].upper() == "WITH " else f"{named} {sql}"
        return Answer(*self.held.query(joined))
