"""A backlog spread over weeks."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.domain.catchup import Backlog, Clock, Starts, plan
from ketenwacht.domain.segment import Segment

START = date(2023, 9, 4)
A, B, C = (Segment.of({"town": t}) for t in "abc")


def test_oldest_first_and_never_above_the_limit():
    waiting = [Backlog(A, date(2022, 3, 1), 3), Backlog(A, date(2022, 1, 1), 4), Backlog(B, date(2022, 2, 1), 2)]
    found = plan(waiting, {A: 2.5, B: 100.0}, multiple=3.0, start=START)
    assert found.limits == {A: 5, B: 200}
    first, second = found.weeks
    assert [(s.segment, s.count, s.oldest) for s in first.shares] == [
        (A, 5, date(2022, 1, 1)),
        (B, 2, date(2022, 2, 1)),
    ]
    assert [(s.segment, s.count, s.oldest) for s in second.shares] == [(A, 2, date(2022, 3, 1))]
    assert second.first == START + timedelta(days=7)
    assert found.last == START + timedelta(days=13)
    assert found.chart() == ((START, 7, 2), (START + timedelta(days=7), 2, 0))


def test_where_normally_nobody_comes_one_person_a_week_can_be_caught_up():
    found = plan([Backlog(C, None, 3)], {}, multiple=2.0, start=START)
    assert [week.count for week in found.weeks] == [1, 1, 1]


def test_without_a_backlog_there_is_nothing_to_plan():
    found = plan([Backlog(A, None, 0)], {A: 5.0}, multiple=2.0, start=START)
    assert (found.weeks, found.count, found.last, found.rows()) == ((), 0, None, ())


def test_the_lines_of_the_file_say_who_when_and_how_many():
    (row,) = plan([Backlog(A, date(2022, 1, 1), 3)], {A: 4.0}, multiple=2.0, start=START).rows()
    assert row == {
        "week": "2023-09-04",
        "town": "a",
        "persons": "3",
        "at_most": "4",
        "oldest_decision": "2022-01-01",
    }


def test_a_term_from_the_decision_may_have_passed_or_pass_while_they_wait():
    clock = Clock(name="answer", term=timedelta(days=30), starts=Starts.DECISION)
    waiting = [
        Backlog(A, START - timedelta(days=30), 1),  # ended yesterday: its end is exclusive
        Backlog(A, START - timedelta(days=29), 1),  # ends tomorrow, delivered next week
        Backlog(A, START - timedelta(days=2), 1),  # long enough
    ]
    (risk,) = plan(waiting, {}, multiple=2.0, start=START, clocks=(clock,)).risks
    assert (risk.passed, risk.will_pass) == (1, 1)
    assert risk.last_end == START + timedelta(days=28)


def test_the_plan_term_starts_with_the_delivery_so_that_none_has_passed():
    (risk,) = plan([Backlog(A, None, 2)], {}, multiple=2.0, start=START).risks
    assert (risk.passed, risk.will_pass) == (0, 0)
    assert risk.last_end == START + timedelta(weeks=11)


@pytest.mark.parametrize(
    ("backlog", "normal", "multiple"),
    [
        ([], {}, 0.5),
        ([], {}, float("nan")),
        ([Backlog(A, None, -1)], {}, 2.0),
        ([Backlog(A, None, 1)], {A: -1.0}, 2.0),
    ],
)
def test_what_makes_no_sense_is_refused(backlog, normal, multiple):
    with pytest.raises(ValueError, match=r"multiple|negative"):
        plan(backlog, normal, multiple=multiple, start=START)


BACKLOGS = st.lists(
    st.builds(
        Backlog,
        st.sampled_from([A, B, C]),
        st.one_of(st.none(), st.dates(date(2022, 1, 1), START)),
        st.integers(0, 30),
    )
)
LOADS = st.dictionaries(st.sampled_from([A, B, C]), st.floats(0, 20))


@given(backlog=BACKLOGS, normal=LOADS, multiple=st.floats(1, 5))
def test_everybody_is_caught_up_once_oldest_first_and_nobody_is_flooded(backlog, normal, multiple):
    found = plan(backlog, normal, multiple=multiple, start=START)
    caught, wanted = Counter(), Counter()
    for item in backlog:
        wanted[item.segment] += item.count
    oldest = {}
    for week in found.weeks:
        assert [s.segment for s in week.shares] == sorted({s.segment for s in week.shares})
        for share in week.shares:
            load = normal.get(share.segment, 0.0)
            assert share.count == 1 or share.count + load <= multiple * load + 1e-4
            before = oldest.get(share.segment, date.min)
            assert (share.oldest or date.min) >= before
            oldest[share.segment] = share.oldest or date.min
            caught[share.segment] += share.count
    assert +caught == +wanted
    assert [week.first for week in found.weeks] == [START + timedelta(weeks=i) for i in range(len(found.weeks))]
