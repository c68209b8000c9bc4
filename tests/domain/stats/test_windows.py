import numpy as np
import pytest

from ketenwacht.domain.stats import reference_figures as outside
from ketenwacht.domain.stats.reference_figures import OutsideWindows

SPREAD = np.array([outside.level_spread(0.02)])
HEIGHT = (np.log(52.0), np.log(52.0))


def streams(y, drawn, *, spread=SPREAD, on_the_way=0.0):
    """Streams of figures that imply 140 a window, of others than are delivered or of the same persons."""
    follows = np.ones(y.shape, dtype=bool)
    follows[0] = False
    ends = np.full_like(y, on_the_way)
    seen = OutsideWindows(y, np.full_like(y, 140.0), np.full_like(y, 0.03), ends, ends, follows)
    return outside.Streams(seen, np.broadcast_to(spread, y.shape[1:]), np.array(drawn))


def followed(y, heights=HEIGHT):
    return outside.follow(streams(np.array(y, float)[:, None], [True]), heights)


def test_a_loss_alarms_and_its_end_ends_the_alarm():
    alarm = followed([140] * 10 + [98] * 6 + [140] * 12).alarm[:, outside.FEW, 0]
    assert not alarm[:10].any()
    assert alarm[15]
    assert not alarm[-1]


def test_the_end_of_a_loss_is_no_surplus():
    assert not followed([98] * 10 + [140] * 20).alarm[:, outside.MANY].any()


def test_a_surplus_alarms_in_its_own_direction_only_when_looked_for():
    y = [140] * 10 + [190] * 6
    assert followed(y).alarm[-1, outside.MANY, 0]
    assert not followed(y, (HEIGHT[0], np.inf)).alarm.any()


def test_an_episode_is_dated_from_the_end_of_the_last():
    outcome = followed([98] * 6 + [140] * 12)
    assert 6 < outcome.first[0] <= 12


@pytest.mark.parametrize("order", [[1, 0], [0, 1]])
def test_streams_in_another_order_have_the_same_evidence(order):
    rng = np.random.default_rng(1)
    y = rng.poisson(130, (30, 2)).astype(float)
    y[4, 1] = np.nan
    one = outside.follow(streams(y, [True, True]), HEIGHT)
    two = outside.follow(streams(y[:, order], [True, True]), HEIGHT)
    np.testing.assert_allclose(two.evidence, one.evidence[:, :, order])


def test_each_stream_is_judged_by_what_its_figures_count():
    """A shortfall of 9 % is chance and level for figures of others, and a loss for those of the same persons."""
    spread = np.array([outside.level_spread(0.02), outside.level_spread(0.02, 0.0)])
    both = streams(np.full((12, 2), 127.0), [True, False], spread=spread, on_the_way=40.0)
    found = outside.follow(both, (np.log(104.0), np.log(104.0)))
    assert found.alarm[-1, outside.FEW].tolist() == [False, True]
    assert not found.alarm[:, outside.MANY].any()
