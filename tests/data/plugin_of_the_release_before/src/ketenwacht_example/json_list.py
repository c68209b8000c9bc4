"""A file format: one JSON list of objects, every value a text."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from ketenwacht.plugin_api import (
    Column,
    FileSource,
    Format,
    Rows,
    UnreadableDelivery,
    checked_names,
    file_literal,
    literal,
    quoted,
)


def _rows(path: Path, _source: FileSource, _connection: duckdb.DuckDBPyConnection) -> Rows:
    """Look at the columns, and say how DuckDB reads the rows."""
    try:
        items = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        items = None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise UnreadableDelivery("it is no JSON list of objects")  # never a word of what it holds
    names = checked_names(tuple(dict.fromkeys(name for item in items for name in item)))
    if not names:
        raise UnreadableDelivery("it is empty: not one object")
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    wanted = ", ".join(quoted(name) for name in names)
    read = f"read_json({file_literal(path)}, columns={{{columns}}}, format='array')"
    select = f"SELECT {wanted} FROM {read}"  # noqa: S608 - every name is quoted
    return Rows(select, tuple(Column(name, "text") for name in names), lambda: None)


FORMAT = Format("json-list", text=True, rows=_rows)
