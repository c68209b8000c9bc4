"""Is a field filled as often as it must be, per segment? An absolute floor; its drift is the `drift` check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from ketenwacht.domain.check_traits import CheckTraits, Holds, Weight, fraction, nonnegative
from ketenwacht.domain.measurement import PLACEHOLDERS, ROWS, MetricKey, nulls, placeholder
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Codes, Fraction, Name, Share

from .base import Judgement, View


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletenessCheck:
    """The filled share of fields in one delivery against a floor.

    Attributes:
        fields: column → least filled share (0–1).
        segments: the dimensions to judge by; () is the whole feed.
        at_least: segments with fewer rows in this delivery are not judged by a share.
    """

    kind: ClassVar[str] = "completeness"
    codes: ClassVar[Codes] = {
        "completeness.filled": {"field": Name, "share": Share, "floor": Fraction},
        "completeness.too_empty": {"field": Name, "share": Share, "floor": Fraction},
        "completeness.placeholders": {"field": Name, "texts": Name, "share": Share, "floor": Fraction},
        "completeness.not_measured": {"field": Name},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        settings={"fields": fraction(Weight.UP, Holds.COLUMNS), "at_least": nonnegative(Weight.DOWN)},
        dimension="completeness",
    )
    name: str = "completeness"
    fields: Mapping[str, float] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    at_least: int = 20

    def judge(self, view: View) -> Judgement:
        """Return one result a field and segment with enough rows; `observed` is the filled share (0–1)."""
        if not view.snapshot.delivery.read:
            return Judgement(())
        segments = [s for s in view.snapshot.segments(ROWS) if s.dimensions == self.segments]
        results = [
            self._one(view, segment, column, floor)
            for segment in segments
            for column, floor in self.fields.items()
        ]
        results += [self._placeholders(view, column, floor) for column, floor in self.fields.items()]
        latest = {(result.check, result.segment): result for result in results if result is not None}
        return Judgement(tuple(latest.values()))

    def _placeholders(self, view: View, column: str, floor: float) -> CheckResult | None:
        """Return a warning when a field is filled often enough only by texts that usually mean empty."""
        rows, empty = view.snapshot.value(ROWS), view.snapshot.value(nulls(column))
        whole = self._one(view, WHOLE, column, floor)
        if whole is None or whole.status is not Status.PASSED:
            return None
        assert isinstance(rows, float)  # noqa: S101 - else it would not have passed
        assert isinstance(empty, float)  # noqa: S101 - as above
        texts = {
            text: count
            for text in PLACEHOLDERS
            if isinstance(count := view.snapshot.measurements.get(MetricKey(placeholder(text, column))), float)
        }
        filled = rows - empty - sum(texts.values())
        if not texts or filled >= floor * rows:
            return None
        return replace(
            whole,
            status=Status.WARNED,
            code="completeness.placeholders",
            params={
                "field": Name(column, agreed=True),
                "texts": Name(", ".join(texts), agreed=True),
                "share": Share(filled, rows, of_delivery=True),
                "floor": Fraction(floor),
            },
            observed=round(filled / rows, 4),
        )

    def _one(self, view: View, segment: Segment, column: str, floor: float) -> CheckResult | None:
        rows, empty = view.snapshot.value(ROWS, segment), view.snapshot.value(nulls(column), segment)
        result = CheckResult(
            check=f"{self.name}.{column}",
            status=Status.ERROR,
            evidence=Evidence.CONTRACT,
            code="completeness.not_measured",
            params={"field": Name(column, agreed=True)},
            segment=segment,
            expected=Interval(floor, 1.0),
            unit="share",
        )
        if isinstance(rows, float) and rows < self.at_least:
            return None
        known = {c.name for c in view.snapshot.columns}
        if column not in known or not isinstance(rows, float) or not isinstance(empty, float):
            return result
        share = 1 - empty / rows
        filled = Share(rows - empty, rows, of_delivery=True)
        return replace(
            result,
            status=Status.FAILED if share < floor else Status.PASSED,
            code="completeness.too_empty" if share < floor else "completeness.filled",
            params={"field": Name(column, agreed=True), "share": filled, "floor": Fraction(floor)},
            observed=round(share, 4),
            of_delivery=True,
            whole=rows,
        )
