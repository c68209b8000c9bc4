"""The outbox on a real SQLite history, posting to a real server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from slack_peer import Fault, SlackPeer

from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.message import Message
from ketenwacht.notify.console import ConsoleNotifier
from ketenwacht.notify.slack.client import SlackNotifier
from ketenwacht.outbox import REFUSALS, FlushReport, Pace, flush
from ketenwacht.store import History

pytestmark = pytest.mark.integration

AT = datetime(2022, 6, 24, 7, tzinfo=UTC)
PACE = Pace(lambda: 0.0, lambda _seconds: None)


class Killed(BaseException):
    """The process ends here, without a chance to say so."""


class World:
    """A history, a Slack, a console, and a clock that a test moves."""

    def __init__(self, history, peer):
        self.history, self.peer = history, peer
        self.at, self.waits, self.printed = AT, [], []
        target = SlackTarget(channel="C1", token="t", base_url=peer.base_url)
        self.slack = SlackNotifier(target, sleep=self.waits.append, timeout=2.0)
        self.notifiers = {"ops": self.slack, "console": ConsoleNotifier(self.printed.append)}

    def write(self, *names, topic="f/1", route="ops", kind="incident"):
        for name in names:
            body = Message(kind, topic, "nl", f"kop {name}", changes=(f"nieuw {name}",)).to_json()
            self.history.outbox.add([Alert(name, route, topic, kind, body, self.at)])

    def flush(self, after=timedelta(0), **changes):
        self.at += after
        self.peer.settle()
        given = {"at": self.at, "worker": "w", "pace": Pace(lambda: 0.0, self.waits.append), **changes}
        return flush(self.history.outbox, self.notifiers, **given)

    def script(self, *faults, method="chat.postMessage"):
        left = list(faults)
        self.peer.script = lambda called: left.pop(0) if left and called == method else None


@pytest.fixture
def world(tmp_path):
    with SlackPeer(hang=3.0) as peer, History.open(f"sqlite:///{tmp_path}/h.db") as history:
        yield World(history, peer)


def test_the_first_of_a_topic_is_the_root_and_later_ones_edit_it_and_reply(world):
    world.write("a", "b")
    assert world.flush() == FlushReport(sent=2)
    root, reply = world.peer.messages
    assert root["text"] == "kop b"
    assert (reply["text"], reply["thread_ts"]) == ("nieuw b", root["ts"])


def test_an_update_edits_the_root_and_says_nothing(world):
    world.write("a")
    world.write("b", kind="update")
    assert world.flush() == FlushReport(sent=2)
    (root,) = world.peer.messages
    assert root["text"] == "kop b"
    assert world.history.outbox.find_thread("ops", "f/1").endswith(root["ts"])


@pytest.mark.parametrize("named", [False, True], ids=["by id", "by name"])
def test_when_the_channel_of_a_route_changes_a_new_root_starts_there_and_is_followed(world, named):
    world.write("a", "b")
    world.flush()
    world.peer.channels = {"nieuw": "C0000000NEW"}
    channel = "#nieuw" if named else "C0000000NEW"
    target = SlackTarget(channel=channel, token="t", base_url=world.peer.base_url)
    world.notifiers["ops"] = SlackNotifier(target, sleep=world.waits.append, timeout=2.0)
    world.write("c", "d")
    world.write("e", kind="update")
    assert world.flush() == FlushReport(sent=3)
    old, _, root, reply = world.peer.messages
    assert (root["channel"], root["text"]) == ("C0000000NEW", "kop e")
    assert reply["thread_ts"] == root["ts"]
    assert old["text"] == "kop b", "the root in the old channel stays as it was"
    assert world.peer.arrived("C0000000NEW") == ["c", "d"]


def test_an_update_of_what_nobody_was_told_is_nothing(world):
    world.write("a", kind="update")
    assert world.flush() == FlushReport(sent=1)
    assert world.peer.calls == []


def test_an_update_that_can_never_arrive_is_not_told_elsewhere(world):
    world.write("a")
    world.flush()
    world.script(Fault.REVOKED, method="chat.update")
    world.write("b", kind="update")
    assert world.flush() == FlushReport(failed=1)
    assert world.printed == []


def test_one_message_a_second_in_a_channel(world):
    world.write("a", "b", "c")
    world.flush()
    assert world.waits == [1.0, 1.0]


def test_the_second_is_kept_from_flush_to_flush(world):
    pace = Pace(lambda: 0.25 * len(world.peer.calls), world.waits.append)
    world.write("a")
    world.flush(pace=pace)
    world.write("b")
    world.flush(pace=pace)
    assert world.waits == [0.75], "a quarter of a second went by itself"


def test_a_console_need_not_wait(world):
    world.write("a", "b", "c", route="console")
    world.flush()
    assert world.waits == []
    assert len(world.printed) == 3


def test_nothing_is_sent_twice_by_flushing_twice(world):
    world.write("a")
    world.flush()
    assert world.flush() == FlushReport()
    assert world.peer.arrived() == ["a"]


@pytest.mark.parametrize(
    "fault",
    [Fault.ERROR_AFTER, Fault.DROP_AFTER, Fault.HANG, Fault.GARBAGE, Fault.ERROR_BEFORE, Fault.DROP_BEFORE],
)
def test_after_a_fault_it_arrives_once(world, fault):
    world.script(fault)
    world.write("a", "b")
    assert world.flush() == FlushReport(retried=1), "the channel is left alone, and b waits for a"
    assert world.flush(timedelta(seconds=29)) == FlushReport()
    assert world.flush(timedelta(seconds=1)) == FlushReport(sent=2)
    assert world.peer.arrived() == ["a", "b"]
    assert world.peer.messages[1]["thread_ts"] == world.peer.messages[0]["ts"]


def test_while_one_alert_waits_its_channel_waits_whatever_the_topic(world):
    world.script(Fault.ERROR_BEFORE)
    world.write("a")
    world.write("b", topic="f/2")
    assert world.flush() == FlushReport(retried=1)
    world.write("c", topic="f/3")
    assert world.flush(timedelta(seconds=29)) == FlushReport(), "nothing overtakes what waits"
    assert len(world.peer.calls) == 1
    assert world.flush(timedelta(seconds=1)) == FlushReport(sent=3)
    assert world.peer.arrived() == ["a", "b", "c"]


def test_another_channel_does_not_wait(world):
    world.script(Fault.ERROR_BEFORE)
    world.write("a")
    world.write("b", route="console")
    assert world.flush() == FlushReport(sent=1, retried=1)
    assert len(world.printed) == 1


def refuse(world, name):
    """Slack breaks on this one message, and on nothing else."""

    def broken(called):
        given = world.peer.now
        mine = (given.get("metadata") or {}).get("event_payload", {}).get("id") == name
        return Fault.ERROR_BEFORE if called == "chat.postMessage" and mine else None

    world.peer.script = broken


def test_a_message_that_a_well_channel_refuses_holds_up_the_others_for_less_than_an_hour(world):
    refuse(world, "a")
    world.write("a", "b")
    world.write("c", topic="f/2")
    reports = [world.flush(timedelta(minutes=1)) for _ in range(60)]
    assert sum(report.failed for report in reports) == 1
    assert world.peer.arrived() == ["b", "c"]
    assert world.printed, "the fallback has heard of it"
    (gone,) = world.history.outbox.find(states=("failed",))
    assert gone.alert.id == "a"
    assert f"refused {REFUSALS} times while the channel answers" in gone.error
    assert next(n for n, report in enumerate(reports) if report.failed) > 20, "and it is not given up lightly"


def test_a_channel_that_is_away_for_a_day_is_waited_for(world):
    world.peer.script = lambda _method: Fault.UNAVAILABLE
    world.write("a", "b")
    for _ in range(24 * 6):
        assert world.flush(timedelta(minutes=10)).failed == 0
    world.script()
    assert world.flush(timedelta(minutes=60)) == FlushReport(sent=2)
    assert world.peer.arrived() == ["a", "b"]


def test_being_asked_to_wait_is_no_refusal(world):
    world.script(*[Fault.RATE_LIMIT_LONG] * 20)
    world.write("a")
    assert sum(world.flush(timedelta(hours=1)).failed for _ in range(21)) == 0
    assert world.peer.arrived() == ["a"]


def test_what_arrived_at_the_last_refusal_is_not_told_through_the_fallback(world):
    world.script(*[Fault.ERROR_BEFORE] * REFUSALS, Fault.ERROR_AFTER)
    world.write("a")
    for _ in range(10):
        world.flush(timedelta(hours=1))
    assert world.peer.arrived() == ["a"]
    assert world.printed == []
    assert world.history.outbox.count()["sent"] == 1


def test_waits_grow(world):
    world.peer.script = lambda _method: Fault.UNAVAILABLE
    world.write("a")
    tries = [minute for minute in range(4 * 60) if world.flush(timedelta(minutes=1)).retried]
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert gaps == sorted(gaps)
    assert gaps[:3] == [1, 1, 2]
    assert gaps[-1] == 60


def test_the_other_side_is_given_the_time_it_asks_for(world):
    world.script(Fault.RATE_LIMIT_LONG)
    world.write("a")
    world.flush()
    assert world.flush(timedelta(seconds=599)) == FlushReport()
    assert world.flush(timedelta(seconds=1)) == FlushReport(sent=1)


def test_a_permanent_fault_is_told_through_the_fallback_and_stays_visible(world):
    world.script(Fault.REVOKED)
    world.write("a")
    report = world.flush()
    assert report == FlushReport(failed=1)
    assert "kop a" in world.printed[0]
    assert world.history.outbox.count()["failed"] == 1


def test_when_the_fallback_is_down_too_it_is_tried_again(world):
    other = SlackTarget(channel="C2", token="t", base_url=world.peer.base_url)
    world.notifiers["other"] = SlackNotifier(other, sleep=world.waits.append)
    world.script(Fault.REVOKED, Fault.ERROR_BEFORE)
    world.write("a")
    assert world.flush(fallback="other") == FlushReport(retried=1)
    assert world.flush(timedelta(seconds=30), fallback="other") == FlushReport(sent=1)


@pytest.mark.parametrize("route", ["console", "gone"])
def test_a_route_that_is_gone_or_a_broken_body_loses_nothing_in_silence(world, route):
    world.history.outbox.add([Alert("a", route, "t", "incident", "{}", AT)])
    assert world.flush() == FlushReport(failed=1)
    assert world.history.outbox.count()["failed"] == 1


def test_killed_before_the_post_it_is_sent_when_the_lease_is_over(world):
    world.write("a")
    with pytest.raises(Killed):
        flush(world.history.outbox, {"ops": Dying(world.slack, after=False)}, at=AT, worker="w", pace=PACE)
    assert world.flush(timedelta(minutes=4)) == FlushReport()
    assert world.flush(timedelta(minutes=1)) == FlushReport(sent=1)
    assert world.peer.arrived() == ["a"]


def test_killed_after_the_post_it_is_found_and_not_sent_again(world):
    world.write("a", "b")
    with pytest.raises(Killed):
        flush(world.history.outbox, {"ops": Dying(world.slack, after=True)}, at=AT, worker="w", pace=PACE)
    assert world.flush(timedelta(minutes=5)) == FlushReport(sent=2)
    assert world.peer.arrived() == ["a", "b"]
    assert world.peer.messages[1]["thread_ts"] == world.peer.messages[0]["ts"]


def test_without_history_scope_it_comes_twice_but_never_not(world):
    world.peer.history_scope = False
    world.write("a")
    with pytest.raises(Killed):
        flush(world.history.outbox, {"ops": Dying(world.slack, after=True)}, at=AT, worker="w", pace=PACE)
    assert world.flush(timedelta(minutes=5)) == FlushReport(sent=1)
    assert world.peer.arrived() == ["a", "a"]


def test_a_second_worker_leaves_the_channel_of_the_first_alone(world):
    world.write("a")
    world.write("b", topic="f/2")
    others = []

    class Slow:
        kind = "slack"
        pause = 1.0
        find = world.slack.find
        edit = world.slack.edit
        owns = world.slack.owns
        began = False

        def send(self, alert, thread):
            if not self.began:
                self.began = True
                others.append(world.flush(worker="other"))
            return world.slack.send(alert, thread)

    world.notifiers["ops"] = Slow()
    assert world.flush() == FlushReport(sent=2)
    assert others == [FlushReport()]
    assert world.peer.arrived() == ["a", "b"]


class Dying:
    """A notifier whose process is killed around its first post."""

    kind = "slack"
    pause = 1.0

    def __init__(self, inner, *, after):
        self.inner, self.after = inner, after

    def send(self, alert, thread):
        if self.after:
            self.inner.send(alert, thread)
        raise Killed

    def edit(self, alert, thread):
        self.inner.edit(alert, thread)

    def find(self, alert, thread):
        return self.inner.find(alert, thread)

    def owns(self, thread):
        return self.inner.owns(thread)
