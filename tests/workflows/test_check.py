"""What was due gets one verdict each, downtime or not."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from odd_readers import FlakyReader
from tiny_feed import tiny_feed

from ketenwacht.domain.findings.finding import State
from ketenwacht.measure import CopyEngine
from ketenwacht.pipeline import measure_delivery
from ketenwacht.workflows.check import check

pytestmark = pytest.mark.integration

LAST_SEEN = datetime(2024, 3, 1, 12, tzinfo=UTC)  # a Friday
BACK = datetime(2024, 3, 11, 12, tzinfo=UTC)
ON_TIME, LATE = timedelta(hours=5), timedelta(hours=20)

PAUSE = "  - {first: 2024-03-07, last: 2024-03-07, kind: pause, why: planned, by: them}"
WEEK = [
    ("it came on time while nobody looked", date(2024, 3, 4), ON_TIME, "received"),
    ("it came after its grace", date(2024, 3, 5), LATE, "late"),
    ("it never came", date(2024, 3, 6), None, "missed"),
    ("it did not come on a day of a declared pause", date(2024, 3, 7), None, "excused"),
    ("it came on time again", date(2024, 3, 8), ON_TIME, "received"),
]


def looked(tiny, at):
    with tiny.session() as session:
        return [(r.delivery.id, r.delivery.presence.value) for r in check(session, delivery=None, at=at)]


def outcomes(tiny):
    with tiny.session() as session:
        return {one.due.date(): one.verdict for one in session.history.expected.find("tiny")}


def midnight(day):
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def arrived(tiny, days):
    for _, day, after, _ in days:
        if after is not None:
            tiny.deliver(day, arrived=midnight(day) + after)


@pytest.fixture
def away(tmp_path):
    """A feed that was looked at once, and then not for ten days."""
    tiny = tiny_feed(tmp_path / "feed", declared=PAUSE)
    for day in (date(2024, 2, 29), date(2024, 3, 1)):
        tiny.deliver(day, arrived=midnight(day) + ON_TIME)
    assert len(looked(tiny, LAST_SEEN)) == 2
    assert outcomes(tiny) == {}
    arrived(tiny, WEEK)
    return tiny


def test_a_week_of_downtime_is_caught_up_in_order(away):
    assert looked(away, BACK) == [
        ("2024-03-04", "read"), ("2024-03-05", "read"), ("due:2024-03-06", "absent"), ("2024-03-08", "read"),
        ("due:2024-03-11", "absent"),
    ]  # fmt: skip
    found = outcomes(away)
    assert {day: found[day] for _, day, _, _ in WEEK} == {day: outcome for _, day, _, outcome in WEEK}
    assert found[date(2024, 3, 11)] == "missed"


def schedule_findings(tiny):
    with tiny.session() as session:
        found = session.history.findings.find("tiny", closed=True)
        return {f.period: (f.state.value, f.said.code) for f in found if f.fingerprint.check == "schedule"}


def test_each_lost_date_is_open_until_it_comes_or_a_pause_covers_it(away):
    looked(away, BACK)
    lost = ("open", "schedule.missing")
    assert schedule_findings(away) == {date(2024, 3, 6): lost, date(2024, 3, 11): lost}
    away.deliver(date(2024, 3, 11), arrived=BACK + timedelta(hours=3))
    looked(away, BACK + timedelta(hours=4))
    assert schedule_findings(away) == {date(2024, 3, 6): lost, date(2024, 3, 11): ("resolved", "schedule.late")}
    checks = away.root / "checks.yaml"
    checks.write_text(checks.read_text().replace("first: 2024-03-07", "first: 2024-03-06"))
    looked(away, BACK + timedelta(hours=5))
    assert schedule_findings(away)[date(2024, 3, 6)] == ("resolved", "schedule.missing")
    with away.session() as session:
        (one,) = [f for f in session.history.findings.find("tiny") if f.period == date(2024, 3, 6)]
        assert [event.reason for event in session.history.findings.find_events(one.id)] == ["opened", "excused"]


def test_looking_again_changes_nothing(away):
    looked(away, BACK)
    before = outcomes(away)
    assert looked(away, BACK + timedelta(minutes=1)) == []
    assert outcomes(away) == before


def test_what_was_missed_and_comes_after_all_is_late(away):
    looked(away, BACK)
    away.deliver(date(2024, 3, 6), arrived=BACK)
    assert looked(away, BACK + timedelta(hours=1)) == [("2024-03-06", "read")]
    assert outcomes(away)[date(2024, 3, 6)] == "late"


def test_a_delivery_within_its_grace_is_awaited(away):
    looked(away, BACK)
    looked(away, datetime(2024, 3, 12, 8, tzinfo=UTC))
    assert outcomes(away)[date(2024, 3, 12)] is None


def test_a_file_that_was_judged_and_taken_away_did_come(away):
    looked(away, BACK)
    for path in (away.root / "in").iterdir():
        path.unlink()
    assert looked(away, BACK + timedelta(hours=1)) == []
    assert looked(away, BACK + timedelta(days=1)) == [("due:2024-03-12", "absent")]


def test_a_feed_that_never_delivers_anything_is_missed_from_the_first_look_on(tmp_path):
    tiny = tiny_feed(tmp_path / "feed")
    assert looked(tiny, LAST_SEEN) == []
    assert looked(tiny, LAST_SEEN + timedelta(days=4)) == [
        ("due:2024-03-04", "absent"),
        ("due:2024-03-05", "absent"),
    ]


def test_an_archive_that_is_looked_at_twice_is_no_silence(tmp_path):
    tiny = tiny_feed(tmp_path / "feed")
    tiny.deliver(date(2020, 3, 2), arrived=datetime(2020, 3, 2, 5, tzinfo=UTC))
    assert looked(tiny, LAST_SEEN) == [("2020-03-02", "read")]
    assert looked(tiny, LAST_SEEN + timedelta(hours=1)) == []


def test_both_days_on_which_the_clocks_change_and_the_leap_day_are_due_once(tmp_path):
    tiny = tiny_feed(tmp_path / "feed")
    looked(tiny, datetime(2024, 2, 28, 12, tzinfo=UTC))
    looked(tiny, datetime(2024, 11, 1, tzinfo=UTC))
    with tiny.session() as session:
        dues = [one.due for one in session.history.expected.find("tiny")]
    hours = {due.date(): due.hour for due in dues}
    assert len(hours) == len(dues)
    assert hours[date(2024, 2, 29)] == hours[date(2024, 3, 28)] == 6
    assert hours[date(2024, 4, 2)] == hours[date(2024, 10, 25)] == 5  # 1 April is a holiday
    assert hours[date(2024, 10, 28)] == 6
    assert date(2024, 4, 1) not in hours


TABLE = [
    ("another hour counts from the next moment on", "0 9 * * mon-fri", LAST_SEEN, {"2024-03-04": 8}),
    ("fewer days are due from then on", "0 7 * * mon", LAST_SEEN, {"2024-03-04": 6, "2024-03-05": None}),
    ("a weekend is due from then on", "0 7 * * *", LAST_SEEN, {"2024-03-02": 6, "2024-03-04": 6}),
    ("what was due stays as it was", "0 9 * * mon-fri", BACK, {"2024-03-04": 6, "2024-03-08": 6, "2024-03-12": 8}),
]


@pytest.mark.parametrize(("sentence", "cron", "changed", "hours"), TABLE, ids=[row[0] for row in TABLE])
def test_a_changed_cron(tmp_path, sentence, cron, changed, hours):
    tiny = tiny_feed(tmp_path / "feed")
    looked(tiny, LAST_SEEN)
    looked(tiny, changed)
    config = tiny.root / "config.yaml"
    config.write_text(config.read_text().replace("0 7 * * mon-fri", cron))
    looked(tiny, BACK + timedelta(days=2))
    with tiny.session() as session:
        due = [one.due for one in session.history.expected.find("tiny")]
    found = {moment.date().isoformat(): moment.hour for moment in due}
    assert len(found) == len(due), "a day is due once"
    assert {day: found.get(day) for day in hours} == hours


JUMPS = [
    ("ahead by two days and set right", timedelta(days=2)),
    ("ahead by an hour and set right", timedelta(hours=1)),
    ("back by a day and set right", -timedelta(days=1)),
    ("back by a year and set right", -timedelta(days=366)),
]


@pytest.mark.parametrize(("sentence", "jump"), JUMPS, ids=[row[0] for row in JUMPS])
def test_a_clock_that_jumps_and_is_set_right_leaves_one_verdict_each(away, sentence, jump):
    looked(away, BACK)
    before = outcomes(away)
    looked(away, BACK + jump)
    away.deliver(date(2024, 3, 12), arrived=datetime(2024, 3, 12, 5, tzinfo=UTC))
    looked(away, datetime(2024, 3, 12, 8, tzinfo=UTC))
    after = outcomes(away)
    assert {day: after[day] for day in before} == before
    assert after[date(2024, 3, 12)] in ({"late"} if jump > timedelta(days=1) else {"received"})


def test_a_file_that_could_not_be_read_is_judged_again_once_it_was_replaced(away):
    looked(away, BACK)
    spoiled = away.deliver(date(2024, 3, 12), arrived=datetime(2024, 3, 12, 5, tzinfo=UTC))
    spoiled.write_bytes(spoiled.read_bytes() + b"1;a;too much\n")
    os.utime(spoiled, (datetime(2024, 3, 12, 5, tzinfo=UTC).timestamp(),) * 2)
    first = datetime(2024, 3, 12, 8, tzinfo=UTC)
    assert looked(away, first) == [("2024-03-12", "unreadable")]
    assert looked(away, first + timedelta(minutes=1)) == []
    away.deliver(date(2024, 3, 12), arrived=datetime(2024, 3, 12, 9, tzinfo=UTC))
    assert looked(away, first + timedelta(hours=2)) == [("2024-03-12", "read")]
    assert looked(away, first + timedelta(hours=3)) == []
    with away.session() as session:
        states = {f.period: f.state for f in session.history.findings.find("tiny")}
    assert states[date(2024, 3, 12)] is State.RESOLVED


def test_a_read_fault_that_passes_is_told_once_and_ends_with_the_first_read_that_works(tmp_path):
    tiny = tiny_feed(tmp_path / "feed")
    tiny.deliver(date(2024, 3, 1), arrived=midnight(date(2024, 3, 1)) + ON_TIME)
    with tiny.session() as opened:
        flaky = FlakyReader(opened.context.reader, times=3)
        session = replace(opened, context=replace(opened.context, engine=CopyEngine(flaky)))
        seen = []
        for minutes in range(5):
            at = LAST_SEEN + timedelta(minutes=minutes)
            runs = list(check(session, delivery=None, at=at, measuring=here))
            live = [f for f in session.history.findings.find("tiny") if f.active]
            seen.append(([run.status.word for run in runs], [f.said.code for f in live]))
    told = (["error"], ["schedule.unreadable"])
    assert seen[0] == told
    assert seen[1:3] == [([], told[1]), ([], told[1])], "it is tried again without the file having changed"
    assert (len(seen[3][0]), seen[3][1]) == (1, [])
    assert seen[4] == ([], [])


def here(context, work):
    return (measure_delivery(context, one.delivery, one.moment) for one in work)
