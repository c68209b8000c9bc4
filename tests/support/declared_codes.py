"""Holds results to the codes that their kind of check declares."""

from __future__ import annotations

from ketenwacht.domain.statement import departures


def hold_to_codes(check, results):
    """The results, when each says what its kind of check declares."""
    assert [problem for r in results for problem in departures(r.said, type(check).codes)] == []
    return results
