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

from .footers import refuse_row_as_footer, refuse_unlike_footer

Row = Sequence[str | None]
MAX_DOCUMENT = 256 * 1024**2
"""The largest JSON document, in bytes: all of it is in memory while it is read. JSON Lines have no such limit."""


MAX_LEVELS = 500
"""Levels of a JSON document that are read for certain."""

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
    """Yield the rows of a sheet of a workbook (xlsx, xlsm, xlsb, xls, ods); an empty row has no cells.

    The first row is that of the sheet, so that rows count as a person sees them. A cell that is merged downwards
    holds its value in each row; an error such as `#N/A` is a text.

    Raises:
        UnreadableDelivery: there is no such sheet, several sheets hold something and none is agreed, a formula has
            no result, a row is left out as a footer, or the workbook unpacks to more than `max_bytes`.
    """
    import python_calamine as calamine  # noqa: PLC0415 - few deliveries need it

    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if sum(one.file_size for one in archive.infolist()) > source.max_bytes:
                    raise unreadable("delivery.unpacked_too_large", most=Amount(source.max_bytes))
        book = calamine.CalamineWorkbook.from_path(str(path))
        names = [source.sheet] if source.sheet is not None else book.sheet_names
        sheets = [book.get_sheet_by_name(name) for name in names if name in book.sheet_names]
        found = [(sheet, sheet.to_python()) for sheet in sheets]
    except (calamine.CalamineError, OSError, ValueError, RuntimeError, zipfile.BadZipFile) as failure:
        refused = type(failure).__name__
        raise unreadable("delivery.no_workbook", cause=Name(refused)) from None
    filled = [(sheet, rows) for sheet, rows in found if any(cell != "" for row in rows for cell in row)]
    if len(filled) != 1:
        raise unreadable("delivery.sheets", sheets=Amount(len(filled)))
    yield from _without_ends(_sheet_rows(*filled[0], path), source)


def _sheet_rows(sheet: Any, cells: list[list[Any]], path: Path) -> list[Row]:  # noqa: ANN401 - calamine has no types
    """Return the rows of a sheet from its first, as texts."""
    top, left = sheet.start or (0, 0)
    rows: list[list[str | None]] = [[_cell_text(cell) for cell in row] for row in cells]
    width = max(map(len, rows))
    for (first, column), (last, _) in sheet.merged_cell_ranges or ():
        if first < top or not 0 <= column - left < width:
            continue  # it lies beside what is filled, and is empty
        for at in range(first - top + 1, min(last - top + 1, len(rows))):
            rows[at][column - left] = rows[first - top][column - left]
    for at, column, text in find_flawed_cells(path, sheet.name):
        if text is None:
            raise unreadable("delivery.not_calculated", line=Amount(at + 1))
        if 0 <= at - top < len(rows) and 0 <= column - left < len(rows[at - top]):
            rows[at - top][column - left] = text
    while rows and _is_empty(rows[-1]):
        rows.pop()
    return [*([] for _ in range(top)), *([] if _is_empty(row) else row for row in rows)]


def _is_empty(row: Row) -> bool:
    return all(cell is None for cell in row)


def _without_ends(rows: list[Row], source: FileSource) -> list[Row]:
    """Return rows without those above the header and the footer, which is checked."""
    end = len(rows) - source.skip_footer
    if end < source.skip_lines:
        raise unreadable("delivery.too_few_lines", lines=Amount(source.skip_lines + source.skip_footer))
    footer = [(at + 1, next((cell for cell in rows[at] if cell), "")) for at in range(end, len(rows))]
    refuse_unlike_footer(footer, source.footer_begins)
    body = [row for row in rows[source.skip_lines : end] if row]
    if source.footer_begins is None:
        parsed = [row or None for row in rows[end:]]
        refuse_row_as_footer(footer, parsed, body[1:] if source.header else body)
    return rows[source.skip_lines : end]


def find_flawed_cells(path: Path, sheet: str) -> Iterator[tuple[int, int, str | None]]:
    """Yield the cells of a sheet of an xlsx workbook that hold an error, or a formula without a result.

    The library reads both as empty. Yields row and column, from 0, and the error; None: there is no result. Other
    kinds of workbook yield nothing.
    """
    from lxml import etree  # noqa: PLC0415 - see `read_xml`

    if not zipfile.is_zipfile(path):
        return
    options: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False}
    with zipfile.ZipFile(path) as archive:
        try:
            part = _sheet_part(archive, sheet)
            if part is None:
                return
            row = column = -1
            with archive.open(part) as file:
                for event, one in etree.iterparse(
                    file, events=("start", "end"), tag=("{*}row", "{*}c"), **options
                ):
                    kind = _local(one.tag)
                    if event == "start":
                        if kind == "row":
                            row, column = int(one.get("r", row + 2)) - 1, -1
                        else:
                            column = _column_of(one.get("r", ""), column + 1)
                        continue
                    if kind == "c":
                        value, formula = one.findtext("{*}v"), one.find("{*}f")
                        if one.get("t") == "e":
                            yield row, column, value or "#N/A"
                        elif formula is not None and one.find("{*}is") is None and _has_no_result(one, value):
                            yield row, column, None
                    else:
                        _forget(one)
        except (etree.XMLSyntaxError, KeyError, ValueError, OSError, RuntimeError, zipfile.BadZipFile):
            return  # the library read it


def _has_no_result(cell: Any, value: str | None) -> bool:  # noqa: ANN401 - lxml has no types
    """Return whether a formula has no result: programs leave its value out, or empty where it is no text."""
    return value is None or (not value and cell.get("t") != "str")


def _sheet_part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the name of the part of an xlsx workbook that holds a sheet; None: it is no xlsx."""
    from lxml import etree  # noqa: PLC0415 - see `read_xml`

    if "xl/workbook.xml" not in archive.namelist():
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    book = etree.fromstring(archive.read("xl/workbook.xml"), parser)
    links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), parser)
    wanted = next((one for one in book.iter("{*}sheet") if one.get("name") == sheet), None)
    link = (
        next((value for name, value in wanted.attrib.items() if _local(name) == "id"), "")
        if wanted is not None
        else ""
    )
    target = next((one.get("Target") for one in links if one.get("Id") == link), None)
    if target is None:
        return None
    return str(target).lstrip("/") if str(target).startswith("/") else f"xl/{target}"


def _column_of(place: str, following: int) -> int:
    """Return the column of a cell such as AB12, from 0."""
    letters = place.rstrip("0123456789")
    if not letters:
        return following
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _cell_text(cell: object) -> str | None:
    if cell == "" or cell is None:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:.15g}"  # Excel keeps and shows 15 digits
    if isinstance(cell, datetime):
        midnight = cell.time() == time()
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


# XML: a row is the element at `row_path`; its columns are the texts inside it, by the names of their elements.


def read_xml(path: Path, source: FileSource) -> Iterator[Row]:
    """Yield the rows of an XML document.

    Names are without their namespace. An element inside another is `outer.inner`, an attribute `element@name`; the
    text of a row that holds no elements has the name of the row. An element that says `xsi:nil` is empty.

    Raises:
        UnreadableDelivery: it is no XML, declares a document type (which may hold entities), has no row at
            `row_path`, or a row has an element twice or text beside elements.
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
            if name != _NIL:
                add(f"{prefix}@{_local(name)}", value)
        children = [child for child in one if isinstance(child.tag, str)]
        # A comment or an instruction inside a text cuts it into pieces.
        text = "".join([one.text or "", *(child.tail or "" for child in one)])
        if children and text.strip():
            raise unreadable("delivery.xml_text", line=Amount(line))
        if not children and (prefix or text.strip()):
            add(prefix or _local(one.tag), text)
        for child in children:
            walk(child, f"{prefix}.{_local(child.tag)}" if prefix else _local(child.tag))

    walk(element, "")
    return row


_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


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
    except RecursionError:
        raise unreadable("delivery.document_too_deep", most=Amount(MAX_LEVELS)) from None
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
