"""Two runs compared count by count: nobody gets lost unseen, and nobody is reported lost who is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from ketenwacht.domain.compare import FALSE_STOPS, fisher, holm, on_other_input, on_same_input
from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.measurement import ROWS, MetricKey, Snapshot
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, Persons, Statement

MONDAY = date(2023, 1, 2)


def code(name):
    return Segment((("code", name),))


def made(day, **counts):
    rows = {MetricKey(ROWS, code(name)): float(n) for name, n in counts.items() if n}
    rows[MetricKey(ROWS)] = float(sum(counts.values()))
    period = MONDAY + timedelta(days=day)
    return Snapshot(Delivery("f", f"{day}", period), rows)


def told(results):
    return {(r.segment, r.status) for r in results}


def test_the_same_counts_pass():
    run = [made(0, a=12, b=3), made(1, a=4)]
    (only,) = on_same_input(run, run)
    assert only.status is Status.PASSED
    assert only.said == Statement("against.same", {"deliveries": Amount(2)})


def test_one_person_lost_fails_and_names_category_expected_and_seen():
    found = on_same_input([made(0, a=40, b=20)], [made(0, a=41, b=20)])
    assert told(found) == {(WHOLE, Status.FAILED), (code("a"), Status.FAILED)}
    (of_a,) = [r for r in found if r.segment == code("a")]
    seen = {"expected": Persons(41), "seen": Persons(40), "deliveries": Amount(1), "lost": Persons(1)}
    assert of_a.said == Statement("against.lost", seen)
    assert (of_a.observed, of_a.of_delivery) == (40.0, False)


def test_a_gain_on_one_day_does_not_make_up_for_a_loss_on_another():
    found = on_same_input([made(0, a=20), made(1, a=40)], [made(0, a=30), made(1, a=30)])
    (of_a,) = [r for r in found if r.segment == code("a")]
    assert of_a.status is Status.FAILED
    assert (of_a.code, of_a.params["lost"], of_a.params["gained"]) == (
        "against.lost_and_gained",
        Persons(10),
        Persons(10),
    )


def test_what_is_only_gained_is_a_warning():
    found = on_same_input([made(0, a=30, b=15)], [made(0, a=30)])
    assert told(found) == {(WHOLE, Status.WARNED), (code("b"), Status.WARNED)}
    assert {r.code for r in found} == {"against.gained"}


def test_what_was_expected_is_a_count_of_persons_and_no_limit_that_is_shown():
    found = on_same_input([made(0, a=3, b=50)], [made(0, a=7, b=50)])
    (of_a,) = [r for r in found if r.segment == code("a")]
    assert of_a.expected is None
    assert (of_a.params["expected"], of_a.params["seen"]) == (Persons(7), Persons(3))


@pytest.mark.parametrize(
    ("why", "candidate"),
    [
        ("it made no delivery for a day in between", [made(0, a=20), made(2, a=20)]),
        (
            "its delivery cannot be read",
            [
                made(0, a=20),
                replace(made(1), delivery=replace(made(1).delivery, presence=Presence.UNREADABLE)),
                made(2, a=20),
            ],
        ),
    ],
)
def test_a_delivery_that_the_candidate_does_not_make_loses_everybody_in_it(why, candidate):
    found = on_same_input(candidate, [made(day, a=20) for day in range(3)])
    assert found[0].check == "against.deliveries"
    assert found[0].said == Statement("against.not_made", {"periods": (date(2023, 1, 3),)})
    assert (code("a"), Status.FAILED) in told(found)


def test_deliveries_before_and_after_those_of_the_candidate_are_not_asked_for():
    (only,) = on_same_input([made(1, a=20)], [made(day, a=20) for day in range(3)])
    assert only.status is Status.PASSED


def test_no_common_period_proves_nothing():
    (only,) = on_same_input([made(5, a=20)], [made(0, a=20)])
    assert only.status is Status.UNPROVEN


counts = st.fixed_dictionaries({name: st.integers(0, 60) for name in "abc"})


@given(st.lists(counts, min_size=1, max_size=4), st.lists(counts, min_size=4, max_size=4))
def test_a_category_fails_exactly_when_a_delivery_holds_fewer_of_it(before, after):
    old = [made(day, **one) for day, one in enumerate(before)]
    new = [made(day, **after[day]) for day in range(len(before))]
    failed = {r.segment for r in on_same_input(new, old) if r.status is Status.FAILED and r.segment != WHOLE}
    assert failed == {
        code(name) for name in "abc" if any(b[name] > a[name] for b, a in zip(before, after, strict=False))
    }


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 100), st.integers(1, 100))
def test_the_exact_test_agrees_with_fishers_of_somebody_else(x1, x0, rest1, rest0):
    ours = fisher(np.array([[x1, x0]]), (x1 + rest1, x0 + rest0))[0]
    theirs = fisher_exact([[x1, rest1], [x0, rest0]], alternative="less").pvalue
    assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    ("why", "p", "stands"),
    [
        ("one of one at the level", [0.05], [True]),
        ("the smallest must stand against all", [0.03, 0.9], [False, False]),
        ("the next against those left", [0.04, 0.02], [True, True]),
        ("none stands behind one that does not", [0.03, 0.04], [False, False]),
    ],
)
def test_holm(why, p, stands):
    assert holm(np.array(p), 0.05).tolist() == stands


def test_on_other_input_a_lost_category_is_found_by_its_share():
    current = [made(day, a=60, b=30, c=10) for day in range(4)]
    candidate = [made(day + 10, a=31, c=5) for day in range(4)]
    found = on_other_input(candidate, current)
    (failed,) = [r for r in found if r.status is Status.FAILED]
    assert failed.segment == code("b")
    assert (failed.code, failed.params["seen"]) == ("against.fewer", Persons(0.0))
    assert failed.params["expected"].value == pytest.approx(43.2)


def test_on_other_input_two_healthy_runs_are_seldom_stopped():
    rng = np.random.default_rng(7)
    share = rng.dirichlet(np.ones(12))
    stopped = 0
    for _ in range(400):
        runs = [
            [made(0, **{f"c{i}": int(n) for i, n in enumerate(rng.multinomial(size, share))})]
            for size in (300, 900)
        ]
        stopped += on_other_input(*runs)[0].status is Status.FAILED
    assert stopped / 400 <= 2 * FALSE_STOPS


def test_on_other_input_an_empty_run_proves_nothing():
    (only,) = on_other_input([made(0)], [made(0, a=20)])
    assert only.status is Status.UNPROVEN


def test_those_who_lost_most_come_first_and_say_since_when():
    found = on_same_input([made(0, a=20, b=19), made(1, b=10)], [made(0, a=20, b=20), made(1, a=30, b=10)])
    assert [r.segment for r in found] == [WHOLE, code("a"), code("b")]
    assert [r.missing.value for r in found] == [31.0, 30.0, 1.0]
    assert [r.missing.since for r in found] == [MONDAY, MONDAY + timedelta(days=1), MONDAY]
