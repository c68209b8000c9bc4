"""Labels of the surfaces: every one in both languages, with the same parameters, and every one in use."""

from pathlib import Path

import pytest

import ketenwacht
from ketenwacht.domain.incident import Nature, State
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.status import Status
from ketenwacht.messages.formatter import placeholders
from ketenwacht.messages.texts import labels

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
    found = placeholders(texts)
    assert set(texts) == {"nl", "en"}
    assert found["nl"] == found["en"]


def test_every_label_is_used():
    written = "\n".join(
        path.read_text() for end in ("*.py", "*.j2") for path in SOURCE.rglob(end) if path.name != "labels.py"
    )
    prefixes = {"impact."}  # terms are put together from their names
    unused = {
        key
        for key in labels.LABELS
        if f'"{key}"' not in written
        and f"'{key}'" not in written
        and not any(key.startswith(prefix) for prefix in prefixes)
    }
    assert unused == set()
