from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.privacy import Privacy
from ketenwacht.messages.report.data import Series
from ketenwacht.messages.report.series import is_weekly, make_points, view_series

MONDAY = date(2022, 1, 3)
FAMILY = Segment.of({"group": "family"})
EXACT = (None,)  # the delivery holds no small count


def series(counts, low=None, high=None, *, step=1, segment=FAMILY, smallest=()):
    days = tuple(MONDAY + timedelta(step * i) for i in range(len(counts)))
    edge = lambda value: () if value is None else (value,) * len(counts)  # noqa: E731 - twice below
    return Series(segment, days, tuple(counts), edge(low), edge(high), smallest=smallest * len(counts))


def limited(limit):
    return MessageFormatter(privacy=Privacy(limit))


def test_a_short_series_is_shown_by_day(formatter):
    drawn = make_points(series([12.0, None, 15.0], 5.0, 20.0, smallest=EXACT), formatter)
    assert [p.count_text for p in drawn] == ["12", "", "15"]
    assert [p.height for p in drawn] == [12, None, 15]
    assert [p.side for p in drawn] == ["inside", "", "inside"]


def test_a_long_daily_series_is_shown_as_weekly_sums_with_the_band_of_the_days_delivered(formatter):
    counts = [10.0] * 140
    counts[2] = None
    drawn = make_points(series(counts, 6.0, 14.0), limited(1))
    assert len(drawn) == 20
    assert (drawn[0].height, drawn[1].height) == (60, 70)
    # Half a band of 4 a day: √6·4 = 9.8 and √7·4 = 10.6 a week, since independent days partly cancel out.
    assert (drawn[0].low, drawn[0].high) == (51, 69)
    assert (drawn[1].low, drawn[1].high) == (60, 80)
    rounded = make_points(series(counts, 6.0, 14.0), formatter)
    assert (rounded[0].low, rounded[0].high) == (50, 70)


def test_a_weekly_feed_is_not_summed_again():
    assert not is_weekly(series([10.0] * 200, step=7))


@pytest.mark.parametrize(("count", "side"), [(14.0, "below"), (15.0, "inside"), (20.0, "inside"), (21.0, "above")])
def test_the_limits_themselves_are_inside(formatter, count, side):
    assert make_points(series([count], 15.0, 20.0, smallest=EXACT), formatter)[0].side == side


@pytest.mark.parametrize(
    ("counts", "limit", "smallest", "texts"),
    [
        # a small count is hidden, its sibling is rounded, and what is exact stays exact where nothing is small
        ([3.0, 25.0, 28.0], 10, (3.0,), ["<10", "30", "30"]),
        ([3.0, 25.0, 28.0], 10, (), ["<10", "30", "30"]),
        ([31.0, 25.0, 28.0], 10, (25.0,), ["31", "25", "28"]),
        ([31.0, 25.0, 28.0], 10, (None,), ["31", "25", "28"]),
        ([0.0, 25.0, 28.0], 10, (3.0,), ["0", "30", "30"]),
        ([3.0, 250.0, 740.0], 500, (3.0,), ["<500", "<500", "500"]),
        ([3.0, 250.0, 760.0], 500, (None,), ["<500", "<500", "760"]),
        ([3.0, 25.0, 28.0], 1, (3.0,), ["3", "25", "28"]),
    ],
)
def test_counts_are_told_as_exactly_as_their_delivery_allows(counts, limit, smallest, texts):
    shown = make_points(series(counts, smallest=smallest), limited(limit))
    assert [p.count_text for p in shown] == texts


def test_a_sum_over_deliveries_is_rounded_however_large_each_of_them_is(formatter):
    weekly = make_points(series([13.0] * 140, smallest=EXACT), formatter)
    assert {p.count_text for p in weekly} == {"90"}
    assert {p.height for p in weekly} == {90.0}


@given(
    low=st.floats(0, 60),
    width=st.floats(0, 60),
    one=st.integers(1, 9),
    other=st.integers(1, 9),
    masked=st.booleans(),
)
def test_nothing_of_a_view_tells_one_small_count_from_another(low, width, one, other, masked):
    exclusions = (ExclusionWindow(MONDAY, MONDAY, "pause", segment=FAMILY),) if masked else ()
    views = [
        view_series(series([float(n), 40.0], low, low + width, smallest=(1.0,)), MessageFormatter(), exclusions)
        for n in (one, other)
    ]
    assert views[0] == views[1]


@given(counts=st.lists(st.integers(0, 300), min_size=1, max_size=5), limit=st.sampled_from([1, 10, 37, 500]))
def test_heights_and_bands_lie_on_the_step_unless_the_delivery_is_exact(counts, limit):
    formatter = limited(limit)
    for point in make_points(series([float(n) for n in counts], 7.3, 61.9, smallest=(1.0,)), formatter):
        step = formatter.privacy.step
        assert point.low % step == 0
        assert point.high % step == 0
        assert point.height % step == 0 or (point.height == limit / 2 and point.count_text == f"<{limit}")


def test_an_axis_is_no_finer_than_its_numbers():
    assert [view_series(series([3.0]), limited(limit)).step for limit in (1, 10, 500)] == [1, 10, 500]


def test_the_side_is_told_only_where_the_shown_numbers_say_it(formatter):
    assert (
        make_points(series([3.0], 12.0, 20.0), formatter)[0].side == "below"
    )  # whatever is hidden, it is below 10
    assert make_points(series([3.0], 4.0, 20.0), formatter)[0].side == "inside"  # 4 is not shown either
    assert make_points(series([26.0], 28.0, 50.0), formatter)[0].side == "inside"  # shown as 30 of 20–50


def test_the_drawing_is_told_in_words(report, formatter):
    family = report.series[0]
    text = view_series(family, formatter, report.exclusions).description
    assert text.startswith("Weekly sums of group family, 3 Jan 2022 – 30 Dec 2022. Of ")
    alone = view_series(series([1.0]), formatter).description
    assert alone.endswith("No independent evidence says how many persons to expect.")


@pytest.mark.parametrize(("segment", "shown"), [(FAMILY, 1), (WHOLE, 1), (Segment.of({"group": "asylum"}), 0)])
def test_a_mask_is_told_where_it_can_touch_the_counts(formatter, segment, shown):
    mask = ExclusionWindow(MONDAY, MONDAY, "pause", segment=segment)
    assert len(view_series(series([20.0, 21.0]), formatter, (mask,)).exclusions) == shown


def test_a_masked_count_is_neither_above_nor_below(formatter):
    mask = ExclusionWindow(MONDAY, MONDAY, "catch-up", "catch-up", FAMILY)
    view = view_series(series([500.0, 20.0], 10.0, 30.0), formatter, (mask,))
    assert [row[3] for row in view.rows] == ["excluded", "inside"]


@pytest.mark.parametrize(
    "broken",
    [
        {"observed": (1.0,)},
        {"low": (1.0,)},
        {"smallest": (1.0,)},
        {"days": (MONDAY, MONDAY)},
    ],
)
def test_sequences_that_do_not_go_together_are_refused(broken):
    with pytest.raises(ValueError, match=r"values for|increase"):
        replace(series([1.0, 2.0]), **broken)
