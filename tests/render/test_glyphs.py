"""The signs of a medium tell all verdicts apart without colour."""

import pytest

from ketenwacht.domain.status import Status
from ketenwacht.render.glyphs import ASCII, UNICODE


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_every_verdict_has_a_mark_of_its_own(glyphs):
    assert set(glyphs.marks) == set(Status)
    assert len(set(glyphs.marks.values())) == len(Status)


def test_a_medium_of_ascii_gets_ascii_dashes():
    assert ASCII.plain("20–50, −3 — x") == "20-50, -3 - x"
    assert UNICODE.plain("20–50") == "20–50"
