"""Formats that are written as CSV before they are read: fixed width, Excel, XML and JSON documents.

Each function yields the names of the columns first, and then the texts of each row; None is an empty value.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.statement import Amount, Name
from ketenwacht.messages.formatter import unreadable

Row = Sequence[str | None]
MAX_DOCUMENT = 256 * 1024**2
"""The largest JSON document, in bytes: all of it is in memory while it is read. JSON Lines have no such limit."""


# Fixed width: every column has as many characters as was agreed.


def read_fixed_width(path: Path, source: FileSource) -> Iterator[Row]:
    """Yield the rows of a file whose columns have agreed widths; spaces around a value are left out.

    Raises:
        UnreadableDelivery: a line is longer than all columns together, with its number.
    """
    yield list(source.widths)
    ends, end = [], 0
    for width in source.widths.values():
        end += width
        ends.append(end)
    starts = [0, *ends[:-1]]
    with path.open(encoding="utf-8", newline="") as file:
        for number, line in enumerate(file, start=1):
            text = line.rstrip("\r\n")
            if not text.strip():
                continue
            if len(text.rstrip()) > end:
                counts = {"characters": Amount(len(text)), "most": Amount(end)}
                raise unreadable("delivery.line_too_long", line=Amount(number), **counts)
            yield [text[a:b].strip() or None for a, b in zip(starts, ends, strict=True)]


# Excel: one sheet; a number that is whole is written without decimals, a date as ISO.


def read_excel(path: Path, source: FileSource) -> Iterator[Row]:
    """Yield the rows of a sheet of a workbook (xlsx, xlsm, xlsb, xls, ods).

    Raises:
        UnreadableDelivery: there is no such sheet, several sheets hold something and none is agreed, or the
            workbook unpacks to more than `max_bytes`.
    """
    import python_calamine as calamine  # noqa: PLC0415 - few deliveries need it

    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if sum(one.file_size for one in archive.infolist()) > source.max_bytes:
                    raise unreadable("delivery.unpacked_too_large", most=Amount(source.max_bytes))
        book = calamine.CalamineWorkbook.from_path(str(path))
        sheets = [source.sheet] if source.sheet is not None else book.sheet_names
        found = [(name, book.get_sheet_by_name(name).to_python()) for name in sheets if name in book.sheet_names]
    except (calamine.CalamineError, OSError, ValueError, RuntimeError, zipfile.BadZipFile) as failure:
        refused = type(failure).__name__
        raise unreadable("delivery.no_workbook", cause=Name(refused)) from None
    filled = [rows for _, rows in found if any(cell != "" for row in rows for cell in row)]
    if len(filled) != 1:
        raise unreadable("delivery.sheets", sheets=Amount(len(filled)))
    rows = filled[0][source.skip_lines : len(filled[0]) - source.skip_footer or None]
    yield from ([_cell_text(cell) for cell in row] for row in rows)


def _cell_text(cell: object) -> str | None:
    if cell == "" or cell is None:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        midnight = cell.time() == time()
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


# XML: a row is the element at `row_path`; its columns are the texts inside it, by the names of their elements.


def read_xml(path: Path, source: FileSource) -> Iterator[Row]:
    """Yield the rows of an XML document.

    Names are without their namespace. An element inside another is `outer.inner`, an attribute `element@name`.

    Raises:
        UnreadableDelivery: it is no XML, declares a document type (which may hold entities), has no row at
            `row_path`, or a row has an element twice.
    """
    from lxml import etree  # noqa: PLC0415 - few deliveries need it

    wanted = [step for step in (source.row_path or "").split("/") if step]
    found: list[dict[str, str]] = []
    options: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False}
    try:
        with path.open("rb") as file:
            steps: list[str] = []
            for event, element in etree.iterparse(file, events=("start", "end"), huge_tree=False, **options):
                if event == "start":
                    if not steps and element.getroottree().docinfo.doctype:
                        raise unreadable("delivery.xml_doctype")
                    steps.append(_local(element.tag))
                    continue
                if steps == wanted:
                    found.append(_xml_row(element, line=element.sourceline or 0))
                    _forget(element)
                steps.pop()
    except etree.XMLSyntaxError as failure:
        line = failure.lineno or 1
        raise unreadable("delivery.xml_not_valid", line=Amount(line)) from None
    if not found:
        raise unreadable("delivery.no_rows_at", path=Name(source.row_path or "", agreed=True))
    names = list(dict.fromkeys(name for row in found for name in row))
    yield names
    yield from ([row.get(name) for name in names] for row in found)


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _xml_row(element: Any, line: int) -> dict[str, str]:  # noqa: ANN401 - lxml has no types
    row: dict[str, str] = {}

    def add(name: str, text: str | None) -> None:
        if name in row:
            raise unreadable("delivery.xml_twice", line=Amount(line))
        if text is not None and text.strip():
            row[name] = text.strip()

    def walk(one: Any, prefix: str) -> None:  # noqa: ANN401 - as above
        for name, value in one.attrib.items():
            add(f"{prefix}@{_local(name)}", value)
        children = [child for child in one if isinstance(child.tag, str)]
        if not children and prefix:
            add(prefix, one.text)
        for child in children:
            walk(child, f"{prefix}.{_local(child.tag)}" if prefix else _local(child.tag))

    walk(element, "")
    return row


def _forget(element: Any) -> None:  # noqa: ANN401 - as above
    """Free the memory of an element that was read, and of those before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


# JSON documents: an array of objects, at the top or at `row_path`.


def read_json_document(path: Path, source: FileSource) -> Iterator[Mapping[str, object]]:
    """Yield the objects of the array of a JSON document.

    Raises:
        UnreadableDelivery: it is too large, no JSON, or there is no array of objects at `row_path`.
    """
    if path.stat().st_size > MAX_DOCUMENT:
        raise unreadable("delivery.document_too_large", most=Amount(MAX_DOCUMENT))
    try:
        value = json.loads(path.read_bytes(), object_pairs_hook=_refuse_twice)
    except json.JSONDecodeError as failure:
        raise unreadable("delivery.json_not_valid", line=Amount(failure.lineno)) from None
    for step in [step for step in (source.row_path or "").split(".") if step]:
        value = value.get(step) if isinstance(value, dict) else None
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise unreadable("delivery.no_rows_at", path=Name(source.row_path or "[]", agreed=True))
    yield from value


def _refuse_twice(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise unreadable("delivery.json_key_twice")
    return found
