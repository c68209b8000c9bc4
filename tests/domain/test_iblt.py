"""The exact difference of two sets of ids from few cells: which, both ways, in how many cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenwacht.domain.iblt import Sketch, decode, split_sides
from ketenwacht.domain.iblt_cells import CELL_BYTES, cells_of, check_of

pytestmark = pytest.mark.integration

SALT = 0x1234_5678_9ABC_DEF0


def sketch(ids, cells, salt=SALT):
    made = Sketch.empty(cells, salt)
    made.add(np.array(ids, dtype=np.uint64))
    return made


def draw(seed, count):
    rng = np.random.default_rng(seed)
    return np.unique(rng.integers(1, 2**64, count + 8, dtype=np.uint64))[:count]


def difference(seed, shared, ours, theirs, cells):
    """What is decoded of two sets, and what they are."""
    ids = np.random.default_rng(seed).permutation(draw(seed, shared + ours + theirs))
    one, other = ids[: shared + ours], np.concatenate([ids[:shared], ids[shared + ours :]])
    found = decode(sketch(one, cells), sketch(other, cells))
    return found, set(ids[shared + ours :].tolist()), set(ids[shared : shared + ours].tolist()), one


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 300), st.integers(0, 40), st.integers(0, 40))
def test_with_cells_enough_the_difference_is_exact_both_ways(seed, shared, ours, theirs):
    found, missing, extra, own = difference(seed, shared, ours, theirs, 400)
    assert found.complete
    sides = split_sides(found.ids, own)
    assert (set(sides[0]), set(sides[1])) == (missing, extra)


@pytest.mark.parametrize(("many", "factor"), [(200, 2.0), (500, 2.0), (1000, 1.5), (5000, 1.5)])
def test_so_many_differences_need_at_most_so_many_cells_each(many, factor):
    for seed in range(3):
        ours = many // (seed + 2)
        found, missing, extra, own = difference(seed, 3000, ours, many - ours, int(many * factor))
        assert found.complete
        assert tuple(map(set, split_sides(found.ids, own))) == (missing, extra)


@given(st.integers(0, 2**32), st.integers(30, 200))
@settings(max_examples=30, deadline=None)
def test_with_too_few_cells_whatever_is_decoded_is_right_and_not_called_complete(seed, many):
    found, missing, extra, _ = difference(seed, 50, many, many, many)
    assert not found.complete
    assert set(found.ids) <= missing | extra


def test_equal_sets_differ_in_nobody():
    ids = draw(1, 500)
    assert decode(sketch(ids, 50), sketch(ids[::-1], 50)) == decode(sketch([], 50), sketch([], 50))


@pytest.mark.parametrize("seed", range(5))
def test_the_fast_arithmetic_draws_the_cells_and_checks_of_the_plain_one(seed):
    (one,) = (int(i) for i in draw(seed, 1))
    made, cells = sketch([one], 3000), []
    for cell in cells_of(one):
        if cell >= 3000:
            break
        cells.append(cell)
    assert np.flatnonzero(made.ids).tolist() == cells
    assert set(made.checks[cells].tolist()) == {check_of(one, SALT)}
    assert made.counts.sum() == len(cells)


def test_a_set_may_be_added_in_parts_and_read_back_from_twelve_bytes_a_cell():
    ids = draw(2, 1000)
    whole, parts = sketch(ids, 64), Sketch.empty(64, SALT)
    for start in range(0, 1000, 333):
        parts.add(ids[start : start + 333])
    assert (parts.to_bytes(), parts.persons) == (whole.to_bytes(), 1000)
    assert len(whole.to_bytes()) == 64 * CELL_BYTES
    assert Sketch.from_bytes(whole.to_bytes(), SALT).to_bytes() == whole.to_bytes()


def test_the_first_cells_of_a_larger_sketch_are_the_smaller_one():
    ids = draw(3, 1000)
    assert sketch(ids, 200).to_bytes()[: 50 * CELL_BYTES] == sketch(ids, 50).to_bytes()


def test_sketches_of_other_salts_are_not_compared():
    with pytest.raises(ValueError, match="different salts"):
        decode(sketch([1], 5), sketch([1], 5, salt=1))


def test_a_cell_in_ten_of_a_tenth_of_the_set_holds_what_the_paper_says():
    made = sketch(draw(4, 20_000), 400)
    expected = 20_000 / (1 + np.arange(400) / 2)
    assert np.abs(made.counts - expected).max() < 6 * np.sqrt(expected.max())
    assert np.abs((made.counts - expected) / np.sqrt(expected)).mean() < 1.2
