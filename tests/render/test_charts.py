from __future__ import annotations

from datetime import date, timedelta

import pytest

from ketenwacht.domain.past import Mask
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.messages.findings import findings
from ketenwacht.render.charts import chart
from ketenwacht.render.data import Series
from ketenwacht.render.points import points, rows

MONDAY = date(2022, 1, 3)
FAMILY = Segment.of({"group": "family"})


def series(counts, low=None, high=None, *, step=1, segment=FAMILY):
    days = tuple(MONDAY + timedelta(step * i) for i in range(len(counts)))
    edge = lambda value: () if value is None else (value,) * len(counts)  # noqa: E731 - twice below
    return Series(segment, days, tuple(counts), edge(low), edge(high))


def test_a_week_without_any_delivery_is_a_gap_not_a_zero():
    counts = [10.0] * 140
    counts[7:14] = [None] * 7
    drawn = points(series(counts, 6.0, 14.0))
    assert (drawn[1].count, drawn[1].verdict) == (None, "")
    laid = chart(series(counts, 6.0, 14.0), width=760)
    assert (len(laid.gaps), len(laid.lines)) == (1, 2)


def test_masked_counts_are_neither_above_nor_below_nor_set_the_axis():
    caught_up = series([20.0, 20.0, 500.0], 10.0, 30.0)
    mask = Mask(MONDAY + timedelta(2), MONDAY + timedelta(2), "catch-up", "catch-up", FAMILY)
    laid = chart(caught_up, width=760, masks=(mask,))
    assert laid.outside == ()
    assert laid.y_ticks[-1].label == "30"
    assert [label for _, label in laid.beyond] == ["up to 500"]
    assert len(laid.hatches) == 1
    assert rows(caught_up, (mask,))[2][3] == "masked"


@pytest.mark.parametrize(("segment", "shown"), [(FAMILY, 1), (WHOLE, 1), (Segment.of({"group": "asylum"}), 0)])
def test_a_mask_is_drawn_where_it_can_touch_the_counts(segment, shown):
    mask = Mask(MONDAY, MONDAY, "pause", segment=segment)
    assert len(chart(series([20.0, 21.0]), width=340, masks=(mask,)).hatches) == shown


def test_small_counts_cannot_be_measured_off_the_drawing():
    drawings = {chart(series([40.0, small, 40.0]), width=760).lines for small in (1.0, 5.0, 9.0)}
    assert len(drawings) == 1
    assert chart(series([40.0, 0.0, 40.0]), width=760).lines not in drawings
    assert rows(series([3.0]))[0][1] == "<10"


def test_findings_close_together_take_rows_of_their_own(incidents):
    laid = chart(series([20.0] * 120), width=340, found=findings(incidents))
    spots = [(pin.found, pin.y) for pin in laid.pins]
    assert len(spots) == len(incidents)
    for i, (x, y) in enumerate(spots):
        assert all(abs(x - x2) >= 17 or y != y2 for x2, y2 in spots[i + 1 :])
    assert laid.top > max(y for _, y in spots)


def test_everything_lies_inside_the_drawing(report):
    for one in report.series:
        for width in (760, 340):
            laid = chart(one, width=width, found=findings(report.incidents), masks=report.masks)
            assert all(laid.left <= x <= laid.right for x, _, _ in laid.outside)
            assert all(0 <= tick.at <= laid.base for tick in laid.y_ticks)
            assert all(h.x + h.width <= laid.right for h in laid.hatches)


def test_nothing_to_draw_but_zeros_is_drawn():
    assert chart(series([0.0, 0.0]), width=340).y_ticks[-1].label == "1"
