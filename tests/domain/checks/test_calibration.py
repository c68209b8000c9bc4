"""A threshold from a feed's own history: drift is told from chance, and more drift asks for more evidence."""

from datetime import date, timedelta

import numpy as np
import pytest

from ketenwacht.domain.checks.calibration import SLACKS, DrawnHistories, MonitorWatch, drift_of
from ketenwacht.domain.stats import counts, monitor
from ketenwacht.domain.stats.calibrate import ABOVE_NOMINAL, Calibration, calibrate, least_slack

DAYS = tuple(d for d in (date(2023, 1, 2) + timedelta(n) for n in range(728)) if d.weekday() < 5)
MEAN, SIZE = 80.0, 20.0


def drawn(walk, seed):
    rng = np.random.default_rng(seed)
    level = np.cumsum(rng.normal(0.0, walk / np.sqrt(5.0), (len(DAYS), 4)), axis=0)
    mu = np.full(level.shape, MEAN)
    y = rng.poisson(rng.gamma(SIZE, mu * np.exp(level) / SIZE)).astype(float)
    return drift_of(counts.panel_of(DAYS, y), mu, np.full(4, SIZE))


@pytest.mark.parametrize(("walk", "low", "high"), [(0.0, 0.012, 0.03), (0.035, 0.02, 0.04), (0.2, 0.04, 0.04)])
def test_drift_is_told_from_chance_within_what_is_plausible(walk, low, high):
    found = [drawn(walk, seed) for seed in range(8)]
    assert low <= float(np.median(found)) <= high


@pytest.mark.parametrize("needed", [0.0, 0.03, 0.05, 0.12, 0.21, 0.5])
def test_the_smallest_slack_that_the_nominal_threshold_can_live_with_is_found(needed):
    nominal = 5.6
    just, more = nominal + ABOVE_NOMINAL, nominal + ABOVE_NOMINAL + 0.1
    costs = {s: Calibration(just if s >= needed else more, 1.0, 1.2, 100.0) for s in SLACKS}
    assert least_slack(costs, nominal) == next((s for s in SLACKS if s >= needed), SLACKS[-1])


def like(drift, runs):
    """Histories like one steady segment that drifts so much, watched for too few."""
    mean = np.full((260, 1), MEAN)
    drawing = DrawnHistories(counts.panel_of(DAYS[:260], mean), mean, np.array([SIZE]), drift, runs, 1)
    return drawing.watched(MonitorWatch(3.0, (monitor.FEW,), anchored=False), SLACKS)


@pytest.mark.integration  # a long simulation
def test_a_more_restless_level_asks_for_more_slack():
    def slack_at(drift):
        costs = {slack: calibrate(paths, 261.0, 1.0) for slack, paths in like(drift, 25).items()}
        return least_slack(costs, np.log(261.0))

    assert slack_at(0.002) < slack_at(0.03)


@pytest.mark.integration  # a long simulation
def test_many_slacks_on_one_run_give_what_each_gives_by_itself():
    rng = np.random.default_rng(5)
    y = rng.negative_binomial(12, 12 / (12 + 30.0), (300, 2)).astype(float)
    y[120] = 0.0  # an empty delivery: what was due comes with the next
    panel = counts.panel_of(DAYS[:300], y)
    one = counts.watch(panel, monitor.MonitorSettings((np.inf, np.inf), 0.03))
    for slack in SLACKS:
        settings = monitor.MonitorSettings((np.inf, np.inf), slack)
        assert np.array_equal(one.evidence_with(settings), counts.watch(panel, settings).evidence, equal_nan=True)


@pytest.mark.integration  # a long simulation
def test_evidence_begins_with_the_year_that_is_counted():
    paths = like(0.03, 10)
    assert all((path[0] < 3.5).all() for path in paths.values()), "one delivery is worth three nats at most"
