"""One fault at a time, through the true client, against a server that behaves like that."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from slack_peer import Fault, SlackPeer

from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.message import Message
from ketenwacht.errors import NotifyError
from ketenwacht.notify.slack.client import SlackNotifier

AT = datetime(2022, 6, 24, 7, tzinfo=UTC)
TOKEN = "xoxb-secret-of-ours"


@pytest.fixture
def peer():
    with SlackPeer(hang=3.0) as running:
        yield running


def alert(name="a1", **changes):
    fields = {"kind": "incident", "topic": "f/1", "language": "nl", "headline": "Kop & <staart>"}
    message = Message(**{**fields, "changes": ("nieuw",), **changes})
    return Alert(name, "ops", "f/1", "incident", message.to_json(), AT)


@pytest.fixture
def waits():
    return []


@pytest.fixture
def slack(peer, waits):
    target = SlackTarget(channel="C1", token=TOKEN, base_url=peer.base_url)
    return SlackNotifier(target, sleep=waits.append, timeout=2.0)


def once(peer, *faults):
    script = list(faults)
    peer.script = lambda _method: script.pop(0) if script else None


def test_post_edit_and_reply(peer, slack):
    ref = slack.send(alert(), None)
    slack.edit(alert(headline="Nieuwe kop"), ref)
    slack.send(alert("a2", broadcast=True), ref)
    root, reply = peer.messages
    assert root["text"] == "Nieuwe kop"
    assert root["metadata"] == {"event_type": "ketenwacht_alert", "event_payload": {"id": "a1"}}
    assert (reply["thread_ts"], reply["reply_broadcast"], reply["text"]) == (root["ts"], True, "nieuw")
    assert ref == f"C1:{root['ts']}"


@pytest.mark.parametrize(
    ("fault", "permanent", "retry_after", "arrived"),
    [
        (Fault.ERROR_BEFORE, False, None, 0),
        (Fault.ERROR_AFTER, False, None, 1),
        (Fault.DROP_BEFORE, False, None, 0),
        (Fault.DROP_AFTER, False, None, 1),
        (Fault.HANG, False, None, 1),
        (Fault.GARBAGE, False, None, 1),
        (Fault.UNAVAILABLE, False, None, 0),
        (Fault.REVOKED, True, None, 0),
        (Fault.RATE_LIMIT_LONG, False, 600.0, 0),
    ],
)
def test_a_fault_is_tried_once_and_says_whether_trying_again_can_help(
    peer, slack, fault, permanent, retry_after, arrived
):
    once(peer, fault)
    with pytest.raises(NotifyError) as caught:
        slack.send(alert(), None)
    peer.settle()
    assert (caught.value.permanent, caught.value.retry_after) == (permanent, retry_after)
    assert len(peer.calls) == 1
    assert len(peer.messages) == arrived
    assert TOKEN not in str(caught.value)
    assert "staart" not in str(caught.value)
    assert (slack.find(alert(), None) is not None) == bool(arrived), "what arrived is found again"


def test_after_429_it_waits_as_long_as_asked_and_posts_once(peer, slack, waits):
    once(peer, Fault.RATE_LIMIT, Fault.RATE_LIMIT)
    assert slack.send(alert(), None) is not None
    assert waits == [3.0, 3.0]
    assert peer.arrived() == ["a1"]


def test_a_third_429_goes_back_to_the_outbox(peer, slack, waits):
    once(peer, Fault.RATE_LIMIT, Fault.RATE_LIMIT, Fault.RATE_LIMIT)
    with pytest.raises(NotifyError) as caught:
        slack.send(alert(), None)
    assert caught.value.retry_after == 3.0
    assert not caught.value.permanent
    assert len(waits) == 2


def test_a_reply_is_found_in_its_thread_beyond_the_first_page(peer, slack):
    ref = slack.send(alert(), None)
    for number in range(210):
        slack.send(alert(f"r{number}"), ref)
    assert slack.find(alert("r3"), ref) == f"C1:{peer.messages[4]['ts']}"
    assert slack.find(alert("never"), ref) is None


def test_a_channel_may_be_named(peer, waits):
    peer.channels = {"ops": "C12345678"}
    target = SlackTarget(channel="#ops", token=TOKEN, base_url=peer.base_url)
    slack = SlackNotifier(target, sleep=waits.append, timeout=2.0)
    ref = slack.send(alert(), None)
    assert ref.startswith("C12345678:")
    slack.edit(alert(headline="Nieuwe kop"), ref)
    assert peer.messages[0]["text"] == "Nieuwe kop"
    assert slack.find(alert(), None) == ref


def test_without_history_scope_nothing_is_found_and_nothing_breaks(peer, slack):
    slack.send(alert(), None)
    peer.history_scope = False
    assert slack.find(alert(), None) is None


def test_a_thread_that_is_gone_gives_a_new_root(peer, slack):
    slack.edit(alert(), "1.1")
    slack.send(alert(), "1.1")
    assert "thread_ts" not in peer.messages[0]
    assert peer.messages[0]["blocks"][0]["type"] == "header"


def test_blocks_that_are_refused_are_left_out(peer, slack):
    peer.max_blocks = 0
    slack.send(alert(), None)
    assert "blocks" not in peer.messages[0]


def test_a_body_that_is_no_message_is_a_permanent_fault(slack):
    with pytest.raises(NotifyError) as caught:
        slack.send(Alert("a", "ops", "t", "incident", "{}", AT), None)
    assert caught.value.permanent


def test_nobody_listening_is_no_permanent_fault():
    slack = SlackNotifier(
        SlackTarget(channel="C", token=TOKEN, base_url="http://127.0.0.1:9/api"), sleep=[].append
    )
    with pytest.raises(NotifyError) as caught:
        slack.send(alert(), None)
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("scopes", "says"),
    [
        ("chat:write,channels:history", True),
        ("chat:write, files:write", False),
        (None, False),
    ],
)
def test_a_probe_says_when_pictures_cannot_be_uploaded(peer, slack, scopes, says):
    peer.scopes = scopes
    assert ("files:write is missing" in slack.probe()) is says
