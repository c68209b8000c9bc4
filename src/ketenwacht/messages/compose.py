"""The ids of alerts, the daily digest and the test message."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ketenwacht.domain.alerting import Alerting
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.incidents import Incident, count_feed
from ketenwacht.domain.message import Message
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount

from .formatter import MessageFormatter, cut
from .texts.labels import STATUS_WORD
from .views_incident import view_incident
from .views_missing import view_missing_persons


def alert_id(*parts: str) -> str:
    """Return the id of an alert. The same parts always give the same id, so no alert is written twice."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


# The daily digest, so that silence is itself a signal, and the test message.


MAX_SEGMENTS = 8
MAX_INCIDENTS = 10


@dataclass(frozen=True, slots=True)
class FeedDay:
    """One feed on one day.

    Attributes:
        feed: as configured.
        formatter: says what is said of it, in the language of alerts (`LoadedProject.formatter`).
        status: the worst of the day's runs; None when nothing was judged.
        deliveries: judged that day.
        unproven: segments for which no independent evidence was at hand.
        incidents: those that are not over.
    """

    feed: Feed
    formatter: MessageFormatter
    status: Status | None
    deliveries: int
    unproven: tuple[Segment, ...] = ()
    incidents: tuple[Incident, ...] = ()

    @property
    def open(self) -> tuple[Incident, ...]:
        """Incidents that need somebody, the worst first."""
        return tuple(sorted((one for one in self.incidents if one.active), key=lambda one: one.urgency))


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
        problems = formatter.phrase("incidents", count=Amount(sum(len(each.open) for each in heard)))
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
    formatter, notes = each.formatter, alerting.notes(each.feed.name)
    title = cut(formatter.title(each.feed))
    status = STATUS_WORD[each.status][formatter.language] if each.status is not None else "–"
    counts = {"deliveries": Amount(each.deliveries), "open": Amount(len(each.open))}
    lines = [formatter.phrase("digest_feed", title=title, status=status, **counts)]
    missing = view_missing_persons(count_feed(each.open), formatter)
    if missing is not None and len(each.open) > 1:
        lines.append(formatter.phrase("digest_missing", title=title, number=missing.total.sentence))
    for one in each.open[:MAX_INCIDENTS]:
        view = view_incident(one, formatter, feed=each.feed, notes=notes)
        names = {"name": view.name, "incident": view.title, "owner": view.owner_text}
        lines.append(formatter.phrase("digest_incident", **names))
    if len(each.open) > MAX_INCIDENTS:
        lines.append(formatter.phrase("more", count=Amount(len(each.open) - MAX_INCIDENTS)))
    if each.unproven:
        named = [cut(formatter.segment(segment)) for segment in each.unproven[:MAX_SEGMENTS]]
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
