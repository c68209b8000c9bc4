import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.domain.stats import negbin, shiryaev
from ketenwacht.domain.stats.shiryaev import LOSS

COUNTS = st.lists(st.integers(0, 80), min_size=1, max_size=40)


def run(y, mu=28.0, k=12.0, mixture=LOSS):
    log_r = shiryaev.nothing(1, len(mixture.shares))
    for count in y:
        log_r = shiryaev.update(log_r, negbin.log_ratio(float(count), mu, k, mixture.grid)[None], mixture.cap)
    return log_r


@given(COUNTS)
def test_the_recursion_is_the_sum_over_every_possible_first_day(y):
    steps = np.minimum(negbin.log_ratio(np.array(y, float)[:, None], 28.0, 12.0, LOSS.grid), LOSS.cap)
    from_each_day = np.cumsum(steps[::-1], axis=0)
    assert run(y)[0] == pytest.approx(np.log(np.exp(from_each_day).sum(axis=0)), rel=1e-9, abs=1e-9)


@given(COUNTS, st.data())
def test_fewer_persons_on_any_day_never_mean_less_evidence_of_loss(y, data):
    place = data.draw(st.integers(0, len(y) - 1))
    fewer = list(y)
    fewer[place] = data.draw(st.integers(0, y[place]))
    assert (run(fewer) >= run(y) - 1e-9).all()


@given(st.lists(st.floats(-20, 20), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_a_feeds_evidence_does_not_depend_on_the_order_of_its_segments(values, shuffler):
    log_e = np.array(values)
    order = list(range(len(values)))
    shuffler.shuffle(order)
    shares = np.full(len(values), 1 / len(values))
    assert shiryaev.feed_evidence(log_e[order], shares) == pytest.approx(shiryaev.feed_evidence(log_e, shares))


def test_splitting_the_budget_costs_a_segment_exactly_the_logarithm_of_its_share():
    log_e = np.array([5.0, shiryaev.NOTHING, shiryaev.NOTHING])
    assert shiryaev.feed_evidence(log_e, np.full(3, 1 / 3)) == pytest.approx(5.0 - np.log(3))


@pytest.mark.parametrize(
    ("log_e", "expected", "why"),
    [
        ([1.0, 2.0], (), "no segment is blamed below the threshold"),
        ([1.0, 8.0], (1,), "the largest is blamed"),
        ([9.0, 12.0], (0, 1), "a segment that would alarm alone is blamed too"),
        ([5.5, 5.6], (1,), "together they alarm, one is blamed"),
    ],
)
def test_blame(log_e, expected, why):
    assert shiryaev.find_blamed(np.array(log_e), np.array([0.5, 0.5]), 5.0) == expected, why


def test_statistics_are_json_before_the_first_count():
    assert json.loads(json.dumps(shiryaev.nothing(2).tolist(), allow_nan=False)) == [-700.0, -700.0]


def test_a_year_of_silence_does_not_overflow():
    assert np.isfinite(run([0] * 2000)).all()


@pytest.mark.integration
@pytest.mark.parametrize("a", [50, 200])
def test_the_average_run_length_is_at_least_a_on_data_from_the_model(a):
    rng = np.random.default_rng(11)
    runs, longest, k = 300, 12 * a, 12.0
    mu = np.array([75.0, 28.0, 3.0])
    shares, lengths = np.full(3, 1 / 3), np.full(runs, longest)
    log_r, live = shiryaev.nothing(runs, 3, len(LOSS.shares)), np.ones(runs, dtype=bool)
    for t in range(longest):
        # The segments share one gamma, as strongly dependent as thinned feeds can be.
        y = rng.poisson(rng.gamma(k, 1 / k, (runs, 1)) * mu)
        log_r = shiryaev.update(log_r, negbin.log_ratio(y[..., None], mu[:, None], k, LOSS.grid), LOSS.cap)
        crossed = live & (shiryaev.log_mean(shiryaev.evidence(log_r, LOSS), np.log(shares)) >= np.log(a))
        lengths[crossed], live = t + 1, live & ~crossed
    assert lengths.mean() - 2 * lengths.std() / np.sqrt(runs) >= a
