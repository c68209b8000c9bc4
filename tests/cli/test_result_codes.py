"""Every result of a replay says a code that its kind of check declares, as the history gives it back."""

from __future__ import annotations

import pytest

from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.problems import PROBLEMS
from ketenwacht.domain.statement import departures
from ketenwacht.store import History

pytestmark = pytest.mark.integration

CODES = {**PROBLEMS, **{code: params for kind in KINDS for code, params in kind.codes.items()}}


def test_every_result_says_a_declared_code(place):
    with History.open(f"sqlite:///{place.replayed}") as history:
        results = [result for run in history.runs.find("ind-duo") for result in run.results]
    assert len({result.code for result in results}) > 20
    assert {result.message for result in results} == {""}
    assert {problem for result in results for problem in departures(result.said, CODES)} == set()
