"""The coverage matrix."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from pydantic import TypeAdapter
from views import ABSENT, DAY, snapshot, view

from ketenwacht.domain.category import Explained, Rare, categories
from ketenwacht.domain.checks.control_total import ControlTotalCheck
from ketenwacht.domain.checks.coverage import CoverageCheck, learn_shares
from ketenwacht.domain.checks.ledger import LedgerCheck
from ketenwacht.domain.checks.reconciliation import ReconciliationCheck
from ketenwacht.domain.delivery import DeliveryKind, Manifest
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, Statement

NEVER = Statement("coverage.never_seen", {"since": DAY})
MATRIX = ({"group": "a", "goal": ("1", "2")}, {"group": "b", "goal": "3"})
A1, A2, B3 = (Segment.of({"group": g, "goal": p}) for g, p in (("a", "1"), ("a", "2"), ("b", "3")))


def holding(day, *segments):
    found = [("rows", float(len(segments))), *(("rows", s, 1.0) for s in segments)]
    return snapshot(found, period=DAY + timedelta(days=day), id=f"{day}")


def judged(check, deliveries):
    state, found = None, []
    for before, one in enumerate(deliveries):
        judgement = check.judge(view(one, deliveries[:before], state=state))
        state = json.loads(json.dumps(judgement.state))
        found.append({r.segment: r for r in judgement.results})
    return found


def test_a_list_of_values_stands_for_their_product():
    assert categories(MATRIX) == (A1, A2, B3)
    assert len(categories([{"x": ("1", "2"), "y": ("a", "b", "c")}])) == 6


def test_every_category_was_seen():
    (first,) = judged(CoverageCheck(expected=MATRIX), [holding(0, A1, A2, B3)])
    assert {s: r.status for s, r in first.items()} == {WHOLE: Status.PASSED}
    assert first[WHOLE].observed == 3.0


def test_a_category_that_is_never_seen_fails_on_the_first_day():
    (first,) = judged(CoverageCheck(expected=MATRIX), [holding(0, A1, B3)])
    assert {s: r.status for s, r in first.items()} == {A2: Status.FAILED}
    assert first[A2].said == NEVER


def of_group_a(day, persons, *segments):
    """A delivery with so many persons of group a, at least one of each of `segments`."""
    found = [("rows", persons + 5.0), ("rows", Segment.of({"group": "a"}), float(persons))]
    return snapshot([*found, *(("rows", s, 1.0) for s in segments)], period=DAY + timedelta(days=day), id=f"{day}")


RARE = CoverageCheck(expected=MATRIX, rare=(Rare(segment={"goal": "2"}, share=0.02),), within=timedelta(days=2))


def test_a_rare_category_fails_once_so_many_came_without_it_that_nobody_would_by_chance():
    """0.02 of 345 persons are 6.9: none of them in e^-6.9, one time in a thousand."""
    found = judged(RARE, [of_group_a(day, 115, A1, B3) for day in range(4)])
    assert [set(f) for f in found] == [{WHOLE}, {WHOLE}, {WHOLE}, {A2}]
    assert found[3][A2].said == NEVER


def test_a_rare_category_that_was_seen_is_asked_for_again_by_chance_and_not_by_days():
    shots = [of_group_a(0, 400, A1, A2, B3), *(of_group_a(day, 100, A1, B3) for day in range(1, 6))]
    found = judged(RARE, shots)
    assert [set(f) for f in found] == [*[{WHOLE}] * 4, {A2}, {A2}]
    assert found[4][A2].said == Statement("coverage.not_seen_since", {"since": DAY})


def test_a_rare_category_of_a_group_that_pauses_is_not_asked_for():
    found = judged(RARE, [of_group_a(day, 1, A1, B3) for day in range(100)])
    assert [set(f) for f in found] == [{WHOLE}] * 100


def test_a_catch_up_tells_who_came_and_nothing_of_who_did_not():
    catch_up = of_group_a(1, 1000, A1)
    marked = replace(catch_up.delivery, manifest=Manifest(kind=DeliveryKind.CATCH_UP))
    shots = [of_group_a(0, 100, A1, A2, B3), replace(catch_up, delivery=marked), of_group_a(2, 100, A1, B3)]
    assert [set(f) for f in judged(RARE, shots)] == [{WHOLE}] * 3
    assert set(judged(RARE, [shots[0], catch_up])[-1]) == {A2}


def test_the_chance_of_a_rare_category_is_remembered_as_it_is_looked_up():
    shots = [of_group_a(day, 115, A1, B3) for day in range(4)]
    assert judged(RARE, shots)[-1] == {r.segment: r for r in RARE.judge(view(shots[-1], shots[:-1])).results}


def test_where_groups_are_not_counted_alone_their_parts_are_added_up():
    shots = [
        snapshot([("rows", 400.0), ("rows", A1, 399.0), ("rows", B3, 1.0)], period=DAY + timedelta(d), id=f"{d}")
        for d in range(2)
    ]
    assert [set(f) for f in judged(RARE, shots)] == [{A2}, {A2}]


def test_a_delivery_of_nobody_asks_for_nobody():
    empty = snapshot([("rows", 0.0)], period=DAY, id="0")
    assert set(judged(CoverageCheck(expected=MATRIX), [empty])[0]) == {WHOLE}


def test_a_category_gets_the_deliveries_that_it_is_given():
    check = CoverageCheck(expected=MATRIX, after_deliveries=2)
    found = judged(check, [holding(d, A1, B3) for d in range(3)])
    assert [set(f) for f in found] == [{WHOLE}, {WHOLE}, {A2}]


def test_a_category_that_comes_at_last_is_told_once():
    found = judged(CoverageCheck(expected=MATRIX), [holding(0, A1, B3), holding(1, A2), holding(2, A1)])
    assert found[1][A2].status is Status.PASSED
    assert A2 not in found[2]


def test_a_category_that_stays_away_too_long_fails():
    check = CoverageCheck(expected=MATRIX, within=timedelta(days=30))
    found = judged(check, [holding(0, A1, A2, B3), holding(30, A1, B3), holding(31, A1, B3)])
    assert [set(f) for f in found] == [{WHOLE}, {WHOLE}, {A2}]
    assert found[2][A2].said == Statement("coverage.not_seen_since", {"since": DAY})


def test_an_explanation_holds_until_its_day():
    why = Explained(segment={"goal": "2"}, reason="not yet in force", who="J. Doe", until=DAY + timedelta(days=1))
    found = judged(CoverageCheck(expected=MATRIX, explained=(why,)), [holding(d, A1, B3) for d in range(3)])
    assert [set(f) for f in found] == [{WHOLE}, {WHOLE}, {A2}]


def test_dimensions_may_stand_in_another_order_or_among_others():
    mixed = Segment((("goal", "2"), ("town", "x"), ("group", "a")))
    (first,) = judged(CoverageCheck(expected=MATRIX), [holding(0, A1, mixed, B3)])
    assert set(first) == {WHOLE}


def test_without_a_memory_the_past_is_looked_at_and_a_new_list_is_looked_up_anew():
    check = CoverageCheck(expected=MATRIX)
    past = [holding(0, A1, A2), holding(1, A1)]
    judgement = check.judge(view(holding(2, B3), past))
    assert [r.segment for r in judgement.results] == [WHOLE]
    fewer = CoverageCheck(expected=MATRIX[:1])
    assert [r.segment for r in fewer.judge(view(holding(2, B3), past, state=judgement.state)).results] == [WHOLE]


def test_an_absent_delivery_leaves_the_memory_as_it_was():
    judgement = CoverageCheck(expected=MATRIX).judge(view(snapshot(**ABSENT), state={"kept": 1}))
    assert (judgement.results, judgement.state) == ((), {"kept": 1})


def test_a_rare_category_that_never_came_passes_while_chance_explains_it_and_is_unproven_in_a_release():
    (first,) = judged(RARE, [of_group_a(0, 115, A1, B3)])
    assert (first[WHOLE].status, first[WHOLE].code) == (Status.PASSED, "coverage.all_seen")
    (first,) = judged(RARE.learn((), {}), [of_group_a(0, 115, A1, B3)])
    assert (first[WHOLE].status, first[WHOLE].code) == (Status.UNPROVEN, "coverage.too_few")
    assert first[WHOLE].params == {"number": Amount(1), "categories": (A2,)}


def production(days, persons, *of_a2):
    """Deliveries of production with so many persons of group a, of which so many of category 2, in turns."""
    found = []
    for day in days:
        some = of_a2[day % len(of_a2)]
        counts = [("rows", A1, persons - some), ("rows", A2, some), ("rows", B3, 1.0)]
        found.append(snapshot([("rows", persons + 1.0), *counts], period=DAY - timedelta(days=day), id=f"p{day}"))
    return found


MONTH = range(1, 31)
LISTED = CoverageCheck(expected=MATRIX[:1])


@pytest.mark.parametrize(
    ("why", "known", "persons", "status"),
    [
        ("an ordinary category of a quarter is absent by chance from six persons", (100, 25), 6, Status.UNPROVEN),
        ("... and not from forty", (100, 25), 40, Status.FAILED),
        ("of one in a hundred, five hundred say nothing", (100, 0, 2), 500, Status.UNPROVEN),
        ("... and two thousand do", (100, 0, 2), 2000, Status.FAILED),
        (
            "a category that production had once in 3,000 is absent by chance",
            (100, *[0] * 29, 1),
            138,
            Status.UNPROVEN,
        ),
        ("... and so is one that it had twice", (100, *[0] * 14, 1), 138, Status.UNPROVEN),
        ("one row in every delivery is no chance: it is asked for at once", (2, 1), 1, Status.FAILED),
        ("where nothing is known it is one of twenty at least", None, 138, Status.UNPROVEN),
        ("... whom 139 persons would have shown", None, 139, Status.FAILED),
        ("production lacks it too: that makes it no rarer", (100, 0), 139, Status.FAILED),
    ],
)
def test_a_release_is_judged_by_the_share_that_production_shows(why, known, persons, status):
    learnt = () if known is None else production(MONTH, *map(float, known))
    (check,) = learn_shares([LISTED], learnt, {})
    (found,) = judged(check, [of_group_a(0, persons, A1)])
    assert {r.status for r in found.values()} == {status}, why


def test_a_share_that_is_known_is_at_least_what_was_declared():
    declared = replace(LISTED, rare=(Rare(segment={"goal": "2"}, share=0.5),))
    (check,) = learn_shares([declared], production(MONTH, 100.0, 0.0, 2.0), {})
    assert judged(check, [of_group_a(0, 14, A1)])[0][A2].said == NEVER


def test_a_category_has_the_share_of_its_own_where_a_coarser_one_is_listed_too():
    """Nearly all rows are of group a, and one in fifty of these is of category 2: 100 without it are chance."""
    listed = CoverageCheck(expected=({"group": "a"}, {"group": "a", "goal": "2"}))
    known = production(MONTH, 100.0, 0.0, 0.0, 6.0)
    quiet = [snapshot([("rows", 5.0), ("rows", B3, 5.0)], period=DAY - timedelta(days=40), id="quiet")]
    (check,) = learn_shares([listed], [*quiet, *known], {})
    assert check.rare[0].segment == A2.as_dict()
    assert judged(check, [of_group_a(0, 100, A1)])[0][WHOLE].status is Status.UNPROVEN


def test_shares_are_learnt_by_current_codes():
    (check,) = learn_shares([LISTED], production(MONTH, 100.0, 25.0), {"goal": {"1": "3"}})
    found = check.judge(view(of_group_a(0, 40, A2), expired={"goal": {"1": "3"}})).results
    assert [r.segment for r in found] == [Segment.of({"group": "a", "goal": "3"})]


def test_the_newest_four_deliveries_are_no_baseline():
    (check,) = learn_shares([LISTED], production(range(4), 100.0, 1.0), {})
    assert judged(check, [of_group_a(0, 139, A1)])[0][A2].said == NEVER


def test_other_checks_learn_nothing():
    others = [ControlTotalCheck(), LedgerCheck()]
    assert learn_shares(others, (), {}) == tuple(others)


@pytest.mark.parametrize(
    ("check", "status"),
    [
        (CoverageCheck(), Status.SKIPPED),
        (CoverageCheck(expected_file="categories.csv"), Status.ERROR),
    ],
)
def test_an_empty_list_is_never_green(check, status):
    assert [r.status for r in check.judge(view(holding(0))).results] == [status]


@pytest.mark.parametrize("kind", [ControlTotalCheck, CoverageCheck, LedgerCheck, ReconciliationCheck])
def test_a_kind_works_without_a_setting_and_refuses_one_it_does_not_know(kind):
    adapter = TypeAdapter(kind)
    assert adapter.validate_python({}).name == kind.kind
    with pytest.raises(ValueError, match="unexpected"):
        adapter.validate_python({"no_such_setting": 1})


def test_yaml_as_written_becomes_a_check():
    check = TypeAdapter(CoverageCheck).validate_python(
        {
            "expected": [{"group": "a", "goal": ["1", "2"]}],
            "within": "P90D",
            "explained": [{"segment": {"goal": "2"}, "reason": "r", "who": "w", "until": "2022-12-31"}],
        }
    )
    assert categories(check.expected) == (A1, A2)
    assert check.explained[0].until == date(2022, 12, 31)
    assert check.within == timedelta(days=90)
