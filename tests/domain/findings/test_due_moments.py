"""The delivery that was due: its finding belongs to that due moment, and no other delivery ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.findings import Reason, resolve, sweep
from ketenwacht.domain.result import CheckResult, Evidence, Status
from ketenwacht.domain.statement import Amount, Statement

from .stage import Feed, told

MONDAY = datetime(2022, 1, 3, 6, tzinfo=UTC)
MISSING, LATE, ON_TIME = "schedule.missing", "schedule.late", "schedule.on_time"
STATUS = {
    MISSING: Status.FAILED,
    LATE: Status.WARNED,
    ON_TIME: Status.PASSED,
    "schedule.unreadable": Status.ERROR,
    "schedule.empty": Status.FAILED,
    "schedule.stated_empty": Status.WARNED,
    "schedule.unexpected": Status.WARNED,
    "schedule.asked_for": Status.PASSED,
}
PRESENCE = {MISSING: Presence.ABSENT, "schedule.unreadable": Presence.UNREADABLE}


def come(feed: Feed, day: int, code: str, *, hours: float = 4, due: bool = True):
    """Judge what became of the delivery that was due on a day (0: Monday), some hours after it was."""
    moment = MONDAY + timedelta(days=day)
    delivery = Delivery(
        "feed",
        f"{code}-{day}",
        moment.date(),
        PRESENCE.get(code, Presence.READ),
        due_at=moment if due else None,
    )
    params = {"period": moment.date(), "hours": Amount(hours), "grace": Amount(4.0)} if code == LATE else {}
    said = CheckResult(
        "schedule", STATUS[code], Evidence.SCHEDULE, code=code, params=params, observed=hours, by_due=True
    )
    return feed.run(delivery, [said], moment + timedelta(hours=hours))


LIVES = [
    ("a delivery that never came is open", [(0, MISSING)], [0]),
    ("the next one on time says nothing of it", [(0, MISSING), (1, ON_TIME), (2, ON_TIME)], [0]),
    ("each lost date of a week is open by itself", [(day, MISSING) for day in range(5)], [0, 1, 2, 3, 4]),
    ("a late delivery closes its own", [(0, MISSING), (1, MISSING), (0, LATE)], [1]),
    ("one that comes explicitly empty has come", [(0, MISSING), (0, "schedule.stated_empty")], []),
    ("one that comes empty without a word is still wrong", [(0, MISSING), (0, "schedule.empty")], [0]),
    ("what cannot be read is over when it can", [(0, "schedule.unreadable"), (0, ON_TIME)], []),
    ("and not when another day's can", [(0, "schedule.unreadable"), (1, ON_TIME)], [0]),
    ("a redelivery of an empty one closes it", [(0, "schedule.empty"), (0, "schedule.asked_for")], []),
    ("a delivery that comes late while nobody looked opens nothing", [(0, LATE)], []),
    ("one on a day off opens nothing and closes nothing", [(0, MISSING), (1, "schedule.unexpected")], [0]),
]


@pytest.mark.parametrize(("sentence", "days", "still"), LIVES, ids=[row[0] for row in LIVES])
def test_what_is_open(sentence, days, still):
    feed = Feed()
    for day, code in days:
        come(feed, day, code, due=code != "schedule.unexpected")
    lost = [f.period for f in feed.live.values() if f.active]
    assert sorted(lost) == [date(2022, 1, 3) + timedelta(days=day) for day in still]


def test_a_late_delivery_ends_its_finding_with_how_late_it_came():
    feed = Feed()
    come(feed, 0, MISSING)
    step = come(feed, 0, LATE, hours=9)
    assert told(step) == ["recovered"]
    finding = step.notices[0].incident
    assert finding.came
    assert finding.said == Statement(LATE, {"period": date(2022, 1, 3), "hours": Amount(9), "grace": Amount(4.0)})


def test_what_is_over_is_closed_after_a_day_though_nothing_else_is_said_of_it():
    feed = Feed()
    come(feed, 0, MISSING)
    come(feed, 0, LATE, hours=9)
    feed.keep(sweep(feed.live, policy=feed.policy, at=MONDAY + timedelta(hours=34)))
    assert not feed.live


def test_a_declared_pause_ends_what_it_covers_and_nothing_else():
    feed = Feed()
    for day in (0, 1):
        come(feed, day, MISSING)
    (covered,) = [f.fingerprint for f in feed.live.values() if f.period == MONDAY.date()]
    step = feed.keep(sweep(feed.live, policy=feed.policy, at=MONDAY + timedelta(days=2), excused=[covered]))
    assert told(step) == [Reason.EXCUSED.value]
    assert [f.period for f in feed.live.values() if f.active] == [date(2022, 1, 4)]
    again = sweep(feed.live, policy=feed.policy, at=MONDAY + timedelta(days=2), excused=[covered])
    assert again.events == ()


def test_a_person_may_close_it():
    feed = Feed()
    come(feed, 0, MISSING)
    feed.act(resolve(feed.one(), actor="an", reason="will not come", at=MONDAY + timedelta(days=1)))
    assert not feed.one().active


def test_a_finding_of_an_earlier_release_ends_with_the_delivery_of_its_period():
    feed = Feed()
    come(feed, 0, MISSING)
    old = feed.live.pop(feed.one().fingerprint)
    old = replace(old, fingerprint=replace(old.fingerprint, due=""))
    feed.live[old.fingerprint] = old
    come(feed, 1, ON_TIME)
    assert feed.one().active
    come(feed, 0, LATE)
    assert not feed.one().active
    assert not feed.one().came
