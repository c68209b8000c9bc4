import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.domain.stats import backtest as planted
from ketenwacht.domain.stats import calibrate, detection_limits, negbin


def test_a_threshold_is_the_lowest_that_keeps_the_budget():
    rng = np.random.default_rng(1)
    paths = np.maximum.accumulate(rng.exponential(1.0, (261, 500)), axis=0)
    found = calibrate.calibrate(paths, 261.0, 0.5)
    assert found.false_alarms_a_year <= 0.5
    assert calibrate.cost_of(paths, found.threshold - 0.1, 261.0).false_alarms_a_year > 0.5
    assert found.upper > found.false_alarms_a_year


def test_no_alarm_in_little_exposure_still_has_an_honest_upper_bound():
    cost = calibrate.cost_of(np.zeros((261, 3)), 5.0, 261.0)
    assert cost.false_alarms_a_year == 0.0
    assert cost.exposure_years == pytest.approx(3.0)
    assert cost.upper == pytest.approx(1.0, rel=0.1)  # the rule of three


def test_days_without_a_verdict_are_no_exposure():
    paths = np.zeros((261, 2))
    paths[:100] = np.nan
    assert calibrate.cost_of(paths, 5.0, 261.0).exposure_years == pytest.approx(2 * 161 / 261)


@given(share=st.floats(0, 1), onset=st.integers(0, 60), creep=st.integers(0, 30), seed=st.integers(0, 99))
def test_planting_only_takes_away_and_only_after_the_onset(share, onset, creep, seed):
    y = np.full((60, 2), 20.0)
    lost = y - planted.plant(y, planted.Loss(share, onset, creep), np.random.default_rng(seed))
    assert (lost[:onset] == 0).all()
    assert ((lost >= 0) & (lost <= 20)).all()


def test_planting_takes_the_share_and_stops_when_told():
    y = np.full((400, 50), 28.0)
    found = planted.plant(y, planted.Loss(0.2, 100, until=300), np.random.default_rng(1))
    assert found[100:300].mean() == pytest.approx(22.4, rel=0.01)
    assert (found[300:] == 28.0).all()


def test_a_creeping_loss_grows_evenly():
    assert planted.Loss(0.4, 1, creep=4).profile(7) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.4, 0.4])


def limit(mean=28.0, size=12.0, threshold=6.66, **changes):
    return detection_limits.OwnLimit(mean, size, threshold, **{"slack": 0.0, "cap": 3.0, **changes})


def test_the_audit_names_a_smaller_loss_for_a_longer_look():
    losses = [limit().smallest(d * 261 / 365.25) for d in detection_limits.HORIZONS]
    assert losses == sorted(losses, reverse=True)
    n = 365 * 261 / 365.25
    assert float(negbin.divergence(28.0, 12.0, 1 - losses[-1])) * n == pytest.approx(6.66 + 1.4)
    assert limit().deliveries(losses[-1]) == pytest.approx(n)


def test_a_segment_of_almost_nobody_is_called_blind():
    assert limit(0.05, 2.0, 12.0).smallest(20.0) is None


def test_nothing_within_the_slack_is_seen_nor_anything_of_a_segment_that_is_not_judged():
    assert limit(slack=0.2).smallest(1e6) == pytest.approx(0.2, abs=0.01)
    assert limit(slack=0.2).deliveries(0.19) is None
    assert limit(reason="restless").smallest(1e6) is None


def test_one_delivery_never_tells_more_than_its_cap():
    assert limit(2000.0, 100.0, cap=1.25).deliveries(0.9) == pytest.approx((6.66 + 1.4) / 1.25)


def test_what_volume_cannot_see_keys_can():
    assert 20 < detection_limits.days_by_keys(0.016, 75.0, 6.66) < 60
    assert detection_limits.days_by_keys(0.004, 75.0, 6.66) is None
    assert detection_limits.reference_needed(0.19, 6.66) == pytest.approx(0.043, abs=0.003)
    assert detection_limits.reference_needed(0.02, 6.66) is None
