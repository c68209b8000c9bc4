"""The expectation suite, each expectation by its severity."""

from __future__ import annotations

import pytest
from views import ABSENT, snapshot, view

from ketenwacht.domain.checks.base import Expectation
from ketenwacht.domain.checks.contract import ContractCheck
from ketenwacht.domain.measurement import Unmeasured
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Name, Persons, Share, Statement, Text


def outcome(evaluated, unexpected, met):
    name = "expectation.e"
    return [(f"{name}.evaluated", evaluated), (f"{name}.unexpected", unexpected), (f"{name}.met", met)]


def said(what, **params):
    return Statement(f"contract.{what}", {"expectation": Text.of("a is right"), **params})


REMEDY = {"remedy": Statement("contract.remedy_other")}
SEVEN = said(
    "not_met_rows",
    rows=Persons(7.0, of_delivery=True),
    share=Share(7.0, 100.0, of_delivery=True),
    found=(),
    **REMEDY,
)
UNMEASURED = [("expectation.e.met", Unmeasured("OperationalError"))]
CASES = [
    ("met", "critical", outcome(100.0, 0.0, 1.0), Status.PASSED, said("met")),
    ("a critical one not met fails", "critical", outcome(100.0, 7.0, 0.0), Status.FAILED, SEVEN),
    ("a warning one warns", "warning", outcome(100.0, 7.0, 0.0), Status.WARNED, SEVEN),
    ("an info one only says so", "info", outcome(100.0, 7.0, 0.0), Status.PASSED, SEVEN),
    (
        "one that could not be evaluated is an error",
        "info",
        UNMEASURED,
        Status.ERROR,
        said("not_evaluated", reason=Unmeasured("OperationalError").why),
    ),
    ("nothing to look at is never a pass", "critical", outcome(0.0, 0.0, 1.0), Status.SKIPPED, said("no_rows")),
    (
        "one of which nobody knows how many rows",
        "critical",
        [("expectation.e.met", 0.0)],
        Status.FAILED,
        said("not_met", **REMEDY),
    ),
    (
        "one that was never measured is an error",
        "critical",
        [],
        Status.ERROR,
        said("not_evaluated", reason=Statement("unmeasured.not_measured")),
    ),
]


@pytest.mark.parametrize(
    ("sentence", "severity", "measured", "status", "says"), CASES, ids=[case[0] for case in CASES]
)
def test_an_expectation(sentence, severity, measured, status, says):
    summary = (Expectation("e", "a is right", ("a",), severity),)
    (result,) = ContractCheck().judge(view(snapshot(measured), expectations=summary)).results
    assert result.check == "contract.e"
    assert result.status is status
    assert result.said == says
    assert result.of_delivery


def test_a_column_that_is_not_there_is_wrong_data_not_an_error():
    summary = (Expectation("e", "c is right", ("c",), "info"),)
    measured = [("expectation.e.met", Unmeasured('column "c" is not in the delivery'))]
    (result,) = ContractCheck().judge(view(snapshot(measured), expectations=summary)).results
    assert result.status is Status.FAILED
    missing = {"expectation": Text.of("c is right"), "columns": (Name("c"),)}
    assert result.said == Statement("contract.no_columns", missing)


def test_the_yaml_can_change_a_severity():
    summary = (Expectation("e", "a is right", ("a",), "critical"),)
    check = ContractCheck(severity={"e": "warning"})
    (result,) = check.judge(view(snapshot(outcome(10.0, 1.0, 0.0)), expectations=summary)).results
    assert result.status is Status.WARNED


def test_an_absent_delivery_says_nothing_of_the_contract():
    summary = (Expectation("e", "a is right", ("a",), "critical"),)
    assert ContractCheck().judge(view(snapshot(**ABSENT), expectations=summary)).results == ()


def test_the_codes_that_did_not_meet_it_are_named_with_their_rows_most_first():
    measured = outcome(100.0, 9.0, 0.0)
    measured += [
        ("expectation.e.code", Segment.of({"a": code}), rows) for code, rows in (("G28", 3.0), ("G29", 6.0))
    ]
    summary = (Expectation("e", "a is right", ("a",), "critical", "expect_column_values_to_be_in_set"),)
    (result,) = ContractCheck().judge(view(snapshot(measured), expectations=summary)).results
    (found,) = result.params["found"]
    codes = [(one.params["code"].text, one.params["rows"].value) for one in found.params["codes"]]
    assert codes == [("G29", 6.0), ("G28", 3.0)]
    assert result.params["remedy"].code == "contract.remedy_code"


REMEDIES = [
    ("a code in no table", "expect_column_values_to_be_in_set", "code"),
    ("a code that must not be sent", "expect_column_values_to_not_be_in_set", "not_sent"),
    ("an empty value", "expect_column_values_to_not_be_null", "filled"),
    ("a repeated row", "expect_compound_columns_to_be_unique", "once"),
    ("another form", "expect_column_values_to_match_regex", "form"),
    ("out of range", "expect_column_values_to_be_between", "range"),
    ("anything else", "expect_table_row_count_to_equal", "other"),
]


@pytest.mark.parametrize(("sentence", "kind", "remedy"), REMEDIES, ids=[row[0] for row in REMEDIES])
def test_each_kind_of_fault_has_its_remedy(sentence, kind, remedy):
    summary = (Expectation("e", "a is right", ("a",), "critical", kind),)
    (result,) = ContractCheck().judge(view(snapshot(outcome(9.0, 1.0, 0.0)), expectations=summary)).results
    assert result.params["remedy"].code == f"contract.remedy_{remedy}"
