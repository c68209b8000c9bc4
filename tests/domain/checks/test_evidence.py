"""Unproven until something independent covers the segment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from declared_codes import hold_to_codes
from views import DAY, DUE, snapshot, view

from ketenwacht.domain.checks.evidence import EvidenceCheck
from ketenwacht.domain.evidence import Known, ReconciliationCount, ReferenceFigure
from ketenwacht.domain.result import Evidence, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Term

A, B = Segment((("g", "a"),)), Segment((("g", "b"),))
CHECK = EvidenceCheck(segments=("g",))
WEEK = timedelta(days=7)
REFERENCE = ReferenceFigure(A, DAY - WEEK, DAY, 100, 0.02, DAY, "the sender's decisions")
RECONCILED = ReconciliationCount(DAY - WEEK, DUE, A, 50, 50, 0, 0, 0, 0, 0)
NOW = snapshot([("rows", A, 9.0)])


@pytest.mark.parametrize(
    ("sentence", "now", "known", "status", "evidence"),
    [
        ("nothing but its own word", NOW, Known(), Status.UNPROVEN, Evidence.HISTORY),
        ("a fresh reference", NOW, Known(references=(REFERENCE,)), Status.PASSED, Evidence.REFERENCE),
        (
            "a reference of another segment",
            NOW,
            Known(references=(replace(REFERENCE, segment=B),)),
            Status.UNPROVEN,
            Evidence.HISTORY,
        ),
        (
            "a vague reference",
            NOW,
            Known(references=(replace(REFERENCE, uncertainty=0.1),)),
            Status.UNPROVEN,
            Evidence.HISTORY,
        ),
        (
            "an old reference",
            NOW,
            Known(references=(replace(REFERENCE, period_to=DAY - 10 * WEEK),)),
            Status.UNPROVEN,
            Evidence.HISTORY,
        ),
        ("a reconciliation", NOW, Known(reconciliations=(RECONCILED,)), Status.PASSED, Evidence.RECONCILIATION),
        (
            "what the sender selected",
            snapshot([("rows", A, 9.0), ("declared.selected", A, 9.0)]),
            Known(),
            Status.PASSED,
            Evidence.CONTROL_TOTAL,
        ),
        (
            "what the sender sent proves only the transport",
            snapshot([("rows", A, 9.0), ("declared.rows", A, 9.0)]),
            Known(),
            Status.UNPROVEN,
            Evidence.HISTORY,
        ),
    ],
)
def test_what_covers_a_segment(sentence, now, known, status, evidence):
    (result,) = hold_to_codes(CHECK, CHECK.judge(view(now, known=known)).results)
    assert (result.status, result.evidence) == (status, evidence), sentence
    covered = {"by": Term(f"evidence.{evidence.value}")}
    said = ("evidence.covered", covered) if status is Status.PASSED else ("evidence.unproven", {})
    assert (result.code, result.params) == said, sentence


def test_a_segment_that_vanished_is_still_asked_for():
    past = replace(snapshot([("rows", B, 5.0)]), delivery=replace(NOW.delivery, period=DAY - WEEK))
    assert [r.segment for r in CHECK.judge(view(NOW, past=[past])).results] == [A, B]
