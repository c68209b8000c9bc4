"""Judging deliveries: those that are new now (`check`), or past ones with a virtual clock (`replay`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from ketenwacht.config.calendar import dues
from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.findings import sweep as swept
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.result import JudgedRun
from ketenwacht.domain.segment import WHOLE
from ketenwacht.errors import ConfigError, Overtaken
from ketenwacht.messages import compose
from ketenwacht.scheduler import AHEAD, Judged, Watch, Work, overdue, slots, with_due, worklist

from .measuring import Measuring, measured_ahead
from .session import FeedSession


def check(
    session: FeedSession,
    *,
    delivery: str | None,
    at: datetime,
    measuring: Measuring = measured_ahead,
    quiet: timedelta = timedelta(0),
) -> Iterator[JudgedRun]:
    """Judge what is new at `at`; or one delivery. What was judged before is told again as it was judged.

    The newest is judged by all that is known now. What waited before it (an archive, a week without the service)
    is judged by what was known when it came: a loss that began later is no fault of it.

    Args:
        session: the feed.
        delivery: the id of one delivery; None: all that are new, and absences.
        at: now, UTC.
        measuring: how deliveries are measured.
        quiet: a file that was written to less than this ago is left for the next look.

    Yields:
        Each run, kept before it is yielded.

    Raises:
        ConfigError: there is no delivery of that id.
        StoreError: the history cannot be written.
    """
    found = session.find(at, quiet=quiet)
    told = _told(session, found, delivery) if delivery is not None else None
    if told is not None:
        yield told
        return
    due = due_work(session, found, at=at)
    work = due if delivery is None else _one(session.watch(), found, delivery, at)
    session.intake.read_files(at)
    if work:
        line = session.line()
        for one, snapshot in zip(work, measuring(session.context, work), strict=True):
            moment = at if one is work[-1] else min(one.moment, at)
            session.intake.compare_registers(found, moment)
            yield line.walk(snapshot, session.intake.known(moment), at)
    session.intake.compare_registers(found, at)
    settle(session, found, at=at)
    sweep(session, at=at)


def _told(session: FeedSession, found: Sequence[Delivery], delivery: str) -> JudgedRun | None:
    """The newest run of a delivery, unless other bytes came under its id since."""
    here = [d for d in found if d.id == delivery]
    declared = {d.sha256 or d.manifest.sha256 for d in here if d.manifest is not None}
    unread = {d.unread_mark for d in here}
    runs = [run for run in session.history.runs(session.context.feed.name) if run.delivery.id == delivery]
    same = [run for run in runs if _says_the_same(run.delivery, declared, unread)]
    return same[-1] if same else None


def _says_the_same(judged: Delivery, declared: Collection[str | None], unread: Collection[str | None]) -> bool:
    """Whether what was judged is, as far as can be told, what is there now."""
    if not judged.read:
        return not unread or judged.mark is None or judged.mark in unread
    return not declared or judged.sha256 in declared


def _one(watch: Watch, found: tuple[Delivery, ...], delivery: str, at: datetime) -> tuple[Work, ...]:
    work = tuple(one for one in worklist(watch, found, set(), at=at) if one.delivery.id == delivery)
    if not work:
        raise ConfigError(
            "--delivery", f"there is no delivery {delivery} at that moment", "see `ketenwacht history`"
        )
    return work


# What time alone does to incidents, kept also on days on which nothing is delivered.


def sweep(session: FeedSession, *, at: datetime) -> int:
    """End snoozes that are over and close what stayed quiet, with their events and messages, in one transaction.

    Doing so twice changes nothing. When somebody acts on one of the incidents in between, all is left to the
    next time.

    Args:
        session: the feed.
        at: now, UTC.

    Returns:
        How many incidents changed.

    Raises:
        StoreError: the history cannot be read or written.
    """
    context, history = session.context, session.history
    live = history.live_incidents(context.feed.name)
    step = swept({i.fingerprint: i for i in live}, policy=context.alerting.policy, at=at)
    if not step.incidents:
        return 0
    alerts = compose(
        step.notices,
        (*step.standing, *step.incidents),
        feed=context.feed,
        alerting=context.alerting,
        formatter=context.formatter,
        key=f"sweep/{context.feed.name}/{at.isoformat()}",
        at=at,
    )
    try:
        history.keep(step.incidents, step.events, alerts, based_on=live)
    except Overtaken:
        return 0
    return len(step.incidents)


# The table of expected deliveries: what was due is written down once, and each gets one verdict, downtime or not.


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
    watch = session.watch()
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
    came = _came(session.watch(), _with_gone(session, found), judged, at)
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
