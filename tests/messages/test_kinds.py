"""What a check looks at, in the language of the reader."""

import pytest

from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.findings.policy import DELIVERY_CHECK
from ketenwacht.messages.texts import NAMED, named
from ketenwacht.messages.texts.terms import REQUIRED


def test_every_kind_of_check_is_named_in_both_languages():
    kinds = {kind.kind for kind in KINDS}
    assert {name.partition(".")[0] for name in NAMED} == {*kinds, DELIVERY_CHECK}
    assert all(set(texts) == {"nl", "en"} for texts in NAMED.values())


def test_the_contract_says_in_dutch_what_every_kind_of_check_requires():
    assert set(REQUIRED) == {kind.kind for kind in KINDS}


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
