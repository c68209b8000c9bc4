"""The arithmetic of a chain: what came to one hop and not to the next."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.domain.conservation import Flow, remainder
from ketenwacht.domain.past import ExclusionWindow

MONDAY = date(2022, 1, 3)
ZERO = timedelta(0)


def day(n):
    return MONDAY + timedelta(days=n)


def flow(name, counts, *, left=None, days=None, by_delivery=False):
    """A flow with a period a day; `counts` a row a day, the whole feed first."""
    table = np.array(counts, dtype=float).reshape(len(counts), -1)
    out = np.zeros_like(table) if left is None else np.array(left, dtype=float).reshape(table.shape)
    when = tuple(day(n) for n in (days or range(len(counts))))
    return Flow(name, when, when, table, out, by_delivery)


def test_deliveries_are_held_against_each_other_one_by_one():
    sent = flow("sent", [[10, 6, 4], [10, 5, 5]], by_delivery=True)
    received = flow("received", [[10, 6, 4], [7, 5, 2]], by_delivery=True)
    found = remainder(sent, received, within=ZERO)
    assert found.certain[-1].tolist() == [3, 0, 3]
    assert found.begun(0) == day(1)


def test_a_delivery_of_which_one_hop_says_nothing_counts_at_neither():
    sent = flow("sent", [10, np.nan, 10], by_delivery=True)
    found = remainder(sent, flow("received", [10, 5, 9], by_delivery=True), within=ZERO)
    assert (found.certain[-1, 0], found.days) == (1, (day(0), day(2)))


def test_whoever_is_left_out_for_a_reason_is_explained_within_limits_where_reasons_have_no_segment():
    selected = flow("selected", [[100, 60, 40]], by_delivery=True)
    sent = flow("sent", [[90, 57, 33]], left=[[6, np.nan, np.nan]], by_delivery=True)
    found = remainder(selected, sent, within=ZERO)
    assert found.certain[-1].tolist() == [4, 0, 1]
    assert found.most[-1].tolist()[1:] == [3, 7]
    assert found.likely[-1, 1:].sum() == found.likely[-1, 0] == 4


def test_reasons_that_are_counted_by_segment_explain_exactly():
    sent = flow("sent", [[90, 57, 33]], left=[[10, 3, 7]], by_delivery=True)
    found = remainder(flow("selected", [[101, 60, 41]], by_delivery=True), sent, within=ZERO)
    assert found.certain[-1].tolist() == found.most[-1].tolist() == [1, 0, 1]


def test_whoever_is_on_the_way_is_not_missing_until_the_way_took_too_long():
    decided = flow("decided", [10] * 10)
    sent = flow("sent", [0, 0, 10, 10, 10, 10, 10, 10, 10, 10])
    found = remainder(decided, sent, within=timedelta(days=2))
    assert found.certain[:, 0].tolist() == [0] * 8
    slow = remainder(decided, sent, within=timedelta(days=1))
    assert slow.certain[:, 0].tolist() == [10] * 9


def test_a_loss_shows_at_least_what_those_who_came_sooner_do_not_hide():
    found = remainder(flow("decided", [10] * 30), flow("sent", [9] * 30), within=timedelta(days=5))
    assert found.certain[-1, 0] == 250 - 270
    found = remainder(flow("decided", [10] * 90), flow("sent", [9] * 90), within=timedelta(days=5))
    assert found.certain[-1, 0] == 850 - 810


def test_weeks_meet_days():
    weeks = Flow("decided", (day(0), day(7)), (day(6), day(13)), np.array([[70.0], [70.0]]), np.zeros((2, 1)))
    found = remainder(weeks, flow("sent", [9] * 21), within=timedelta(days=7))
    assert (found.days, found.certain[:, 0].tolist()) == ((day(6), day(13)), [70 - 126, 140 - 189])


def test_more_than_ever_came_to_the_hop_before_is_a_surplus():
    found = remainder(flow("decided", [10, 10, 0]), flow("sent", [15, 10, 0]), within=timedelta(days=1))
    assert found.surplus[-1, 0] == 5


def test_who_was_due_in_a_declared_pause_is_due_after_it():
    decided, sent = flow("decided", [10] * 12), flow("sent", [0] * 9 + [90, 10, 10])
    week = timedelta(days=2)
    assert (remainder(decided, sent, within=week).certain[:, 0] > 0).any()
    pause = ExclusionWindow(day(1), day(8), "moving house", "pause")
    assert not (remainder(decided, sent, within=week, pauses=[pause]).certain[:, 0] > 0).any()


def test_counts_behind_a_hole_are_not_believed():
    decided = flow("decided", [10, 10, 10, 10], days=[0, 1, 20, 21])
    found = remainder(decided, flow("sent", [10] * 40), within=ZERO)
    assert found.days == (day(0), day(1))


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 5)), min_size=1, max_size=12),
)
def test_nobody_is_lost_between_the_columns(rows):
    """Whatever the numbers: certain ≤ likely ≤ most, and where nobody is over the segments add up to the whole."""
    came = [[a + b, a, b] for a, b, _ in rows]
    went = [[a + b - min(x, a), a - min(x, a), b] for a, b, x in rows]
    out = [[x // 2, np.nan, np.nan] for _, _, x in rows]
    found = remainder(
        flow("selected", came, by_delivery=True), flow("sent", went, left=out, by_delivery=True), within=ZERO
    )
    certain, likely, most = found.certain[-1], found.likely[-1], found.most[-1]
    assert (certain <= likely + 1e-9).all()
    assert (likely <= most + 1e-9).all()
