from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.render import svg

MONTH = MessageFormatter().month
DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))


@pytest.mark.parametrize(
    ("top", "ceiling", "step"), [(0, 1, 1), (7, 8, 2), (188, 200, 50), (3, 3, 1), (812, 1000, 250)]
)
def test_an_axis_ends_on_a_round_number(top, ceiling, step):
    assert svg.nice_ceiling(top) == (ceiling, step)


@pytest.mark.parametrize(
    ("top", "least", "ceiling", "step"),
    [(0, 10, 10, 10), (5, 10, 10, 10), (31, 10, 40, 10), (700, 500, 1000, 500)],
)
def test_an_axis_promises_no_more_than_its_numbers_hold(top, least, ceiling, step):
    assert svg.nice_ceiling(top, least=least) == (ceiling, step)


@given(st.floats(0.001, 1e12))
def test_an_axis_holds_its_largest_value_in_few_steps(top):
    ceiling, step = svg.nice_ceiling(top)
    assert ceiling >= top * (1 - 1e-9)
    assert 1 <= ceiling / step <= 4 + 1e-9


@pytest.mark.parametrize(
    ("first", "last", "most", "labels"),
    [
        (
            date(2022, 1, 3),
            date(2023, 6, 30),
            9,
            ["Mar 2022", "May", "Jul", "Sep", "Nov", "Jan 2023", "Mar", "May"],
        ),
        (date(2022, 1, 1), date(2022, 12, 31), 4, ["Jan 2022", "Apr", "Jul", "Oct"]),
        (date(2022, 12, 30), date(2023, 1, 2), 5, ["30 Dec 2022", "31 Dec", "1 Jan 2023", "2 Jan"]),
    ],
)
def test_dates_on_an_axis_are_round_and_say_the_year_where_it_changes(first, last, most, labels):
    scale = svg.AxisScale(first.toordinal(), last.toordinal(), 0, 700)
    assert [tick.label for tick in svg.date_ticks(first, last, scale, most=most, month=MONTH)] == labels


@given(first=DAYS, length=st.integers(0, 20_000), most=st.integers(3, 12))
def test_a_date_axis_never_has_more_ticks_than_fit_nor_one_outside(first, length, most):
    last = first + timedelta(length)
    scale = svg.AxisScale(first.toordinal(), last.toordinal(), 0, 700)
    ticks = svg.date_ticks(first, last, scale, most=most, month=MONTH)
    assert 1 <= len(ticks) <= most
    assert all(0 <= tick.at <= 700 for tick in ticks)


def test_a_scale_without_length_is_its_start():
    assert svg.AxisScale(5, 5, 10, 90)(5) == 10


def test_paths_are_what_svg_reads():
    assert svg.line_path([(1, 2), (3, 4.5)]) == "M1 2L3 4.5"
    assert svg.line_path([(1, 2)]) == "M1 2h0.1"
    assert svg.area_path([(0, 1), (5, 1)], [(0, 9), (5, 9)]) == "M0 1L5 1L5 9L0 9Z"


@given(st.lists(st.booleans()))
def test_stretches_cover_exactly_what_is_present(present):
    found = svg.find_runs(present)
    assert [i for run in found for i in run] == [i for i, here in enumerate(present) if here]
    assert all(b.start > a.stop for a, b in pairwise(found))
