"""No English in what is said in Dutch, and no Dutch in what is said in English: every code, every text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from importlib import import_module
from pkgutil import iter_modules
from typing import get_args

import pytest
from two_languages import WORDS, foreign

from ketenwacht.domain.alerting import Alerting
from ketenwacht.domain.findings.finding import Fingerprint, Nature
from ketenwacht.domain.incidents.changes import IncidentReason
from ketenwacht.domain.incidents.notices import IncidentNotice
from ketenwacht.domain.message import Message, Problem
from ketenwacht.domain.result import Evidence, Missing, Status
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.statement import (
    LEGACY,
    Amount,
    Fraction,
    MissingCount,
    Name,
    Persons,
    Segment,
    Serial,
    Share,
    Statement,
    Term,
    Text,
    legacy,
)
from ketenwacht.messages import texts
from ketenwacht.messages.compose import FeedDay, compose_digest, compose_test
from ketenwacht.messages.formatter import names_in
from ketenwacht.messages.texts.terms import TERMS

from .samples import AT, DAY, FEED, grouped, how_of, incident, told
from .test_results import DECLARED

SAMPLES = {
    Persons: Persons(4321),
    MissingCount: MissingCount(321),
    Share: Share(120, 480),
    Fraction: Fraction(0.35),
    Amount: Amount(3),
    Serial: Serial(7, 9),
    Name: Name("xyz"),
    Text: Text({"nl": "eigen woorden", "en": "own words"}),
    Term: Term(min(TERMS)),
    Segment: Segment((("xx", "yy"),)),
    date: DAY,
    datetime: AT,
    Statement: Statement("delivery.absent"),
}
"""A value of every type that a code may have as a parameter."""
CODES = sorted(code for code in DECLARED if code != LEGACY)


def test_the_word_lists_tell_the_languages_apart():
    assert not set(WORDS["nl"].split()) & set(WORDS["en"].split())
    assert foreign("De levering of the day", "nl") == ["the"]
    assert foreign("The levering of the day", "en") == ["levering"]
    assert foreign("Zie `ketenwacht show the rows`", "nl") == []


def said_by(problem):
    """All that a reader sees of a problem, but for the command."""
    shown = (one.name for one in fields(Problem) if one.name not in {"incident", "nature", "look", "active"})
    return [str(getattr(problem, name) or "") for name in shown]


def all_of(message):
    """Every line of a message."""
    parts = [message.headline, *message.lines, *message.changes]
    for problem in message.problems:
        parts += said_by(problem)
    return parts


def statement_of(code):
    """A statement of this code, with a sample of every parameter."""
    return Statement(code, {name: sample(kind) for name, kind in DECLARED[code].items()})


def sample(kind):
    """A value of a type, or of the first of several that may stand there."""
    return SAMPLES[next(iter(get_args(kind)), kind)]


def found_of(code, **changes):
    """A finding that says this code."""
    return incident(
        said=statement_of(code),
        fingerprint=Fingerprint("f", code.partition(".")[0], WHOLE),
        missing=None,
        **changes,
    )


def foreign_in(found, language):
    """What an alert about this finding says in the other language."""
    (message,) = told(IncidentNotice(grouped(found), IncidentReason.OPENED), alerting=Alerting(language=language))
    return [(part, foreign(part, language)) for part in all_of(message) if foreign(part, language)]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("code", CODES)
def test_an_alert_of_any_code_is_in_one_language(code, language):
    assert not foreign_in(found_of(code), language)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("nature", Nature)
@pytest.mark.parametrize("missing", [None, Missing(date(2022, 5, 30), 187, 121, 263)])
@pytest.mark.parametrize("code", CODES[:: len(CODES) // 8])
def test_an_alert_of_any_nature_is_in_one_language(code, missing, nature, language):
    assert not foreign_in(replace(found_of(code, nature=nature), missing=missing), language)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("evidence", Evidence)
@pytest.mark.parametrize("reason", IncidentReason)
def test_whatever_happens_to_an_incident_is_told_in_one_language(reason, evidence, language):
    alerting = Alerting(language=language)
    found = incident(evidence=evidence, said=legacy("The sender says it sent 3 rows"), impact=None)
    (message,) = told(IncidentNotice(grouped(found), reason, before=44), alerting=alerting)
    assert not [part for part in all_of(message) if foreign(part, language)]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_digest_and_the_test_message_are_in_one_language(language):
    alerting = Alerting(language=language)
    formatter = how_of(alerting)
    segments = tuple(Segment((("xx", str(n)),)) for n in range(12))
    days = [FeedDay(FEED, formatter, status, 3, segments, (grouped(),)) for status in (*Status, None)]
    alerts = compose_digest(days, alerting=alerting, day=DAY, used=3, at=AT, head="abc")
    alerts += compose_test(alerting=alerting, formatter=formatter, key="1", at=AT)
    for alert in alerts:
        message = Message.from_json(alert.body)
        assert not [part for part in all_of(message) if foreign(part, language)]


def catalogues():
    """Every text in the package `texts`, with where it stands."""
    found = {}
    for module in iter_modules(texts.__path__):
        loaded = import_module(f"{texts.__name__}.{module.name}")
        for name, value in vars(loaded).items():
            if isinstance(value, Mapping) and set(value) == {"nl", "en"}:
                found[f"{module.name}.{name}"] = value
            elif isinstance(value, Mapping):
                found |= {
                    f"{module.name}.{name}[{key}]": one
                    for key, one in value.items()
                    if isinstance(one, Mapping) and set(one) & {"nl", "en"}
                }
    return {place: one for place, one in found.items() if all(isinstance(text, str) for text in one.values())}


CATALOGUES = {}
for _place, _said in catalogues().items():
    CATALOGUES.setdefault(_place.partition("[")[0], {})[_place] = _said


def test_the_catalogues_are_found():
    assert {
        "phrases.PHRASE",
        "labels_incidents.HOW_SURE",
        "labels.LABELS",
        "results.RESULTS",
        "terms.TERMS",
    } <= set(CATALOGUES)


def faults_of(place, said):
    """What is wrong with one text."""
    if set(said) != {"nl", "en"}:
        return [f"{place}: only in {set(said)}"]
    faults = [f"{place}: {word}" for language, text in said.items() for word in foreign(text, language)]
    if LEGACY not in place and names_in(said["nl"]) != names_in(said["en"]):
        faults.append(f"{place}: other places")
    return faults


@pytest.mark.parametrize("catalogue", sorted(CATALOGUES))
def test_every_text_is_there_in_both_languages_with_the_same_places_and_no_foreign_word(catalogue):
    assert not [fault for place, said in CATALOGUES[catalogue].items() for fault in faults_of(place, said)]


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("one language", {"nl": "levering"}),
        ("a word of the other", {"nl": "de levering of the day", "en": "the day"}),
        ("another place", {"nl": "{dag}", "en": "{day}"}),
    ],
)
def test_a_faulty_text_is_found(sentence, said):
    assert faults_of("a.TEXT[key]", said), sentence
