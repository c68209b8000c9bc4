"""The worst of many verdicts."""

from __future__ import annotations

import pytest

from ketenwacht.domain.result import Status, worst

P, S, U, W, F, E = Status


@pytest.mark.parametrize(
    ("sentence", "statuses", "whole"),
    [
        ("nothing checked is never green", [], E),
        ("all passed", [P, P], P),
        ("one that says nothing does not colour the rest", [P, S], P),
        ("but only skipped is not green", [S, S], S),
        ("unproven outweighs passed", [P, U, S], U),
        ("a warning outweighs unproven", [U, W], W),
        ("wrong data outweighs a warning", [W, F], F),
        ("not being able to judge is the worst", [F, E], E),
    ],
)
def test_worst(sentence, statuses, whole):
    assert worst(statuses) is whole, sentence
