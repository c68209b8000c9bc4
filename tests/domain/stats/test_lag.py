import numpy as np
import pytest

from ketenwacht.domain.stats.lag import Lag, arrivals, carried


def test_everybody_arrives_in_the_end_and_nobody_twice():
    assert Lag().kernel().sum() == pytest.approx(1.0)
    assert Lag(0, 0.0, 0).kernel() == pytest.approx([1.0])
    decided = np.zeros(60)
    decided[5:20] = 10.0
    assert arrivals(decided, Lag(), running_before=False).sum() == pytest.approx(150.0)


def test_a_feed_in_its_stride_gets_each_day_what_is_decided_a_day():
    assert arrivals(np.full(40, 7.0), Lag(), running_before=True) == pytest.approx(np.full(40, 7.0))


def test_a_feed_that_has_just_begun_gets_less_at_first():
    first = arrivals(np.full(40, 7.0), Lag(), running_before=False)
    assert first[0] == 0.0
    assert (np.diff(first) >= -1e-12).all()


def test_arrivals_wait_for_the_next_delivery():
    moved = carried(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 0.0, 1.0, 0.0]))
    assert moved == pytest.approx([1.0, 0.0, 5.0, 0.0])
