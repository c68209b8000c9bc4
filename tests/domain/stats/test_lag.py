import numpy as np
import pytest

from ketenwacht.domain.stats.lag import DAY_SIZE, Lag, arrivals, count_in_transit, move_to_deliveries


def test_everybody_arrives_in_the_end_and_nobody_twice():
    assert Lag().kernel().sum() == pytest.approx(1.0)
    assert Lag(0, 0.0, 0).kernel() == pytest.approx([1.0])
    decided = np.zeros(60)
    decided[5:20] = 10.0
    assert arrivals(decided, Lag()).sum() == pytest.approx(150.0)


def test_a_feed_in_its_stride_gets_each_day_what_is_decided_a_day():
    assert arrivals(np.full(40, 7.0), Lag())[15:] == pytest.approx(np.full(25, 7.0))


def test_a_feed_that_has_just_begun_gets_less_at_first():
    first = arrivals(np.full(40, 7.0), Lag())
    assert first[0] == 0.0
    assert (np.diff(first) >= -1e-12).all()


def test_arrivals_wait_for_the_next_delivery():
    moved = move_to_deliveries(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 0.0, 1.0, 0.0]))
    assert moved == pytest.approx([1.0, 0.0, 5.0, 0.0])


def test_who_is_on_the_way_at_a_weeks_end_is_what_was_decided_less_what_was_due():
    decided = np.tile([10.0] * 5 + [0.0, 0.0], 8)
    delivered = (decided > 0.0).astype(float)
    due = move_to_deliveries(arrivals(decided, Lag()), delivered)
    waiting, _ = count_in_transit(decided, delivered, 49, 56, Lag())
    assert waiting == pytest.approx(decided.sum() - due.sum())


def test_how_much_it_varies_is_what_a_simulation_says():
    rng = np.random.default_rng(12)
    decided, lag = np.tile([20.0] * 5 + [0.0, 0.0], 6), Lag(2, 0.2, 9)
    delivered = (decided > 0.0).astype(float)
    first, last_served = 35, 39
    day = rng.poisson(rng.gamma(DAY_SIZE, decided / DAY_SIZE, (4000, len(decided))))
    later = 1.0 - np.cumsum(lag.kernel())
    room = last_served - np.arange(len(decided))
    chance = np.array([1.0 if r < 0 else later[min(r, len(later) - 1)] for r in room])
    waiting = rng.binomial(day, np.clip(chance, 0.0, 1.0)).sum(axis=1)
    # The week's total is known: who waits beyond what that total implies is what is left to chance.
    week = day[:, first:].sum(axis=1)
    slope, middle = np.polyfit(week, waiting, 1)
    _, variance = count_in_transit(decided, delivered, first, 42, lag)
    assert np.var(waiting - slope * week - middle) == pytest.approx(variance, rel=0.12)
