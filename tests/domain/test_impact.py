"""What it means that persons are missing."""

from __future__ import annotations

from datetime import date, timedelta

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
