"""A segment of which nothing comes any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from declared_codes import hold_to_codes
from views import snapshot, view

from ketenwacht.domain.checks.vanished import VanishedCheck
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount, Persons

BIG, SMALL = Segment((("code", "big"),)), Segment((("code", "small"),))
CHECK = VanishedCheck(segments=("code",))
START = date(2022, 1, 3)


def days(big, small, *, n=60, seed=1):
    """Snapshots with negative binomial counts (k = 12) of these means; a list of the last counts may follow."""
    random = np.random.default_rng(seed)
    out = []
    for i in range(n):
        counts = {s: float(random.negative_binomial(12, 12 / (12 + m))) for s, m in ((BIG, big), (SMALL, small))}
        out.append(day(i, counts))
    return out


def day(i, counts):
    measured = [("rows", s, c) for s, c in counts.items() if c] + [("rows", sum(counts.values()))]
    now = snapshot(measured)
    return replace(now, delivery=replace(now.delivery, period=START + timedelta(days=i), id=str(i)))


def statuses(past, now, **changes):
    results = hold_to_codes(CHECK, CHECK.judge(replace(view(now, past=past), **changes)).results)
    return {r.segment: r.status for r in results}


def test_a_code_with_twelve_a_day_is_missed_on_the_first_day():
    past = days(12, 30)
    found = statuses(past, day(60, {BIG: 0.0, SMALL: 30.0}))
    assert found == {BIG: Status.FAILED, SMALL: Status.PASSED}


def test_a_small_one_is_missed_after_a_few_days_and_not_before():
    past = days(40, 4, n=60)
    zeros = [day(60 + i, {BIG: 40.0, SMALL: 0.0}) for i in range(6)]
    verdicts = [statuses([*past, *zeros[:i]], zeros[i])[SMALL] for i in range(6)]
    assert verdicts[0] is Status.PASSED
    assert verdicts[-1] is Status.FAILED


def test_what_is_missing_is_counted_since_the_first_zero():
    past = days(12, 30)
    zeros = [day(60 + i, {BIG: 0.0, SMALL: 30.0}) for i in range(3)]
    result = next(r for r in CHECK.judge(view(zeros[2], past=[*past, *zeros[:2]])).results if r.segment == BIG)
    assert result.missing is not None
    assert result.missing.since == START + timedelta(days=60)
    assert result.missing.low < 36 < result.missing.high
    assert result.code == "vanished.gone"
    assert (result.params["deliveries"], result.params["since"]) == (Amount(3), result.missing.since)
    assert result.params["usual"] == Persons(pytest.approx(result.missing.value / 3))


def test_it_passes_again_when_it_comes_back():
    past = [*days(12, 30), day(60, {BIG: 0.0, SMALL: 30.0})]
    assert statuses(past, day(61, {BIG: 9.0, SMALL: 30.0}))[BIG] is Status.PASSED


@pytest.mark.parametrize(
    ("sentence", "past", "now"),
    [
        ("an empty delivery belongs to the schedule", days(12, 30), day(60, {BIG: 0.0, SMALL: 0.0})),
        ("too little is known", days(12, 30, n=10), day(10, {BIG: 0.0, SMALL: 30.0})),
        ("a rare segment is left to slower checks", days(2, 2), day(60, {BIG: 0.0, SMALL: 1.0})),
    ],
)
def test_nothing_is_said(sentence, past, now):
    assert statuses(past, now) == {}, sentence


def test_masked_days_are_neither_learnt_from_nor_counted():
    past = [*days(12, 30), *(day(60 + i, {BIG: 0.0, SMALL: 30.0}) for i in range(5))]
    mask = ExclusionWindow(START + timedelta(days=60), START + timedelta(days=64), "declared pause", "pause", BIG)
    here = view(day(65, {BIG: 12.0, SMALL: 30.0}), past=past)
    found = CHECK.judge(replace(here, past=replace(here.past, exclusions=(mask,))))
    assert {r.segment: r.status for r in found.results}[BIG] is Status.PASSED


@pytest.mark.integration  # a long simulation
def test_the_budget_of_false_alarms_is_kept():
    alarms, years = 0, 12
    for seed in range(years):
        past = days(12, 5, n=281, seed=seed)
        for i in range(20, 281):
            alarms += Status.FAILED in statuses(past[max(0, i - 60) : i], past[i]).values()
    assert alarms / years <= 1.0
