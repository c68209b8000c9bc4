"""CSV: finds its header and delimiter, and names the row that is not as the header says."""

from __future__ import annotations

import csv
import re
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from ketenwacht.domain.statement import Amount, Statement
from ketenwacht.messages.formatter import unreadable

DELIMITERS = (";", ",", "\t", "|")
_MAX_HEADER, _PROBED = 1 << 20, 100  # characters, rows
_MOST_LINES = 50  # a value of more lines is no value, unless `multiline` is agreed


_SEPARATOR = re.compile(r"sep=([^\"\r\n])\r?\n?", re.IGNORECASE)


def read_separator(path: Path) -> str | None:
    """Return the delimiter that the first line states for Excel, such as `sep=;`; None: it states none."""
    with path.open(encoding="utf-8", newline="") as file:
        found = _SEPARATOR.fullmatch(file.readline(_MAX_SEPARATOR))
    return found[1] if found is not None else None


_MAX_SEPARATOR = 16  # characters


def read_header(path: Path) -> list[str]:
    """Return the physical lines of the header; a quoted name may hold a line end."""
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


def is_table(path: Path, delimiter: str) -> bool:
    """Return whether the first rows of a file have several columns, all as many."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = islice(csv.reader(file, delimiter=delimiter, strict=True), _PROBED)
            widths = {len(row) for row in rows if row}
    except (csv.Error, UnicodeDecodeError):
        return False
    return len(widths) == 1 and widths.pop() > 1


def find_delimiter(lines: list[str]) -> str:
    """Return the one delimiter of the header, ignoring quoted text."""
    present = [mark for mark in DELIMITERS if any(mark in line for line in lines)]
    found = [mark for mark in present if len(_split_header(lines, mark)) > 1]
    if len(found) > 1:
        raise unreadable("delivery.header_delimiters")
    return found[0] if found else DELIMITERS[0]


def parse_header(lines: list[str], delimiter: str) -> list[str]:
    """Return the names in a header.

    Raises:
        UnreadableDelivery: there is none, or it is no CSV.
    """
    if not lines:
        raise unreadable("delivery.no_header")
    if not lines[0].strip("\r\n"):
        raise unreadable("delivery.header_empty")
    names = _split_header(lines, delimiter)
    if not names:
        raise unreadable("delivery.header_no_csv")
    return names


def _split_header(lines: list[str], delimiter: str) -> list[str]:
    """Return the fields of the header; [] when it is not CSV with this delimiter."""
    try:
        return next(csv.reader(lines, delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def refuse_swallowed_lines(path: Path, delimiter: str) -> None:
    """Raise UnreadableDelivery for a quoted value that holds a line end and the delimiter.

    That is what two stray quotes make of the rows between them, and it is valid CSV.
    """
    if _opens_no_quote(path):
        return
    with path.open(encoding="utf-8", newline="") as file:
        reader, before = csv.reader(file, delimiter=delimiter, strict=True), 0
        try:
            for row in reader:
                lines = reader.line_num - before
                swallowed = any(delimiter in cell and ("\n" in cell or "\r" in cell) for cell in row)
                if before > 0 and lines > 1 and (swallowed or lines > _MOST_LINES):
                    last = Amount(reader.line_num)
                    raise unreadable("delivery.lines_swallowed", line=Amount(before + 1), last=last)
                before = reader.line_num
        except csv.Error:
            return  # reading the rows says so


def _opens_no_quote(path: Path) -> bool:
    """Return whether every line closes the quotes that it opens, so that no value holds a line end."""
    with path.open("rb") as file:
        return all(line.count(b'"') % 2 == 0 for line in file) if _holds_quotes(file) else True


def _holds_quotes(file: BinaryIO) -> bool:
    found = any(b'"' in chunk for chunk in iter(lambda: file.read(1 << 20), b""))
    file.seek(0)
    return found


def explain_csv(path: Path, delimiter: str, width: int) -> Statement | None:
    """Return the first row that is not as wide as the header, found by the standard library's reader."""
    with path.open(encoding="utf-8", newline="") as file:
        reader, before = csv.reader(file, delimiter=delimiter, strict=True), 0
        try:
            for row in reader:
                if row and len(row) != width:
                    counts = {"fields": Amount(len(row)), "columns": Amount(width)}
                    return Statement("delivery.row_width", {"line": Amount(before + 1), **counts})
                before = reader.line_num
        except csv.Error:
            return Statement("delivery.row_no_csv", {"line": Amount(before + 1)})
    with path.open("rb") as file:
        ends = {line[-2:] == b"\r\n" for line in file if line.endswith(b"\n")}
    return Statement("delivery.line_ends") if len(ends) > 1 else None
