"""A replay: the whole line over past deliveries with a virtual clock, in a history of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.result import JudgedRun, Status
from ketenwacht.messages.report.data import Replay
from ketenwacht.scheduler import worklist
from ketenwacht.workflows.measuring import Measuring, measured_ahead
from ketenwacht.workflows.session import FeedSession

from .alerts import AlertSender
from .histories import reset_replay
from .project import LoadedProject
from .session import open_session


@dataclass(frozen=True, slots=True)
class ReplaySummary:
    """What a replay came to.

    Attributes:
        replay: its summary.
        statuses: of every run.
        delivered: whether every alert got where it had to.
    """

    replay: Replay
    statuses: list[Status]
    delivered: bool


def retell(  # noqa: PLR0913 - what is replayed, and four ways to tell how it goes
    project: LoadedProject,
    feed: str | None,
    *,
    first: date,
    last: date,
    each: Callable[[JudgedRun], None],
    progress: Callable[[int, int], None],
    on_warning: Callable[[str, str], None],
    write: Callable[[str], object],
) -> ReplaySummary:
    """Judge past deliveries again as if each came now, and send the alerts that would have been sent.

    A replay never mixes with what was judged live: it has a history of its own, which the next replay replaces.

    Args:
        project: the configuration.
        feed: name of the feed; None: the only one.
        first: first period, inclusive.
        last: last period, inclusive.
        each: called with every run.
        progress: called with the deliveries done and all there are.
        on_warning: called with what had to be left aside, and why.
        write: prints the messages of the console.
    """
    with open_session(project, feed, on_warning=on_warning, history=reset_replay(project)) as session:
        post = AlertSender.of(project, write)
        statuses: list[Status] = []
        deliveries = 0
        for run in replay(session, first=first, last=last, progress=progress):
            post.flush(session.history, at=run.at)
            statuses.append(run.status)
            deliveries += run.delivery.presence is not Presence.ABSENT
            each(run)
        name = session.context.feed.name
        history = session.history
        summary = Replay(
            name,
            first,
            last,
            deliveries,
            history.incidents(name, closed=True),
            alerts_sent=post.sent,
            zone=project.zone,
            peaks=history.peaks(name),
            inquiries=history.inquiries(name, known_on=last),
        )
    return ReplaySummary(summary, statuses, delivered=post.delivered)


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
    end = datetime(last.year, last.month, last.day, tzinfo=session.project.zone) + timedelta(days=1)
    begin = datetime(first.year, first.month, first.day, tzinfo=session.project.zone)
    found = tuple(d for d in session.find(end) if first <= d.period <= last)
    watch = session.watch(since=first, replayed=True)
    work = [one for one in worklist(watch, found, set(), at=end) if one.moment >= begin]
    session.intake.read_files(end)
    line = session.line()
    for done, (one, snapshot) in enumerate(zip(work, measuring(session.context, work), strict=True), start=1):
        session.intake.compare_registers(found, one.moment)
        yield line.walk(snapshot, session.intake.known(one.moment), one.moment)
        if progress is not None:
            progress(done, len(work))
