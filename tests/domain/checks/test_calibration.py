"""A threshold from a feed's own history: drift is told from chance, and more drift asks for more evidence."""

from datetime import date, timedelta

import numpy as np
import pytest

from ketenwacht.domain.checks.calibration_drawn import drift_of
from ketenwacht.domain.stats import counts

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
