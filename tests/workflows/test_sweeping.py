"""What time alone does is kept and told, on days without a delivery too."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tiny_feed import tiny_feed

from ketenwacht.domain.findings.finding import Finding, Fingerprint, Nature, Severity, Snooze, State
from ketenwacht.domain.incidents import IncidentState
from ketenwacht.domain.message import Message
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.statement import legacy
from ketenwacht.workflows.check import check, sweep

pytestmark = pytest.mark.integration

AT = datetime(2024, 3, 2, 9, tzinfo=UTC)  # a Saturday: nothing is due


def incident(name, **changes):
    given = {
        "id": name,
        "fingerprint": Fingerprint("tiny", f"check {name}", WHOLE),
        "state": State.OPEN,
        "nature": Nature.FAILED,
        "severity": Severity.HIGH,
        "evidence": Evidence.HISTORY,
        "opened_at": AT - timedelta(days=30),
        "changed_at": AT - timedelta(days=30),
        "period": AT.date(),
        "said": legacy(""),
        "told_severity": Severity.HIGH,
    }
    return Finding(**{**given, **changes})


HUSHED = incident("i1", snooze=Snooze("anna", "known", AT - timedelta(hours=1)))
QUIET = incident(
    "i2", state=State.RESOLVED, resolved_at=AT - timedelta(days=20), told_severity=None, flips=(False,) * 3
)
OTHER = incident("i3")


@pytest.fixture
def session(tmp_path):
    with tiny_feed(tmp_path / "feed").session() as opened:
        policy, before = opened.context.alerting.policy, AT - timedelta(hours=3)
        incidents = opened.history.incidents
        incidents.save_findings("tiny", [HUSHED, QUIET, OTHER], based_on=[], policy=policy, at=before)
        known = incidents.read_known("tiny").incidents[incidents.number_of("i1")]
        incidents.save([replace(known, snooze=HUSHED.snooze)], at=before)
        yield opened


def test_a_snooze_ends_and_a_quiet_incident_is_closed_and_only_news_is_told(session):
    assert sweep(session, at=AT) == 2
    after = {i.id: i for i in session.history.findings.find(closed=True)}
    assert (after["i1"].snooze, after["i1"].state) == (None, State.OPEN)
    assert after["i2"].state is State.CLOSED
    assert after["i3"] == OTHER
    assert [e.reason for e in session.history.findings.find_events("i1")] == ["snooze-expired"]
    assert [e.reason for e in session.history.findings.find_events("i2")] == ["closed-quiet"]
    (posted,) = session.history.outbox.find()
    (change,) = Message.from_json(posted.alert.body).changes
    assert change.startswith("2 March 2024: No longer snoozed: ")


def test_a_second_sweep_changes_nothing(session):
    sweep(session, at=AT)
    assert sweep(session, at=AT + timedelta(minutes=1)) == 0
    assert len(session.history.outbox.find()) == 1


def test_a_snooze_that_is_not_over_stays(session):
    assert sweep(session, at=AT - timedelta(hours=2)) == 1
    assert session.history.findings.get("i1") == HUSHED


def test_looking_for_deliveries_on_a_day_without_any_sweeps_too(session):
    assert list(check(session, delivery=None, at=AT)) == []
    assert session.history.findings.get("i2").state is State.CLOSED


def snooze_incident(session, finding, until):
    incidents = session.history.incidents
    known = incidents.read_known("tiny").incidents[incidents.number_of(finding)]
    incidents.save([replace(known, snooze=Snooze("anna", "known", until))], at=AT - timedelta(hours=3))
    return known.number


def test_a_snooze_of_an_incident_ends_on_time_when_no_finding_changes(session):
    until = AT + timedelta(days=3)
    number = snooze_incident(session, "i3", until)
    sweep(session, at=until - timedelta(seconds=1))
    policy, before = session.context.alerting.policy, len(session.history.outbox.find())
    assert session.history.incidents.get(number, policy).state is IncidentState.SNOOZED
    assert list(check(session, delivery=None, at=until)) == [], "no delivery is needed"
    after = session.history.incidents.get(number, policy)
    assert (after.state, after.snooze) == (IncidentState.OPEN, None)
    assert [event.reason for event in session.history.incidents.find_events(number)][-1] == "snooze-ended"
    (posted,) = session.history.outbox.find()[before:]
    (change,) = Message.from_json(posted.alert.body).changes
    assert "No longer snoozed: " in change
    sweep(session, at=until + timedelta(minutes=1))
    assert len(session.history.outbox.find()) == before + 1, "it is told once"


def test_a_service_that_was_away_when_a_snooze_ended_tells_it_at_its_next_look(session):
    number = snooze_incident(session, "i3", AT + timedelta(days=1))
    sweep(session, at=AT)
    before = len(session.history.outbox.find())
    sweep(session, at=AT + timedelta(days=9))
    assert session.history.incidents.get(number, session.context.alerting.policy).snooze is None
    assert len(session.history.outbox.find()) == before + 1
