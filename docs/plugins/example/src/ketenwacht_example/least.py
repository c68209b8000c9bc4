"""A kind of check: every segment has at least so many rows in one delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ketenwacht.plugin_api import ROWS, CheckResult, Evidence, Interval, Judgement, Segment, Status, View


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastCheck:
    """The rows of each segment against a floor.

    Attributes:
        rows: the least number of rows.
        segments: the dimensions to judge by; () is the whole feed.
    """

    kind: ClassVar[str] = "least"  # the name of the entry point
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}  # a misspelt setting is a fault
    name: str = "least"
    rows: int
    segments: tuple[str, ...] = ()

    def judge(self, view: View) -> Judgement:
        """One result a segment; it hangs on nothing but `view`."""
        snapshot = view.snapshot
        if not snapshot.delivery.read:
            return Judgement(())
        found = [one for one in snapshot.segments(ROWS) if one.dimensions == self.segments]
        return Judgement(tuple(self._one(view, segment) for segment in found))

    def _one(self, view: View, segment: Segment) -> CheckResult:
        count = view.snapshot.value(ROWS, segment)
        if not isinstance(count, float):  # it could not be counted, which is never a pass
            said = f"{segment}: its rows could not be counted"
            return CheckResult(self.name, Status.ERROR, Evidence.CONTRACT, said, segment)
        status = Status.FAILED if count < self.rows else Status.PASSED
        said = f"{segment}: at least {self.rows} rows agreed"
        expected = Interval(float(self.rows), None)
        return CheckResult(self.name, status, Evidence.CONTRACT, said, segment, count, expected, "persons")
