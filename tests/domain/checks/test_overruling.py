"""A clean register overrules an estimate of the persons whom it would know to be missing, and nothing else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ketenwacht.domain.checks.overruling import overrule
from ketenwacht.domain.result import CheckResult, Evidence, Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Persons, Statement

FRIDAY = date(2022, 3, 18)
LONG_AGO = FRIDAY - timedelta(days=60)
A, B = Segment.of({"kind": "a"}), Segment.of({"kind": "b"})
IN_A, ELSEWHERE = Segment.of({"kind": "a", "purpose": "x"}), Segment.of({"town": "z"})


def register(*, a="complete", b="complete", extra="no_extra", age="compared"):
    """What the comparison with the register of Friday says of both kinds, and how old it is."""
    of = {"register": FRIDAY}
    missing = [
        CheckResult(
            "keys.missing",
            Status.PASSED if word == "complete" else Status.FAILED,
            Evidence.RECONCILIATION,
            segment=segment,
            code=f"reconciliation.{word}",
            params=of,
        )
        for segment, word in ((A, a), (B, b))
    ]
    too_many = CheckResult(
        "keys.extra", Status.PASSED, Evidence.RECONCILIATION, segment=A, code=f"reconciliation.{extra}", params=of
    )
    said = CheckResult("keys.age", Status.PASSED, Evidence.RECONCILIATION, code=f"reconciliation.{age}", params=of)
    return [said, *missing, too_many]


def lost(segment=A, *, since=LONG_AGO, value=30.0, evidence=Evidence.REFERENCE, status=Status.FAILED):
    return CheckResult(
        "reference",
        status,
        evidence,
        segment=segment,
        code="reference.shortfall",
        missing=Missing(since, value, value - 9, value + 9),
    )


def asked(week=LONG_AGO):
    return CheckResult(
        "inquiries.number", Status.WARNED, Evidence.INQUIRY, code="inquiries.surge", params={"week": week}
    )


CASES = [
    ("thirty missing by a reference, nobody by the register", register(), lost(), True),
    ("so is what own history says", register(), lost(evidence=Evidence.HISTORY), True),
    ("and what is only worth a look", register(), lost(status=Status.WARNED), True),
    ("a part of a clean segment", register(), lost(IN_A), True),
    ("the whole feed, when every segment is clean", register(), lost(WHOLE), True),
    ("any other part then too", register(), lost(ELSEWHERE), True),
    ("the whole feed is not clean when one segment is not", register(b="missing"), lost(WHOLE), False),
    ("a segment whose register lacks persons", register(a="missing"), lost(), False),
    ("another one of that register is clean all the same", register(b="missing"), lost(), True),
    ("what began so lately that the register waits for it", register(), lost(since=FRIDAY), False),
    ("what began just before", register(), lost(since=FRIDAY - timedelta(days=14)), True),
    ("a register that is too old to speak of now", register(age="old"), lost(), False),
    ("too many by own history, nobody by the register", register(), lost(value=-30.0), True),
    ("too many where the register knows persons too many", register(extra="extra"), lost(value=-30.0), False),
    ("a control total is as good as a register", register(), lost(evidence=Evidence.CONTROL_TOTAL), False),
    ("a surge of questions while nobody is missing", register(), asked(), True),
    ("a surge of questions while somebody is", register(b="missing"), asked(), False),
    ("what is fine stays as it is", register(), lost(status=Status.PASSED), False),
    ("without a register nothing is overruled", [], lost(), False),
]


@pytest.mark.parametrize(("sentence", "known", "result", "gone"), CASES, ids=[case[0] for case in CASES])
def test_what_a_register_overrules(sentence, known, result, gone):
    *others, now = overrule([*known, result])
    assert others == known
    if not gone:
        assert now == result
        return
    assert (now.status, now.missing, now.evidence) == (Status.PASSED, None, result.evidence)
    assert now.said == Statement("evidence.overruled", {"register": FRIDAY, "said": result.said})
    assert now.observed == result.observed


def test_what_was_said_is_kept_with_its_parameters():
    said = {"seen": Persons(3.0)}
    result = CheckResult(
        "volume",
        Status.FAILED,
        Evidence.HISTORY,
        segment=A,
        code="volume.shortfall",
        params=said,
        missing=Missing(LONG_AGO, 9, 1, 12),
    )
    now = overrule([*register(), result])[-1]
    assert now.params["said"] == Statement("volume.shortfall", said)
