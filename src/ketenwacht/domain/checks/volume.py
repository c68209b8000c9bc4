"""Do as many persons arrive as the feed's own history says? Sustained shortfalls and surpluses, per segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ketenwacht.domain.result import CheckResult, Evidence, Status
from ketenwacht.domain.statement import Amount, Codes
from ketenwacht.domain.stats import following, monitor, shiryaev
from ketenwacht.domain.traits import COUNTING, CheckTraits, Release, SettingRange, Weight

from ._memory import COUNTED, CountMemory, CountPlan, Stream, deliveries_a_year, follow
from ._verdicts import CountCheck, absurd_results, count_codes, results
from .base import Judgement, View

UNCALIBRATED_MARGIN = 1.5
"""Nats above the nominal threshold until one is calibrated: what ordinary drift asks for (docs/detection.md)."""
UNCALIBRATED_SLACK = 0.09
"""Drift of the level that counts as normal until a baseline says how restless the feed is (fraction)."""
_SELDOM = 80.0  # deliveries a year below which one delivery may weigh as a week


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeCheck:
    """Counts against the feed's own seasonal history, by sequential detection.

    Attributes:
        segments: the dimensions to judge by; () is the whole feed.
        false_alarms_per_year: this check's budget, shared over segments and both directions.
        threshold: nats, pinned or of an approved baseline; None: the nominal one of the budget.
        at_least: mean persons a delivery below which segments are merged upward.
        slack: relative drift of the level that counts as normal (fraction 0–1), pinned or of an approved baseline;
            None: what the feed's own forecast errors say, anew every four weeks.
        surplus: whether too many is looked for as well.
    """

    kind: ClassVar[str] = "volume"
    codes: ClassVar[Codes] = {
        **count_codes("volume"),
        "volume.untrained": {"deliveries": Amount, "needed": Amount},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        evidence=Evidence.HISTORY,
        release=Release.LEVEL,
        settings={**COUNTING, "surplus": SettingRange(weight=Weight.UP)},
        calibrated=True,
        bands=True,
        default=lambda _: {},
    )
    name: str = "volume"
    segments: tuple[str, ...] = ()
    false_alarms_per_year: float = 1.0
    threshold: float | None = None
    at_least: float = 1.0
    slack: float | None = None
    surplus: bool = True

    def judge(self, view: View) -> Judgement:
        """One result a judged segment; an alarm stands until counts are back to normal."""
        if view.snapshot.delivery.kind not in COUNTED:
            return Judgement((), view.state)
        plan = self.plan(view)
        memory, seen = follow(view, plan)
        if not view.snapshot.delivery.read:
            return Judgement((), memory.to_state())
        if seen is None or memory.absorbed < memory.needed:
            absurd = absurd_results(Stream(view, plan), memory, seen, CountCheck(self.kind, self.name))
            return Judgement(absurd or (self._untrained(memory),), memory.to_state())
        check = CountCheck(self.kind, self.name)
        return Judgement(results(Stream(view, plan), memory, seen, check), memory.to_state())

    def plan(self, view: View) -> CountPlan:
        """How the series are followed, for the rhythm of this feed."""
        per_year = deliveries_a_year(view.past.periods)
        height = self.threshold if self.threshold is not None else self.nominal(per_year) + UNCALIBRATED_MARGIN
        cap = shiryaev.WEEKLY_CAP if per_year < _SELDOM else shiryaev.LOSS.cap
        heights = (height, height if self.surplus else np.inf)
        settings = monitor.MonitorSettings(heights, self.tolerated, cap)
        budget = following.Budget(self.false_alarms_per_year, self.surplus, self.threshold, self.slack)
        return CountPlan(self.segments, self.at_least, anchored=False, settings=settings, budget=budget)

    @property
    def tolerated(self) -> float:
        """Drift that counts as normal now (fraction)."""
        return self.slack if self.slack is not None else UNCALIBRATED_SLACK

    def nominal(self, per_year: float) -> float:
        """Threshold (nats) that keeps to the budget while the level does not drift."""
        whole = shiryaev.threshold_of(per_year, self.false_alarms_per_year)
        return whole + float(np.log(2.0)) if self.surplus else whole

    def _untrained(self, memory: CountMemory) -> CheckResult:
        return CheckResult(
            self.name,
            Status.SKIPPED,
            Evidence.HISTORY,
            code="volume.untrained",
            params={"deliveries": Amount(memory.absorbed), "needed": Amount(memory.needed)},
        )
