"""Is the delivery there, readable, and on time? Absence is judged here like anything else."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from ketenwacht.domain.delivery import DeliveryKind, Presence
from ketenwacht.domain.measurement import HOURS_LATE, ROWS
from ketenwacht.domain.result import CheckResult, Evidence, Interval
from ketenwacht.domain.status import Status

from .base import Judgement, View

# They come when they are ready, and stand in for nothing that is due.
_ASKED_FOR = frozenset({DeliveryKind.REDELIVERY, DeliveryKind.CORRECTION, DeliveryKind.CATCH_UP})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleCheck:
    """The delivery that was due: received, late, missing, unreadable, unexpected, or explicitly empty.

    When it is due, and how long after that it still counts as on time, stands with the feed's schedule.
    """

    kind: ClassVar[str] = "schedule"
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    name: str = "schedule"

    def judge(self, view: View) -> Judgement:
        """One result for the whole feed; `observed` is hours late."""
        status, message = self._verdict(view)
        late, grace = view.snapshot.value(HOURS_LATE), _grace_hours(view)
        return Judgement(
            (
                CheckResult(
                    check=self.name,
                    status=status,
                    evidence=Evidence.SCHEDULE,
                    message=message,
                    observed=round(late, 2) if isinstance(late, float) else None,
                    expected=Interval(None, grace if math.isfinite(grace) else None),
                    unit="hours",
                ),
            )
        )

    def _verdict(self, view: View) -> tuple[Status, str]:
        delivery = view.snapshot.delivery
        if delivery.presence is Presence.ABSENT:
            why = delivery.problem or "not there"
            return Status.FAILED, f"the delivery of {delivery.period} is missing: {why}"
        if delivery.presence is Presence.UNREADABLE:
            return Status.ERROR, f"the delivery cannot be judged: {delivery.problem or 'unreadable'}"
        if delivery.kind in _ASKED_FOR:
            return Status.PASSED, f"a {delivery.kind.value} of {delivery.period} was received"
        return self._received(view)

    def _received(self, view: View) -> tuple[Status, str]:
        delivery, late = view.snapshot.delivery, view.snapshot.value(HOURS_LATE)
        if isinstance(late, float) and late > _grace_hours(view):
            return Status.WARNED, f"the delivery of {delivery.period} came {late:.0f} hours after it was due"
        if view.schedule is not None and delivery.due_at is None:
            return Status.WARNED, f"a delivery for {delivery.period} came, a day on which none is due"
        if view.snapshot.value(ROWS) == 0.0:
            return self._empty(view)
        return Status.PASSED, "received on time"

    @staticmethod
    def _empty(view: View) -> tuple[Status, str]:
        manifest = view.snapshot.delivery.manifest
        if manifest is not None and manifest.rows == 0:
            return Status.WARNED, "an explicit empty delivery: the sender states that there was nothing to send"
        return Status.FAILED, "an empty delivery, and the sender does not state that there was nothing to send"


def _grace_hours(view: View) -> float:
    """Hours past the due moment that still count as on time; without a schedule nothing is ever late."""
    return view.schedule.grace / timedelta(hours=1) if view.schedule is not None else math.inf
