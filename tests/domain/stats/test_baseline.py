import json
from datetime import date, timedelta

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import nbinom

from ketenwacht.domain.stats import baseline

ALL = [date(2019, 1, 1) + timedelta(days=i) for i in range(1000)]
DAYS = [d for d in ALL if d.weekday() < 5]
HOLIDAYS = frozenset(date(y, m, d) for y in (2019, 2020, 2021) for m, d in ((1, 1), (4, 27), (12, 25)))


def truth(days):
    week = np.array([1.3, 1.0, 0.9, 1.0, 0.8, 1.0, 1.0])[[d.weekday() for d in days]]
    season = np.exp(0.2 * np.sin(2 * np.pi * np.array([d.toordinal() for d in days]) / 365.25))
    holiday = np.array([0.4 if d in HOLIDAYS else 1.0 for d in days])
    return (week * season * holiday)[:, None] * np.array([75.0, 28.0])


def counts(rng, k=12.0):
    mu = truth(DAYS)
    return rng.negative_binomial(k, k / (k + mu)).astype(float)


def test_the_fit_finds_the_calendar_that_made_the_counts():
    y = counts(np.random.default_rng(1))
    found = baseline.fit(DAYS, y, np.ones_like(y), HOLIDAYS)
    ordinary = [i for i, d in enumerate(DAYS) if d not in HOLIDAYS]
    assert found.predict(DAYS, HOLIDAYS)[ordinary] == pytest.approx(truth(DAYS)[ordinary], rel=0.18)
    assert found.size == pytest.approx((12.0, 12.0), rel=0.25)


def test_the_fit_is_the_maximum_of_the_penalised_likelihood_by_an_independent_optimiser():
    days, rng = DAYS[:200], np.random.default_rng(4)
    y = rng.negative_binomial(500, 500 / (500 + truth(days)[:, :1])).astype(float)
    found = baseline.fit(days, y, np.ones_like(y), HOLIDAYS)
    x = baseline.matrix(days, HOLIDAYS, harmonics=False)
    penalty = np.full(x.shape[1], baseline.RIDGE)
    penalty[0] = 1e-6
    k = found.size[0]
    # The robust weights at the optimum are part of the definition: they are recomputed here from the outside.
    mu_hat = found.predict(days, HOLIDAYS)
    w = np.ones(len(days))
    s = (np.sqrt(y[:, 0]) - np.sqrt(mu_hat[:, 0])) * 2 / np.sqrt(1 + mu_hat[:, 0] / k)
    w = np.minimum(1, (2.58 / np.maximum(abs(s), 1e-9)) ** 2)

    def loss(beta):
        mu = np.exp(x @ beta)
        return -(w * nbinom.logpmf(y[:, 0], k, k / (k + mu))).sum() + 0.5 * (penalty * beta**2).sum()

    best = minimize(loss, np.array(found.coefficients[0]), method="BFGS")
    assert np.exp(x @ best.x) == pytest.approx(mu_hat[:, 0], rel=0.01)


def test_counts_without_weight_never_matter():
    y = counts(np.random.default_rng(2))
    weights = np.ones_like(y)
    weights[100:160] = 0.0
    spoilt = y.copy()
    spoilt[100:160] = np.nan
    assert baseline.fit(DAYS, y, weights, HOLIDAYS) == baseline.fit(DAYS, spoilt, weights, HOLIDAYS)


def test_a_burst_hardly_lifts_the_baseline():
    y = counts(np.random.default_rng(3))
    burst = y.copy()
    burst[300:306] *= 8
    plain, robust = (baseline.fit(DAYS, a, np.ones_like(a), HOLIDAYS).predict(DAYS, HOLIDAYS) for a in (y, burst))
    assert robust == pytest.approx(plain, rel=0.1)
    assert robust.mean() == pytest.approx(plain.mean(), rel=0.02)


def test_harmonics_wait_for_a_year_and_a_half():
    y = counts(np.random.default_rng(3))
    assert not baseline.fit(DAYS[:300], y[:300], np.ones_like(y[:300]), HOLIDAYS).harmonics
    assert baseline.fit(DAYS, y, np.ones_like(y), HOLIDAYS).harmonics


def test_json_gives_the_same_baseline_back_bit_for_bit():
    y = counts(np.random.default_rng(9))
    found = baseline.fit(DAYS, y, np.ones_like(y), HOLIDAYS)
    assert baseline.Baseline.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_the_order_of_the_segments_is_of_no_importance():
    y = counts(np.random.default_rng(6))
    one = baseline.fit(DAYS, y, np.ones_like(y), HOLIDAYS).predict(DAYS, HOLIDAYS)
    two = baseline.fit(DAYS, y[:, ::-1].copy(), np.ones_like(y), HOLIDAYS).predict(DAYS, HOLIDAYS)
    assert two[:, ::-1] == pytest.approx(one, rel=1e-8)


def test_an_anchor_carries_what_the_calendar_cannot_know():
    rng = np.random.default_rng(8)
    wave = np.exp(np.cumsum(rng.normal(0, 0.08, (len(DAYS), 2)), axis=0))
    y = rng.poisson(wave * 40).astype(float)
    anchor = np.log(wave)
    mu = baseline.fit(DAYS, y, np.ones_like(y), HOLIDAYS, anchor).predict(DAYS, HOLIDAYS, anchor)
    assert mu == pytest.approx(wave * 40, rel=0.12)


def test_the_level_follows_a_lasting_shift_with_a_half_life_of_a_quarter():
    y = counts(np.random.default_rng(10))
    found = baseline.fit(DAYS[:500], y[:500], np.ones_like(y[:500]), HOLIDAYS)
    shape = found.shape(DAYS, HOLIDAYS)
    moved = shape.copy()
    moved[-65:] *= 1.2
    level = baseline.with_level(found, moved, shape, np.ones_like(moved), 65.0).level
    assert level == pytest.approx((1.1, 1.1), abs=0.02)


@pytest.mark.parametrize(("every", "deliveries"), [(1, 91.3), (7, 26.0)], ids=["daily", "weekly"])
def test_a_quarter_is_a_quarter_whatever_the_rhythm_but_never_too_few_deliveries(every, deliveries):
    days = [date(2020, 1, 6) + timedelta(days=every * i) for i in range(200)]
    assert baseline.half_life(days) == pytest.approx(deliveries)


def test_a_holiday_on_a_weekend_is_a_day_like_any_other_there():
    days = [date(2022, 12, 24) + timedelta(days=i) for i in range(4)]  # Saturday to Tuesday
    x = baseline.matrix(days, frozenset({days[1], days[2]}), harmonics=False)
    place = baseline.columns(harmonics=False).index("holiday")
    assert x[:, place].tolist() == [0.0, 0.0, 1.0, 0.0]
    assert x[:, place + 1].tolist() == [0.0, 0.0, 0.0, 1.0]
