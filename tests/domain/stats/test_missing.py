import numpy as np
import pytest
from scipy.special import ndtr

from ketenwacht.domain.stats import missing
from ketenwacht.domain.stats.missing import Doubt, estimate


def planted(rng, *, mu=28.0, k=12.0, share=0.8, days=120):
    onset = int(rng.integers(20, days - 10))
    x = rng.negative_binomial(k, k / (k + mu), days)
    lost = rng.binomial(x, np.where(np.arange(days) >= onset, 1 - share, 0.0))
    return (x - lost).astype(float), float(lost.sum()), onset


@pytest.mark.integration
@pytest.mark.parametrize("spread", [0.0, 0.05])
def test_the_interval_covers_at_its_nominal_rate_when_share_and_onset_are_drawn_from_their_priors(spread):
    rng = np.random.default_rng(17)
    inside, runs = 0, 300
    for _ in range(runs):
        level = np.exp(rng.normal(0, spread))
        y, lost, _ = planted(rng, mu=28.0 * level, share=float(rng.uniform(0.05, 0.95)))
        found = estimate(y, np.full(len(y), 28.0), 12.0, Doubt(spread))
        inside += found.low - 0.5 <= lost <= found.high + 0.5
    assert 0.86 <= inside / runs <= 0.95


def test_the_onset_of_a_large_loss_is_found_to_a_few_days():
    rng = np.random.default_rng(3)
    errors = []
    for _ in range(40):
        y, _, onset = planted(rng, share=0.3)
        errors.append(abs(estimate(y, np.full(len(y), 28.0), 12.0).onset - onset))
    assert np.median(errors) <= 2


def test_a_surplus_is_stated_as_a_negative_number():
    rng = np.random.default_rng(5)
    y = rng.negative_binomial(12, 12 / 40, 60).astype(float)
    y[30:] += 20
    found = estimate(y, np.full(60, 28.0), 12.0, many=True)
    assert found.low < found.value < found.high < 0
    assert found.value == pytest.approx(-600, rel=0.3)


def test_more_uncertain_levels_give_wider_intervals():
    y = np.full(60, 22.0)
    widths = [(e := estimate(y, np.full(60, 28.0), 12.0, Doubt(s))).high - e.low for s in (0.0, 0.05, 0.1)]
    assert widths == sorted(widths)


def _bisect_every_cell(p, weight, centre, width):
    low, high = float((centre - 6.0 * width).min()), float((centre + 6.0 * width).max())
    while high - low > 0.1:
        middle = 0.5 * (low + high)
        below = float((weight * ndtr((middle - centre) / width)).sum() / weight.sum())
        low, high = (middle, high) if below < p else (low, middle)
    return max(0.0, 0.5 * (low + high))


@pytest.mark.parametrize("cells", [5, 2_000, 30_000])
@pytest.mark.parametrize("tails", [1.0, 400.0])
def test_a_quantile_of_a_mixture_is_that_of_a_bisection_over_all_of_it(cells, tails):
    random = np.random.default_rng(cells)
    weight = random.exponential(size=cells)
    centre = random.normal(900.0, 80.0, cells) + tails * random.standard_t(2.0, cells)
    width = random.uniform(1.0, 30.0, cells)

    levels = (0.5, 0.05, 0.95)
    assert missing.find_quantiles(levels, weight, centre, width) == [
        _bisect_every_cell(p, weight, centre, width) for p in levels
    ]
