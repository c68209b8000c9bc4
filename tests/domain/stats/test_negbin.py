import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from ketenwacht.domain.stats import negbin

MEANS = st.floats(0.1, 500.0)
SIZES = st.floats(1.0, 1e4)
SHARES = st.floats(0.02, 5.0)


@given(y=st.integers(0, 600), mu=MEANS, k=SIZES, rho=SHARES)
def test_the_log_ratio_is_that_of_scipys_distributions(y, mu, k, rho):
    expected = nbinom.logpmf(y, k, k / (k + rho * mu)) - nbinom.logpmf(y, k, k / (k + mu))
    assert negbin.log_ratio(y, mu, k, rho) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(mu=st.floats(0.5, 40.0), k=st.floats(1.0, 50.0), rho=st.floats(0.05, 2.0))
def test_the_divergence_is_the_mean_log_ratio_when_a_share_arrives(mu, k, rho):
    y = np.arange(3000)
    mass = nbinom.pmf(y, k, k / (k + rho * mu))
    expected = float((mass * negbin.log_ratio(y, mu, k, rho)).sum())
    assert negbin.divergence(mu, k, rho) == pytest.approx(expected, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize(
    ("loss", "calendar_days"), [(0.05, 863), (0.1, 209), (0.2, 49), (0.5, 6.2)], ids=lambda v: f"{v:g}"
)
def test_the_bound_gives_the_published_delays_of_the_family_segment(loss, calendar_days):
    bound = np.log(783) / float(negbin.divergence(28, 12, 1 - loss)) * 7 / 5
    assert bound == pytest.approx(calendar_days, rel=0.01)


def test_thinned_counts_have_the_mean_ratio_of_one_under_all_arrive():
    y = np.arange(4000)
    mass = nbinom.pmf(y, 12, 12 / 40)
    for rho in (0.95, 0.5, 0.25, 1.25):
        assert (mass * np.exp(negbin.log_ratio(y, 28.0, 12.0, rho))).sum() == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize(("mu", "k"), [(20, 12), (5, 2), (100, 1e6), (28, 5)])
def test_anscombe_residuals_are_close_to_standard_normal(mu, k):
    y = np.random.default_rng(5).negative_binomial(k, k / (k + mu), 40_000)
    s = negbin.anscombe(y, mu, k)
    assert abs(s.mean()) < 0.12
    assert s.std() == pytest.approx(1.0, abs=0.08)


@pytest.mark.parametrize("k", [3.0, 12.0, 40.0])
def test_the_size_by_moments_finds_the_size(k):
    rng = np.random.default_rng(7)
    mu = np.repeat(rng.uniform(20, 60, 4000)[:, None], 5, axis=1)
    y = rng.negative_binomial(k, k / (k + mu)).astype(float)
    found = negbin.moment_size(y, mu, np.ones_like(y))
    assert np.median(found) == pytest.approx(k, rel=0.1)


def test_poisson_counts_have_a_size_that_is_as_good_as_infinite():
    y = np.full((50, 1), 9.0)
    assert negbin.moment_size(y, np.full((50, 1), 9.0), np.ones((50, 1)))[0] == negbin.POISSON


def test_a_burst_and_a_gap_are_weighed_down_alike():
    assert negbin.robust_weights(np.array([0.0, 2.0, 5.16, -5.16])) == pytest.approx([1, 1, 0.25, 0.25])
