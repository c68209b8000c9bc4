"""The newest comparison with the sender's register."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from declared_codes import hold_to_codes
from views import DAY, snapshot, view

from ketenwacht.domain.checks.reconciliation import ReconciliationCheck
from ketenwacht.domain.evidence import Known, ReconciliationCount
from ketenwacht.domain.findings.finding import Nature
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.result import Evidence, Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, Name, Persons

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
    results = check.judge(view(now, known=Known(reconciliations=counts))).results
    return {(r.check.partition(".")[2], r.segment): r for r in hold_to_codes(check, results)}


def test_without_a_register_nothing_is_said():
    (result,) = judged().values()
    assert (result.status, result.code) == (Status.SKIPPED, "reconciliation.none")


def test_both_sides_agree():
    found = judged(CLEAN)
    assert {what for what, _ in found} == {"missing", "late", "extra", "different", "age"}
    assert {r.status for r in found.values()} == {Status.PASSED}
    assert {r.evidence for r in found.values()} == {Evidence.RECONCILIATION}
    assert {what: r.code.partition(".")[2] for (what, _), r in found.items()} == {
        "age": "compared",
        "missing": "complete",
        "late": "in_time",
        "extra": "no_extra",
        "different": "same",
    }


def test_the_missing_are_counted_exactly_since_the_first_decision():
    found = judged(replace(CLEAN, matched=533, missing=457, first_missing=date(2022, 1, 3)))["missing", WHOLE]
    assert found.status is Status.FAILED
    assert found.missing == Missing(date(2022, 1, 3), 457.0, 457.0, 457.0)
    assert found.code == "reconciliation.missing"
    assert found.params == {
        "register": CLEAN.register_date,
        "registered": Persons(1000),
        "missing": Persons(457),
        "since": date(2022, 1, 3),
    }


def test_somebody_beside_the_register_is_a_matter_of_privacy():
    found = judged(replace(CLEAN, extra=3))["extra", WHOLE]
    assert found.status is Status.FAILED
    assert Policy().nature(found) is Nature.PRIVACY
    assert found.code == "reconciliation.extra"
    assert found.params == {"register": CLEAN.register_date, "extra": Persons(3)}


def test_other_values_are_worth_a_look_or_a_failure():
    other = replace(CLEAN, different=12)
    found = judged(other)["different", WHOLE]
    assert (found.status, found.code) == (Status.WARNED, "reconciliation.different")
    assert found.params == {"different": Persons(12)}
    assert found.breach, "data of these persons arrived where they should not have"
    assert not judged(CLEAN)["different", WHOLE].breach
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
    age = found["age", WHOLE]
    assert (age.status, age.code) == (Status.WARNED, "reconciliation.not_compared")
    assert age.params == {"register": CLEAN.register_date, "dimensions": (Name("group"),)}
    small = replace(CLEAN, segment=A)
    assert judged(small)["age", WHOLE].code == "reconciliation.not_compared_whole"


def test_an_old_register_no_longer_speaks_for_today():
    assert judged(CLEAN, day=DAY + timedelta(days=11))["age", WHOLE].status is Status.PASSED
    old = judged(CLEAN, day=DAY + timedelta(days=12))["age", WHOLE]
    assert (old.status, old.code) == (Status.WARNED, "reconciliation.old")


def test_who_comes_late_is_told_with_how_long_it_took():
    slow = replace(CLEAN, recent=100, recent_late=6, age_p50=2, age_p95=16, age_longest=40)
    found = judged(slow)["late", WHOLE]
    assert (found.status, found.observed, found.expected.high) == (Status.WARNED, 6.0, 5.0)
    assert found.code == "reconciliation.late"
    assert (found.params["late"], found.params["arrived"]) == (Persons(6), Persons(100))
    (delays,) = found.params["delays"]
    assert delays.params == {"half": Amount(2), "most": Amount(16), "longest": Amount(40)}
    assert judged(replace(slow, recent_late=5))["late", WHOLE].status is Status.PASSED
    assert judged(replace(slow, recent_late=0))["late", WHOLE].code == "reconciliation.in_time"
    assert judged(slow, check=ReconciliationCheck(late_fails=True))["late", WHOLE].status is Status.FAILED
    assert judged(slow, check=ReconciliationCheck(late_share=0.06))["late", WHOLE].status is Status.PASSED
    assert judged(replace(slow, recent=9, recent_late=9))["late", WHOLE].status is Status.PASSED


@pytest.mark.parametrize(
    ("sentence", "different", "expected"),
    [
        ("the first register may show as many as is tolerated", [2], Status.PASSED),
        ("… and so may the second", [0, 2], Status.PASSED),
        ("where two registers show none, the first person is told", [0, 0, 1], Status.FAILED),
        ("… and stays told", [0, 0, 1, 1], Status.FAILED),
        ("… until a register shows none again", [0, 0, 1, 0], Status.PASSED),
        ("registers that show one as a rule tolerate one", [1, 0, 1], Status.PASSED),
        ("… and not two", [1, 0, 2], Status.FAILED),
        ("a register above the limit raises no limit", [5, 0, 0, 1], Status.FAILED),
    ],
)
def test_how_many_may_differ_where_healthy_registers_show_none(sentence, different, expected):
    check = ReconciliationCheck(tolerated_different=2, different_fails=True)
    first = CLEAN.register_date - timedelta(days=7 * (len(different) - 1))
    counts = [
        replace(CLEAN, register_date=first + timedelta(days=7 * week), different=persons)
        for week, persons in enumerate(different)
    ]
    assert judged(*counts, check=check)["different", WHOLE].status is expected, sentence
