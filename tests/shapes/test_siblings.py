"""Awkward files of every kind: read as they are meant, or refused at their line; never as something else."""

import gzip

import pytest
from file_shapes import Shape, read, sheet, text_cell, workbook

from ketenwacht.domain.statement import Amount
from ketenwacht.errors import UnreadableDelivery

PAIRS = [("1", "A"), ("2", "B")]
PLAIN = "nr;code\n1;A\n2;B\n"
JSONL = {"reader": "jsonl"}
JSON = {"reader": "json"}
XML = {"reader": "xml", "row_path": "m/p"}
EXCEL = {"reader": "excel"}
FIXED = {"reader": "fixed-width", "widths": {"nr": 4, "code": 4}}
BOOK = [("nr", "code"), *PAIRS]
LONG = "12345678901234567890123"


def merged(reference):
    """A workbook with a table in B2:C4, and merged cells."""
    rows = [(), *((None, *row) for row in BOOK)]
    return workbook(rows, more=f'<mergeCells count="1"><mergeCell ref="{reference}"/></mergeCells>')


READ = [
    # encodings
    Shape("UTF-16, little endian without a mark", PLAIN.encode("utf-16-le"), {"encoding": "utf-16-le"}, PAIRS),
    Shape("UTF-16, big endian without a mark", PLAIN.encode("utf-16-be"), {"encoding": "utf-16-be"}, PAIRS),
    Shape("a mark that the encoding did not ask for", PLAIN.encode("utf-16"), {"encoding": "utf-16-le"}, PAIRS),
    Shape("UTF-32", PLAIN.encode("utf-32"), {"encoding": "utf-32"}, PAIRS),
    Shape("UTF-8 with an agreed mark that is absent", PLAIN, {"encoding": "utf-8-sig"}, PAIRS),
    Shape("a mark before a quoted name", '\ufeff"nr";code\n1;A\n2;B\n', rows=PAIRS),
    Shape("latin-1", "nr;code\n1;é\n".encode("latin-1"), {"encoding": "latin-1"}, [("1", "é")]),
    Shape("a mark before JSON", '\ufeff{"nr": "1"}\n', JSONL, [("1",)]),
    # line ends
    Shape("CR alone", PLAIN.replace("\n", "\r"), rows=PAIRS),
    Shape("the line separator of Unicode is text", "nr;code\n1;A\u2028B\n", rows=[("1", "A\u2028B")]),
    Shape("the next line of EBCDIC is text", "nr;code\n1;A\x85B\n", rows=[("1", "A\x85B")]),
    Shape("an empty line in the middle", "nr;code\n1;A\n\n2;B\n", rows=PAIRS),
    Shape("JSON Lines with CRLF", '{"nr": "1"}\r\n{"nr": "2"}\r\n', JSONL, [("1",), ("2",)]),
    # delimiters and quotes
    Shape("a delimiter at the end of the rows alone", "nr;code\n1;A;\n2;B;\n", rows=PAIRS),
    Shape("an agreed delimiter beyond ASCII", PLAIN.replace(";", "§"), {"delimiter": "§"}, PAIRS),
    Shape("a space as agreed delimiter", PLAIN.replace(";", " "), {"delimiter": " "}, PAIRS),
    Shape("a quote inside a text", 'nr;code\n1;A"B\n', rows=[("1", 'A"B')]),
    Shape("one column that holds commas", "nr\n1,5\n", rows=[("1,5",)]),
    Shape("a line of delimiters is a row without values", "nr;code\n;\n", rows=[(None, None)]),
    # names
    Shape("words of SQL", "select;from;order\n1;2;3\n", rows=[("1", "2", "3")]),
    Shape("a quote inside a name", '"a""b";c\n1;2\n', rows=[("1", "2")]),
    Shape("a picture inside a name", "a😀;nr\n1;2\n", rows=[("1", "2")]),
    Shape("spaces around names", " nr; code\n1;A\n", rows=[("1", "A")]),
    Shape("a header and nothing else", "nr;code", rows=[]),
    # numbers
    Shape("a long number of JSON keeps its digits", f'{{"nr": {LONG}}}\n{{"nr": 7}}\n', JSONL, [(LONG,), ("7",)]),
    Shape(
        "a date of Excel without a form is a number",
        workbook([("d",), (45292,)]),
        {"reader": "excel"},
        [("45292",)],
    ),
    # the end of a file: empty lines are no footer
    Shape("an empty line behind a total", PLAIN + "Total;3\n\n", {"skip_footer": 1}, PAIRS),
    Shape("a total in lines that end in CR", (PLAIN + "Total;3\n").replace("\n", "\r"), {"skip_footer": 1}, PAIRS),
    Shape("a title in lines that end in CR", ("Title\n" + PLAIN).replace("\n", "\r"), {"skip_lines": 1}, PAIRS),
    Shape("a footer that begins as agreed", PLAIN + "9;Z\n", {"skip_footer": 1, "footer_begins": "9"}, PAIRS),
    Shape("a trailer record", "1   A\n2   B\nT0000002\n", FIXED | {"skip_footer": 1}, PAIRS),
    Shape("a count below JSON Lines", '{"nr": "1"}\n{"rows": 1}\n', JSONL | {"skip_footer": 1}, [("1",)]),
    Shape("a total in a workbook", workbook(*[[*BOOK, ("Total", None)]]), EXCEL | {"skip_footer": 1}, PAIRS),
    # comments
    Shape("an inch before a comment", 'nr;code\n1;5"\n#2;B\n', {"comment": "#"}, [("1", '5"')]),
    Shape("a quoted value before a comment", 'nr;code\n1;"A;""B"\n#2;B\n', {"comment": "#"}, [("1", 'A;"B')]),
    Shape(
        "no comment inside a quoted value",
        'nr;code\n1;"A\n#B"\n',
        {"comment": "#", "multiline": True},
        [("1", "A\n#B")],
    ),
    # XML
    Shape("a comment inside a text", "<m><p><a>A<!--x-->B</a></p></m>", XML, [("AB",)]),
    Shape("an instruction inside a text", "<m><p><a>A<?x y?>B</a></p></m>", XML, [("AB",)]),
    Shape("marked text", "<m><p><a><![CDATA[<A>]]></a></p></m>", XML, [("<A>",)]),
    Shape("rows that are texts", "<m><p>A</p><p>B</p></m>", XML, [("A",), ("B",)]),
    Shape("a row that is a text with an attribute", '<m><p a="1">X</p></m>', XML, [("1", "X")]),
    Shape("a row without anything is a row", "<m><p/><p><a>1</a></p></m>", XML, [(None,), ("1",)]),
    Shape(
        "an element that says it is nil",
        '<m xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><p><a xsi:nil="true"/><b>1</b></p></m>',
        XML,
        [("1",)],
    ),
    # JSON
    Shape(
        "a long number under a name with a quote",
        f'{{"a\\"b": {LONG}}}\n{{"a\\"b": 1.5}}\n',
        JSONL,
        [(LONG,), ("1.5",)],
    ),
    # Excel
    Shape("an error in a cell is a text", sheet('<c r="B2" t="e"><v>#N/A</v></c>'), EXCEL, [("1", "#N/A")]),
    Shape("a formula with its result", sheet('<c r="B2"><f>1+1</f><v>2</v></c>'), EXCEL, [("1", "2")]),
    Shape("fifteen digits", sheet('<c r="B2"><v>0.30000000000000004</v></c>'), EXCEL, [("1", "0.3")]),
    Shape("zeros of a text", sheet(text_cell("B2", "0344")), EXCEL, [("1", "0344")]),
    Shape(
        "rows count from the first of the sheet",
        workbook([(), (), ("Title",), *BOOK]),
        EXCEL | {"skip_lines": 3},
        PAIRS,
    ),
    Shape(
        "a cell that is merged downwards",
        sheet(
            text_cell("B2", "A") + f'</row><row r="3">{text_cell("A3", "2")}<c r="B3"/>',
            '<mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells>',
        ),
        EXCEL,
        [("1", "A"), ("2", "A")],
    ),
    *(
        Shape(f"merged cells {where} what is filled", merged(reference), EXCEL, PAIRS)
        for where, reference in {"left of": "A2:A4", "right of": "E2:E4", "above and left of": "A1:A4"}.items()
    ),
    Shape("a formula with an empty text", sheet('<c r="B2" t="str"><f>""</f><v></v></c>'), EXCEL, [("1", None)]),
]


@pytest.mark.parametrize("shape", READ, ids=lambda shape: shape.sentence)
def test_an_awkward_file_is_read_as_it_is_meant(shape, tmp_path):
    assert read(tmp_path, shape) == shape.rows


def refused(sentence, content, problem, line=None, **settings):
    return Shape(sentence, content, settings, problem=problem, about={} if line is None else {"line": line})


REFUSED = [
    refused("UTF-16 for UTF-8", PLAIN.encode("utf-16"), "delivery.encoding", 1),
    refused("UTF-16 without a mark for UTF-8", PLAIN.encode("utf-16-le"), "delivery.nul", 1),
    refused("UTF-8 for UTF-16", PLAIN, "delivery.encoding", 1, encoding="utf-16"),
    refused("half a character of UTF-16", PLAIN.encode("utf-16")[:-1], "delivery.encoding", 3, encoding="utf-16"),
    refused("one line of latin-1", b"nr;code\n1;\xc3\xa9\n2;\xe9\n", "delivery.encoding", 3),
    refused(
        "a byte that Windows-1252 lacks", b"nr;code\n1;\x81\n", "delivery.encoding", 2, encoding="windows-1252"
    ),
    refused("two files put together", "nr;code\n1;A\n\ufeff2;B\n", "delivery.mark_inside", 3),
    refused("a NUL in the header", "nr;co\0de\n1;A\n", "delivery.nul", 1),
    refused("NULs at the end", PLAIN + "\0\0", "delivery.nul", 4),
    refused("line ends of two kinds", "nr;code\r\n1;A\n2;B\r\n", "delivery.line_ends"),
    refused("a CR inside a row", "nr;code\n1;A\rX\n", "delivery.row_width", 3),
    refused("the end mark of DOS", PLAIN + "\x1a", "delivery.row_width", 4),
    refused("doubled quotes outside", 'nr;code\n1;""A""\n', "delivery.row_no_csv", 2),
    refused("a quote and then text", 'nr;code\n1;"A"B\n', "delivery.row_no_csv", 2),
    refused("a quote behind a backslash", 'nr;code\n1;"A\\"B"\n', "delivery.row_no_csv", 2),
    refused("single quotes", "nr;code\n1;'A;B'\n", "delivery.row_width", 2),
    refused("a delimiter at every end", "nr;code;\n1;A;\n", "delivery.column_unnamed"),
    refused("a delimiter of two marks", "nr||code\n1||A\n", "delivery.column_unnamed"),
    refused("a name twice, by case", "nr;Nr\n1;A\n", "delivery.columns_alike"),
    refused("a name twice, by a space", "nr;nr \n1;A\n", "delivery.columns_alike"),
    refused("an endless name", "a" * 300 + ";b\n1;2\n", "delivery.column_name_odd"),
    refused("a no-break space for a name", "\u00a0;b\n1;2\n", "delivery.column_unnamed"),
    refused("a picture for a name", "😀;b\n1;2\n", "delivery.column_name_number"),
    refused("a year for a name", "2024;b\n1;2\n", "delivery.column_name_number"),
    refused("nothing but a mark", "\ufeff", "delivery.no_header"),
    refused("nothing but line ends", "\n\n\n", "delivery.header_empty"),
    refused("an empty workbook", workbook([]), "delivery.sheets", reader="excel"),
    refused("a comma behind each object", '{"nr": "1"},\n{"nr": "2"}\n', "delivery.json_not_valid", 1, **JSONL),
    refused("an array for JSON Lines", '[{"nr": "1"}]', "delivery.json_no_object", 1, **JSONL),
    refused("not a number in JSON", '{"nr": NaN}\n', "delivery.json_not_valid", 1, **JSONL),
    refused("JSON with single quotes", "{'nr': '1'}\n", "delivery.json_not_valid", 1, **JSONL),
    refused("a row in place of a total", PLAIN, "delivery.footer_is_row", 3, skip_footer=1),
    refused("a row and an empty line", PLAIN + "\n", "delivery.footer_is_row", 3, skip_footer=1),
    refused("one row without its total", "nr;code\n1;A\n", "delivery.footer_is_row", 2, skip_footer=1),
    refused("one of two totals", PLAIN + "Total;3\n", "delivery.footer_is_row", 3, skip_footer=2),
    refused(
        "another footer than agreed",
        PLAIN + "Som;3\n",
        "delivery.footer_unlike",
        4,
        skip_footer=1,
        footer_begins="Total",
    ),
    refused(
        "a row of fixed width in place of a trailer",
        "1   A\n2   B\n3   C\n",
        "delivery.footer_is_row",
        3,
        **FIXED,
        skip_footer=1,
    ),
    refused(
        "an object in place of a count",
        '{"nr": "1"}\n{"nr": "2"}\n',
        "delivery.footer_is_row",
        2,
        **JSONL,
        skip_footer=1,
    ),
    refused(
        "a row of a sheet in place of a total", workbook(BOOK), "delivery.footer_is_row", 3, **EXCEL, skip_footer=1
    ),
    refused("text beside elements", "<m>\n<p><a>Jan <b>x</b></a></p></m>", "delivery.xml_text", 2, **XML),
    refused("half an XML document", "<m><p><a>1</a></p><p>", "delivery.xml_not_valid", 1, **XML),
    refused("two XML documents", "<m><p/></m><m><p/></m>", "delivery.xml_not_valid", 1, **XML),
    refused("an entity that nothing declares", "<m><p><a>&x;</a></p></m>", "delivery.xml_not_valid", 1, **XML),
    refused("half a character in JSON", '[{"nr": "\\ud800"}]', "delivery.no_json_lines", **JSON),
    refused("a document of endless depth", "[" * 100_000, "delivery.document_too_deep", **JSON),
    refused("two JSON documents", '[{"nr": 1}]\n[{"nr": 2}]', "delivery.json_not_valid", 2, **JSON),
    refused("a number of no size in JSON", '[{"nr": 1e999}]', "delivery.json_not_valid", 1, **JSON),
    refused("a zero before a number of JSON", '{"nr": 0344}\n', "delivery.json_not_valid", 1, **JSONL),
    refused(
        "a number that no integer can be",
        '{"nr": 1}\n{"nr": 18446744073709551615}\n',
        "delivery.json_number_too_large",
        2,
        **JSONL,
    ),
    refused(
        "a formula without a result", sheet('<c r="B2"><f>1+1</f></c>'), "delivery.not_calculated", 2, **EXCEL
    ),
    refused(
        "a formula that a program wrote",
        sheet('<c r="B2"><f>1+1</f><v></v></c>'),
        "delivery.not_calculated",
        2,
        **EXCEL,
    ),
    refused("a web page for a workbook", "<html></html>", "delivery.no_workbook", **EXCEL),
    refused("a workbook for CSV", workbook(BOOK), "delivery.packed"),
    refused("gzip in gzip", gzip.compress(gzip.compress(b"x")), "delivery.packed", compression="gzip"),
    refused("gzip and more", gzip.compress(b"nr\n1\n") + b"x", "delivery.not_unpacked", compression="gzip"),
    refused("a comma in a number and between them", "nr,euro\n1,2,5\n", "delivery.row_width", 2),
    refused("a key twice, by case", '{"nr": "1", "NR": "2"}\n', "delivery.columns_alike", **JSONL),
]


@pytest.mark.parametrize("shape", REFUSED, ids=lambda shape: shape.sentence)
def test_an_awkward_file_is_refused_at_its_line(shape, tmp_path):
    with pytest.raises(UnreadableDelivery) as caught:
        read(tmp_path, shape)
    said = caught.value.statement
    assert said.code == shape.problem
    line = said.params.get("line")
    found = {"line": int(line.value)} if isinstance(line, Amount) else {}
    assert found.items() >= shape.about.items()
