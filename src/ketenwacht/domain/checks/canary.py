"""Does a synthetic person of each category come out at the other end, as what it was put in, within the SLA?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from ketenwacht.domain.canary import Canary
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.result import CheckResult, Evidence, Interval
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.status import Status

from .base import Judgement, View

_DEFAULT = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryCheck:
    """Synthetic persons, as listed for the feed (`canaries.list`), against the deliveries so far.

    Attributes:
        sla: a synthetic person must have come out this long after it was put in; None: the SLA of the schedule.
    """

    kind: ClassVar[str] = "canary"
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    name: str = "canary"
    sla: timedelta | None = None

    def judge(self, view: View) -> Judgement:
        """One result a category whose newest synthetic person is overdue, came late or as another; one for all."""
        day = view.snapshot.delivery.period
        put_in = [canary for canary in view.canaries if canary.decided <= day]
        if not view.snapshot.delivery.read or not put_in:
            said = "no synthetic person was put in yet: `ketenwacht canary` writes them"
            return Judgement((self._result(Status.SKIPPED, WHOLE, said),) if view.snapshot.delivery.read else ())
        seen = _Seen((*view.past.before(day).snapshots, *view.past.catch_ups, view.snapshot))
        found: dict[Segment, CheckResult | None] = {}
        for canary in sorted(put_in, key=lambda one: one.decided, reverse=True):
            if canary.category not in found or found[canary.category] is None:
                found[canary.category] = self._one(view, canary, seen)
        told = {category: result for category, result in found.items() if result is not None}
        wrong = [told[category] for category in sorted(told) if told[category].status is not Status.PASSED]
        passed = sum(result.status is Status.PASSED for result in told.values())
        return Judgement((*wrong, *((self._all(passed, len(found)),) if not wrong else ())))

    def _one(self, view: View, canary: Canary, seen: _Seen) -> CheckResult | None:
        """What became of one; None while it may still come."""
        sla, day = self._sla(view), view.snapshot.delivery.period
        first = seen.first(canary)
        where = canary.category
        if first is None:
            if day - canary.decided <= sla:
                return None
            said = f"{where}: the synthetic person put in on {canary.decided} has not come out in {sla.days} days"
            return self._result(Status.FAILED, where, said)
        came, shown = first
        if not any(where.contains(segment) for segment in shown):
            as_what = ", ".join(sorted({str(segment.project(where.dimensions)) for segment in shown}))
            said = f"{where}: the synthetic person put in on {canary.decided} came out as {as_what}"
            return self._result(Status.FAILED, where, said)
        if came - canary.decided > sla:
            said = f"{where}: the synthetic person put in on {canary.decided} came out on {came}, late"
            return self._result(Status.WARNED, where, said)
        return self._result(Status.PASSED, where, f"{where}: came out on {came}")

    def _sla(self, view: View) -> timedelta:
        if self.sla is not None:
            return self.sla
        return view.schedule.sla if view.schedule is not None else _DEFAULT

    def _all(self, passed: int, categories: int) -> CheckResult:
        said = f"a synthetic person of {passed} of {categories} categories came out; the others are not due yet"
        if passed == categories:
            said = f"a synthetic person of each of {categories} categories came out"
        return CheckResult(
            self.name,
            Status.PASSED if passed else Status.SKIPPED,
            Evidence.CONTRACT,
            said,
            observed=float(passed),
            expected=Interval(float(categories), float(categories)),
            unit="categories",
        )

    def _result(self, status: Status, where: Segment, said: str) -> CheckResult:
        return CheckResult(self.name, status, Evidence.CONTRACT, said, where)


@dataclass(frozen=True, slots=True)
class _Seen:
    """In which delivery a synthetic person was first."""

    snapshots: tuple[Snapshot, ...]

    def first(self, canary: Canary) -> tuple[date, tuple[Segment, ...]] | None:
        """The day of that delivery, and the segments the person came out in; None: it never came."""
        for snapshot in self.snapshots:
            if snapshot.delivery.period < canary.decided:
                continue
            shown = snapshot.segments(canary.metric)
            if shown:
                return snapshot.delivery.period, shown
        return None
