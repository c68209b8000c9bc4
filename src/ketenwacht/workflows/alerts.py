"""Send what the outbox holds through the configured channels, with pictures; write the daily summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Self

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.alerting import CONSOLE, Alerting
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings.finding import Alert, Finding
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.message import UPDATE, Message
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Status, worst
from ketenwacht.errors import AuditError, ConfigError, KetenwachtError, NotifyError, describe_file_fault
from ketenwacht.messages.compose import FeedDay, compose_digest, compose_test
from ketenwacht.messages.formatter import MessageFormatter, cut
from ketenwacht.messages.report.series import view_series
from ketenwacht.messages.views import clean, segment_text
from ketenwacht.notify import Notifier, Picture, open_notifiers
from ketenwacht.outbox import FlushReport, Pace, SentAlert, flush
from ketenwacht.render.picture import LONG, Captions, draw_png
from ketenwacht.store import History
from ketenwacht.workflows import clock
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.trends import expected_counts, find_banded, make_series


def _skip_pause(seconds: float) -> None:
    """Do nothing: a console needs no pause between messages."""
    del seconds


MOST_PICTURES = 3
"""Pictures that one flush sends at most."""
PICTURES_REST = timedelta(minutes=15)
"""After a picture that failed, a channel is sent none for so long."""


@dataclass(slots=True)
class AlertSender:
    """The open channels, and how many alerts went through them.

    Attributes:
        project: the configuration.
        notifiers: by name of channel.
        pace: of messages in one channel; a console needs no pauses.
        fallback: channel that hears what another can never deliver.
        now: this moment, UTC.
        sent: alerts that arrived, edits of a root message aside.
        left: times that an alert was tried and did not arrive.
        given_up: alerts that can never arrive by their own route.
        waiting: alerts that the outbox still held after the last flush.
        pictures: that went with them.
        picture_fault: why a picture of the last flush did not.
    """

    project: LoadedProject
    notifiers: Mapping[str, Notifier]
    pace: Pace
    fallback: str
    now: Callable[[], datetime] = clock.now
    sent: int = 0
    left: int = 0
    given_up: int = 0
    waiting: int = 0
    pictures: int = 0
    picture_fault: str | None = None
    _rest: dict[str, datetime] = field(default_factory=dict)  # channel → until when it gets no pictures

    @classmethod
    def open(
        cls, project: LoadedProject, write: Callable[[str], object], *, now: Callable[[], datetime] = clock.now
    ) -> Self:
        """Open every configured channel; `write` prints the messages of a console."""
        alerting: Alerting = project.settings.alerts
        outside = any(channel.medium != CONSOLE for channel in alerting.channels())
        sleep = clock.sleep if outside else _skip_pause
        notifiers = open_notifiers(alerting, write=write, sleep=sleep, limits=project.plugin_limits)
        return cls(project, notifiers, Pace(monotonic, sleep), alerting.fallback or CONSOLE, now)

    def flush(self, history: History, *, at: datetime | None = None) -> bool:
        """Send every alert that is due at `at` (UTC; None: now), then their pictures.

        Returns:
            Whether there was anything to send; there may be more than one flush takes.
        """
        self.picture_fault = None
        moment, worker = at or self.now(), clock.worker_name()
        report = flush(
            history.outbox, self.notifiers, at=moment, worker=worker, pace=self.pace, fallback=self.fallback
        )
        self.sent += sum(one.alert.kind != UPDATE for one in report.arrived)
        self.left += report.retried + report.failed
        self.given_up += report.failed
        self.waiting = history.outbox.count_unsent()
        due = [one for one in report.arrived if self._wants_picture(one, moment)]
        for one in due[:MOST_PICTURES]:
            self._send_picture(history, one, moment)
        return report != FlushReport()

    def _wants_picture(self, one: SentAlert, at: datetime) -> bool:
        """Return whether an alert gets a picture: a new root message about problems, or a broadcast."""
        notifier = self.notifiers.get(one.alert.route)
        if one.alert.kind != "incident" or notifier is None or not notifier.pictures or one.ref is None:
            return False
        return at >= self._rest.get(one.alert.route, at) and (
            one.thread is None or Message.from_json(one.alert.body).broadcast
        )

    def _send_picture(self, history: History, one: SentAlert, at: datetime) -> None:
        """Send the picture of an alert once. The alert arrived before; a fault here changes only this."""
        route, root = one.alert.route, one.thread or one.ref
        if at < self._rest.get(route, at) or root is None:
            return

        try:
            picture = draw_picture(self.project, history, one.alert, at=at)
            if picture is not None:
                self.pace.keep(route, self.notifiers[route].pause)
                self.notifiers[route].show(picture, root)
                self.pictures += 1
        except (KetenwachtError, OSError, ValueError) as fault:
            permanent = isinstance(fault, NotifyError) and fault.permanent
            self._rest[route] = datetime.max.replace(tzinfo=UTC) if permanent else at + PICTURES_REST
            self.picture_fault = str(fault) if isinstance(fault, KetenwachtError) else describe_file_fault(fault)

    @property
    def delivered(self) -> bool:
        """Whether everything arrived: no alert was given up, and none waits."""
        return self.given_up == 0 and self.waiting == 0


# The picture that goes with an alert: the counts of the segment that lost most, with what was expected of it.


MOST, LEAST, BEFORE = timedelta(days=365), timedelta(days=182), timedelta(days=60)
"""A picture shows half a year, or from some time before the loss began, but no more than a year."""
MOST_LETTERS = 90


def draw_picture(project: LoadedProject, history: History, alert: Alert, *, at: datetime) -> Picture | None:
    """Draw the picture of an alert, as things were at `at`; return None when it is not about missing persons.

    Args:
        project: the configuration.
        history: where the feed was judged.
        alert: one that holds a message.
        at: now, UTC; what was judged or published later is not shown.

    Raises:
        ConfigError: the checks of the feed cannot be read.
        StoreError: the history cannot be read.
        ValueError: the alert holds no message.
    """
    incident = _find_shown(history, Message.from_json(alert.body), project.settings.alerts.policy)
    feed = None if incident is None else project.settings.feeds.get(incident.fingerprint.feed)
    if incident is None or incident.missing is None or feed is None:
        return None
    since = incident.missing.since
    today = at.astimezone(project.zone).date()
    first = max(today - MOST, min(today - LEAST, since - BEFORE))
    first -= timedelta(days=first.weekday())  # a week that is cut off would look like a loss
    rules = load_rules(feed, project.root)
    exclusions = (*rules.exclusions, *history.exclusions.find(feed.name))
    past = Past.of(
        history.runs.find_snapshots(feed.name, before=today + timedelta(days=1), metrics={ROWS}), exclusions
    )
    segment = incident.fingerprint.segment
    expected = history.curves.find_expected(
        feed.name, checks=find_banded(rules), segments=[segment], since=first, until=at
    )
    bands = expected_counts(rules, expected, history.evidence.find_references(feed.name, known_on=today), past)
    runs = history.curves.find_runs(feed.name, since=first, until=at)
    smallest = {run.delivery: run.smallest for run in runs}
    series = make_series(past, segment, smallest, bands.get(segment, {}), since=first)
    formatter = project.formatter(feed)
    name = segment_text(segment, formatter)
    title = f"{clean(formatter.title(feed))}: {name}"
    captions = _make_captions(formatter, title, formatter.since(incident.missing, incident.evidence))
    png = draw_png(view_series(series, formatter, exclusions, long=LONG), captions, formatter, since=since)
    if png is None:
        return None
    texts = (formatter.phrase(key, segment=name) for key in ("picture", "picture_text"))
    return Picture(png, f"{today}.png", *texts)


def _find_shown(history: History, message: Message, policy: Policy) -> Finding | None:
    """Return the strongest finding that counts missing persons in the incident of a message."""
    for problem in message.problems:
        if problem.active:
            for finding in _list_findings(history, problem.incident, policy):
                if finding.active and finding.missing is not None and finding.missing.value > 0.0:
                    return finding
    return None


def _list_findings(history: History, name: str, policy: Policy) -> tuple[Finding, ...]:
    """Return the findings of an incident, the strongest evidence first; of an older message the one it names."""
    if not name.isdecimal():
        one = history.findings.get(name)
        return () if one is None else (one,)
    incident = history.incidents.get(int(name), policy)
    return () if incident is None else incident.fitting


def _make_captions(formatter: MessageFormatter, title: str, since: str) -> Captions:
    return Captions(
        title=cut(title, MOST_LETTERS),
        weekly=formatter.phrase("picture_weekly"),
        daily=formatter.phrase("picture_daily"),
        expected=formatter.phrase("picture_expected"),
        since=formatter.phrase("picture_since", day=since),
    )


# The daily digest: what was judged today, so that silence is itself a signal. Sent like an alert.


WEEK = timedelta(days=7)
DAY = timedelta(days=1)
"""A summary is about the day up to it: what came after yesterday's summary is in it."""
_ABOUT_PROBLEMS = frozenset({"incident", "recovery"})


@dataclass(slots=True)
class DailySummary:
    """Writes the summary of each day, once its hour has come.

    Attributes:
        project: the configuration.
        history: where the day is, and the outbox.
    """

    project: LoadedProject
    history: History
    _last: str = ""

    def write(self, at: datetime) -> bool:
        """Write today's summary when its hour has come and nobody wrote it; the outbox knows it by its day.

        Args:
            at: now, UTC.

        Returns:
            True when this call wrote it, or found it written by an earlier process.

        Raises:
            StoreError: the history cannot be read or written.
        """
        local = at.astimezone(self.project.zone)
        today = local.date().isoformat()
        if local.hour < self.project.settings.service.digest_hour or self._last == today:
            return False
        alerts = compose_digest(
            [self._summarise_feed(feed, at) for feed in self.project.settings.feeds.values()],
            alerting=self.project.settings.alerts,
            day=local.date(),
            used=self._count_root_messages(at),
            at=at,
            head=self.history.audit.read_seal(),
            log_holds=self._try_keep_head(at),
        )
        self.history.outbox.add(alerts)
        self._last = today
        return True

    def _try_keep_head(self, at: datetime) -> bool:
        """Keep the head of the audit log outside; False when the log does not go on from the one that is there."""
        try:
            self.history.keep_head(at)
        except AuditError:
            return False
        return True

    def _summarise_feed(self, feed: Feed, at: datetime) -> FeedDay:
        recent = self.history.runs.find(feed.name, judged_after=at - DAY)
        runs = [run for run in recent if run.at <= at]
        newest = runs[-1].results if runs else ()
        return FeedDay(
            feed=feed,
            formatter=self.project.formatter(feed),
            status=worst(run.status for run in runs) if runs else None,
            deliveries=sum(run.delivery.arrived_at is not None and not run.by_evidence for run in runs),
            unproven=tuple(dict.fromkeys(r.segment for r in newest if r.status is Status.UNPROVEN)),
            incidents=self.history.incidents.find(self.project.settings.alerts.policy, feed.name),
        )

    def _count_root_messages(self, at: datetime) -> int:
        """Count the root messages about problems of the last seven days."""
        first: Mapping[tuple[str, str], datetime] = {
            (one.alert.route, one.alert.topic): one.alert.created_at
            for one in reversed(self.history.outbox.find())
            if one.alert.kind in _ABOUT_PROBLEMS
        }
        return sum(at - WEEK <= when <= at for when in first.values())


@dataclass(frozen=True, slots=True)
class RouteTest:
    """The result of a test message on one route.

    Attributes:
        route: name of the channel.
        medium: console or slack.
        arrived: whether it did.
        error: why not, None when it did.
    """

    route: str
    medium: str
    arrived: bool
    error: str | None


def test_routes(
    project: LoadedProject,
    route: str | None,
    *,
    write: Callable[[str], object],
    new_id: Callable[[], str],
    at: datetime,
) -> tuple[RouteTest, ...]:
    """Send a test message through each route, or one, from an outbox of its own.

    Args:
        project: the configuration.
        route: name of a route; None: all.
        write: prints the messages of the console.
        new_id: makes the message a new one.
        at: now, UTC.

    Raises:
        ConfigError: there is no such route.
    """
    alerting = project.settings.alerts
    media = {c.name: c.medium for c in alerting.channels()}
    if route is not None and route not in media:
        raise ConfigError("--route", f"there is no route {route}", f"use one of: {', '.join(media)}")
    composed = compose_test(alerting=alerting, formatter=project.formatter(), key=new_id(), at=at)
    alerts = [alert for alert in composed if route in {None, alert.route}]
    with project.history("sqlite://") as outbox:
        outbox.outbox.add(alerts)
        AlertSender.open(project, write).flush(outbox, at=at)
        return tuple(
            RouteTest(one.alert.route, media[one.alert.route], one.sent_at is not None, one.error)
            for one in outbox.outbox.find()
        )


def send_due(
    project: LoadedProject, history: History, *, write: Callable[[str], object], at: datetime
) -> AlertSender:
    """Send every alert that is due, in as many flushes as it takes; return the sender with its counts."""
    sender = AlertSender.open(project, write)
    while sender.flush(history, at=at):  # what was put back is not due any more
        pass
    return sender
