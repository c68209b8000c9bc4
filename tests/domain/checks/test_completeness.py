"""How often a field is filled."""

from __future__ import annotations

import pytest
from views import snapshot, view

from ketenwacht.domain.checks.completeness import CompletenessCheck
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Fraction, Name, Share, Statement

A, B = Segment((("g", "a"),)), Segment((("g", "b"),))
CHECK = CompletenessCheck(fields={"b": 0.9}, segments=("g",))


@pytest.mark.parametrize(
    ("sentence", "empty", "status"),
    [
        ("filled everywhere", 0.0, Status.PASSED),
        ("exactly at the floor", 10.0, Status.PASSED),
        ("below it", 11.0, Status.FAILED),
    ],
)
def test_the_floor(sentence, empty, status):
    now = snapshot([("rows", A, 100.0), ("nulls.b", A, empty)], columns=("a", "b", "g"))
    (result,) = CHECK.judge(view(now)).results
    assert (result.check, result.status, result.segment) == ("completeness.b", status, A), sentence
    assert (result.observed, result.whole, result.of_delivery) == (1 - empty / 100, 100.0, True)
    share = Share(100.0 - empty, 100.0, of_delivery=True)
    code = "too_empty" if status is Status.FAILED else "filled"
    params = {"field": Name("b"), "share": share, "floor": Fraction(0.9)}
    assert result.said == Statement(f"completeness.{code}", params)


def test_a_loss_in_one_segment_is_not_averaged_away():
    now = snapshot([("rows", A, 900.0), ("rows", B, 100.0), ("nulls.b", B, 60.0)], columns=("a", "b", "g"))
    assert [r.status for r in CHECK.judge(view(now)).results] == [Status.PASSED, Status.FAILED]


def test_a_handful_of_rows_is_no_share():
    assert CHECK.judge(view(snapshot([("rows", A, 19.0), ("nulls.b", A, 19.0)]))).results == ()


def test_a_column_that_is_gone_cannot_be_measured():
    (result,) = CHECK.judge(view(snapshot([("rows", A, 100.0)], columns=("a", "g")))).results
    assert result.status is Status.ERROR
    assert result.said == Statement("completeness.not_measured", {"field": Name("b")})
