"""Awkward files of every kind: read as they are meant, or refused at their line; never as something else."""

import pytest
from file_shapes import Shape, read, workbook

from ketenwacht.domain.statement import Amount
from ketenwacht.errors import UnreadableDelivery

PAIRS = [("1", "A"), ("2", "B")]
PLAIN = "nr;code\n1;A\n2;B\n"
JSONL = {"reader": "jsonl"}
LONG = "12345678901234567890123"

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
