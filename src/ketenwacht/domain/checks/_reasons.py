"""Why the sender left persons out: reasons that are new, and those that take more persons than they used to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from ketenwacht.domain.delivery import Manifest
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.statement import Amount, Codes, Name, Persons, Statement
from ketenwacht.domain.stats.rises import Rise

from ._memory import stops_judging

BUSINESS_DAYS = 261  # a year

REASON_CODES: Codes = {
    "ledger.new_reason": {"reason": Name, "persons": Persons},
    "ledger.reason_rises": {"reason": Name, "persons": Persons, "deliveries": Amount, "usual": Persons},
}
"""What is odd about one reason."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What makes a reason odd; as the settings of the `ledger` check say."""

    jump: float
    at_least: int
    learn: int
    false_alarms_per_year: float


@dataclass(slots=True)
class Reasons:
    """Every reason that was ever stated, and how many persons it takes.

    Attributes:
        rises: by reason.
        told: deliveries with a manifest so far.
    """

    rises: dict[str, Rise] = field(default_factory=dict)
    told: int = 0

    def take(
        self, manifest: Manifest, limits: Limits, exclusions: Sequence[ExclusionWindow] = ()
    ) -> list[Statement]:
        """Take the reasons of one more delivery; what is odd about them.

        Args:
            manifest: of the delivery.
            limits: what is odd.
            exclusions: declared windows that it lies in. A change of policy starts learning anew; a window that
                stops judging also stops learning.
        """
        if any(mask.kind == "policy" for mask in exclusions):
            self.rises = {reason: Rise() for reason in {*self.rises, *manifest.excluded}}
        elif not any(stops_judging(mask) for mask in exclusions):
            return self._judged(manifest, limits)
        return []

    def _judged(self, manifest: Manifest, limits: Limits) -> list[Statement]:
        stated = manifest.excluded
        new = sorted(reason for reason, persons in stated.items() if reason not in self.rises and persons > 0)
        height = float(np.log(BUSINESS_DAYS * max(len(self.rises), 1) / limits.false_alarms_per_year))
        jumped = []
        for reason, rise in sorted(self.rises.items()):
            persons = float(stated.get(reason, 0))
            alarm = rise.update(persons, _size(manifest), times=limits.jump, height=height, learn=limits.learn)
            if alarm and persons > 0 and rise.since >= limits.at_least:
                jumped.append(_risen(reason, rise))
        self.rises |= {reason: Rise() for reason in new}
        self.told += 1
        if self.told <= limits.learn:
            new = []
        return [_new(reason, stated[reason]) for reason in new] + jumped

    def to_state(self) -> dict[str, object]:
        """As plain JSON."""
        return {"told": self.told, "rises": {reason: rise.to_dict() for reason, rise in self.rises.items()}}

    @classmethod
    def from_state(cls, state: Mapping[str, object]) -> Reasons:
        """Read what `to_state` gave."""
        rises = cast("dict[str, dict[str, object]]", state["rises"])
        return cls({reason: Rise.from_dict(body) for reason, body in rises.items()}, cast("int", state["told"]))


def _size(manifest: Manifest) -> float:
    """Out of how many persons the reasons take theirs; 1 where the sender does not say."""
    left_out = sum(manifest.excluded.values())
    selected = manifest.selected
    if selected is None:
        selected = manifest.rows + left_out if manifest.rows is not None else 1
    return float(max(selected, 1))


def _new(reason: str, persons: int) -> Statement:
    return Statement("ledger.new_reason", {"reason": Name(reason), "persons": Persons(persons, of_delivery=True)})


def _risen(reason: str, rise: Rise) -> Statement:
    """A reason that takes more than it did: in how many deliveries, and what they usually hold."""
    return Statement(
        "ledger.reason_rises",
        {
            "reason": Name(reason),
            "persons": Persons(rise.since, of_delivery=rise.length == 1),
            "deliveries": Amount(rise.length),
            "usual": Persons(rise.meant),
        },
    )
