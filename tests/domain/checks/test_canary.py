"""Synthetic persons come out, or they do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from views import ABSENT, DAY, snapshot, view

from ketenwacht.domain.checks.canary import CanaryCheck
from ketenwacht.domain.evidence import Canary
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, Statement

A, B = Segment.of({"group": "a"}), Segment.of({"group": "b"})
FEW = (Canary(0, DAY, A), Canary(1, DAY, B))
CHECK = CanaryCheck(sla=timedelta(days=2))


def came(day, *seen):
    """The delivery of a day; `seen`: (number, segment) of the synthetic persons in it."""
    found = [("rows", 100.0), *((f"canary.{n}", s, 1.0) for n, s in seen)]
    return snapshot(found, id=f"{day:06d}", period=DAY + timedelta(days=day))


def judged(shots, canaries=FEW, check=CHECK):
    *earlier, now = shots
    seen = replace(view(now), past=Past.of(earlier), canaries=canaries)
    return {r.segment: r for r in check.judge(seen).results}


def test_all_came_out():
    found = judged([came(0), came(1, (0, A), (1, B))])
    assert (found[WHOLE].status, found[WHOLE].observed) == (Status.PASSED, 2.0)


def test_one_that_is_overdue_fails_its_category_and_no_other():
    found = judged([came(1, (0, A)), came(3)])
    assert {s: r.status for s, r in found.items()} == {B: Status.FAILED}
    assert found[B].said == Statement("canary.overdue", {"put_in": DAY, "days": Amount(2)})


@pytest.mark.parametrize(("day", "status"), [(2, Status.SKIPPED), (3, Status.FAILED)])
def test_before_the_sla_has_passed_nothing_is_said(day, status):
    assert {r.status for r in judged([came(0), came(day)]).values()} == {status}


def test_one_that_comes_out_as_another_is_not_out():
    found = judged([came(1, (0, A), (1, A))])
    assert found[B].status is Status.FAILED
    assert found[B].said == Statement("canary.other_category", {"put_in": DAY, "found": (A,)})


def test_finer_segments_than_the_category_count():
    finer = Segment((("group", "b"), ("town", "0363")))
    assert judged([came(1, (0, A), (1, finer))])[WHOLE].status is Status.PASSED


def test_one_that_comes_late_is_worth_a_look():
    late = judged([came(1, (0, A)), came(5, (1, B))])[B]
    seen = {"put_in": DAY, "came": DAY + timedelta(days=5), "days": Amount(2)}
    assert (late.status, late.said) == (Status.WARNED, Statement("canary.late", seen))


def test_the_newest_of_a_category_that_is_due_decides():
    again = (*FEW, Canary(2, DAY + timedelta(days=10), A), Canary(3, DAY + timedelta(days=10), B))
    lost_then = [came(1, (0, A), (1, B)), came(11, (2, A)), came(13)]
    assert judged(lost_then, again)[B].status is Status.FAILED
    assert judged(lost_then[:2], again)[WHOLE].status is Status.PASSED  # the newest of b is not due yet
    back = [came(1, (0, A)), came(4), came(11, (2, A), (3, B))]
    assert judged(back, again)[WHOLE].status is Status.PASSED


def test_without_any_nothing_is_green():
    assert judged([came(1)], ())[WHOLE].status is Status.SKIPPED
    assert judged([came(1)], (Canary(0, DAY + timedelta(days=9), A),))[WHOLE].status is Status.SKIPPED
    assert judged([snapshot(**ABSENT)]) == {}


def test_the_sla_of_the_schedule_is_the_default():
    shots = [came(0), came(14)]
    assert judged(shots, check=CanaryCheck())[WHOLE].status is Status.SKIPPED
    assert judged([came(0), came(15)], check=CanaryCheck())[A].status is Status.FAILED


def test_a_category_that_comes_out_again_passes_by_itself_once():
    wrong = CHECK.judge(replace(view(came(3)), past=Past.of([came(1, (0, A))]), canaries=FEW))
    late = replace(
        view(came(4, (1, B))), past=Past.of([came(1, (0, A)), came(3)]), canaries=FEW, state=wrong.state
    )
    back = CanaryCheck(sla=timedelta(days=9)).judge(late)
    assert {(r.segment, r.status) for r in back.results} == {(B, Status.PASSED), (WHOLE, Status.PASSED)}
    again = CanaryCheck(sla=timedelta(days=9)).judge(replace(late, state=back.state))
    assert {r.segment for r in again.results} == {WHOLE}
