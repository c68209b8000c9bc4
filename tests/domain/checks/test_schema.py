"""Changes in the shape of a delivery."""

from __future__ import annotations

from dataclasses import replace

import pytest
from views import snapshot, view

from ketenwacht.domain.checks.schema import SchemaCheck
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.result import Status
from ketenwacht.domain.statement import Amount, Name, Statement, Term

AGREED = ("person_id", "born_on", "town")
AS_AGREED = Statement("schema.as_agreed", {"columns": Amount(3)})
NEW = Statement("schema.added", {"column": Name("street"), "position": Amount(4)})
RENAMED = Statement("schema.renamed", {"column": Name("person_id"), "into": Name("personid")})
OTHERWISE = Statement("schema.called_otherwise", {"column": Name("born_on"), "position": Amount(2)})
GONE = Statement("schema.gone", {"column": Name("born_on")})
UNKNOWN = Statement("schema.added", {"column": Name("#1"), "position": Amount(1)})


def differs(*differences):
    return Statement("schema.different", {"differences": differences})


CASES = [
    ("as agreed", AGREED, Status.PASSED, AS_AGREED),
    ("in another order", AGREED[::-1], Status.PASSED, AS_AGREED),
    ("a column is gone", AGREED[:2], Status.FAILED, differs(Statement("schema.gone", {"column": Name("town")}))),
    ("a column is new", (*AGREED, "street"), Status.WARNED, differs(NEW)),
    ("a column was renamed", ("personid", "born_on", "town"), Status.FAILED, differs(RENAMED)),
    ("a column has a name that may not be kept", ("person_id", "#2", "town"), Status.FAILED, differs(OTHERWISE)),
    (
        "the header is in capitals",
        ("PERSON_ID", "BORN_ON", "town"),
        Status.FAILED,
        differs(Statement("schema.near_case", {"columns": (Name("person_id"), Name("born_on"))})),
    ),
    (
        "a name is padded with a space",
        ("person_id", "born_on", " town"),
        Status.FAILED,
        differs(Statement("schema.near_space", {"columns": (Name("town"),)})),
    ),
    (
        "a name is written in characters of another width",
        ("person_id", "born_on", "ｔｏｗｎ"),
        Status.FAILED,
        differs(Statement("schema.near_unicode", {"columns": (Name("town"),)})),
    ),
    (
        "one name in capitals beside one that may not be kept",
        ("PERSON_ID", "#2", "town"),
        Status.FAILED,
        differs(Statement("schema.near_case", {"columns": (Name("person_id"),)}), OTHERWISE),
    ),
    ("… and stands in no place that is known", ("#1", "person_id", "town"), Status.FAILED, differs(GONE, UNKNOWN)),
]


@pytest.mark.parametrize(("sentence", "columns", "status", "said"), CASES, ids=[case[0] for case in CASES])
def test_the_columns(sentence, columns, status, said):
    (result,) = SchemaCheck(columns=AGREED).judge(view(snapshot(columns=columns))).results
    assert result.status is status
    assert result.said == said


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
    changed = {"column": Name("person_id"), "agreed": Term("type.text"), "found": Term("type.integer")}
    assert result.said == differs(Statement("schema.retyped", changed))
