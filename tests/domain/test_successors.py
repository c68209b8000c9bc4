"""Codes that another code replaced: every count is by the codes that are valid on one day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from views import DAY, snapshot

from ketenwacht.domain.checks._reference_windows import newest
from ketenwacht.domain.evidence import InquiryCount, Known, ReferenceFigure
from ketenwacht.domain.measurement import ROWS, MetricKey
from ketenwacht.domain.past import ExclusionWindow, Past
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.successors import (
    CodeSuccessors,
    Succession,
    renew_known,
    renew_past,
    renew_segment,
    renew_snapshot,
)

MERGED = date(2022, 3, 23)
TOWNS = CodeSuccessors({"town": (Succession("0457", MERGED, "0363"),)})
CHAIN = CodeSuccessors({"town": (Succession("a", MERGED, "b"), Succession("b", MERGED + timedelta(days=10), "c"))})
CIRCLE = CodeSuccessors({"town": (Succession("a", MERGED, "b"), Succession("b", MERGED, "a"))})
OLD, NEW = Segment.of({"town": "0457"}), Segment.of({"town": "0363"})


@pytest.mark.parametrize(
    ("sentence", "successors", "day", "expected"),
    [
        ("on its last day a code still counts as itself", TOWNS, MERGED, {}),
        ("from the next day its successor counts", TOWNS, MERGED + timedelta(days=1), {"0457": "0363"}),
        ("a chain counts as far as it has come", CHAIN, MERGED + timedelta(days=1), {"a": "b"}),
        ("… and to its end later", CHAIN, MERGED + timedelta(days=11), {"a": "c", "b": "c"}),
        ("a circle ends where it began", CIRCLE, MERGED + timedelta(days=1), {"a": "b", "b": "a"}),
        ("a feed without code tables has none", CodeSuccessors(), MERGED, {}),
    ],
)
def test_which_code_counts_on_a_day(sentence, successors, day, expected):
    assert successors.expired_on(day).get("town", {}) == expected, sentence


EXPIRED = TOWNS.expired_on(DAY)


@pytest.mark.parametrize(
    ("sentence", "segment", "expected"),
    [
        ("an old code becomes its successor", {"town": "0457"}, {"town": "0363"}),
        ("another dimension stays", {"group": "0457", "town": "0457"}, {"group": "0457", "town": "0363"}),
        ("a current code stays", {"town": "0014"}, {"town": "0014"}),
        ("the whole feed stays", {}, {}),
    ],
)
def test_a_segment_by_current_codes(sentence, segment, expected):
    assert renew_segment(Segment.of(segment), EXPIRED) == Segment.of(expected), sentence


def test_counts_that_come_together_are_added_up():
    both = snapshot([(ROWS, 10.0), (ROWS, OLD, 3.0), (ROWS, NEW, 4.0)])
    assert renew_snapshot(both, EXPIRED).measurements == {MetricKey(ROWS): 10.0, MetricKey(ROWS, NEW): 7.0}
    plain = snapshot([(ROWS, 10.0), (ROWS, NEW, 4.0)])
    assert renew_snapshot(plain, EXPIRED) is plain


def test_a_past_has_one_series_across_the_merger():
    before = snapshot([(ROWS, OLD, 3.0), (ROWS, NEW, 4.0)], period=DAY - timedelta(days=1))
    after = snapshot([(ROWS, NEW, 8.0)])
    past = renew_past(Past.of([before, after]), EXPIRED)
    assert past.segments(ROWS, ("town",)) == (NEW,)
    assert list(past.series(ROWS, NEW)) == [7.0, 8.0]


def test_figures_and_inquiries_of_others_come_together_too():
    def figure(segment, count, uncertainty):
        return ReferenceFigure(segment, MERGED, DAY, count, uncertainty, DAY, "source")

    known = Known(
        references=(figure(OLD, 100.0, 0.1), figure(NEW, 300.0, 0.02), figure(WHOLE, 900.0, 0.02)),
        inquiries=(InquiryCount(DAY, "open", 2, OLD), InquiryCount(DAY, "open", 3, NEW)),
    )
    renewed = renew_known(known, EXPIRED)
    assert renewed.references == (figure(NEW, 400.0, 0.04), figure(WHOLE, 900.0, 0.02))
    assert renewed.inquiries == (InquiryCount(DAY, "open", 5, NEW),)


@pytest.mark.parametrize(
    ("sentence", "old", "new", "day", "expected"),
    [
        ("both were published once", [(100, 1, 0)], [(300, 1, 0)], 9, 400),
        ("the successor's figure was restated", [(100, 1, 0)], [(280, 1, 0), (300, 2, 5)], 9, 400),
        ("the old code's figure was restated", [(90, 1, 0), (100, 2, 5)], [(300, 1, 0)], 9, 400),
        ("the restatement is not out yet", [(100, 1, 0)], [(280, 1, 0), (300, 2, 5)], 3, 380),
    ],
)
def test_figures_of_codes_that_come_together_are_added_as_known_on_a_day(sentence, old, new, day, expected):
    def figures(segment, versions):
        return tuple(
            ReferenceFigure(segment, DAY, DAY, float(n), 0.02, DAY + timedelta(days=at), "bureau", version=version)
            for n, version, at in versions
        )

    known = renew_known(Known(references=(*figures(OLD, old), *figures(NEW, new))), EXPIRED)
    (counted,) = newest(known.references, DAY + timedelta(days=day))
    assert (counted.segment, counted.count) == (NEW, expected), sentence


def test_releases_stay_when_a_past_is_counted_by_current_codes():
    release = ExclusionWindow(DAY, DAY, "version 2", kind="release")
    past = Past.of([snapshot([(ROWS, OLD, 3.0)])], [release])
    assert renew_past(past, EXPIRED).releases == past.releases == (release,)
