"""The lag of a feed is learnt from its reporting triangle, and who is not yet due is told from who is lost."""

import numpy as np
import pytest

from ketenwacht.domain.stats.triangle import Triangle, learn_lag

LAGS = np.array([0.9, 0.06, 0.03, 0.01])


def drawn(seed, *, deliveries=120, loss=0.0, onset=0, mean=28.0, lags=LAGS):
    """Decisions of each workday, delivered from the next workday on: that is a lag of 1."""
    rng = np.random.default_rng(seed)
    days = np.array([day for day in range(737_000, 738_000) if day % 7 < 5][: deliveries + 1])
    cells = []
    for i, day in enumerate(days[:-1]):
        sent = rng.binomial(rng.poisson(mean), 1.0 - (loss if i >= onset else 0.0))
        cells += [
            (day, i + lag, n) for lag, n in enumerate(rng.multinomial(sent, lags)) if n and i + lag < deliveries
        ]
    decided, at, count = (np.array(column) for column in zip(*cells, strict=True))
    return Triangle(decided, at, count.astype(float), days[1:]), days


def test_the_lag_is_learnt_although_the_newest_days_are_not_complete():
    triangle, _ = drawn(1)
    lag = learn_lag(triangle, triangle)
    assert lag.share[1:5] == pytest.approx(np.cumsum(LAGS), abs=0.01)
    assert lag.share[-1] == 1.0
    assert lag.error[1] < 0.01


def test_a_share_that_is_lost_is_no_lag():
    triangle, _ = drawn(2, loss=0.4)
    assert learn_lag(triangle, triangle).share[1:4] == pytest.approx(np.cumsum(LAGS)[:3], abs=0.02)


def test_who_is_due_depends_on_the_deliveries_since_not_on_the_days():
    triangle, days = drawn(3)
    lag = learn_lag(triangle, triangle)
    possible = triangle.possible(days[-4:])
    assert possible.tolist() == [3, 2, 1, 0]
    assert lag.due(np.array([-1, 0, 60]))[[0, 2]].tolist() == [0.0, 1.0]
    assert lag.variance(np.array([100.0]), np.array([60])) < lag.variance(np.array([100.0]), np.array([1]))


def test_a_small_segment_borrows_the_lag_of_the_whole_feed():
    whole, _ = drawn(4, mean=200.0)
    own, _ = drawn(5, mean=0.2)
    assert own.known is False
    assert learn_lag(own, whole).share[1] == pytest.approx(0.9, abs=0.05)
