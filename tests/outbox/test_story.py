"""From results to a channel: half a year of deliveries, and what somebody reads who only reads the channel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from slack_peer import SlackPeer

from ketenwacht.announcements import announce_act, save_findings
from ketenwacht.domain.alerting import Alerting, Route, SlackTarget
from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.feed import Feed, FileSource
from ketenwacht.domain.findings import advance
from ketenwacht.domain.incidents.changes import IncidentReason
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.result import CheckResult, Evidence, JudgedRun, Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.notify import open_notifiers
from ketenwacht.outbox import Pace, flush
from ketenwacht.store import History

pytestmark = pytest.mark.integration

START = datetime(2022, 1, 3, 7, tzinfo=UTC)
FAMILY = Segment((("group", "family"),))
HOW = MessageFormatter("nl")
FEED = Feed(name="f", title="A naar B", sender="A", receiver="B", source=FileSource(path="x"))
CONTEXT = {"feed": FEED, "formatter": HOW}
DAYS = 180


def shortfall(day):
    """Persons missing by then: from day 40 on three a day, noticed from 20 on, mended on day 150."""
    return (day - 40) * 3.0 if 47 <= day < 150 else None


def results(day):
    missing = shortfall(day)
    estimate = (
        None if missing is None else Missing(START.date() + timedelta(40), missing, missing / 2, missing * 2)
    )
    status = Status.PASSED if missing is None else Status.FAILED
    late = day in {20, 100}
    return (
        CheckResult("schedule", Status.FAILED if late else Status.PASSED, Evidence.SCHEDULE, "due at 07:00"),
        CheckResult("volume", status, Evidence.HISTORY, "fewer than the model expects", FAMILY, missing=estimate),
        CheckResult("volume", Status.UNPROVEN, Evidence.HISTORY, "nothing contradicts", WHOLE),
    )


@pytest.fixture
def channel(tmp_path):
    with SlackPeer() as peer, History.open(f"sqlite:///{tmp_path}/h.db") as history:
        slack = SlackTarget(channel="C1", token="t", base_url=peer.base_url)
        alerting = Alerting(routes=(Route(name="ops", slack=slack),))
        notifiers = open_notifiers(alerting, write=[].append, sleep=[].append)
        ids = count()
        for day in range(DAYS):
            at = START + timedelta(days=day)
            presence = Presence.ABSENT if day == 100 else Presence.READ
            delivery = Delivery("f", str(day), at.date(), presence, sha256=f"{day}")
            live = {i.fingerprint: i for i in history.findings.find("f")}
            step = advance(
                live,
                results(day),
                delivery=delivery,
                policy=alerting.policy,
                at=at,
                new_id=lambda: f"i{next(ids)}",
            )
            run = JudgedRun(f"r{day}", delivery, at, results(day))
            with history.transaction() as work:
                work.runs.save(run, Snapshot(delivery))
                save_findings(
                    work, step, based_on=tuple(live.values()), key=run.id, at=at, **CONTEXT, alerting=alerting
                )
                if day == 60:
                    announce_act(work, 2, IncidentReason.TAKEN, actor="an", at=at, **CONTEXT, alerting=alerting)
            flush(history.outbox, notifiers, at=at, worker="w", pace=Pace(lambda: 0.0, [].append))
        yield peer.messages


def test_the_channel_is_quiet_and_tells_the_story(channel):
    roots = [m for m in channel if "thread_ts" not in m]
    assert len(roots) == 3
    assert all(m["text"].startswith("🟢 Voorbij: ") for m in roots)
    assert len(channel) / (DAYS / 7) < 2, "fewer than two posts a week"
    story = [m["text"] for m in channel if m.get("thread_ts") == roots[1]["ts"]]
    assert any("eerder gemeld" in line for line in story)
    assert any("Ernstiger, nu hoog" in line for line in story)
    assert "4 maart 2022: an heeft dit in behandeling." in story
    assert story[-1].startswith("2 juni 2022: Hersteld. Het was: ")


def test_the_root_says_how_it_is_also_when_nobody_is_told(channel):
    edits = [m.get("edits", 0) for m in channel if "thread_ts" not in m]
    replies = [
        sum(m.get("thread_ts") == root["ts"] for m in channel) for root in channel if "thread_ts" not in root
    ]
    assert edits[1] > replies[1] + 5


def test_only_growth_of_severity_reaches_the_whole_channel(channel):
    loud = [m["text"] for m in channel if m.get("reply_broadcast")]
    assert len(loud) == 1
    assert loud[0].startswith("18 maart 2022: Ernstiger, nu hoog")
