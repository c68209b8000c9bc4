"""Compose alerts from notices: one message for each topic and channel, the worst problem first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ketenwacht.domain.alerting import Alerting, Channel
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings import Advance, Notice, Reason
from ketenwacht.domain.findings.finding import Alert, Finding, Fingerprint
from ketenwacht.domain.message import UPDATE, Message
from ketenwacht.domain.result import JudgedRun, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount, Persons, Value

from . import texts
from .findings import number_findings, sum_missing
from .formatter import MessageFormatter
from .problem import ProblemTexts, cut
from .texts.labels import NATURE_MEANING, STATUS_WORD

MAX_PROBLEMS = 5
"""Problems that one message shows in full; the others are counted."""

_OVER = frozenset({Reason.RECOVERED, Reason.RESOLVED_BY_HAND, Reason.EXCUSED})


def alert_id(*parts: str) -> str:
    """Return the id of an alert. The same parts always give the same id, so no alert is written twice."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def compose_run(
    step: Advance, run: JudgedRun, feed: Feed, alerting: Alerting, formatter: MessageFormatter
) -> tuple[Alert, ...]:
    """Return the alerts about what a run changed in the incidents of its feed; repeatable."""
    return compose(
        step.notices,
        (*step.standing, *step.incidents),
        quiet=step.quiet,
        feed=feed,
        alerting=alerting,
        formatter=formatter,
        key=run.id,
        at=run.at,
    )


def compose(  # noqa: PLR0913 - what changed, of which feed, for whom and when
    notices: Sequence[Notice],
    incidents: Iterable[Finding],
    *,
    quiet: Sequence[tuple[Finding, Finding]] = (),
    feed: Feed,
    alerting: Alerting,
    formatter: MessageFormatter,
    key: str,
    at: datetime,
) -> tuple[Alert, ...]:
    """Return the alerts for these notices: one for each topic and each channel of this feed.

    A topic without a notice whose root message is out of date gets an alert of kind `UPDATE`. It edits the root
    message and notifies nobody.

    Args:
        notices: the changes to report.
        incidents: every incident of the feed that is live or has just changed.
        quiet: incidents that people know of and that changed without a notice, as they were and as they are.
        feed: names of sender and receiver.
        alerting: routes and notes.
        formatter: of the feed, in the language of alerts (`LoadedProject.formatter`).
        key: what caused it, for instance the id of the run: the same key never makes a second alert.
        at: now, aware UTC.
    """
    words = ProblemTexts(formatter, feed, alerting)
    known = {incident.id: incident for incident in incidents}
    known.update({notice.incident.id: notice.incident for notice in notices})
    composer = _AlertComposer(words, tuple(known.values()), at)
    topics = {notice.incident.topic: composer.select_notices(notice.incident.topic, notices) for notice in notices}
    for was, now in quiet:
        if words.problem(was) != words.problem(now):
            topics.setdefault(now.topic, ())
    alerts = []
    for channel in alerting.channels():
        if not channel.route.tells(feed.name):
            continue
        for topic, told in sorted(topics.items()):
            message = composer.compose_message(topic, told, channel)
            if message is not None:
                name = alert_id(key, channel.name, topic)
                alerts.append(Alert(name, channel.name, topic, message.kind, message.to_json(), at))
    return tuple(alerts)


@dataclass(frozen=True, slots=True)
class _AlertComposer:
    """Composes the messages of one feed at one moment."""

    words: ProblemTexts
    known: tuple[Finding, ...]
    at: datetime

    @staticmethod
    def select_notices(topic: str, notices: Sequence[Notice]) -> tuple[Notice, ...]:
        """Return the notices of a topic."""
        return tuple(notice for notice in notices if notice.incident.topic == topic)

    def compose_message(self, topic: str, notices: Sequence[Notice], channel: Channel) -> Message | None:
        """Return the message of a topic for a channel; None when the channel needs none."""
        words, least = self.words, channel.route.least
        told = [notice for notice in notices if notice.incident.severity >= least]
        named = {notice.incident.id for notice in told}
        here = [i for i in self.known if i.topic == topic and i.severity >= least]
        shown = sorted((i for i in here if i.id in named or _visible(i, words)), key=_worst_first)
        if not shown or (notices and not told):
            return None
        children = {i.id: tuple(c for c in self.known if c.parent == i.id and c.active) for i in shown}
        return Message(
            kind=_kind(told),
            topic=topic,
            language=words.formatter.language,
            headline=_headline(words, shown),
            problems=tuple(words.problem(i, children[i.id]) for i in shown[:MAX_PROBLEMS]),
            more=max(0, len(shown) - MAX_PROBLEMS),
            changes=tuple(_change(words, notice, self.at) for notice in told),
            broadcast=any(notice.broadcast for notice in told),
        )


def _kind(told: Sequence[Notice]) -> str:
    if not told:
        return UPDATE
    return "recovery" if all(notice.reason in _OVER for notice in told) else "incident"


def _visible(incident: Finding, words: ProblemTexts) -> bool:
    return incident.parent is None and incident.nature in words.alerting.policy.told


def _worst_first(incident: Finding) -> tuple[bool, int, float, Fingerprint]:
    missing = abs(incident.missing.value) if incident.missing is not None else 0.0
    return not incident.active, -incident.severity, -missing, incident.fingerprint


def _headline(words: ProblemTexts, shown: Sequence[Finding]) -> str:
    formatter = words.formatter
    about: dict[str, Value | str] = {"title": words.title(), "period": shown[0].period}
    active = [incident for incident in shown if incident.active]
    if not active:
        return formatter.phrase("headline_recovered", **about)
    worst = max(incident.severity for incident in active)
    severity = texts.SEVERITY[worst][formatter.language]
    return formatter.phrase("headline", **about, worst=_worst_phrase(words, active), severity=severity)


def _worst_phrase(words: ProblemTexts, active: Sequence[Finding]) -> str:
    """Return the worst problem and the number of other problems."""
    worst, more = words.short(active[0]), len(active) - 1
    if more == 0:
        return worst
    if active[0].missing is None:
        return words.formatter.phrase("problems", count=Amount(len(active)))
    return words.formatter.phrase("worst_and_more", worst=worst, count=Amount(more))


def _change(words: ProblemTexts, notice: Notice, at: datetime) -> str:
    incident, formatter = notice.incident, words.formatter
    snooze, before = incident.snooze, notice.before
    if notice.reason is Reason.RECOVERED and incident.came:
        return formatter.phrase(
            "change", day=words.local(at), change=formatter.phrase("came", what=words.what(incident))
        )
    said = formatter.fill(
        texts.CHANGE[notice.reason],
        {
            "what": words.what(incident),
            "where": words.segment(incident.fingerprint.segment),
            "check": cut(texts.named(incident.fingerprint.check, formatter.language)),
            "nature": NATURE_MEANING[incident.nature][formatter.language],
            "severity": texts.SEVERITY[incident.severity][formatter.language],
            "before": "" if before is None else formatter.phrase("before", count=Persons(abs(before))),
            "opened": incident.opened_at,
            "resolved": incident.resolved_at or incident.changed_at,
            "actor": cut(notice.actor or ""),
            "until": "" if snooze is None else snooze.until,
            "why": "" if snooze is None else cut(snooze.reason),
        },
    )
    return formatter.phrase("change", day=words.local(at), change=said)


# The daily digest, so that silence is itself a signal, and the test message.


MAX_SEGMENTS = 8


@dataclass(frozen=True, slots=True)
class FeedDay:
    """One feed on one day.

    Attributes:
        feed: as configured.
        formatter: says what is said of it, in the language of alerts (`LoadedProject.formatter`).
        status: the worst of the day's runs; None when nothing was judged.
        deliveries: judged that day.
        unproven: segments for which no independent evidence was at hand.
        incidents: that are live.
    """

    feed: Feed
    formatter: MessageFormatter
    status: Status | None
    deliveries: int
    unproven: tuple[Segment, ...] = ()
    incidents: tuple[Finding, ...] = ()

    @property
    def open(self) -> tuple[Finding, ...]:
        """Incidents that are active and not part of another incident."""
        return tuple(i for i in self.incidents if i.active and i.parent is None)


def compose_digest(  # noqa: PLR0913 - one figure of the digest each
    days: Sequence[FeedDay],
    *,
    alerting: Alerting,
    day: date,
    used: int,
    at: datetime,
    head: str | None = None,
    log_holds: bool = True,
) -> tuple[Alert, ...]:
    """Return the digest of `day` for each channel that takes it and has at least one of the feeds.

    Args:
        days: one a feed.
        alerting: routes and budget.
        day: the day it is about, local.
        used: root messages posted in the seven days up to it.
        at: now, aware UTC.
        head: of the audit log's chain, None when there is none.
        log_holds: whether the log goes on from the head that is kept outside the history.
    """
    topic = f"digest/{day.isoformat()}"
    alerts = []
    for channel in alerting.channels():
        heard = [each for each in days if channel.route.tells(each.feed.name)]
        if not channel.route.digest or not heard:
            continue
        formatter = heard[0].formatter
        lines = [line for each in heard for line in _feed_lines(each, alerting)]
        lines.append(formatter.phrase("digest_budget", used=Amount(used), budget=Amount(alerting.budget_per_week)))
        if head is not None:
            lines.append(formatter.phrase("digest_head", head=head))
        if not log_holds:
            lines.append(formatter.phrase("digest_log_broken"))
        problems = formatter.phrase("problems", count=Amount(sum(len(each.open) for each in heard)))
        headline = formatter.phrase(_headline_digest(heard), day=day, problems=problems)
        message = Message("digest", topic, formatter.language, headline, lines=tuple(lines))
        name = alert_id(topic, channel.name)
        alerts.append(Alert(name, channel.name, topic, "digest", message.to_json(), at))
    return tuple(alerts)


def _headline_digest(days: Sequence[FeedDay]) -> str:
    if any(each.open for each in days):
        return "digest_open"
    if all(each.status is None for each in days):
        return "digest_silent"
    proven = all(each.status is Status.PASSED and not each.unproven for each in days if each.status is not None)
    return "digest_good" if proven else "digest_unproven"


def _feed_lines(each: FeedDay, alerting: Alerting) -> list[str]:
    formatter, words = each.formatter, ProblemTexts(each.formatter, each.feed, alerting)
    title = words.title()
    status = STATUS_WORD[each.status][formatter.language] if each.status is not None else "–"
    counts = {"deliveries": Amount(each.deliveries), "open": Amount(len(each.open))}
    lines = [formatter.phrase("digest_feed", title=title, status=status, **counts)]
    missing = sum_missing(number_findings(each.open))
    if missing is not None:
        lines.append(formatter.phrase("digest_missing", title=title, count=Persons(missing.value)))
    if each.unproven:
        named = [words.segment(segment) for segment in each.unproven[:MAX_SEGMENTS]]
        if len(each.unproven) > MAX_SEGMENTS:
            named.append(formatter.phrase("and_more", count=Amount(len(each.unproven) - MAX_SEGMENTS)))
        lines.append(formatter.phrase("digest_not_proven", title=title, segments="; ".join(named)))
    return lines


def compose_test(*, alerting: Alerting, formatter: MessageFormatter, key: str, at: datetime) -> tuple[Alert, ...]:
    """Return a test message for each channel; `key` makes it a new one."""
    alerts = []
    for channel in alerting.channels():
        topic, line = f"test/{key}", formatter.phrase("test_line", route=channel.name)
        message = Message("test", topic, formatter.language, formatter.phrase("test"), lines=(line,))
        alerts.append(Alert(alert_id(topic, channel.name), channel.name, topic, "test", message.to_json(), at))
    return tuple(alerts)
