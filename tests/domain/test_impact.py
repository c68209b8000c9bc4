"""What it means that persons are missing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ketenwacht.domain.catchup import PLAN_CLOCK, Backlog, Clock, Starts, impact
from ketenwacht.domain.segment import WHOLE, Segment

DAY = date(2022, 6, 24)
X, Y = Segment.of({"town": "x"}), Segment.of({"town": "y"})
OBJECTION = Clock(name="objection", term=timedelta(days=42), starts=Starts.DECISION)


def ago(days, count, where=X):
    return Backlog(where, DAY - timedelta(days=days), count)


def test_nobody_missing_means_nothing():
    found = impact([ago(3, 0)], DAY)
    assert (found.count, found.parts) == (0, ())


def test_the_parts_with_most_come_first_and_add_up():
    found = impact([ago(9, 3), ago(5, 4), ago(5, 9, Y), Backlog(Y, None, 1)], DAY)
    assert (found.count, found.parts) == (17, ((Y, 10), (X, 7)))


def test_a_backlog_that_is_not_divided_has_no_parts():
    found = impact([ago(9, 3, WHOLE)], DAY)
    assert (found.count, found.parts, found.by) == (3, (), ())


def test_only_parts_with_enough_persons_are_named():
    found = impact([ago(9, 9, X), ago(9, 12, Y)], DAY)
    assert found.by == ("town",)
    assert found.most(5, small=10) == ((Y, 12),)
    assert found.most(0, small=10) == ()


def test_a_term_from_the_decision_has_passed_ends_soon_or_runs_on():
    backlog = [ago(42, 1), ago(41, 2), ago(14, 4), ago(13, 8), Backlog(X, None, 16)]
    (term,) = impact(backlog, DAY, [OBJECTION]).terms
    assert (term.passed, term.soon, term.waiting) == (1, 6, 16)


def test_a_term_from_the_delivery_begins_for_nobody_yet():
    (term,) = impact([ago(400, 5)], DAY).terms
    assert (term.clock, term.passed, term.soon, term.waiting) == (PLAN_CLOCK, 0, 0, 5)


def test_a_term_from_the_delivery_would_have_ended_had_they_come_in_time():
    backlog = [ago(84, 1), ago(83, 2), Backlog(X, None, 4)]
    (term,) = impact(backlog, DAY, sla=timedelta(days=14)).terms
    assert (term.waiting, term.overdue) == (7, 1)


TERM = timedelta(days=10)
WEDNESDAY = date(2022, 6, 15)
BY_DELIVERY = Clock(name="a", term=TERM, starts=Starts.DELIVERY)
BY_DECISION = Clock(name="a", term=TERM, starts=Starts.DECISION)
MOMENTS = [
    # (sentence, days from the decision to the day, clock, passed, soon, waiting, overdue, end of the next week)
    ("the last day of the term", 9, BY_DECISION, 0, 3, 0, 0, date(2022, 6, 13)),
    ("the day after the term", 10, BY_DECISION, 3, 0, 0, 0, None),
    ("a term that ends in the next week", 6, BY_DECISION, 0, 3, 0, 0, date(2022, 6, 13)),
    ("the last day of delivery in time", 11, BY_DELIVERY, 0, 0, 3, 0, date(2022, 6, 13)),
    ("the day after it", 12, BY_DELIVERY, 0, 0, 3, 3, None),
]


@pytest.mark.parametrize(
    ("sentence", "ago", "clock", "passed", "soon", "waiting", "overdue", "week"),
    MOMENTS,
    ids=[one[0] for one in MOMENTS],
)
def test_where_a_term_stands_on_one_day(sentence, ago, clock, passed, soon, waiting, overdue, week):
    found = impact(
        [Backlog(WHOLE, WEDNESDAY - timedelta(days=ago), 3)], WEDNESDAY, (clock,), sla=timedelta(days=2)
    )
    (term,) = found.terms
    assert (term.passed, term.soon, term.waiting, term.overdue) == (passed, soon, waiting, overdue)
    assert term.weeks == (() if week is None else ((week, 3),))


def test_without_a_decision_date_a_person_waits_and_no_term_runs():
    (term,) = impact([Backlog(WHOLE, None, 3), Backlog(WHOLE, WEDNESDAY, 0)], WEDNESDAY, (BY_DECISION,)).terms
    assert (term.passed, term.soon, term.waiting, term.overdue, term.weeks) == (0, 0, 3, 0, ())


def test_the_weeks_in_which_a_term_ends_are_in_order():
    late, early = Backlog(WHOLE, WEDNESDAY, 5), Backlog(WHOLE, WEDNESDAY - timedelta(days=7), 2)
    (term,) = impact([late, early], WEDNESDAY, (BY_DECISION,)).terms
    assert term.weeks == ((date(2022, 6, 13), 2), (date(2022, 6, 20), 5))


def test_impacts_of_several_parts_add_up_a_week_at_a_time():
    early = impact([Backlog(X, WEDNESDAY - timedelta(days=7), 2)], WEDNESDAY, (BY_DECISION,))
    late = impact([Backlog(Y, WEDNESDAY, 5), Backlog(X, WEDNESDAY, 1)], WEDNESDAY, (BY_DECISION,))
    again = impact([Backlog(Y, WEDNESDAY - timedelta(days=6), 4)], WEDNESDAY, (BY_DECISION,))
    for found in (early.merge([late, again]), late.merge([again, early])):
        assert (found.count, found.parts) == (12, ((Y, 9), (X, 3)))
        (term,) = found.terms
        assert (term.soon, term.weeks) == (12, ((date(2022, 6, 13), 6), (date(2022, 6, 20), 6)))


def test_terms_of_another_length_stay_apart():
    other = Clock(name="a", term=TERM + timedelta(days=1), starts=Starts.DECISION)
    one, two = (impact([Backlog(X, WEDNESDAY, 1)], WEDNESDAY, (clock,)) for clock in (BY_DECISION, other))
    assert [term.clock for term in one.merge([two]).terms] == [BY_DECISION, other]
