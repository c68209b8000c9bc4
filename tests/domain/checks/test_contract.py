"""The expectation suite, each expectation by its severity."""

from __future__ import annotations

import pytest
from views import ABSENT, snapshot, view

from ketenwacht.domain.checks.base import Expectation
from ketenwacht.domain.checks.contract import ContractCheck
from ketenwacht.domain.measurement import Unmeasured
from ketenwacht.domain.status import Status


def outcome(evaluated, unexpected, met):
    name = "expectation.e"
    return [(f"{name}.evaluated", evaluated), (f"{name}.unexpected", unexpected), (f"{name}.met", met)]


UNMEASURED = [("expectation.e.met", Unmeasured("OperationalError"))]
CASES = [
    ("met", "critical", outcome(100.0, 0.0, 1.0), Status.PASSED, "met"),
    ("a critical one not met fails", "critical", outcome(100.0, 7.0, 0.0), Status.FAILED, "7% of the rows"),
    ("a warning one warns", "warning", outcome(100.0, 7.0, 0.0), Status.WARNED, "7%"),
    ("an info one only says so", "info", outcome(100.0, 7.0, 0.0), Status.PASSED, "7%"),
    ("one that could not be evaluated is an error", "info", UNMEASURED, Status.ERROR, "could not be evaluated"),
    ("nothing to look at is never a pass", "critical", outcome(0.0, 0.0, 1.0), Status.SKIPPED, "no row"),
    ("one that was never measured is an error", "critical", [], Status.ERROR, "not measured"),
]


@pytest.mark.parametrize(
    ("sentence", "severity", "measured", "status", "said"), CASES, ids=[case[0] for case in CASES]
)
def test_an_expectation(sentence, severity, measured, status, said):
    outline = (Expectation("e", "a is right", ("a",), severity),)
    (result,) = ContractCheck().judge(view(snapshot(measured), expectations=outline)).results
    assert result.check == "contract.e"
    assert result.status is status
    assert said in result.message


def test_a_column_that_is_not_there_is_wrong_data_not_an_error():
    outline = (Expectation("e", "c is right", ("c",), "info"),)
    measured = [("expectation.e.met", Unmeasured('column "c" is not in the delivery'))]
    (result,) = ContractCheck().judge(view(snapshot(measured), expectations=outline)).results
    assert result.status is Status.FAILED
    assert "c is not in the delivery" in result.message


def test_the_yaml_can_change_a_severity():
    outline = (Expectation("e", "a is right", ("a",), "critical"),)
    check = ContractCheck(severity={"e": "warning"})
    (result,) = check.judge(view(snapshot(outcome(10.0, 1.0, 0.0)), expectations=outline)).results
    assert result.status is Status.WARNED


def test_an_absent_delivery_says_nothing_of_the_contract():
    outline = (Expectation("e", "a is right", ("a",), "critical"),)
    assert ContractCheck().judge(view(snapshot(**ABSENT), expectations=outline)).results == ()
