"""What people do to incidents, and what time alone does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ketenwacht.domain.findings import Reason, acknowledge, resolve, snooze, sweep
from ketenwacht.domain.findings.finding import State
from ketenwacht.errors import ConfigError

from .stage import START, Feed, happened, result, told


def test_a_snooze_keeps_quiet_until_it_ends():
    feed = Feed()
    feed.day(0, result("F", 20))
    feed.act(snooze(feed.one(), actor="an", reason="known", until=START + timedelta(days=3), at=START))
    assert told(feed.day(1, result("F", 25))) == []
    assert told(feed.day(3, result("F", 25))) == ["snooze-expired"]


@pytest.mark.parametrize(("sentence", "missing"), [("half as much again", 35), ("a step of severity", 120)])
def test_a_growing_shortfall_breaks_a_snooze(sentence, missing):
    feed = Feed()
    feed.day(0, result("F", 20))
    feed.act(snooze(feed.one(), actor="an", reason="known", until=START + timedelta(days=30), at=START))
    step = feed.day(1, result("F", missing))
    assert "snooze-broken" in happened(step)
    assert len(step.notices) == 1
    assert feed.one().snooze is None


def test_an_acknowledged_incident_stays_so_while_it_fails_and_is_still_told_when_it_grows():
    feed = Feed()
    feed.day(0, result("F", 20))
    feed.act(acknowledge(feed.one(), actor="an", at=START))
    step = feed.day(1, result("F", 200))
    assert told(step) == ["severity-grew"]
    assert feed.one().state is State.ACKNOWLEDGED
    assert feed.one().owner == "an"


def test_resolved_by_hand_is_reopened_by_the_next_failure_within_a_day():
    feed = Feed()
    feed.day(0, result())
    act = feed.act(resolve(feed.one(), actor="an", reason="done", at=START + timedelta(hours=2)))
    assert act.notice.reason is Reason.RESOLVED_BY_HAND
    step = feed.day(1, result())
    assert told(step) == ["reopened"]
    assert step.notices[0].broadcast


def test_acting_twice_is_one_event():
    feed = Feed()
    feed.day(0, result())
    feed.act(acknowledge(feed.one(), actor="an", at=START))
    assert acknowledge(feed.one(), actor="bo", at=START).event is None


def hush(incident, time):
    return snooze(incident, actor="an", reason=" known ", until=START + time, at=START)


@pytest.mark.parametrize("time", [timedelta(days=366), timedelta(seconds=1)])
def test_a_snooze_lasts_at_most_a_year(time):
    feed = Feed()
    feed.day(0, result("F", 20))
    act = hush(feed.one(), time)
    assert (act.incident.snooze.until, act.incident.snooze.reason) == (START + time, "known")
    assert (act.incident.snooze.missing, act.incident.owner) == (20, "an")
    assert act.event.detail == f"{(START + time).isoformat()} known"
    assert hush(act.incident, time).event is None


def test_what_is_resolved_is_not_resolved_again():
    feed = Feed()
    feed.day(0, result())
    feed.act(resolve(feed.one(), actor="an", reason="done", at=START))
    again = resolve(feed.one(), actor="bo", reason="done", at=START + timedelta(days=1))
    assert (again.event, again.incident) == (None, feed.one())


@pytest.mark.parametrize(
    ("sentence", "act"),
    [
        ("without a reason", lambda i: snooze(i, actor="a", reason=" ", until=START + timedelta(1), at=START)),
        ("in the past", lambda i: snooze(i, actor="a", reason="r", until=START, at=START)),
        ("for more than a year", lambda i: hush(i, timedelta(days=366, seconds=1))),
        ("when it is over, for a while", lambda i: hush(replace(i, state=State.RESOLVED), timedelta(days=1))),
        (
            "when it is closed, to look after it",
            lambda i: acknowledge(replace(i, state=State.CLOSED), actor="a", at=START),
        ),
        (
            "when it is over",
            lambda i: acknowledge(replace(i, state=State.RESOLVED), actor="a", at=START),
        ),
        (
            "when it is closed",
            lambda i: resolve(replace(i, state=State.CLOSED), actor="a", reason="", at=START),
        ),
    ],
)
def test_an_act_is_refused(sentence, act):
    feed = Feed()
    feed.day(0, result())
    with pytest.raises(ConfigError, match="incident i0"):
        act(feed.one())


def test_a_sweep_ends_snoozes_and_closes_what_stayed_quiet():
    feed = Feed()
    feed.day(0, result())
    feed.act(snooze(feed.one(), actor="an", reason="known", until=START + timedelta(hours=5), at=START))
    step = feed.keep(sweep(feed.live, policy=feed.policy, at=START + timedelta(hours=5)))
    assert told(step) == ["snooze-expired"]
    for hours in (1, 2, 3):
        feed.day(1, result("P"), hours=hours, period=hours)
    step = feed.keep(sweep(feed.live, policy=feed.policy, at=START + timedelta(days=3, hours=1)))
    assert happened(step) == ["closed-quiet"]
    assert feed.live == {}


def test_what_was_resolved_and_never_judged_again_is_let_go_in_the_end():
    feed = Feed()
    feed.day(0, result())
    feed.act(resolve(feed.one(), actor="an", reason="done", at=START))
    assert sweep(feed.live, policy=feed.policy, at=START + timedelta(days=13)).incidents == ()
    assert happened(sweep(feed.live, policy=feed.policy, at=START + timedelta(days=14, seconds=1))) == [
        "closed-quiet"
    ]
