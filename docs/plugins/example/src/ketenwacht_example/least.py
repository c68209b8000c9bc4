"""A kind of check: every segment has at least so many rows in one delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ketenwacht.plugin_api import (
    ROWS,
    Amount,
    CheckResult,
    CheckTraits,
    Codes,
    CodeTexts,
    Evidence,
    Interval,
    Judgement,
    Persons,
    Segment,
    SettingRange,
    Status,
    View,
    Weight,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastCheck:
    """The rows of each segment against a floor.

    Attributes:
        rows: the least number of rows.
        segments: the dimensions to judge by; () is the whole feed.
    """

    kind: ClassVar[str] = "least"  # the name of the entry point
    codes: ClassVar[Codes] = {  # what its results say, with the types of their parameters
        "least.enough": {"rows": Persons, "agreed": Amount},
        "least.few": {"rows": Persons, "agreed": Amount},
        "least.not_counted": {},
    }
    texts: ClassVar[CodeTexts] = {  # the same in words, in both languages
        "least.enough": {
            "nl": "{rows} regels; afgesproken is ten minste {agreed}.",
            "en": "{rows} rows; the agreement is at least {agreed}.",
        },
        "least.few": {
            "nl": "Maar {rows} regels; afgesproken is ten minste {agreed}.",
            "en": "Only {rows} rows; the agreement is at least {agreed}.",
        },
        "least.not_counted": {
            "nl": "De regels konden niet worden geteld.",
            "en": "The rows could not be counted.",
        },
    }
    traits: ClassVar[CheckTraits] = CheckTraits(  # a floor below 0 means nothing, and a higher one is stricter
        settings={"rows": SettingRange(least=0, weight=Weight.UP)}, dimension="completeness"
    )
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
            return CheckResult(
                self.name, Status.ERROR, Evidence.CONTRACT, code="least.not_counted", segment=segment
            )
        few = count < self.rows
        return CheckResult(
            self.name,
            Status.FAILED if few else Status.PASSED,
            Evidence.CONTRACT,
            code="least.few" if few else "least.enough",
            # Rows stand for persons: a `Persons` is hidden or rounded where it must be.
            params={"rows": Persons(count, of_delivery=True), "agreed": Amount(self.rows)},
            segment=segment,
            observed=count,
            expected=Interval(float(self.rows), None),
            unit="persons",
            of_delivery=True,
        )
