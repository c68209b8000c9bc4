from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from ketenwacht.domain.checks.inquiries import InquiriesCheck
from ketenwacht.domain.evidence import InquiryCount, Known
from ketenwacht.domain.result import Evidence, Status
from ketenwacht.domain.statement import Persons

FIRST = date(2022, 1, 3)


def asked(seed, weeks=40, confirmed=0.02, a_week=3.0, surge_from=None):
    rng = np.random.default_rng(seed)
    found = []
    for i in range(weeks * 7):
        rate = a_week / 7 * (4.0 if surge_from is not None and i >= surge_from * 7 else 1.0)
        for _ in range(rng.poisson(rate)):
            chance = rng.random()
            outcome = "should_have_been_sent" if chance < confirmed else "open" if chance > 0.9 else "known"
            found.append(InquiryCount(FIRST + timedelta(days=i), outcome, 1))
    return tuple(found)


def judged(made, inquiries, day=FIRST + timedelta(weeks=40), check=None):
    replay = made.Replay(check or InquiriesCheck(), known=Known(inquiries=inquiries))
    return replay.judge(made.snapshot(day, {"family": 30})).results


def test_without_inquiries_nothing_is_proven(made):
    (result,) = judged(made, ())
    assert (result.status, result.code) == (Status.SKIPPED, "inquiries.none")


def test_few_confirmed_misses_pass(made):
    confirmed, number = judged(made, asked(1))
    assert (confirmed.status, number.status) == (Status.PASSED, Status.PASSED)
    assert confirmed.evidence is Evidence.INQUIRY
    resolved = [c for c in asked(1) if c.outcome != "open"]
    missed = [c for c in resolved if c.outcome == "should_have_been_sent"]
    assert (confirmed.code, number.code) == ("inquiries.usual", "inquiries.number")
    assert confirmed.params["confirmed"] == Persons(float(len(missed)))
    assert (confirmed.params["resolved"], confirmed.whole) == (Persons(float(len(resolved))), len(resolved))


@pytest.mark.parametrize("seed", range(5))
def test_many_confirmed_misses_fail(made, seed):
    confirmed, _ = judged(made, asked(seed, confirmed=0.3))
    assert confirmed.status is Status.FAILED
    assert confirmed.code == "inquiries.misses"
    assert confirmed.params["confirmed"].value <= confirmed.params["resolved"].value


def test_inquiries_after_the_delivery_are_not_known_yet(made):
    assert judged(made, asked(1, confirmed=0.4), FIRST + timedelta(days=3))[0].status is not Status.FAILED


def test_once_failed_it_stays_failed_while_misses_are_confirmed(made):
    inquiries = asked(7, confirmed=0.4)
    statuses = [judged(made, inquiries, FIRST + timedelta(weeks=w))[0].status for w in range(1, 40)]
    first = statuses.index(Status.FAILED)
    assert set(statuses[first:]) == {Status.FAILED}


def test_it_passes_again_when_nobody_is_missed_any_more(made):
    ill = tuple(c for c in asked(7, confirmed=0.5) if c.day < FIRST + timedelta(weeks=10))
    well = tuple(replace(c, outcome="known") for c in asked(8, weeks=60) if c.day >= FIRST + timedelta(weeks=10))
    assert judged(made, ill, FIRST + timedelta(weeks=9))[0].status is Status.FAILED
    assert judged(made, (*ill, *well), FIRST + timedelta(weeks=60))[0].status is Status.PASSED


def test_a_surge_of_questions_only_warns(made):
    _, number = judged(made, asked(2, surge_from=30))
    assert (number.status, number.code) == (Status.WARNED, "inquiries.surge")


def test_in_the_first_weeks_nobody_knows_how_many_are_usual(made):
    _, number = judged(made, asked(1, weeks=4), FIRST + timedelta(weeks=4))
    assert (number.status, number.code) == (Status.SKIPPED, "inquiries.few_weeks")


@pytest.mark.integration
def test_a_surge_is_told_of_whole_weeks_and_stands_while_it_lasts(made):
    inquiries = asked(2, weeks=44, surge_from=30)
    days = [FIRST + timedelta(days=i) for i in range(30 * 7, 40 * 7)]
    told = [judged(made, inquiries, day)[1] for day in days]
    changes = [
        day
        for day, before, after in zip(days[1:], told, told[1:], strict=False)
        if (before.code, before.params) != (after.code, after.params)
    ]
    assert {day.weekday() for day in changes} == {0}
    first = [one.status for one in told].index(Status.WARNED)
    assert {one.status for one in told[first:]} == {Status.WARNED}


def test_a_known_asking_share_gives_an_estimate(made):
    confirmed, _ = judged(made, asked(3, confirmed=0.4), check=InquiriesCheck(asking_share=0.06))
    assert confirmed.missing.low < confirmed.missing.value < confirmed.missing.high
