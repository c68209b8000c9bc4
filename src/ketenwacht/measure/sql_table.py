"""A table that answers SQL: the dialects of the databases that judge deliveries, and the DuckDB workspace.

Great Expectations writes SQL of its own (`gx_engine`). The dialects here are for the counts of `profile`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ketenwacht.errors import EngineError
from ketenwacht.sql import TABLE, quote_name

if TYPE_CHECKING:
    import duckdb


Schema = tuple[tuple[str, str], ...]
"""(name, DuckDB type) of each column, as a copy in DuckDB has them."""


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """The SQL of one kind of database.

    Attributes:
        name: as SQLAlchemy calls it.
        number: casts a value to a floating-point number; fails on a text that is not a number.
        whole: whether a text is a whole number, written in digits with at most a last `.0`.
        trim: removes a set of characters from both ends of a text.
        grouping_sets: whether one scan can count several groupings.
        look_up: whether a long IN list is faster as a sub-select.
        text: casts a value to text.
        texts: DuckDB type → cast to text, for types whose text would differ from DuckDB's.
    """

    name: str
    number: str = "CAST({} AS DOUBLE)"
    whole: str = "regexp_full_match(trim({}), '[0-9]+([.]0)?')"
    trim: str = "trim({}, {})"
    grouping_sets: bool = True
    look_up: bool = False
    text: str = "CAST({} AS VARCHAR)"
    texts: Mapping[str, str] = field(default_factory=dict)

    def cast_to_text(self, column: str, duckdb_type: str) -> str:
        """Return SQL that casts a quoted column to text."""
        return self.texts.get(duckdb_type, self.text).format(column)


DUCKDB = Dialect("duckdb", look_up=True)
POSTGRESQL = Dialect(
    "postgresql",
    number="CAST({} AS DOUBLE PRECISION)",
    whole="(btrim({}) ~ '^[0-9]+([.]0)?$')",
    trim="btrim({}, {})",
    text="CAST({} AS TEXT)",
    texts={"DOUBLE": "CASE WHEN {0} = trunc({0}) THEN {0}::text || '.0' ELSE {0}::text END"},
)
SQLITE = Dialect(
    "sqlite",
    number="strict_number({})",  # our own function: SQLite's cast turns a text that is not a number into 0
    whole="(replace(trim({0}) || ';', '.0;', ';') NOT GLOB '*[^0-9;]*' AND trim({0}) NOT LIKE '%;%' "
    "AND trim({0}) <> '')",
    grouping_sets=False,
    text="CAST({} AS TEXT)",
    texts={"BOOLEAN": "CASE WHEN {0} IS NULL THEN NULL WHEN {0} THEN 'true' ELSE 'false' END"},
)
DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (DUCKDB, POSTGRESQL, SQLITE)}


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The answer to one statement: the names of the columns, and the rows."""

    names: Sequence[str]
    rows: Sequence[Sequence[object]]


class SqlTable(Protocol):
    """One table of rows in a database that answers SQL."""

    @property
    def name(self) -> str:
        """Its name in a statement."""
        ...

    @property
    def dialect(self) -> Dialect:
        """The dialect of its database."""
        ...

    @property
    def schema(self) -> Schema:
        """Its columns."""
        ...

    def query(self, sql: str) -> QueryResult:
        """Run one statement. Every statement sees the same rows.

        Raises:
            EngineError: the database refuses the statement; the text is the class of the database's error.
        """
        ...


# The workspace: a DuckDB database in memory for one delivery.


@contextmanager
def open_workspace(*, memory_limit: str = "2GB") -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty workspace; on leaving, delete its rows and what it spilled to disk.

    Args:
        memory_limit: what DuckDB may keep in memory, in its own notation; it spills more to a private temporary
            folder.

    Yields:
        A connection that shows no progress bar and never fetches or loads an extension.
    """
    import duckdb

    with tempfile.TemporaryDirectory(prefix="ketenwacht-", ignore_cleanup_errors=True) as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "temp_directory": spill,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        with closing(duckdb.connect(":memory:", config=config)) as connection:
            connection.execute("SET enable_progress_bar = false")
            yield connection


@dataclass(frozen=True, slots=True)
class WorkspaceTable:
    """A table of a workspace; see `SqlTable`."""

    connection: duckdb.DuckDBPyConnection
    name: str = TABLE
    dialect: Dialect = DUCKDB

    @property
    def schema(self) -> Schema:
        """See `SqlTable.schema`."""
        return schema_of(self.connection, self.name)

    def query(self, sql: str) -> QueryResult:
        """See `SqlTable.query`."""
        import duckdb

        try:
            cursor = self.connection.execute(sql)
            return QueryResult([column[0] for column in cursor.description or ()], cursor.fetchall())
        except duckdb.Error as error:  # its text quotes the value that did not fit
            refused = type(error).__name__
        raise EngineError(refused)


def schema_of(connection: duckdb.DuckDBPyConnection, table: str = TABLE) -> Schema:
    """Return (name, DuckDB type) of each column of `table`, in order."""
    described = connection.execute(f"DESCRIBE {quote_name(table)}").fetchall()
    return tuple((row[0], row[1]) for row in described)
