"""What did the last comparison with the sender's own register find? Persons, exactly, in both directions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from ketenwacht.domain.evidence import ReconciliationCount
from ketenwacht.domain.privacy import SMALL_COUNT, shown_count, shown_missing
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Missing
from ketenwacht.domain.status import Status

from .base import Judgement, View


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationCheck:
    """The newest keyed reconciliation; a finding stands until a later one comes out clean.

    Attributes:
        segments: the dimensions to judge by; () is the whole feed.
        tolerated_missing: persons a segment may lack.
        tolerated_extra: persons a segment may have beside the register.
        tolerated_different: persons a segment may hold with other values.
        different_fails: whether other values fail, or are worth a look only.
        late_share: largest share (fraction 0–1) of those who arrived in the last four weeks that may have taken
            longer than the SLA; nothing is said of fewer than ten.
        late_fails: whether more of them fail, or are worth a look only.
        max_age: a register older than this says nothing about today.
    """

    kind: ClassVar[str] = "reconciliation"
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    name: str = "reconciliation"
    segments: tuple[str, ...] = ()
    tolerated_missing: int = 0
    tolerated_extra: int = 0
    tolerated_different: int = 0
    different_fails: bool = False
    late_share: float = 0.05
    late_fails: bool = False
    max_age: timedelta = timedelta(days=14)

    def judge(self, view: View) -> Judgement:
        """`.missing`, `.late`, `.extra`, `.different` for every segment of the newest register, and `.age`."""
        known = view.known.reconciliations
        if not known:
            message = "no register of the sender was compared yet"
            return Judgement((CheckResult(self.name, Status.SKIPPED, Evidence.RECONCILIATION, message),))
        newest = max((count.register_date, count.at) for count in known)
        counts = [c for c in known if (c.register_date, c.at) == newest and c.segment.dimensions == self.segments]
        results = [self._age(view, counts, newest[0])]
        for count in sorted(counts, key=lambda c: c.segment):
            results += [self._missing(count), self._late(count), self._extra(count), self._different(count)]
        return Judgement(tuple(results))

    def _age(self, view: View, counts: list[ReconciliationCount], newest: object) -> CheckResult:
        message, status = f"the sender's register of {newest} was compared", Status.PASSED
        if not counts:
            message = (
                f"the register of {newest} was not compared by {', '.join(self.segments) or 'the whole feed'}"
            )
            status = Status.WARNED
        elif view.snapshot.delivery.period - counts[0].register_date > self.max_age:
            message = f"the last register compared is of {newest}: too old to speak for today"
            status = Status.WARNED
        return CheckResult(f"{self.name}.age", status, Evidence.RECONCILIATION, message)

    def _missing(self, count: ReconciliationCount) -> CheckResult:
        since = count.first_missing if count.first_missing is not None else count.register_date
        message = (
            f"{count.segment}: all in the register of {count.register_date} were delivered or are not yet due"
        )
        if count.missing > 0:
            message = (
                f"{count.segment}: of {shown_count(count.registered)} in the register of {count.register_date} "
                f"{shown_missing(count.missing)} were never delivered, the first of them decided in the week "
                f"of {since}"
            )
        found = self._found("missing", count, count.missing, self.tolerated_missing, message)
        lost = float(count.missing)
        if found.status is Status.PASSED:
            return found
        return replace(found, missing=Missing(since, lost, lost, lost), impact=count.impact)

    def _late(self, count: ReconciliationCount) -> CheckResult:
        arrived, slow = count.recent or 0, count.recent_late or 0
        bad = Status.FAILED if self.late_fails else Status.WARNED
        message = f"{count.segment}: who arrived in the last four weeks did so within the SLA"
        if slow > 0:
            message = (
                f"{count.segment}: {shown_missing(slow)} of {shown_count(arrived)} who arrived in the last four "
                "weeks did so after the SLA"
            )
        if count.age_p95 is not None:
            message = f"{message}; half within {count.age_p50} days, 95 % within {count.age_p95}, the last after "
            message = f"{message}{count.age_longest}"
        return CheckResult(
            f"{self.name}.late",
            bad if arrived >= SMALL_COUNT and slow > self.late_share * arrived else Status.PASSED,
            Evidence.RECONCILIATION,
            message,
            count.segment,
            float(slow),
            Interval(0.0, float(math.floor(self.late_share * arrived))),
            "persons",
        )

    def _extra(self, count: ReconciliationCount) -> CheckResult:
        message = f"{count.segment}: nobody was delivered who is not in the register of {count.register_date}"
        if count.extra > 0:
            message = (
                f"{count.segment}: {shown_missing(count.extra)} persons were delivered, not in the register "
                f"of {count.register_date}: set their records apart, it may be a data breach"
            )
        found = self._found("extra", count, count.extra, self.tolerated_extra, message)
        many = -float(count.extra)
        since = count.register_date
        return found if found.status is Status.PASSED else replace(found, missing=Missing(since, many, many, many))

    def _different(self, count: ReconciliationCount) -> CheckResult:
        message = f"{count.segment}: register and deliveries hold the same values"
        if count.different > 0:
            message = f"{count.segment}: {shown_missing(count.different)} persons were delivered with other values"
        found = self._found("different", count, count.different, self.tolerated_different, message)
        soft = found.status is Status.FAILED and not self.different_fails
        return replace(found, status=Status.WARNED) if soft else found

    def _found(
        self, what: str, count: ReconciliationCount, persons: int, tolerated: int, message: str
    ) -> CheckResult:
        return CheckResult(
            f"{self.name}.{what}",
            Status.FAILED if persons > tolerated else Status.PASSED,
            Evidence.RECONCILIATION,
            message,
            count.segment,
            float(persons),
            Interval(0.0, float(tolerated)),
            "persons",
        )
