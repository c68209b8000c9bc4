"""Does a synthetic person of each category come out at the other end, as what it was put in, within the SLA?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, cast

from ketenwacht.domain.check_traits import CheckTraits
from ketenwacht.domain.evidence import Canary
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, Codes, Statement, Value

from .base import Judgement, State, View

_DEFAULT = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryCheck:
    """Synthetic persons, as listed for the feed (`canaries.list`), against the deliveries so far.

    Attributes:
        sla: a synthetic person must have come out this long after it was put in; None: the SLA of the schedule.
    """

    kind: ClassVar[str] = "canary"
    codes: ClassVar[Codes] = {
        "canary.all_came": {"categories": Amount},
        "canary.some_came": {"came": Amount, "categories": Amount},
        "canary.none_put_in": {},
        "canary.came": {"put_in": date, "came": date},
        "canary.late": {"put_in": date, "came": date, "days": Amount},
        "canary.overdue": {"put_in": date, "days": Amount},
        "canary.other_category": {"put_in": date, "found": Segment},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(dimension="timeliness")
    name: str = "canary"
    sla: timedelta | None = None

    def judge(self, view: View) -> Judgement:
        """Return a result per category whose newest synthetic person is overdue, late, or in another category.

        A category that was wrong the delivery before and came out since passes by itself. When none is wrong, one
        result represents all: passed, or skipped while nobody came yet.
        """
        day = view.snapshot.delivery.period
        put_in = [canary for canary in view.canaries if canary.decided <= day]
        if not view.snapshot.delivery.read or not put_in:
            none = self._result(Status.SKIPPED, WHOLE, Statement("canary.none_put_in"))
            return Judgement((none,) if view.snapshot.delivery.read else (), view.state)
        seen = _Seen((*view.past.before(day).snapshots, *view.past.catch_ups, view.snapshot))
        found: dict[Segment, CheckResult | None] = {}
        for canary in sorted(put_in, key=lambda one: one.decided, reverse=True):
            if canary.category not in found or found[canary.category] is None:
                found[canary.category] = self._one(view, canary, seen)
        told = {category: result for category, result in found.items() if result is not None}
        wrong = [told[category] for category in sorted(told) if told[category].status is not Status.PASSED]
        passed = sum(result.status is Status.PASSED for result in told.values())
        before = _read_wrong(view.state)
        back = [told[category] for category in sorted(told) if category in before and told[category] not in wrong]
        results = (*wrong, *back, *((self._all(passed, len(found)),) if not wrong else ()))
        still = {category for category in before if category not in told}  # nobody of it came since
        return Judgement(results, _write_wrong({*still, *(result.segment for result in wrong)}))

    def _one(self, view: View, canary: Canary, seen: _Seen) -> CheckResult | None:
        """Return the outcome of one; None while it may still come."""
        sla, day, where = self._sla(view), view.snapshot.delivery.period, canary.category
        put_in, days = {"put_in": canary.decided}, {"days": Amount(sla.days)}
        first = seen.first(canary)
        if first is None:
            if day - canary.decided <= sla:
                return None
            return self._result(Status.FAILED, where, Statement("canary.overdue", {**put_in, **days}))
        came, shown = first
        if not any(where.contains(segment) for segment in shown):
            found = tuple(sorted({segment.project(where.dimensions) for segment in shown}))
            return self._result(
                Status.FAILED, where, Statement("canary.other_category", {**put_in, "found": found})
            )
        if came - canary.decided > sla:
            return self._result(Status.WARNED, where, Statement("canary.late", {**put_in, "came": came, **days}))
        return self._result(Status.PASSED, where, Statement("canary.came", {**put_in, "came": came}))

    def _sla(self, view: View) -> timedelta:
        if self.sla is not None:
            return self.sla
        return view.schedule.sla if view.schedule is not None else _DEFAULT

    def _all(self, passed: int, categories: int) -> CheckResult:
        every = passed == categories
        counts: dict[str, Value] = {"categories": Amount(categories)}
        return CheckResult(
            self.name,
            Status.PASSED if passed else Status.SKIPPED,
            Evidence.CONTRACT,
            code="canary.all_came" if every else "canary.some_came",
            params=counts if every else {"came": Amount(passed), **counts},
            observed=float(passed),
            expected=Interval(float(categories), float(categories)),
            unit="categories",
        )

    def _result(self, status: Status, where: Segment, said: Statement) -> CheckResult:
        return CheckResult(self.name, status, Evidence.CONTRACT, code=said.code, params=said.params, segment=where)


def _write_wrong(categories: Iterable[Segment]) -> State:
    return {"wrong": [[list(pair) for pair in category.pairs] for category in sorted(categories)]}


def _read_wrong(state: State | None) -> frozenset[Segment]:
    """Return the categories that were wrong in the delivery before."""
    listed = cast("list[list[list[str]]]", (state or {}).get("wrong", []))
    return frozenset(Segment(tuple((name, value) for name, value in pairs)) for pairs in listed)


@dataclass(frozen=True, slots=True)
class _Seen:
    """In which delivery a synthetic person was first."""

    snapshots: tuple[Snapshot, ...]

    def first(self, canary: Canary) -> tuple[date, tuple[Segment, ...]] | None:
        """Return the day of that delivery, and the segments the person came out in; None: it never came."""
        for snapshot in self.snapshots:
            if snapshot.delivery.period < canary.decided:
                continue
            shown = snapshot.segments(canary.metric)
            if shown:
                return snapshot.delivery.period, shown
        return None
