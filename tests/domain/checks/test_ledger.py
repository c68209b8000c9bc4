"""The account of deliveries."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from views import ABSENT, DAY, UNREADABLE, snapshot, view

from ketenwacht.domain.checks.ledger import LedgerCheck
from ketenwacht.domain.delivery import DeliveryKind, Manifest
from ketenwacht.domain.past import ExclusionWindow, Past
from ketenwacht.domain.result import Status
from ketenwacht.domain.statement import Amount, Name, Persons, Serial, Statement

K = DeliveryKind


def sent(number, sha=None, kind=K.MUTATION, day=None, **manifest):
    return snapshot(
        [("rows", 5.0)],
        id=f"{number:06d}",
        sha256=sha or f"{number:016x}" * 4,
        period=DAY + timedelta(days=number if day is None else day),
        manifest=Manifest(sequence=number, kind=kind, **manifest),
    )


def judged(check, deliveries):
    """Results by name of every delivery, remembered as the store does: through JSON."""
    state, found = None, []
    for one in deliveries:
        judgement = check.judge(view(one, state=state))
        state = json.loads(json.dumps(judgement.state)) if judgement.state is not None else None
        found.append({result.check: result for result in judgement.results})
    return found


def gap(*numbers):
    return Statement("ledger.gap", {"numbers": tuple(Serial(first, last) for first, last in numbers)})


COMPLETE = Statement("ledger.complete")
CASES = [
    ("numbers follow each other", [sent(1), sent(2)], "sequence", Status.PASSED, COMPLETE),
    ("a number is missing", [sent(1), sent(3)], "sequence", Status.FAILED, gap((2, 2))),
    ("several are missing", [sent(1), sent(5)], "sequence", Status.FAILED, gap((2, 4))),
    ("it is still missing the next day", [sent(1), sent(3), sent(4)], "sequence", Status.WARNED, gap((2, 2))),
    ("it came after all", [sent(1), sent(3), sent(2)], "sequence", Status.PASSED, COMPLETE),
    (
        "… which is out of order",
        [sent(1), sent(3), sent(2)],
        "content",
        Status.WARNED,
        Statement("ledger.out_of_order"),
    ),
    ("one of three came after all", [sent(1), sent(5), sent(3)], "sequence", Status.WARNED, gap((2, 2), (4, 4))),
    (
        "the same bytes again",
        [sent(1), sent(2, sha="ab" * 32), sent(3, sha="ab" * 32)],
        "content",
        Status.WARNED,
        Statement("ledger.duplicate", {"earlier": Serial(2, 2)}),
    ),
    (
        "the same number with other content",
        [sent(1), sent(2), sent(2, sha="ab" * 32)],
        "content",
        Status.WARNED,
        Statement("ledger.conflict", {"earlier": Serial(2, 2)}),
    ),
    (
        "the same delivery judged again",
        [sent(1), sent(2), sent(2)],
        "content",
        Status.PASSED,
        Statement("ledger.replay"),
    ),
    (
        "a declared redelivery",
        [sent(1), sent(2), sent(3, kind=K.REDELIVERY, day=2)],
        "content",
        Status.PASSED,
        Statement("ledger.replaces"),
    ),
    (
        "a redelivery hides no gap",
        [sent(1), sent(2), sent(4, kind=K.REDELIVERY, day=2)],
        "sequence",
        Status.FAILED,
        gap((3, 3)),
    ),
    (
        "two explicit empty deliveries have the same bytes",
        [sent(1, sha="00" * 32, rows=0), sent(2, sha="00" * 32, rows=0)],
        "content",
        Status.PASSED,
        Statement("ledger.new"),
    ),
    (
        "the sender counts anew",
        [sent(7), sent(8), sent(1)],
        "content",
        Status.WARNED,
        Statement("ledger.restarted"),
    ),
]


@pytest.mark.parametrize(("sentence", "deliveries", "part", "status", "said"), CASES, ids=[c[0] for c in CASES])
def test_what_a_delivery_is_to_the_account(sentence, deliveries, part, status, said):
    result = judged(LedgerCheck(), deliveries)[-1][f"ledger.{part}"]
    assert (result.status, result.said) == (status, said)


def test_a_gap_is_asked_for_only_so_long():
    found = judged(LedgerCheck(remind=2), [sent(1), sent(3), sent(4), sent(5), sent(6)])
    assert [f["ledger.sequence"].status for f in found[1:]] == [
        Status.FAILED,
        Status.WARNED,
        Status.WARNED,
        Status.SKIPPED,  # that nobody asks any more is no delivery: it ends nothing
    ]
    given_up = Statement("ledger.gap_given_up", {"numbers": (Serial(2, 2),)})
    assert found[-1]["ledger.sequence"].said == given_up


def test_an_explained_number_is_no_gap():
    check = LedgerCheck(explained={2: "withdrawn by the sender"})
    assert judged(check, [sent(1), sent(3)])[-1]["ledger.sequence"].status is Status.PASSED


def test_an_unreadable_delivery_has_its_number_all_the_same():
    broken = snapshot(id="000002", period=DAY + timedelta(days=2), **UNREADABLE)
    assert judged(LedgerCheck(), [sent(1), broken, sent(3)])[-1]["ledger.sequence"].status is Status.PASSED


def test_an_absent_delivery_changes_nothing():
    absent = snapshot(id="due:2022-06-26", **ABSENT)
    found = judged(LedgerCheck(), [sent(1), absent])
    assert found[-1] == {}
    assert LedgerCheck().judge(view(absent, state={"kept": 1})).state == {"kept": 1}


def test_a_feed_without_numbers_has_no_sequence():
    one = snapshot([("rows", 5.0)], id="2022-06-24", sha256="a" * 64)
    assert set(judged(LedgerCheck(), [one])[0]) == {"ledger.content"}


def test_without_a_memory_the_account_is_built_from_the_past():
    past = [sent(1), sent(2)]
    results = {r.check: r for r in LedgerCheck().judge(view(sent(4), past)).results}
    assert results["ledger.sequence"].said == gap((3, 3))


def excluding(number, **reasons):
    return sent(number, excluded=reasons)


def test_a_new_reason_to_leave_persons_out_is_a_finding_once():
    usual = [excluding(n, minor=3) for n in range(1, 31)]
    found = judged(LedgerCheck(), [*usual, excluding(31, minor=3, purpose=4), excluding(32, minor=3, purpose=2)])
    assert found[29]["ledger.excluded"].status is Status.PASSED
    assert found[30]["ledger.excluded"].status is Status.WARNED
    new = Statement("ledger.new_reason", {"reason": Name("purpose"), "persons": Persons(4, of_delivery=True)})
    assert found[30]["ledger.excluded"].said == Statement("ledger.excluded_unusual", {"reasons": (new,)})
    assert found[30]["ledger.excluded"].of_delivery
    assert found[31]["ledger.excluded"].status is Status.PASSED


def draws(mean, days, *, size=4.0, seed=1):
    rng = np.random.default_rng(seed)
    return rng.negative_binomial(size, size / (size + mean), days).tolist()


def told(counts, selected=None, **changes):
    """Verdict and what is said of what was left out, delivery by delivery."""
    sizes = selected or [100] * len(counts)
    sent_ = [
        sent(n, excluded={"minor": count}, selected=size)
        for n, (count, size) in enumerate(zip(counts, sizes, strict=True), start=1)
    ]
    found = [f["ledger.excluded"] for f in judged(LedgerCheck(**changes), sent_)]
    return [f.status for f in found], [f.said for f in found]


def test_a_reason_that_takes_three_times_as_many_is_found_within_two_weeks_and_until_it_is_over():
    statuses, said = told([*draws(8, 100), *draws(24, 30), *draws(8, 30, seed=2)])
    assert set(statuses[:100]) == {Status.PASSED}
    assert Status.WARNED in statuses[100:110]
    assert set(statuses[112:130]) == {Status.WARNED}
    assert statuses[-1] is Status.PASSED
    (rises,) = said[120].params["reasons"]
    assert (rises.code, rises.params["reason"]) == ("ledger.reason_rises", Name("minor"))
    assert not rises.params["persons"].of_delivery, "persons of several deliveries"
    assert rises.params["persons"].value > 2 * rises.params["usual"].value


def test_one_delivery_that_leaves_out_very_many_is_found_at_once():
    statuses, said = told([*draws(8, 60), 400])
    assert statuses[-1] is Status.WARNED
    (rises,) = said[-1].params["reasons"]
    assert (rises.params["persons"], rises.params["deliveries"]) == (Persons(400.0, of_delivery=True), Amount(1))


def test_a_rise_of_a_few_persons_is_not_told():
    assert set(told([*[1, 0] * 30, 4, 3], at_least=10)[0]) == {Status.PASSED}
    assert told([*[1, 0] * 30, 4, 5], at_least=5)[0][-1] is Status.WARNED


def test_a_delivery_of_two_days_leaves_out_twice_as_many():
    few = draws(20, 100, size=1e6)
    doubled = [count * (3 if n % 10 == 9 else 1) for n, count in enumerate(few)]
    statuses, _ = told(doubled, [300 if n % 10 == 9 else 100 for n in range(100)])
    assert set(statuses) == {Status.PASSED}


@pytest.mark.integration  # a long simulation
@pytest.mark.parametrize("mean", [0.3, 3, 25])
def test_a_usual_reason_seldom_raises_a_false_alarm(mean):
    """Half a one a year is what is asked for: ten in twenty years."""
    alarms = 0
    for seed in range(10):
        statuses, _ = told(draws(mean, 522 + 30, seed=seed), false_alarms_per_year=0.5)
        alarms += sum(now is Status.WARNED is not before for before, now in pairwise(statuses))
    assert alarms <= 10


def test_a_change_of_policy_is_learnt_anew():
    policy = ExclusionWindow(DAY + timedelta(days=61), DAY + timedelta(days=61), "minors too", "policy")
    state, found = None, []
    for n, count in enumerate([*draws(8, 60), *draws(40, 60)], start=1):
        now = sent(n, excluded={"minor": count}, selected=100)
        judgement = LedgerCheck().judge(view(now, past=Past((), (policy,)), state=state))
        state = json.loads(json.dumps(judgement.state))
        found.append({r.check: r for r in judgement.results}["ledger.excluded"].status)
    assert set(found) == {Status.PASSED}


def test_nobody_is_left_out_anew_by_a_catch_up():
    catch_up = sent(70, kind=K.CATCH_UP, excluded={"minor": 400}, selected=400)
    found = judged(
        LedgerCheck(), [*(excluding(n, minor=5) for n in range(1, 61)), catch_up, excluding(71, minor=5)]
    )
    assert "ledger.excluded" not in found[-2]
    assert found[-1]["ledger.excluded"].status is Status.PASSED


def test_without_memory_the_past_is_gone_through_to_the_same_verdict():
    series = [sent(n, excluded={"minor": c}, selected=100) for n, c in enumerate([*draws(8, 60), 31, 28], start=1)]
    remembered = judged(LedgerCheck(), series)[-1]["ledger.excluded"]
    anew = {r.check: r for r in LedgerCheck().judge(view(series[-1], series[:-1])).results}["ledger.excluded"]
    assert remembered == anew
    assert anew.status is Status.WARNED
