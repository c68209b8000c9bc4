"""Files of persons in and out: read as a DuckDB relation with every column as text, written for the owner only.

Nothing here quotes a value: DuckDB's own messages do, so they never pass.
"""

from __future__ import annotations

import csv
import gzip
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.errors import ConfigError, UnreadableDelivery

from .keys import quoted

if TYPE_CHECKING:
    import duckdb

DELIVERY = "delivery"
"""The table that feeds load a delivery into."""
_DELIMITERS = ";,\t|"
_PRIVATE = 0o600
_LONGEST_LINE = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Resources:
    """What a comparison may use of the machine.

    Attributes:
        memory: DuckDB's limit; what does not fit is spilled.
        spill: folder for what does not fit, in a folder of its own that only the owner can enter and that is
            removed afterwards; None: nothing ever touches the disk, and too little memory is an error.
        threads: None: one a core.
    """

    memory: str = "2GiB"
    spill: Path | None = None
    threads: int | None = None


@contextmanager
def workspace(resources: Resources) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB within `resources`; everything in it is gone afterwards."""
    if resources.spill is None:
        with _connection(resources, "") as connection:
            yield connection
        return
    resources.spill.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=resources.spill) as folder, _connection(resources, folder) as connection:
        yield connection


@contextmanager
def _connection(resources: Resources, spill: str) -> Iterator[duckdb.DuckDBPyConnection]:
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
    """A file of persons as DuckDB sees it.

    Attributes:
        path: the file, CSV (`.csv`, `.txt`, or either with `.gz`) or Parquet (`.parquet`).
        columns: its columns, in order.
        relation: SQL that stands after FROM.
    """

    path: Path
    columns: tuple[str, ...]
    relation: str

    def require(self, *columns: str, mend: str = "") -> None:
        """Raise ConfigError, with what else may be done about it, unless the table has these columns."""
        for column in columns:
            if column not in self.columns:
                # Without a header its first row, a person, would stand in place of names.
                what = f"has no column {column} among its {len(self.columns)}"
                raise ConfigError(str(self.path), what, f"name a column of its header{mend}")


def open_table(connection: duckdb.DuckDBPyConnection, path: Path, *, delimiter: str | None = None) -> Table:
    """Look at a CSV or Parquet file without reading its rows.

    Args:
        connection: where the relation will be used.
        path: the file.
        delimiter: of CSV; None: the one of `; , tab |` that the header holds most.

    Raises:
        ConfigError: there is no such file.
        UnreadableDelivery: it is not what its name says.
    """
    if not path.is_file():
        raise ConfigError(str(path), "is no file", "name a CSV or Parquet file")
    name = _literal(str(path))
    if path.suffix == ".parquet":
        with unquoting(str(path)):
            described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({name})").fetchall()  # noqa: S608 - a literal
        return Table(path, tuple(str(row[0]) for row in described), f"read_parquet({name})")
    columns, found = _header(path, delimiter)
    types = ", ".join(f"{_literal(column)}: 'VARCHAR'" for column in columns)
    relation = (
        f"read_csv({name}, columns = {{{types}}}, auto_detect = false, header = true, "
        f"delim = {_literal(found)}, quote = '\"', escape = '\"', nullstr = '', max_line_size = {_LONGEST_LINE})"
    )
    return Table(path, columns, relation)


def _header(path: Path, delimiter: str | None) -> tuple[tuple[str, ...], str]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            line = stream.readline(_LONGEST_LINE).decode("utf-8-sig").rstrip("\r\n")
    except (UnicodeDecodeError, OSError, EOFError) as fault:
        raise UnreadableDelivery(f"{path}: line 1 cannot be read ({type(fault).__name__})") from None
    found = delimiter if delimiter is not None else max(_DELIMITERS, key=line.count)
    columns = tuple(next(csv.reader([line], delimiter=found), []))
    if not any(columns) or len(set(columns)) != len(columns):
        raise UnreadableDelivery(f"{path}: line 1 is no header with every column named once")
    return columns, found


@contextmanager
def unquoting(where: str) -> Iterator[None]:
    """Turn DuckDB's errors, which quote the value they stumble over, into ours, which name their type only.

    Raises:
        UnreadableDelivery: whatever DuckDB raised.
    """
    import duckdb

    try:
        yield
    except duckdb.Error as fault:
        raise UnreadableDelivery(f"{where}: cannot be read ({type(fault).__name__})") from None


@contextmanager
def private_file(path: Path) -> Iterator[Path]:
    """A file beside `path` that only the owner can read, which takes its name when all went well, at once.

    Raises:
        ConfigError: it is a folder, or is in one that cannot be written to.
    """
    if path.is_dir():
        raise ConfigError(str(path), "is a folder", "name a file in it")
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    except OSError as fault:
        raise ConfigError(
            str(path), f"cannot be written ({type(fault).__name__})", "name a file in a folder of yours"
        ) from None
    os.close(descriptor)
    made = Path(name)
    try:
        yield made
        with made.open("rb+") as stream:
            os.fsync(stream.fileno())
        made.chmod(_PRIVATE)
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)


def copy_csv(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    values: Mapping[str, bytes],
    target: Path,
    *,
    delimiter: str = ",",
) -> None:
    """Stream the rows of `query` into an existing file as CSV with a header."""
    # USE_TMP_FILE would write beside the private file and lose its mode.
    connection.execute(
        f"COPY ({query}) TO {_literal(str(target))} "
        f"(FORMAT csv, HEADER, DELIMITER {_literal(delimiter)}, USE_TMP_FILE false)",
        dict(values) or None,
    )


def select(columns: Mapping[str, str]) -> str:
    """A SELECT list: SQL by column name."""
    return ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
