"""Is every delivery accounted for, once? Number gaps, duplicates, replays, and what was left out, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, cast

from ketenwacht.domain.check_traits import CheckTraits, SettingRange, Weight, budget, nonnegative, with_manifest
from ketenwacht.domain.delivery import Delivery, Manifest, Presence
from ketenwacht.domain.ledger import Gap, Ledger, LedgerOutcome, number
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Status
from ketenwacht.domain.statement import Codes, Name, Serial, Statement, Value

from ._count_results import REASON_CODES, Limits, Reasons
from ._flow_accounts import COUNTED
from .base import Judgement, View

_FOUND: Mapping[LedgerOutcome, tuple[Status, str]] = {
    LedgerOutcome.NEXT: (Status.PASSED, "ledger.new"),
    LedgerOutcome.GAP: (Status.PASSED, "ledger.new"),
    LedgerOutcome.FILLED: (Status.WARNED, "ledger.out_of_order"),
    LedgerOutcome.REPLACED: (Status.PASSED, "ledger.replaces"),
    LedgerOutcome.DUPLICATE: (Status.WARNED, "ledger.duplicate"),
    LedgerOutcome.REPLAY: (Status.PASSED, "ledger.replay"),
    LedgerOutcome.CONFLICT: (Status.WARNED, "ledger.conflict"),
    LedgerOutcome.RESTARTED: (Status.WARNED, "ledger.restarted"),
}
_OF_ANOTHER = frozenset({LedgerOutcome.DUPLICATE, LedgerOutcome.CONFLICT})
"""What is said of a delivery by the name of an earlier one."""
_Known = Serial | date | Name


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCheck:
    """The account of deliveries.

    Attributes:
        explained: missing number → why it never comes.
        remind: for how many deliveries after a gap its numbers are still asked for.
        jump: a reason for leaving persons out that takes this many times as many as usual is looked for, by a
            sequential test against the share of the selected that it took in sixty deliveries.
        at_least: … and it is told when it took this many persons since it began to rise.
        learn: deliveries to have seen before a reason is called new, or to take more than usual.
        false_alarms_per_year: budget of that test, for all reasons together.
    """

    kind: ClassVar[str] = "ledger"
    codes: ClassVar[Codes] = {
        "ledger.new": {},
        "ledger.out_of_order": {},
        "ledger.replaces": {},
        "ledger.duplicate": {"earlier": _Known},
        "ledger.replay": {},
        "ledger.conflict": {"earlier": _Known},
        "ledger.restarted": {},
        "ledger.complete": {},
        "ledger.gap": {"numbers": Serial},
        "ledger.gap_given_up": {"numbers": Serial},
        "ledger.excluded_usual": {},
        "ledger.excluded_unusual": {"reasons": Statement},
        **REASON_CODES,
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        evidence=Evidence.CONTROL_TOTAL,
        settings={
            "explained": SettingRange(weight=Weight.LET_OFF),
            "remind": nonnegative(Weight.UP),
            "jump": SettingRange(least=1.0, weight=Weight.DOWN),
            "at_least": nonnegative(Weight.DOWN),
            "learn": nonnegative(Weight.DOWN),
            **budget(),
        },
        default=with_manifest,
    )
    name: str = "ledger"
    explained: Mapping[int, str] = field(default_factory=dict)
    remind: int = 10
    jump: float = 3.0
    at_least: int = 10
    learn: int = 30
    false_alarms_per_year: float = 0.5

    def judge(self, view: View) -> Judgement:
        """Judge the whole feed: `.sequence` (feeds with numbers), `.content`, `.excluded` (where stated)."""
        delivery = view.snapshot.delivery
        if delivery.presence is Presence.ABSENT:
            return Judgement((), view.state)
        before, reasons = self._memory(view)
        after, entered = before.enter(delivery)
        results = [self._content(view, before, entered)]
        if number(delivery) is not None:
            results.append(self._sequence(after, entered))
        if entered is not LedgerOutcome.REPLAY and _tells(delivery):
            odd = self._take(reasons, delivery, view)
            stated = delivery.manifest.excluded if delivery.manifest is not None else {}
            if stated or reasons.rises:
                results.append(self._judge_excluded(stated, odd))
        return Judgement(tuple(results), {"ledger": after.to_state(), "reasons": reasons.to_state()})

    def _memory(self, view: View) -> tuple[Ledger, Reasons]:
        """Return the account and the reasons as remembered, or computed from all deliveries when nothing is."""
        state = view.state
        if state is not None and "reasons" in state:
            account, told = (cast("Mapping[str, object]", state[name]) for name in ("ledger", "reasons"))
            return Ledger.from_state(account), Reasons.from_state(told)
        there = [s.delivery for s in view.past.snapshots if s.delivery.presence is not Presence.ABSENT]
        ledger, reasons = Ledger.of(there), Reasons()
        for delivery in there:
            if _tells(delivery):
                self._take(reasons, delivery, view)
        return ledger, reasons

    def _take(self, reasons: Reasons, delivery: Delivery, view: View) -> list[Statement]:
        day = delivery.period
        exclusions = [window for window in view.past.exclusions if window.first <= day <= window.last]
        return reasons.take(delivery.manifest or Manifest(), self._limits, exclusions)

    def _content(self, view: View, before: Ledger, entered: LedgerOutcome) -> CheckResult:
        status, code = _FOUND[entered]
        params: dict[str, Value] = {}
        if entered in _OF_ANOTHER:
            params["earlier"] = _name_delivery(before.earlier(view.snapshot.delivery) or "")
        return CheckResult(f"{self.name}.content", status, Evidence.CONTROL_TOTAL, code=code, params=params)

    def _sequence(self, after: Ledger, entered: LedgerOutcome) -> CheckResult:
        open_gaps = [gap for gap in after.gaps if not self._explains(gap)]
        new = [gap for gap in open_gaps if gap.age == 0 and entered is not LedgerOutcome.REPLAY]
        old = [gap for gap in open_gaps if gap not in new and gap.age <= self.remind]
        count = sum(len(gap.numbers) for gap in (*new, *old))
        told, code = (*new, *old), "ledger.gap"
        if not told:
            told, code = after.gaps, "ledger.gap_given_up" if after.gaps else "ledger.complete"
        return CheckResult(
            f"{self.name}.sequence",
            _status_of_gaps(new=bool(new), old=bool(old), given_up=bool(open_gaps)),
            Evidence.SCHEDULE,
            code=code,
            params={"numbers": tuple(Serial(gap.first, gap.last) for gap in told)} if told else {},
            observed=float(count),
            expected=Interval(0.0, 0.0),
            unit="deliveries",
        )

    def _explains(self, gap: Gap) -> bool:
        return all(missing in self.explained for missing in gap.numbers)

    def _judge_excluded(self, stated: Mapping[str, int], odd: Sequence[Statement]) -> CheckResult:
        return CheckResult(
            f"{self.name}.excluded",
            Status.WARNED if odd else Status.PASSED,
            Evidence.CONTROL_TOTAL,
            code="ledger.excluded_unusual" if odd else "ledger.excluded_usual",
            params={"reasons": tuple(odd)} if odd else {},
            observed=float(sum(stated.values())),
            unit="persons",
            of_delivery=True,
        )

    @property
    def _limits(self) -> Limits:
        return Limits(self.jump, self.at_least, self.learn, self.false_alarms_per_year)


def _tells(delivery: Delivery) -> bool:
    """Return whether a delivery says whom the sender left out of it.

    A catch-up or correction leaves out nobody anew.
    """
    return delivery.read and delivery.manifest is not None and delivery.kind in COUNTED


def _name_delivery(delivery: str) -> Serial | date | Name:
    """Return an earlier delivery by its id: its number, or the day that it is for."""
    if delivery.isdecimal():
        return Serial(int(delivery), int(delivery))
    try:
        return date.fromisoformat(delivery)
    except ValueError:
        return Name(delivery)


def _status_of_gaps(*, new: bool, old: bool, given_up: bool) -> Status:
    """Return the status of the sequence. A number that is no longer asked for did not come: that ends nothing."""
    if new:
        return Status.FAILED
    if old:
        return Status.WARNED
    return Status.SKIPPED if given_up else Status.PASSED
