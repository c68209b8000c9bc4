"""The ledger of deliveries: each number once, nothing counted twice, in any order of arrival."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import cast

from .delivery import Delivery, DeliveryKind

_KEPT = 120  # deliveries whose content is remembered
_MOST_MISSING = 1000  # numbers; a larger jump is a sender that numbers anew
_REPLACES = frozenset({DeliveryKind.REDELIVERY, DeliveryKind.CORRECTION})


class LedgerOutcome(Enum):
    """How a delivery fits the sender's numbering."""

    NEXT = "next"  # the number that was to come, or a feed without numbers
    GAP = "gap"  # numbers before it never came
    FILLED = "filled"  # a number that was missing, out of order
    REPLACED = "replaced"  # a declared redelivery or correction
    DUPLICATE = "duplicate"  # content that was delivered before, under another number
    REPLAY = "replay"  # the same delivery again
    CONFLICT = "conflict"  # a number that was used before, with other content
    RESTARTED = "restarted"  # numbers far behind or ahead: the sender counts anew


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One delivery in the account: its number and the beginning of its SHA-256, None where unknown."""

    sequence: int | None
    content: str | None
    id: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers that never came, and how many deliveries ago they should have."""

    first: int
    last: int
    age: int = 0

    @property
    def numbers(self) -> range:
        """The missing numbers."""
        return range(self.first, self.last + 1)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Sequence numbers and contents seen so far.

    Attributes:
        highest: the highest number seen, None before the first.
        lines: the last deliveries, oldest first.
        gaps: numbers that are missing, lowest first.
    """

    highest: int | None = None
    lines: tuple[LedgerLine, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @classmethod
    def of(cls, deliveries: Iterable[Delivery]) -> Ledger:
        """Return the account of earlier deliveries, in order of judging."""
        ledger = cls()
        for delivery in deliveries:
            ledger = ledger.enter(delivery)[0]
        return ledger

    @classmethod
    def from_state(cls, state: Mapping[str, object]) -> Ledger:
        """Read back what `to_state` wrote."""
        lines = cast("list[tuple[int | None, str | None, str]]", state["lines"])
        gaps = cast("list[tuple[int, int, int]]", state["gaps"])
        return cls(
            cast("int | None", state["highest"]),
            tuple(LedgerLine(*line) for line in lines),
            tuple(Gap(*gap) for gap in gaps),
        )

    def to_state(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {
            "highest": self.highest,
            "lines": [[line.sequence, line.content, line.id] for line in self.lines],
            "gaps": [[gap.first, gap.last, gap.age] for gap in self.gaps],
        }

    def enter(self, delivery: Delivery) -> tuple[Ledger, LedgerOutcome]:
        """Enter a delivery that is there, readable or not; says what it is to the account."""
        line = LedgerLine(
            number(delivery), delivery.sha256[:16] if delivery.sha256 is not None else None, delivery.id
        )
        found = self._judge(line, delivery)
        if found is LedgerOutcome.REPLAY:
            return self, found
        older = tuple(replace(gap, age=gap.age + 1) for gap in self.gaps)
        after = Ledger(self.highest, (*self.lines, line)[-_KEPT:], older)
        if line.sequence is None:
            return after, found
        if found is LedgerOutcome.RESTARTED:
            return replace(after, highest=line.sequence, gaps=()), found
        if self.highest is not None and line.sequence > self.highest + 1:
            after = replace(after, gaps=(*older, Gap(self.highest + 1, line.sequence - 1)))
        elif self.highest is not None and line.sequence <= self.highest:
            after = replace(after, gaps=tuple(part for gap in older for part in _without(gap, line.sequence)))
        return replace(after, highest=max(self.highest or 0, line.sequence)), found

    def earlier(self, delivery: Delivery) -> str | None:
        """Return the id of the delivery that had this content or number before, None when there is none."""
        content = delivery.sha256[:16] if delivery.sha256 is not None else None
        sequence = number(delivery)
        for line in reversed(self.lines):
            if (content is not None and line.content == content) or (
                sequence is not None and line.sequence == sequence
            ):
                return line.id
        return None

    def _judge(self, line: LedgerLine, delivery: Delivery) -> LedgerOutcome:
        known = [other for other in self.lines if other.sequence == line.sequence and line.sequence is not None]
        same = [other for other in self.lines if other.content == line.content and line.content is not None]
        if any(other.id == line.id and other.sequence == line.sequence for other in same):
            return LedgerOutcome.REPLAY
        if self._is_restart(line):
            return LedgerOutcome.RESTARTED
        if delivery.kind in _REPLACES and self._place_number(line) is not LedgerOutcome.GAP:
            return LedgerOutcome.REPLACED
        if same and not _empty(delivery):
            return LedgerOutcome.DUPLICATE
        return LedgerOutcome.CONFLICT if known else self._place_number(line)

    def _place_number(self, line: LedgerLine) -> LedgerOutcome:
        if line.sequence is None or self.highest is None or line.sequence == self.highest + 1:
            return LedgerOutcome.NEXT
        return LedgerOutcome.GAP if line.sequence > self.highest else LedgerOutcome.FILLED

    def _is_restart(self, line: LedgerLine) -> bool:
        if line.sequence is None or self.highest is None:
            return False
        missing = any(line.sequence in gap.numbers for gap in self.gaps)
        known = any(line.sequence == other.sequence for other in self.lines)
        behind = line.sequence <= self.highest and not missing and not known
        return behind or line.sequence - self.highest > _MOST_MISSING


def number(delivery: Delivery) -> int | None:
    """Return the delivery's number in the sender's sequence: declared, or its identity when that is a number."""
    if delivery.manifest is not None and delivery.manifest.sequence is not None:
        return delivery.manifest.sequence
    return int(delivery.id) if delivery.id.isdecimal() else None


def _empty(delivery: Delivery) -> bool:
    """Return whether a delivery is empty. Two empty deliveries have the same bytes, but are not the same."""
    return delivery.manifest is not None and delivery.manifest.rows == 0


def _without(gap: Gap, found: int) -> tuple[Gap, ...]:
    if found not in gap.numbers:
        return (gap,)
    parts = (Gap(gap.first, found - 1, gap.age), Gap(found + 1, gap.last, gap.age))
    return tuple(part for part in parts if part.first <= part.last)
