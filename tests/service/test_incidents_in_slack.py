"""One incident in a channel: what a killed process left arrives once, and every act edits root and thread."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from slack_peer import Fault, SlackPeer
from tiny_feed import tiny_feed

from ketenwacht.announcements import save_findings
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.findings import advance
from ketenwacht.domain.result import CheckResult, Evidence, Missing, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import MissingCount, Persons
from ketenwacht.store import History
from ketenwacht.workflows.alerts import AlertSender
from ketenwacht.workflows.incident_acts import Acknowledge, Note, Resolve, SnoozeUntil, perform

pytestmark = pytest.mark.integration

AT = datetime(2024, 3, 1, 9, tzinfo=UTC)
SLACK = ", routes: [{{name: ops, slack: {{channel: C1, token: t, base_url: '{url}'}}}}]"


def find_loss(project, history) -> None:
    """What one run leaves: a finding, its incident and the alert about it, in one transaction."""
    feed, alerting = project.feed(None), project.settings.alerts
    missing, since = Missing(date(2024, 2, 1), 540.0, 500.0, 580.0), date(2024, 2, 1)
    params = {
        "since": since, "missing": MissingCount(540.0), "seen": Persons(100.0), "meant": Persons(640.0),
    }  # fmt: skip
    result = CheckResult(
        "volume",
        Status.FAILED,
        Evidence.HISTORY,
        code="volume.shortfall",
        params=params,
        segment=Segment.of({"kind": "family"}),
        missing=missing,
    )
    step = advance(
        {},
        (result,),
        delivery=Delivery(feed.name, "1", AT.date(), arrived_at=AT),
        policy=alerting.policy,
        at=AT,
        new_id=lambda: "f1",
    )
    with history.transaction() as work:
        formatter = project.formatter(feed, language="en")
        save_findings(
            work, step, based_on=(), feed=feed, alerting=alerting, formatter=formatter, key="run-1", at=AT
        )


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
