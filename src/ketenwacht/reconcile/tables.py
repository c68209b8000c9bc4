"""Files of persons: read as a DuckDB relation with every column as text, written for the owner only.

No message holds a value from a file. DuckDB's own messages do, so they are replaced.
"""

from __future__ import annotations

import csv
import gzip
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.errors import ConfigError, UnreadableDelivery, describe_file_fault
from ketenwacht.sql import quote_name, quote_text

from .private_files import private_file

if TYPE_CHECKING:
    import duckdb

DELIVERY = "delivery"
"""The table that a source loads a delivery into."""
_DELIMITERS = ";,\t|"
_LONGEST_LINE = 1 << 20  # bytes


__all__ = [
    "DELIVERY",
    "Resources",
    "Table",
    "copy_csv",
    "hide_values",
    "open_table",
    "private_file",
    "select_list_sql",
    "workspace",
]


@dataclass(frozen=True, slots=True)
class Resources:
    """Limits on the memory, disk and threads of a comparison.

    Attributes:
        memory: limit of DuckDB, above which it spills to disk.
        spill: folder for spilled data, in a private subfolder that is removed afterwards; None: no data reaches
            the disk, and exceeding the memory is an error.
        threads: None: one a core.
    """

    memory: str = "2GiB"
    spill: Path | None = None
    threads: int | None = None


@contextmanager
def workspace(resources: Resources) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an in-memory DuckDB within `resources`, and close it afterwards."""
    if resources.spill is None:
        with _open_connection(resources, "") as connection:
            yield connection
        return
    resources.spill.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=resources.spill) as folder,
        _open_connection(resources, folder) as connection,
    ):
        yield connection


@contextmanager
def _open_connection(resources: Resources, spill: str) -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": resources.memory,
        "temp_directory": spill,
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if resources.threads is not None:
        config["threads"] = resources.threads
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute("SET enable_progress_bar = false")
        yield connection
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Table:
    """A file of persons as a DuckDB relation.

    Attributes:
        path: the file, CSV (`.csv`, `.txt`, or either with `.gz`) or Parquet (`.parquet`).
        columns: its columns, in order.
        relation: SQL for FROM.
    """

    path: Path
    columns: tuple[str, ...]
    relation: str

    def require(self, *columns: str, mend: str = "") -> None:
        """Raise ConfigError unless the table has these columns; `mend` adds a remedy."""
        for column in columns:
            if column not in self.columns:
                # The names stay out of the message: without a header they are the values of a person.
                what = f"has no column {column} among its {len(self.columns)}"
                raise ConfigError(str(self.path), what, f"name a column of its header{mend}")


def open_table(connection: duckdb.DuckDBPyConnection, path: Path, *, delimiter: str | None = None) -> Table:
    """Open a CSV or Parquet file without reading its rows.

    Args:
        connection: that will read the relation.
        path: the file.
        delimiter: of CSV; None: the most frequent of `; , tab |` in the header.

    Raises:
        ConfigError: there is no such file.
        UnreadableDelivery: its content does not match its suffix.
    """
    if not path.is_file():
        raise ConfigError(str(path), "is not a file", "name a CSV or Parquet file")
    name = quote_text(str(path))
    if path.suffix == ".parquet":
        with hide_values(str(path)):
            described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({name})").fetchall()  # noqa: S608 - a literal
        return Table(path, tuple(str(row[0]) for row in described), f"read_parquet({name})")
    columns, detected = _read_header(path, delimiter)
    types = ", ".join(f"{quote_text(column)}: 'VARCHAR'" for column in columns)
    relation = (
        f"read_csv({name}, columns = {{{types}}}, auto_detect = false, header = true, "
        f"delim = {quote_text(detected)}, quote = '\"', escape = '\"', nullstr = '', "
        f"max_line_size = {_LONGEST_LINE})"
    )
    return Table(path, columns, relation)


def _read_header(path: Path, delimiter: str | None) -> tuple[tuple[str, ...], str]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            line = stream.readline(_LONGEST_LINE).decode("utf-8-sig").rstrip("\r\n")
        detected = delimiter if delimiter is not None else max(_DELIMITERS, key=line.count)
        columns = tuple(next(csv.reader([line], delimiter=detected), []))
    except (UnicodeDecodeError, OSError, EOFError, csv.Error) as fault:
        raise UnreadableDelivery(f"{path}: line 1 cannot be read ({describe_file_fault(fault)})") from None
    if not any(columns) or len(set(columns)) != len(columns):
        raise UnreadableDelivery(f"{path}: line 1 is not a header with unique column names")
    return columns, detected


@contextmanager
def hide_values(where: str) -> Iterator[None]:
    """Replace DuckDB's errors, which quote values, by errors that name only their type.

    Raises:
        UnreadableDelivery: DuckDB raised an error.
    """
    import duckdb

    try:
        yield
    except duckdb.Error as fault:
        raise UnreadableDelivery(f"{where}: cannot be read ({type(fault).__name__})") from None


def copy_csv(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    values: Mapping[str, bytes],
    target: Path,
) -> None:
    """Stream the rows of `query` into an existing file as CSV (`;`) with a header."""
    # USE_TMP_FILE would write beside the private file and lose its mode.
    connection.execute(
        f"COPY ({query}) TO {quote_text(str(target))} (FORMAT csv, HEADER, DELIMITER ';', USE_TMP_FILE false)",
        dict(values) or None,
    )


def select_list_sql(columns: Mapping[str, str]) -> str:
    """Return a SELECT list from column name → SQL."""
    return ", ".join(f"{sql} AS {quote_name(name)}" for name, sql in columns.items())
