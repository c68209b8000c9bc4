"""A kind of check: every segment has at least a number of rows in one delivery."""

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
    """The rows of each segment against a minimum.

    Attributes:
        rows: the least number of rows.
        segments: the dimensions to judge by; () is the whole feed.
    """

    kind: ClassVar[str] = "least"  # the name of the entry point
    codes: ClassVar[Codes] = {  # the codes of its results, with the types of their parameters
        "least.enough": {"rows": Persons, "agreed": Amount},
        "least.few": {"rows": Persons, "agreed": Amount},
        "least.not_counted": {},
    }
    texts: ClassVar[CodeTexts] = {  # the text of each code, in both languages
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
    traits: ClassVar[CheckTraits] = CheckTraits(  # a minimum below 0 has no meaning, and a higher one is stricter
        settings={"rows": SettingRange(least=0, weight=Weight.UP)}, dimension="completeness"
    )
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}  # refuse a misspelt setting
    name: str = "least"
    rows: int
    segments: tuple[str, ...] = ()

    def judge(self, view: View) -> Judgement:
        """Return one result for each segment; it depends on `view` only."""
        snapshot = view.snapshot
        if not snapshot.delivery.read:
            return Judgement(())
        found = [one for one in snapshot.segments(ROWS) if one.dimensions == self.segments]
        return Judgement(tuple(self._one(view, segment) for segment in found))

    def _one(self, view: View, segment: Segment) -> CheckResult:
        count = view.snapshot.value(ROWS, segment)
        if not isinstance(count, float):  # it could not be counted, which never passes
            return CheckResult(
                self.name, Status.ERROR, Evidence.CONTRACT, code="least.not_counted", segment=segment
            )
        few = count < self.rows
        return CheckResult(
            self.name,
            Status.FAILED if few else Status.PASSED,
            Evidence.CONTRACT,
            code="least.few" if few else "least.enough",
            # A row stands for a person. A small count of `Persons` is hidden or rounded.
            params={"rows": Persons(count, of_delivery=True), "agreed": Amount(self.rows)},
            segment=segment,
            observed=count,
            expected=Interval(float(self.rows), None),
            unit="persons",
            of_delivery=True,
        )
