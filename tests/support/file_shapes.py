"""A file of any shape as a delivery: its bytes and settings, and a minimal workbook."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ketenwacht.domain.feed import FileSource
from ketenwacht.measure import ValueRules, clean_values
from ketenwacht.sources import open_source

AT = datetime(2024, 2, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Shape:
    """A file, its settings, and either its rows or its problem."""

    sentence: str
    content: str | bytes
    settings: Mapping[str, object] = field(default_factory=dict)
    rows: list[tuple[str | None, ...]] | None = None
    problem: str = ""
    about: Mapping[str, int | str] = field(default_factory=dict)


CELL = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'


def workbook(*sheets, more=""):
    """A minimal xlsx: each sheet a list of rows of texts (or numbers, as they are); `more` follows the rows."""
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        'officeDocument" Target="xl/workbook.xml"/></Relationships>',
    }
    names, relations = "", ""
    for number, rows in enumerate(sheets, start=1):
        names += f'<sheet name="Sheet{number}" sheetId="{number}" r:id="s{number}"/>'
        relations += (
            f'<Relationship Id="s{number}" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
            f'relationships/worksheet" Target="worksheets/sheet{number}.xml"/>'
        )
        lines = ""
        for at, row in enumerate(rows, start=1):
            cells = ""
            for letter, cell in zip("ABCDEFG", row, strict=False):
                place = f"{letter}{at}"
                if cell is None:
                    continue
                cells += CELL.format(place, cell) if isinstance(cell, str) else f'<c r="{place}"><v>{cell}</v></c>'
            lines += f'<row r="{at}">{cells}</row>'
        files[f"xl/worksheets/sheet{number}.xml"] = (
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            f"<sheetData>{lines}</sheetData>{more}</worksheet>"
        )
    files["xl/workbook.xml"] = (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.'
        f'openxmlformats.org/officeDocument/2006/relationships"><sheets>{names}</sheets></workbook>'
    )
    files["xl/_rels/workbook.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{relations}</Relationships>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def text_cell(place, text):
    """A cell of text, as XML."""
    return CELL.format(place, text)


def sheet(cells, more=""):
    """A workbook of nr and code, whose row 2 has nr 1 and then cells as XML; `more` follows the rows."""
    packed = io.BytesIO()
    rows = f'<row r="1">{text_cell("A1", "nr")}{text_cell("B1", "code")}</row>'
    rows += f'<row r="2">{text_cell("A2", "1")}{cells}</row>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(io.BytesIO(workbook([]))) as plain, zipfile.ZipFile(packed, "w") as archive:
        for name in plain.namelist():
            found = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData>{more}</worksheet>'
            archive.writestr(name, found if name.endswith("sheet1.xml") else plain.read(name))
    return packed.getvalue()


def read(folder: Path, shape: Shape) -> list[tuple[str | None, ...]]:
    content = shape.content if isinstance(shape.content, bytes) else shape.content.encode()
    (folder / "F_20240101.dat").write_bytes(content)
    source = FileSource(path=str(folder), pattern="F_{date:%Y%m%d}.dat", **shape.settings)
    reader = open_source("feed", source, root=folder)
    (delivery,) = reader.find(AT)
    with duckdb.connect(":memory:") as con:
        reader.load(delivery, con)
        clean_values(con, ValueRules(), lambda _: None)
        return con.execute("SELECT * FROM delivery").fetchall()
