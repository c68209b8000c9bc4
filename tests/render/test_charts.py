from __future__ import annotations

import re
from datetime import date, timedelta

from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.segment import Segment
from ketenwacht.messages.findings import number_findings
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.privacy import Privacy
from ketenwacht.messages.report.data import Series
from ketenwacht.messages.report.series import view_series
from ketenwacht.render.charts import make_chart

MONDAY = date(2022, 1, 3)
FAMILY = Segment.of({"group": "family"})
HOW = MessageFormatter()


def series(counts, low=None, high=None):
    days = tuple(MONDAY + timedelta(i) for i in range(len(counts)))
    edge = lambda value: () if value is None else (value,) * len(counts)  # noqa: E731 - twice below
    return Series(FAMILY, days, tuple(counts), edge(low), edge(high))


def drawn(counts, low=None, high=None, *, formatter=HOW, exclusions=(), width=760, **given):
    return make_chart(
        view_series(series(counts, low, high), formatter, exclusions), formatter, width=width, **given
    )


def heights(laid):
    """The y of every point of the line, in persons."""
    top = float(laid.y_ticks[-1].label.replace(",", ""))
    points = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", " ".join(laid.lines))]
    scale = laid.y_ticks[0].at - laid.y_ticks[-1].at
    return [round((laid.y_ticks[0].at - y) / scale * top) for y in points]


def test_a_week_without_any_delivery_is_a_gap_not_a_zero():
    counts = [10.0] * 140
    counts[7:14] = [None] * 7
    laid = drawn(counts, 6.0, 14.0)
    assert (len(laid.gaps), len(laid.lines)) == (1, 2)


def test_masked_counts_are_neither_above_nor_below_nor_set_the_axis():
    mask = ExclusionWindow(MONDAY + timedelta(2), MONDAY + timedelta(2), "catch-up", "catch-up", FAMILY)
    laid = drawn([20.0, 20.0, 500.0], 10.0, 30.0, exclusions=(mask,))
    assert laid.outside == ()
    assert laid.y_ticks[-1].label == "30"
    assert [label for _, label in laid.beyond] == ["up to 500"]
    assert len(laid.hatches) == 1


def test_small_counts_cannot_be_measured_off_the_drawing():
    drawings = {drawn([40.0, small, 40.0]) for small in (1.0, 5.0, 9.0)}
    assert len(drawings) == 1
    assert drawn([40.0, 0.0, 40.0]) not in drawings


def test_an_axis_of_hidden_counts_alone_gives_none_away():
    drawings = {drawn([small, small]) for small in (1.0, 3.0, 9.0)}
    (laid,) = drawings
    assert [tick.label for tick in laid.y_ticks] == ["0", "10"]


def test_a_sibling_is_drawn_where_its_rounded_count_lies():
    assert heights(drawn([28.0, 25.0, 3.0])) == [30, 30, 5]


def test_the_limit_that_is_configured_governs_the_drawing():
    wide, exact = (MessageFormatter(privacy=Privacy(limit)) for limit in (500, 1))
    assert heights(drawn([28.0, 251.0, 740.0], formatter=wide)) == [250, 250, 500]
    assert heights(drawn([3.0, 25.0, 28.0], formatter=exact)) == [3, 25, 28]


def test_findings_close_together_take_rows_of_their_own(incidents):
    laid = drawn([20.0] * 120, width=340, found=number_findings(incidents))
    spots = [(pin.found, pin.y) for pin in laid.pins]
    assert len(spots) == len(incidents)
    for i, (x, y) in enumerate(spots):
        assert all(abs(x - x2) >= 17 or y != y2 for x2, y2 in spots[i + 1 :])
    assert laid.top > max(y for _, y in spots)


def test_everything_lies_inside_the_drawing(report, formatter):
    for one in report.series:
        for width in (760, 340):
            view = view_series(one, formatter, report.exclusions)
            laid = make_chart(view, formatter, width=width, found=number_findings(report.incidents))
            assert all(laid.left <= x <= laid.right for x, _, _ in laid.outside)
            assert all(0 <= tick.at <= laid.base for tick in laid.y_ticks)
            assert all(h.x + h.width <= laid.right for h in laid.hatches)


def test_nothing_to_draw_but_zeros_is_drawn():
    assert drawn([0.0, 0.0], width=340).y_ticks[-1].label == "10"
