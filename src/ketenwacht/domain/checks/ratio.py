"""Does each segment keep its share of the feed? A loss in one segment, when all of them drift together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ketenwacht.domain.check_traits import COUNTING, CheckTraits, Release
from ketenwacht.domain.result import CheckResult, Evidence, Status
from ketenwacht.domain.statement import Amount, Codes, Value
from ketenwacht.domain.stats import own_history

from ._count_memory import COUNTED, CountMemory, CountPlan, Stream, follow
from ._count_results import CountCheck, count_codes, results
from .base import Judgement, View

_UNSEEN = 0.0  # a season that all segments share cancels out


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioCheck:
    """A segment's count against the rest of the same delivery: the rest is the anchor of its baseline.

    What moves the whole feed (a policy, a season, an outage) cancels out; what moves one segment does not. A loss
    in every segment alike is invisible here.

    Attributes:
        segments: the dimensions whose segments are compared; at least one.
        false_alarms_per_year: this check's budget, shared over segments.
        threshold: nats, pinned or of an approved baseline; None: the nominal one of the budget.
        at_least: mean persons a delivery below which segments are merged upward.
        slack: relative drift of the share that counts as normal (fraction 0–1), pinned or of an approved baseline;
            None: what the feed's own forecast errors say.
    """

    kind: ClassVar[str] = "ratio"
    codes: ClassVar[Codes] = {
        **count_codes("ratio"),
        "ratio.untrained": {"deliveries": Amount, "needed": Amount},
        "ratio.alone": {},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        evidence=Evidence.HISTORY, release=Release.LEVEL, settings=COUNTING, calibrated=True
    )
    name: str = "ratio"
    segments: tuple[str, ...] = ()
    false_alarms_per_year: float = 1.0
    threshold: float | None = None
    at_least: float = 3.0
    slack: float | None = None

    def judge(self, view: View) -> Judgement:
        """Return one result a segment once there is training; an alarm stands until the share is back."""
        if view.snapshot.delivery.kind not in COUNTED:
            return Judgement((), view.state)
        plan = self.plan
        memory, seen = follow(view, plan)
        state = memory.to_state()
        if not view.snapshot.delivery.read:
            return Judgement((), state)
        trained = seen is not None and memory.absorbed >= memory.needed
        if seen is None or not trained or len(memory.groups) < 2:  # noqa: PLR2004 - a share needs another segment
            return Judgement((self._incomparable(memory, trained=trained),), state)
        return Judgement(results(Stream(view, plan), memory, seen, CountCheck(self.kind, self.name)), state)

    def _incomparable(self, memory: CountMemory, *, trained: bool) -> CheckResult:
        progress: Mapping[str, Value] = {
            "deliveries": Amount(memory.absorbed),
            "needed": Amount(memory.needed),
        }
        return CheckResult(
            self.name,
            Status.SKIPPED,
            Evidence.HISTORY,
            code="ratio.alone" if trained else "ratio.untrained",
            params={} if trained else progress,
        )

    @property
    def plan(self) -> CountPlan:
        """How the series are followed: only shortfalls are looked for, as each is a surplus elsewhere."""
        budget = own_history.Budget(
            self.false_alarms_per_year, surplus=False, threshold=self.threshold, slack=self.slack, unseen=_UNSEEN
        )
        return CountPlan(self.segments, self.at_least, anchored=True, budget=budget)
