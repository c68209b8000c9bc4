"""Changes in the shape of a delivery."""

from __future__ import annotations

from dataclasses import replace

import pytest
from views import snapshot, view

from ketenwacht.domain.checks.schema import SchemaCheck
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.status import Status

AGREED = ("person_id", "born_on", "town")
CASES = [
    ("as agreed", AGREED, Status.PASSED, "3 columns"),
    ("in another order", AGREED[::-1], Status.PASSED, "3 columns"),
    ("a column is gone", AGREED[:2], Status.FAILED, "town is gone"),
    ("a column is new", (*AGREED, "street"), Status.WARNED, "street is new"),
    ("a column was renamed", ("personid", "born_on", "town"), Status.FAILED, "person_id was renamed to personid"),
]


@pytest.mark.parametrize(("sentence", "columns", "status", "said"), CASES, ids=[case[0] for case in CASES])
def test_the_columns(sentence, columns, status, said):
    (result,) = SchemaCheck(columns=AGREED).judge(view(snapshot(columns=columns))).results
    assert result.status is status
    assert said in result.message


def test_without_a_list_the_first_delivery_is_the_agreement():
    first = SchemaCheck().judge(view(snapshot(columns=AGREED)))
    assert first.results[0].status is Status.PASSED
    second = SchemaCheck().judge(view(snapshot(columns=AGREED[:2]), state=first.state))
    assert second.results[0].status is Status.FAILED
    third = SchemaCheck().judge(view(snapshot(columns=AGREED[:2]), state=second.state))
    assert third.results[0].status is Status.FAILED, "a loss does not become the agreement by being repeated"


def test_a_text_that_becomes_a_number_is_a_change():
    first = SchemaCheck().judge(view(snapshot(columns=AGREED)))
    retyped = replace(
        snapshot(), columns=(Column("person_id", "integer"), Column("born_on", "text"), Column("town", "text"))
    )
    (result,) = SchemaCheck().judge(view(retyped, state=first.state)).results
    assert result.status is Status.FAILED
    assert "person_id changed type from text to integer" in result.message
