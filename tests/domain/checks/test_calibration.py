"""What is proposed for approval follows from the feed's own errors, and says what it costs."""

from datetime import date, timedelta

import numpy as np
import pytest

from ketenwacht.domain.checks.calibration import LEAST, material, repeat_days, tune
from ketenwacht.domain.checks.ratio import RatioCheck
from ketenwacht.domain.checks.volume import VolumeCheck
from ketenwacht.domain.past import Past
from ketenwacht.domain.stats.season import CalendarTerms

pytestmark = pytest.mark.integration

MEANS = {"family": 28.0, "asylum": 75.0}
NO_HOLIDAYS = CalendarTerms()


@pytest.fixture
def past(made):
    days = made.workdays(180)
    return Past.of([made.snapshot(d, c) for d, c in zip(days, made.feed(1, days, MEANS), strict=True)])


@pytest.mark.parametrize("check", [VolumeCheck(segments=("group",)), RatioCheck(segments=("group",))])
def test_a_proposal_states_the_slack_that_judges_and_its_cost(past, check):
    tuning = tune(check, past, NO_HOLIDAYS, runs=2, rng=np.random.default_rng(1))
    judging = material(check, past, NO_HOLIDAYS).model.limit
    assert judging.slack.max() <= tuning.slack <= judging.slack.max() + 0.011
    assert np.log(261.0) - 0.1 <= tuning.cost.threshold <= np.log(261.0) + 1.6
    assert tuning.cost.false_alarms_a_year < tuning.cost.upper
    assert {t.segment.pairs[0][1] for t in tuning.traits} == set(MEANS)
    assert tuning.highest < tuning.cost.threshold + 3.0


def test_a_slack_of_the_checks_file_is_kept(past):
    check = VolumeCheck(segments=("group",), slack=0.1)
    assert tune(check, past, NO_HOLIDAYS, runs=2, rng=np.random.default_rng(1)).slack == 0.1


def test_too_few_deliveries_give_nothing(past):
    short = Past.of(past.snapshots[:LEAST])
    assert tune(VolumeCheck(), short, NO_HOLIDAYS, runs=2, rng=np.random.default_rng(1)) is None
    assert material(VolumeCheck(), short, NO_HOLIDAYS) is None


def test_the_year_that_is_repeated_keeps_its_weekdays_and_gives_three_years():
    days = tuple(d for d in (date(2023, 1, 2) + timedelta(n) for n in range(560)) if d.weekday() < 5)
    found, warming = repeat_days(days)
    assert all(d.weekday() < 5 for d in found)
    assert list(found) == sorted(set(found))
    assert (found[-1] - found[0]).days == pytest.approx(3 * 364, abs=4)
    assert (found[warming] - found[0]).days == pytest.approx(728, abs=4)
