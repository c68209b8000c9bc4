from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ketenwacht.domain.evidence import InquiryCount, ReconciliationCount, ReferenceFigure
from ketenwacht.domain.segment import WHOLE
from ketenwacht.errors import StoreError

from .samples import AT, DAY, FEED, IMPACT, NORTH

FIGURE = ReferenceFigure(NORTH, date(2024, 1, 1), date(2024, 1, 31), 510.0, 0.02, date(2024, 2, 15), "bureau")
RESTATED = replace(FIGURE, count=530.0, published_on=date(2024, 5, 15), version=2)
INQUIRY = InquiryCount(DAY, "open", 3, NORTH)
OUTCOME = ReconciliationCount(DAY, AT, NORTH, 100, 90, 4, 5, 1, 2, 3, DAY - timedelta(30), impact=IMPACT)


def add(history, *figures, at=AT):
    return history.evidence.add_references(FEED, figures, who="anna", why="monthly", at=at)


def count(history, *counts, at=AT):
    return history.evidence.add_inquiries(FEED, counts, who="anna", why="weekly", at=at)


def test_a_figure_comes_back_as_it_went_in(history):
    assert add(history, FIGURE) == 1
    assert history.evidence.find_references(FEED, known_on=None) == (FIGURE,)
    assert history.evidence.find_references("another feed", known_on=None) == ()


def test_the_same_figure_again_adds_nothing(history):
    add(history, FIGURE)
    assert add(history, FIGURE, FIGURE) == 0
    assert history.evidence.find_references(FEED, known_on=None) == (FIGURE,)


def test_a_figure_is_known_from_the_day_it_was_published(history):
    add(history, FIGURE)
    assert history.evidence.find_references(FEED, known_on=date(2024, 2, 14)) == ()
    assert history.evidence.find_references(FEED, known_on=date(2024, 2, 15)) == (FIGURE,)


def test_a_restated_figure_is_kept_beside_what_it_was(history):
    add(history, FIGURE)
    assert add(history, replace(RESTATED, version=1)) == 1

    assert history.evidence.find_references(FEED, known_on=date(2024, 5, 14)) == (FIGURE,)
    assert history.evidence.find_references(FEED, known_on=date(2024, 5, 15)) == (RESTATED,)
    assert add(history, FIGURE) == 0  # an old file read again restates nothing
    assert history.evidence.find_references(FEED, known_on=None) == (RESTATED,)


def test_both_versions_in_one_file_are_two_versions(history):
    assert add(history, FIGURE, RESTATED) == 2
    assert history.evidence.find_references(FEED, known_on=None) == (RESTATED,)


@pytest.mark.parametrize(
    "other",
    [
        replace(FIGURE, source="ministry"),
        replace(FIGURE, segment=WHOLE),
        replace(FIGURE, period_to=date(2024, 2, 29)),
        replace(FIGURE, period_from=date(2023, 12, 1)),
    ],
    ids=["source", "segment", "last day", "first day"],
)
def test_figures_of_another_thing_stand_side_by_side(history, other):
    assert add(history, FIGURE, other) == 2
    assert set(history.evidence.find_references(FEED, known_on=None)) == {FIGURE, other}


def test_an_import_is_all_or_nothing(history):
    with pytest.raises(StoreError):
        add(history, FIGURE, replace(FIGURE, source="x", uncertainty=None))
    assert history.evidence.find_references(FEED, known_on=None) == ()
    assert history.audit.find() == ()


def test_each_import_leaves_its_line_in_the_audit_log(history):
    add(history, FIGURE)
    add(history, FIGURE, RESTATED)
    count(history, INQUIRY)

    said = [(line.entry.action, line.entry.object, line.entry.result) for line in history.audit.find()]
    assert said == [
        ("reference import", FEED, "1 new of 1"),
        ("reference import", FEED, "1 new of 2"),
        ("inquiries import", FEED, "1 new of 1"),
    ]
    assert {line.entry.actor for line in history.audit.find()} == {"anna"}


def test_inquiries_come_back_as_they_went_in_up_to_the_day(history):
    later = replace(INQUIRY, day=DAY + timedelta(1), outcome="known")
    assert count(history, later, INQUIRY) == 2
    assert count(history, INQUIRY) == 0

    assert history.evidence.find_inquiries(FEED, known_on=None) == (INQUIRY, later)
    assert history.evidence.find_inquiries(FEED, known_on=DAY) == (INQUIRY,)
    assert history.evidence.find_inquiries(FEED, known_on=DAY - timedelta(1)) == ()


def test_an_inquiry_that_was_resolved_later_is_open_when_looked_at_from_before(history):
    solved = (replace(INQUIRY, count=0), replace(INQUIRY, outcome="should_have_been_sent"))
    count(history, INQUIRY, at=AT)
    count(history, *solved, at=AT + timedelta(30))

    assert INQUIRY in history.evidence.find_inquiries(FEED, known_on=DAY + timedelta(29))
    assert history.evidence.find_inquiries(FEED, known_on=DAY + timedelta(30)) == solved
    assert history.evidence.find_inquiries(FEED, known_on=None) == solved


def test_a_history_brought_in_afterwards_is_known_from_its_own_days(history):
    count(history, INQUIRY, at=AT + timedelta(900))
    assert history.evidence.find_inquiries(FEED, known_on=DAY) == (INQUIRY,)


def test_the_outcome_of_a_reconciliation_comes_back_as_it_went_in(history):
    later = replace(OUTCOME, at=AT + timedelta(7), first_missing=None)
    history.evidence.add_reconciliation(FEED, [OUTCOME, replace(OUTCOME, segment=WHOLE)])
    history.evidence.add_reconciliation(FEED, [later])
    history.evidence.add_reconciliation(FEED, [OUTCOME])

    assert history.evidence.find_reconciliations(FEED, until=None) == (
        OUTCOME,
        replace(OUTCOME, segment=WHOLE),
        later,
    )
    assert history.evidence.find_reconciliations(FEED, until=AT) == (OUTCOME, replace(OUTCOME, segment=WHOLE))
    assert history.evidence.find_reconciliations(FEED, until=AT - timedelta(seconds=1)) == ()
