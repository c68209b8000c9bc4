from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ketenwacht.domain.segment import Segment
from ketenwacht.render.data import Series
from ketenwacht.render.points import describe, is_weekly, points

MONDAY = date(2022, 1, 3)
FAMILY = Segment.of({"group": "family"})


def series(counts, low=None, high=None, *, step=1, segment=FAMILY):
    days = tuple(MONDAY + timedelta(step * i) for i in range(len(counts)))
    edge = lambda value: () if value is None else (value,) * len(counts)  # noqa: E731 - twice below
    return Series(segment, days, tuple(counts), edge(low), edge(high))


def test_a_short_series_is_drawn_by_day():
    drawn = points(series([12.0, None, 15.0], 5.0, 20.0))
    assert [p.count for p in drawn] == [12, None, 15]
    assert [p.verdict for p in drawn] == ["inside", "", "inside"]


def test_a_long_daily_series_is_drawn_as_weekly_sums_with_the_band_of_the_days_delivered():
    counts = [10.0] * 140
    counts[2] = None
    drawn = points(series(counts, 6.0, 14.0))
    assert len(drawn) == 20
    assert (drawn[0].count, drawn[1].count) == (60, 70)
    # Half a band of 4 a day: √6·4 and √7·4 a week, since independent days partly cancel out.
    assert (drawn[0].low, drawn[0].high) == pytest.approx((60 - 9.798, 60 + 9.798), abs=0.001)
    assert drawn[1].high == pytest.approx(70 + 10.583, abs=0.001)


def test_a_weekly_feed_is_not_summed_again():
    assert not is_weekly(series([10.0] * 200, step=7))


@pytest.mark.parametrize(
    ("count", "verdict"), [(4.0, "below"), (5.0, "inside"), (20.0, "inside"), (21.0, "above")]
)
def test_the_limits_themselves_are_inside(count, verdict):
    assert points(series([count], 5.0, 20.0))[0].verdict == verdict


def test_the_drawing_is_told_in_words(report):
    family = report.series[0]
    text = describe(family, points(family, report.masks))
    assert text.startswith("Weekly sums of group family, 3 Jan 2022 – 30 Dec 2022. Of ")
    assert describe(series([1.0]), points(series([1.0]))).endswith("Nothing independent said what to expect.")


@pytest.mark.parametrize(
    "broken",
    [
        {"observed": (1.0,)},
        {"low": (1.0,)},
        {"days": (MONDAY, MONDAY)},
    ],
)
def test_sequences_that_do_not_go_together_are_refused(broken):
    with pytest.raises(ValueError, match=r"values for|increase"):
        replace(series([1.0, 2.0]), **broken)
