"""A table that answers SQL, and the DuckDB workspace that holds a copy of a delivery."""

from __future__ import annotations

import atexit
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ketenwacht.dialects import Dialect, Schema
from ketenwacht.dialects.duckdb import DUCKDB
from ketenwacht.errors import EngineError
from ketenwacht.sql import TABLE, quote_name

if TYPE_CHECKING:
    import duckdb


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
def open_workspace(
    *, memory_limit: str = "2GB", threads: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty workspace; on leaving, delete its rows and what it spilled to disk.

    Args:
        memory_limit: what DuckDB may keep in memory, in its own notation; it spills more to a private temporary
            folder.
        threads: None: one a core.

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
        if threads is not None:
            config["threads"] = threads
        with closing(duckdb.connect(":memory:", config=config)) as connection:
            connection.execute("SET enable_progress_bar = false")
            yield connection


_idle: list[tuple[duckdb.DuckDBPyConnection, ExitStack]] = []
"""Empty workspaces that wait for the next small delivery."""


@contextmanager
def reuse_workspace() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty workspace of one thread for a small delivery; on leaving, delete its rows and keep it.

    Opening and closing a database costs more than measuring a small delivery's rows. A fault closes it. Settings
    stay as they are, so code of others gets a workspace of its own.
    """
    try:
        connection, stack = _idle.pop()
    except IndexError:
        stack = ExitStack()
        connection = stack.enter_context(open_workspace(threads=1))
    try:
        yield connection
        _delete_rows(connection)
    except BaseException:
        stack.close()
        raise
    _idle.append((connection, stack))


def _delete_rows(connection: duckdb.DuckDBPyConnection) -> None:
    for kind in ("view", "table"):
        named = connection.execute(f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE NOT internal").fetchall()  # noqa: S608 - our own words
        for (name,) in named:
            connection.execute(f"DROP {kind} {quote_name(name)}")


@atexit.register
def _close_idle() -> None:
    while _idle:
        _idle.pop()[1].close()


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
