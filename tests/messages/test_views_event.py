"""What happened to an incident, in words: one step for what happened in one minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ketenwacht.domain.incidents.changes import IncidentEvent, IncidentReason
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views_event import view_step, view_steps

AT = datetime(2022, 1, 15, 8, tzinfo=UTC)
ENGLISH, DUTCH = (MessageFormatter(language, zone=ZoneInfo("Europe/Amsterdam")) for language in ("en", "nl"))


def happened(reason, detail="", actor="ketenwacht", after=0):
    return IncidentEvent(7, AT + timedelta(seconds=after), reason.value, actor, detail)


JOINED = IncidentReason.JOINED
STEPS = [
    ("one finding", [happened(JOINED, "volume")], ["1 finding joined: number of persons"]),
    (
        "two of one check",
        [happened(JOINED, "coverage, coverage")],
        ["2 findings joined: category that should be there"],
    ),
    (
        "three at one moment are one step",
        [happened(JOINED, "volume"), happened(JOINED, "ratio"), happened(JOINED, "volume", after=20)],
        ["3 findings joined: number of persons, share of the delivery"],
    ),
    (
        "two minutes are two steps",
        [happened(JOINED, "volume"), happened(JOINED, "ratio", after=60)],
        ["1 finding joined: number of persons", "1 finding joined: share of the delivery"],
    ),
    (
        "a check of its own name stands for itself",
        [happened(JOINED, "ours")],
        ["1 finding joined: 'ours'"],
    ),
    (
        "severity that grew twice in one check, with a number between them, is one step and the last number",
        [
            happened(IncidentReason.SEVERITY_GREW, "low → medium"),
            happened(IncidentReason.GREW, "40"),
            happened(IncidentReason.SEVERITY_GREW, "medium → high"),
            happened(IncidentReason.GREW, "140"),
        ],
        ["became more severe: low → high", "grew: about 140 persons missing"],
    ),
    (
        "what recovered twice in one minute has recovered",
        [
            happened(IncidentReason.RECOVERED),
            happened(IncidentReason.REOPENED, "50", after=1),
            happened(IncidentReason.RECOVERED, after=2),
        ],
        ["reopened: about 50 persons missing", "recovered"],
    ),
    (
        "two notes at one moment stay two",
        [happened(IncidentReason.NOTED, "one", "anna"), happened(IncidentReason.NOTED, "two", "anna")],
        ["note by anna: one", "note by anna: two"],
    ),
]


@pytest.mark.parametrize(("case", "events", "said"), STEPS, ids=[case for case, *_ in STEPS])
def test_steps(case, events, said):
    assert [step.text for step in view_steps(events, ENGLISH)] == said


DETAILS = [
    ("a count is rounded", IncidentReason.GREW, "187", "ongeveer 190 personen ontbreken"),
    ("a small count is hidden", IncidentReason.OPENED, "3", "<10 personen ontbreken"),
    ("nothing is missing", IncidentReason.OPENED, "", ""),
    ("a number that somebody edited cannot be read", IncidentReason.GREW, "many", "niet te lezen"),
    ("no number is no number", IncidentReason.GREW, "nan", "niet te lezen"),
    ("a number without an end neither", IncidentReason.REOPENED, "inf", "niet te lezen"),
    ("a number below 0 neither", IncidentReason.OPENED, "-5", "niet te lezen"),
    ("a day that somebody edited cannot be read", IncidentReason.STOPPED, "yesterday", "niet te lezen"),
    ("an end that somebody edited neither", IncidentReason.SNOOZED, "later x", "niet te lezen"),
    ("the end of all days neither", IncidentReason.SNOOZED, "0001-01-01T00:00:00+00:00 x", "niet te lezen"),
    ("a day stays a day", IncidentReason.STOPPED, "2022-01-12", "sinds 12 januari 2022"),
    ("severities are words", IncidentReason.SEVERITY_GREW, "low → high", "laag → hoog"),
    (
        "natures are words",
        IncidentReason.NATURE_CHANGED,
        "late → missing",
        "levering te laat → personen ontbreken",
    ),
    (
        "a snooze names its last day",
        IncidentReason.SNOOZED,
        "2022-01-19T23:00:00+00:00 vakantie",
        "tot en met 19 jan 2022, vakantie",
    ),
    ("a note of digits stays as it is", IncidentReason.NOTED, "42", "42"),
]


@pytest.mark.parametrize(("case", "reason", "stored", "said"), DETAILS, ids=[case for case, *_ in DETAILS])
def test_details(case, reason, stored, said):
    assert view_step(happened(reason, stored), DUTCH).detail == said


def test_a_reason_of_a_later_release_is_shown_as_it_is():
    step = view_step(IncidentEvent(7, AT, "moved", "anna", "to 8"), ENGLISH)
    assert (step.what, step.text) == ("moved", "moved by anna: to 8")
