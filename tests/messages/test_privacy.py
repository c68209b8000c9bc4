"""What is shown never gives a hidden count away: solved for with everything that is shown."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from ketenwacht.messages.privacy import Privacy, Shown


@dataclass
class Reader:
    """Somebody who collects every number that is shown, and knows the rule by which it was made.

    An unknown is the count of one cell (a day, an innermost segment). Shown numbers are sums of cells.
    """

    cells: int
    rows: list[np.ndarray] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def learns(self, row, shown, privacy, *, exact):
        """Take in one shown number: an interval that its true value lies in."""
        if shown.hidden:
            low, high = 1.0, shown.limit - 1
        elif exact:
            low = high = shown.value
        else:
            near = range(max(0, int(shown.value - privacy.step)), int(shown.value + privacy.step) + 1)
            alike = [n for n in near if privacy.count(n) == shown]
            low, high = float(alike[0]), alike[-1] + 1 - 1e-6
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def ends(self, cells):
        """The tables with the least and with the largest sum of these cells, given all that was learnt."""
        a = np.array(self.rows)
        limits = {"A_ub": np.vstack([a, -a]), "b_ub": np.array([*self.high, *(-low for low in self.low)])}
        goal = np.zeros(self.cells)
        goal[cells] = 1.0
        most = np.where(goal > 0.0, MOST, None)  # what is hidden is small, so it needs no wider bound
        found = [linprog(sign * goal, **limits, bounds=[(0, m) for m in most], method="highs") for sign in (1, -1)]
        assert all(end.status == 0 for end in found)
        return found[0].x, found[1].x

    def solved(self, hidden):
        """The first of these cells of which only one whole number is possible; None: there is no such cell.

        Two tables that differ in many cells settle most of them at once; the others are asked one by one.
        """
        low, high = self.ends(hidden)
        for cell in hidden:
            if two_numbers(*sorted((low[cell], high[cell]))):
                continue
            least, most = self.ends([cell])
            if not two_numbers(least[cell], most[cell]):
                return cell
        return None


MOST = 1e6


def two_numbers(low, high):
    """Whether more than one whole number lies between."""
    return np.floor(high + 1e-6) > np.ceil(low - 1e-6)


def smallest(counts):
    """The smallest count above 0 of one delivery, over every sum that is shown of it."""
    above = [float(n) for n in counts if n > 0]
    return min(above, default=None)


days = st.integers(1, 4)
counts = st.one_of(st.integers(0, 30), st.integers(0, 9), st.integers(100, 400))
tables = days.flatmap(
    lambda d: st.tuples(st.just(d), st.lists(st.lists(counts, min_size=4, max_size=4), min_size=d, max_size=d))
)


@given(tables, st.sampled_from([10, 25]))  # more than there are parts, see `messages.privacy`
def test_no_hidden_count_can_be_solved_for(drawn, limit):
    """Four categories in two groups, over days: parts, groups and wholes; a sum over days adds nothing (below)."""
    number, table = drawn
    x = np.array(table, dtype=float)
    sums = [np.eye(4)[i] for i in range(4)] + [np.array([1, 1, 0, 0]), np.array([0, 0, 1, 1]), np.ones(4)]
    reader, hidden = Reader(4 * number), []
    for day in range(number):
        privacy = Privacy(limit).for_delivery(smallest([part @ x[day] for part in sums]))
        for i, part in enumerate(sums):
            shown = privacy.count(part @ x[day], of_delivery=True)
            row = np.zeros((number, 4))
            row[day] = part
            reader.learns(row.ravel(), shown, privacy, exact=privacy.exact)
            if shown.hidden and i < 4:
                hidden.append(4 * day + i)
    assert not hidden or reader.solved(hidden) is None, x


def test_the_reader_solves_for_what_is_given_away():
    reader = Reader(2)
    reader.learns(np.array([1.0, 0.0]), Shown(None, 10.0), Privacy(10), exact=True)
    reader.learns(np.array([0.0, 1.0]), Shown(25.0), Privacy(10), exact=True)
    assert reader.solved([0]) is None
    reader.learns(np.ones(2), Shown(28.0), Privacy(10), exact=True)
    assert reader.solved([0]) == 0


@pytest.mark.parametrize(
    ("sentence", "counts", "limit", "shown"),
    [
        ("beside a shown count a hidden one counts as half the limit", [26.0, 9.0], 10, Shown(40.0)),
        ("whatever it is", [26.0, 1.0], 10, Shown(40.0)),
        ("shown counts are added up as the middle of what is shown alike", [26.0, 29.0], 10, Shown(60.0)),
        ("so that many of them still come near", [14.0] * 5, 10, Shown(60.0)),
        ("one small count is hidden", [0.0, 3.0], 10, Shown(None, 10.0)),
        ("hidden counts alone are added up too", [3.0, 4.0, 9.0, 2.0], 10, Shown(20.0)),
        ("nobody is nobody", [0.0, 0.0], 10, Shown(0.0)),
        ("where nothing is personal a sum is a sum", [3.0, 26.0], 1, Shown(29.0)),
    ],
)
def test_a_sum_over_deliveries_says_nothing_of_a_hidden_count(sentence, counts, limit, shown):
    assert Privacy(limit).total(counts) == shown, sentence


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=6),
    st.sampled_from([5, 10, 25]),
)
def test_deliveries_that_are_shown_alike_have_the_same_sum(pairs, limit):
    privacy = Privacy(limit)
    alike = [(n, m if privacy.count(n) == privacy.count(m) else n) for n, m in pairs]
    assert privacy.total([n for n, _ in alike]) == privacy.total([m for _, m in alike])


@given(st.integers(1, 13), st.sampled_from([5, 10, 25]))
def test_a_whole_of_hidden_parts_gives_none_of_them_away(parts, limit):
    """Each of the parts has limit − 1 persons, or one: other counts of them are shown alike."""
    privacy = Privacy(limit)
    for each in (limit - 1, 1):
        whole = each * parts
        others = whole - 1 if each > 1 else whole + 1
        assert parts >= limit - 1 or privacy.count(others) == privacy.count(whole), (parts, each)


@given(st.integers(1, 400), st.integers(0, 400), st.sampled_from([5, 10, 25, 500]))
def test_a_share_tells_no_more_than_the_two_counts_as_they_are_shown(whole, part, limit):
    """Every pair of counts that is shown alike has the same share."""
    part = min(part, whole)
    privacy = Privacy(limit)
    alike = [
        p
        for p in range(whole + 1)
        if (privacy.count(p), privacy.count(whole - p)) == (privacy.count(part), privacy.count(whole - part))
    ]
    assert {privacy.share(p, whole) for p in alike} == {privacy.share(part, whole)}


@pytest.mark.parametrize(
    ("sentence", "limit", "count", "shown"),
    [
        ("nobody is nobody", 10, 0, 0.0),
        ("one is hidden", 10, 1, None),
        ("nine is hidden", 10, 9, None),
        ("ten is shown", 10, 10, 10.0),
        ("others are rounded to tens", 10, 28, 30.0),
        ("half a step goes up", 10, 25, 30.0),
        ("unless it is what the largest hidden counts come to", 10, 45, 40.0),
        ("of a lower limit too", 5, 12, 10.0),
        ("a larger limit hides more", 500, 499, None),
        ("and rounds more coarsely", 500, 880, 1000.0),
        ("with a limit of 1 all is shown", 1, 3, 3.0),
        ("a count of what is too many keeps its sign", 10, -28, -30.0),
        ("what is not finite is not shown", 10, float("nan"), None),
    ],
)
def test_a_count(sentence, limit, count, shown):
    assert Privacy(limit).count(count).value == shown, sentence


@pytest.mark.parametrize(
    ("sentence", "smallest_count", "shown"),
    [
        ("exact where no count is small", 61.0, 61.0),
        ("exact where there is no count at all", None, 61.0),
        ("rounded where one count is", 3.0, 60.0),
    ],
)
def test_a_count_of_the_delivery_itself(sentence, smallest_count, shown):
    privacy = Privacy(10).for_delivery(smallest_count)
    assert privacy.count(61, of_delivery=True).value == shown, sentence
    assert privacy.count(61).value == 60.0, "a sum over deliveries is never exact"


@pytest.mark.parametrize(
    ("sentence", "part", "whole", "value", "limit", "above"),
    [
        ("of too few persons there is no share", 1, 3, None, 0.0, False),
        ("nobody of many", 0, 40, 0.0, 0.0, False),
        ("all of many", 40, 40, 1.0, 0.0, False),
        ("a small part is below what ten would be", 3, 40, None, 0.25, False),
        ("a small rest is above what ten less would be", 37, 40, None, 0.75, True),
        ("large parts are rounded first", 18, 42, 0.5, 0.0, False),
        ("a share of nobody is none", 0, 0, None, 0.0, False),
    ],
)
def test_a_share(sentence, part, whole, value, limit, above):
    shown = Privacy(10).share(part, whole)
    assert (shown.value, shown.limit, shown.above) == (value, limit, above), sentence


def test_a_drawing_shows_what_may_be_told():
    assert Privacy(10).drawn(3) == Privacy(10).drawn(8) == 5.0
    assert Privacy(10).drawn(None) is None
    assert Privacy(10).drawn(0) == 0.0


def test_an_interval_is_rounded_outward():
    assert Privacy(10).outward(21, 44) == (20.0, 50.0)
    assert Privacy(10).outward(-44, -21) == (-50.0, -20.0)
