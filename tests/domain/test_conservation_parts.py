"""How an unexplained gap is spread over segments, in numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ketenwacht.domain.conservation import spread

ROWS = [
    ("nobody left out: the gaps themselves", [30.0, 10.0], [60.0, 40.0], 0.0, [30.0, 10.0]),
    # 20 left out by weight 3:1 leave 15 and 5; together 20, which is what is unexplained
    ("left out by the weight of a segment", [30.0, 10.0], [75.0, 25.0], 20.0, [15.0, 5.0]),
    # 40 left out by weight leave 20 - 30 < 0 and 60 - 10; half a person stays of the first
    ("half a person at least", [20.0, 60.0], [75.0, 25.0], 40.0, [0.5 / 50.5 * 40.0, 50.0 / 50.5 * 40.0]),
    ("persons too many stay as they are", [-5.0, 10.0], [50.0, 50.0], 0.0, [-5.0, 10.0]),
]


@pytest.mark.parametrize(("sentence", "gaps", "weights", "left", "parts"), ROWS, ids=[row[0] for row in ROWS])
def test_spread(sentence, gaps, weights, left, parts):
    found = spread(np.array([gaps]), np.array([weights]), np.array([left]))
    np.testing.assert_allclose(found, [parts])
