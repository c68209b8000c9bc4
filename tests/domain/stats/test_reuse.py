from dataclasses import dataclass

import numpy as np

from ketenwacht.domain.stats.reuse import reuse_latest


@dataclass(frozen=True, slots=True)
class _Counts:
    y: np.ndarray


def test_a_result_is_reused_for_arguments_of_the_same_content_only():
    asked = []

    @reuse_latest(2)
    def add(counts, *, more=0.0):
        asked.append(more)
        return float(counts.y.sum()) + more

    assert add(_Counts(np.array([1.0, 2.0]))) == add(_Counts(np.array([1.0, 2.0]))) == 3.0
    assert asked == [0.0]
    assert add(_Counts(np.array([1.0, 2.0])), more=1.0) == 4.0
    assert add(_Counts(np.array([2.0, 2.0]))) == 4.0
    assert asked == [0.0, 1.0, 0.0]


def test_only_the_latest_results_are_kept():
    asked = []

    @reuse_latest(1)
    def same(value):
        asked.append(value)
        return value

    assert [same(value) for value in (1, 2, 1)] == [1, 2, 1]
    assert asked == [1, 2, 1]
