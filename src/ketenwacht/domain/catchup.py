"""Plan a catch-up: spread a backlog over weeks, oldest first, within the capacity of the next link."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import ClassVar

from .segment import WHOLE, Segment
from .statement import TextSetting

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Persons still missing with one decision date in one segment; `decided` is None when there is none."""

    segment: Segment
    decided: date | None
    count: int


class Starts(Enum):
    """What starts a clock."""

    DECISION = "decision"
    DELIVERY = "delivery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A term that runs for a person.

    Attributes:
        name: for people, one text or one a language.
        term: how long; its end is exclusive.
        starts: at the decision, or when the person is delivered at last.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    name: TextSetting = field(hash=False)
    term: timedelta
    starts: Starts = Starts.DELIVERY


PLAN_CLOCK = Clock(
    name={"nl": "plan inburgering en participatie", "en": "integration plan"}, term=timedelta(weeks=10)
)
"""The default: the plan must be made within ten weeks of the notification."""


@dataclass(frozen=True, slots=True)
class WeekShare:
    """Persons of one segment delivered in one week, and the oldest decision among them."""

    segment: Segment
    count: int
    oldest: date | None


@dataclass(frozen=True, slots=True)
class Week:
    """One week of the plan: its first day, and who is delivered, sorted by segment."""

    first: date
    shares: tuple[WeekShare, ...]

    @property
    def count(self) -> int:
        """Persons delivered this week."""
        return sum(share.count for share in self.shares)


@dataclass(frozen=True, slots=True)
class Risk:
    """What a clock means for the backlog; persons.

    Attributes:
        clock: which term.
        passed: it had ended before the plan begins.
        will_pass: it ends while they wait for their week.
        last_end: the first day after the last of these terms.
    """

    clock: Clock
    passed: int
    will_pass: int
    last_end: date


@dataclass(frozen=True, slots=True)
class CatchUpPlan:
    """The redelivery schedule.

    Attributes:
        weeks: in order; none when there is no backlog.
        limits: most persons a week, by segment.
        risks: one a clock.
    """

    weeks: tuple[Week, ...]
    limits: Mapping[Segment, int]
    risks: tuple[Risk, ...]

    @property
    def count(self) -> int:
        """Persons in the plan."""
        return sum(week.count for week in self.weeks)

    @property
    def last(self) -> date | None:
        """The last day of the last week, None without weeks."""
        return self.weeks[-1].first + _WEEK - timedelta(days=1) if self.weeks else None

    def rows(self) -> tuple[dict[str, str], ...]:
        """Return the lines of a CSV for those who carry it out: exact, so only for a file that somebody names."""
        return tuple(
            {
                "week": week.first.isoformat(),
                **share.segment.as_dict(),
                "persons": str(share.count),
                "at_most": str(self.limits[share.segment]),
                "oldest_decision": share.oldest.isoformat() if share.oldest is not None else "",
            }
            for week in self.weeks
            for share in week.shares
        )

    def chart(self) -> tuple[tuple[date, int, int], ...]:
        """Return, for each week, its first day, the persons delivered in it, and those still waiting after it."""
        waiting, points = self.count, []
        for week in self.weeks:
            waiting -= week.count
            points.append((week.first, week.count, waiting))
        return tuple(points)


def plan(
    backlog: Iterable[Backlog],
    normal: Mapping[Segment, float],
    *,
    multiple: float,
    start: date,
    clocks: Sequence[Clock] = (PLAN_CLOCK,),
) -> CatchUpPlan:
    """Spread a backlog over weeks.

    Args:
        backlog: persons still missing; those without a decision date go first, as if decided on the oldest.
        normal: persons a week that each segment gets anyway; a segment that is not there gets none.
        multiple: what comes anyway and what is caught up are together at most this many times the normal load,
            but one person a week can always be caught up.
        start: first day of the first week.
        clocks: terms to look at.

    Raises:
        ValueError: `multiple` is below 1, or a count or load is negative.
    """
    if not multiple >= 1.0:
        raise ValueError("multiple must be at least 1")
    waiting: dict[Segment, list[Backlog]] = {}
    for item in sorted(backlog, key=lambda b: (b.segment, b.decided or date.min)):
        if item.count < 0:
            raise ValueError("a backlog cannot be negative")
        if item.count > 0:
            waiting.setdefault(item.segment, []).append(item)
    limits = {segment: _limit(normal.get(segment, 0.0), multiple) for segment in waiting}
    dealt = [
        (week, item) for segment, items in waiting.items() for week, item in _assign_weeks(items, limits[segment])
    ]
    return CatchUpPlan(_weeks(dealt, start), limits, tuple(_risk(clock, dealt, start) for clock in clocks))


def _limit(normal: float, multiple: float) -> int:
    if normal < 0.0:
        raise ValueError("a normal load cannot be negative")
    # Rounded first: 0.1 times 30 is 3, whatever binary fractions say.
    return max(1, math.floor(round((multiple - 1.0) * normal, 6)))


def _assign_weeks(items: Sequence[Backlog], limit: int) -> list[tuple[int, Backlog]]:
    """Return weeks (0 is the first) and the persons delivered in each, oldest first."""
    found, week, room = [], 0, limit
    for item in items:
        left = item.count
        while left > 0:
            now = min(left, room)
            found.append((week, Backlog(item.segment, item.decided, now)))
            left, room = left - now, room - now
            if room == 0:
                week, room = week + 1, limit
    return found


def _weeks(dealt: Sequence[tuple[int, Backlog]], start: date) -> tuple[Week, ...]:
    by_week: dict[int, dict[Segment, WeekShare]] = {}
    for week, item in dealt:
        shares = by_week.setdefault(week, {})
        earlier = shares.get(item.segment)
        # Oldest first: what is already in the share is older.
        shares[item.segment] = (
            WeekShare(item.segment, item.count, item.decided)
            if earlier is None
            else WeekShare(item.segment, earlier.count + item.count, earlier.oldest or item.decided)
        )
    return tuple(
        Week(start + week * _WEEK, tuple(by_week[week][segment] for segment in sorted(by_week[week])))
        for week in sorted(by_week)
    )


def _risk(clock: Clock, dealt: Sequence[tuple[int, Backlog]], start: date) -> Risk:
    passed = will_pass = 0
    last_end = start
    for week, item in dealt:
        delivered = start + week * _WEEK
        begins = delivered if clock.starts is Starts.DELIVERY else item.decided
        if begins is None:
            continue
        ends = begins + clock.term
        last_end = max(last_end, ends)
        if ends <= start:
            passed += item.count
        elif ends <= delivered:
            will_pass += item.count
    return Risk(clock, passed, will_pass, last_end)


# What it means that persons are missing: where they are, and which terms run for them.


SOON = timedelta(days=28)
MOST_WEEKS = 26
"""So many weeks ahead are kept: what was counted months ago still says which week is next."""


@dataclass(frozen=True, slots=True)
class Running:
    """How one term stands for those missing; persons.

    Attributes:
        clock: which term.
        passed: it has ended.
        soon: it ends within four weeks.
        waiting: it begins only when they are delivered, or nobody knows when it began.
        overdue: of those waiting, it would have ended by now had they been delivered in time.
        weeks: Monday of each of the next weeks in which it ends for somebody, or would have ended had they been
            delivered in time, and for how many, the first one first; at most `MOST_WEEKS`. The day itself would
            be one person's own.
    """

    clock: Clock
    passed: int
    soon: int
    waiting: int
    overdue: int = 0
    weeks: tuple[tuple[date, int], ...] = ()


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

    def merge(self, others: Iterable[Impact]) -> Impact:
        """Return this impact with that of other persons added: parts and terms by name."""
        impacts = (self, *others)
        parts: Counter[Segment] = Counter()
        for each in impacts:
            parts.update(dict(each.parts))
        ordered = tuple(sorted(parts.items(), key=lambda part: (-part[1], part[0])))
        terms: dict[tuple[str, timedelta], list[Running]] = {}
        for term in (term for each in impacts for term in each.terms):
            terms.setdefault((str(term.clock.name), term.clock.term), []).append(term)
        return Impact(
            sum(each.count for each in impacts), ordered, tuple(_merge_terms(same) for same in terms.values())
        )

    def most(self, limit: int, *, small: int) -> tuple[tuple[Segment, int], ...]:
        """Return the first parts, at most `limit`, that hold so many persons that their number may be told."""
        return tuple(part for part in self.parts[:limit] if part[1] >= small)


def _merge_terms(same: Sequence[Running]) -> Running:
    weeks: Counter[date] = Counter()
    for term in same:
        weeks.update(dict(term.weeks))
    return Running(
        same[0].clock,
        sum(term.passed for term in same),
        sum(term.soon for term in same),
        sum(term.waiting for term in same),
        sum(term.overdue for term in same),
        _list_weeks(weeks),
    )


def _list_weeks(weeks: Mapping[date, int]) -> tuple[tuple[date, int], ...]:
    return tuple(sorted(weeks.items())[:MOST_WEEKS])


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
    weeks: Counter[date] = Counter()
    for item in items:
        if item.decided is None:
            waiting += item.count
            continue
        on_delivery = clock.starts is Starts.DELIVERY
        ends = item.decided + clock.term + (sla if on_delivery else timedelta(0))  # exclusive: the first day after
        if on_delivery:
            waiting += item.count
            overdue += item.count if ends <= day else 0
        else:
            passed += item.count if ends <= day else 0
            soon += item.count if day < ends <= day + SOON else 0
        last = ends - timedelta(days=1)
        if last >= day:
            weeks[last - timedelta(days=last.weekday())] += item.count
    return Running(clock, passed, soon, waiting, overdue, _list_weeks(weeks))
