"""What no document may hold, whoever wrote it."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.document_limits import MAX_BYTES, MAX_DEPTH, DocumentError, check_yaml, parse_json

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
)

YAML = [
    ("aliases that expand to a billion values", BOMB, "more than 100000 values", 6),
    ("an alias inside what it stands for", "a: 1\nb: &x [*x]", "inside what it stands for", 2),
    ("lists in lists", "a: " + "[" * 500 + "]" * 500, "nested deeper", 1),
    ("a day that does not exist", "x:\n  first: 2022-02-30\n", "does not exist", 2),
    ("a month that does not exist", "first: 2022-13-01", "does not exist", 1),
    ("infinity", "a: -.inf", "not finite", 1),
    ("not a number", "a: .NaN", "not finite", 1),
    ("a number of many digits", "a: " + "9" * 301, "more than 300 digits", 1),
    ("a tag of its own", "a: !python/object:os.system b", "no tag", 1),
    ("a tag on a list", "a: !set [b]", "no tag", 1),
    ("a document without end", "a: " + "x" * 2**20, "larger than 1 MiB", None),
]


@pytest.mark.parametrize(("sentence", "text", "what", "line"), YAML, ids=[one[0] for one in YAML])
def test_yaml_that_is_refused(sentence, text, what, line):
    begin = time.process_time()
    with pytest.raises(DocumentError, match=what) as refused:
        check_yaml(text)
    assert refused.value.line == line
    assert refused.value.mend
    assert time.process_time() - begin < 5, "it is refused before it is built"


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("a quoted text may look like anything", 'a: ["2022-02-30", ".inf", "99999999999999999999", "!tag"]'),
        ("an alias that is used", "a: &x {b: 1}\nc: *x"),
        ("a tag of the core schema", "a: !!str 5"),
        ("what is no YAML is left to the parser", "a: [1"),
        ("an alias that is not defined is left to the parser", "a: *gone"),
        ("a leap day", "a: 2024-02-29"),
    ],
)
def test_yaml_that_passes(sentence, text):
    check_yaml(text)


JSON = [
    ("a key twice", '{"a": 1, "a": 2}', "a key twice"),
    ("lists in lists", "[" * 5000, "nested deeper"),
    ("a number beyond a double", '{"a": 1e999}', "too large"),
    ("a whole number of many digits", '{"a": ' + "9" * 5000 + "}", "more than 300 digits"),
    ("not a number", '{"a": NaN}', "NaN"),
    ("minus infinity", '{"a": -Infinity}', "Infinity"),
    ("no JSON", '{"a": }', "is not JSON"),
    ("bytes that are no text", b'{"a": "\xff"}', "not UTF-8"),
    ("a document without end", b" " * (MAX_BYTES + 1), "larger than"),
]


@pytest.mark.parametrize(("sentence", "data", "what"), JSON, ids=[one[0] for one in JSON])
def test_json_that_is_refused(sentence, data, what):
    with pytest.raises(DocumentError, match=what):
        parse_json(data)


def test_a_fault_has_its_place():
    with pytest.raises(DocumentError) as refused:
        parse_json('{"a": 1,\n"b": }')
    assert refused.value.place("suite.json") == "suite.json:2:6"


def test_brackets_in_a_text_are_no_nesting():
    text = {"a": "[{" * MAX_DEPTH + '\\"['}
    assert parse_json(json.dumps(text)) == text


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_json_that_passes_is_what_the_standard_library_reads(value):
    text = json.dumps(value)
    assert parse_json(text) == parse_json(text.encode()) == json.loads(text)
