"""One process works at a time, whatever the clocks say; and who lost that right writes nothing more."""

from datetime import UTC, datetime, timedelta
from threading import Event
from time import monotonic

import psycopg
import pytest

from ketenwacht.domain.findings.finding import Alert
from ketenwacht.errors import LeadershipLost
from ketenwacht.service.lease import NAME, Lease
from ketenwacht.store import History, build_leader_lock

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)


@pytest.fixture
def opened(url):
    """Histories as separate processes have them: what is fenced off is the object."""
    histories = []

    def open_one():
        histories.append(History.open(url))
        return histories[-1]

    yield open_one
    for history in histories:
        history.close()


class Watch:
    """A clock that nobody can set but a test."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


def leader_lock(history, name, watch, length=LEASE):
    return build_leader_lock(history.leases, NAME, worker=name, length=length, monotonic=watch)


def lease(history, name, heard, length=LEASE):
    return Lease(history, name, length, gained=lambda: heard.append("gained"), lost=lambda: heard.append("lost"))


def soon(what):
    end, pause = monotonic() + 20, Event()
    while not what():
        assert monotonic() < end
        pause.wait(0.05)
    return True


def write(history, name):
    history.outbox.add([Alert(name, "console", "t", "test", "{}", AT)])


def test_the_second_stands_by_until_the_first_gives_it_back(opened):
    heard = []
    first, second = lease(opened(), "a", heard), lease(opened(), "b", [])
    assert first.try_once()
    assert not second.try_once()
    assert (first.held, second.held) == (True, False)
    first.stop()
    assert second.try_once()
    assert (first.held, second.held) == (False, True)
    assert heard == ["gained"]
    second.stop()


def test_who_has_lost_the_right_writes_nothing_more(opened):
    old, new, watch = opened(), opened(), Watch()
    first, second = leader_lock(old, "a", watch), leader_lock(new, "b", watch)
    assert first.keep()
    write(old, "before")
    first.leave()  # as when its connection or its time was over while it stood still
    assert second.keep()
    with pytest.raises(LeadershipLost, match="another process works now"):
        write(old, "after")
    write(new, "new")
    assert [one.alert.id for one in new.outbox.find()] == ["before", "new"]
    second.leave()


def test_whoever_finds_that_another_has_it_stops_at_once(tmp_path):
    heard = []
    with (
        History.open(f"sqlite:///{tmp_path}/h.db") as history,
        History.open(f"sqlite:///{tmp_path}/h.db") as other,
    ):
        mine = lease(history, "a", heard)
        mine.try_once()
        other.leases.release(NAME, worker="a")
        other.leases.take(NAME, worker="b")
        assert not mine.try_once()
        assert not mine.held
    assert heard == ["gained", "lost"]


def test_a_row_is_taken_when_its_beat_stood_still_for_its_length_and_no_sooner(tmp_path):
    with History.open(f"sqlite:///{tmp_path}/h.db") as history:
        watch, dead = Watch(), "dead"
        history.leases.take(NAME, worker=dead)
        other = leader_lock(history, "b", watch)
        assert not other.keep()
        watch.seconds += 29
        history.leases.take(NAME, worker=dead)  # it was not dead
        assert not other.keep()
        watch.seconds += 29
        assert not other.keep()
        watch.seconds += 1
        assert other.keep()


def test_a_history_that_does_not_answer_is_no_reason_to_begin(tmp_path):
    with History.open(f"sqlite:///{tmp_path}/h.db") as history:
        (tmp_path / "h.db").unlink()
        history.database.engine.dispose()
        (tmp_path / "h.db").mkdir()
        mine = lease(history, "a", [])
        assert not mine.try_once()
        assert not mine.held


def test_the_holder_stops_before_the_others_may_begin(opened):
    mine = lease(opened(), "a", [], timedelta(seconds=1))
    other = lease(opened(), "b", [], timedelta(seconds=1))
    assert mine.try_once()
    began, pause = monotonic(), Event()
    assert not other.try_once()
    while (moment := monotonic()) and mine.held:
        assert moment - began < 0.8
        pause.wait(0.01)
    taken = other.try_once()
    assert not taken or monotonic() - began > 1.0, "a machine that stood still meanwhile is no fault"
    mine.stop()
    other.stop()


def test_a_lease_is_renewed_until_it_is_given_back(opened):
    mine, other = (lease(opened(), name, [], timedelta(seconds=4)) for name in "ab")
    assert mine.try_once()
    mine.start()
    end, pause = monotonic() + 5, Event()
    while monotonic() < end:
        pause.wait(0.2)
        assert mine.held
        assert not other.try_once()
    mine.stop()
    assert other.try_once()
    other.stop()


@pytest.mark.integration
def test_a_lock_is_free_the_moment_that_its_connection_is_gone(postgresql, server):
    watch = Watch()
    with History.open(postgresql) as old, History.open(postgresql) as new:
        first, second = leader_lock(old, "a", watch), leader_lock(new, "b", watch)
        assert first.keep()
        assert not second.keep()
        hang_up(server)
        assert soon(second.keep)
        assert not first.keep(), "it does not go on after its connection failed"
        with pytest.raises(LeadershipLost):
            write(old, "after")
        second.leave()
        assert first.keep(), "it may come back"
        first.leave()


@pytest.mark.integration
def test_a_holder_that_stands_still_loses_its_lock(postgresql):
    watch = Watch()
    with History.open(postgresql) as old, History.open(postgresql) as new:
        first, second = leader_lock(old, "a", watch, timedelta(seconds=1)), leader_lock(new, "b", watch)
        assert first.keep()
        assert not second.keep()
        assert soon(second.keep)
        assert not first.keep()
        second.leave()


@pytest.mark.integration
def test_two_schemas_of_one_database_are_two_histories(postgresql, server):
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA two")
        watch = Watch()
        with History.open(postgresql) as one, History.open(postgresql.replace("%3Done", "%3Dtwo")) as two:
            seats = leader_lock(one, "a", watch), leader_lock(two, "b", watch)
            assert [each.keep() for each in seats] == [True, True]
            for each in seats:
                each.leave()
        connection.execute("DROP SCHEMA two CASCADE")


def hang_up(server):
    """End every connection that holds a seat, as a network that fails does."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        )


@pytest.mark.integration
def test_a_lock_that_the_history_cannot_record_is_not_kept(postgresql):
    with History.open(postgresql) as history, History.open(postgresql) as other:
        with other.database.writing() as connection:
            connection.exec_driver_sql("LOCK TABLE leases IN ACCESS EXCLUSIVE MODE")
            with History.open(postgresql, patience=0.1) as hasty:
                assert not leader_lock(hasty, "a", Watch()).keep()
        assert leader_lock(history, "b", Watch()).keep()
