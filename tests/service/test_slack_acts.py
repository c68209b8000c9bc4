"""Acts from Slack, through a real WebSocket into the history of the service."""

import io
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from slack_peer import SlackPeer
from slack_wire import Wire
from tiny_feed import tiny_feed

from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.domain.findings.finding import Finding, Fingerprint, Nature, Severity, State
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.statement import legacy
from ketenwacht.notify.slack.blocks import ACKNOWLEDGE, SNOOZE, WHY
from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.store import History
from ketenwacht.workflows import clock
from ketenwacht.workflows.incidents import merge_targets

AT = datetime(2024, 3, 1, 9, tzinfo=UTC)
INCIDENT = Finding(
    id="i1",
    fingerprint=Fingerprint("tiny", "volume", WHOLE),
    state=State.OPEN,
    nature=Nature.FAILED,
    severity=Severity.HIGH,
    evidence=Evidence.HISTORY,
    opened_at=AT,
    changed_at=AT,
    period=AT.date(),
    said=legacy(""),
    told_severity=Severity.HIGH,
)
SLACK = (
    ", routes: [{{name: ops, slack: {{channel: C1, token: t, app_token: a, team: T1, users: [U1],"
    " base_url: '{url}'}}}}]"
)


def eventually(reader):
    for _ in range(3000):
        found = reader()
        if found:
            return found
        time.sleep(0.01)  # noqa: TID251 - the other side is waited for
    raise AssertionError("it did not happen")


@pytest.fixture
def stage(tmp_path):
    with SlackPeer() as peer, Wire() as wire:
        peer.socket_url = wire.url
        tiny = tiny_feed(tmp_path / "feed", alerts=SLACK.format(url=peer.base_url))
        project = tiny.project
        with History.open(project.history_url()) as history:
            history.incidents.save_findings("tiny", [INCIDENT], policy=Policy(), at=AT)
            service = Service.of(project, history, log=Log(io.StringIO()), write=[].append)
            try:
                service.lease.try_once()
                service.listen()
                yield peer, wire.connections.get(timeout=5), history
            finally:
                service.close()


def payload(kind, user="U1", **more):
    return {"type": kind, "team": {"id": "T1"}, "user": {"id": user}, "channel": {"id": "C1"}, **more}


def pressed(action, user="U1"):
    return payload("block_actions", user, trigger_id="t", actions=[{"action_id": action, "value": "i1"}])


@pytest.mark.e2e
def test_acts_from_slack_are_kept_with_event_audit_line_and_message(stage):
    peer, connection, history = stage

    def send(given):
        peer.calls.clear()
        connection.send(json.dumps({"type": "interactive", "envelope_id": "e", "payload": given}))
        return eventually(lambda: [g for name, g in peer.calls if name == "chat.postEphemeral"])[0]["text"]

    assert "You may not do this" in send(pressed(ACKNOWLEDGE, user="U2"))
    assert history.incidents.get(1, Policy()).acknowledged_at is None

    assert send(pressed(ACKNOWLEDGE)) == "Saved."
    assert history.incidents.get(1, Policy()).owner == "slack:U1"
    assert send(pressed(ACKNOWLEDGE)) == "This was already saved."

    last = (clock.now() + timedelta(days=3)).astimezone(UTC).date()
    values = {
        "reason": {"reason": {"value": "known"}},
        "until": {"until": {"selected_date": last.isoformat()}},
    }
    view = {"callback_id": SNOOZE, "private_metadata": "C1 i1", "state": {"values": values}}
    for far in ("9999-12-31", (last + timedelta(days=400)).isoformat()):
        endless = {**values, "until": {"until": {"selected_date": far}}}
        refused = send(payload("view_submission", view={**view, "state": {"values": endless}}))
        assert "the snooze ends" in refused
        assert history.incidents.get(1, Policy()).snooze is None
    assert send(payload("view_submission", view=view)) == "Saved."
    snooze = history.incidents.get(1, Policy()).snooze
    assert (snooze.owner, snooze.reason) == ("slack:U1", "known")
    assert snooze.until.date() == last  # midnight after it, in Amsterdam

    assert "slack:U1" in send(pressed(WHY))
    acts = [event.reason for event in history.incidents.find_events(1) if event.actor == "slack:U1"]
    assert acts == ["acknowledged", "snoozed"]
    assert [(x.entry.origin, x.entry.actor) for x in history.audit.find()] == [("slack", "slack:U1")] * 2
    assert len(history.outbox.find()) == 2


def target(**changes):
    given = {"channel": "C1", "token": "t", "app_token": "a", "team": "T1", "users": ("U1", "U2")}
    return SlackTarget(**{**given, **changes})


@pytest.mark.parametrize(
    ("sentence", "configured", "users"),
    [
        ("an app with people", [target()], [("U1", "U2")]),
        ("without an app token nobody is heard", [target(app_token=None)], []),
        ("without a workspace nobody may act", [target(team=None)], []),
        ("without people nobody may act", [target(users=())], []),
        ("one app is one connection, for those named on all", [target(), target(users=("U2",))], [("U2",)]),
        ("two apps are two", [target(), target(app_token="b")], [("U1", "U2")] * 2),
    ],
)
def test_who_is_listened_to(sentence, configured, users):
    assert [found.users for found in merge_targets(configured)] == users
