"""What a check looks at and what it found, in the language of the reader."""

import pytest

from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.policy import DELIVERY_CHECK
from ketenwacht.messages.texts import NAMED, SAID, named, said


def test_every_kind_of_check_has_a_sentence_in_both_languages():
    kinds = {kind.kind for kind in KINDS}
    assert {name.partition(".")[0] for name in SAID} == kinds
    assert {name.partition(".")[0] for name in NAMED} == {*kinds, DELIVERY_CHECK}
    for texts in (*SAID.values(), *NAMED.values()):
        assert set(texts) == {"nl", "en"}
        assert ("{detail}" in texts["nl"]) == ("{detail}" in texts["en"])


@pytest.mark.parametrize(
    ("sentence", "check", "language", "says"),
    [
        ("a kind", "volume", "nl", "Het aantal personen wijkt af van wat deze groep gewoonlijk telt."),
        ("a field of a kind", "completeness.bsn", "nl", "Minder vaak ingevuld dan afgesproken: bsn."),
        (
            "a part of a kind that has words of its own",
            "reconciliation.different",
            "nl",
            "Personen staan hier met andere gegevens dan in het register, zoals een andere gemeente.",
        ),
        ("in English too", "contract.unique", "en", "This was agreed and does not hold: unique."),
        ("a name of somebody's own says nothing", "my own check", "nl", None),
        ("a sentence without its detail is not said", "contract", "nl", None),
    ],
)
def test_a_check_is_known_by_its_name(sentence, check, language, says):
    assert said(check, language) == says


@pytest.mark.parametrize(
    ("check", "language", "says"),
    [
        ("volume", "nl", "aantal personen"),
        ("completeness.bsn", "en", "fields filled in 'bsn'"),
        ("reconciliation.missing", "nl", "personen uit het register die ontbreken"),
        ("my own check", "nl", "'my own check'"),
    ],
)
def test_a_check_is_named_by_what_it_looks_at(check, language, says):
    assert named(check, language) == says
