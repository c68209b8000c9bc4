"""Is the delivery there, readable, and on time? Absence is judged here like anything else."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from ketenwacht.domain.check_traits import CheckTraits, Release
from ketenwacht.domain.delivery import DeliveryKind, Presence
from ketenwacht.domain.measurement import HOURS_LATE, ROWS
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Status
from ketenwacht.domain.statement import Amount, Codes, Statement, Term

from .base import Judgement, View

# They come when they are ready, and stand in for nothing that is due.
_ASKED_FOR = frozenset({DeliveryKind.REDELIVERY, DeliveryKind.CORRECTION, DeliveryKind.CATCH_UP})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleCheck:
    """The delivery that was due: received, late, missing, unreadable, unexpected, or explicitly empty.

    Its finding belongs to the due moment: it stays open until that delivery comes, a pause is declared, or a
    person closes it. A delivery that came late or explicitly empty is a warning of its run and opens nothing.
    When it is due, and how long after that it still counts as on time, stands with the feed's schedule.
    """

    kind: ClassVar[str] = "schedule"
    codes: ClassVar[Codes] = {
        "schedule.on_time": {},
        "schedule.asked_for": {"kind": Term, "period": date},
        "schedule.late": {"period": date, "hours": Amount, "grace": Amount},
        "schedule.unexpected": {"period": date},
        "schedule.stated_empty": {},
        "schedule.empty": {},
        "schedule.missing": {"period": date, "problem": Statement},
        "schedule.unreadable": {"problem": Statement},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        evidence=Evidence.SCHEDULE,
        release=Release.NOTHING,
        dimension="timeliness",
        default=lambda _: {},
        always="first",
    )
    name: str = "schedule"

    def judge(self, view: View) -> Judgement:
        """Return one result for the whole feed; `observed` is hours late."""
        status, said = self._verdict(view)
        late, grace = view.snapshot.value(HOURS_LATE), _grace_hours(view)
        return Judgement(
            (
                CheckResult(
                    check=self.name,
                    status=status,
                    evidence=Evidence.SCHEDULE,
                    code=said.code,
                    params=said.params,
                    observed=round(late, 2) if isinstance(late, float) else None,
                    expected=Interval(None, grace if math.isfinite(grace) else None),
                    unit="hours",
                    by_due=True,
                ),
            )
        )

    def _verdict(self, view: View) -> tuple[Status, Statement]:
        delivery = view.snapshot.delivery
        if delivery.presence is Presence.ABSENT:
            said = Statement("schedule.missing", {"period": delivery.period, "problem": delivery.why})
            return Status.FAILED, said
        if delivery.presence is Presence.UNREADABLE:
            return Status.ERROR, Statement("schedule.unreadable", {"problem": delivery.why})
        if delivery.kind in _ASKED_FOR:
            kind = Term(f"delivery.{delivery.kind.value}")
            return Status.PASSED, Statement("schedule.asked_for", {"kind": kind, "period": delivery.period})
        return self._judge_receipt(view)

    def _judge_receipt(self, view: View) -> tuple[Status, Statement]:
        delivery, late, grace = view.snapshot.delivery, view.snapshot.value(HOURS_LATE), _grace_hours(view)
        if isinstance(late, float) and late > grace:
            hours = {"hours": Amount(float(round(late))), "grace": Amount(grace)}
            return Status.WARNED, Statement("schedule.late", {"period": delivery.period, **hours})
        if view.schedule is not None and delivery.due_at is None:
            return Status.WARNED, Statement("schedule.unexpected", {"period": delivery.period})
        if view.snapshot.value(ROWS) == 0.0:
            return self._empty(view)
        return Status.PASSED, Statement("schedule.on_time")

    @staticmethod
    def _empty(view: View) -> tuple[Status, Statement]:
        manifest = view.snapshot.delivery.manifest
        if manifest is not None and manifest.rows == 0:
            return Status.WARNED, Statement("schedule.stated_empty")
        return Status.FAILED, Statement("schedule.empty")


def _grace_hours(view: View) -> float:
    """Return hours past the due moment that still count as on time; without a schedule nothing is ever late."""
    return view.schedule.grace / timedelta(hours=1) if view.schedule is not None else math.inf
