"""What is to be judged at a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ketenwacht.domain.delivery import Delivery, Presence, has_impossible_period, with_possible_period
from ketenwacht.domain.feed import Feed, FileSource, Schedule
from ketenwacht.scheduler import Watch, worklist

DAILY = Feed(name="f", source=FileSource(path="in"), schedule=Schedule(cron="0 7 * * mon-fri", calendar="NL"))
MONTHLY = Feed(name="f", source=FileSource(path="in"), schedule=Schedule(cron="0 7 5 * *", lag=timedelta(days=31)))


def delivered(day: date, *, hour: int = 5, later: int = 0) -> Delivery:
    arrived = datetime(day.year, day.month, day.day, hour, tzinfo=UTC) + timedelta(days=later)
    return Delivery("f", f"d{day:%m%d}", day, arrived_at=arrived, sha256=f"sha-{day}")


def ids(work):
    return [w.delivery.id for w in work]


def at(month: int, day: int, hour: int = 23) -> datetime:
    return datetime(2022, month, day, hour, tzinfo=UTC)


WEEK = [delivered(date(2022, 1, d)) for d in (3, 4, 6, 7)]


def test_a_day_without_its_delivery_is_work_too():
    work = worklist(Watch(DAILY, "Europe/Amsterdam"), WEEK, set(), at=at(1, 7))
    assert ids(work) == ["d0103", "d0104", "due:2022-01-05", "d0106", "d0107"]
    absent = work[2].delivery
    assert absent.presence is Presence.ABSENT
    assert work[2].moment == at(1, 5, 10)  # due at six UTC, four hours of grace


def test_what_was_judged_is_not_work_again():
    judged = {(w.delivery.id, w.delivery.sha256) for w in worklist(Watch(DAILY, "UTC"), WEEK, set(), at=at(1, 7))}
    assert worklist(Watch(DAILY, "UTC"), WEEK, judged, at=at(1, 7)) == ()


def test_within_its_grace_nothing_is_missing():
    assert ids(worklist(Watch(DAILY, "Europe/Amsterdam"), WEEK[:2], set(), at=at(1, 5, 9))) == ["d0103", "d0104"]


def test_the_future_is_not_seen():
    assert ids(worklist(Watch(DAILY, "Europe/Amsterdam"), WEEK, set(), at=at(1, 4, 7))) == ["d0103", "d0104"]


def test_a_late_delivery_is_forgiven_live_and_retold_in_a_replay():
    late = [*WEEK[:2], delivered(date(2022, 1, 5), later=1), *WEEK[2:]]
    assert "due:2022-01-05" not in ids(worklist(Watch(DAILY, "UTC"), late, set(), at=at(1, 7)))
    replayed = ids(worklist(Watch(DAILY, "UTC", replayed=True), late, set(), at=at(1, 7)))
    assert replayed.index("due:2022-01-05") < replayed.index("d0105")


def test_a_delivery_on_a_day_off_does_not_stand_in_for_the_next_working_day():
    saturday = delivered(date(2022, 1, 8))
    work = worklist(Watch(DAILY, "UTC"), [*WEEK, saturday], set(), at=at(1, 10))
    assert next(w.delivery for w in work if w.delivery.id == "d0108").due_at is None
    assert "due:2022-01-10" in ids(work)


def test_holidays_are_not_due():
    easter = [delivered(date(2022, 4, 14)), delivered(date(2022, 4, 19))]
    assert ids(worklist(Watch(DAILY, "UTC"), easter, set(), at=at(4, 19))) == ["d0414", "d0419"]


def test_a_silence_before_the_first_look_is_an_archive():
    assert ids(worklist(Watch(DAILY, "UTC"), WEEK[:2], set(), at=at(6, 1))) == ["d0103", "d0104"]
    watched = worklist(Watch(DAILY, "UTC", since=date(2022, 1, 3)), WEEK[:2], set(), at=at(6, 1))
    assert len(watched) > 100


def test_a_month_is_due_after_it_has_ended():
    january = Delivery("f", "2022-01", date(2022, 1, 1), arrived_at=at(2, 4), sha256="j")
    assert worklist(Watch(MONTHLY, "UTC"), [january], set(), at=at(2, 6))[0].delivery.due_at == at(2, 5, 7)
    assert ids(worklist(Watch(MONTHLY, "UTC"), [january], set(), at=at(3, 6))) == ["2022-01", "due:2022-03-05"]


def test_other_content_under_a_judged_id_is_work():
    changed = Delivery("f", "d0103", date(2022, 1, 3), arrived_at=at(1, 3, 5), sha256="other")
    assert ids(worklist(Watch(DAILY, "UTC"), [changed], {("d0103", "sha-2022-01-03")}, at=at(1, 3, 8))) == [
        "d0103"
    ]


def test_a_feed_without_times_is_retold_at_the_end_of_each_day_and_judged_live_now():
    plain = Feed(name="f", source=FileSource(path="in"))
    days = [Delivery("f", "a", date(2022, 1, 3)), Delivery("f", "b", date(2022, 1, 7))]
    assert [w.moment for w in worklist(Watch(plain, "Europe/Amsterdam"), days, set(), at=at(1, 7))] == [
        at(1, 7)
    ] * 2
    replayed = worklist(Watch(plain, "Europe/Amsterdam", replayed=True), days, set(), at=at(1, 7))
    assert [w.moment for w in replayed] == [at(1, 3), at(1, 7)]  # Amsterdam's midnight; never later than now


def test_a_delivery_that_comes_before_it_is_due_was_due():
    early = Delivery("f", "2022-01", date(2022, 1, 1), arrived_at=at(2, 2))
    assert worklist(Watch(MONTHLY, "UTC"), [early], set(), at=at(2, 3))[0].delivery.due_at == at(2, 5, 7)


def test_rows_that_do_not_tell_when_they_came_are_judged_once_they_are_due():
    growing = [Delivery("f", "2022-01", date(2022, 1, 1)), Delivery("f", "2022-02", date(2022, 2, 1))]
    assert ids(worklist(Watch(MONTHLY, "UTC"), growing, set(), at=at(2, 20))) == ["2022-01"]
    assert ids(worklist(Watch(MONTHLY, "UTC"), growing, set(), at=at(3, 5, 8))) == ["2022-01", "2022-02"]
    assert worklist(Watch(MONTHLY, "UTC"), growing, set(), at=at(1, 20)) == ()


CAME, CAME_AGAIN = at(1, 3, 5), at(1, 3, 9)
UNREAD = Delivery("f", "d0103", date(2022, 1, 3), Presence.UNREADABLE, CAME)
REPLACED = [
    ("the same bytes that could not be read", CAME, ()),
    ("a file under the same name that came later", CAME_AGAIN, ("d0103",)),
]


@pytest.mark.parametrize(("what", "came", "work"), REPLACED, ids=[one[0] for one in REPLACED])
def test_what_could_not_be_read_is_work_again_once_it_was_replaced(what, came, work):
    now = Delivery("f", "d0103", date(2022, 1, 3), arrived_at=came)
    assert ids(worklist(Watch(DAILY, "UTC"), [now], {("d0103", UNREAD.mark)}, at=at(1, 3, 10))) == list(work)


@pytest.mark.parametrize(
    ("sentence", "day", "possible"),
    [
        ("today", date(2022, 1, 7), True),
        ("ten years ahead", date(2032, 1, 8), True),
        ("more than ten years ahead", date(2032, 1, 9), False),
        ("a placeholder for no end", date(9999, 12, 31), False),
        ("long ago", date(1970, 1, 1), True),
        ("before anybody exchanged anything", date(1969, 12, 31), False),
    ],
)
def test_a_delivery_is_for_a_day_that_can_be(sentence, day, possible):
    found = with_possible_period(Delivery("f", "x", day, sha256="s"), date(2022, 1, 7))
    assert (found.presence is Presence.READ) is possible, sentence
    assert has_impossible_period(found) is not possible
    assert found.period == (day if possible else date(2022, 1, 7))


def test_a_delivery_for_no_day_is_judged_and_fills_no_slot():
    odd = with_possible_period(
        Delivery("f", "9999-12-31", date(9999, 12, 31), arrived_at=at(1, 5, 6), sha256="s"), date(2022, 1, 5)
    )
    work = worklist(Watch(DAILY, "Europe/Amsterdam"), [*WEEK, odd], set(), at=at(1, 7))
    assert sorted(ids(work)) == ["9999-12-31", "d0103", "d0104", "d0106", "d0107", "due:2022-01-05"]
