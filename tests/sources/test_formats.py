"""What comes out of files that are as they should be."""

import codecs

import duckdb
import pytest

from .conftest import AT, only


def load_rows(folder, content, suffix="csv", **settings):
    folder.put(f"FEED_20220103.{suffix}", content)
    reader = folder.reader(pattern=f"FEED_{{date:%Y%m%d}}.{suffix}", reader=suffix, **settings)
    with duckdb.connect(":memory:") as con:
        columns = reader.load(only(reader.find(AT)), con)
        return [(c.name, c.type) for c in columns], con.execute("SELECT * FROM delivery").fetchall()


@pytest.mark.parametrize(
    ("content", "settings", "rows"),
    [
        pytest.param(b"a;b\n01;x\n", {}, [("01", "x")], id="leading zeros stay"),
        pytest.param(b"a,b\n01,x\n", {}, [("01", "x")], id="commas"),
        pytest.param(b"a\tb\n01\tx\n", {}, [("01", "x")], id="tabs"),
        pytest.param(b"a|b\n01|x\n", {}, [("01", "x")], id="bars"),
        pytest.param(b"a;b,c\n01;x,y\n", {"delimiter": ";"}, [("01", "x,y")], id="a delimiter that is given"),
        pytest.param(b'"a;x",b\n01,x\n', {}, [("01", "x")], id="a delimiter in a quoted name does not count"),
        pytest.param(b"a;b\r\n01;x\r\n", {}, [("01", "x")], id="line ends of Windows"),
        pytest.param(b"a;b\n01;x", {}, [("01", "x")], id="no line end at the end"),
        pytest.param(b"a;b\n", {}, [], id="a header only"),
        pytest.param(b"a;b", {}, [], id="a header only, without line end"),
        pytest.param(b"a\n1\n", {}, [("1",)], id="one column"),
        pytest.param(codecs.BOM_UTF8 + b"a;b\n01;x\n", {}, [("01", "x")], id="a byte order mark"),
        pytest.param(
            b'a;b\n"0""1";"x\ny;z"\n',
            {"multiline": True},
            [('0"1', "x\ny;z")],
            id="quotes, delimiters and lines in quotes",
        ),
        pytest.param(b'a;b\n;""\n', {}, [(None, None)], id="empty is null, quoted or not"),
        pytest.param(b"a;b\nNULL; \n", {}, [("NULL", " ")], id="a word for null and a blank are texts"),
        pytest.param("a;b\né;ž\n".encode(), {}, [("é", "ž")], id="UTF-8"),
        pytest.param("a;b\né;€\n".encode("cp1252"), {"encoding": "windows-1252"}, [("é", "€")], id="windows-1252"),
        pytest.param("a;b\né;ž\n".encode("utf-16"), {"encoding": "utf-16"}, [("é", "ž")], id="UTF-16"),
    ],
)
def test_csv(folder, content, settings, rows):
    columns, found = load_rows(folder, content, **settings)
    assert found == rows
    assert {kind for _, kind in columns} == {"text"}


def test_names_of_csv_columns_are_kept_as_they_are(folder):
    columns, _ = load_rows(folder, 'Één naam;"b ""c"" \'d\'";e-f\n1;2;3\n'.encode())
    assert columns == [("Één naam", "text"), ("b \"c\" 'd'", "text"), ("e-f", "text")]


def test_json_lines_have_the_union_of_their_keys_and_their_own_types(folder):
    lines = b"""{"text": "20220101", "whole": 1, "many": {"a": [1]}, "none": null, "flag": true}

{"number": 1.5, "whole": null, "mixed": 1, "many": []}
{"number": 2, "mixed": "0x", "text": "2022-01-01"}
"""
    columns, rows = load_rows(folder, lines, "jsonl")
    assert columns == [
        ("text", "text"),
        ("whole", "integer"),
        ("many", "json"),
        ("none", "empty"),
        ("flag", "boolean"),
        ("mixed", "mixed"),
        ("number", "number"),
    ]
    assert rows == [
        ("20220101", 1, '{"a":[1]}', None, True, None, None),
        (None, None, "[]", None, None, "1", 1.5),
        ("2022-01-01", None, None, None, None, "0x", 2.0),
    ]


def test_a_key_that_turns_from_text_into_a_number_shows_in_its_type(folder):
    (before, _), (after, _) = (load_rows(folder, b'{"k": %s}\n' % v, "jsonl") for v in (b'"0000000001"', b"1"))
    assert (before, after) == ([("k", "text")], [("k", "integer")])


def test_json_lines_with_a_byte_order_mark_and_in_another_encoding(folder):
    assert load_rows(folder, codecs.BOM_UTF8 + b'{"a": 1}\n', "jsonl")[1] == [(1,)]
    assert load_rows(folder, '{"a": "é"}\n'.encode("latin-1"), "jsonl", encoding="latin-1")[1] == [("é",)]


def test_a_key_may_hold_any_character_that_can_be_shown(folder):
    columns, rows = load_rows(folder, b'{"a\\"b\'$.c": "x"}\n', "jsonl")
    assert (columns, rows) == ([("a\"b'$.c", "text")], [("x",)])


def test_parquet_keeps_its_types(folder):
    path = folder.put("x.parquet", b"")
    duckdb.sql(
        "SELECT '01' AS a, 1::INT AS b, 1.5::DECIMAL(5,2) AS c, DATE '2022-01-01' AS d, true AS e, [1] AS f, "
        "TIMESTAMP '2022-01-01 10:00' AS g, {'q': 1} AS h, 'x'::BLOB AS i"
    ).write_parquet(str(path))
    columns, rows = load_rows(folder, path.read_bytes(), "parquet")
    assert [kind for _, kind in columns] == [
        "text", "integer", "number", "date", "boolean", "json", "timestamp", "json", "binary",
    ]  # fmt: skip
    assert rows[0][:2] == ("01", 1)
