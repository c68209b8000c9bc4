"""Inputs of every format of deliveries for `fuzz.py`: a sound file of each, and how it is changed.

A file that packs another (a workbook, gzip, zip, zstd) is changed in its packed bytes, or inside and packed anew.
"""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import zstandard

Change = Callable[[bytes, random.Random], bytes]
_PACKED = 0.3  # how often the packed bytes are changed instead of what is inside

_ROWS = tuple((str(100 + i), "ab"[i % 2], f"t{i % 3}", f"2024-01-0{1 + i % 4}") for i in range(9))
_HEADER = ("id", "kind", "town", "day")
CSV = b"id;kind;town;day\n" + b"".join(";".join(row).encode() + b"\n" for row in _ROWS)
JSON_LINES = b"".join(
    b'{"id": %s, "kind": "%s", "town": null, "day": "%s"}\n' % (row[0].encode(), row[1].encode(), row[3].encode())
    for row in _ROWS
)
JSON = b"[" + b",\n".join(JSON_LINES.splitlines()) + b"]"
NESTED = b'{"data": {"n": 9, "items": ' + JSON + b"}}"
XML = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<m xmlns="urn:x"><ps>'
    + b"".join(
        b'<p nr="%s"><kind>%s</kind><a><town>%s</town></a></p>\n' % tuple(cell.encode() for cell in row[:3])
        for row in _ROWS
    )
    + b"</ps></m>\n"
)
FIXED = b"".join(f"{row[0]:9}{row[1]:2}{row[2]:6}{row[3]:10}\n".encode() for row in _ROWS)
DIALECT = (
    b"report of today\n# a comment\nid;kind;town;day;n\n"
    + b"".join(";".join((*row, "1.000,0")).encode() + b"\n" for row in _ROWS)
    + b'200;a;"t;\n1";NULL;2\ntotal;;;;11\n'
)


def parquet(folder: Path) -> bytes:
    """Return a sound Parquet file."""
    target = folder / "seed.parquet"
    with duckdb.connect() as connection:
        rows = "SELECT range AS id, 'a' AS kind, 't' || range AS town, DATE '2024-01-03' AS day FROM range(9)"
        connection.sql(rows).write_parquet(str(target))
    return target.read_bytes()


def workbook() -> bytes:
    """Return a sound workbook with one sheet: texts, numbers, a date and a truth value."""
    cells = ["".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in _HEADER)]
    cells += [
        f'<c><v>{row[0]}</v></c><c t="inlineStr"><is><t>{row[1]}</t></is></c><c t="b"><v>1</v></c><c s="1"><v>45294</v></c>'
        for row in _ROWS
    ]
    rows = "".join(f'<row r="{n}">{text}</row>' for n, text in enumerate(cells, start=1))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    return _zip(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
        }
    )


def _zip(files: dict[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def change_members(change: Change) -> Change:
    """Return a change of one file inside a zip, or of the zip itself."""

    def changed(data: bytes, rng: random.Random) -> bytes:
        if rng.random() < _PACKED:
            return change(data, rng)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
        name = rng.choice(list(files))
        content = files[name]
        files[name] = change(content if isinstance(content, bytes) else content.encode(), rng)
        return _zip(files)

    return changed


def _inside(change: Change, unpack: Callable[[bytes], bytes], pack: Callable[[bytes], bytes]) -> Change:
    def changed(data: bytes, rng: random.Random) -> bytes:
        if rng.random() < _PACKED:
            return change(data, rng)
        return pack(change(unpack(data), rng))

    return changed


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        name: of the target.
        seed: a sound file.
        change: makes another of it.
        source: settings of the source, as `--set` takes them.
    """

    name: str
    seed: bytes
    change: Change
    source: tuple[str, ...]


def formats(folder: Path, change_bytes: Change, change_cells: Change, change_lines: Change) -> tuple[Format, ...]:
    """Return every format that is read besides plain CSV.

    Args:
        folder: for a file that is made on the way.
        change_bytes: changes any bytes.
        change_cells: changes a delimited file.
        change_lines: changes JSON lines.
    """
    gz = _inside(change_cells, gzip.decompress, gzip.compress)
    unpack = zstandard.ZstdDecompressor()
    zstd = _inside(change_cells, lambda d: unpack.decompress(d, max_output_size=1 << 20), zstandard.compress)
    return (
        Format("jsonl", JSON_LINES, change_lines, ("reader=jsonl",)),
        Format("parquet", parquet(folder), change_bytes, ("reader=parquet",)),
        Format("json-array", JSON, change_bytes, ("reader=json",)),
        Format("json-nested", NESTED, change_bytes, ("reader=json", "row_path=data.items")),
        Format("xml", XML, change_bytes, ("reader=xml", "row_path=m/ps/p")),
        Format("excel", workbook(), change_members(change_bytes), ("reader=excel",)),
        Format(
            "fixed-width", FIXED, change_bytes, ("reader=fixed-width", "widths={id: 9, kind: 2, town: 6, day: 10}")
        ),
        Format("gzip", gzip.compress(CSV), gz, ("compression=gzip",)),
        Format("zip", _zip({"T.csv": CSV}), change_members(change_cells), ("compression=zip",)),
        Format("zstd", zstandard.compress(CSV), zstd, ("compression=zstd",)),
        Format(
            "dialect",
            DIALECT,
            change_cells,
            (
                "skip_lines=1", "comment='#'", "skip_footer=1", "multiline=true", "empty_values=['NULL']",
                "count_column=n", "numbers={thousands: '.', decimal: ','}",
            ),
        ),
        Format("no-header", CSV.split(b"\n", 1)[1], change_cells, ("header=false", "columns=[id, kind, town, day]")),
    )  # fmt: skip
