"""The delivery that was due."""

from __future__ import annotations

import pytest
from views import ABSENT, DAY, UNREADABLE, snapshot, view

from ketenwacht.domain.checks.schedule import ScheduleCheck
from ketenwacht.domain.delivery import DeliveryKind, Manifest
from ketenwacht.domain.result import Status
from ketenwacht.domain.statement import Amount, Statement, Term

ON_TIME = Statement("schedule.on_time")
LATE = Statement("schedule.late", {"period": DAY, "hours": Amount(26.0), "grace": Amount(4.0)})
GONE, BROKEN = snapshot([("hours_late", 4.0)], **ABSENT), snapshot([("hours_late", 0.0)], **UNREADABLE)
CASES = [
    ("on time", snapshot([("rows", 9.0), ("hours_late", 0.0)]), Status.PASSED, ON_TIME),
    ("within its grace", snapshot([("rows", 9.0), ("hours_late", 3.9)]), Status.PASSED, ON_TIME),
    ("late", snapshot([("rows", 9.0), ("hours_late", 26.0)]), Status.WARNED, LATE),
    (
        "missing",
        GONE,
        Status.FAILED,
        Statement("schedule.missing", {"period": DAY, "problem": GONE.delivery.why}),
    ),
    ("unreadable", BROKEN, Status.ERROR, Statement("schedule.unreadable", {"problem": BROKEN.delivery.why})),
    (
        "on a day without a due moment",
        snapshot([("rows", 9.0)], due_at=None),
        Status.WARNED,
        Statement("schedule.unexpected", {"period": DAY}),
    ),
    (
        "explicitly empty",
        snapshot([("rows", 0.0), ("hours_late", 0.0)], manifest=Manifest(rows=0)),
        Status.WARNED,
        Statement("schedule.stated_empty"),
    ),
    (
        "a redelivery comes when it is ready",
        snapshot([("rows", 9.0), ("hours_late", 99.0)], manifest=Manifest(kind=DeliveryKind.REDELIVERY)),
        Status.PASSED,
        Statement("schedule.asked_for", {"kind": Term("delivery.redelivery"), "period": DAY}),
    ),
    (
        "empty without a word",
        snapshot([("rows", 0.0), ("hours_late", 0.0)]),
        Status.FAILED,
        Statement("schedule.empty"),
    ),
]


@pytest.mark.parametrize(("sentence", "now", "status", "said"), CASES, ids=[case[0] for case in CASES])
def test_what_became_of_it(sentence, now, status, said):
    (result,) = ScheduleCheck().judge(view(now)).results
    assert result.status is status
    assert result.said == said


def test_without_a_schedule_nothing_is_late_or_unexpected():
    late = snapshot([("rows", 9.0), ("hours_late", 99.0)])
    (result,) = ScheduleCheck().judge(view(late, schedule=None)).results
    assert result.status is Status.PASSED
    assert result.expected is not None
    assert result.expected.high is None
    assert result.observed == 99.0
