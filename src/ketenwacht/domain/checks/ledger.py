"""Is every delivery accounted for, once? Number gaps, duplicates, replays, and what was left out, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, cast

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.ledger import Entered, Gap, Ledger, number
from ketenwacht.domain.privacy import shown_count
from ketenwacht.domain.result import CheckResult, Evidence, Interval
from ketenwacht.domain.status import Status

from .base import Judgement, View

_SENTENCES: Mapping[Entered, tuple[Status, str]] = {
    Entered.NEXT: (Status.PASSED, "not delivered before"),
    Entered.GAP: (Status.PASSED, "not delivered before"),
    Entered.FILLED: (Status.WARNED, "came out of order, after deliveries with a higher number"),
    Entered.REPLACED: (Status.PASSED, "declared as a redelivery or correction, it replaces what was there"),
    Entered.DUPLICATE: (
        Status.WARNED,
        "holds the same bytes as delivery {earlier}: its records must not count twice",
    ),
    Entered.REPLAY: (Status.PASSED, "the same delivery was entered before; nothing is counted twice"),
    Entered.CONFLICT: (
        Status.WARNED,
        "has the number of delivery {earlier}, with other content, and says not why",
    ),
    Entered.RESTARTED: (Status.WARNED, "has a number far from those before it: the sender counts anew"),
}
_RECENT = 60  # deliveries whose exclusions are remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCheck:
    """The account of deliveries.

    Attributes:
        explained: missing number → why it never comes.
        remind: for how many deliveries after a gap its numbers are still asked for.
        jump: an exclusion by the sender is odd when it exceeds this multiple of the largest of the last sixty.
        at_least: … and this many persons.
        learn: deliveries to have seen before a reason is called new.
    """

    kind: ClassVar[str] = "ledger"
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    name: str = "ledger"
    explained: Mapping[int, str] = field(default_factory=dict)
    remind: int = 10
    jump: float = 3.0
    at_least: int = 10
    learn: int = 30

    def judge(self, view: View) -> Judgement:
        """Results for the whole feed: `.sequence` (feeds with numbers), `.content`, `.excluded` (where stated)."""
        delivery = view.snapshot.delivery
        if delivery.presence is Presence.ABSENT:
            return Judgement((), view.state)
        before, excluded = self._memory(view)
        after, entered = before.enter(delivery)
        results = [self._content(view, before, entered)]
        if number(delivery) is not None:
            results.append(self._sequence(after, entered))
        if delivery.manifest is not None and delivery.read:
            stated = dict(delivery.manifest.excluded)
            if stated or excluded:
                results.append(self._excluded(stated, excluded))
            excluded = [*excluded, stated][-_RECENT:]
        return Judgement(tuple(results), {"ledger": after.to_state(), "excluded": excluded})

    @staticmethod
    def _memory(view: View) -> tuple[Ledger, list[dict[str, int]]]:
        if view.state is not None:
            ledger = Ledger.from_state(cast("Mapping[str, object]", view.state["ledger"]))
            return ledger, cast("list[dict[str, int]]", view.state["excluded"])
        there = [s.delivery for s in view.past.snapshots if s.delivery.presence is not Presence.ABSENT]
        told = [dict(d.manifest.excluded) for d in there if d.read and d.manifest is not None]
        return Ledger.of(there), told[-_RECENT:]

    def _content(self, view: View, before: Ledger, entered: Entered) -> CheckResult:
        delivery = view.snapshot.delivery
        status, sentence = _SENTENCES[entered]
        said = f"delivery {delivery.id}: {sentence.format(earlier=before.earlier(delivery))}"
        return CheckResult(f"{self.name}.content", status, Evidence.CONTROL_TOTAL, said)

    def _sequence(self, after: Ledger, entered: Entered) -> CheckResult:
        open_gaps = [gap for gap in after.gaps if not self._explains(gap)]
        new = [gap for gap in open_gaps if gap.age == 0 and entered is not Entered.REPLAY]
        old = [gap for gap in open_gaps if gap not in new and gap.age <= self.remind]
        count = sum(len(gap.numbers) for gap in (*new, *old))
        status = Status.FAILED if new else Status.WARNED if old else Status.PASSED
        message = "every number up to this one has come"
        if new or old:
            named = ", ".join(map(str, (*new, *old)))
            message = f"never came: delivery {named}; ask the sender for it, or explain it"
        elif after.gaps:
            message = f"not asked for any more: delivery {', '.join(map(str, after.gaps))}"
        return CheckResult(
            f"{self.name}.sequence",
            status,
            Evidence.SCHEDULE,
            message,
            observed=float(count),
            expected=Interval(0.0, 0.0),
            unit="deliveries",
        )

    def _explains(self, gap: Gap) -> bool:
        return all(missing in self.explained for missing in gap.numbers)

    def _excluded(self, stated: Mapping[str, int], earlier: list[dict[str, int]]) -> CheckResult:
        known = {reason for told in earlier for reason in told}
        new = sorted(r for r, n in stated.items() if len(earlier) >= self.learn and r not in known and n > 0)
        jumped = sorted(r for r, n in stated.items() if r in known and n > self._limit(r, earlier))
        said = [f"a new reason: {r} ({shown_count(stated[r])} persons)" for r in new]
        said += [
            f"{r}: {shown_count(stated[r])} persons, before at most {shown_count(_largest(r, earlier))}"
            for r in jumped
        ]
        status = Status.WARNED if said else Status.PASSED
        message = (
            f"the sender left persons out for {'; '.join(said)}" if said else "what the sender left out is usual"
        )
        return CheckResult(
            f"{self.name}.excluded",
            status,
            Evidence.CONTROL_TOTAL,
            message,
            observed=float(sum(stated.values())),
            unit="persons",
        )

    def _limit(self, reason: str, earlier: list[dict[str, int]]) -> float:
        return max(self.jump * _largest(reason, earlier), float(self.at_least))


def _largest(reason: str, earlier: list[dict[str, int]]) -> int:
    return max((told.get(reason, 0) for told in earlier), default=0)
