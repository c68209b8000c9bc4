"""Every code that can open a finding has a rule that ends it, and the rule holds: a row a code."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from endings import ENDINGS, Ending

from ketenwacht import pipeline
from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.findings import advance, transitions
from ketenwacht.domain.findings.finding import State
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.result import CheckResult, Evidence, Status
from ketenwacht.domain.segment import WHOLE

from .stage import PARIS, START

DECLARED = {code for kind in KINDS for code in kind.codes} | {*pipeline.CODES, *transitions.CODES}
DOCS = Path(__file__).parents[3] / "docs" / "incidents.md"
BY_DUE = {code for code, ending in ENDINGS.items() if ending is Ending.ITS_DELIVERY}


def delivery(day, presence=Presence.READ):
    moment = START + timedelta(days=day)
    return Delivery("feed", f"{moment.date()}", moment.date(), presence, due_at=moment, sha256=f"{day}")


def said(code, status):
    by_due = code in BY_DUE
    segment = WHOLE if by_due else PARIS
    evidence = Evidence.SCHEDULE if by_due else Evidence.HISTORY
    return CheckResult(code.partition(".")[0], status, evidence, code=code, segment=segment, by_due=by_due)


def judge(live, result, *, of, at):
    moment = START + timedelta(days=at)
    ids = iter(range(9))
    step = advance(live, [result], delivery=of, policy=Policy(), at=moment, new_id=lambda: f"{at}-{next(ids)}")
    return {finding.fingerprint: finding for finding in step.standing}


def states(live, code):
    return [one.state for one in live.values() if one.fingerprint.check == code.partition(".")[0]]


def test_every_code_of_the_table_is_declared():
    assert ENDINGS.keys() - DECLARED == set()


@pytest.mark.parametrize("code", ENDINGS)
def test_what_ends_a_finding(code):
    first = replace(delivery(0), sha256=None, presence=Presence.ABSENT) if code in BY_DUE else delivery(0)
    live = judge({}, said(code, Status.FAILED), of=first, at=0)
    assert states(live, code) == [State.OPEN], "it opens a finding"
    live = judge(live, said(code, Status.SKIPPED), of=delivery(1), at=1)
    live = judge(live, said(code, Status.UNPROVEN), of=delivery(2), at=2)
    assert states(live, code) == [State.OPEN], "silence ends nothing"
    live = judge(live, said(code, Status.PASSED), of=delivery(3), at=3)
    ended = State.OPEN if code in BY_DUE else State.RESOLVED
    assert states(live, code) == [ended], f"a later delivery passes; ended by: {ENDINGS[code].value}"
    live = judge(live, said(code, Status.PASSED), of=delivery(0), at=4)
    assert states(live, code) == [State.RESOLVED], "its own delivery passes"


def test_the_docs_say_what_ends_a_finding_of_each_kind():
    text = DOCS.read_text(encoding="utf-8")
    section = text.partition("### What ends a finding")[2].partition("\n## ")[0]
    kinds = {(code.partition(".")[0], ending) for code, ending in ENDINGS.items()}
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    missing = [
        (kind, ending.value)
        for kind, ending in sorted(kinds, key=str)
        if not any(f"`{kind}`" in row and ending.value in row for row in rows)
    ]
    assert missing == []
