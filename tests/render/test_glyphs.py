"""The signs of a medium tell all verdicts apart without colour, and draw a series in one line."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.domain.result import Status
from ketenwacht.render.svg import ASCII, UNICODE, sparkline


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_every_verdict_has_a_mark_of_its_own(glyphs):
    assert set(glyphs.marks) == set(Status)
    assert len(set(glyphs.marks.values())) == len(Status)


def test_a_medium_of_ascii_gets_ascii_dashes():
    assert ASCII.plain("20–50, −3 — x") == "20-50, -3 - x"
    assert UNICODE.plain("20–50") == "20–50"


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"),
        ([7, None, 0], "█·▁"),  # a gap is not a zero
        ([0, 0], "▁▁"),
        ([math.nan], "·"),
        ([], ""),
    ],
)
def test_a_series_is_one_line(values, drawn):
    assert sparkline(values) == drawn


def test_a_long_series_is_drawn_as_means_of_equal_stretches():
    assert sparkline([0, 0, 4, 4, 8, 8, None, None], width=4) == "▁▅█·"


@given(
    values=st.lists(st.one_of(st.none(), st.floats(0, 1e9)), max_size=500),
    width=st.integers(1, 60),
    glyphs=st.sampled_from([UNICODE, ASCII]),
)
def test_it_is_never_wider_than_asked_and_draws_only_its_own_signs(values, width, glyphs):
    drawn = sparkline(values, width=width, glyphs=glyphs)
    assert len(drawn) == min(width, len(values))
    assert set(drawn) <= set(glyphs.levels + glyphs.gap)
