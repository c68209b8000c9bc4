"""A part of the fault campaign (all of it: `python tests/support/outbox_campaign.py`), and a real kill −9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from outbox_campaign import campaign
from slack_peer import Fault, SlackPeer

from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.domain.incident import Alert
from ketenwacht.domain.message import Message
from ketenwacht.notify.slack_client import SlackNotifier
from ketenwacht.outbox import LEASE, FlushReport, flush
from ketenwacht.store import History

pytestmark = pytest.mark.integration
AT = datetime(2022, 6, 24, 7, tzinfo=UTC)


def test_every_alert_arrives_none_twice_and_in_order():
    figures = campaign(7000, 15, minutes=2)
    assert figures.schedules == 15
    assert figures.faults
    assert figures.kills_before + figures.kills_after > 0
    assert (figures.lost, figures.twice, figures.out_of_order) == (0, 0, 0), figures.seeds_at_fault


def test_without_history_scope_none_is_lost():
    figures = campaign(8000, 10, minutes=2, history_scope=False)
    assert (figures.lost, figures.out_of_order) == (0, 0), figures.seeds_at_fault


SENDER = """
import sys
from datetime import UTC, datetime
from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.notify.slack_client import SlackNotifier
from ketenwacht.outbox import flush
from ketenwacht.store import History

target = SlackTarget(channel="C1", token="t", base_url=sys.argv[2])
notifiers = {"ops": SlackNotifier(target, sleep=[].append)}
with History.open(sys.argv[1]) as history:
    flush(history, notifiers, at=datetime.fromisoformat(sys.argv[3]), worker="first", sleep=[].append)
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_kill_9_before_and_after_the_post(tmp_path, moment):
    url = f"sqlite:///{tmp_path}/h.db"
    script = tmp_path / "sender.py"
    script.write_text(SENDER)
    with SlackPeer() as peer, History.open(url) as history:
        body = Message("incident", "f/1", "nl", "kop").to_json()
        history.enqueue([Alert(name, "ops", "f/1", "incident", body, AT) for name in ("a", "b")])
        sender = subprocess.Popen([sys.executable, str(script), url, peer.base_url, AT.isoformat()])

        def kill(*_):
            os.kill(sender.pid, signal.SIGKILL)
            sender.wait()

        if moment == "before":
            peer.script = lambda _method: kill() or Fault.DROP_BEFORE
        else:
            peer.on_post = kill
        assert sender.wait(60) == -signal.SIGKILL
        peer.settle()
        assert peer.arrived() == ([] if moment == "before" else ["a"])
        peer.script, peer.on_post = (lambda _method: None), (lambda: None)
        target = SlackTarget(channel="C1", token="t", base_url=peer.base_url)
        notifiers = {"ops": SlackNotifier(target, sleep=[].append)}
        given = {"worker": "second", "sleep": [].append}
        assert flush(history, notifiers, at=AT + LEASE - timedelta(seconds=1), **given) == FlushReport()
        assert flush(history, notifiers, at=AT + LEASE, **given) == FlushReport(sent=2)
        assert peer.arrived() == ["a", "b"]
