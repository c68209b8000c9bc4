"""The words themselves: every result and every change of an incident, as a reader gets them, in both languages."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime, timedelta

import pytest

from ketenwacht.domain.alerting import Alerting
from ketenwacht.domain.findings.finding import Nature, Snooze, State
from ketenwacht.domain.incidents.changes import IncidentReason
from ketenwacht.domain.incidents.notices import IncidentNotice
from ketenwacht.domain.message import Problem
from ketenwacht.domain.result import Evidence, Missing
from ketenwacht.domain.statement import Amount, Fraction, MissingCount, Name, Persons, Share, Statement, Text
from ketenwacht.messages import texts
from ketenwacht.messages.texts import labels

from .samples import AT, DAY, grouped, how_of, incident, told
from .test_languages import CODES, statement_of

OVER = {IncidentReason.RECOVERED: State.RESOLVED, IncidentReason.RESOLVED_BY_HAND: State.RESOLVED}
"""The state that an incident is in after a change that ends it."""
UNSHOWN = {"incident", "nature", "active", "answers"}
"""What of a problem is for machines."""
NATURES = {
    "a shortfall": {},
    "a surplus": {"missing": Missing(AT.date(), -40, -70, -10)},
    "a count": {"evidence": Evidence.RECONCILIATION},
    "an error": {"nature": Nature.ERROR, "missing": None},
    "a warning": {"nature": Nature.WARNED, "missing": None},
    "persons who should not be there": {"nature": Nature.PRIVACY, "evidence": Evidence.RECONCILIATION},
    "a late delivery": {"nature": Nature.WARNED, "evidence": Evidence.SCHEDULE, "missing": None},
    "no delivery": {"nature": Nature.ERROR, "evidence": Evidence.SCHEDULE, "missing": None},
    "resolved": {"state": State.RESOLVED, "resolved_at": AT + timedelta(days=2)},
    "closed": {"state": State.CLOSED, "resolved_at": AT + timedelta(days=2)},
}


VARIED = {
    Persons: lambda i: Persons(1000 * (i + 2)),
    MissingCount: lambda i: MissingCount(100 * (i + 2)),
    Amount: lambda i: Amount(i + 2),
    Share: lambda i: Share(120 + 24 * i, 480),
    Fraction: lambda i: Fraction((30 + i) / 100),
    Name: lambda i: Name(f"name{i}"),
    Text: lambda i: Text({"nl": f"tekst {i}", "en": f"text {i}"}),
    date: lambda i: DAY + timedelta(days=i),
    datetime: lambda i: AT + timedelta(days=i),
}
"""A value of a type that differs by place, so that two parameters that are swapped are seen."""


def varied(code):
    """A statement of this code; no two parameters of it have the same value, where the type has many."""
    params = statement_of(code).params
    return Statement(
        code,
        {
            name: VARIED[type(value)](place) if type(value) in VARIED else value
            for place, (name, value) in enumerate(sorted(params.items()))
        },
    )


def lines_of(message, *, body):
    """The headline, what changed, and with `body` every line of each problem with its name."""
    yield message.headline
    yield from message.changes
    for problem in message.problems if body else ():
        for one in fields(Problem):
            if one.name not in UNSHOWN and getattr(problem, one.name):
                yield f"  {one.name}: {getattr(problem, one.name)}"
        yield from (f"  {label}: {text}" for label, text in problem.answers)


def changed(reason):
    """An incident after a change for this reason."""
    state = OVER.get(reason, State.OPEN)
    ended = AT + timedelta(days=2) if reason in OVER else None
    snooze = Snooze("an", "holiday", AT + timedelta(days=9)) if reason is IncidentReason.SNOOZED else None
    return incident(state=state, resolved_at=ended, snooze=snooze)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_result_says_what_it_said(golden, language):
    formatter = how_of(Alerting(language=language))
    said = (f"{code}: {formatter.say(varied(code))}\n" for code in CODES)
    golden(f"results.{language}.txt", "".join(said))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_change_of_an_incident_says_what_it_said(golden, language):
    alerting = Alerting(language=language)
    lines = []
    for reason in sorted(IncidentReason, key=lambda one: one.value):
        notice = IncidentNotice(grouped(changed(reason)), reason, actor="an", before=44, detail="vakantie")
        (message,) = told(notice, alerting=alerting)
        lines += [f"# {reason.value}", *lines_of(message, body=reason in OVER), ""]
    golden(f"changes.{language}.txt", "\n".join(lines))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_sort_of_incident_says_what_it_said(golden, language):
    alerting = Alerting(language=language)
    lines = []
    for sort, changes in NATURES.items():
        (message,) = told(IncidentNotice(grouped(incident(**changes)), IncidentReason.OPENED), alerting=alerting)
        lines += [f"# {sort}", *lines_of(message, body=True), ""]
    golden(f"incidents.{language}.txt", "\n".join(lines))


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    "words",
    [
        labels.STATUS_WORD,
        labels.STATUS_MEANING,
        labels.STATE_WORD,
        labels.NATURE_MEANING,
        labels.EVIDENCE_WORD,
        labels.OUTCOME,
        texts.EVENT,
        texts.SEVERITY,
        texts.MEANING,
    ],
    ids=lambda words: str(next(iter(words))),
)
def test_two_things_never_have_the_same_words(words, language):
    said = [one[language] for one in words.values()]
    assert len(set(said)) == len(said)
