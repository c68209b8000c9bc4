"""Is there anything but the feed's own word? Without independent evidence nothing is green: it is unproven."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from ketenwacht.domain.check_traits import CheckTraits, SettingRange, Weight, fraction
from ketenwacht.domain.evidence import ReferenceFigure
from ketenwacht.domain.measurement import DECLARED_SELECTED, ROWS
from ketenwacht.domain.result import CheckResult, Evidence, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Codes, Term

from .base import Judgement, View
from .overruling import CODES as OVERRULED


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceCheck:
    """Which segments are covered by evidence that does not come from the feed itself.

    Attributes:
        segments: the dimensions to ask it for.
        max_age: evidence about an older period than this no longer covers today.
        max_uncertainty: an outside figure less certain than this (relative standard deviation) proves nothing.
    """

    kind: ClassVar[str] = "evidence"
    codes: ClassVar[Codes] = {"evidence.covered": {"by": Term}, "evidence.unproven": {}, **OVERRULED}
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        evidence=Evidence.HISTORY,
        settings={"max_age": SettingRange(weight=Weight.DOWN), "max_uncertainty": fraction(Weight.DOWN)},
        default=lambda feed: {"segments": next((dims for dims in feed.segments if dims), ())},
        always="last",
        outside=True,
    )
    name: str = "evidence"
    segments: tuple[str, ...] = ()
    max_age: timedelta = timedelta(days=45)
    max_uncertainty: float = 0.05

    def judge(self, view: View) -> Judgement:
        """Return one result a segment ever seen: PASSED with the strongest evidence at hand, or UNPROVEN."""
        if not view.snapshot.delivery.read:
            return Judgement(())
        now = {s for s in view.snapshot.segments(ROWS) if s.dimensions == self.segments}
        segments = sorted(now | set(view.past.segments(ROWS, self.segments)))
        return Judgement(tuple(self._one(view, segment) for segment in segments))

    def _one(self, view: View, segment: Segment) -> CheckResult:
        since = view.snapshot.delivery.period - self.max_age
        if any(r.segment == segment and r.register_date >= since for r in view.known.reconciliations):
            return self._pass_covered(segment, Evidence.RECONCILIATION)
        if isinstance(view.snapshot.value(DECLARED_SELECTED, segment), float):
            return self._pass_covered(segment, Evidence.CONTROL_TOTAL)
        if any(self._proves(r, segment, since) for r in view.known.references):
            return self._pass_covered(segment, Evidence.REFERENCE)
        return CheckResult(self.name, Status.UNPROVEN, Evidence.HISTORY, code="evidence.unproven", segment=segment)

    def _proves(self, figure: ReferenceFigure, segment: Segment, since: date) -> bool:
        recent = figure.period_to >= since
        return figure.segment == segment and recent and figure.uncertainty <= self.max_uncertainty

    def _pass_covered(self, segment: Segment, evidence: Evidence) -> CheckResult:
        return CheckResult(
            self.name,
            Status.PASSED,
            evidence,
            code="evidence.covered",
            params={"by": Term(f"evidence.{evidence.value}")},
            segment=segment,
        )
