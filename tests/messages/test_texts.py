from __future__ import annotations

import pytest

from ketenwacht.domain.incident import Nature, Severity, State
from ketenwacht.domain.incidents import Reason
from ketenwacht.domain.incidents.reasons import QUIET
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.status import Status
from ketenwacht.messages import texts

# events that are only kept, and never told in a thread
UNTOLD = {Reason.CLOSED_QUIET, Reason.SUPERSEDED, Reason.GROUPED}


@pytest.mark.parametrize(
    ("catalogue", "kinds"),
    [
        ("MEANING", set(Nature)),
        ("ACTION", set(Nature)),
        ("NATURE", set(Nature)),
        ("EVIDENCE", set(Evidence)),
        ("EVIDENCE_NAME", set(Evidence)),
        ("SEVERITY", set(Severity)),
        ("STATE", set(State)),
        ("STATUS", set(Status)),
        ("CHANGE", set(Reason) - QUIET - UNTOLD),
        ("EVENT", set(Reason) - QUIET),
    ],
)
def test_no_kind_is_without_words(catalogue, kinds):
    assert set(getattr(texts, catalogue)) == kinds


def test_months_are_twelve():
    assert {len(months) for names in (texts.MONTHS, texts.MONTHS_SHORT) for months in names.values()} == {12}
