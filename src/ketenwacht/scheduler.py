"""Decide which deliveries to judge at a moment: those that arrived, and those that were due and did not.

Absence takes the same path as data: a delivery that is past its grace becomes a `Delivery` with presence ABSENT.
What counts is which deliveries were judged, never what a timer did: a second call returns no work twice.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from ketenwacht.config.calendar import dues
from ketenwacht.domain.delivery import UNREADABLE, Delivery, Presence, has_impossible_period
from ketenwacht.domain.feed import Feed, Schedule
from ketenwacht.domain.statement import Statement

DAY = timedelta(days=1)
AHEAD = timedelta(days=366)
"""How far ahead of now slots are looked up, since a delivery may come before it is due."""
ARCHIVE = 20
"""A feed that had missed more deliveries in a row than this when first looked at is an archive, not a fault."""

Judged = Collection[tuple[str, str | None]]
"""(delivery id, mark of its content) pairs that were judged before; see `Delivery.mark`."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A moment at which a delivery was due, and the day it was due for."""

    due_at: datetime
    day: date

    @property
    def absent_id(self) -> str:
        """The identity of the delivery that did not come."""
        return f"due:{self.day.isoformat()}"


def slots(schedule: Schedule, timezone: str, *, first: date, until: datetime) -> tuple[Slot, ...]:
    """Return every slot from the local day `first` up to the moment `until`, in order."""
    local = ZoneInfo(timezone)
    start = datetime(first.year, first.month, first.day, tzinfo=local) - timedelta(microseconds=1)
    return tuple(
        Slot(due, due.astimezone(local).date()) for due in dues(schedule, timezone, after=start, until=until)
    )


def with_due(deliveries: Sequence[Delivery], due: Sequence[Slot], schedule: Schedule) -> tuple[Delivery, ...]:
    """Give each delivery the moment at which it was due; None on a day on which nothing was due.

    A daily feed matches by the day itself, so that a delivery on a day off cannot fill the slot of the next
    working day. A weekly or monthly feed matches the first moment after its period.
    """
    days = [slot.day for slot in due]
    daily = any(b - a <= DAY for a, b in pairwise(days))
    out = []
    for delivery in deliveries:
        day = delivery.period + schedule.lag
        i = bisect_left(days, day)
        found = i < len(days) and (days[i] == day or not daily) and not has_impossible_period(delivery)
        out.append(replace(delivery, due_at=due[i].due_at if found else None))
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Watch:
    """The schedule by which a feed's deliveries are expected.

    Attributes:
        feed: whose schedule counts; without one absence is never noticed.
        timezone: IANA name in which the schedule is meant.
        since: the day from which deliveries are expected; None: from the first one found, and a silence at the
            end of more than `ARCHIVE` deliveries is not held against the feed.
        replayed: True for a replay: an absence counts if nothing had come by the end of its grace, even if
            something came later. False: an absence is forgotten once its delivery has come.
    """

    feed: Feed
    timezone: str
    since: date | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """One delivery to judge, and the moment (UTC) from which it could be judged."""

    moment: datetime
    delivery: Delivery


def worklist(watch: Watch, deliveries: Sequence[Delivery], judged: Judged, *, at: datetime) -> tuple[Work, ...]:
    """Return what is to be judged at `at`: new deliveries and absences, in the order in which they became known.

    Args:
        watch: what is watched.
        deliveries: all that were found, judged before or not, whenever they arrived.
        judged: what was judged before.
        at: now, UTC.
    """
    schedule = watch.feed.schedule
    here = tuple(d for d in deliveries if d.arrived_at is None or d.arrived_at <= at)
    absent: list[Work] = []
    if schedule is not None and here:
        first = min(d.period for d in here) + schedule.lag
        due = slots(schedule, watch.timezone, first=max(first, watch.since or first), until=at + AHEAD)
        here = tuple(d for d in with_due(here, due, schedule) if _is_complete(d, at))
        due = tuple(slot for slot in due if slot.due_at <= at)
        absent = list(_find_absences(watch, schedule, due, here, at)) if here else []
    marks: dict[str, set[str | None]] = {}
    for delivery_id, mark in judged:
        marks.setdefault(delivery_id, set()).add(mark)
    work = [Work(d.arrived_at or d.due_at or _earliest_moment(watch, d, at), d) for d in here]
    new = [w for w in (*work, *absent) if _is_new(w.delivery, marks.get(w.delivery.id, set()))]
    return tuple(sorted(new, key=lambda w: (w.moment, w.delivery.period, w.delivery.id)))


def overdue(
    watch: Watch, deliveries: Sequence[Delivery], dues: Sequence[datetime], *, at: datetime
) -> tuple[Work, ...]:
    """Return the absences among recorded due moments, in order; also when nothing ever came.

    Args:
        watch: what is watched; a feed without a schedule has none.
        deliveries: all that came, whenever they did.
        dues: the moments (UTC).
        at: now, UTC.
    """
    schedule = watch.feed.schedule
    if schedule is None or not dues:
        return ()
    local = ZoneInfo(watch.timezone)
    here = tuple(d for d in deliveries if d.arrived_at is None or d.arrived_at <= at)
    first = min((*(d.period + schedule.lag for d in here), min(dues).astimezone(local).date()))
    every = slots(schedule, watch.timezone, first=first, until=at + AHEAD)
    filled = {d.due_at for d in with_due(here, every, schedule)}
    late = (Slot(due, due.astimezone(local).date()) for due in sorted(dues) if due + schedule.grace <= at)
    return tuple(
        Work(slot.due_at + schedule.grace, _make_absent(watch.feed.name, slot, schedule))
        for slot in late
        if slot.due_at not in filled
    )


def _is_complete(delivery: Delivery, at: datetime) -> bool:
    """Return whether all rows can be there: without an arrival time, rows may be added until they are due."""
    return delivery.arrived_at is not None or delivery.due_at is None or delivery.due_at <= at


def _earliest_moment(watch: Watch, delivery: Delivery, at: datetime) -> datetime:
    """Return when a delivery without an arrival time could be judged: now, in a replay at the end of its day."""
    if not watch.replayed:
        return at
    day = delivery.period + DAY
    return min(at, datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(watch.timezone)).astimezone(UTC))


def _is_new(delivery: Delivery, marks: Collection[str | None]) -> bool:
    """Return whether a delivery was not judged yet, or its content changed.

    As far as manifest or time can show.
    """
    if not marks or None in marks or delivery.unread_mark in marks:
        return not marks  # None: it was absent, or nobody knows when what could not be read had come
    declared = delivery.sha256 or (delivery.manifest.sha256 if delivery.manifest is not None else None)
    if declared is not None:
        return declared not in marks
    return all(mark is not None and mark.startswith(UNREADABLE) for mark in marks)


def _find_absences(
    watch: Watch, schedule: Schedule, due: Sequence[Slot], here: Sequence[Delivery], at: datetime
) -> Iterator[Work]:
    """Yield the slots past their grace that no delivery fills."""
    last = max(d.period for d in here) + schedule.lag
    archived = watch.since is None and sum(slot.day > last for slot in due) > ARCHIVE
    came: dict[datetime, datetime] = {}
    for delivery in here:
        if delivery.due_at is not None:
            arrived = delivery.arrived_at or delivery.due_at
            came[delivery.due_at] = min(arrived, came.get(delivery.due_at, arrived))
    for slot in due:
        deadline = slot.due_at + schedule.grace
        filled = slot.due_at in came and (came[slot.due_at] <= deadline or not watch.replayed)
        if deadline <= at and not filled and not (archived and slot.day > last):
            yield Work(deadline, _make_absent(watch.feed.name, slot, schedule))


def _make_absent(feed: str, slot: Slot, schedule: Schedule) -> Delivery:
    """Return the delivery that stands for one that did not come."""
    return Delivery(
        feed=feed,
        id=slot.absent_id,
        period=slot.day - schedule.lag,
        presence=Presence.ABSENT,
        due_at=slot.due_at,
        problem=Statement("delivery.overdue", {"due": slot.due_at}),
    )
