"""Judging deliveries: those that are new now (`check`), or past ones with a virtual clock (`replay`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime, timedelta

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.findings import sweep as swept
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.result import JudgedRun
from ketenwacht.errors import ConfigError, Overtaken
from ketenwacht.messages import compose
from ketenwacht.pipeline import FeedContext
from ketenwacht.scheduler import Watch, Work, worklist

from .ahead import measured_ahead
from .dues import due_work, settle
from .session import FeedSession

DAY = timedelta(days=1)


Measuring = Callable[[FeedContext, Sequence[Work]], Iterator[Snapshot]]
"""Measures each piece of work, in order."""


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
    work = due if delivery is None else _one(session.project.watch(session.context.feed), found, delivery, at)
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


def replay(
    session: FeedSession,
    *,
    first: date,
    last: date,
    progress: Callable[[int, int], None] | None = None,
    measuring: Measuring = measured_ahead,
) -> Iterator[JudgedRun]:
    """Judge the deliveries of `first` to `last` one by one, each at the moment at which it could be judged.

    Evidence counts from the day it was published, a register from the day after its reference date.

    Yields:
        Each run, kept before it is yielded.
    """
    end = datetime(last.year, last.month, last.day, tzinfo=session.project.zone) + DAY
    begin = datetime(first.year, first.month, first.day, tzinfo=session.project.zone)
    found = tuple(d for d in session.find(end) if first <= d.period <= last)
    watch = session.project.watch(session.context.feed, since=first, replayed=True)
    work = [one for one in worklist(watch, found, set(), at=end) if one.moment >= begin]
    session.intake.read_files(end)
    line = session.line()
    for done, (one, snapshot) in enumerate(zip(work, measuring(session.context, work), strict=True), start=1):
        session.intake.compare_registers(found, one.moment)
        yield line.walk(snapshot, session.intake.known(one.moment), one.moment)
        if progress is not None:
            progress(done, len(work))


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
