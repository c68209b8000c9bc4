import json
from dataclasses import replace

import numpy as np
import pytest

from ketenwacht.domain.checks.drift import DriftCheck
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.result import Status

pytestmark = pytest.mark.integration

CHECK = DriftCheck(segments=("group",))


def shots_of(made, seed, n=160, share=0.03, later=0.03, since=80):
    days, rng = made.workdays(n), np.random.default_rng(seed)
    rows = made.feed(seed, days, {"family": 60.0, "asylum": 75.0}, k=50.0)
    return [
        made.snapshot(
            day,
            row,
            {
                "family": int(rng.binomial(row["family"], later if i >= since else share)),
                "asylum": int(rng.binomial(row["asylum"], share)),
            },
        )
        for i, (day, row) in enumerate(zip(days, rows, strict=True))
    ]


def run(made, shots, check=CHECK):
    replay = made.Replay(check)
    for shot in shots:
        replay.judge(shot)
    return replay


@pytest.mark.parametrize(("later", "status"), [(0.07, Status.WARNED), (0.2, Status.FAILED)])
@pytest.mark.parametrize("seed", range(3))
def test_a_field_that_is_empty_more_often_is_told_in_that_segment_only(made, seed, later, status):
    shots = shots_of(made, seed, later=later)
    replay = run(made, shots)
    told = [d for d, s in replay.statuses(made.group("family")) if s is status]
    assert shots[80].delivery.period <= told[0] <= shots[110].delivery.period
    assert {s for _, s in replay.statuses(made.group("asylum"))} <= {Status.PASSED, Status.SKIPPED}
    assert replay.seen[-1][1][1].check == "drift.code"


def test_what_a_season_may_explain_is_asked_in_the_first_two_years(made):
    results = [r for _, found in run(made, shots_of(made, 0, later=0.07)).seen for r in found]
    assert {r.code for r in results if r.status is Status.WARNED} == {"drift.question"}


@pytest.mark.parametrize("seed", range(10, 14))
def test_three_points_are_found_within_a_quarter(made, seed):
    replay = run(made, shots_of(made, seed, later=0.06))
    assert Status.WARNED in {s for _, s in replay.statuses(made.group("family"))}


def test_until_eight_weeks_are_known_it_says_that_it_does_not_judge(made):
    last = run(made, shots_of(made, 1)[:30]).seen[-1][1][0]
    assert (last.status, last.code, last.params["reason"].key) == (
        Status.SKIPPED,
        "drift.unjudged",
        "empty_fields.learning",
    )


@pytest.mark.parametrize("seed", range(20, 26))
def test_a_field_filled_as_before_passes(made, seed):
    replay = run(made, shots_of(made, seed))
    assert Status.FAILED not in {s for _, s in replay.statuses(made.group("family"))}


def test_it_says_since_which_delivery_and_how_often_since_then(made):
    shots = shots_of(made, 2, n=100, later=0.4)
    failed = run(made, shots).seen[-1][1][1]
    share, usual = failed.params["share"], failed.params["usual"]
    assert (failed.code, failed.params["since"]) == ("drift.emptier", shots[80].delivery.period)
    assert share.part / share.whole == pytest.approx(0.4, abs=0.05)
    assert usual.part / usual.whole < 0.1
    assert not share.of_delivery, "it is counted over several deliveries"
    assert (failed.of_delivery, failed.whole > 0.0) == (True, True)


def test_it_passes_again_once_the_field_is_filled_again(made):
    shots = shots_of(made, 3, n=200, later=0.2)[:110] + shots_of(made, 3, n=200)[110:]
    statuses = run(made, shots).statuses(made.group("family"))
    assert Status.FAILED in {s for _, s in statuses}
    assert statuses[-1][1] is Status.PASSED


def test_too_few_rows_prove_nothing(made):
    assert run(made, shots_of(made, 1)[:2]).seen[-1][1][0].status is Status.SKIPPED


def test_incremental_is_batch_bit_for_bit(made):
    shots = shots_of(made, 5, later=0.1)
    replay = run(made, shots[:120])
    replay.state = json.loads(json.dumps(replay.state, allow_nan=False))
    view = replay.view(shots[120])
    assert CHECK.judge(view) == CHECK.judge(replace(view, state=None))


def test_a_column_that_is_gone_is_not_taken_for_a_filled_one(made):
    shots = shots_of(made, 6)
    replay = run(made, shots[:60])
    gone = replace(shots[60], columns=(replace(shots[60].columns[0], name="other"),))
    assert all(r.check != "drift.code" for r in replay.judge(gone).results)


def test_a_memory_of_an_older_version_is_built_anew(made):
    shots = shots_of(made, 5, later=0.1)
    replay = run(made, shots[:120])
    replay.state = {**replay.state, "version": 1, "tally": {"learnt_wrong": [1.0]}}
    view = replay.view(shots[120])
    assert CHECK.judge(view) == CHECK.judge(replace(view, state=None))


def test_each_day_is_judged_by_the_deliveries_before_it_only(made):
    # Weekly at first, daily later: what a year holds changes, and with it the threshold.
    daily = shots_of(made, 8, n=160, later=0.09, since=60)
    shots = [*daily[:60:5], *daily[60:]]
    replay = run(made, shots[:-1], replace(CHECK, at_least=100))
    view = replay.view(shots[-1])
    judge = replay.check.judge
    assert judge(view) == judge(replace(view, state=None))


@pytest.mark.parametrize(("kind", "last"), [("policy", Status.PASSED), ("pause", Status.FAILED)])
def test_a_change_that_was_declared_begins_the_field_anew_in_that_segment(made, kind, last):
    shots = shots_of(made, 4, later=0.2)
    day = shots[80].delivery.period
    replay = made.Replay(CHECK, (ExclusionWindow(day, day, "the form changed", kind, made.group("family")),))
    for shot in shots:
        replay.judge(shot)
    statuses = replay.statuses(made.group("family"))
    assert statuses[-1] == (shots[-1].delivery.period, last)
    assert day not in [d for d, _ in statuses]
    assert {d for d, _ in replay.statuses(made.group("asylum"))} > {day}
