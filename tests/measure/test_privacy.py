"""No value of a row comes out of measuring: no measurement, log, terminal or exception has it."""

import json
import logging
import traceback

import pytest

from ketenwacht.domain.measurement import Unmeasured
from ketenwacht.errors import UnreadableDelivery

pytestmark = pytest.mark.integration
MARKED = "GEHEIM-9999000"
NUMBER = 999900018
ROWS = [{"text": f"{MARKED}{i}", "number": str(NUMBER), "count": f"{MARKED}x", "empty": None} for i in range(30)]


def expectation(i, kind, **kwargs):
    return {"type": kind, "kwargs": kwargs, "meta": {"check_id": f"e{i}"}, "severity": "critical"}


CONDITION = {"type": "comparison", "column": {"name": "text"}, "operator": ">", "parameter": 5}
QUANTILES = {"quantiles": [0.5], "value_ranges": [[0, 1]]}
EXPECTATIONS = [
    expectation(
        0, "expect_column_values_to_be_between", column="text", min_value=5
    ),  # a cast error quotes the value
    expectation(1, "expect_column_values_to_not_be_null", column="number", row_condition=CONDITION),
    expectation(2, "expect_column_values_to_be_in_set", column="text", value_set=["a"]),
    expectation(3, "expect_column_values_to_be_unique", column="number"),
    expectation(
        4, "expect_column_max_to_be_between", column="number", max_value="1"
    ),  # observed: the value itself
    expectation(5, "expect_column_min_to_be_between", column="text", max_value="A"),
    expectation(6, "expect_column_quantile_values_to_be_between", column="number", quantile_ranges=QUANTILES),
    expectation(7, "expect_column_pair_values_to_be_equal", column_A="text", column_B="number"),
    expectation(8, "expect_column_values_to_not_be_null", column="gone"),
    expectation(9, "expect_column_mean_to_be_between", column="text", min_value=0),
    expectation(10, "expect_column_values_to_match_regex", column="text", regex="("),  # no regular expression
    expectation(11, "expect_column_values_to_be_json_parseable", column="text"),
    expectation(12, "expect_compound_columns_to_be_unique", column_list=["number", "empty"]),
    expectation(13, "expect_column_values_to_match_strftime_format", column="text", strftime_format="%Y"),
]


@pytest.fixture
def collect_output(capfd, caplog):
    """A function that gives all that was printed, logged and is in `values`, as one text."""
    caplog.set_level(logging.DEBUG)

    def everything(*values):
        out, err = capfd.readouterr()
        return "\n".join([out, err, caplog.text, *map(repr, values)])

    return everything


@pytest.mark.parametrize("engine", ["folded", "stock"])
def test_marked_values_stay_inside_on_every_failure_path(measured, collect_output, tmp_path, engine):
    path = tmp_path / "suite.json"
    path.write_text(json.dumps({"name": "s", "expectations": EXPECTATIONS}), encoding="utf-8")
    found = measured(ROWS, suites=(str(path),), statements=engine, segments=((), ("empty",)))
    text = collect_output(found)
    assert MARKED not in text
    assert str(NUMBER) not in text
    assert float(NUMBER) not in found.values()
    failed = {key.name.split(".")[1] for key, value in found.items() if isinstance(value, Unmeasured)}
    assert {"e0", "e8", "e9"} <= failed  # it really went wrong
    assert {f"e{i}" for i in range(len(EXPECTATIONS))} == {
        key.name.split(".")[1] for key in found if key.name.endswith(".met")
    }


@pytest.mark.parametrize("engine", ["folded", "stock"])
def test_each_failure_path_on_its_own(measured, collect_output, tmp_path, engine):
    for one in EXPECTATIONS:
        path = tmp_path / "suite.json"
        path.write_text(json.dumps({"name": "s", "expectations": [one]}), encoding="utf-8")
        text = collect_output(measured(ROWS, suites=(str(path),), statements=engine))
        assert MARKED not in text, one["type"]
        assert str(NUMBER) not in text, one["type"]


def test_a_count_that_is_no_number_is_told_by_its_column_alone(measured, collect_output):
    with pytest.raises(UnreadableDelivery) as refused:
        measured(ROWS, count_column="count")
    assert refused.value.statement.code == "delivery.count_wrong"
    assert MARKED not in collect_output("".join(traceback.format_exception(refused.value)))


def test_a_malformed_suite_says_where_and_not_what(measured, collect_output, tmp_path):
    path = tmp_path / "suite.json"
    path.write_text('{"expectations": [', encoding="utf-8")
    with pytest.raises(Exception, match=r"suite\.json:1:") as caught:
        measured(ROWS, suites=(str(path),))
    assert MARKED not in collect_output("".join(traceback.format_exception(caught.value)))


SHAPES = [
    ("no error", {"raised_exception": False, "exception_traceback": None}, None),
    (
        "flat",
        {"raised_exception": True, "exception_traceback": "Traceback:\n  File x\nValueError: Jansen"},
        "ValueError",
    ),
    (
        "keyed by metric, with a module",
        {"id": {"raised_exception": True, "exception_traceback": "duckdb.duckdb.ConversionException: Jansen"}},
        "ConversionException",
    ),
    (
        "a value at the start of a line looks like an error",
        {"raised_exception": True, "exception_traceback": f"{MARKED[:6]}Error: x\nJansen: y\nKeyError: z"},
        "KeyError",
    ),
    (
        "only a value looks like one",
        {"raised_exception": True, "exception_traceback": "Jansen\nGEHEIM: x"},
        "EngineError",
    ),
]


@pytest.mark.parametrize(("why", "info", "expected"), SHAPES, ids=[shape[0] for shape in SHAPES])
def test_of_an_error_only_a_class_that_we_know_is_told(library, why, info, expected):
    assert library is not None
    from ketenwacht.measure.gx_suite import error_class  # noqa: PLC0415 - after the library was imported quietly

    assert error_class(info) == expected, why
