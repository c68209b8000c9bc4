"""The smallest loss that is told in time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ketenwacht.domain.stats.detection_limits import OwnLimit, by_keys, days_by_keys

LIMIT = OwnLimit(mean=40.0, size=50.0, threshold=8.0, slack=0.1, cap=3.0)
OVERSHOOT = 1.4


@pytest.mark.parametrize("counts", [21.0, 64.0, 261.0])
def test_the_smallest_loss_is_told_in_exactly_so_many_deliveries(counts):
    smallest = LIMIT.smallest(counts)
    assert smallest is not None
    assert LIMIT.deliveries(smallest) == pytest.approx(counts, rel=1e-5)


@pytest.mark.parametrize(
    ("sentence", "counts"), [("no time tells nothing", 0.0), ("one delivery cannot tell", 1.0)]
)
def test_not_even_a_total_loss(sentence, counts):
    assert LIMIT.smallest(counts) is None, sentence


def test_keys_tell_the_smallest_loss_in_exactly_so_many_days():
    loss = by_keys(40.0, 261.0, 5.6, 90)
    assert loss is not None
    assert days_by_keys(loss, 40.0, 5.6) == pytest.approx(90 * 261.0 / 365.25 - 10, rel=1e-4)
    assert by_keys(40.0, 261.0, 5.6, 10) is None


def test_a_page_that_shows_it_imports_no_scipy():
    code = (
        "import sys; import ketenwacht.domain.stats.detection_limits as d\n"
        "d.OwnLimit(40.0, 50.0, 8.0, 0.1, 3.0).smallest(64.0); d.by_keys(40.0, 261.0, 5.6, 90)\n"
        "sys.exit('scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
