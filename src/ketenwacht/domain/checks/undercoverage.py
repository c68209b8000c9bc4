"""How many persons does no list hold? Estimated from how the register and independent lists overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from ketenwacht.domain.check_traits import CheckTraits, Release, SettingRange, Weight, fraction, nonnegative
from ketenwacht.domain.evidence import UNDERCOVERAGE, ReferenceFigure
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Codes, MissingCount, Name, Persons, Value

from .base import Judgement, View

_LISTS: dict[str, type] = {"lists": Name, "day": date}


@dataclass(frozen=True, slots=True, kw_only=True)
class UndercoverageCheck:
    """Persons whom neither the register nor an independent list holds, with a 90 % interval.

    It warns and never fails: the number is an estimate under stated assumptions, and it is never added to
    the number of missing persons that a register proves. `ketenwacht undercoverage` counts how the lists
    overlap.

    Attributes:
        at_least: persons that the low end of the interval must reach for a warning.
        max_age: a comparison of lists that is older warns.
        linkage_spread: relative standard deviation of the linkage error given with the lists (0.3 = 30 %).
    """

    kind: ClassVar[str] = "undercoverage"
    codes: ClassVar[Codes] = {
        "undercoverage.none": {},
        "undercoverage.old": _LISTS,
        "undercoverage.too_little": _LISTS,
        "undercoverage.few": {**_LISTS, "high": Persons},
        "undercoverage.some": {**_LISTS, "unseen": MissingCount, "low": Persons, "high": Persons},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        evidence=Evidence.UNDERCOVERAGE,
        release=Release.NOTHING,
        settings={
            "at_least": nonnegative(Weight.DOWN),
            "max_age": SettingRange(weight=Weight.DOWN),
            "linkage_spread": fraction(Weight.EITHER),
        },
        outside=True,
    )
    name: str = "undercoverage"
    at_least: float = 10.0
    max_age: timedelta = timedelta(days=120)
    linkage_spread: float = 0.3

    def judge(self, view: View) -> Judgement:
        """Return one result for each segment of the newest comparison, and one where it is old."""
        figures = [one for one in view.known.hops if one.hop == UNDERCOVERAGE]
        if not figures:
            none = CheckResult(self.name, Status.SKIPPED, Evidence.UNDERCOVERAGE, code="undercoverage.none")
            return Judgement((none,))
        day, lists = max((one.period_to, one.source) for one in figures)
        # A count that did not change when the lists were compared again has no new version.
        counted: dict[tuple[Segment, str], ReferenceFigure] = {}
        for one in sorted(figures, key=lambda figure: figure.version):
            if (one.period_to, one.source) == (day, lists):
                counted[one.segment, one.reason] = one
        chosen = list(counted.values())
        results = [self._judge(segment, chosen) for segment in sorted({one.segment for one in chosen})]
        if view.snapshot.delivery.period - day > self.max_age:
            said: dict[str, Value] = {"lists": _names(lists), "day": day}
            old = CheckResult(
                f"{self.name}.age", Status.WARNED, Evidence.UNDERCOVERAGE, code="undercoverage.old", params=said
            )
            results.append(old)
        return Judgement(tuple(results))

    def _judge(self, segment: Segment, figures: Sequence[ReferenceFigure]) -> CheckResult:
        from ketenwacht.domain.stats.undercoverage import estimate_unseen  # noqa: PLC0415 - needs numpy

        mine = [one for one in figures if one.segment == segment]
        counts = {tuple(sign == "1" for sign in one.reason): one.count for one in mine}
        found = estimate_unseen(counts, linkage_error=mine[0].uncertainty, linkage_spread=self.linkage_spread)
        lists: dict[str, Value] = {"lists": _names(mine[0].source), "day": mine[0].period_to}
        if found is None:
            return CheckResult(
                self.name,
                Status.SKIPPED,
                Evidence.UNDERCOVERAGE,
                segment=segment,
                code="undercoverage.too_little",
                params=lists,
            )
        ends: dict[str, Value] = {"high": Persons(found.high)}
        some = found.low >= self.at_least
        if some:
            ends = {"unseen": MissingCount(found.unseen), "low": Persons(found.low), **ends}
        return CheckResult(
            self.name,
            Status.WARNED if some else Status.PASSED,
            Evidence.UNDERCOVERAGE,
            segment=segment,
            observed=round(found.unseen, 1),
            expected=Interval(0.0, self.at_least),
            unit="persons",
            code="undercoverage.some" if some else "undercoverage.few",
            params={**lists, **ends},
        )


def _names(source: str) -> tuple[Name, ...]:
    return tuple(Name(one, agreed=True) for one in source.split("+"))
