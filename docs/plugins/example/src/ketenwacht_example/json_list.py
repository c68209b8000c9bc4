"""A file format: one JSON list of objects; every value is read as text."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from ketenwacht.plugin_api import (
    Column,
    FileFormat,
    FileRows,
    FileSource,
    UnreadableDelivery,
    check_column_names,
    quote_name,
    quote_path,
    quote_text,
)


def _rows(path: Path, _source: FileSource, _connection: duckdb.DuckDBPyConnection) -> FileRows:
    """Examine the columns, and return how DuckDB reads the rows."""
    try:
        items = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        items = None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise UnreadableDelivery("it is not a JSON list of objects")  # never quote what the file holds
    names = check_column_names(tuple(dict.fromkeys(name for item in items for name in item)))
    if not names:
        raise UnreadableDelivery("it is empty: it has no object")
    columns = ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in names)
    selected = ", ".join(quote_name(name) for name in names)
    read = f"read_json({quote_path(path)}, columns={{{columns}}}, format='array')"
    select = f"SELECT {selected} FROM {read}"  # noqa: S608 - every name is quoted
    return FileRows(select, tuple(Column(name, "text") for name in names), lambda: None)


FORMAT = FileFormat("json-list", text=True, rows=_rows)
