import numpy as np
import pytest

from ketenwacht.domain.stats import soft, windows
from ketenwacht.domain.stats.counted import Transit

SPREAD = np.array([soft.level_spread(0.02)])
HEIGHT = (np.log(52.0), np.log(52.0))


def followed(y, heights=HEIGHT):
    y = np.array(y, float)[:, None]
    return windows.follow(
        windows.Streams.alike(y, np.full_like(y, 140.0), np.full_like(y, 1000.0), SPREAD), heights
    )


def test_a_loss_alarms_and_its_end_ends_the_alarm():
    alarm = followed([140] * 10 + [98] * 6 + [140] * 12).alarm[:, windows.FEW, 0]
    assert not alarm[:10].any()
    assert alarm[15]
    assert not alarm[-1]


def test_the_end_of_a_loss_is_no_surplus():
    assert not followed([98] * 10 + [140] * 20).alarm[:, windows.MANY].any()


def test_a_surplus_alarms_in_its_own_direction_only_when_looked_for():
    y = [140] * 10 + [190] * 6
    assert followed(y).alarm[-1, windows.MANY, 0]
    assert not followed(y, (HEIGHT[0], np.inf)).alarm.any()


def test_an_episode_is_dated_from_the_end_of_the_last():
    outcome = followed([98] * 6 + [140] * 12)
    assert 6 < outcome.first[0] <= 12


@pytest.mark.parametrize("order", [[1, 0], [0, 1]])
def test_streams_in_another_order_have_the_same_evidence(order):
    rng = np.random.default_rng(1)
    y = rng.poisson(130, (30, 2)).astype(float)
    y[4, 1] = np.nan
    mu, k, spread = np.full_like(y, 140.0), np.full_like(y, 1000.0), np.repeat(SPREAD, 2)
    one = windows.follow(windows.Streams.alike(y, mu, k, spread), HEIGHT)
    two = windows.follow(windows.Streams.alike(y[:, order], mu, k, spread), HEIGHT)
    np.testing.assert_allclose(two.evidence, one.evidence[:, :, order])


def test_each_stream_is_judged_by_what_its_figures_count():
    """A shortfall of 9 % is chance and level for figures of others, and a loss for those of the same persons."""
    y, mu = np.full((12, 2), 127.0), np.full((12, 2), 140.0)
    transit = Transit(np.full_like(y, 100.0), np.full_like(y, 40.0), np.ones(y.shape, dtype=bool))
    spread = np.array([soft.level_spread(0.02), soft.level_spread(0.02, 0.0)])
    streams = windows.Streams(y, mu, np.full_like(y, 1000.0), spread, np.array([False, True]), transit)
    found = windows.follow(streams, (np.log(104.0), np.log(104.0)))
    assert found.alarm[-1, windows.FEW].tolist() == [False, True]
    assert not found.alarm[:, windows.MANY].any()
