"""Shapes of files by configuration alone: what is read, what is refused, and where."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import zipfile

import pytest
import zstandard
from file_shapes import AT, Shape, read, workbook

from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.statement import Amount, Name
from ketenwacht.errors import ConfigError, UnreadableDelivery
from ketenwacht.sources import open_source

pytestmark = pytest.mark.integration
ROWS = [("1", "A"), ("2", "B"), ("3", None)]
PLAIN = "nr;code\n1;A\n2;B\n3;\n"


def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return packed.getvalue()


SHEET = [("nr", "code"), (1, "A"), (2, "B"), (3, None)]
FIXED = {"reader": "fixed-width", "widths": {"nr": 3, "code": 2}}
XML = {"reader": "xml", "row_path": "m/p/row"}
ROW_XML = "<m><p>{}</p></m>"
SIMPLE_XML = "<row><nr>1</nr><code>A</code></row><row><nr>2</nr><code>B</code></row><row><nr>3</nr></row>"
JSON = {"reader": "json"}
OBJECTS = [{"nr": "1", "code": "A"}, {"nr": "2", "code": "B"}, {"nr": "3", "code": None}]
STRAY = "nr;code\n" + '1;"A\n' + "2;B\n" * 20 + '3;C"\n4;D\n'

SHAPES = [
    # delimiters and headers
    Shape("semicolons", PLAIN, rows=ROWS),
    Shape("commas", PLAIN.replace(";", ","), rows=ROWS),
    Shape("tabs", PLAIN.replace(";", "\t"), rows=ROWS),
    Shape("bars", PLAIN.replace(";", "|"), rows=ROWS),
    Shape("an agreed delimiter", PLAIN.replace(";", "~"), {"delimiter": "~"}, ROWS),
    Shape("a quoted name with a comma", '"a, b";code\n1;A\n', {"delimiter": ";"}, [("1", "A")]),
    Shape("a quoted name with the delimiter", '"a;b";code\n1;A\n', {"delimiter": ";"}, [("1", "A")]),
    Shape("a quoted name with a line end", '"a\nb";code\n1;A\n', problem="delivery.column_name_odd"),
    Shape("a quoted header", '"nr";"code"\n"1";"A"\n', rows=[("1", "A")]),
    Shape("CRLF", PLAIN.replace("\n", "\r\n"), rows=ROWS),
    Shape("no line end at the end", PLAIN.rstrip("\n"), rows=ROWS),
    Shape("empty lines at the end", PLAIN + "\n\n", rows=ROWS),
    Shape("a byte order mark", "\ufeff" + PLAIN, rows=ROWS),
    Shape("no header", "1;A\n2;B\n3;\n", {"header": False, "columns": ("nr", "code")}, ROWS),
    Shape(
        "no header, and a row that is wider than agreed",
        "1;A\n2;B;x\n",
        {"header": False, "columns": ("nr", "code")},
        problem="delivery.row_width",
        about={"line": 2, "fields": 3, "columns": 2},
    ),
    Shape("persons in place of a header", "1;A\n2;B\n", problem="delivery.column_name_number"),
    Shape("an empty file", "", problem="delivery.no_header"),
    Shape("an empty first line", "\nnr;code\n", problem="delivery.header_empty"),
    Shape("a column without a name", "nr;code;\n1;A;\n", problem="delivery.column_unnamed", about={"column": 3}),
    Shape("agreed: left out", "nr;code;;\n1;A;;\n2;B;x;\n3;;;\n", {"ignore_unnamed": True}, ROWS),
    Shape("agreed: left out in the middle", "nr;;code\n1;x;A\n", {"ignore_unnamed": True}, [("1", "A")]),
    Shape("two columns of one name", "nr;nr\n1;2\n", problem="delivery.columns_alike"),
    Shape("a first line for Excel", "sep=;\n" + PLAIN, rows=ROWS),
    Shape("a first line for Excel, after a mark", "\ufeffsep=,\r\n" + PLAIN.replace(";", ","), rows=ROWS),
    Shape("a first line for Excel in capitals", "SEP=;\n" + PLAIN, rows=ROWS),
    Shape("a first line for Excel that states a tab", "sep=\t\n" + PLAIN.replace(";", "\t"), rows=ROWS),
    Shape("a first line that states a rare delimiter", "sep=~\n" + PLAIN.replace(";", "~"), rows=ROWS),
    Shape("a first line that decides", "sep=;\nnr;a,b\n1;A\n", rows=[("1", "A")]),
    Shape("a first line for Excel that is one of those to skip", "sep=;\n" + PLAIN, {"skip_lines": 1}, ROWS),
    Shape("a first line for Excel, and the agreed delimiter", "sep=,\n" + PLAIN, {"delimiter": ";"}, ROWS),
    Shape("a column that is called like it", "sep=;code\n1;A\n", rows=[("1", "A")]),
    Shape(
        "a first line for Excel counts as a line",
        "sep=;\nnr;code\n1;A;x\n",
        problem="delivery.row_width",
        about={"line": 3, "fields": 3, "columns": 2},
    ),
    Shape("a header that is repeated", "nr;code\n1;A\nnr;code\n2;B\n", problem="delivery.header_repeated"),
    Shape(
        "a header that is repeated with quotes", 'nr;code\n1;A\n"nr";code\n', problem="delivery.header_repeated"
    ),
    Shape("a header that is repeated at once", "nr;code\nnr;code\n1;A\n", problem="delivery.header_repeated"),
    Shape(
        "a header where none was agreed",
        "nr;code\n1;A\n",
        {"header": False, "columns": ("nr", "code")},
        problem="delivery.header_repeated",
    ),
    Shape(
        "a header that is repeated as agreed",
        "nr;code\n1;A\nnr;code\n2;B\nnr;code\n3;\n",
        {"skip_repeated_header": True},
        ROWS,
    ),
    Shape("a name in one column alone is a value", "nr;code\nnr;A\n2;code\n", rows=[("nr", "A"), ("2", "code")]),
    # encodings
    Shape("Windows-1252", "nr;code\n1;é\n".encode("windows-1252"), {"encoding": "windows-1252"}, [("1", "é")]),
    Shape("UTF-16", "nr;code\n1;é\n".encode("utf-16"), {"encoding": "utf-16"}, [("1", "é")]),
    Shape("the code page of DOS", "nr;code\n1;é\n".encode("cp850"), {"encoding": "cp850"}, [("1", "é")]),
    Shape(
        "another encoding than agreed",
        "nr;code\n1;é\n".encode("windows-1252"),
        problem="delivery.encoding",
        about={"line": 2, "encoding": "utf-8"},
    ),
    Shape("a NUL", "nr;code\n1;\0\n", problem="delivery.nul", about={"line": 2}),
    # quotes
    Shape("a quote inside quotes", 'nr;code\n1;"A""B"\n', rows=[("1", 'A"B')]),
    Shape("a delimiter inside quotes", 'nr;code\n1;"A;B"\n', rows=[("1", "A;B")]),
    Shape("a line end inside quotes", 'nr;code\n1;"A\nB"\n', rows=[("1", "A\nB")]),
    Shape("two stray quotes", STRAY, problem="delivery.lines_swallowed", about={"line": 2, "last": 23}),
    Shape("agreed: a value of many lines", 'nr;code\n1;"A;\nB"\n', {"multiline": True}, [("1", "A;\nB")]),
    Shape(
        "an unclosed quote, where it opened",
        'nr;code\n1;A\n2;"B\n3;C\n4;D\n',
        problem="delivery.row_no_csv",
        about={"line": 3},
    ),
    Shape("a row too wide", "nr;code\n1;A\n2;B;C\n", problem="delivery.row_width", about={"line": 3}),
    Shape("a row too narrow", "nr;code\n1;A\n2\n", problem="delivery.row_width", about={"line": 3}),
    # lines around the rows
    Shape("a title above the header", "Report\nof January\n" + PLAIN, {"skip_lines": 2}, ROWS),
    Shape("a total below", PLAIN + "total;3\n", {"skip_footer": 1}, ROWS),
    Shape("comments", "# one\n" + PLAIN.replace("2;B", "#two\n2;B"), {"comment": "#"}, ROWS),
    Shape(
        "what begins as a comment inside quotes",
        'nr;code\n1;"A\n#B"\n',
        {"comment": "#"},
        [("1", "A\n#B")],
    ),
    Shape(
        "the line is that of the file",
        "Report\n#\nnr;code\n1;A\n#\n2;B;C\ntotal\n",
        {"skip_lines": 1, "skip_footer": 1, "comment": "#"},
        problem="delivery.row_width",
        about={"line": 6},
    ),
    Shape(
        "the lines of a swallowed part too",
        "Report\n" + STRAY,
        {"skip_lines": 1},
        problem="delivery.lines_swallowed",
        about={"line": 3, "last": 24},
    ),
    Shape("fewer lines than agreed", "Report\n", {"skip_lines": 2}, problem="delivery.too_few_lines"),
    # compressed files
    Shape("gzip", gzip.compress(PLAIN.encode()), {"compression": "gzip"}, ROWS),
    Shape("zstd", zstandard.compress(PLAIN.encode()), {"compression": "zstd"}, ROWS),
    Shape("zip", zipped(a_csv=PLAIN), {"compression": "zip"}, ROWS),
    Shape(
        "gzip of JSON Lines", gzip.compress(b'{"nr": "1"}\n'), {"compression": "gzip", "reader": "jsonl"}, [("1",)]
    ),
    Shape(
        "gzip of another encoding",
        gzip.compress("nr;code\n1;é\n".encode("latin-1")),
        {"compression": "gzip"},
        problem="delivery.encoding",
        about={"line": 2},
    ),
    Shape("unagreed gzip", gzip.compress(PLAIN.encode()), problem="delivery.packed", about={"format": "gzip"}),
    Shape("no gzip", PLAIN, {"compression": "gzip"}, problem="delivery.not_unpacked"),
    Shape(
        "half a gzip", gzip.compress(PLAIN.encode())[:20], {"compression": "gzip"}, problem="delivery.not_unpacked"
    ),
    Shape(
        "half a zstd",
        zstandard.compress(PLAIN.encode())[:-6],
        {"compression": "zstd"},
        problem="delivery.not_unpacked",
    ),
    Shape("no zstd", PLAIN, {"compression": "zstd"}, problem="delivery.not_unpacked"),
    Shape("no zip", PLAIN, {"compression": "zip"}, problem="delivery.not_unpacked"),
    Shape(
        "two files in a zip",
        zipped(a_csv=PLAIN, b_csv=PLAIN),
        {"compression": "zip"},
        problem="delivery.zip_files",
        about={"files": 2},
    ),
    Shape(
        "a bomb",
        gzip.compress(b"\0" * 3_000_000),
        {"compression": "gzip", "max_bytes": 1_000_000},
        problem="delivery.unpacked_too_large",
    ),
    # fixed width
    Shape("fixed width", "1  A \n2  B \n3    \n", FIXED, ROWS),
    Shape("fixed width without spaces at the end", "1  A\n2  B\n3\n", FIXED, ROWS),
    Shape(
        "a line longer than its columns",
        "1  A \n2  B C\n",
        FIXED,
        problem="delivery.line_too_long",
        about={"line": 2, "characters": 6, "most": 5},
    ),
    Shape("fixed width with a title", "Report\n1  A \n", {**FIXED, "skip_lines": 1}, [("1", "A")]),
    # Excel
    Shape("a workbook", workbook(SHEET), {"reader": "excel"}, ROWS),
    Shape("one sheet holds something", workbook([], SHEET), {"reader": "excel"}, ROWS),
    Shape("the agreed sheet", workbook([("x",)], SHEET), {"reader": "excel", "sheet": "Sheet2"}, ROWS),
    Shape(
        "which sheet?", workbook(SHEET, SHEET), {"reader": "excel"}, problem="delivery.sheets", about={"sheets": 2}
    ),
    Shape("no such sheet", workbook(SHEET), {"reader": "excel", "sheet": "x"}, problem="delivery.sheets"),
    Shape("a title in a workbook", workbook([("T",), *SHEET]), {"reader": "excel", "skip_lines": 1}, ROWS),
    Shape("a fraction in a workbook", workbook([("n",), (1.5,), (2,)]), {"reader": "excel"}, [("1.5",), ("2",)]),
    Shape(
        "a workbook without a header",
        workbook(SHEET[1:]),
        {"reader": "excel", "header": False, "columns": ("nr", "code")},
        ROWS,
    ),
    Shape(
        "a value beside the columns of a workbook",
        workbook([("nr",), (1,), (2, "x")]),
        {"reader": "excel"},
        problem="delivery.column_unnamed",
        about={"column": 2},
    ),
    Shape("no workbook", PLAIN, {"reader": "excel"}, problem="delivery.no_workbook"),
    # XML
    Shape("XML", ROW_XML.format(SIMPLE_XML), XML, ROWS),
    Shape("XML with a namespace", ROW_XML.format(SIMPLE_XML).replace("<m>", '<m xmlns="urn:x">'), XML, ROWS),
    Shape(
        "XML of another encoding",
        b'<?xml version="1.0" encoding="ISO-8859-1"?>' + ROW_XML.format("<row><nr>é</nr></row>").encode("latin-1"),
        XML,
        [("é",)],
    ),
    Shape(
        "attributes and elements inside elements",
        ROW_XML.format('<row id="7"><nr v="2">1</nr><a><b>x</b></a></row>'),
        XML,
        [("7", "2", "1", "x")],
    ),
    Shape(
        "an element twice", ROW_XML.format("<row><nr>1</nr><nr>2</nr></row>"), XML, problem="delivery.xml_twice"
    ),
    Shape("rows elsewhere", ROW_XML.format("<other/>"), XML, problem="delivery.no_rows_at"),
    Shape("no XML", "nr;code\n", XML, problem="delivery.xml_not_valid"),
    Shape(
        "an entity",
        '<!DOCTYPE m [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + ROW_XML.format("<row><nr>&e;</nr></row>"),
        XML,
        problem="delivery.xml_doctype",
    ),
    # JSON
    Shape("JSON Lines", "".join(json.dumps(one) + "\n" for one in OBJECTS), {"reader": "jsonl"}, ROWS),
    Shape("a JSON array", json.dumps(OBJECTS), JSON, ROWS),
    Shape("a JSON array over lines", json.dumps(OBJECTS, indent=2), JSON, ROWS),
    Shape(
        "an array inside a document", json.dumps({"d": {"items": OBJECTS}}), {**JSON, "row_path": "d.items"}, ROWS
    ),
    Shape("no array there", json.dumps({"d": 1}), {**JSON, "row_path": "d.items"}, problem="delivery.no_rows_at"),
    Shape("an array of texts", '["a"]', JSON, problem="delivery.no_rows_at"),
    Shape("half a JSON array", '[\n{"nr": "1"},\n', JSON, problem="delivery.json_not_valid", about={"line": 3}),
    Shape("a key twice", '[{"nr": 1, "nr": 2}]', JSON, problem="delivery.json_key_twice"),
    Shape(
        "JSON Lines with half a line",
        '{"nr": "1"}\n{"nr": \n',
        {"reader": "jsonl"},
        problem="delivery.json_not_valid",
        about={"line": 2},
    ),
    Shape("no Parquet", PLAIN, {"reader": "parquet"}, problem="delivery.no_parquet"),
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.sentence)
def test_a_shape_of_a_file_is_read_or_refused_with_its_place(shape, tmp_path):
    if shape.rows is not None:
        assert read(tmp_path, shape) == shape.rows
        return
    with pytest.raises(UnreadableDelivery) as refused:
        read(tmp_path, shape)
    said = refused.value.statement
    assert said.code == shape.problem
    found = {name: value.text if isinstance(value, Name) else value for name, value in said.params.items()}
    found = {name: int(value.value) if isinstance(value, Amount) else value for name, value in found.items()}
    assert found.items() >= shape.about.items()


WRONG = [
    ("columns beside a header", {"columns": ("a",)}, "columns"),
    ("no header and no columns", {"header": False}, "header"),
    ("widths of CSV", {"widths": {"a": 1}}, "widths"),
    ("fixed width without widths", {"reader": "fixed-width"}, "widths"),
    ("a column of no width", {"reader": "fixed-width", "widths": {"a": 0}}, "widths"),
    ("a sheet of CSV", {"sheet": "x"}, "sheet"),
    ("XML without a path", {"reader": "xml"}, "row_path"),
    ("a path in CSV", {"row_path": "x"}, "row_path"),
    ("Parquet that is compressed once more", {"reader": "parquet", "compression": "gzip"}, "compression"),
    ("fewer lines than none", {"skip_lines": -1}, "skip_lines"),
    ("more lines than a file has", {"skip_footer": 10_001}, "skip_footer"),
    ("how no footer begins", {"footer_begins": "Total"}, "footer_begins"),
    ("a footer that begins with nothing", {"footer_begins": " ", "skip_footer": 1}, "footer_begins"),
    ("lines of XML", {"reader": "xml", "row_path": "a", "skip_lines": 1}, "skip_lines"),
]


@pytest.mark.parametrize(("sentence", "settings", "where"), WRONG, ids=[one[0] for one in WRONG])
def test_a_setting_that_does_not_fit_is_refused_at_its_place(sentence, settings, where, tmp_path):
    source = FileSource(path=".", pattern="F_{date:%Y%m%d}.dat", **settings)
    with pytest.raises(ConfigError, match=rf"^feeds\.feed\.source\.{where}:"):
        open_source("feed", source, root=tmp_path)


def test_the_bytes_as_delivered_are_what_a_redelivery_is_compared_by(tmp_path):
    packed = gzip.compress(PLAIN.encode(), mtime=0)
    (tmp_path / "F_20240101.dat").write_bytes(packed)
    source = FileSource(path=str(tmp_path), pattern="F_{date:%Y%m%d}.dat", compression="gzip")
    reader = open_source("feed", source, root=tmp_path)
    verified = reader.verify(reader.find(AT)[0])
    assert verified.size == len(packed)


def test_no_copy_of_a_delivery_remains(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    for shape in SHAPES:
        (tmp_path / shape.sentence.replace("/", "")).mkdir()
        with contextlib.suppress(UnreadableDelivery):
            read(tmp_path / shape.sentence.replace("/", ""), shape)
    assert list((tmp_path / "tmp").iterdir()) == []
