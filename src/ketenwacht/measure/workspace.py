"""The place where one delivery is measured: a DuckDB database in memory that is gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ketenwacht.errors import EngineError

from .dialects import DUCKDB, TABLE, Dialect, QueryResult, Schema, quoted

if TYPE_CHECKING:
    import duckdb

__all__ = ["TABLE", "WorkspaceTable", "open_workspace", "quoted", "schema_of"]


@contextmanager
def open_workspace(*, memory_limit: str = "2GB") -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty workspace and throw it away, rows and spilled pages, on leaving.

    Args:
        memory_limit: what DuckDB may keep in memory, in its own notation; more is spilled to a private
            temporary folder.

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
    """A table of a workspace, ready to be asked; see `Asked`."""

    connection: duckdb.DuckDBPyConnection
    table: str = TABLE
    dialect: Dialect = DUCKDB

    @property
    def schema(self) -> Schema:
        """See `Asked.schema`."""
        return schema_of(self.connection, self.table)

    def ask(self, sql: str) -> QueryResult:
        """See `Asked.ask`."""
        import duckdb

        try:
            done = self.connection.execute(sql)
            return QueryResult([column[0] for column in done.description or ()], done.fetchall())
        except duckdb.Error as error:  # its text quotes the value that did not fit
            refused = type(error).__name__
        raise EngineError(refused)


def schema_of(connection: duckdb.DuckDBPyConnection, table: str = TABLE) -> Schema:
    """Return (name, DuckDB type) of each column of `table`, in order."""
    described = connection.execute(f"DESCRIBE {quoted(table)}").fetchall()
    return tuple((row[0], row[1]) for row in described)
