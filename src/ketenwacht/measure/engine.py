"""Engines: where the rows of a delivery are measured.

One copies them into DuckDB, one leaves them in their database.

`plugin_engine` guards the engines of plug-ins.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal, Protocol

from ketenwacht.dialects import Dialect, Schema
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.measurement import Column, Measurement, MetricKey
from ketenwacht.errors import EngineError
from ketenwacht.processes import in_child
from ketenwacht.sql import TABLE, quote_name, quote_text

from .gx_import import import_lightly
from .profile import Grouping, KeyRange, exclude_canaries, profile
from .query_rules import evaluate_queries
from .sql_table import QueryResult, SqlTable, WorkspaceTable, open_workspace, reuse_workspace
from .suite import Outcomes
from .values import ValueRules, clean_sql, clean_values

if TYPE_CHECKING:
    import duckdb

Statements = Literal["folded", "stock"]
"""folded: one SELECT for all expectations; stock: the statements of Great Expectations itself."""


class Dataset(Protocol):
    """The rows of one delivery, ready to query. It returns numbers only."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns as they arrived."""
        ...

    def exclude(self, keys: KeyRange | None, groupings: Sequence[Grouping]) -> dict[MetricKey, Measurement]:
        """Count the canaries by themselves, and leave them out of all later queries.

        Args:
            keys: of the canaries; None: there are none.
            groupings: the dimensions to count by.
        """
        ...

    def profile(self, groupings: Sequence[Grouping], count_column: str | None) -> dict[MetricKey, Measurement]:
        """Count rows and empty fields by segment; see `profile.profile`.

        Raises:
            EngineError: the rows cannot be counted; the text is the class of the error.
        """
        ...

    def evaluate(self, entries: Mapping[str, str], statements: Statements) -> Outcomes:
        """Evaluate expectations.

        Args:
            entries: check id → the expectation as JSON, with its parameters resolved.
            statements: which statements to use.

        Returns:
            Check id → outcome; `Unmeasured`, with a reason that quotes no value, when it cannot be judged.
        """
        ...


class Engine(Protocol):
    """Where the deliveries of one feed are measured. A plain value: it may be sent to another process."""

    def verify(self, delivery: Delivery) -> Delivery:
        """Return the delivery with the hash of its content, or UNREADABLE with its problem.

        Raises:
            DeliveryError: the source cannot be reached.
        """
        ...

    def open(self, delivery: Delivery) -> AbstractContextManager[Dataset]:
        """Open the rows of a verified delivery.

        Raises:
            UnreadableDelivery: they cannot be read, or changed after they were verified.
        """
        ...


MOST_CODES = 20
"""More offending codes than this are no codes, but another column."""


def count_values(
    table: SqlTable, column: str, values: Sequence[str], *, listed: bool, most: int = MOST_CODES + 1
) -> dict[str, float]:
    """Count the rows by the values of a column that are in a list, or that are not.

    Args:
        table: holds the rows.
        column: of it; empty values do not count.
        values: the list.
        listed: count the values in the list; else those outside it.
        most: return only so many values, those with most rows.

    Returns:
        Value → rows. Values outside a list may be anything: the caller keeps only what may be kept.

    Raises:
        EngineError: the rows cannot be counted.
    """
    kind = dict(table.schema)[column]
    text = table.dialect.cast_to_text(quote_name(column), kind)
    inside = ", ".join(map(quote_text, values)) or "NULL"
    word = "IN" if listed else "NOT IN"
    kept = f"{quote_name(column)} IS NOT NULL" + (f" AND {text} {word} ({inside})" if values or listed else "")
    found = table.query(
        f"SELECT {text} AS value, COUNT(*) AS n FROM {quote_name(table.name)} "  # noqa: S608 - names and values are quoted
        f"WHERE {kept} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {int(most)}"
    )
    return {str(value): float(str(rows)) for value, rows in found.rows}


def evaluate_expectations(table: SqlTable, entries: Mapping[str, str], statements: Statements) -> Outcomes:
    """Evaluate expectations on the rows of a table; see `Dataset.evaluate`.

    This is the only place that imports Great Expectations, which takes seconds.
    """
    with warnings.catch_warnings(), import_lightly() if in_child() else nullcontext():
        warnings.simplefilter("ignore", DeprecationWarning)  # the library imports a module that Python will drop
        from .gx_suite import evaluate_folded, evaluate_stock  # noqa: PLC0415 - importing it takes seconds

    return (evaluate_stock if statements == "stock" else evaluate_folded)(table, entries)


# The engine that copies: it needs only the rows of a source.


class LoadingReader(Protocol):
    """What `CopyEngine` needs of a reader; every `FeedReader` has it."""

    def verify(self, delivery: Delivery) -> Delivery:
        """See `Engine.verify`."""
        ...

    def load(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        """Create the table `delivery`, and return its columns."""
        ...


SMALL = 4 << 20
"""A file of so many bytes or fewer is measured by one thread, in a database that serves many deliveries."""


@dataclass(frozen=True, slots=True)
class CopyEngine:
    """Measures a copy of the rows in a DuckDB database in memory; see `Engine`.

    Attributes:
        reader: loads the rows.
        rules: how to read their values.
        own_database: whether every delivery gets a database of its own: a plug-in may leave settings in one.
    """

    reader: LoadingReader
    rules: ValueRules = field(default_factory=ValueRules)
    own_database: bool = False

    def verify(self, delivery: Delivery) -> Delivery:
        """See `Engine.verify`."""
        return self.reader.verify(delivery)

    @contextmanager
    def open(self, delivery: Delivery) -> Iterator[Dataset]:
        """See `Engine.open`."""
        small = delivery.size is not None and delivery.size <= SMALL and not self.own_database
        with reuse_workspace() if small else open_workspace() as connection:
            columns = self.reader.load(delivery, connection)
            clean_values(connection, self.rules, partial(_find_line, self.reader, delivery))
            yield CopiedDataset(connection, columns)


def _find_line(reader: LoadingReader, delivery: Delivery, row: int) -> int | None:
    """Return the line of a row in the file of a delivery; None when its reader has no files with lines."""
    find = getattr(reader, "find_line", None)
    return find(delivery, row) if find is not None else None


@dataclass(frozen=True, slots=True)
class CopiedDataset:
    """A delivery that was loaded into a workspace; see `Dataset`."""

    connection: duckdb.DuckDBPyConnection
    columns: tuple[Column, ...]

    def exclude(self, keys: KeyRange | None, groupings: Sequence[Grouping]) -> dict[MetricKey, Measurement]:
        """See `Dataset.exclude`."""
        import duckdb

        try:
            return exclude_canaries(self.connection, keys, groupings)
        except duckdb.Error as error:  # its text quotes the value that did not fit
            refused = type(error).__name__
        raise EngineError(refused)

    def profile(self, groupings: Sequence[Grouping], count_column: str | None) -> dict[MetricKey, Measurement]:
        """See `Dataset.profile`."""
        return profile(WorkspaceTable(self.connection), groupings, count_column)

    def evaluate(self, entries: Mapping[str, str], statements: Statements) -> Outcomes:
        """See `Dataset.evaluate`."""
        return evaluate_expectations(WorkspaceTable(self.connection), entries, statements)

    def evaluate_queries(self, entries: Mapping[str, str]) -> Outcomes:
        """Evaluate rules in SQL; see `query_rules`."""
        return evaluate_queries(self.connection, entries)

    def count_values(self, column: str, values: Sequence[str], *, listed: bool) -> dict[str, float]:
        """Count the rows by value; see `count_values`."""
        return count_values(WorkspaceTable(self.connection), column, values, listed=listed)


# The engine that leaves the rows in their database, which counts and judges them.


class InDatabaseRows(Protocol):
    """The rows of a delivery in their database. Every statement sees the same state of them."""

    @property
    def dialect(self) -> Dialect:
        """The dialect of the database."""
        ...

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the table."""
        ...

    @property
    def schema(self) -> Schema:
        """(name, DuckDB type) of each column, as a copy would have them."""
        ...

    @property
    def select(self) -> str:
        """SQL that selects the rows of the delivery, each value as a copy would hold it."""
        ...

    def query(self, sql: str) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
        """Run a statement, and return the names of its columns and its rows.

        Raises:
            EngineError: the database refuses the statement; the text is the class of its error.
        """
        ...


class InDatabaseReader(Protocol):
    """What `InDatabaseEngine` needs of a reader; the reader of a database table has it."""

    def verify_in_place(self, delivery: Delivery) -> Delivery:
        """See `Engine.verify`; no row leaves the database."""
        ...

    def open_in_place(self, delivery: Delivery) -> AbstractContextManager[InDatabaseRows]:
        """Open the rows of a delivery in one read-only transaction."""
        ...


@dataclass(frozen=True, slots=True)
class InDatabaseEngine:
    """Measures the rows inside their own database; see `Engine`.

    Attributes:
        reader: opens the rows.
        rules: how to read their values; without `numbers`.
    """

    reader: InDatabaseReader
    rules: ValueRules = field(default_factory=ValueRules)

    def verify(self, delivery: Delivery) -> Delivery:
        """See `Engine.verify`."""
        return self.reader.verify_in_place(delivery)

    @contextmanager
    def open(self, delivery: Delivery) -> Iterator[Dataset]:
        """See `Engine.open`."""
        with self.reader.open_in_place(delivery) as rows:
            yield InDatabaseDataset(rows, self.rules)


@dataclass(frozen=True, slots=True)
class InDatabaseDataset:
    """A delivery in its own database; see `Dataset`."""

    rows: InDatabaseRows
    rules: ValueRules = field(default_factory=ValueRules)

    @property
    def columns(self) -> tuple[Column, ...]:
        """See `Dataset.columns`."""
        return self.rows.columns

    def exclude(self, keys: KeyRange | None, groupings: Sequence[Grouping]) -> dict[MetricKey, Measurement]:
        """See `Dataset.exclude`; `lint` refuses canaries for a feed that is judged in its database."""
        del groupings
        if keys is not None:
            raise EngineError("canaries cannot be excluded from rows that stay in their database")
        return {}

    def profile(self, groupings: Sequence[Grouping], count_column: str | None) -> dict[MetricKey, Measurement]:
        """See `Dataset.profile`."""
        return profile(_InDatabaseTable(self.rows, self.rules), groupings, count_column)

    def evaluate(self, entries: Mapping[str, str], statements: Statements) -> Outcomes:
        """See `Dataset.evaluate`."""
        return evaluate_expectations(_InDatabaseTable(self.rows, self.rules), entries, statements)

    def count_values(self, column: str, values: Sequence[str], *, listed: bool) -> dict[str, float]:
        """Count the rows by value; see `count_values`."""
        return count_values(_InDatabaseTable(self.rows, self.rules), column, values, listed=listed)


@dataclass(frozen=True, slots=True)
class _InDatabaseTable:
    """The rows as a common table expression named `delivery`: every statement has it, and nothing is written."""

    rows: InDatabaseRows
    rules: ValueRules = field(default_factory=ValueRules)
    name: str = TABLE

    @property
    def dialect(self) -> Dialect:
        return self.rows.dialect

    @property
    def schema(self) -> Schema:
        return self.rows.schema

    def query(self, sql: str) -> QueryResult:
        selected = clean_sql(self.dialect, self.schema, self.rows.select, self.rules.empty)
        named = self.dialect.with_rows.format(name=quote_name(TABLE), select=selected)
        joined = f"{named}, {sql[4:]}" if sql[:5].upper() == "WITH " else f"{named} {sql}"
        return QueryResult(*self.rows.query(joined))
