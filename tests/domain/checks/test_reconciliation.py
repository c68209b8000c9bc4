"""The newest comparison with the sender's register."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from views import DAY, snapshot, view

from ketenwacht.domain.checks.reconciliation import ReconciliationCheck
from ketenwacht.domain.evidence import Known, ReconciliationCount
from ketenwacht.domain.incident import Nature
from ketenwacht.domain.policy import Policy
from ketenwacht.domain.result import Evidence, Missing
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.status import Status

BY_WHOLE = ReconciliationCheck()
A = Segment.of({"group": "a"})
CLEAN = ReconciliationCount(
    register_date=DAY - timedelta(days=3),
    at=datetime(2022, 6, 22, tzinfo=UTC),
    segment=WHOLE,
    registered=1000,
    matched=990,
    missing=0,
    pending=10,
    late=0,
    extra=0,
    different=0,
)


def judged(*counts, check=BY_WHOLE, day=DAY):
    now = snapshot([("rows", 5.0)], period=day)
    return {
        (r.check.partition(".")[2], r.segment): r
        for r in check.judge(view(now, known=Known(reconciliations=counts))).results
    }


def test_without_a_register_nothing_is_said():
    (result,) = judged().values()
    assert result.status is Status.SKIPPED


def test_both_sides_agree():
    found = judged(CLEAN)
    assert {what for what, _ in found} == {"missing", "late", "extra", "different", "age"}
    assert {r.status for r in found.values()} == {Status.PASSED}
    assert {r.evidence for r in found.values()} == {Evidence.RECONCILIATION}


def test_the_missing_are_counted_exactly_since_the_first_decision():
    found = judged(replace(CLEAN, matched=533, missing=457, first_missing=date(2022, 1, 3)))["missing", WHOLE]
    assert found.status is Status.FAILED
    assert found.missing == Missing(date(2022, 1, 3), 457.0, 457.0, 457.0)
    assert "460" in found.message


def test_somebody_beside_the_register_is_a_matter_of_privacy():
    found = judged(replace(CLEAN, extra=3))["extra", WHOLE]
    assert found.status is Status.FAILED
    assert Policy().nature(found) is Nature.PRIVACY
    assert "<10" in found.message


def test_other_values_are_worth_a_look_or_a_failure():
    other = replace(CLEAN, different=12)
    assert judged(other)["different", WHOLE].status is Status.WARNED
    assert (
        judged(other, check=ReconciliationCheck(different_fails=True))["different", WHOLE].status is Status.FAILED
    )


def test_what_is_tolerated_passes():
    check = ReconciliationCheck(tolerated_missing=5, tolerated_extra=5, tolerated_different=5)
    found = judged(replace(CLEAN, missing=5, extra=5, different=5), check=check)
    assert {r.status for r in found.values()} == {Status.PASSED}
    assert all(r.missing is None for r in found.values())


def test_a_finding_stands_until_a_later_register_is_clean():
    bad = replace(CLEAN, missing=30)
    later = replace(CLEAN, register_date=DAY - timedelta(days=1))
    assert judged(bad, day=DAY + timedelta(days=4))["missing", WHOLE].status is Status.FAILED
    assert judged(bad, later)["missing", WHOLE].status is Status.PASSED
    again = replace(CLEAN, at=CLEAN.at + timedelta(hours=1))
    assert judged(bad, again)["missing", WHOLE].status is Status.PASSED


def test_segments_are_judged_by_themselves():
    small = replace(CLEAN, segment=A, registered=100, matched=90, missing=10)
    found = judged(CLEAN, small, check=ReconciliationCheck(segments=("group",)))
    assert found["missing", A].status is Status.FAILED
    assert ("missing", WHOLE) not in found


def test_a_register_that_is_not_counted_so_is_told():
    found = judged(CLEAN, check=ReconciliationCheck(segments=("group",)))
    assert found["age", WHOLE].status is Status.WARNED


def test_an_old_register_no_longer_speaks_for_today():
    assert judged(CLEAN, day=DAY + timedelta(days=11))["age", WHOLE].status is Status.PASSED
    assert judged(CLEAN, day=DAY + timedelta(days=12))["age", WHOLE].status is Status.WARNED


def test_who_comes_late_is_told_with_how_long_it_took():
    slow = replace(CLEAN, recent=100, recent_late=6, age_p50=2, age_p95=16, age_longest=40)
    found = judged(slow)["late", WHOLE]
    assert (found.status, found.observed, found.expected.high) == (Status.WARNED, 6.0, 5.0)
    assert found.message.endswith("half within 2 days, 95 % within 16, the last after 40")
    assert "<10 of 100" in found.message
    assert judged(replace(slow, recent_late=5))["late", WHOLE].status is Status.PASSED
    assert judged(slow, check=ReconciliationCheck(late_fails=True))["late", WHOLE].status is Status.FAILED
    assert judged(slow, check=ReconciliationCheck(late_share=0.06))["late", WHOLE].status is Status.PASSED
    assert judged(replace(slow, recent=9, recent_late=9))["late", WHOLE].status is Status.PASSED
