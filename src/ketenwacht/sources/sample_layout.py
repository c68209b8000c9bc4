"""Finds how a sample file is laid out: what stands around its rows, and where its rows are."""

from __future__ import annotations

import csv
import json
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from ketenwacht.domain.feed import FileSource
from ketenwacht.errors import UnreadableDelivery

from .columns import check_column_names
from .converted import read_excel
from .delimited import DELIMITERS, is_table
from .formats import CSV, find_csv_delimiter, format_of, open_plain
from .layouts import open_decompressed

_PROBED = 500  # lines
_MOST_ABOVE, _MOST_BELOW = 20, 10  # lines above the header, and below the rows
_MOST_ELEMENTS = 20_000

ENCODINGS = ("utf-8", "windows-1252")
"""Encodings to try, in order, of a file without a byte order mark. The second accepts almost any text."""
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
"""First bytes → the encoding that they stand for; a mark of UTF-8 is left out by every reader."""

Cells = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the rows of a table are.

    Attributes:
        above: lines above the header.
        below: lines after the last row.
        unnamed: whether columns without a name follow those with one, all empty.
    """

    above: int = 0
    below: int = 0
    unnamed: bool = False


def find_layout(path: Path, source: FileSource, given: Collection[str] = ()) -> FileSource:
    """Return the source with the settings that a file of it needs and `given` does not name.

    Args:
        path: of the file.
        source: how to read it, as far as known.
        given: settings that are known already.

    Raises:
        UnreadableDelivery: it cannot be read at all.
    """
    finder = _FINDERS.get(source.reader)
    found = finder(path, source, given) if finder is not None else {}
    return replace(source, **{name: value for name, value in found.items() if name not in given})


def _settings(layout: Layout) -> dict[str, Any]:
    return {"skip_lines": layout.above, "skip_footer": layout.below, "ignore_unnamed": layout.unnamed}


def _find_csv(path: Path, source: FileSource, given: Collection[str]) -> dict[str, Any]:
    """Return the delimiter of CSV, and what stands around its rows."""
    plain_source = replace(source, skip_lines=0, skip_footer=0)
    with open_plain(path, plain_source, CSV) as plain:
        head, tail, whole = _read_ends(plain.path)
        known = plain.source.delimiter
        separator = plain.source.skip_lines
        marks = (known,) if known is not None else DELIMITERS
        usual = _usual_delimiter(path, source, plain.path, known)
        if usual is not None or not source.header:
            marks = (usual or marks[0],)
    for above in range(min(_MOST_ABOVE, len(head)) + 1 if source.header else 0):
        for mark in marks:
            layout = _find_rows(head[above:], tail, mark, whole=whole)
            if layout is not None:
                return {"delimiter": mark, **_settings(replace(layout, above=above + separator * (above > 0)))}
    return {"delimiter": usual or find_csv_delimiter(path, source)} if "delimiter" not in given else {}


def _usual_delimiter(path: Path, source: FileSource, readable: Path, known: str | None) -> str | None:
    """Return the delimiter where the first line is the header of a table; None where it is not sure."""
    try:
        found = known or find_csv_delimiter(path, source)
    except UnreadableDelivery:
        return None
    return found if is_table(readable, found) else None


def _read_ends(path: Path) -> tuple[list[str], list[str], bool]:
    """Return the first lines of a file and the last ones, and whether the first are all."""
    with path.open(encoding="utf-8", newline="") as file:
        head = list(islice(file, _PROBED))
        tail = list(deque(file, 3 * _MOST_BELOW))
    whole = not tail
    for lines in (tail, head) if not whole else (head,):
        while lines and not lines[-1].strip():
            lines.pop()  # empty lines at the end belong to no footer
        if lines:
            break
    return head, tail, whole


def _find_rows(lines: Sequence[str], tail: Sequence[str], mark: str, *, whole: bool) -> Layout | None:
    """Return the layout of lines that begin with the header; None when they do not."""
    rows: list[tuple[int, list[str]]] = []  # the lines up to a row, and its cells
    reader = csv.reader(lines, delimiter=mark, strict=True)
    try:
        rows.extend((reader.line_num, row) for row in reader)
    except csv.Error:
        if whole or not rows:
            return None
    header = rows[0][1] if rows else []
    body = [(line, row) for line, row in rows[1:] if row]
    names = _names(header)
    if not names or len(header) < 2:  # noqa: PLR2004 - of one column nothing can be told
        return None
    odd = [at for at, (_, row) in enumerate(body) if not _is_row(row, len(header))]
    below = 0
    if odd:
        if not whole or odd[0] == 0 or odd != list(range(odd[0], len(body))):
            return None
        below = len(lines) - body[odd[0] - 1][0]
    elif not whole:
        below = _count_below(tail, mark, len(header))
    if below > _MOST_BELOW:
        return None
    kept = [row for _, row in body[: odd[0] if odd else None]]
    if any(cell for row in kept for cell in row[len(names) :]):
        return None
    return Layout(below=below, unnamed=len(names) < len(header))


def _is_row(row: Sequence[str], width: int) -> bool:
    return len(row) == width or (len(row) == width + 1 and not row[-1])


def _names(header: Cells) -> tuple[str, ...]:
    """Return the names in a header without the unnamed columns at its end; () when it is no header."""
    names = [cell or "" for cell in header]
    while names and not names[-1].strip():
        names.pop()
    try:
        return check_column_names(names)
    except UnreadableDelivery:
        return ()


def _count_below(tail: Sequence[str], mark: str, width: int) -> int:
    """Return how many of the last lines are no rows."""
    for below, line in enumerate(reversed(tail)):
        try:
            row = next(csv.reader([line], delimiter=mark, strict=True), [])
        except csv.Error:
            row = []
        if _is_row(row, width):
            empty = all(not one.strip() for one in tail[len(tail) - below :])
            return 0 if empty else below
    return 0


# Excel: the first row with a name in each of its cells is the header.


def _find_excel(path: Path, source: FileSource, _given: Collection[str]) -> dict[str, Any]:
    rows = list(read_excel(path, replace(source, skip_lines=0, skip_footer=0)))
    width = Counter(_width(row) for row in rows if _width(row)).most_common(1)
    for above, row in enumerate(rows[: _MOST_ABOVE + 1]):
        names = _names(row)
        if names and len(names) >= width[0][0]:
            wide = any(_width(one) > len(names) for one in rows[above + 1 :])
            return {} if wide else _settings(Layout(above, 0, unnamed=len(names) < len(row)))
    return {}


def _width(row: Cells) -> int:
    return max((number for number, cell in enumerate(row, start=1) if cell is not None), default=0)


# Documents: the rows are the most frequent element, or the longest array.


def _find_xml(path: Path, source: FileSource, _given: Collection[str]) -> dict[str, Any]:
    """Return the path of the most frequent element that holds others; of equals the outermost."""
    from lxml import etree  # noqa: PLC0415 - few samples need it

    counts: Counter[tuple[str, ...]] = Counter()
    steps: list[str] = []
    options: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False}
    with open_plain(path, source, format_of(source)) as plain, plain.path.open("rb") as file:
        try:
            for event, element in etree.iterparse(file, events=("start", "end"), huge_tree=False, **options):
                if event == "start":
                    steps.append(str(element.tag).rpartition("}")[2])
                    continue
                if len(element) or element.attrib:
                    counts[tuple(steps)] += 1
                steps.pop()
                if counts.total() > _MOST_ELEMENTS:
                    break
        except etree.XMLSyntaxError:
            return {}
    inner = {one: number for one, number in counts.items() if len(one) > 1}
    best = max(inner, key=lambda one: (inner[one], -len(one)), default=None)
    return {"row_path": "/".join(best)} if best is not None else {}


def _find_json(path: Path, source: FileSource, _given: Collection[str]) -> dict[str, Any]:
    """Return the path of the longest array of objects in a document."""
    with open_plain(path, source, format_of(source)) as plain:
        try:
            document = json.loads(plain.path.read_bytes())
        except (ValueError, RecursionError):
            return {}
    found = dict(_find_arrays(document, ()))
    best = max(found, key=lambda one: (found[one], -len(one)), default=())
    return {"row_path": ".".join(best)} if best else {}


def _find_arrays(value: object, steps: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        yield steps, len(value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if "." not in key:
                yield from _find_arrays(inner, (*steps, key))


_FINDERS: Mapping[str, Callable[[Path, FileSource, Collection[str]], dict[str, Any]]] = {
    "csv": _find_csv,
    "excel": _find_excel,
    "xml": _find_xml,
    "json": _find_json,
}


# The encoding of a text.


def find_encoding(path: Path, source: FileSource) -> str | None:
    """Return the encoding of a whole file: by its mark, else the first of `ENCODINGS` that decodes it.

    Text in UTF-16 without a mark has a NUL in every other byte. Returns None for ASCII, which is valid in all.
    """
    with open_decompressed(path, source) as plain:
        with plain.open("rb") as file:
            head = file.read(1 << 12)
        marked = next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)
        if marked is not None:
            return marked
        if len(head) > 1 and head[1::2].count(0) > len(head) // 4:
            return "utf-16-le"
        if len(head) > 1 and head[::2].count(0) > len(head) // 4:
            return "utf-16-be"
        if _is_ascii(plain):
            return None
        for encoding in ENCODINGS:
            try:
                with plain.open(encoding=encoding, newline="") as text:
                    while text.read(1 << 20):
                        pass
            except UnicodeDecodeError:
                continue
            return encoding
    return ENCODINGS[0]


def _is_ascii(path: Path) -> bool:
    with path.open("rb") as file:
        return all(chunk.isascii() for chunk in iter(lambda: file.read(1 << 20), b""))
