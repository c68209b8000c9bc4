"""One process works at a time."""

from datetime import timedelta
from threading import Event
from time import monotonic

import pytest

from ketenwacht.app import clock
from ketenwacht.app.service_lease import NAME, Lease
from ketenwacht.errors import StoreError
from ketenwacht.store import History


@pytest.fixture
def history(url):
    with History.open(url) as opened:
        yield opened


LEASE = timedelta(seconds=30)


def lease(history, name, heard):
    return Lease(history, name, LEASE, gained=lambda: heard.append("gained"), lost=lambda: heard.append("lost"))


def test_the_second_stands_by_until_the_first_gives_it_back(history):
    heard = []
    first, second = lease(history, "a", heard), lease(history, "b", [])
    assert first.try_once()
    assert not second.try_once()
    assert (first.held, second.held) == (True, False)
    first.stop()
    assert second.try_once()
    assert (first.held, second.held) == (False, True)
    assert heard == ["gained"]


def test_what_a_dead_process_held_is_free_when_its_lease_is_over(history):
    then = clock.now() - LEASE - timedelta(seconds=1)
    assert history.hold(NAME, worker="dead", at=then, lease=LEASE)
    assert lease(history, "b", []).try_once()


def test_whoever_finds_that_another_has_it_stops_at_once(history):
    heard = []
    mine = lease(history, "a", heard)
    mine.try_once()
    history.drop(NAME, worker="a")
    history.hold(NAME, worker="b", at=clock.now(), lease=LEASE)
    assert not mine.try_once()
    assert not mine.held
    assert heard == ["gained", "lost"]


def test_a_history_that_does_not_answer_is_no_reason_to_begin():
    class Away:
        def hold(self, *_, **__):
            raise StoreError("away")

    mine = lease(Away(), "a", [])
    assert not mine.try_once()
    assert not mine.held


def test_the_holder_stops_before_the_others_may_begin(history):
    mine = Lease(history, "a", timedelta(seconds=1))
    assert mine.try_once()
    end = monotonic() + 0.8
    while mine.held:
        assert monotonic() < end
    assert not Lease(history, "b", timedelta(seconds=1)).try_once()


def test_a_lease_is_renewed_until_it_is_given_back(history):
    mine, other = (Lease(history, name, timedelta(seconds=2)) for name in "ab")
    assert mine.try_once()
    mine.start()
    end, pause = monotonic() + 4, Event()
    while monotonic() < end:
        pause.wait(0.2)
        assert mine.held
        assert not other.try_once()
    mine.stop()
    assert other.try_once()
