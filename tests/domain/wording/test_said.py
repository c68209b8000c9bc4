"""What a check found, in the language of the reader."""

import pytest

from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.wording.said import SAID, said


def test_every_kind_of_check_has_a_sentence_in_both_languages():
    assert set(SAID) == {kind.kind for kind in KINDS}
    for texts in SAID.values():
        assert set(texts) == {"nl", "en"}
        assert ("{detail}" in texts["nl"]) == ("{detail}" in texts["en"])


@pytest.mark.parametrize(
    ("sentence", "check", "language", "says"),
    [
        ("a kind", "volume", "nl", "Het aantal personen wijkt af van wat deze groep gewoonlijk telt."),
        ("a field of a kind", "completeness.bsn", "nl", "Minder vaak ingevuld dan afgesproken: bsn."),
        ("in English too", "contract.unique", "en", "This was agreed and does not hold: unique."),
        ("a name of somebody's own says nothing", "my own check", "nl", None),
        ("a sentence without its detail is not said", "contract", "nl", None),
    ],
)
def test_a_check_is_known_by_its_name(sentence, check, language, says):
    assert said(check, language) == says
