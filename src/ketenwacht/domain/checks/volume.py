"""Do as many persons arrive as the feed's own history says? Sustained shortfalls and surpluses, per segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ketenwacht.domain.check_traits import COUNTING, CheckTraits, Release, SettingRange, Weight
from ketenwacht.domain.result import CheckResult, Evidence, Status
from ketenwacht.domain.statement import Amount, Codes
from ketenwacht.domain.stats import own_history

from ._count_memory import COUNTED, CountMemory, CountPlan, Stream, follow
from ._count_results import CountCheck, absurd_results, count_codes, results
from .base import Judgement, View


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
        """Return one result a judged segment; an alarm stands until counts are back to normal."""
        if view.snapshot.delivery.kind not in COUNTED:
            return Judgement((), view.state)
        plan = self.plan
        memory, seen = follow(view, plan)
        if not view.snapshot.delivery.read:
            return Judgement((), memory.to_state())
        if seen is None or memory.absorbed < memory.needed:
            absurd = absurd_results(Stream(view, plan), memory, seen, CountCheck(self.kind, self.name))
            return Judgement(absurd or (self._skip_untrained(memory),), memory.to_state())
        check = CountCheck(self.kind, self.name)
        return Judgement(results(Stream(view, plan), memory, seen, check), memory.to_state())

    @property
    def plan(self) -> CountPlan:
        """How the series are followed."""
        budget = own_history.Budget(self.false_alarms_per_year, self.surplus, self.threshold, self.slack)
        return CountPlan(self.segments, self.at_least, anchored=False, budget=budget)

    def _skip_untrained(self, memory: CountMemory) -> CheckResult:
        return CheckResult(
            self.name,
            Status.SKIPPED,
            Evidence.HISTORY,
            code="volume.untrained",
            params={"deliveries": Amount(memory.absorbed), "needed": Amount(memory.needed)},
        )
