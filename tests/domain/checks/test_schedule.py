"""The delivery that was due."""

from __future__ import annotations

import pytest
from views import ABSENT, UNREADABLE, snapshot, view

from ketenwacht.domain.checks.schedule import ScheduleCheck
from ketenwacht.domain.delivery import DeliveryKind, Manifest
from ketenwacht.domain.status import Status

CASES = [
    ("on time", snapshot([("rows", 9.0), ("hours_late", 0.0)]), Status.PASSED, "on time"),
    ("within its grace", snapshot([("rows", 9.0), ("hours_late", 3.9)]), Status.PASSED, "on time"),
    ("late", snapshot([("rows", 9.0), ("hours_late", 26.0)]), Status.WARNED, "26 hours after"),
    ("missing", snapshot([("hours_late", 4.0)], **ABSENT), Status.FAILED, "missing"),
    ("unreadable", snapshot([("hours_late", 0.0)], **UNREADABLE), Status.ERROR, "SHA-256"),
    ("on a day without a due moment", snapshot([("rows", 9.0)], due_at=None), Status.WARNED, "none is due"),
    (
        "explicitly empty",
        snapshot([("rows", 0.0), ("hours_late", 0.0)], manifest=Manifest(rows=0)),
        Status.WARNED,
        "explicit empty",
    ),
    (
        "a redelivery comes when it is ready",
        snapshot([("rows", 9.0), ("hours_late", 99.0)], manifest=Manifest(kind=DeliveryKind.REDELIVERY)),
        Status.PASSED,
        "a redelivery",
    ),
    ("empty without a word", snapshot([("rows", 0.0), ("hours_late", 0.0)]), Status.FAILED, "does not state"),
]


@pytest.mark.parametrize(("sentence", "now", "status", "said"), CASES, ids=[case[0] for case in CASES])
def test_what_became_of_it(sentence, now, status, said):
    (result,) = ScheduleCheck().judge(view(now)).results
    assert result.status is status
    assert said in result.message


def test_without_a_schedule_nothing_is_late_or_unexpected():
    late = snapshot([("rows", 9.0), ("hours_late", 99.0)])
    (result,) = ScheduleCheck().judge(view(late, schedule=None)).results
    assert result.status is Status.PASSED
    assert result.expected is not None
    assert result.expected.high is None
    assert result.observed == 99.0
