"""The moments between: just inside and just outside a time limit, a second episode, an act on what is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ketenwacht.domain.findings import Reason, acknowledge, resolve, snooze, sweep
from ketenwacht.domain.findings.finding import Event, Nature, Severity, Snooze, State
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.result import Missing
from ketenwacht.domain.segment import WHOLE
from ketenwacht.errors import ConfigError

from .stage import LYON, PARIS, START, Feed, happened, result, told

SECOND = timedelta(seconds=1)
LATER = START + timedelta(hours=3)


def failing(*missing):
    """A feed whose incident fails, once a day."""
    feed = Feed()
    for number, count in enumerate(missing or (20,)):
        feed.day(number, result("F", count))
    return feed


def recovered():
    feed = failing()
    feed.day(1, result("P"))
    return feed


ACTS = {
    "acknowledge": lambda one: acknowledge(one, actor="an", at=LATER),
    "snooze": lambda one: snooze(one, actor="an", reason="why", until=LATER + SECOND, at=LATER),
    "resolve": lambda one: resolve(one, actor="an", reason="why", at=LATER),
}
REFUSED = [
    *((act, State.CLOSED) for act in ACTS),
    ("acknowledge", State.RESOLVED),
    ("snooze", State.RESOLVED),
]


@pytest.mark.parametrize(("act", "state"), REFUSED, ids=[f"{act} {state.value}" for act, state in REFUSED])
def test_what_is_over_cannot_be_acted_on(act, state):
    over = replace(failing().one(), state=state)
    with pytest.raises(ConfigError) as refused:
        ACTS[act](over)
    said = f"incident i0: it is {state.value} — only an open or acknowledged incident can be acted on"
    assert str(refused.value) == said


def test_each_act_changes_what_it_is_about_and_nothing_else():
    one = failing().one()
    acted = {name: do(one) for name, do in ACTS.items()}
    changed = {
        "acknowledge": {"state": State.ACKNOWLEDGED, "owner": "an", "changed_at": LATER},
        "snooze": {"snooze": Snooze("an", "why", LATER + SECOND, 20), "owner": "an", "changed_at": LATER},
        "resolve": {
            "state": State.RESOLVED,
            "resolved_at": LATER,
            "changed_at": LATER,
            "told_severity": None,
        },
    }
    assert {name: act.incident for name, act in acted.items()} == {
        name: replace(one, **fields) for name, fields in changed.items()
    }
    opened, snoozed = State.OPEN, f"{(LATER + SECOND).isoformat()} why"
    assert {name: act.event for name, act in acted.items()} == {
        "acknowledge": Event("i0", LATER, "acknowledged", opened, State.ACKNOWLEDGED, "an", ""),
        "snooze": Event("i0", LATER, "snoozed", opened, opened, "an", snoozed),
        "resolve": Event("i0", LATER, "resolved-by-hand", opened, State.RESOLVED, "an", "why"),
    }
    assert {name: (act.notice.reason.value, act.notice.actor) for name, act in acted.items()} == {
        "acknowledge": ("acknowledged", "an"),
        "snooze": ("snoozed", "an"),
        "resolve": ("resolved-by-hand", "an"),
    }


def test_an_act_on_what_nobody_was_told_of_tells_nobody():
    act = acknowledge(replace(failing().one(), told_severity=None), actor="an", at=LATER)
    assert act.event is not None
    assert act.notice is None


def test_a_snooze_keeps_the_owner_that_there_is_and_the_same_one_again_is_no_event():
    owned = replace(failing().one(), owner="bo")
    first = ACTS["snooze"](owned)
    assert first.incident.owner == "bo"
    assert ACTS["snooze"](first.incident).event is None
    longer = snooze(first.incident, actor="an", reason="why", until=LATER + 2 * SECOND, at=LATER)
    assert longer.event is not None


def test_a_second_acknowledgement_and_a_second_resolution_change_nothing():
    one = failing().one()
    for act in ("acknowledge", "resolve"):
        once = ACTS[act](one).incident
        again = ACTS[act](once)
        assert (again.incident, again.event, again.notice) == (once, None, None)


RETURNS = [
    ("exactly a day after it recovered it is the same incident", timedelta(days=1), ["reopened"], "i0"),
    ("a second later it is another", timedelta(days=1) + SECOND, ["superseded", "opened"], "i1"),
]


@pytest.mark.parametrize(("sentence", "after", "events", "name"), RETURNS, ids=[row[0] for row in RETURNS])
def test_when_it_fails_again(sentence, after, events, name):
    feed = recovered()
    step = feed.day(1, result("F", 30), hours=after.total_seconds() / 3600, period=2)
    assert happened(step) == events
    assert feed.one().id == name


def test_a_second_episode_begins_at_its_own_time_with_its_own_loss():
    feed = recovered()
    at = START + timedelta(days=3)
    step = feed.day(3, replace(result("F", 700), missing=Missing(at.date(), 700, 650, 750)))
    first, second = step.incidents
    assert (first.id, first.state, first.closed_at) == ("i0", State.CLOSED, at)
    assert (first.opened_at, first.resolved_at) == (START, START + timedelta(days=1))
    assert (second.id, second.state) == ("i1", State.OPEN)
    assert (second.opened_at, second.changed_at, second.period) == (at, at, at.date())
    assert second.missing == Missing(at.date(), 700, 650, 750)
    assert (second.resolved_at, second.owner, second.snooze) == (None, None, None)
    assert (second.severity, second.told_severity, second.told_missing) == (Severity.HIGH, Severity.HIGH, 700)
    assert second.topic == "feed/2022-01-06"


def test_a_reopened_incident_keeps_its_onset_and_is_not_resolved_any_more():
    feed = recovered()
    feed.day(2, result("F", 30))
    one = feed.one()
    assert (one.id, one.opened_at, one.resolved_at, one.state) == ("i0", START, None, State.OPEN)
    assert (one.changed_at, one.missing.value) == (START + timedelta(days=2), 30)


def test_a_resolved_incident_keeps_the_moment_of_its_first_healthy_delivery():
    feed = recovered()
    feed.day(1, result("P"), hours=5, period=2)
    assert feed.one().resolved_at == START + timedelta(days=1)
    assert feed.one().last_period == START.date() + timedelta(days=2)


CLOSES = [
    ("three healthy deliveries, but not a day", 3, timedelta(hours=24), []),
    ("three healthy deliveries and a second more than a day", 3, timedelta(hours=24) + SECOND, ["closed-quiet"]),
    ("two healthy deliveries in two days", 2, timedelta(hours=48), []),
    ("two healthy deliveries in exactly fourteen days", 2, timedelta(days=14), []),
    ("fourteen days and a second, whatever was delivered", 2, timedelta(days=14) + SECOND, ["closed-quiet"]),
]


@pytest.mark.parametrize(("sentence", "healthy", "after", "events"), CLOSES, ids=[row[0] for row in CLOSES])
def test_it_is_closed_after(sentence, healthy, after, events):
    feed = failing()
    for hour in range(healthy):
        feed.day(1, result("P"), hours=hour, period=hour + 1)
    step = feed.keep(sweep(feed.live, policy=feed.policy, at=START + timedelta(days=1) + after))
    assert happened(step) == events
    assert [one.closed_at for one in step.incidents] == [START + timedelta(days=1) + after] * len(events)


SNOOZES = [("a second before its end", -SECOND, []), ("at its end", 0 * SECOND, ["snooze-expired"])]


@pytest.mark.parametrize(("sentence", "after", "events"), SNOOZES, ids=[row[0] for row in SNOOZES])
def test_a_snooze_is_there_until(sentence, after, events):
    feed, until = failing(), START + timedelta(hours=5)
    feed.act(snooze(feed.one(), actor="an", reason="why", until=until, at=START))
    step = feed.keep(sweep(feed.live, policy=feed.policy, at=until + after))
    assert (happened(step), told(step)) == (events, events)
    assert (feed.one().snooze is None) is bool(events)


GROWN = [
    ("fourteen is not half as much again as ten", 10, 14, False),
    ("fifteen is, but only five more", 10, 15, False),
    ("twenty is, and ten more", 10, 20, True),
    ("twenty-nine is ten more than twenty less one", 20, 29, False),
    ("thirty is half as much again as twenty, and ten more", 20, 30, True),
    ("forty-four is ten more than thirty, but not half as much again", 30, 44, False),
    ("nobody was told of a number", None, 10, True),
    ("nine, where nobody was told of a number", None, 9, False),
    ("of persons too many the same holds", -20, -30, True),
]


@pytest.mark.parametrize(("sentence", "told_before", "now", "grown"), GROWN, ids=[row[0] for row in GROWN])
def test_a_shortfall_has_grown_when(sentence, told_before, now, grown):
    assert Policy().grown(told_before, Missing(START.date(), now, now, now)) is grown
    assert Policy().grown(told_before, None) is False


SEVERITIES = [
    (Nature.FAILED, None, Severity.MEDIUM),
    (Nature.ERROR, None, Severity.MEDIUM),
    (Nature.ERROR, 5000, Severity.MEDIUM),
    (Nature.WARNED, None, Severity.LOW),
    (Nature.WARNED, 5000, Severity.LOW),
    (Nature.PRIVACY, None, Severity.HIGH),
    (Nature.PRIVACY, -1, Severity.MEDIUM),
    (Nature.FAILED, 9, Severity.LOW),
    (Nature.FAILED, 10, Severity.MEDIUM),
    (Nature.FAILED, -99, Severity.MEDIUM),
    (Nature.FAILED, -100, Severity.HIGH),
    (Nature.FAILED, 999, Severity.HIGH),
    (Nature.FAILED, 1000, Severity.CRITICAL),
]


@pytest.mark.parametrize(("nature", "missing", "severity"), SEVERITIES)
def test_severity_goes_by_persons(nature, missing, severity):
    estimate = None if missing is None else Missing(START.date(), missing, missing, missing)
    assert Policy().severity(nature, estimate) is severity


def flips(text):
    return replace(failing().one(), flips=tuple(letter == "F" for letter in text))


@pytest.mark.parametrize(
    ("days", "flapping"),
    [("FPF", False), ("FPFP", True), ("FPFPPPPP", False), ("PFPFPPPP", True), ("FFFPFPF", True)],
)
def test_three_flips_in_seven_deliveries_are_flapping(days, flapping):
    assert Policy().flapping(flips(days)) is flapping


def test_who_speaks_for_a_part_is_decided_anew_at_every_delivery():
    feed = Feed()
    feed.day(0, result("F", 50), result("F", 40, segment=LYON))
    assert {one.parent for one in feed.live.values()} == {None}
    step = feed.day(1, result("F", 90, segment=WHOLE), result("F", 50), result("F", 40, segment=LYON))
    whole = next(one for one in feed.live.values() if one.fingerprint.segment == WHOLE)
    assert {one.fingerprint.segment: one.parent for one in feed.live.values()} == {
        WHOLE: None,
        PARIS: whole.id,
        LYON: whole.id,
    }
    assert [(event.reason, event.detail) for event in step.events if event.incident_id != whole.id] == [
        ("grouped", whole.id),
        ("grouped", whole.id),
    ]
    step = feed.day(2, result("P", segment=WHOLE), result("F", 50), result("P", segment=LYON))
    assert [(event.reason, event.detail) for event in step.events if event.reason == "ungrouped"] == [
        ("ungrouped", whole.id)
    ]
    assert {one.fingerprint.segment: (one.state, one.parent) for one in feed.live.values()} == {
        WHOLE: (State.RESOLVED, None),
        PARIS: (State.OPEN, None),
        LYON: (State.RESOLVED, whole.id),
    }


def test_a_growing_severity_is_told_with_the_number_that_was_told_before():
    feed = failing(20)
    step = feed.day(1, result("F", 200))
    (notice,) = step.notices
    assert (notice.reason, notice.before, notice.incident.told_missing) == (Reason.SEVERITY_GREW, 20, 200)
    assert [event.detail for event in step.events] == ["medium → high"]
    step = feed.day(2, result("E"))
    assert step.events == ()
    assert feed.one().missing.value == 200, "a failure to judge says nothing of persons"
