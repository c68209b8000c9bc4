import json
from pathlib import Path

import pytest

from ketenwacht.domain.checks.base import Expectation
from ketenwacht.errors import ConfigError
from ketenwacht.measure.suite import read_suite, summary
from ketenwacht.measure.suite_lint import lint

IN_SET, BETWEEN = "expect_column_values_to_be_in_set", "expect_column_values_to_be_between"
GOOD = {
    "type": "expect_column_values_to_not_be_null",
    "kwargs": {"column": "a"},
    "meta": {"check_id": "a-present", "title": "A is there"},
    "severity": "warning",
}


def change_entry(**changes):
    return {key: value for key, value in (GOOD | changes).items() if value is not None}


def with_title(title):
    return change_entry(meta={"check_id": "a", "title": title})


@pytest.fixture
def write_suite(tmp_path):
    def write(*expectations, text=None):
        path = tmp_path / "suite.json"
        document = {"name": "s", "meta": {"expectations": []}, "expectations": list(expectations)}
        path.write_text(json.dumps(document, indent=2) if text is None else text, encoding="utf-8")
        return path

    return write


def test_the_outline_is_what_judging_needs(write_suite):
    pair = {
        "type": "expect_column_pair_values_to_be_equal",
        "kwargs": {"column_A": "a", "column_B": "b"},
        "meta": {"check_id": "same"},
        "description": "A is B",
    }
    assert summary(write_suite(GOOD, pair, change_entry(meta={"check_id": "x"}))) == (
        Expectation("a-present", "A is there", ("a",), "warning"),
        Expectation("same", "A is B", ("a", "b"), "critical"),
        Expectation("x", "x", ("a",), "warning"),
    )


@pytest.mark.parametrize(
    ("sentence", "title", "kept"),
    [
        ("one text", "a", "a"),
        ("one text a language", {"nl": "a", "en": "b"}, {"nl": "a", "en": "b"}),
        ("a language that there is not is left out", {"nl": "a", "fr": "c"}, {"nl": "a"}),
        ("none that there is", {"fr": "c"}, "a"),
    ],
)
def test_a_title_may_be_one_text_a_language(write_suite, sentence, title, kept):
    (one,) = summary(write_suite(with_title(title)))
    assert one.title == kept, sentence


def test_an_entry_knows_its_line_and_every_column_it_looks_at(write_suite):
    condition = {
        "type": "and",
        "conditions": [
            {"type": "comparison", "column": {"name": "c"}, "operator": "==", "parameter": "x"},
            {"type": "nullity", "column": {"name": "d"}, "is_null": True},
        ],
    }
    path = write_suite(GOOD, change_entry(kwargs={"column_list": ["a", "b"], "row_condition": condition}))
    first, second = read_suite(path).entries
    text = path.read_text().splitlines()
    assert [text[entry.line - 1].strip() for entry in (first, second)] == ["{", "{"]
    assert '"type"' in text[first.line]
    assert first.line < second.line
    assert second.columns == ("a", "b", "c", "d")


def comparison(operator):
    return {"type": "comparison", "column": {"name": "b"}, "operator": operator, "parameter": "x"}


@pytest.mark.parametrize(
    ("why", "entry", "what"),
    [
        ("it has no identity", change_entry(meta=None), "no check_id"),
        ("a dot would split the measurement's name", change_entry(meta={"check_id": "a.b"}), "has a dot"),
        (
            "a type is misspelt",
            change_entry(type="expect_column_values_to_not_be_nul"),
            "unknown expectation type",
        ),
        ("it has no type", change_entry(type=None), "has no type"),
        (
            "a title is in a language of no message",
            with_title({"nl": "a", "fr": "b"}),
            'the unknown language "fr"',
        ),
        ("a title is a number", with_title(5), "the title is not a text"),
        ("a title is empty in a language", with_title({"nl": ""}), "the title is not a text"),
        (
            "it fetches the value",
            change_entry(type="expect_column_most_common_value_to_be_in_set"),
            "fetches values",
        ),
        (
            "it fetches a distribution",
            change_entry(type="expect_column_kl_divergence_to_be_less_than"),
            "fetches values",
        ),
        (
            "it fetches distinct values",
            change_entry(type="expect_column_distinct_values_to_equal_set"),
            "fetches values",
        ),
        ("it fetches rows", change_entry(type="unexpected_rows_expectation"), "fetches values"),
        ("a severity is unknown", change_entry(severity="high"), 'unknown severity "high"'),
        ("mostly is a percentage", change_entry(kwargs={"column": "a", "mostly": 95}), "not a fraction"),
        (
            "a condition is text",
            change_entry(kwargs={"column": "a", "row_condition": "a > 1"}),
            "row_condition is text",
        ),
        (
            "a parameter has no code table",
            change_entry(type=IN_SET, kwargs={"column": "a", "value_set": {"$PARAMETER": "gone"}}),
            'parameter "gone" has no code table',
        ),
        ("a column is misspelt", change_entry(kwargs={"column": "aa"}), 'unknown column "aa"'),
        (
            "an argument is misspelt",
            change_entry(kwargs={"column": "a", "mostli": 1}),
            'unknown argument "mostli"',
        ),
        (
            "an argument is missing",
            change_entry(type=IN_SET),
            'expect_column_values_to_be_in_set has no "value_set"',
        ),
        (
            "bounds that nothing meets",
            change_entry(type=BETWEEN, kwargs={"column": "a", "min_value": 3, "max_value": 1}),
            "min_value is above max_value",
        ),
        (
            "an expression that is none",
            change_entry(type="expect_column_values_to_match_regex", kwargs={"column": "a", "regex": "(a"}),
            "the regex is not valid",
        ),
        (
            "codes that are no list",
            change_entry(type=IN_SET, kwargs={"column": "a", "value_set": "x"}),
            "is not a list",
        ),
        (
            "no codes at all",
            change_entry(type=IN_SET, kwargs={"column": "a", "value_set": []}),
            "no value meets it",
        ),
        (
            "a condition of another language",
            change_entry(
                kwargs={"column": "a", "row_condition": {"type": "and", "conditions": [comparison("=")]}}
            ),
            'unknown operator "="',
        ),
    ],
)
def test_every_fault_is_found_at_its_line_with_a_remedy(write_suite, why, entry, what):
    path = write_suite(change_entry(meta={"check_id": "first"}), entry)
    second = read_suite(path).entries[1]
    (fault,) = lint(path, columns=("a", "b"))
    assert what in fault.what, why
    place, line, column = fault.where.rsplit(":", 2)
    assert place == str(path)
    text = Path(path).read_text(encoding="utf-8").splitlines()
    assert second.line <= int(line) <= second.line + second.text.count("\n")
    assert text[int(line) - 1][int(column) - 1] in '{"', "it points at the object, or at a word of it"
    assert fault.mend


def test_a_misspelt_type_is_recognised(write_suite):
    (fault,) = lint(write_suite(change_entry(type="expect_column_values_to_be_nul")))
    assert fault.mend == 'did you mean "expect_column_values_to_be_null"?'


def test_a_type_that_no_database_can_judge_names_another(write_suite):
    (fault,) = lint(write_suite(change_entry(type="expect_column_values_to_match_strftime_format")))
    assert "cannot be judged" in fault.what
    assert fault.mend == "use expect_column_values_to_match_regex"


def test_two_expectations_with_one_identity(write_suite):
    path = write_suite(GOOD, GOOD)
    (fault,) = lint(path)
    first, second = read_suite(path).entries
    assert fault.where == second.place(second.check_id)
    assert f"line {first.line}" in fault.what


@pytest.mark.parametrize(
    ("why", "text", "where", "what"),
    [
        ("it is not JSON", '{\n"expectations": [,]}', ":2:18", "not JSON"),
        ("it has no expectations", "{}", ":1", "no list"),
        ("it is a list", "[]", ":1", "no list"),
    ],
)
def test_a_file_that_is_no_suite(write_suite, why, text, where, what):
    path = write_suite(text=text)
    (fault,) = lint(path)
    assert fault.where == f"{path}{where}", why
    assert what in fault.what
    with pytest.raises(ConfigError):
        summary(path)


def test_a_file_that_is_not_there(tmp_path):
    (fault,) = lint(tmp_path / "gone.json")
    assert "there is no such file" in fault.what


def test_a_clean_suite_has_no_faults(write_suite):
    assert lint(write_suite(GOOD), columns=("a",)) == []


def test_a_code_table_that_is_malformed_is_named_by_its_line(write_suite, tmp_path):
    (tmp_path / "codes").mkdir()
    table = tmp_path / "codes" / "list.csv"
    table.write_text("code;name;valid_from;valid_to;successor\nx;X;;;\ny;Y;yesterday;;\n", encoding="utf-8")
    (fault,) = lint(
        write_suite(change_entry(type=IN_SET, kwargs={"column": "a", "value_set": {"$PARAMETER": "list"}}))
    )
    assert fault.where == f"{table}:3"
    table.write_text("code;name;valid_from;valid_to;successor\nx;X;2023-01-02;2023-01-01;\n", encoding="utf-8")
    (fault,) = lint(
        write_suite(change_entry(type=IN_SET, kwargs={"column": "a", "value_set": {"$PARAMETER": "list"}}))
    )
    assert (fault.where, fault.what) == (f"{table}:2", "a code ends before it begins")
