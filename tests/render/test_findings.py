from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ketenwacht.domain.evidence import InquiryCount
from ketenwacht.domain.findings.finding import Nature, State
from ketenwacht.domain.incidents import KnownOnset, share_persons
from ketenwacht.domain.result import Evidence, Missing
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.messages.findings import (
    describe_delay,
    number_findings,
)
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.found_first import FoundFirst, sum_found_first, view_found_first

FAMILY, ASYLUM = Segment.of({"group": "family"}), Segment.of({"group": "asylum"})
TOWN = Segment.of({"town": "0363"})
JAN, FEB = date(2022, 1, 3), date(2022, 2, 1)


def lost(count, since=JAN):
    return Missing(since, count, count - 10, count + 10)


def test_findings_are_numbered_as_they_were_made_whatever_their_order(incidents):
    forward, backward = number_findings(incidents), number_findings(reversed(incidents))
    assert forward == backward
    assert [f.number for f in forward] == list(range(1, 8))
    assert [f.found for f in forward] == sorted(f.found for f in forward)


def test_the_day_is_the_local_one(incident):
    late = datetime(2022, 1, 3, 23, 30, tzinfo=UTC)
    amsterdam = ZoneInfo("Europe/Amsterdam")
    (found,) = number_findings(
        [incident(1, Evidence.HISTORY, JAN, opened_at=late, resolved_at=late)], zone=amsterdam
    )
    assert found.found == found.ended == date(2022, 1, 4)


@pytest.mark.parametrize(
    ("onsets", "began", "words"),
    [
        ([], JAN, "about 29 days"),  # the estimate, for want of better
        ([KnownOnset(FAMILY, date(2022, 1, 1))], date(2022, 1, 1), "31 days"),
        ([KnownOnset(ASYLUM, date(2021, 6, 1))], JAN, "about 29 days"),  # other people
        ([KnownOnset(FAMILY, FEB)], JAN, "about 29 days"),  # what was found began before that loss
        (
            [KnownOnset(WHOLE, date(2021, 12, 1)), KnownOnset(FAMILY, date(2022, 1, 1))],
            date(2022, 1, 1),
            "31 days",
        ),
        (
            [KnownOnset(FAMILY, date(2022, 1, 1)), KnownOnset(FAMILY, date(2021, 12, 31))],
            date(2021, 12, 31),
            "32 days",
        ),
        (
            [KnownOnset(FAMILY, date(2022, 3, 1))],
            JAN,
            "about 29 days",
        ),  # later than the finding: not what was found
    ],
)
def test_days_count_from_the_known_onset_of_the_same_people_else_from_the_estimate(incident, onsets, began, words):
    (found,) = number_findings([incident(1, Evidence.HISTORY, FEB, segment=FAMILY, missing=lost(90))], onsets)
    assert (found.began, describe_delay(found, MessageFormatter())) == (began, words)


def test_a_beginning_that_was_estimated_anew_after_the_day_it_was_found_gives_no_delay(incident):
    (found,) = number_findings([incident(1, Evidence.HISTORY, JAN, segment=FAMILY, missing=lost(90, FEB))])
    assert (found.began, found.days, describe_delay(found, MessageFormatter())) == (FEB, None, "")


def test_what_is_not_about_missing_persons_has_no_onset(incident):
    (found,) = number_findings([incident(1, Evidence.SCHEDULE, FEB)], [KnownOnset(WHOLE, JAN)])
    assert (found.began, found.days, describe_delay(found, MessageFormatter())) == (None, None, "")


@pytest.mark.parametrize(
    ("a", "b", "both"),
    [
        (WHOLE, FAMILY, True),
        (FAMILY, ASYLUM, False),
        (FAMILY, TOWN, True),
        (Segment.of({"group": "family", "town": "0363"}), Segment.of({"group": "asylum", "town": "0363"}), False),
    ],
)
def test_segments_overlap_unless_they_contradict(a, b, both):
    assert share_persons(a, b) is both
    assert share_persons(b, a) is both


def test_nobody_is_counted_twice(incident):
    found = number_findings(
        [
            incident(1, Evidence.HISTORY, JAN, segment=WHOLE, missing=lost(5000)),
            incident(2, Evidence.RECONCILIATION, JAN, segment=FAMILY, missing=lost(2760)),
            incident(3, Evidence.RECONCILIATION, FEB, segment=ASYLUM, missing=lost(450, FEB)),
            incident(4, Evidence.RECONCILIATION, FEB, segment=TOWN, missing=lost(90)),
            incident(5, Evidence.REFERENCE, FEB, segment=ASYLUM, missing=lost(-70)),
        ]
    )
    assert sum_found_first(found).by_us == 3210


@pytest.mark.parametrize(
    ("opened", "share"),
    [
        ({Evidence.RECONCILIATION: JAN, Evidence.INQUIRY: FEB}, 0.0),
        ({Evidence.RECONCILIATION: FEB, Evidence.INQUIRY: JAN}, 1.0),
        ({Evidence.HISTORY: JAN}, 0.0),
    ],
)
def test_the_yardstick_asks_what_spoke_first_and_counts_by_the_best(incident, opened, share):
    found = number_findings(
        incident(i, evidence, day, segment=FAMILY, missing=lost(100))
        for i, (evidence, day) in enumerate(opened.items())
    )
    assert sum_found_first(found).share == pytest.approx(share)


def test_the_yardstick_counts_a_loss_that_was_made_good_at_its_largest(incident):
    found = number_findings([incident(1, Evidence.RECONCILIATION, JAN, segment=FAMILY, missing=lost(0))])
    assert sum_found_first(found).share is None
    assert sum_found_first(found, peaks={found[0].incident.id: 2070.0}).by_us == 2070


def test_inquiries_without_an_estimate_that_spoke_first_have_found_the_loss(incident):
    asked = incident(1, Evidence.INQUIRY, FEB)
    known = incident(2, Evidence.RECONCILIATION, date(2022, 3, 1), segment=FAMILY, missing=lost(100, JAN))
    assert (
        sum_found_first(number_findings([asked, known])).by_inquiry,
        sum_found_first(number_findings([known])).by_us,
    ) == (100, 100)


def test_an_inquiry_does_not_speak_of_a_loss_that_began_after_it(incident):
    asked = incident(1, Evidence.INQUIRY, JAN)
    later = incident(2, Evidence.RECONCILIATION, date(2022, 3, 1), segment=FAMILY, missing=lost(100, FEB))
    assert sum_found_first(number_findings([asked, later])).by_inquiry == 0


def test_more_questions_than_usual_is_no_finding_of_anybody(incident):
    louder = incident(1, Evidence.INQUIRY, JAN, nature=Nature.WARNED)
    known = incident(2, Evidence.RECONCILIATION, FEB, segment=FAMILY, missing=lost(100, JAN))
    assert sum_found_first(number_findings([louder, known])).by_inquiry == 0


def test_where_only_inquiries_spoke_those_they_confirmed_are_counted(incident):
    counts = [InquiryCount(JAN, "should_have_been_sent", 30), InquiryCount(FEB, "known", 9)]
    found = number_findings([incident(1, Evidence.INQUIRY, FEB)])
    first = sum_found_first(found, inquiries=counts)
    assert (first.by_inquiry, first.by_us, first.share) == (30, 0, 1.0)
    said = view_found_first(first, MessageFormatter()).sentence
    assert said == "0 persons were found before anybody asked; 30 were first found by an inquiry."


def test_the_yardstick_has_no_share_of_nobody(incident):
    first = sum_found_first(number_findings([incident(1, Evidence.SCHEDULE, JAN)]))
    assert first.share is None
    said = view_found_first(first, MessageFormatter()).sentence
    assert said == "Nobody was found to be missing, neither by us nor by an inquiry."


@pytest.mark.parametrize(
    ("by_inquiry", "by_us", "share", "sentence"),
    [
        pytest.param(
            3.0, 0.0, None, "0 persons were found before anybody asked; <10 were first", id="all of a few"
        ),
        pytest.param(
            3.0, 400.0, None, "400 persons were found before anybody asked; <10 were first", id="a few of many"
        ),
        pytest.param(
            100.0, 300.0, 0.25, "300 persons were found before anybody asked; 100 were first", id="a quarter"
        ),
        pytest.param(0.0, 300.0, 0.0, "300 persons were found before anybody asked; 0 were first", id="none"),
    ],
)
def test_the_yardstick_hides_few_and_the_share_that_would_tell_them(by_inquiry, by_us, share, sentence):
    view = view_found_first(FoundFirst(by_inquiry, by_us), MessageFormatter())
    assert view.share.value == share
    assert view.sentence.startswith(sentence)


@pytest.mark.parametrize(
    ("state", "live"),
    [(State.OPEN, True), (State.ACKNOWLEDGED, True), (State.RESOLVED, False), (State.CLOSED, False)],
)
def test_a_finding_lives_until_it_is_resolved(incident, state, live):
    assert number_findings([incident(1, Evidence.HISTORY, JAN, state=state)])[0].live is live
