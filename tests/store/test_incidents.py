from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from ketenwacht.domain.findings.finding import Finding, Severity, Snooze, State
from ketenwacht.domain.result import CheckResult, Evidence, Missing, Status
from ketenwacht.errors import ConcurrentUpdate, StoreError

from .samples import AT, FEED, FULL, act, alert, delivery, event, incident, run, save, snapshot


def keep(history, *incidents, number=1, **more):
    of = delivery(number)
    return save(history, run(of), snapshot(of), findings=incidents, **more)


def test_an_incident_comes_back_as_it_went_in(history):
    keep(history, FULL, incident("i2", check="schema"))

    assert history.findings.get("i1") == FULL
    assert history.findings.get("i2") == incident("i2", check="schema")
    assert history.findings.get("i3") is None


def test_the_full_incident_leaves_nothing_at_its_default():
    unset = [field.name for field in fields(Finding) if getattr(FULL, field.name) in {None, "", ()}]
    assert unset == []


def test_events_come_back_in_order(history):
    first = event()
    second = event(reason="acknowledged", before=State.OPEN, after=State.ACKNOWLEDGED)
    keep(history, incident(), events=[first, second])

    assert history.findings.find_events("i1") == (first, second)
    assert history.findings.find_events("i2") == ()


def test_live_ones_are_those_that_are_not_closed(history):
    states = {"i1": State.OPEN, "i2": State.ACKNOWLEDGED, "i3": State.RESOLVED, "i4": State.CLOSED}
    keep(history, *(incident(name, check=name, state=state) for name, state in states.items()))

    assert {one.id for one in history.findings.find(FEED)} == {"i1", "i2", "i3"}
    assert {one.id for one in history.findings.find()} == {"i1", "i2", "i3"}
    assert {one.id for one in history.findings.find(closed=True)} == set(states)
    assert history.findings.find("another feed", closed=True) == ()


def test_an_incident_that_changes_stays_one(history):
    keep(history, incident())
    changed = replace(incident(), severity=Severity.CRITICAL, owner="anna")
    keep(history, changed, number=2, based_on=[incident()])

    assert history.findings.find() == (changed,)


def test_the_database_itself_refuses_a_second_live_incident_of_a_fingerprint(history):
    keep(history, incident("i1"))

    with pytest.raises(StoreError, match="nothing was written"):
        keep(history, incident("i2"), number=2, alerts=[alert()])

    assert history.findings.find(closed=True) == (incident("i1"),)
    assert history.outbox.count()["pending"] == 0


def test_one_closes_and_another_opens_in_the_same_run(history):
    keep(history, incident("i1"))
    closed = replace(incident("i1"), state=State.CLOSED)

    keep(history, incident("i2"), closed, number=2, based_on=[incident("i1")])

    assert [one.id for one in history.findings.find(FEED)] == ["i2"]


def test_an_act_of_a_person_is_kept_with_its_event_alert_and_audit_line(history):
    keep(history, incident())
    snoozed = replace(incident(), snooze=Snooze("anna", "known", AT + timedelta(days=1)))
    did = replace(event(reason="snoozed", before=State.OPEN), actor="anna")

    act(history, snoozed, did, [alert()], based_on=incident(), origin="slack")

    assert history.findings.get("i1") == snoozed
    assert history.findings.find_events("i1") == (did,)
    assert history.outbox.count()["pending"] == 1
    (line,) = history.audit.find()
    assert (line.entry.action, line.entry.object, line.entry.origin) == ("snoozed", "incident i1", "slack")
    assert (line.entry.result, line.entry.actor, line.entry.at) == ("open", "anna", AT)


def test_an_act_on_what_changed_meanwhile_is_refused(history):
    keep(history, incident())
    seen = history.findings.get("i1")
    keep(history, replace(seen, severity=Severity.HIGH), number=2)

    with pytest.raises(ConcurrentUpdate, match="i1 was changed meanwhile"):
        act(history, replace(seen, owner="anna"), event(), based_on=seen)

    assert history.findings.get("i1").severity is Severity.HIGH
    assert history.findings.find_events("i1") == ()
    assert history.audit.find() == ()


def test_a_run_judged_on_what_a_person_changed_meanwhile_is_refused_as_a_whole(history):
    keep(history, incident())
    seen = history.findings.get("i1")
    act(history, replace(seen, state=State.ACKNOWLEDGED), event(reason="acknowledged"), based_on=seen)

    with pytest.raises(ConcurrentUpdate):
        keep(history, replace(seen, severity=Severity.HIGH), number=2, based_on=[seen])

    assert history.findings.get("i1").state is State.ACKNOWLEDGED
    assert len(history.runs.find(FEED)) == 1


def test_an_act_on_an_incident_that_is_not_there_is_refused(history):
    with pytest.raises(ConcurrentUpdate):
        act(history, incident(), event(), based_on=incident())
    assert history.findings.find(closed=True) == ()


def test_what_time_did_is_kept_without_a_run(history):
    keep(history, incident("i1"), incident("i2", check="schema"))
    closed = replace(incident("i1"), state=State.CLOSED)
    quiet = replace(incident("i2", check="schema"), snooze=None, severity=Severity.HIGH)

    with history.transaction() as work:
        work.findings.save(
            [closed, quiet],
            [event(reason="closed-quiet")],
            based_on=[incident("i1"), incident("i2", check="schema")],
        )
        work.outbox.add([alert()])

    assert set(history.findings.find(closed=True)) == {closed, quiet}
    assert history.findings.find_events("i1") == (event(reason="closed-quiet"),)
    assert history.outbox.count()["pending"] == 1
    assert len(history.runs.find(FEED)) == 1


def test_what_time_did_to_one_that_changed_meanwhile_is_not_kept_at_all(history):
    keep(history, incident("i1"), incident("i2", check="schema"))
    stale = replace(incident("i2", check="schema"), severity=Severity.CRITICAL)

    def close() -> None:
        with history.transaction() as work:
            work.outbox.add([alert()])
            work.findings.save([replace(incident("i1"), state=State.CLOSED)], [event()], based_on=[stale])

    with pytest.raises(ConcurrentUpdate):
        close()

    assert {one.id for one in history.findings.find()} == {"i1", "i2"}
    assert history.findings.find_events("i1") == ()
    assert history.outbox.count()["pending"] == 0


def test_the_peak_is_the_most_that_a_failed_result_said_while_the_finding_lived(history):
    def said(number, persons, status=Status.FAILED):
        of = delivery(number)
        result = CheckResult("volume", status, Evidence.HISTORY, "few", FULL.fingerprint.segment)
        result = replace(result, missing=Missing(of.period, persons, persons, persons))
        judged = replace(run(of), at=AT + timedelta(days=number), results=(result,))
        assert save(history, judged, snapshot(of), findings=[live] if number == 3 else [])

    live = replace(FULL, opened_at=AT + timedelta(days=2), resolved_at=None, closed_at=AT + timedelta(days=6))
    for number, persons in enumerate([9000.0, 10.0, 5000.0, 2070.0, 30.0, -500.0, 8000.0], start=1):
        said(number, persons, Status.WARNED if persons == 5000.0 else Status.FAILED)
    assert history.findings.find_peaks(FEED) == {live.id: 2070.0}
    assert history.findings.find_peaks("another") == {}
