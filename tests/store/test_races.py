"""Two processes on one history: who works, who keeps a verdict, who makes the tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ketenwacht.store import History

from .samples import FEED, delivery, run, snapshot


def test_one_process_at_a_time_holds_a_task(history):
    assert history.leases.find_holder("leader") is None
    assert history.leases.take("leader", worker="one") is True
    assert history.leases.take("leader", worker="two") is False
    assert history.leases.take("other task", worker="two") is True
    seen = history.leases.find_holder("leader")
    assert history.leases.take("leader", worker="one") is True  # renewed
    assert history.leases.take("leader", worker="two", instead_of=seen) is False  # it lives
    assert history.leases.take("leader", worker="two", instead_of=history.leases.find_holder("leader")) is True
    assert history.leases.take("leader", worker="one") is False
    assert history.leases.release("leader", worker="one") is False
    assert history.leases.release("leader", worker="two") is True
    assert history.leases.take("leader", worker="one") is True


def race(url, barrier, won):
    """Judge ten deliveries at the same moments as another process does."""
    with History.open(url, patience=60) as history:
        for number in range(10):
            of = replace(delivery(), id=f"{number:06}")
            barrier.wait(60)
            if history.runs.save(run(of), snapshot(of)):
                won.put(number)


@pytest.mark.integration
def test_two_processes_that_judge_the_same_deliveries_keep_each_once(history, url, processes):
    barrier, won = processes.Barrier(2), processes.Queue()
    racers = [processes.Process(target=race, args=(url, barrier, won)) for _ in range(2)]
    for racer in racers:
        racer.start()
    got = sorted(won.get(timeout=60) for _ in range(10))
    for racer in racers:
        racer.join(60)

    assert [racer.exitcode for racer in racers] == [0, 0]
    assert got == list(range(10))
    assert won.empty()
    won.close()
    won.join_thread()
    assert len(history.runs.find_judged(FEED)) == len(history.runs.find_snapshots(FEED)) == 10


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
