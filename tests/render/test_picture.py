"""The picture of an alert, looked at as pixels."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.segment import Segment
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.privacy import Privacy
from ketenwacht.messages.report.data import Series
from ketenwacht.messages.report.series import view_series
from ketenwacht.render.picture import HEIGHT, LONG, WIDTH, Captions, draw_png, plain

pytestmark = pytest.mark.integration

MONDAY = date(2022, 1, 3)
FAMILY = Segment.of({"group": "family"})
CAPTIONS = Captions("family", "a week", "each time", "expected", "missing since")
BAND, LINE, RED = (207, 227, 247), (31, 95, 168), (179, 38, 30)


def drawn(counts, low=None, high=None, *, limit=10, exclusions=(), exact=True, **given):
    days = tuple(MONDAY + timedelta(i) for i in range(len(counts)))
    edge = lambda value: () if value is None else (value,) * len(counts)  # noqa: E731 - twice below
    formatter = MessageFormatter(privacy=Privacy(limit))
    smallest = (None if exact else 1.0,) * len(counts)
    series = Series(FAMILY, days, tuple(counts), edge(low), edge(high), smallest=smallest)
    return draw_png(view_series(series, formatter, exclusions, long=LONG), CAPTIONS, formatter, **given)


def pixels(png, colour, near=12):
    """How many pixels have a colour, or almost."""
    found = Image.open(BytesIO(png)).convert("RGB")
    assert found.size == (2 * WIDTH, 2 * HEIGHT)
    far = np.abs(np.asarray(found).astype(int) - np.array(colour)).max(axis=2)
    return int((far <= near).sum())


def test_the_band_and_the_line_are_there_and_what_lies_outside_is_marked():
    inside, outside = drawn([20.0] * 20, 15.0, 25.0), drawn([20.0] * 19 + [40.0], 15.0, 25.0)
    assert pixels(inside, BAND) > 50_000
    assert pixels(inside, LINE) > 1000
    assert pixels(inside, RED) == 0
    assert pixels(outside, RED) > 50


def test_without_a_band_there_is_only_the_line():
    png = drawn([20.0] * 20)
    assert (pixels(png, BAND), pixels(png, LINE) > 1000) == (0, True)


def test_the_day_on_which_it_began_is_drawn():
    assert pixels(drawn([20.0] * 20, since=MONDAY + timedelta(9)), RED) > 50
    assert drawn([20.0] * 20, since=MONDAY + timedelta(99)) == drawn([20.0] * 20), "one that is yet to come is not"


@pytest.mark.parametrize(("limit", "hidden"), [(10, (1.0, 5.0, 9.0)), (25, (1.0, 9.0, 24.0)), (500, (1.0, 499.0))])
def test_small_counts_cannot_be_measured_off_the_picture(limit, hidden):
    pictures = {drawn([40.0, value, 40.0, 40.0], 4.0, 60.0, limit=limit, exact=False) for value in hidden}
    assert len(pictures) == 1
    assert drawn([40.0, 0.0, 40.0, 40.0], 4.0, 60.0, limit=limit, exact=False) not in pictures
    assert drawn([40.0, float(limit), 40.0, 40.0], 4.0, 60.0, limit=limit, exact=False) not in pictures


def test_beside_a_small_count_every_other_one_is_rounded():
    one, other = (drawn([value, 3.0, 40.0, 40.0], exact=False) for value in (26.0, 34.0))
    assert one == other
    assert drawn([26.0, 3.0, 40.0, 40.0], limit=1) != drawn([34.0, 3.0, 40.0, 40.0], limit=1)


def test_a_stretch_that_says_nothing_is_not_marked():
    mask = ExclusionWindow(MONDAY + timedelta(3), MONDAY + timedelta(3), "pause", segment=FAMILY)
    counts = [20.0, 20.0, 20.0, 90.0, 20.0]
    assert pixels(drawn(counts, 15.0, 25.0), RED) > 50
    assert pixels(drawn(counts, 15.0, 25.0, exclusions=(mask,)), RED) == 0


@pytest.mark.parametrize("counts", [[], [20.0, 21.0], [None] * 30, [None] * 30 + [4.0, 5.0]])
def test_too_few_counts_are_no_picture(counts):
    assert drawn(counts) is None


def test_the_same_counts_give_the_same_bytes_and_no_word_about_the_machine():
    assert drawn([20.0] * 20) == drawn([20.0] * 20)
    assert Image.open(BytesIO(drawn([20.0] * 20))).info == {}


@pytest.mark.parametrize(
    ("name", "shown"), [("Súdwest-Fryslân", "Sudwest-Fryslan"), ("a\u202eb", "a?b"), ("москва", "??????")]
)
def test_letters_that_the_font_lacks(name, shown):
    assert plain(name) == shown
