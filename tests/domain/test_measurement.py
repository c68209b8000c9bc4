"""The smallest count that can be had of a delivery decides how exactly it may be shown."""

from __future__ import annotations

import pytest
from views import snapshot

from ketenwacht.domain.measurement import smallest_count
from ketenwacht.domain.segment import Segment

A = Segment.of({"group": "a"})
BIG = [("rows", 100.0), ("rows", A, 60.0)]


@pytest.mark.parametrize(
    ("sentence", "measured", "smallest"),
    [
        ("nothing was counted", [], None),
        ("the rows of a segment", [*BIG, ("rows", A, 7.0)], 7.0),
        ("nobody is no small count", [*BIG, ("nulls.bsn", A, 0.0)], 60.0),
        ("rows with an empty value", [*BIG, ("nulls.bsn", A, 4.0)], 4.0),
        ("the rest of them", [*BIG, ("nulls.bsn", A, 57.0)], 3.0),
        ("rows that met no expectation", [*BIG, ("expectation.e.unexpected", 2.0)], 2.0),
        ("what was lost on the way", [*BIG, ("declared.rows", 102.0)], 2.0),
        ("what was lost of a segment", [*BIG, ("declared.rows", A, 65.0)], 5.0),
        ("what was selected and not sent", [*BIG, ("declared.rows", 120.0), ("declared.selected", 125.0)], 5.0),
        ("a reason", [*BIG, ("declared.excluded.minor", 8.0)], 8.0),
        (
            "whom no reason explains",
            [*BIG, ("declared.selected", 123.0), ("declared.excluded.minor", 20.0)],
            3.0,
        ),
        (
            "nobody is unexplained",
            [*BIG, ("declared.selected", 120.0), ("declared.excluded.minor", 20.0)],
            20.0,
        ),
        ("lateness counts nobody", [*BIG, ("hours_late", 3.0)], 60.0),
    ],
)
def test_the_smallest_count_is(sentence, measured, smallest):
    assert smallest_count(snapshot(measured)) == smallest, sentence
