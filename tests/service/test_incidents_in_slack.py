"""One incident in a channel: what a killed process left arrives once, and every act edits root and thread."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import emulate
import pytest
from slack_peer import Fault, SlackPeer
from slack_sdk import WebClient
from tiny_feed import tiny_feed

from ketenwacht.announcements import save_findings
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.findings import advance
from ketenwacht.domain.result import CheckResult, Evidence, Missing, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import MissingCount, Persons, Share
from ketenwacht.store import History
from ketenwacht.workflows.alerts import AlertSender
from ketenwacht.workflows.incident_acts import Acknowledge, Merge, Note, Resolve, SnoozeUntil, Split, Take, perform

pytestmark = pytest.mark.integration

AT = datetime(2024, 3, 1, 9, tzinfo=UTC)
SLACK = ", routes: [{{name: ops, slack: {{channel: C1, token: t, base_url: '{url}'}}}}]"


def lost(kind: str, persons: float) -> CheckResult:
    """What own history says of a segment that lost persons since 1 February."""
    since = date(2024, 2, 1)
    params = {
        "since": since, "missing": MissingCount(persons), "seen": Persons(100.0),
        "meant": Persons(100.0 + persons), "share": Share(100.0, 100.0 + persons),
    }  # fmt: skip
    return CheckResult(
        "volume",
        Status.FAILED,
        Evidence.HISTORY,
        code="volume.shortfall",
        params=params,
        segment=Segment.of({"kind": kind}),
        missing=Missing(since, persons, persons - 40.0, persons + 40.0),
    )


def find_loss(project, history, *results: CheckResult, name: str = "f", key: str = "run-1") -> None:
    """What one run leaves: findings, their incident and the alert about it, in one transaction."""
    feed, alerting = project.feed(None), project.settings.alerts
    names = iter([f"{name}1", f"{name}2"])
    step = advance(
        {},
        results or (lost("family", 540.0),),
        delivery=Delivery(feed.name, "1", AT.date(), arrived_at=AT),
        policy=alerting.policy,
        at=AT,
        new_id=lambda: next(names),
    )
    with history.transaction() as work:
        formatter = project.formatter(feed, language="en")
        save_findings(work, step, based_on=(), feed=feed, alerting=alerting, formatter=formatter, key=key, at=AT)


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("killed before it posted", None),
        ("killed after it posted, before it marked the alert as sent", Fault.DROP_AFTER),
        ("the channel stored it and never answered", Fault.HANG),
    ],
)
def test_a_loss_arrives_once_and_every_act_edits_the_root_and_adds_one_line_to_the_thread(
    tmp_path, sentence, fault
):
    with SlackPeer(hang=0.1) as peer:
        project = tiny_feed(tmp_path / "feed", alerts=SLACK.format(url=peer.base_url)).project
        url = project.history_url()
        with History.open(url) as killed:
            find_loss(project, killed)
        if fault is not None:
            faults = iter([fault])
            peer.script = lambda method: next(faults, None) if method == "chat.postMessage" else None
            with History.open(url) as killed:
                flush(project, killed, AT)
        with History.open(url) as history:
            for minutes in (0, 30, 60, 90):
                flush(project, history, AT + timedelta(minutes=minutes))
            peer.settle()
            (root,) = peer.messages
            assert "540 persons missing" in root["text"], sentence
            number = history.incidents.find(project.settings.alerts.policy)[0].number
            at = AT + timedelta(hours=2)
            for act, words in (
                (Acknowledge(), "anna"),
                (Note("called the sender"), "called the sender"),
                (SnoozeUntil(date(2024, 3, 8), "they send it tomorrow"), "they send it tomorrow"),
                (Resolve("all were sent"), "all were sent"),
            ):
                before = len(peer.messages)
                at += timedelta(minutes=10)
                done = perform(project, history, number, act, actor="anna", at=at, origin="web")
                assert done.changed, act
                flush(project, history, at)
                flush(project, history, at + timedelta(minutes=1))
                peer.settle()
                (line,) = peer.messages[before:]
                assert line["thread_ts"] == root["ts"]
                assert words in str(line), act
            assert [m for m in peer.messages if "thread_ts" not in m] == [root]
            edits = [given for method, given in peer.calls if method == "chat.update"]
            assert edits
            assert {given["ts"] for given in edits} == {root["ts"]}
            assert "anna" in str(edits)


def flush(project, history, at) -> None:
    """One pass of a fresh process over the outbox."""
    AlertSender.open(project, lambda _: None, now=lambda: at).flush(history, at=at)


ACTS = [
    (1, Acknowledge(), "anna", ["anna looks after this"], {1: "740 persons missing"}),
    (1, Take(), "ben", ["ben looks after this"], {1: "740 persons missing"}),
    (
        1,
        Split(("f2",), "another cause"),
        "ben",
        ["#2, another cause"],
        {1: "200 persons missing", 2: "540 persons missing"},
    ),
    (
        2,
        Merge(1, "the same after all"),
        "ben",
        ["#2, the same after all"],
        {1: "740 persons missing", 2: "continued in #1"},
    ),
    (1, Resolve("all were sent"), "ben", ["all were sent"], {1: "Over"}),
]
"""Number, act, actor, words in the thread of the first root, and what each root then begins with."""


@contextmanager
def peer_of_ours(folder):
    """Our peer: alerts that reach it, and its roots with the thread of the first."""
    del folder

    def read():
        peer.settle()
        roots = [m for m in peer.messages if "thread_ts" not in m]
        return roots, [m for m in peer.messages if m.get("thread_ts") == roots[0]["ts"]]

    with SlackPeer(hang=0.1) as peer:
        yield SLACK.format(url=peer.base_url), read


@contextmanager
def peer_of_others(folder):
    """The same of a Slack that nobody here wrote."""
    program = emulate.find()
    if program is None:
        pytest.skip("emulate@0.11.2 is not installed: npm install --no-save emulate@0.11.2")
    with emulate.running(program, folder) as url:
        web = WebClient(token="xoxb-full", base_url=url)
        channel = web.conversations_list().data["channels"][0]["id"]

        def read():
            found = web.conversations_history(channel=channel).data["messages"]
            roots = sorted((m for m in found if m.get("thread_ts", m["ts"]) == m["ts"]), key=lambda m: m["ts"])
            return roots, web.conversations_replies(channel=channel, ts=roots[0]["ts"]).data["messages"][1:]

        yield SLACK.format(url=url).replace("C1", channel).replace("token: t", "token: xoxb-full"), read


@pytest.mark.parametrize("slack", [peer_of_ours, peer_of_others])
def test_a_split_and_a_merge_by_hand_reach_every_root(tmp_path, slack):
    with slack(tmp_path) as (alerts, read):
        project = tiny_feed(tmp_path / "feed", alerts=alerts).project
        with History.open(project.history_url()) as history:
            find_loss(project, history, lost("family", 540.0), lost("asylum", 200.0))
            flush(project, history, AT)
            at = AT
            for number, act, actor, words, shown in ACTS:
                at += timedelta(minutes=10)
                assert perform(project, history, number, act, actor=actor, at=at, origin="web").changed, act
                for minutes in range(3):
                    flush(project, history, at + timedelta(minutes=minutes))
                roots, thread = read()
                assert all(one in str(thread[-1]) for one in words), act
                texts = [root["text"] for root in roots]
                assert all(text in texts[n - 1] for n, text in shown.items()), (act, texts)


def test_a_merge_into_an_incident_nobody_was_told_of_edits_the_other_root_and_opens_one(tmp_path):
    project = tiny_feed(tmp_path / "feed", alerts=SLACK.format(url="http://127.0.0.1:1")).project
    quiet = CheckResult("contract", Status.WARNED, Evidence.CONTRACT, "a rule is not met")
    with History.open(project.history_url()) as history:
        find_loss(project, history, quiet)
        assert history.outbox.find() == ()
        find_loss(project, history, lost("family", 540.0), name="g", key="run-2")
        (root,) = history.outbox.find()
        assert root.alert.topic == "incident/2"
        act = Merge(1, "the same loss")
        assert perform(project, history, 2, act, actor="An", at=AT, origin="web").incident.number == 1
        _, opened, edited = history.outbox.find()
        assert (opened.alert.topic, edited.alert.topic) == ("incident/1", "incident/2")
        assert "540 persons missing" in str(opened.alert.body)
        assert "#2 is continued in #1" in str(edited.alert.body)
