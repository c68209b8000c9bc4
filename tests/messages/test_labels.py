"""Labels of the surfaces: every one in both languages, with the same parameters, and every one in use."""

from pathlib import Path

import pytest

import ketenwacht
from ketenwacht.domain.findings.finding import Nature, State
from ketenwacht.domain.result import Evidence, Status
from ketenwacht.messages.formatter import names_in
from ketenwacht.messages.texts import labels
from ketenwacht.messages.texts.report import REPORT

SOURCE = Path(ketenwacht.__file__).parent


@pytest.mark.parametrize(
    ("texts", "members"),
    [
        (labels.STATUS_WORD, Status),
        (labels.STATUS_MEANING, Status),
        (labels.EVIDENCE_WORD, Evidence),
        (labels.NATURE_MEANING, Nature),
        (labels.STATE_WORD, State),
    ],
)
def test_every_value_has_a_word_in_both_languages(texts, members):
    assert set(texts) == set(members)
    assert all(set(one) == {"nl", "en"} and all(one.values()) for one in texts.values())


@pytest.mark.parametrize("key", labels.LABELS)
def test_a_label_has_both_languages_and_the_same_parameters_in_each(key):
    texts = labels.LABELS[key]
    found = {language: names_in(text) for language, text in texts.items()}
    assert set(texts) == {"nl", "en"}
    assert found["nl"] == found["en"]


FAMILIES = (
    "alerts.",  # states of the outbox
    "catchup.risk_",  # what starts a term
    "head.",  # columns of the summary
    "impact.",  # how a term stands
    "incident.row_",  # lines about one incident
    "reconcile.",  # classes of a comparison, and what else is counted
    "reproduce.",  # outcomes
)
"""Beginnings of keys that are put together from the name of what they say."""


def test_every_label_is_used():
    written = "\n".join(
        path.read_text()
        for end in ("*.py", "*.j2")
        for path in SOURCE.rglob(end)
        if not path.name.startswith("labels")
    )
    unused = {
        key
        for key in labels.LABELS
        if f'"{key}"' not in written and f"'{key}'" not in written and not key.startswith(FAMILIES)
    }
    assert unused == set()


def test_no_label_hides_one_of_the_report():
    assert set(labels.LABELS).isdisjoint(REPORT)
