"""One tick after another, in this process."""

import io
import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event
from time import monotonic

import pytest
from slack_peer import Fault, SlackPeer
from tiny_feed import tiny_feed

from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.message import Message
from ketenwacht.service.lease import NAME
from ketenwacht.service.run import Ticker
from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.service.state import ReadinessLog, check_readiness, load_statuses
from ketenwacht.store import History
from ketenwacht.store.audit_heads import HeadFile
from ketenwacht.workflows import clock
from ketenwacht.workflows.alerts import DailySummary

LEASE = timedelta(seconds=30)
NEVER = 24
"""An hour that no day has."""

pytestmark = pytest.mark.integration


@contextmanager
def service(tiny, lines=None, said=None, digest_hour=None):
    project = tiny.project if digest_hour is None else replace_hour(tiny.project, digest_hour)
    stream = io.StringIO()
    with History.open(project.history_url()) as history:
        made = Service.of(project, history, log=Log(stream), write=([] if said is None else said).append)
        try:
            yield made
        finally:
            made.close()
            if lines is not None:
                lines += [json.loads(line) for line in stream.getvalue().splitlines()]


def yesterday():
    return clock.now() - timedelta(days=1)


def test_a_tick_judges_what_came_and_the_next_one_has_nothing_to_do(tiny):
    tiny.deliver(yesterday().date(), arrived=yesterday())
    lines = []
    with service(tiny, lines) as made:
        first, second = made.tick(), made.tick()
        assert made.last_well is not None
    assert (first.worked, len(first.statuses) > 0, first.well) == (True, True, True)
    assert (second.worked, second.statuses, second.well) == (True, [], True)
    judged = [line for line in lines if line["action"] == "judge"]
    assert len(judged) == len(first.statuses)
    assert judged[0]["object"] == f"tiny/{yesterday().date()}"


def test_one_that_stands_by_judges_nothing(tiny):
    tiny.deliver(yesterday().date(), arrived=yesterday())
    with service(tiny) as made:
        made.history.leases.take(NAME, worker="another")
        assert not made.tick().worked
        assert made.history.runs.find("tiny") == ()
        assert check_readiness(made, made.history, clock.now()).role == "standby"


def test_losing_the_lease_ends_a_tick_before_the_next_delivery(tiny):
    for days in (1, 2, 3):
        tiny.deliver((clock.now() - timedelta(days=days)).date(), arrived=yesterday())
    lines = []
    with service(tiny, lines) as made:
        say = made.log.say

        def usurped(action, what, result, **more):
            say(action, what, result, **more)
            if action == "judge":
                made.history.leases.release(NAME, worker=made.lease.worker)
                made.history.leases.take(NAME, worker="another")
                made.lease.try_once()

        made.log.say = usurped
        done = made.tick()
        assert len(done.statuses) == 1
        assert not done.well
        assert made.history.leases.release(NAME, worker="another"), "it does not take the lease of another"
    assert "stopped" in [line["result"] for line in lines if line["action"] == "tick"]


def test_a_feed_that_cannot_be_looked_at_is_a_fault_and_the_service_goes_on(tiny):
    lines = []
    with service(tiny, lines) as made:
        (tiny.root / "checks.yaml").write_text("checks: [{kind: nonsense}]")
        assert made.tick().faults == 1
        (tiny.root / "checks.yaml").write_text("checks: [{kind: schedule}]")
        assert made.tick().well
    assert [line["object"] for line in lines if line["action"] == "work"] == ["tiny"]


def test_an_alert_that_cannot_be_sent_is_not_well(tmp_path):
    routes = ", routes: [{slack: {channel: C1, token: x, base_url: 'http://127.0.0.1:9/'}}]"
    tiny = tiny_feed(tmp_path / "feed", alerts=routes)
    with service(tiny) as made:
        made.history.outbox.add([Alert("1", "route-1", "t", "test", "{}", clock.now())])
        done = made.tick()
        assert (done.drained or not done.well) is True
        made.history.outbox.add([Alert("2", "nowhere", "t", "incident", "{}", clock.now() - timedelta(hours=2))])
        state = check_readiness(made, made.history, clock.now())
        assert "alerts wait too long" in state.faults


def test_what_a_route_can_never_deliver_goes_to_the_fallback_and_makes_the_service_not_ready(tmp_path):
    def told(names):
        body = Message("test", "t", "en", "head").to_json()
        made.history.outbox.add([Alert(name, "ops", "t", "test", body, clock.now()) for name in names])
        return made.tick()

    with SlackPeer() as peer:
        slack = "slack: {{channel: {0}, token: x, base_url: '{1}'}}"
        routes = f"{{name: ops, digest: false, {slack.format('C1', peer.base_url)}}}, "
        routes += (
            f"{{name: reserve, feeds: [], severity: critical, digest: false, {slack.format('C2', peer.base_url)}}}"
        )
        tiny = tiny_feed(tmp_path / "feed", alerts=f", fallback: reserve, routes: [{routes}]")
        with service(tiny) as made:
            peer.script = lambda _method: Fault.REVOKED if peer.now.get("channel") == "C1" else None
            told(["a"])
            assert peer.arrived("C2") == ["a"]
            assert check_readiness(made, made.history, clock.now()).faults == ("route ops cannot deliver",)
            peer.script = lambda _method: None
            told(["b"])
            assert peer.arrived("C1") == ["b"]
            assert check_readiness(made, made.history, clock.now()).faults == ()


def test_the_digest_is_written_once_a_day_when_its_hour_has_come(tmp_path):
    said = []
    tiny = tiny_feed(tmp_path / "feed", service="digest_hour: 0")
    with service(tiny, said=said) as made:
        made.tick()
        made.tick()
        assert [one.alert.kind for one in made.history.outbox.find()] == ["digest"]
    with service(tiny, said=said) as made:
        made.tick()
        assert len(made.history.outbox.find()) == 1, "a new process knows that it was written"
    assert len(said) == 1


def test_before_its_hour_there_is_no_digest(tmp_path):
    with service(tiny_feed(tmp_path / "feed"), digest_hour=NEVER) as made:
        made.tick()
        assert made.history.outbox.find() == ()


def test_a_history_that_does_not_answer_is_said_and_nothing_raises(tiny):
    with service(tiny) as made:
        made.tick()
        file = tiny.root / "var/history.db"
        made.history.database.engine.dispose()
        for one in file.parent.iterdir():
            one.unlink()
        file.mkdir()
        state = check_readiness(made, made.history, clock.now())
        assert not state.database
        assert state.faults[0].startswith("the history does not answer (")
        assert made.tick().faults > 0


def test_a_history_whose_file_is_replaced_makes_the_service_not_ready_and_gets_nothing(tiny, tmp_path):
    with service(tiny) as made:
        made.tick()
        file, other = tiny.root / "var/history.db", tmp_path / "other.db"
        made.history.maintenance.backup(other)
        other.replace(file)
        made.tick()
        state = check_readiness(made, made.history, clock.now())
        assert state.faults[0].startswith("the history does not answer (HistoryReplaced")


def test_a_history_that_cannot_be_written_makes_the_service_not_ready_until_it_can(tiny):
    lines = []
    with service(tiny, lines) as made:
        made.tick()
        ready = ReadinessLog(made)
        with made.history.database.writing(guarded=False) as connection:
            connection.exec_driver_sql(
                "CREATE TRIGGER full BEFORE INSERT ON leases BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
            )
        for _ in range(3):
            made.tick()
            ready.look()
        (fault,) = check_readiness(made, made.history, clock.now()).faults
        assert (
            fault
            == "the history cannot be written (StoreError: free some space on its disk, or prune the history)"
        )
        with made.history.database.writing(guarded=False) as connection:
            connection.exec_driver_sql("DROP TRIGGER full")
        made.tick()
        ready.look()
        assert check_readiness(made, made.history, clock.now()).faults == ()
    assert [line["result"] for line in lines if line["action"] == "ready"] == ["not ready", "ready"], (
        "once a change"
    )


def test_without_work_by_anybody_for_two_leases_it_is_not_ready(tiny):
    with service(tiny) as made, service(tiny) as other:
        made.tick()
        for one in (made, other):
            other.tick()
            one.last_worked -= 61
            (fault,) = check_readiness(one, one.history, clock.now()).faults
            assert fault == "nobody has led and worked for two leases"
        made.lease.try_once()
        made.tick()
        other.tick()
        for one in (made, other):
            assert check_readiness(one, one.history, clock.now()).faults == (), (
                "who stands by sees the leader work"
            )


def test_a_leader_that_was_deposed_is_not_ready_for_two_leases(tiny):
    with service(tiny) as made:
        made.tick()
        made.history.leases.release(NAME, worker=made.lease.worker)
        made.history.leases.take(NAME, worker="another")
        made.tick()
        made.lease.try_once()
        assert check_readiness(made, made.history, clock.now()).faults == (
            "another process took the lead from this one",
        )
        made.lease.deposed -= 61
        assert check_readiness(made, made.history, clock.now()).faults == (), "it stands by"


def nothing_under_way(made):
    made.last_well = None
    return not wait(lambda: made.last_well is not None, seconds=0.5)


@pytest.mark.parametrize("hours", [-1, 1])
def test_after_the_clock_was_set_it_looks_at_once_and_says_so(tiny, hours):
    set_by, lines = [timedelta()], []
    with service(tiny, lines) as made:
        made.lease.try_once()
        ticker = Ticker(made, wall=lambda: clock.now() + set_by[0])
        ticker.start()
        try:
            assert wait(lambda: made.last_well is not None)
            for job in ticker.jobs:  # as far away as the clock was set back
                job.modify(next_run_time=clock.now() + timedelta(hours=1))
            assert wait(lambda: nothing_under_way(made)), "what had begun before is over"
            ticker.check_work()
            assert not wait(lambda: made.last_well is not None, seconds=0.5)
            set_by[0] += timedelta(hours=hours)
            ticker.check_work()
            assert wait(lambda: made.last_well is not None)
        finally:
            ticker.stop()
    assert [line["seconds"] for line in lines if line["action"] == "clock"] == [3600 * hours]


def test_a_process_that_wins_the_right_to_work_looks_at_once(tiny):
    with service(tiny) as made:
        made.history.leases.take(NAME, worker="another")
        ticker = Ticker(made)
        ticker.start()
        try:
            for job in ticker.jobs:
                job.modify(next_run_time=clock.now() + timedelta(hours=1))
            ticker.check_work()
            made.history.leases.release(NAME, worker="another")
            assert made.lease.try_once()
            ticker.check_work()
            assert wait(lambda: made.last_well is not None)
        finally:
            ticker.stop()


def wait(what, seconds=20.0):
    end, pause = monotonic() + seconds, Event()
    while not what() and monotonic() < end:
        pause.wait(0.05)
    return what()


def test_how_a_feed_is(tiny):
    with service(tiny) as made:
        feed = made.project.feed(None)
        policy = made.project.settings.alerts.policy
        (state,) = load_statuses(made.history, [feed], policy)
        assert (state.judged_at, dict(state.counts)) == (None, {})
        tiny.deliver(yesterday().date(), arrived=yesterday())
        made.tick()
        (state,) = load_statuses(made.history, [feed], policy)
        assert sum(state.counts.values()) == len(made.history.runs.find("tiny")) > 0
        assert state.judged_at is not None


def test_a_log_that_does_not_go_on_from_the_head_kept_outside_is_told_and_the_work_goes_on(tmp_path):
    tiny, said = tiny_feed(tmp_path / "feed"), []
    with service(tiny, said=said, digest_hour=NEVER) as made:
        made.history.heads = HeadFile(tmp_path / "heads")
        tiny.deliver(yesterday().date(), arrived=yesterday())
        assert made.tick().well
        assert len(made.history.heads.read()) == 1
        assert check_readiness(made, made.history, clock.now()).audit_log is None
        (tmp_path / "heads").write_text("2024-01-01T00:00:00+00:00 999:0123456789abcdef\n")
        done = made.tick()
        state = check_readiness(made, made.history, clock.now())
        assert (done.worked, done.faults, state.faults) == (True, 1, ())
        assert state.audit_log.startswith("audit log, line 999: it is not the line")
        assert DailySummary(replace_hour(made.project, 0), made.history).write(clock.now())
        digest = made.history.outbox.find()[-1]
        assert "does not go on from the line kept outside" in digest.alert.body


def replace_hour(project, hour):
    service = replace(project.settings.service, digest_hour=hour)
    return replace(project, settings=replace(project.settings, service=service))
