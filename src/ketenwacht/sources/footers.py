"""Lines that are left out at the end of a file: tells a footer from a row that a missing footer lets through.

`skip_footer` leaves out the last lines whatever they hold. When a sender leaves its total out, these are rows.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ketenwacht.document_limits import parse_json
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.formatter import unreadable
from ketenwacht.sql import quote_name

if TYPE_CHECKING:
    import duckdb

    from ketenwacht.domain.feed import FileSource

TOTAL = r"(?i)^\W*((sub|grand|eind)[ -]?)?(totals?|totaal|totalen)\b"
"""Regular expression (Python, RE2) of a text that begins as a total does."""
_MOST_ROWS = 10_000  # to compare with
_MOST_SHAPES = 5  # of a column that has a form
_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*")

Cells = Sequence[str | None]


def refuse_row_as_footer(
    lines: Sequence[tuple[int, str]], parsed: Sequence[Cells | None], rows: Sequence[Cells]
) -> None:
    """Raise UnreadableDelivery for a footer line that looks like the rows above it.

    Args:
        lines: the footer, each with its number.
        parsed: the cells of each; None: it cannot be a row.
        rows: the rows, or the first of them.
    """
    for (number, _), cells in zip(lines, parsed, strict=True):
        if cells is not None and looks_like_row(cells, rows):
            raise unreadable("delivery.footer_is_row", line=Amount(number))


def looks_like_row(cells: Cells, rows: Sequence[Cells]) -> bool:
    """Return whether cells are filled as rows are, with values of the same form, and hold no total."""
    texts = [(cell or "").strip() for cell in cells]
    if not any(texts) or any(re.match(TOTAL, text) for text in texts):
        return False
    columns = [[(row[at] or "").strip() for row in rows] for at in range(len(texts))]
    return all(_fits(text, column) for text, column in zip(texts, columns, strict=True))


def _fits(text: str, column: Sequence[str]) -> bool:
    filled = [one for one in column if one]
    if not text:
        return len(filled) < len(column)
    if not filled:
        return not column
    shapes = {_shape(one) for one in filled}
    return len(shapes) > _MOST_SHAPES or _shape(text) in shapes


def _shape(text: str) -> str:
    """Return what a text looks like: 9 for a number, a for a word, and the marks between them."""
    if _NUMBER.fullmatch(text):
        return "9"
    return re.sub(r"\w+", lambda found: "9" if found[0].isdigit() else "a", text)


def refuse_unlike_footer(lines: Sequence[tuple[int, str]], begins: str | None) -> None:
    """Raise UnreadableDelivery when a footer does not begin as agreed.

    Args:
        lines: the footer, each with its number.
        begins: what the first of them that is not empty begins with; None: nothing is agreed.
    """
    if begins is None or not lines:
        return
    number, text = next(((at, text) for at, text in lines if text.strip()), lines[0])
    if not text.lstrip().lstrip('"').startswith(begins):
        raise unreadable("delivery.footer_unlike", line=Amount(number))


# The cells of a footer line, by format.


def parse_footer(
    texts: Sequence[str], source: FileSource, names: Sequence[str], header: Sequence[str], delimiter: str
) -> list[Cells | None]:
    """Return the cells of each footer line in the columns `names`; None for a line that cannot be a row.

    Args:
        texts: the lines.
        source: how to read the file.
        names: the columns of its rows.
        header: of CSV: all columns, with those without a name.
        delimiter: of CSV.
    """
    parse = _PARSERS.get(source.reader)
    if parse is None:
        return [None] * len(texts)
    return [parse(text.rstrip("\r\n"), source, names, header, delimiter) for text in texts]


def _parse_csv(
    text: str, _source: FileSource, names: Sequence[str], header: Sequence[str], delimiter: str
) -> Cells | None:
    try:
        row = next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None
    if len(row) == len(header) + 1 and not row[-1]:
        row.pop()
    if len(row) != len(header):
        return None
    return [cell for name, cell in zip(header, row, strict=True) if name in names]


def _parse_fixed_width(
    text: str, source: FileSource, _names: Sequence[str], _header: Sequence[str], _delimiter: str
) -> Cells | None:
    cells, at = [], 0
    for width in source.widths.values():
        cells.append(text[at : at + width])
        at += width
    return cells if not text[at:].strip() else None


def _parse_json_lines(
    text: str, _source: FileSource, names: Sequence[str], _header: Sequence[str], _delimiter: str
) -> Cells | None:
    try:
        value = parse_json(text)
    except ValueError:
        return None
    if not isinstance(value, Mapping) or not set(value) <= set(names):
        return None
    return [None if value.get(name) is None else str(value[name]) for name in names]


_PARSERS: Mapping[str, Callable[[str, FileSource, Sequence[str], Sequence[str], str], Cells | None]] = {
    "csv": _parse_csv,
    "fixed-width": _parse_fixed_width,
    "jsonl": _parse_json_lines,
}


def read_some_rows(con: duckdb.DuckDBPyConnection, select: str, names: Sequence[str]) -> list[Cells] | None:
    """Return the first rows of a query as texts; None when they cannot be read, which loading them says."""
    import duckdb

    cells = ", ".join(f"CAST({quote_name(name)} AS VARCHAR)" for name in names)
    try:
        return list(con.execute(f"SELECT {cells} FROM ({select}) LIMIT {_MOST_ROWS}").fetchall())  # noqa: S608 - quoted
    except duckdb.Error:
        return None
