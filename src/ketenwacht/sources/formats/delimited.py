"""CSV: every value a text, every row as wide as the header, no guessing."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Amount, Statement
from ketenwacht.messages.problem import unreadable
from ketenwacht.sources.base import guarded
from ketenwacht.sources.columns import checked_names, literal, quoted

from .base import FileFormat, FileRows, file_literal

if TYPE_CHECKING:
    import duckdb

DELIMITERS = (";", ",", "\t", "|")
_MAX_HEADER = 1 << 20  # characters


def _rows(path: Path, source: FileSource, _con: duckdb.DuckDBPyConnection) -> FileRows:
    lines = guarded("delivery.header_not_read", lambda: _header_lines(path))
    delimiter = source.delimiter if source.delimiter is not None else _delimiter(lines)
    names = checked_names(_parsed(lines, delimiter))
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    wanted = ", ".join(quoted(name) for name in names)
    select = (
        f"SELECT {wanted} FROM read_csv({file_literal(path)}, "  # noqa: S608 - quoted
        f"columns={{{columns}}}, auto_detect=false, header=true, delim={literal(delimiter)}, "
        "quote='\"', escape='\"', strict_mode=true, null_padding=false, ignore_errors=false, compression='none', "
        "hive_partitioning=false)"
    )
    return FileRows(
        select, tuple(Column(name, "text") for name in names), lambda: _why(path, delimiter, len(names))
    )


def _header_lines(path: Path) -> list[str]:
    """The physical lines of the header; a quoted name may hold a line end."""
    lines: list[str] = []
    read, quotes = 0, 0
    with path.open(encoding="utf-8", newline="") as file:
        while line := file.readline(_MAX_HEADER):
            lines.append(line)
            read += len(line)
            quotes += line.count('"')
            if read >= _MAX_HEADER:
                raise unreadable("delivery.header_too_long", most=Amount(_MAX_HEADER))
            if quotes % 2 == 0:
                break
    return lines


def _delimiter(lines: list[str]) -> str:
    """The one mark that parts the header, not counting what stands in quotes."""
    there = [mark for mark in DELIMITERS if any(mark in line for line in lines)]
    found = [mark for mark in there if len(_fields(lines, mark)) > 1]
    if len(found) > 1:
        raise unreadable("delivery.header_delimiters")
    return found[0] if found else DELIMITERS[0]


def _parsed(lines: list[str], delimiter: str) -> list[str]:
    if not lines:
        raise unreadable("delivery.no_header")
    if not lines[0].strip("\r\n"):
        raise unreadable("delivery.header_empty")
    names = _fields(lines, delimiter)
    if not names:
        raise unreadable("delivery.header_no_csv")
    return names


def _fields(lines: list[str], delimiter: str) -> list[str]:
    """The fields of the header; none when it is no CSV with this delimiter."""
    try:
        return next(csv.reader(lines, delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _why(path: Path, delimiter: str, width: int) -> Statement | None:
    """The first row that is not as wide as the header, found by the standard library's reader."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for row in reader:
                if row and len(row) != width:
                    counts = {"fields": Amount(len(row)), "columns": Amount(width)}
                    return Statement("delivery.row_width", {"line": Amount(reader.line_num), **counts})
        except csv.Error:
            return Statement("delivery.row_no_csv", {"line": Amount(reader.line_num)})
    with path.open("rb") as file:
        ends = {line[-2:] == b"\r\n" for line in file if line.endswith(b"\n")}
    return Statement("delivery.line_ends") if len(ends) > 1 else None


FORMAT = FileFormat("csv", text=True, rows=_rows)
