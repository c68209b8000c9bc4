"""The place where one delivery is measured: a DuckDB database in memory that is gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager

import duckdb

TABLE = "delivery"
"""The table that a reader loads a delivery into, and everything here measures."""


@contextmanager
def open_workspace(*, memory_limit: str = "2GB") -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty workspace and throw it away, rows and spilled pages, on leaving.

    Args:
        memory_limit: what DuckDB may keep in memory, in its own notation; more is spilled to a private
            temporary folder.

    Yields:
        A connection that shows no progress bar and never fetches or loads an extension.
    """
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


def quoted(name: str) -> str:
    """Return a column or table name as SQL, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def schema_of(connection: duckdb.DuckDBPyConnection, table: str = TABLE) -> tuple[tuple[str, str], ...]:
    """Return (name, DuckDB type) of each column of `table`, in order."""
    described = connection.execute(f"DESCRIBE {quoted(table)}").fetchall()
    return tuple((row[0], row[1]) for row in described)
