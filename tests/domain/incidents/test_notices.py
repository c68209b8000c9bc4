"""What people must hear of an incident: once each, and nothing that they know."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ketenwacht.domain.findings.finding import Nature, Severity, Snooze
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.incidents import KnownIncident, assemble
from ketenwacht.domain.incidents.changes import IncidentReason
from ketenwacht.domain.incidents.notices import decide_notices

from .made import FAMILY, lost, moment

POLICY, AT = Policy(), moment(20)
NUMBER = 7


def known(told=None, **changes):
    return {NUMBER: KnownIncident(NUMBER, "feed", moment(7), told=told, **changes)}


def made(persons=200, **changes):
    return assemble(known()[NUMBER], [lost(persons, FAMILY, **changes)], POLICY)


def told_of(incident):
    """What people have heard after the incident was told as it is."""
    said = decide_notices((), (incident,), known(), POLICY, at=AT)
    return said.heard[NUMBER]


def reasons(before, after, told, *, at=AT, **changes):
    said = decide_notices((before,), (after,), known(told, **changes), POLICY, at=at)
    return [notice.reason for notice in said.notices]


def test_a_new_incident_is_told_once():
    one = made()
    said = decide_notices((), (one,), known(), POLICY, at=AT)
    assert [notice.reason for notice in said.notices] == [IncidentReason.OPENED]
    again = decide_notices((one,), (one,), known(said.heard[NUMBER]), POLICY, at=AT)
    assert (again.notices, again.heard, again.quiet) == ((), {}, ())


CHANGES = [
    ("the number grew well above what was told", made(310), IncidentReason.GREW),
    ("it grew a little: the root is edited, nobody is told", made(220), None),
    ("severity grew with the number of the whole", made(1200), IncidentReason.SEVERITY_GREW),
    ("it ended", made(ended=15), IncidentReason.RECOVERED),
    ("it no longer grows", replace(made(), stopped_on=moment(5).date()), IncidentReason.STOPPED),
]


@pytest.mark.parametrize(("sentence", "after", "reason"), CHANGES, ids=[one[0] for one in CHANGES])
def test_what_happens_is_told(sentence, after, reason):
    before = made()
    assert reasons(before, after, told_of(before)) == ([] if reason is None else [reason])
    said = decide_notices((before,), (after,), known(told_of(before)), POLICY, at=AT)
    heard = said.heard.get(NUMBER, told_of(before))
    assert reasons(after, after, heard) == [], "once"


def test_slow_growth_is_measured_from_what_was_told():
    first, told, found = made(), told_of(made()), []
    for persons in (220, 250, 280, 310):
        after = made(persons)
        found += reasons(first, after, told)
        first = after
    assert found == [IncidentReason.GREW]


def test_a_warning_is_listed_and_not_told():
    one = made(nature=Nature.WARNED)
    assert decide_notices((), (one,), known(), POLICY, at=AT).notices == ()


def test_an_archive_is_silent_until_something_changes():
    one = made()
    said = decide_notices((), (one,), known(), POLICY, at=AT, silent=True)
    assert said.notices == ()
    assert reasons(one, one, said.heard[NUMBER]) == []
    assert reasons(one, made(1200), said.heard[NUMBER]) == [IncidentReason.SEVERITY_GREW]


@pytest.mark.parametrize(
    ("sentence", "after", "stored"),
    [
        ("it grew", (made(1200),), {}),
        ("it changed without a notice", (made(881),), {}),
        ("it is continued in another", (), {"merged_into": 3}),
    ],
)
def test_while_an_archive_is_judged_no_root_message_is_made_or_edited(sentence, after, stored):
    one = made()
    heard = told_of(one)
    said = decide_notices((one,), after, known(heard, **stored), POLICY, at=AT, silent=True)
    assert (said.notices, said.quiet) == ((), ()), sentence


def test_a_snooze_is_silence_until_the_loss_outgrows_it():
    quiet = Snooze("an", "holiday", AT + timedelta(days=9), 200.0)
    before = replace(made(), snooze=quiet)
    assert reasons(before, replace(made(220), snooze=quiet), told_of(made())) == []
    assert reasons(before, replace(made(320), snooze=quiet), told_of(made())) == [IncidentReason.GREW]


def test_what_people_heard_of_its_findings_before_it_had_a_number_counts():
    finding = replace(lost(200, FAMILY), told_severity=Severity.HIGH)
    one = assemble(known()[NUMBER], [finding], POLICY)
    assert reasons(one, one, None) == []


def test_a_merged_incident_says_where_it_goes_on():
    one = made()
    said = decide_notices((one,), (), known(told_of(one), merged_into=3), POLICY, at=AT)
    assert [(notice.reason, notice.into) for notice in said.notices] == [(IncidentReason.MERGED, 3)]


def test_what_comes_and_goes_is_told_three_times_and_then_after_a_week_of_quiet():
    on, off = made(), made(ended=15)
    told, was, found = told_of(on), on, []
    for step in range(8):
        now = off if step % 2 == 0 else on
        said = decide_notices((was,), (now,), known(told), POLICY, at=AT + timedelta(days=step))
        found += [(notice.reason, notice.unsettled) for notice in said.notices]
        told, was = said.heard.get(NUMBER, told), now
    assert [unsettled for _, unsettled in found[:3]] == [False, False, True]
    assert len(found) <= 4
