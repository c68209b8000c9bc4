"""What did the last comparison with the sender's own register find? Persons, exactly, in both directions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar

from ketenwacht.domain.check_traits import CheckTraits, Release, SettingRange, Weight, fraction, nonnegative
from ketenwacht.domain.evidence import ReconciliationCount
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Missing, Status
from ketenwacht.domain.statement import Amount, Codes, Name, Persons, Statement, Value

from .base import Judgement, View

_LEAST_ARRIVED = 10
"""Persons of whom the delays are judged; of fewer one who is slow is no share."""
_PROVEN = 2
"""Healthy registers that show how many persons differ as a rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationCheck:
    """The newest keyed reconciliation; a finding stands until a later one comes out clean.

    Attributes:
        segments: the dimensions to judge by; () is the whole feed.
        tolerated_missing: persons a segment may lack.
        tolerated_extra: persons a segment may have beside the register.
        tolerated_different: persons a segment may hold with other values; at most as many as the earlier healthy
            registers showed, once there are two of them.
        different_fails: whether other values fail, or are worth a look only.
        late_share: largest share (fraction 0–1) of those who arrived in the last four weeks that may have taken
            longer than the SLA; nothing is said of fewer than ten.
        late_fails: whether more of them fail, or are worth a look only.
        max_age: a register older than this says nothing about today.
    """

    kind: ClassVar[str] = "reconciliation"
    codes: ClassVar[Codes] = {
        "reconciliation.none": {},
        "reconciliation.compared": {"register": date},
        "reconciliation.not_compared": {"register": date, "dimensions": Name},
        "reconciliation.not_compared_whole": {"register": date},
        "reconciliation.old": {"register": date},
        "reconciliation.complete": {"register": date, "registered": Persons},
        "reconciliation.missing": {"register": date, "registered": Persons, "missing": Persons, "since": date},
        "reconciliation.missing_undated": {"register": date, "registered": Persons, "missing": Persons},
        "reconciliation.in_time": {"delays": Statement},
        "reconciliation.late": {"late": Persons, "arrived": Persons, "delays": Statement},
        "reconciliation.delays": {"half": Amount, "most": Amount, "longest": Amount},
        "reconciliation.no_extra": {"register": date},
        "reconciliation.extra": {"register": date, "extra": Persons},
        "reconciliation.same": {},
        "reconciliation.different": {"different": Persons},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        evidence=Evidence.RECONCILIATION,
        release=Release.NOTHING,
        settings={
            "tolerated_missing": nonnegative(Weight.DOWN),
            "tolerated_extra": nonnegative(Weight.DOWN),
            "tolerated_different": nonnegative(Weight.DOWN),
            "different_fails": SettingRange(weight=Weight.UP),
            "late_share": fraction(Weight.DOWN),
            "late_fails": SettingRange(weight=Weight.UP),
            "max_age": SettingRange(weight=Weight.DOWN),
        },
        dimension="consistency",
        outside=True,
        default=lambda feed: {} if feed.evidence.register is not None else None,
    )
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
        """Judge `.missing`, `.late`, `.extra`, `.different` for every segment of the newest register.

        The age of the register is judged as `.age`.
        """
        known = view.known.reconciliations
        if not known:
            nothing = CheckResult(self.name, Status.SKIPPED, Evidence.RECONCILIATION, code="reconciliation.none")
            return Judgement((nothing,))
        newest = max((count.register_date, count.at) for count in known)
        counts = [c for c in known if (c.register_date, c.at) == newest and c.segment.dimensions == self.segments]
        results = [self._age(view, counts, newest[0])]
        for count in sorted(counts, key=lambda c: c.segment):
            tolerated = self._find_tolerated_different(known, count)
            different = self._different(count, tolerated)
            results += [self._missing(count), self._late(count), self._extra(count), different]
        return Judgement(tuple(results))

    def _age(self, view: View, counts: list[ReconciliationCount], newest: date) -> CheckResult:
        register: Mapping[str, Value] = {"register": newest}
        status, said = Status.PASSED, Statement("reconciliation.compared", register)
        if not counts:
            status, said = Status.WARNED, Statement("reconciliation.not_compared_whole", register)
            if self.segments:
                dimensions = tuple(Name(one, agreed=True) for one in self.segments)
                said = Statement("reconciliation.not_compared", {**register, "dimensions": dimensions})
        elif view.snapshot.delivery.period - counts[0].register_date > self.max_age:
            status, said = Status.WARNED, Statement("reconciliation.old", register)
        return CheckResult(f"{self.name}.age", status, Evidence.RECONCILIATION, code=said.code, params=said.params)

    def _missing(self, count: ReconciliationCount) -> CheckResult:
        since = count.first_missing if count.first_missing is not None else count.register_date
        params: dict[str, Value] = {"register": count.register_date, "registered": Persons(count.registered)}
        lacks: Mapping[str, Value] = {"missing": Persons(count.missing), "since": since}
        said = Statement("reconciliation.complete", params)
        if count.missing > 0:
            dated = count.first_missing is not None
            params = {**params, **lacks} if dated else {**params, "missing": Persons(count.missing)}
            said = Statement("reconciliation.missing" if dated else "reconciliation.missing_undated", params)
        found = self._make_result("missing", count, count.missing, self.tolerated_missing, said)
        lost = float(count.missing)
        if found.status is Status.PASSED:
            return found
        return replace(found, missing=Missing(since, lost, lost, lost), impact=count.impact)

    def _late(self, count: ReconciliationCount) -> CheckResult:
        arrived, slow = count.recent or 0, count.recent_late or 0
        bad = Status.FAILED if self.late_fails else Status.WARNED
        delays = _delays(count)
        late: Mapping[str, Value] = {"late": Persons(slow), "arrived": Persons(arrived), "delays": delays}
        return CheckResult(
            f"{self.name}.late",
            bad if arrived >= _LEAST_ARRIVED and slow > self.late_share * arrived else Status.PASSED,
            Evidence.RECONCILIATION,
            code="reconciliation.late" if slow > 0 else "reconciliation.in_time",
            params=late if slow > 0 else {"delays": delays},
            segment=count.segment,
            observed=float(slow),
            expected=Interval(0.0, float(math.floor(self.late_share * arrived))),
            unit="persons",
        )

    def _extra(self, count: ReconciliationCount) -> CheckResult:
        register: Mapping[str, Value] = {"register": count.register_date}
        said = Statement("reconciliation.no_extra", register)
        if count.extra > 0:
            said = Statement("reconciliation.extra", {**register, "extra": Persons(count.extra)})
        found = self._make_result("extra", count, count.extra, self.tolerated_extra, said)
        many = -float(count.extra)
        since = count.register_date
        return found if found.status is Status.PASSED else replace(found, missing=Missing(since, many, many, many))

    def _find_tolerated_different(self, known: Sequence[ReconciliationCount], count: ReconciliationCount) -> int:
        """Return how many persons of a segment may differ: not more than healthy registers showed before.

        The first registers may show as many as is configured. Where they show none, the first person with another
        value is told, and stays told: a register above the limit is not healthy and raises no limit.
        """
        before = {c.register_date: c for c in sorted(known, key=lambda c: c.at) if c.segment == count.segment}
        healthy: list[int] = []
        for day in sorted(day for day in before if day < count.register_date):
            allowed = self.tolerated_different if len(healthy) < _PROVEN else max(healthy)
            if before[day].different <= allowed:
                healthy.append(before[day].different)
        return self.tolerated_different if len(healthy) < _PROVEN else max(healthy)

    def _different(self, count: ReconciliationCount, tolerated: int) -> CheckResult:
        said = Statement("reconciliation.same")
        if count.different > 0:
            said = Statement("reconciliation.different", {"different": Persons(count.different)})
        found = self._make_result("different", count, count.different, tolerated, said)
        soft = found.status is Status.FAILED and not self.different_fails
        return replace(found, status=Status.WARNED if soft else found.status, breach=count.different > 0)

    def _make_result(
        self, what: str, count: ReconciliationCount, persons: int, tolerated: int, said: Statement
    ) -> CheckResult:
        return CheckResult(
            f"{self.name}.{what}",
            Status.FAILED if persons > tolerated else Status.PASSED,
            Evidence.RECONCILIATION,
            code=said.code,
            params=said.params,
            segment=count.segment,
            observed=float(persons),
            expected=Interval(0.0, float(tolerated)),
            unit="persons",
        )


def _delays(count: ReconciliationCount) -> tuple[Statement, ...]:
    """Return how long those who arrived took; nothing where too few did."""
    if count.age_p50 is None or count.age_p95 is None or count.age_longest is None:
        return ()
    days = {"half": count.age_p50, "most": count.age_p95, "longest": count.age_longest}
    return (Statement("reconciliation.delays", {name: Amount(n) for name, n in days.items()}),)
