import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, binom

from ketenwacht.domain.stats.shares import ShareDetector, divergence


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


@given(st.floats(0.001, 0.5), st.integers(1, 300), st.floats(0.001, 0.3), st.data())
def test_a_step_is_the_ratio_of_scipys_beta_binomials_where_failures_come_together(q0, n, together, data):
    x, size = data.draw(st.integers(0, n)), 1 / together - 1
    detector = ShareDetector.added(q0, together=np.array([together]))
    before, *after = (betabinom.logpmf(x, n, q * size, (1 - q) * size) for q in (q0, *detector.alternatives[0]))
    assert detector.steps(x, n)[0] == pytest.approx(np.array(after) - before, rel=1e-6, abs=1e-6)


@given(st.floats(0.001, 1.0), st.floats(0.01, 0.5), st.floats(0.001, 0.3))
def test_their_mean_ratio_is_at_most_one_for_every_share_the_null_allows(part, q0, together):
    n, size = 40, 1 / together - 1
    x = np.arange(n + 1)
    detector = ShareDetector.added(np.full(n + 1, q0), together=np.full(n + 1, together))
    chance = betabinom.pmf(x, n, part * q0 * size, (1 - part * q0) * size)
    ratio = np.exp(detector.steps(x, np.full(n + 1, n)))
    assert ((chance[:, None] * ratio).sum(axis=0) <= 1 + 1e-9).all()


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
@pytest.mark.parametrize("together", [None, 0.02])
def test_false_alarms_stay_within_the_budget_at_the_edge_of_the_null(together):
    rng = np.random.default_rng(3)
    a, runs, steps, share = 100, 400, 1500, 0.015
    seen = np.full((steps, runs), 75.0)
    detector = ShareDetector.above(np.full(runs, share))
    if together is not None:
        detector = ShareDetector.added(np.full(runs, share), together=np.full(runs, together))
        size = 1 / together - 1
        share = rng.beta(share * size, (1 - share) * size, seen.shape)
    path = detector.run(rng.binomial(75, share, seen.shape).astype(float), seen)
    crossed = path >= np.log(a)
    first = np.where(crossed.any(axis=0), crossed.argmax(axis=0) + 1, steps)
    assert first.mean() - 2 * first.std() / np.sqrt(runs) >= a
