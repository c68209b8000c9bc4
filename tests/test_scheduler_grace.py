"""The moments around the end of grace: one second before it, at it, and after it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.feed import Feed, FileSource, Schedule
from ketenwacht.domain.statement import Statement
from ketenwacht.scheduler import Watch, overdue, worklist

GRACE = timedelta(hours=4)
FEED = Feed(
    name="f", source=FileSource(path="in"), schedule=Schedule(cron="0 7 * * mon-fri", calendar="NL", grace=GRACE)
)
WATCH = Watch(FEED, "Europe/Amsterdam")
DUE = datetime(2022, 1, 4, 6, tzinfo=UTC)  # 07:00 in Amsterdam
DEADLINE = DUE + GRACE
SECOND = timedelta(seconds=1)
BEFORE = Delivery("f", "before", date(2022, 1, 3), arrived_at=DUE - timedelta(days=1), sha256="a")


def delivered(arrived: datetime) -> Delivery:
    return Delivery("f", "came", date(2022, 1, 4), arrived_at=arrived, sha256="b")


MOMENTS = [
    ("before it is due", DUE - SECOND, None),
    ("when it is due", DUE, None),
    ("within the grace, earlier than the grace before it was due would be over", DUE + timedelta(hours=1), None),
    ("one second before the grace ends", DEADLINE - SECOND, None),
    ("when the grace ends", DEADLINE, DEADLINE),
    ("long after it", DEADLINE + timedelta(hours=9), DEADLINE),
]


@pytest.mark.parametrize(("sentence", "at", "moment"), MOMENTS, ids=[row[0] for row in MOMENTS])
def test_a_delivery_is_absent_from_the_end_of_its_grace(sentence, at, moment):
    found = overdue(WATCH, [BEFORE], [DUE], at=at)
    looked_for = [w for w in worklist(WATCH, [BEFORE], [("before", "a")], at=at) if w.delivery.id != "before"]
    assert [work.moment for work in found] == ([] if moment is None else [moment])
    assert tuple(looked_for) == found
    for work in found:
        assert (work.delivery.id, work.delivery.presence) == ("due:2022-01-04", Presence.ABSENT)
        assert (work.delivery.period, work.delivery.due_at) == (date(2022, 1, 4), DUE)
        assert work.delivery.problem == Statement("delivery.overdue", {"due": DUE})


ARRIVALS = [
    ("at the end of its grace is in time", DEADLINE, False),
    ("a second later is too late", DEADLINE + SECOND, True),
]


@pytest.mark.parametrize(("sentence", "arrived", "absent"), ARRIVALS, ids=[row[0] for row in ARRIVALS])
def test_in_a_replay_a_delivery_that_comes(sentence, arrived, absent):
    retold = Watch(FEED, WATCH.timezone, replayed=True)
    work = worklist(retold, [BEFORE, delivered(arrived)], [], at=DEADLINE + timedelta(hours=3))
    ids = ["before", "due:2022-01-04", "came"] if absent else ["before", "came"]
    assert [one.delivery.id for one in work] == ids


def test_of_several_arrivals_for_one_slot_the_first_counts():
    retold = Watch(FEED, WATCH.timezone, replayed=True)
    first, again = (
        delivered(DUE),
        Delivery("f", "again", date(2022, 1, 4), arrived_at=DEADLINE + GRACE, sha256="c"),
    )
    for both in ([first, again], [again, first]):
        work = worklist(retold, [BEFORE, *both], [], at=DEADLINE + 2 * GRACE)
        assert [one.delivery.id for one in work] == ["before", "came", "again"]


def test_a_slot_that_was_written_down_and_filled_is_not_overdue():
    assert overdue(WATCH, [BEFORE, delivered(DEADLINE + GRACE)], [DUE], at=DEADLINE + 2 * GRACE) == ()
    assert len(overdue(WATCH, [BEFORE, delivered(DEADLINE + GRACE)], [DUE], at=DEADLINE + SECOND)) == 1


def test_a_feed_that_never_delivered_is_overdue_too_and_the_slots_are_in_order():
    later = DUE + timedelta(days=1)
    work = overdue(WATCH, [], [later, DUE], at=later + GRACE)
    assert [one.moment for one in work] == [DEADLINE, later + GRACE]


@pytest.mark.parametrize("missed", [20, 21])
def test_a_silence_of_more_than_twenty_deliveries_before_the_first_look_is_an_archive(missed):
    at = datetime(2022, 1, 4, 12, tzinfo=UTC)
    days = 0
    while days < missed:  # working days without a holiday among them
        days += at.weekday() < 5
        at += timedelta(days=1)
    absent = [w for w in worklist(WATCH, [BEFORE], [], at=at - timedelta(days=1)) if w.delivery.id != "before"]
    assert len(absent) == (missed if missed == 20 else 0)
    since = Watch(FEED, WATCH.timezone, since=date(2022, 1, 3))
    told = [w for w in worklist(since, [BEFORE], [], at=at - timedelta(days=1)) if w.delivery.id != "before"]
    assert len(told) == missed, "a day from which deliveries are expected makes no archive"
