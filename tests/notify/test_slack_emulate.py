"""Through the true client to a Slack that nobody here wrote: what is posted, edited, threaded and found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import emulate
import pytest
from slack_sdk import WebClient

from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.message import Message, Problem
from ketenwacht.errors import NotifyError
from ketenwacht.notify import Picture
from ketenwacht.notify.slack.client import SlackNotifier

pytestmark = pytest.mark.integration
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    program = emulate.find()
    if program is None:
        pytest.skip("emulate@0.11.2 is not installed: npm install --no-save emulate@0.11.2")
    with emulate.running(program, tmp_path_factory.mktemp("emulate")) as base:
        yield base


@pytest.fixture
def channel(url):
    found = WebClient(token="xoxb-full", base_url=url).api_call("conversations.list").data["channels"]
    return found[0]["id"]


@pytest.fixture
def slack(url, channel):
    return SlackNotifier(SlackTarget(channel=channel, token="xoxb-full", base_url=url), sleep=[].append)


def alert(name, headline="Kop", **changes):
    problem = Problem("i1", "failed", "hoog", "open", "wat & wie", "<waar>", "b", "m", "a", "l")
    message = Message("incident", "f/1", "nl", headline, problems=(problem,), changes=("nieuw",), **changes)
    return Alert(name, "ops", "f/1", "incident", message.to_json(), datetime.now(UTC) - timedelta(minutes=1))  # noqa: TID251 - the other side has a real clock


def history(url, channel, thread=None):
    web = WebClient(token="xoxb-full", base_url=url)
    if thread is None:
        return web.conversations_history(channel=channel, include_all_metadata=True).data["messages"]
    return web.conversations_replies(channel=channel, ts=thread, include_all_metadata=True).data["messages"]


def test_a_root_is_posted_with_blocks_and_metadata_and_edited_in_place(url, channel, slack):
    ref = slack.send(alert("root-1"), None)
    slack.edit(alert("root-1", "Nieuwe kop"), ref)
    (root,) = [m for m in history(url, channel) if ref == f"{channel}:{m['ts']}"]
    assert root["text"] == "▲ Nieuwe kop"
    assert root["blocks"][0]["text"]["text"] == "▲ Nieuwe kop"
    assert "wat &amp; wie" in root["blocks"][1]["text"]["text"]
    assert root["metadata"]["event_payload"] == {"id": "root-1"}


def test_changes_go_to_the_thread_and_are_found_there(url, channel, slack):
    ref = slack.send(alert("root-2"), None)
    reply = slack.send(alert("reply-2", broadcast=True), ref)
    assert [m["text"] for m in history(url, channel, ref.split(":")[1])][1:] == ["nieuw"]
    assert slack.find(alert("reply-2"), ref) == reply
    assert slack.find(alert("root-2"), None) == ref
    assert slack.find(alert("never"), None) is None


def test_a_picture_goes_into_the_thread(url, channel, slack):
    ref = slack.send(alert("root-3"), None)
    slack.show(Picture(PNG, "2022-06-24.png", "Geleverd en verwacht", "Een lijn met een band"), ref)
    replies = history(url, channel, ref.split(":")[1])[1:]
    (file,) = [file for reply in replies for file in reply.get("files", ())]
    assert (file["name"], file["title"], file["size"]) == ("2022-06-24.png", "Geleverd en verwacht", len(PNG))


def test_a_picture_without_the_scope_for_it_is_a_permanent_fault(url, channel):
    slack = SlackNotifier(SlackTarget(channel=channel, token="xoxb-no-history", base_url=url), sleep=[].append)
    ref = slack.send(alert("root-4"), None)
    with pytest.raises(NotifyError, match="missing_scope") as caught:
        slack.show(Picture(PNG, "p.png", "t", "d"), ref)
    assert caught.value.permanent


def test_an_unknown_channel_is_a_permanent_fault(url):
    nowhere = SlackNotifier(SlackTarget(channel="C404", token="xoxb-full", base_url=url), sleep=[].append)
    with pytest.raises(NotifyError, match="channel_not_found") as caught:
        nowhere.send(alert("lost"), None)
    assert caught.value.permanent


def test_without_history_scope_posting_works_and_nothing_is_found(url, channel):
    slack = SlackNotifier(SlackTarget(channel=channel, token="xoxb-no-history", base_url=url), sleep=[].append)
    assert slack.send(alert("blind"), None) is not None
    assert slack.find(alert("blind"), None) is None


def test_no_token_is_a_permanent_fault(url, channel):
    slack = SlackNotifier(SlackTarget(channel=channel, token="", base_url=url), sleep=[].append)
    with pytest.raises(NotifyError) as caught:
        slack.send(alert("unsigned"), None)
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("token", "says"), [("xoxb-full", "history can be read"), ("xoxb-no-history", "history cannot be read")]
)
def test_a_probe_says_who_is_there_and_what_may_be_read(url, channel, token, says):
    slack = SlackNotifier(SlackTarget(channel=channel, token=token, base_url=url), sleep=[].append)
    assert says in slack.probe()


def test_a_probe_of_an_unknown_channel_is_a_fault(url):
    nowhere = SlackNotifier(SlackTarget(channel="C404", token="xoxb-full", base_url=url), sleep=[].append)
    with pytest.raises(NotifyError, match="channel_not_found"):
        nowhere.probe()


def test_a_channel_may_be_named(url, channel):
    slack = SlackNotifier(SlackTarget(channel="#general", token="xoxb-full", base_url=url), sleep=[].append)
    ref = slack.send(alert("named"), None)
    assert ref == f"{channel}:{ref.split(':')[1]}"
    slack.edit(alert("named", "Nieuwe kop"), ref)
    assert slack.find(alert("named"), None) == ref
