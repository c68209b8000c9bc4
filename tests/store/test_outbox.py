from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from ketenwacht.errors import StoreError
from ketenwacht.store import History
from ketenwacht.store.outbox import LeasedAlert
from ketenwacht.store.tables import alerts

from .samples import AT, alert, delivery, run, save, snapshot

LEASE = timedelta(minutes=1)


def lease(history, *, at=AT, worker="one", limit=10):
    return history.outbox.lease(at=at, worker=worker, limit=limit, lease=LEASE)


def names(leased):
    return [one.alert.id for one in leased]


def test_an_alert_comes_back_as_it_went_in(history):
    save(history, run(), snapshot(), alerts=[alert()])
    assert lease(history) == (LeasedAlert(alert(), 1, False),)


def test_a_leased_alert_is_not_for_another(history):
    history.outbox.add([alert()])
    lease(history)
    assert lease(history, worker="two") == ()


def test_the_same_alert_twice_is_one(history):
    history.outbox.add([alert(), alert()])
    history.outbox.add([alert()])
    assert history.outbox.count() == {"pending": 1, "sending": 0, "sent": 0, "failed": 0}


def test_no_later_alert_of_a_route_goes_before_an_earlier_one_has_arrived(history):
    history.outbox.add([alert("a1"), alert("b1", topic="x"), alert("a2"), alert("c1", route="mail")])

    assert names(lease(history)) == ["a1", "c1"]
    history.outbox.mark_retry("a1", at=AT, next_attempt_at=AT + LEASE, error="HTTP 500")
    history.outbox.mark_sent("c1", at=AT, ref=None)
    assert names(lease(history, at=AT + LEASE - timedelta(seconds=1))) == []
    assert names(lease(history, at=AT + LEASE)) == ["a1"]
    assert names(lease(history, at=AT + LEASE)) == [], "it is being sent"
    history.outbox.mark_sent("a1", at=AT, ref="100.1")
    assert names(lease(history, at=AT + LEASE)) == ["b1"]


def test_refusals_are_counted_apart_from_attempts(history):
    history.outbox.add([alert()])
    for refused in (False, True, True):
        lease(history)
        history.outbox.mark_retry("a1", at=AT, next_attempt_at=AT, error="", refused=refused)
    (leased,) = lease(history)
    assert (leased.attempt, leased.refused) == (4, 2)


def test_one_that_can_never_arrive_does_not_hold_up_the_next(history):
    history.outbox.add([alert("a1"), alert("a2")])
    lease(history)
    history.outbox.mark_failed("a1", at=AT, error="channel_not_found")
    assert names(lease(history)) == ["a2"]
    assert history.outbox.count()["failed"] == 1


def test_no_more_are_taken_than_asked_for_and_the_oldest_first(history):
    history.outbox.add([alert(f"a{n}", route=f"r{n}") for n in range(5)])
    assert names(lease(history, limit=2)) == ["a0", "a1"]
    assert names(lease(history, limit=2)) == ["a2", "a3"]


def test_one_whose_sender_vanished_comes_back_marked_as_perhaps_sent(history):
    history.outbox.add([alert("a1"), alert("a2")])
    lease(history)

    assert lease(history, worker="two", at=AT + LEASE - timedelta(seconds=1)) == ()
    assert lease(history, worker="two", at=AT + LEASE) == (LeasedAlert(alert("a1"), 2, True),)


def test_attempts_are_counted(history):
    history.outbox.add([alert()])
    for attempt in (1, 2, 3):
        (leased,) = lease(history)
        assert (leased.attempt, leased.recovered) == (attempt, False)
        history.outbox.mark_retry("a1", at=AT, next_attempt_at=AT, error="HTTP 500")


def test_what_was_sent_stays_sent(history):
    history.outbox.add([alert()])
    lease(history)
    history.outbox.mark_sent("a1", at=AT, ref="1.0")

    history.outbox.mark_retry("a1", at=AT, next_attempt_at=AT, error="late")
    history.outbox.mark_failed("a1", at=AT, error="late")

    assert history.outbox.count() == {"pending": 0, "sending": 0, "sent": 1, "failed": 0}


def test_one_that_was_given_up_and_arrived_after_all_is_sent(history):
    history.outbox.add([alert()])
    history.outbox.mark_failed("a1", at=AT, error="gone")
    history.outbox.mark_sent("a1", at=AT, ref="1.0")
    assert history.outbox.count()["sent"] == 1


@pytest.mark.parametrize(
    "mark",
    [
        lambda history: history.outbox.mark_sent("no", at=AT, ref=None),
        lambda history: history.outbox.mark_retry("no", at=AT, next_attempt_at=AT, error=""),
        lambda history: history.outbox.mark_failed("no", at=AT, error=""),
    ],
    ids=["sent", "retry", "failed"],
)
def test_an_alert_that_is_not_there_cannot_be_marked(history, mark):
    with pytest.raises(StoreError, match="there is no alert no"):
        mark(history)


def test_a_thread_is_the_first_message_of_its_topic(history):
    history.outbox.add([alert("a1"), alert("a2"), alert("b1", topic="x"), alert("c1", route="mail")])
    topic = alert().topic
    assert history.outbox.find_thread("ops", topic) is None
    history.outbox.mark_sent("a1", at=AT, ref="1.0")
    history.outbox.mark_sent("a2", at=AT, ref="2.0")
    history.outbox.mark_sent("b1", at=AT, ref="3.0")

    assert history.outbox.find_thread("ops", topic) == "1.0"
    assert history.outbox.find_thread("ops", "x") == "3.0"
    assert history.outbox.find_thread("mail", topic) is None


def test_the_oldest_unsent_alert_is_known(history):
    assert history.outbox.find_oldest_unsent() is None
    history.outbox.add([alert("a1"), alert("b1", topic="x")])
    history.outbox.mark_sent("a1", at=AT, ref=None)
    assert history.outbox.find_oldest_unsent() == AT
    history.outbox.mark_sent("b1", at=AT, ref=None)
    assert history.outbox.find_oldest_unsent() is None


def test_a_run_that_was_judged_before_tells_nothing_again(history):
    save(history, run(), snapshot(), alerts=[alert("a1")])
    save(history, run(name="again"), snapshot(), alerts=[alert("a2")])
    save(history, run(delivery(2)), snapshot(delivery(2)), alerts=[alert("a3")])
    assert history.outbox.count()["pending"] == 2


_DEEDS = st.lists(st.tuples(st.sampled_from(["sent", "retry", "failed", "crash"]), st.integers(1, 3)), max_size=30)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(routes=st.lists(st.sampled_from("xyz"), min_size=1, max_size=8), deeds=_DEEDS)
def test_whatever_happens_each_route_is_told_in_order_and_nothing_is_lost(history, routes, deeds):
    with history.database.writing() as connection:
        connection.execute(delete(alerts))
    history.outbox.add([alert(f"{n:02}", route=route, topic=f"t{n % 3}") for n, route in enumerate(routes)])
    at, ended = AT, []
    for deed, limit in [*deeds, *[("sent", 8)] * len(routes)]:
        for leased in lease(history, at=at, limit=limit):
            if deed == "crash":
                continue
            if deed == "retry":
                history.outbox.mark_retry(leased.alert.id, at=at, next_attempt_at=at + LEASE, error="")
                continue
            ended.append(leased.alert)
            if deed == "sent":
                history.outbox.mark_sent(leased.alert.id, at=at, ref=None)
            else:
                history.outbox.mark_failed(leased.alert.id, at=at, error="")
        at += LEASE

    assert sorted(one.id for one in ended) == [f"{n:02}" for n in range(len(routes))]
    for route in set(routes):
        told = [one.id for one in ended if one.route == route]
        assert told == sorted(told)


def send_all(url, worker, barrier, told):
    """Send until nothing is left, as another process does the same."""
    with History.open(url) as history:
        barrier.wait(60)
        idle = 0
        while idle < 5:
            leased = history.outbox.lease(at=AT, worker=worker, limit=3, lease=LEASE)
            idle = 0 if leased else idle + 1
            for one in leased:
                told.put((one.alert.topic, one.alert.id))
                history.outbox.mark_sent(one.alert.id, at=AT, ref=None)
    told.put(None)


@pytest.mark.integration
def test_two_senders_send_each_alert_once(history, url, processes):
    history.outbox.add([alert(f"{n:02}", route=f"r{n % 4}") for n in range(40)])
    barrier, told = processes.Barrier(2), processes.Queue()
    senders = [processes.Process(target=send_all, args=(url, name, barrier, told)) for name in ("one", "two")]
    for sender in senders:
        sender.start()
    got, ends = [], 0
    while ends < 2:
        said = told.get(timeout=60)
        ends += said is None
        got += [] if said is None else [said]
    for sender in senders:
        sender.join(60)
    told.close()
    told.join_thread()

    assert sorted(name for _, name in got) == [f"{n:02}" for n in range(40)]
    assert history.outbox.count()["sent"] == 40
