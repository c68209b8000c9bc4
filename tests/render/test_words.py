from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.domain.result import STRENGTH, CheckResult, Evidence, Interval, Missing
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.status import Status
from ketenwacht.render import words

DAY = date(2022, 1, 3)


@pytest.mark.parametrize(
    ("expected", "unit", "shown"),
    [
        (Interval(20.4, 44.2), "persons", "21–44"),  # the whole numbers that would have been accepted
        (Interval(19.0, 19.0), "persons", "19"),
        (Interval(20.2, 20.8), "persons", "20–21"),  # no whole number lies inside: widened, never upside down
        (Interval(None, 0.0), "rows", "at most 0"),
        (Interval(21.0, None), "persons", "at least 21"),
        (Interval(3.0, 8.0), "persons", "3–8"),  # limits are a model's, not persons
        (Interval(0.98, None), "share", "at least 98.0 %"),
        (Interval(None, 4.0), "hours", "at most 4"),
        (Interval(), "persons", ""),
        (None, "persons", ""),
    ],
)
def test_a_band_reads_as_people_say_it(expected, unit, shown):
    assert words.band(expected, unit) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.0, "persons", "0"),
        (1.0, "persons", "<10"),
        (9.0, "rows", "<10"),
        (10.0, "inquiries", "10"),
        (1234.0, "records", "1,234"),
        (3.0, "hours", "3 hours"),
        (0.5, "share", "50.0 %"),
        (3.0, None, "3"),
        (float("nan"), "hours", "unknown hours"),
    ],
)
def test_what_was_seen_hides_small_counts_of_persons_only(value, unit, shown):
    result = CheckResult("c", Status.FAILED, Evidence.HISTORY, "m", observed=value, unit=unit)
    assert words.observed(result) == shown


@pytest.mark.parametrize(
    ("missing", "amount", "interval"),
    [
        ((187, 123, 258), "about 190", "120–260"),
        ((4, 1, 8), "fewer than 10", "0–10"),
        ((0, 0, 0), "none", "0–0"),
        ((-42, -61, -23), "about 40 too many", "20–70"),
        ((-4, -8, -1), "fewer than 10 too many", "0–10"),
        ((30, -10, 70), "about 30", "0–70"),
    ],
)
def test_missing_persons_are_told_in_tens(missing, amount, interval):
    estimate = Missing(DAY, *missing)
    assert (words.missing_amount(estimate), words.missing_range(estimate)) == (amount, interval)


def test_a_segment_reads_as_words():
    assert words.segment_words(Segment.of({"group": "family", "town": ""})) == "group family, town (empty)"
    assert words.segment_words(WHOLE) == "whole feed"


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("a\x1b[31mb", "a�[31mb"),  # a terminal would obey it
        ("a\nb\t c", "a b c"),
        ("a\u202eb", "a�b"),  # would turn the rest of the line around
        ("ĳssel", "ĳssel"),
    ],
)
def test_names_from_data_lose_what_a_terminal_would_obey(raw, kept):
    assert words.clean(raw) == kept


@given(st.text())
def test_cleaned_text_is_printable_and_stays_clean(raw):
    assert words.clean(raw).isprintable()
    assert words.clean(words.clean(raw)) == words.clean(raw)


def test_every_status_and_every_evidence_has_its_words():
    assert set(words.MEANING) == set(words.UNICODE.marks) == set(words.ASCII.marks) == set(Status)
    assert set(words.EVIDENCE) == set(STRENGTH) == set(Evidence)


def test_marks_differ_between_all_verdicts_without_colour():
    for glyphs in (words.UNICODE, words.ASCII):
        assert len(set(glyphs.marks.values())) == len(Status)
