"""One process works at a time."""

from datetime import timedelta

import pytest

from ketenwacht.app import clock
from ketenwacht.app.service_lease import LEASE, MARGIN, NAME, RENEW, Lease
from ketenwacht.errors import StoreError
from ketenwacht.store import History


@pytest.fixture
def history(url):
    with History.open(url) as opened:
        yield opened


def lease(history, name, heard):
    return Lease(history, name, gained=lambda: heard.append("gained"), lost=lambda: heard.append("lost"))


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


def test_the_holder_stops_before_the_others_may_begin():
    assert timedelta(0) < MARGIN
    assert 3 * RENEW <= LEASE - MARGIN + RENEW  # two renewals may fail
