"""What it means that persons are missing: where they are, and which terms run for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from .catchup import PLAN_CLOCK, Backlog, Clock, Starts
from .segment import WHOLE, Segment

SOON = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Running:
    """How one term stands for those missing; persons.

    Attributes:
        clock: which term.
        passed: it has ended.
        soon: it ends within four weeks.
        waiting: it begins only when they are delivered, or nobody knows when it began.
        overdue: of those waiting, it would have ended by now had they been delivered in time.
    """

    clock: Clock
    passed: int
    soon: int
    waiting: int
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Impact:
    """Those missing: how many in each part of the backlog, most first, and their terms.

    Without dimensions to divide them by there are no parts.
    """

    count: int
    parts: tuple[tuple[Segment, int], ...]
    terms: tuple[Running, ...]

    @property
    def by(self) -> tuple[str, ...]:
        """The dimensions of the parts; () when there are none."""
        return self.parts[0][0].dimensions if self.parts else ()

    def most(self, limit: int, *, small: int) -> tuple[tuple[Segment, int], ...]:
        """The first parts, at most `limit`, that hold so many persons that their number may be told."""
        return tuple(part for part in self.parts[:limit] if part[1] >= small)


def impact(
    backlog: Iterable[Backlog],
    day: date,
    clocks: Sequence[Clock] = (PLAN_CLOCK,),
    *,
    sla: timedelta = timedelta(0),
) -> Impact:
    """Count what a backlog means on a day.

    Args:
        backlog: persons missing, by part and decision date.
        day: of the register.
        clocks: terms to look at.
        sla: how long after the decision they should have been delivered at the latest.
    """
    items = [item for item in backlog if item.count > 0]
    parts: Counter[Segment] = Counter()
    for item in items:
        parts[item.segment] += item.count
    ordered = sorted(parts.items(), key=lambda part: (-part[1], part[0]))
    named = tuple(part for part in ordered if part[0] != WHOLE)
    return Impact(parts.total(), named, tuple(_running(clock, items, day, sla) for clock in clocks))


def _running(clock: Clock, items: Sequence[Backlog], day: date, sla: timedelta) -> Running:
    passed = soon = waiting = overdue = 0
    for item in items:
        if item.decided is None:
            waiting += item.count
            continue
        if clock.starts is Starts.DELIVERY:
            waiting += item.count
            overdue += item.count if item.decided + sla + clock.term <= day else 0
            continue
        ends = item.decided + clock.term  # exclusive: the first day after it
        passed += item.count if ends <= day else 0
        soon += item.count if day < ends <= day + SOON else 0
    return Running(clock, passed, soon, waiting, overdue)
