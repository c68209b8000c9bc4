"""A life at a time: what is delivered day by day, what happens to the incident, and what people hear."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.findings import Reason
from ketenwacht.domain.findings.finding import Nature, Severity, State
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import WHOLE

from .stage import LYON, PARIS, START, Feed, happened, result, told

# (a sentence, the statuses of successive days, the events of the last day, the notices of the last day, state)
LIVES = [
    ("a failure opens an incident and is told", "F", ["opened"], ["opened"], "open"),
    ("an error opens one too", "E", ["opened"], ["opened"], "open"),
    ("a warning opens one that nobody is told of", "W", ["opened"], [], "open"),
    ("a pass opens nothing", "P", [], [], None),
    ("unproven opens nothing", "U", [], [], None),
    ("skipped opens nothing", "S", [], [], None),
    ("a failure that goes on is not told again", "FF", [], [], "open"),
    ("a pass resolves it and is told once", "FP", ["recovered"], ["recovered"], "resolved"),
    ("a second pass is not told", "FPP", [], [], "resolved"),
    ("unproven resolves nothing", "FU", [], [], "open"),
    ("skipped resolves nothing", "FS", [], [], "open"),
    ("a warning does not resolve a failure", "FW", [], [], "open"),
    (
        "a warning that becomes a failure is told",
        "WF",
        ["nature-changed", "severity-grew"],
        ["nature-changed"],
        "open",
    ),
    (
        "what could not be judged and proves wrong is told again only when worse",
        "EF",
        ["nature-changed"],
        [],
        "open",
    ),
    ("what could be judged again is over, though unproven", "EU", ["recovered"], ["recovered"], "resolved"),
    ("a warning ends an error, and is seen by itself from the next day", "EWW", [], [], "resolved"),
    ("an error hides no failure", "FE", [], [], "open"),
    ("a failure within a day of resolving is the same incident", "FPF", ["reopened"], ["reopened"], "open"),
    ("three flips are told once as flapping", "FPFP", ["recovered", "flapping"], ["flapping"], "resolved"),
    ("then there is silence", "FPFPF", ["reopened"], [], "open"),
    ("and silence", "FPFPFP", ["recovered"], [], "resolved"),
    ("until it stays well", "FPFPFPPPPP", ["stable", "closed-quiet"], ["recovered"], None),
    ("or stays broken", "FPFPFFFFF", ["stable"], ["stable"], "open"),
    ("three quiet days close it", "FPPP", ["closed-quiet"], [], None),
    ("a later failure is a new incident", "FPPPPPF", ["opened"], ["opened"], "open"),
]


@pytest.mark.parametrize(("sentence", "days", "events", "notices", "state"), LIVES, ids=[row[0] for row in LIVES])
def test_life(sentence, days, events, notices, state):
    feed = Feed()
    for number, letter in enumerate(days):
        step = feed.day(number, result(letter))
    assert happened(step) == events
    assert told(step) == notices
    assert ([i.state.value for i in feed.live.values()] or [None]) == [state]


def test_failing_again_after_more_than_a_day_is_a_new_incident_that_knows_of_the_flips():
    feed = Feed()
    feed.day(0, result())
    feed.day(1, result("P"))
    step = feed.day(2, result(), hours=1)
    assert happened(step) == ["superseded", "opened"]
    assert told(step) == ["opened"]
    assert [i.state for i in step.incidents] == [State.CLOSED, State.OPEN], "closed first: one live a fingerprint"
    assert feed.one().flips == (True, False, True)


@pytest.mark.parametrize(
    ("sentence", "days", "severity", "notices"),
    [
        ("a little more is not told", (20, 25), Severity.MEDIUM, []),
        ("half as much again is told in the thread", (20, 31), Severity.MEDIUM, ["shortfall-grew"]),
        ("a step of severity is told to all", (20, 100), Severity.HIGH, ["severity-grew"]),
        ("less is not told, and severity stays", (150, 20), Severity.HIGH, []),
        ("growth counts from what was told", (40, 50, 60), Severity.MEDIUM, ["shortfall-grew"]),
        ("a thousand is critical", (20, 1000), Severity.CRITICAL, ["severity-grew"]),
        ("a few more are not growth", (4, 9), Severity.LOW, []),
    ],
)
def test_growth(sentence, days, severity, notices):
    feed = Feed()
    for number, missing in enumerate(days):
        step = feed.day(number, result("F", missing))
    assert told(step) == notices
    assert happened(step) == notices
    assert feed.one().severity is severity
    assert [n.broadcast for n in step.notices] == [reason == "severity-grew" for reason in notices]


@pytest.mark.parametrize(
    ("sentence", "missing", "notices"),
    [("more of it is not told", 40, []), ("a step of severity is", 120, ["severity-grew"])],
)
def test_while_it_flaps(sentence, missing, notices):
    feed = Feed()
    for number, letter in enumerate("FPFP"):
        feed.day(number, result(letter, 20))
    assert told(feed.day(4, result("F", missing))) == notices


@pytest.mark.parametrize(
    ("sentence", "given", "policy", "nature"),
    [
        ("persons missing", result("F", 50), Policy(), Nature.FAILED),
        (
            "persons too many, by name",
            result("F", -50, evidence=Evidence.RECONCILIATION),
            Policy(),
            Nature.PRIVACY,
        ),
        ("persons too many, by guess", result("F", -50), Policy(), Nature.FAILED),
        ("a check that guards privacy", result("F"), Policy(privacy_checks=frozenset({"volume"})), Nature.PRIVACY),
        (
            "a check that says it itself, such as of the wrong municipality",
            replace(result("F", evidence=Evidence.RECONCILIATION), breach=True),
            Policy(),
            Nature.PRIVACY,
        ),
        ("not judged", result("E"), Policy(privacy_checks=frozenset({"volume"})), Nature.ERROR),
        ("a warning", result("W", 50), Policy(), Nature.WARNED),
    ],
)
def test_natures_are_told_apart(sentence, given, policy, nature):
    feed = Feed(policy)
    feed.day(0, given)
    assert feed.one().nature is nature


def test_a_missing_delivery_is_told_and_silences_what_depends_on_it():
    feed = Feed()
    feed.day(0, result(), result("F", check="other"))
    step = feed.day(
        1,
        result("F", check="schedule", segment=WHOLE, evidence=Evidence.SCHEDULE),
        result("P"),
        result("E", check="other"),
        result("F", check="third"),
        presence=Presence.ABSENT,
    )
    assert happened(step) == ["opened"]
    assert [n.incident.fingerprint.check for n in step.notices] == ["schedule"]
    assert {d.fingerprint.check: d.reason for d in step.decisions} == {
        "schedule": Reason.OPENED,
        "volume": Reason.INHIBITED,
        "other": Reason.INHIBITED,
        "third": Reason.INHIBITED,
    }


def test_an_unreadable_delivery_is_told_though_no_result_says_so_and_is_over_when_one_can_be_read():
    feed = Feed()
    step = feed.day(0, result("E"), presence=Presence.UNREADABLE)
    assert [n.incident.fingerprint.check for n in step.notices] == ["delivery"]
    assert told(feed.day(1, result("P"))) == [], "the delivery of another day says nothing of it"
    assert told(feed.day(2, result("P"), period=0)) == ["recovered"]


def test_a_late_delivery_that_can_be_read_silences_nothing():
    feed = Feed()
    step = feed.day(0, result("F", check="schedule", segment=WHOLE, evidence=Evidence.SCHEDULE), result())
    assert sorted(n.incident.fingerprint.check for n in step.notices) == ["schedule", "volume"]


def test_a_containing_segment_speaks_for_its_parts():
    feed = Feed()
    step = feed.day(0, result("F", 90, segment=WHOLE), result("F", 50), result("F", 40, segment=LYON))
    assert [n.incident.fingerprint.segment for n in step.notices] == [WHOLE]
    parent = next(i for i in feed.live.values() if i.fingerprint.segment == WHOLE)
    assert {i.parent for i in feed.live.values()} == {None, parent.id}


@pytest.mark.parametrize(
    ("sentence", "whole"),
    [
        ("a part that is worse speaks for itself", result("F", 5, segment=WHOLE)),
        ("not being able to judge the whole explains no failure", result("E", segment=WHOLE)),
        ("another check speaks for nothing", result("F", 500, check="other", segment=WHOLE)),
    ],
)
def test_not_grouped(sentence, whole):
    feed = Feed()
    step = feed.day(0, whole, result("F", 50))
    assert PARIS in [n.incident.fingerprint.segment for n in step.notices]


def test_of_several_checks_on_a_segment_the_strongest_evidence_speaks():
    feed = Feed()
    names = result("F", 60, check="reconciliation", evidence=Evidence.RECONCILIATION)
    step = feed.day(0, result("F", 50), names, result("F", 20, check="ratio"))
    assert [n.incident.fingerprint.check for n in step.notices] == ["reconciliation"]
    step = feed.day(1, result("F", 80), names, result("F", 40, check="ratio"))
    assert step.notices == ()
    step = feed.day(2, result("F", 80), result("P", check="reconciliation"), result("P", check="ratio"))
    assert {n.incident.fingerprint.check: n.reason.value for n in step.notices} == {
        "reconciliation": "recovered",
        "volume": "ungrouped",
    }


def test_stronger_evidence_explains_an_estimate_that_its_number_lies_in_though_less_severe():
    feed = Feed()
    exact = result("F", 97, check="reconciliation", evidence=Evidence.RECONCILIATION)
    step = feed.day(0, exact, result("F", 101, check="reference", evidence=Evidence.REFERENCE))
    assert [n.incident.fingerprint.check for n in step.notices] == ["reconciliation"]
    step = feed.day(1, exact, result("F", 110, check="reference", evidence=Evidence.REFERENCE))
    assert [n.incident.fingerprint.check for n in step.notices] == ["reference"], "too far off to be the same"


@pytest.mark.parametrize(
    ("sentence", "other"),
    [
        ("the other way", result("F", -60, check="other", evidence=Evidence.REFERENCE)),
        ("in another segment", result("F", 60, check="other", segment=LYON, evidence=Evidence.RECONCILIATION)),
        ("without a number", result("F", check="other", evidence=Evidence.RECONCILIATION)),
        ("as less bad", result("F", 5, check="other", evidence=Evidence.RECONCILIATION)),
    ],
)
def test_stronger_evidence_does_not_speak_when_it_sees_it(sentence, other):
    step = Feed().day(0, result("F", 50), other)
    assert "volume" in [n.incident.fingerprint.check for n in step.notices]


def test_a_part_that_remains_when_the_whole_recovers_is_told():
    feed = Feed()
    feed.day(0, result("F", 90, segment=WHOLE), result("F", 50))
    step = feed.day(1, result("P", segment=WHOLE), result("F", 50))
    assert {(n.incident.fingerprint.segment, n.reason.value) for n in step.notices} == {
        (WHOLE, "recovered"),
        (PARIS, "ungrouped"),
    }


def test_an_older_delivery_that_fails_is_told_all_the_same():
    feed = Feed()
    feed.day(5, result())
    feed.day(6, result("P"))
    assert told(feed.day(6, result(), period=2, hours=1)) == ["reopened"]
    assert told(feed.day(7, result("P"))) == ["flapping"]


def test_an_older_delivery_does_not_resolve():
    feed = Feed()
    feed.day(5, result())
    step = feed.day(6, result("P"), period=2)
    assert step.incidents == ()
    assert step.decisions[0].reason is Reason.OLDER


def test_the_worst_of_two_results_of_one_check_and_segment_counts():
    feed = Feed()
    feed.day(0, result("P"), result("F", 20), result("F", 300), result("W"))
    assert feed.one().severity is Severity.HIGH


def test_no_warning_opens_anything_when_the_policy_says_so():
    assert Feed(Policy(warned_opens=False)).day(0, result("W")).incidents == ()


def test_the_thread_of_an_incident_is_that_of_the_delivery_that_opened_it():
    feed = Feed()
    feed.day(0, result())
    feed.day(1, result())
    assert feed.one().topic == "feed/2022-01-03"
    assert feed.one().last_period == date(2022, 1, 4)


@pytest.mark.parametrize(
    ("sentence", "days", "last"), [("a newer one", (0, 3), 3), ("an older one that fails too", (3, 1), 3)]
)
def test_the_last_period_of_a_finding_is_the_newest_that_was_judged(sentence, days, last):
    feed = Feed()
    for number, period in enumerate(days):
        feed.day(number, result(), period=period)
    assert feed.one().last_period == (START + timedelta(days=last)).date(), sentence


@pytest.mark.parametrize(
    ("sentence", "later", "events", "state"),
    [
        ("within the time it is the same finding again", timedelta(0), ["reopened"], "i0"),
        ("a second later it is a second episode", timedelta(seconds=1), ["superseded", "opened"], "i1"),
    ],
)
def test_a_second_episode_is_a_finding_of_its_own(sentence, later, events, state):
    feed = Feed(Policy(settled=99))  # so that time alone does not close it
    feed.day(0, result())
    feed.day(1, result("P"))
    again = 1 + feed.policy.reopen.days
    step = feed.day(again, result("F", 30), hours=later / timedelta(hours=1))
    assert happened(step) == events, sentence
    assert feed.one().id == state
    assert feed.one().opened_at == (START if state == "i0" else START + timedelta(days=again) + later)
