"""Replay past deliveries: judge each at the moment it came, by a virtual clock, in a history of their own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.result import JudgedRun, Status
from ketenwacht.errors import ConfigError
from ketenwacht.messages.report.data import Replay
from ketenwacht.pipeline import FeedPipeline
from ketenwacht.scheduler import Work, worklist
from ketenwacht.workflows.measuring import Measuring, measure_ahead
from ketenwacht.workflows.session import FeedSession, declared_pauses, is_paused

from .alerts import AlertSender
from .histories import reset_replay
from .project import LoadedProject
from .session import open_session


@dataclass(frozen=True, slots=True)
class ReplaySummary:
    """The result of a replay.

    Attributes:
        replay: its summary.
        statuses: of every run, in order.
        delivered: whether every alert was sent.
    """

    replay: Replay
    statuses: list[Status]
    delivered: bool


def run_replay(  # noqa: PLR0913 - what to replay, and four callbacks
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
    """Judge past deliveries as if each came now, and send the alerts that would have been sent.

    The replay has a history of its own, which the next replay replaces; the configured history stays as it is.

    Args:
        project: the configuration.
        feed: name of the feed; None: the only one.
        first: first period, inclusive.
        last: last period, inclusive.
        each: called with every run.
        progress: called with how many deliveries are done, and how many there are.
        on_warning: called with the name of what is not used, and why.
        write: prints the messages of the console.

    Raises:
        ConfigError: a setting is wrong, there is no such feed, or `last` is before `first`.
        DeliveryError: the source cannot be reached.
        StoreError: the history cannot be written.
    """
    if last < first:  # before the earlier replay is removed
        raise ConfigError("--to", f"{last} is before {first}", "give a range that does not end before it begins")
    with open_session(project, feed, on_warning=on_warning, history=reset_replay(project)) as session:
        sender = AlertSender.open(project, write)
        statuses: list[Status] = []
        deliveries = 0
        for run in replay(session, first=first, last=last, progress=progress):
            sender.flush(session.history, at=run.at)
            statuses.append(run.status)
            deliveries += run.delivery.presence is not Presence.ABSENT and not run.by_evidence
            each(run)
        name = session.context.feed.name
        history = session.history
        summary = Replay(
            name,
            first,
            last,
            deliveries,
            history.findings.find(name, closed=True),
            alerts_sent=sender.sent,
            zone=project.zone,
            peaks=history.findings.find_peaks(name),
            inquiries=history.evidence.find_inquiries(name, known_on=last),
            numbered=history.incidents.find(session.context.alerting.policy, name, closed=True),
            configured=session.context.feed,
        )
    return ReplaySummary(summary, statuses, delivered=sender.delivered)


def replay(
    session: FeedSession,
    *,
    first: date,
    last: date,
    progress: Callable[[int, int], None] | None = None,
    measuring: Measuring = measure_ahead,
) -> Iterator[JudgedRun]:
    """Judge the deliveries of `first` to `last` in order, each at the moment at which it could be judged.

    Evidence counts from the day it was published, a register from the day after its reference date. On a day
    without a delivery it makes the newest delivery judged again; on another day its delivery is judged by it.

    Yields:
        Each run, after it is saved.

    Raises:
        DeliveryError: the source cannot be reached.
        StoreError: the history cannot be written.
    """
    end = datetime(last.year, last.month, last.day, tzinfo=session.project.zone) + timedelta(days=1)
    begin = datetime(first.year, first.month, first.day, tzinfo=session.project.zone)
    found = tuple(d for d in session.find(end) if first <= d.period <= last)
    watch = session.watch(since=first, replayed=True)
    pauses = declared_pauses(session)
    work = [
        one
        for one in worklist(watch, found, set(), at=end)
        if one.moment >= begin and not _is_excused(session, pauses, one)
    ]
    session.intake.read_files(end)
    pipeline = session.open_pipeline()
    news = deque(session.intake.list_news_days(first, last))
    for done, (one, snapshot) in enumerate(zip(work, measuring(session.context, work), strict=True), start=1):
        yield from _judge_news(session, pipeline, found, news, until=one.moment)
        session.intake.compare_registers(found, one.moment)
        yield pipeline.process(snapshot, session.intake.known(one.moment), one.moment)
        if progress is not None:
            progress(done, len(work))
    yield from _judge_news(session, pipeline, found, news, until=end + timedelta(days=1))


def _judge_news(
    session: FeedSession,
    pipeline: FeedPipeline,
    found: Sequence[Delivery],
    news: deque[date],
    *,
    until: datetime,
) -> Iterator[JudgedRun]:
    """Judge by the evidence of each day before that of the next delivery, and take these days from `news`."""
    next_day = until.astimezone(session.project.zone).date()
    while news and news[0] <= next_day:
        day = news.popleft()
        if day == next_day:  # judged with the delivery of that day
            continue
        moment = datetime(day.year, day.month, day.day, tzinfo=session.project.zone).astimezone(UTC)
        session.intake.compare_registers(found, moment)
        run = pipeline.process_evidence(session.intake.known(moment), moment)
        if run is not None:
            yield run


def _is_excused(session: FeedSession, pauses: Sequence[ExclusionWindow], one: Work) -> bool:
    """Return whether a delivery did not come on a day of a declared pause."""
    absent = one.delivery.presence is Presence.ABSENT
    return absent and is_paused(session, pauses, one.delivery.due_at)
