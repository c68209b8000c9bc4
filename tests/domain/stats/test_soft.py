import numpy as np
import pytest

from ketenwacht.domain.stats import negbin, shiryaev, soft

WEEKLY = shiryaev.Mixture(shiryaev.LOSS.shares, shiryaev.LOSS.weights, shiryaev.WEEKLY_CAP)
SIZE = np.array([1000.0])


def evidence(y, uncertainty=0.02, mu=140.0):
    detector = soft.SoftDetector(WEEKLY, np.array([soft.level_spread(uncertainty)]))
    return detector.run(np.array(y, float)[:, None], np.full((len(y), 1), mu), SIZE)[:, 0]


@pytest.mark.parametrize(("tau", "loss"), [(0.02, 0.14), (0.05, 0.21), (0.10, 0.34)])
def test_the_smallest_loss_ever_seen_from_day_one_is_the_published_one(tau, loss):
    assert soft.smallest_loss(soft.level_spread(tau), np.log(783)) == pytest.approx(loss, abs=0.01)


def test_without_level_uncertainty_it_is_the_ordinary_statistic():
    rng = np.random.default_rng(2)
    y = rng.poisson(120, (30, 1)).astype(float)
    mu = np.full_like(y, 140.0)
    hard = shiryaev.nothing(1, 6)
    for row in y:
        hard = shiryaev.update(hard, negbin.log_ratio(row[:, None], 140.0, 1000.0, WEEKLY.grid), WEEKLY.cap)
    path = soft.SoftDetector(WEEKLY, np.array([1e-9])).run(y, mu, SIZE)
    assert path[-1] == pytest.approx(shiryaev.evidence(hard, WEEKLY), abs=1e-5)


def test_a_small_shortfall_from_day_one_saturates_as_it_may_be_the_level():
    assert evidence([130] * 300).max() < np.log(52)


def test_the_same_shortfall_later_is_found_as_the_level_was_learnt():
    assert evidence([140] * 100 + [126] * 60).max() > np.log(52)


def test_a_nineteen_percent_loss_from_day_one_is_found_within_six_weeks():
    assert (evidence([round(140 * 0.81)] * 6) >= np.log(52 * 3)).any()


def test_an_unknown_figure_changes_nothing_at_all():
    detector = soft.SoftDetector(WEEKLY, np.array([0.05]))
    one = detector.update(detector.start(), np.array([120.0]), np.array([140.0]), SIZE)
    two = detector.update(one, np.array([np.nan]), np.array([np.nan]), SIZE)
    assert (one.log_f == two.log_f).all()
    assert (one.log_r == two.log_r).all()


@pytest.mark.integration
@pytest.mark.parametrize("tau", [0.02, 0.10])
def test_the_average_run_length_holds_when_the_level_is_drawn_from_its_prior(tau):
    rng = np.random.default_rng(23)
    a, runs, steps = 52, 400, 600
    spread = np.full(runs, soft.level_spread(tau))
    mu = np.full((steps, runs), 140.0)
    y = rng.poisson(mu * np.exp(rng.normal(0.0, spread))).astype(float)
    path = soft.SoftDetector(WEEKLY, spread).run(y, mu, np.full(runs, 1e6))
    crossed = path >= np.log(a)
    first = np.where(crossed.any(axis=0), crossed.argmax(axis=0) + 1, steps)
    assert first.mean() - 2 * first.std() / np.sqrt(runs) >= a
