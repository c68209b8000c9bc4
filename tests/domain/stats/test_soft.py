import numpy as np
import pytest

from ketenwacht.domain.stats import reference_figures as outside


@pytest.mark.parametrize(("tau", "loss"), [(0.02, 0.14), (0.05, 0.21), (0.10, 0.34)])
def test_the_smallest_loss_ever_seen_from_day_one_is_the_published_one(tau, loss):
    assert outside.smallest_loss(outside.level_spread(tau), np.log(783)) == pytest.approx(loss, abs=0.01)
