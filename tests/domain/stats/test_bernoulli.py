import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from ketenwacht.domain.stats.bernoulli import ShareDetector, divergence


@given(st.floats(0.001, 0.5), st.integers(1, 300), st.data())
def test_a_step_is_the_ratio_of_scipys_binomials(q0, n, data):
    x = data.draw(st.integers(0, n))
    detector = ShareDetector.above(q0)
    expected = binom.logpmf(x, n, detector.alternatives[0]) - binom.logpmf(x, n, q0)
    assert detector.steps(x, n)[0] == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(st.floats(0.001, 1.0), st.floats(0.01, 0.5))
def test_the_mean_ratio_is_at_most_one_for_every_share_the_null_allows(part, q0):
    n = 40
    x = np.arange(n + 1)
    detector = ShareDetector.added(np.full(n + 1, q0))
    ratio = np.exp(detector.steps(x, np.full(n + 1, n)))
    assert ((binom.pmf(x, n, part * q0)[:, None] * ratio).sum(axis=0) <= 1 + 1e-9).all()


def test_nobody_seen_changes_nothing_at_all():
    detector = ShareDetector.above([0.05, 0.05])
    log_r = detector.update(detector.start(), [3, 1], [10, 10])
    assert (detector.update(log_r, [0, 0], [0, 0]) == log_r).all()


def test_one_more_failure_is_more_evidence():
    detector = ShareDetector.above(0.015)
    path = [detector.evidence(detector.update(detector.start(), x, 75))[0] for x in range(20)]
    assert path == sorted(path)


def test_the_divergence_is_nothing_inside_the_null_and_the_mean_ratio_outside():
    assert divergence(0.01, 0.015) == 0.0
    x = np.arange(2)
    mean = (binom.pmf(x, 1, 0.2) * (binom.logpmf(x, 1, 0.2) - binom.logpmf(x, 1, 0.03))).sum()
    assert divergence(0.2, 0.03) == pytest.approx(mean)


@pytest.mark.integration
def test_false_alarms_stay_within_the_budget_at_the_edge_of_the_null():
    rng = np.random.default_rng(3)
    a, runs, steps = 100, 400, 1500
    seen = np.full((steps, runs), 75.0)
    path = ShareDetector.above(np.full(runs, 0.015)).run(rng.binomial(75, 0.015, seen.shape).astype(float), seen)
    crossed = path >= np.log(a)
    first = np.where(crossed.any(axis=0), crossed.argmax(axis=0) + 1, steps)
    assert first.mean() - 2 * first.std() / np.sqrt(runs) >= a
