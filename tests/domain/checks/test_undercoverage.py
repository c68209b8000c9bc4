"""`kind: undercoverage`: what overlapping lists say, never a number of missing persons."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ketenwacht.domain.checks.base import View
from ketenwacht.domain.checks.undercoverage import UndercoverageCheck
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.evidence import UNDERCOVERAGE, Known, ReferenceFigure
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import departures

DAY = date(2022, 6, 30)
FAMILY = Segment.of({"group": "family"})


def figures(counts, *, segment=FAMILY, day=DAY, error=0.02, lists="register+town"):
    return tuple(
        ReferenceFigure(segment, day, day, float(n), error, day, lists, hop=UNDERCOVERAGE, reason=held)
        for held, n in counts.items()
    )


def judge(hops, on=DAY, **settings):
    view = View(Snapshot(Delivery("f", "1", on)), None, datetime(2022, 7, 1, tzinfo=UTC), known=Known(hops=hops))
    return UndercoverageCheck(**settings).judge(view).results


CASES = [
    ("no list was compared", {}, Status.SKIPPED, "undercoverage.none"),
    ("one in six is in neither list", {"11": 500, "10": 330, "01": 100}, Status.WARNED, "undercoverage.some"),
    ("nearly everybody is in both", {"11": 900, "10": 8, "01": 8}, Status.PASSED, "undercoverage.few"),
    ("the lists share too few", {"11": 3, "10": 400, "01": 90}, Status.SKIPPED, "undercoverage.too_little"),
]


@pytest.mark.parametrize(("sentence", "counts", "status", "code"), CASES, ids=[one[0] for one in CASES])
def test_it_says_when(sentence, counts, status, code):
    assert sentence
    (result,) = judge(figures(counts))
    assert (result.status, result.code) == (status, code)
    assert departures(result.said, UndercoverageCheck.codes) == ()


def test_it_never_gives_a_number_of_missing_persons():
    (result,) = judge(figures({"11": 500, "10": 330, "01": 100}))
    assert result.missing is None
    assert result.observed is not None
    assert 40.0 < result.observed < 80.0


def test_only_the_newest_lists_count_and_old_ones_are_told():
    hops = figures({"11": 900, "10": 8, "01": 8}, day=date(2022, 1, 1)) + figures(
        {"11": 500, "10": 330, "01": 100}
    )
    assert [one.code for one in judge(hops)] == ["undercoverage.some"]
    assert [one.code for one in judge(hops, on=date(2023, 6, 1))] == ["undercoverage.some", "undercoverage.old"]


def test_the_low_end_decides():
    (result,) = judge(figures({"11": 500, "10": 330, "01": 100}), at_least=1_000.0)
    assert result.status is Status.PASSED


def test_a_count_that_did_not_change_when_the_lists_were_compared_again_still_counts():
    again = replace(figures({"11": 510})[0], version=2)
    (result,) = judge((*figures({"11": 500, "10": 330, "01": 100}), again))
    assert (result.status, result.code) == (Status.WARNED, "undercoverage.some")
