"""JSON Lines: one object a line, the union of their keys as columns, the types as they were written."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.documents import parse_json
from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Amount, Statement
from ketenwacht.messages.problem import unreadable
from ketenwacht.sources.base import guarded
from ketenwacht.sources.columns import MAX_COLUMNS, checked_names, literal, quoted

from .base import FileFormat, FileRows, file_literal

if TYPE_CHECKING:
    import duckdb

MAX_LINE = 1 << 20  # bytes
MAX_BRACKETS = 500  # DuckDB walks nested values recursively: depth is bounded by what one line can open

_OPTIONS = f"maximum_object_size={2 * MAX_LINE}, compression='uncompressed'"

# Which kinds of JSON value a column may hold → its type, and DuckDB's. The first that fits; null fits everywhere.
_TYPES: tuple[tuple[frozenset[str], str, str], ...] = (
    (frozenset(), "empty", "VARCHAR"),
    (frozenset({"VARCHAR"}), "text", "VARCHAR"),
    (frozenset({"BIGINT", "UBIGINT"}), "integer", "BIGINT"),
    (frozenset({"BIGINT", "UBIGINT", "DOUBLE", "HUGEINT"}), "number", "DOUBLE"),
    (frozenset({"BOOLEAN"}), "boolean", "BOOLEAN"),
    (frozenset({"nested"}), "json", "VARCHAR"),
)
_MIXED = ("mixed", "VARCHAR")


def _rows(path: Path, _source: FileSource, con: duckdb.DuckDBPyConnection) -> FileRows:
    guarded("delivery.not_read", lambda: _survey(path))
    found = guarded("delivery.no_json_lines", lambda: _kinds(path, con), why=lambda: _why(path))
    names = checked_names(tuple(found))
    if not names:
        raise unreadable("delivery.no_objects")
    types = {name: _type(found[name]) for name in names}
    columns = ", ".join(f"{literal(name)}: '{types[name][1]}'" for name in names)
    select = (
        f"SELECT {', '.join(quoted(name) for name in names)} FROM read_json({file_literal(path)}, "  # noqa: S608 - quoted
        f"columns={{{columns}}}, format='newline_delimited', auto_detect=false, ignore_errors=false, "
        f"hive_partitioning=false, {_OPTIONS})"
    )
    return FileRows(select, tuple(Column(name, types[name][0]) for name in names), lambda: _why(path))


def _survey(path: Path) -> None:
    """Refuse, line by line, what DuckDB must not be shown; keeps nothing."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise unreadable("delivery.json_too_long", line=Amount(number), most=Amount(MAX_LINE))
            if line.count(b"[") + line.count(b"{") > MAX_BRACKETS:
                raise unreadable("delivery.json_too_deep", line=Amount(number), most=Amount(MAX_BRACKETS))
            if b"\\u0000" in line:
                raise unreadable("delivery.nul", line=Amount(number))


def _kinds(path: Path, con: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Of every key, those of the first object first and the others by name, the kinds of value it has."""
    sql = (
        "SELECT DISTINCT CAST(json_structure(json) AS VARCHAR), len(json_keys(json)) "  # noqa: S608 - a path, quoted
        f"FROM read_ndjson_objects({file_literal(path)}, {_OPTIONS})"
    )
    cursor = con.execute(sql)
    found: defaultdict[str, set[str]] = defaultdict(set)
    while (row := cursor.fetchone()) is not None and len(found) <= MAX_COLUMNS:
        structure = json.loads(row[0])
        if not isinstance(structure, dict):
            raise ValueError("not an object")  # noqa: TRY004 - as a foreign failure; `_why` tells where
        if len(structure) != row[1]:
            raise unreadable("delivery.json_key_twice")
        for name, kind in structure.items():
            found[name].add(kind if isinstance(kind, str) else "nested")
    first = _first_object(path)
    return {name: found[name] for name in [*first, *sorted(found.keys() - first.keys())]}


def _first_object(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        value = parse_json(next((line for line in file if line.strip()), b"{}"))
    return value if isinstance(value, dict) else {}


def _type(kinds: set[str]) -> tuple[str, str]:
    stated = kinds - {"NULL"}
    return next(((ours, duck) for fits, ours, duck in _TYPES if stated <= fits), _MIXED)


def _why(path: Path) -> Statement | None:
    """The first line that is not one JSON object, found by the standard library's reader."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                value = parse_json(line) if line.strip() else {}
            except ValueError:
                return Statement("delivery.json_not_valid", {"line": Amount(number)})
            if not isinstance(value, dict):
                return Statement("delivery.json_no_object", {"line": Amount(number)})
    return None


FORMAT = FileFormat("jsonl", text=True, rows=_rows)
