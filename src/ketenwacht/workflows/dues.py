"""The table of expected deliveries: what was due is written down once, and each gets one verdict, downtime or not.

A week of downtime is caught up in order: what was due meanwhile is between the watermark and now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from ketenwacht.config.calendar import dues
from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.segment import WHOLE
from ketenwacht.scheduler import AHEAD, Judged, Watch, Work, overdue, slots, with_due, worklist
from ketenwacht.workflows.session import FeedSession


class DeliveryOutcome(StrEnum):
    """What became of an expected delivery."""

    RECEIVED = "received"
    LATE = "late"
    MISSED = "missed"
    EXCUSED = "excused"


def due_work(session: FeedSession, found: Sequence[Delivery], *, at: datetime) -> tuple[Work, ...]:
    """Write down what was due up to now, and say what is to be judged: new deliveries, and new absences.

    A delivery that was judged and whose file has gone since did come. An absence on a day of a declared pause is
    excused. What was due before the feed was first looked at is held against it only as far as `worklist` does.

    Args:
        session: the feed.
        found: the deliveries that are there.
        at: now, UTC.

    Raises:
        StoreError: the history cannot be read or written.
    """
    feed, history = session.context.feed, session.history
    watch = session.project.watch(feed)
    _materialise(session, at)
    here = _with_gone(session, found)
    judged = history.judged(feed.name)
    work = list(worklist(watch, here, judged, at=at))
    known = {name for name, _ in judged} | {one.delivery.id for one in work}
    work += [
        w for w in overdue(watch, here, history.open_expected(feed.name), at=at) if w.delivery.id not in known
    ]
    pauses = _pauses(session)
    kept = (
        w
        for w in work
        if w.delivery.presence is not Presence.ABSENT or not _paused(session, pauses, w.delivery.due_at)
    )
    return tuple(sorted(kept, key=lambda w: (w.moment, w.delivery.period, w.delivery.id)))


def settle(session: FeedSession, found: Sequence[Delivery], *, at: datetime) -> None:
    """Say of every expected delivery that has no verdict yet what became of it, as far as that is known.

    One that was missed and came after all is late from then on.

    Args:
        session: the feed.
        found: the deliveries that are there.
        at: now, UTC.

    Raises:
        StoreError: the history cannot be read or written.
    """
    feed, history = session.context.feed, session.history
    if feed.schedule is None:
        return
    wanted = {
        one.due: one.verdict
        for one in history.expected(feed.name)
        if one.verdict in {None, DeliveryOutcome.MISSED}
    }
    if not wanted:
        return
    judged = history.judged(feed.name)
    came = _came(session.project.watch(feed), _with_gone(session, found), judged, at)
    pauses = _pauses(session)
    for due, before in sorted(wanted.items()):
        delivery = came.get(due)
        if delivery is not None:
            late = delivery.arrived_at is not None and delivery.arrived_at > due + feed.schedule.grace
            outcome = (
                DeliveryOutcome.LATE if late or before == DeliveryOutcome.MISSED else DeliveryOutcome.RECEIVED
            )
            history.fulfil(feed.name, due, delivery.id, outcome, at, instead_of=before)
        elif before is None and due + feed.schedule.grace <= at:
            outcome = DeliveryOutcome.EXCUSED if _paused(session, pauses, due) else DeliveryOutcome.MISSED
            history.fulfil(feed.name, due, None, outcome, at)


def _materialise(session: FeedSession, at: datetime) -> None:
    feed, history = session.context.feed, session.history
    until = history.watermark(feed.name)
    new: tuple[datetime, ...] = ()
    if until is not None and feed.schedule is not None:  # at the first look nothing was promised yet
        new = dues(feed.schedule, session.project.settings.timezone, after=until, until=at)
    if until is None or new:
        history.expect(feed.name, new, watermark=at)


def _with_gone(session: FeedSession, found: Sequence[Delivery]) -> tuple[Delivery, ...]:
    """What is there, and what was judged and is not there any more."""
    ids = {delivery.id for delivery in found}
    past = (snapshot.delivery for snapshot in session.history.snapshots(session.context.feed.name, metrics=()))
    gone = {d.id: d for d in past if d.id not in ids and d.presence is not Presence.ABSENT}
    return (*found, *gone.values())


def _came(watch: Watch, here: Sequence[Delivery], judged: Judged, at: datetime) -> dict[datetime, Delivery]:
    """By due moment the first delivery that came for it and was judged."""
    schedule = watch.feed.schedule
    known = {name for name, _ in judged}
    mine = tuple(d for d in here if d.id in known)
    if schedule is None or not mine:
        return {}
    first = min(d.period for d in mine) + schedule.lag
    placed = with_due(mine, slots(schedule, watch.timezone, first=first, until=at + AHEAD), schedule)
    in_order = sorted(placed, key=lambda d: (d.arrived_at is None, d.arrived_at or at), reverse=True)
    return {d.due_at: d for d in in_order if d.due_at is not None}


def _pauses(session: FeedSession) -> tuple[ExclusionWindow, ...]:
    exclusions: Iterable[ExclusionWindow] = (
        *session.context.rules.exclusions,
        *session.history.exclusions(session.context.feed.name),
    )
    return tuple(mask for mask in exclusions if mask.kind == "pause")


def _paused(session: FeedSession, pauses: Sequence[ExclusionWindow], due: datetime | None) -> bool:
    day = None if due is None else due.astimezone(session.project.zone).date()
    return day is not None and any(mask.covers(day, WHOLE) for mask in pauses)
