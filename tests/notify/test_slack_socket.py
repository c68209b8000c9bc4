"""Acting from Slack, over a real WebSocket that is also broken in the middle."""

from __future__ import annotations

import itertools
import json
import queue
import time
from datetime import date

import pytest
from slack_peer import Fault, SlackPeer
from slack_wire import Wire

from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.errors import ConfigError, NotifyError
from ketenwacht.notify.slack.blocks import ACKNOWLEDGE, SNOOZE, WHY
from ketenwacht.notify.slack.socket import SlackCommand, SlackSocket

pytestmark = pytest.mark.integration


class Stage:
    """A peer, a wire and a socket whose commands are kept."""

    def __init__(self, peer, wire):
        self.peer, self.wire, self.commands, self.fault = peer, wire, queue.Queue(), None
        self.envelopes, self.envelope = itertools.count(), ""
        target = SlackTarget(
            channel="C1", token="t", app_token="a", base_url=peer.base_url, team="T1", users=("U1",)
        )
        self.socket = SlackSocket(
            target,
            self.handle,
            language="nl",
            today=lambda: date(2022, 6, 24),
            sleep=[].append,
            ping_interval=0.2,
        )

    def handle(self, command):
        self.commands.put(command)
        if self.fault is not None:
            raise self.fault
        return f"gedaan <{command.act}>"

    def press(self, action, *, user="U1", team="T1"):
        self.send(
            {
                "type": "block_actions",
                "team": {"id": team},
                "user": {"id": user},
                "channel": {"id": "C1"},
                "trigger_id": "tr1",
                "actions": [{"action_id": action, "value": "i1"}],
            }
        )

    def send(self, payload, kind="interactive"):
        self.envelope = f"e{next(self.envelopes)}"
        told = {"type": kind, "envelope_id": self.envelope, "payload": payload}
        self.connection.send(json.dumps(told))

    def answered(self):
        """Wait until the newest envelope is acknowledged; older ones may still come in."""
        while self.wire.answers.get(timeout=30)["envelope_id"] != self.envelope:
            pass

    def call(self, method):
        for _ in range(3000):
            for name, given in self.peer.calls:
                if name == method:
                    return given
            time.sleep(0.01)  # noqa: TID251 - the other side is waited for
        raise AssertionError(f"{method} was not called, only {[name for name, _ in self.peer.calls]}")


@pytest.fixture(scope="module")
def connected():
    with SlackPeer() as peer, Wire() as wire:
        peer.socket_url = wire.url
        staged = Stage(peer, wire)
        staged.socket.connect()
        staged.connection = wire.connections.get(timeout=30)
        yield staged
        staged.socket.close()


@pytest.fixture
def stage(connected):
    """The one connection of this module (closing takes seconds), with nothing left of earlier tests."""
    connected.fault = None
    connected.peer.calls.clear()
    for kept in (connected.commands, connected.wire.answers):
        while not kept.empty():
            kept.get_nowait()
    return connected


@pytest.mark.parametrize(("action", "act"), [(ACKNOWLEDGE, "acknowledge"), (WHY, "why")])
def test_a_button_is_a_command_and_its_answer_is_private(stage, action, act):
    stage.press(action)
    assert stage.commands.get(timeout=30) == SlackCommand(act, "i1", "slack:U1")
    stage.answered()
    told = stage.call("chat.postEphemeral")
    assert (told["channel"], told["user"], told["text"]) == ("C1", "U1", f"gedaan &lt;{act}&gt;")


@pytest.mark.parametrize(
    ("sentence", "who"),
    [("another user", {"user": "U2"}), ("another workspace", {"team": "T2"}), ("nobody", {"user": None})],
)
def test_only_those_who_are_named_may_act(stage, sentence, who):
    stage.press(ACKNOWLEDGE, **who)
    assert "niet op de lijst" in stage.call("chat.postEphemeral")["text"]
    assert stage.commands.empty()


def test_snoozing_asks_for_a_reason_and_an_end(stage):
    stage.press(SNOOZE)
    opened = stage.call("views.open")
    assert opened["trigger_id"] == "tr1"
    assert [block["block_id"] for block in opened["view"]["blocks"]] == ["reason", "until"]
    filled = {
        "reason": {"reason": {"value": "bekend"}},
        "until": {"until": {"selected_date": "2022-06-30"}},
    }
    stage.send(
        {
            "type": "view_submission",
            "team": {"id": "T1"},
            "user": {"id": "U1"},
            "view": {**opened["view"], "state": {"values": filled}},
        }
    )
    expected = SlackCommand("snooze", "i1", "slack:U1", "bekend", date(2022, 6, 30))
    assert stage.commands.get(timeout=30) == expected
    assert stage.call("chat.postEphemeral")["channel"] == "C1"


def test_a_refused_act_is_explained(stage):
    stage.fault = ConfigError("incident i1", "it is closed", "open another")
    stage.press(ACKNOWLEDGE)
    assert "it is closed" in stage.call("chat.postEphemeral")["text"]


@pytest.mark.parametrize("how", ["closed", "announced"])
def test_after_a_disconnect_it_listens_again(stage, how):
    if how == "closed":
        stage.connection.close()
    else:
        stage.connection.send(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))
    stage.connection = stage.wire.connections.get(timeout=10)
    stage.press(ACKNOWLEDGE)
    assert stage.commands.get(timeout=30).act == "acknowledge"


def test_what_is_no_act_is_answered_and_ignored(stage):
    stage.send({}, kind="events_api")
    stage.answered()
    stage.press("something_else")
    stage.answered()
    assert stage.commands.empty()


def test_slack_that_is_not_there_is_no_crash():
    with SlackPeer() as peer:
        peer.script = lambda _method: Fault.UNAVAILABLE
        staged = Stage(peer, None)
        with pytest.raises(NotifyError) as caught:
            staged.socket.connect()
        assert not caught.value.permanent
        staged.socket.close()
