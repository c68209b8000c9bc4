"""Parquet: columns and types as the file states them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.statement import Amount, Persons
from ketenwacht.messages.problem import unreadable
from ketenwacht.sources.base import guarded
from ketenwacht.sources.columns import checked_names, described

from .base import FileFormat, FileRows, file_literal

if TYPE_CHECKING:
    import duckdb


def _rows(path: Path, source: FileSource, con: duckdb.DuckDBPyConnection) -> FileRows:
    file = file_literal(path)
    select = f"SELECT * FROM read_parquet({file}, hive_partitioning=false)"  # noqa: S608 - a path, quoted
    columns = guarded("delivery.no_parquet", lambda: described(con, select))
    checked_names(tuple(column.name for column in columns))
    counted = f"SELECT num_rows FROM parquet_file_metadata({file})"  # noqa: S608 - as above
    found = guarded("delivery.no_parquet", lambda: con.execute(counted).fetchone())
    rows = int(found[0]) if found is not None else 0
    # A few bytes can repeat a value a billion times: it may unpack into no more cells than text of that size.
    if rows * len(columns) > source.max_bytes:
        raise unreadable("delivery.parquet_too_large", rows=Persons(rows), most=Amount(source.max_bytes))
    return FileRows(select, columns, lambda: None)


FORMAT = FileFormat("parquet", text=False, rows=_rows)
