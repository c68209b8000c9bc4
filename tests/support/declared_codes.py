"""Holds results to the codes that their kind of check declares."""

from __future__ import annotations

from endings import ENDINGS

from ketenwacht.domain.result import Status
from ketenwacht.domain.statement import departures

_OPENS = {Status.FAILED, Status.ERROR, Status.WARNED}


def hold_to_codes(check, results):
    """Return the results: each says what its kind declares, and what opens a finding has a rule that ends it."""
    assert [problem for r in results for problem in departures(r.said, type(check).codes)] == []
    if check.kind in {code.partition(".")[0] for code in ENDINGS}:  # a kind of ours
        opens = {r.code for r in results if r.status in _OPENS and not (r.by_due and r.status is Status.WARNED)}
        assert opens - ENDINGS.keys() == set(), "a code that opens a finding has no rule that ends it"
    return results
