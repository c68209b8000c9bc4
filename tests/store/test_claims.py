from __future__ import annotations

from datetime import timedelta

import pytest

from ketenwacht.errors import AlreadyClaimed
from ketenwacht.store import History
from ketenwacht.store.claims import LEASE

from .samples import AT, FEED, absent, delivery, run, snapshot

SHA = delivery().sha256


def claim(history, worker="one", *, at=AT, sha256=SHA):
    history.claim(FEED, "000001", sha256, worker=worker, at=at)


def test_a_claimed_delivery_is_not_for_another(history):
    claim(history)
    with pytest.raises(AlreadyClaimed, match="000001 of parcels is being judged"):
        claim(history, "two")


def test_even_the_same_worker_claims_once(history):
    claim(history)
    with pytest.raises(AlreadyClaimed):
        claim(history)


def test_a_claim_ends_with_its_lease(history):
    claim(history)
    with pytest.raises(AlreadyClaimed):
        claim(history, "two", at=AT + LEASE - timedelta(seconds=1))
    claim(history, "two", at=AT + LEASE)
    with pytest.raises(AlreadyClaimed):
        claim(history, "one", at=AT + LEASE)


def test_a_released_delivery_can_be_claimed(history):
    claim(history)
    assert history.release(FEED, "000001", SHA, worker="two") is False
    with pytest.raises(AlreadyClaimed):
        claim(history, "two")
    assert history.release(FEED, "000001", SHA, worker="one") is True
    claim(history, "two")


def test_other_bytes_and_absence_are_claimed_by_themselves(history):
    claim(history)
    claim(history, sha256="f" * 64)
    claim(history, sha256=None)
    with pytest.raises(AlreadyClaimed):
        claim(history, sha256=None)


@pytest.mark.parametrize("of", [delivery(), absent()], ids=["received", "absent"])
def test_what_was_judged_is_not_claimed_again(history, of):
    history.claim(FEED, of.id, of.sha256, worker="one", at=AT)
    history.save(run(of), snapshot(of))

    for at in (AT, AT + 2 * LEASE):
        with pytest.raises(AlreadyClaimed, match="judged before"):
            history.claim(FEED, of.id, of.sha256, worker="two", at=at)
    assert history.release(FEED, of.id, of.sha256, worker="one") is False


def test_one_process_at_a_time_holds_a_task(history):
    assert history.holder("leader") is None
    assert history.hold("leader", worker="one") is True
    assert history.hold("leader", worker="two") is False
    assert history.hold("other task", worker="two") is True
    seen = history.holder("leader")
    assert history.hold("leader", worker="one") is True  # renewed
    assert history.hold("leader", worker="two", instead_of=seen) is False  # it lives
    assert history.hold("leader", worker="two", instead_of=history.holder("leader")) is True
    assert history.hold("leader", worker="one") is False
    assert history.drop("leader", worker="one") is False
    assert history.drop("leader", worker="two") is True
    assert history.hold("leader", worker="one") is True


def race(url, worker, barrier, won):
    """Claim ten deliveries at the same moments as another process does."""
    with History.open(url) as history:
        for number in range(10):
            barrier.wait(60)
            try:
                history.claim(FEED, f"{number:06}", None, worker=worker, at=AT)
            except AlreadyClaimed:
                continue
            won.put((number, worker))


@pytest.mark.integration
def test_of_two_processes_exactly_one_gets_a_delivery(history, url, processes):
    barrier, won = processes.Barrier(2), processes.Queue()
    racers = [processes.Process(target=race, args=(url, name, barrier, won)) for name in ("one", "two")]
    for racer in racers:
        racer.start()
    got = sorted(won.get(timeout=60) for _ in range(10))
    for racer in racers:
        racer.join(60)

    assert [racer.exitcode for racer in racers] == [0, 0]
    assert [number for number, _ in got] == list(range(10))
    assert won.empty()
    won.close()
    won.join_thread()


def open_new(url, barrier):
    barrier.wait(60)
    History.open(url).close()


@pytest.mark.integration
def test_two_processes_open_a_new_history_at_once(new_url, processes):
    barrier = processes.Barrier(2)
    both = [processes.Process(target=open_new, args=(new_url, barrier)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)

    assert [one.exitcode for one in both] == [0, 0]
