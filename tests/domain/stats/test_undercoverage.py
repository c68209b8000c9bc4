"""How many persons no list holds: known cases, refusals, and intervals that cover."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from ketenwacht.domain.stats.undercoverage import (
    Undercoverage,
    add_up,
    correct_links,
    estimate_unseen,
    interval,
)

pytestmark = pytest.mark.integration


def world(rng, persons, shares, missed=0.0, odds=1.0):
    """Capture histories of independent lists that each hold a share; the last two depend by an odds ratio."""
    inside = rng.random((persons, len(shares))) < np.array(shares)
    if odds != 1.0:
        base = shares[-1] / (1.0 - shares[-1])
        chance = np.where(inside[:, -2], base * odds, base)
        inside[:, -1] = rng.random(persons) < chance / (1.0 + chance)
    lost = rng.random(inside.shape) < 1.0 - (1.0 - missed) ** 0.5
    found = {}
    for row, gone in zip(inside, lost, strict=True):
        linked = row & ~gone if row.sum() > 1 else row
        for part in (linked, *(np.arange(len(row)) == i for i in np.flatnonzero(row & ~linked))):
            if part.any():
                key = tuple(map(bool, part))
                found[key] = found.get(key, 0.0) + 1.0
    return found, int((~inside.any(axis=1)).sum())


def test_two_lists_give_what_chapman_gives():
    found = estimate_unseen({(True, True): 60.0, (True, False): 40.0, (False, True): 20.0})
    assert found is not None
    assert found.seen == 120.0
    assert found.total == pytest.approx(101 * 81 / 61 - 1)
    assert found.low < found.unseen < found.high


REFUSED = [
    ("lists that share nobody", {(True, False): 500.0, (False, True): 400.0, (True, True): 0.0}),
    ("lists that share nine persons", {(True, False): 91.0, (False, True): 91.0, (True, True): 9.0}),
    (
        "two of three lists that share nobody",
        {
            (True, True, False): 60.0,
            (True, False, True): 60.0,
            (False, True, False): 9.0,
            (False, False, True): 9.0,
        },
    ),
]


@pytest.mark.parametrize(("sentence", "counts"), REFUSED, ids=[one[0] for one in REFUSED])
def test_nothing_is_said_of(sentence, counts):
    assert sentence
    assert estimate_unseen(counts) is None


def test_no_width_is_told_that_says_nothing():
    wide = {(True, True): 10.0, (True, False): 4_000.0, (False, True): 10.0}
    found = estimate_unseen(wide)
    assert found is None or found.high - found.low <= 3.0 * max(found.unseen, 10.0)


@pytest.mark.parametrize("counts", [{(True,): 1.0}, {}, {(True, True): 1.0, (True,): 1.0}, {(True,) * 6: 1.0}])
def test_histories_of_one_list_of_too_many_or_of_different_numbers_are_refused(counts):
    with pytest.raises(ValueError, match="capture histories"):
        estimate_unseen(counts)


@pytest.mark.parametrize("error", [-0.01, 0.21])
def test_a_linkage_error_out_of_range_is_refused(error):
    with pytest.raises(ValueError, match="linkage error"):
        estimate_unseen({(True, True): 60.0, (True, False): 40.0}, linkage_error=error)


@pytest.mark.parametrize("lists", [2, 3])
def test_missed_links_are_taken_back_on_average(lists):
    rng = np.random.default_rng(11)
    histories = [one for one in itertools.product((True, False), repeat=lists) if any(one)]
    shares = (0.8, 0.6, 0.5)[:lists]
    clean, _ = world(np.random.default_rng(5), 60_000, shares)
    missed, _ = world(np.random.default_rng(5), 60_000, shares, missed=0.03)
    del rng
    wanted = np.array([clean.get(one, 0.0) for one in histories])
    dirty = np.array([missed.get(one, 0.0) for one in histories])
    corrected = correct_links(dirty, histories, 0.03)
    assert np.abs(dirty - wanted).max() > 500.0
    assert np.abs(corrected - wanted).max() < 250.0


def test_missed_links_left_alone_make_persons_up():
    counts, true = world(np.random.default_rng(7), 5_000, (0.9, 0.6), missed=0.03)
    naive, told = estimate_unseen(counts), estimate_unseen(counts, linkage_error=0.03)
    assert naive is not None
    assert told is not None
    assert abs(told.unseen - true) < abs(naive.unseen - true)


KINDS = [
    ("two lists", (0.83, 0.6), 1.0),
    ("two lists, the second small", (0.83, 0.3), 1.0),
    ("three lists", (0.83, 0.6, 0.5), 1.0),
    ("three lists, two of which depend on each other", (0.83, 0.6, 0.5), 3.0),
]


@pytest.mark.parametrize(("sentence", "shares", "odds"), KINDS, ids=[one[0] for one in KINDS])
def test_the_interval_covers_in_nearly_nine_of_ten_worlds(sentence, shares, odds):
    assert sentence
    rng, covered = np.random.default_rng(20261130), 0
    for _ in range(60):
        counts, true = world(rng, 1_500, shares, missed=float(rng.uniform(0.01, 0.03)), odds=odds)
        found = estimate_unseen(counts, linkage_error=0.02)
        assert found is not None
        covered += found.low <= true <= found.high
    assert 48 <= covered <= 60  # 80 % and more of 60: chance alone gives 49 to 59


def test_segments_add_up_and_nobody_unseen_has_a_lower_end_of_nobody():
    total = add_up([Undercoverage(100.0, 40.0, 20.0, 80.0), Undercoverage(200.0, 10.0, 5.0, 20.0)])
    assert (total.seen, total.unseen) == (300.0, 50.0)
    assert 20.0 < total.low < 50.0 < total.high < 100.0
    assert interval(0.2, 4.0)[0] == 0.0
