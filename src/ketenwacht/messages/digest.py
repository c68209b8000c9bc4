"""The daily digest, so that silence is itself a signal, and the test message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ketenwacht.domain.alerting import Alerting
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.finding import Alert, Finding
from ketenwacht.domain.message import Message
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount, Persons
from ketenwacht.domain.status import Status

from .compose import alert_id
from .findings import findings, total_missing
from .formatter import MessageFormatter
from .problem import ProblemTexts
from .texts.labels import STATUS_WORD

MAX_SEGMENTS = 8


@dataclass(frozen=True, slots=True)
class FeedDay:
    """One feed on one day.

    Attributes:
        feed: as configured.
        how: says what is said of it, in the language of alerts (`LoadedProject.formatter`).
        status: the worst of the day's runs; None when nothing was judged.
        deliveries: judged that day.
        unproven: segments for which no independent evidence was at hand.
        incidents: that are live.
    """

    feed: Feed
    how: MessageFormatter
    status: Status | None
    deliveries: int
    unproven: tuple[Segment, ...] = ()
    incidents: tuple[Finding, ...] = ()

    @property
    def open(self) -> tuple[Finding, ...]:
        """Those that are failing now and speak for themselves."""
        return tuple(i for i in self.incidents if i.active and i.parent is None)


def compose_digest(  # noqa: PLR0913 - one figure of the digest each
    days: Sequence[FeedDay],
    *,
    alerting: Alerting,
    day: date,
    used: int,
    at: datetime,
    head: str | None = None,
) -> tuple[Alert, ...]:
    """The digest of `day`, one a channel that wants it and hears at least one of the feeds.

    Args:
        days: one a feed.
        alerting: routes and budget.
        day: the day it is about, local.
        used: root messages posted in the seven days up to it.
        at: now, aware UTC.
        head: of the audit log's chain, None when there is none.
    """
    topic = f"digest/{day.isoformat()}"
    alerts = []
    for channel in alerting.channels():
        heard = [each for each in days if channel.route.tells(each.feed.name)]
        if not channel.route.digest or not heard:
            continue
        how = heard[0].how
        lines = [line for each in heard for line in _feed_lines(each, alerting)]
        lines.append(how.phrase("digest_budget", used=Amount(used), budget=Amount(alerting.budget_per_week)))
        if head is not None:
            lines.append(how.phrase("digest_head", head=head))
        problems = how.phrase("problems", count=Amount(sum(len(each.open) for each in heard)))
        headline = how.phrase(_headline(heard), day=day, problems=problems)
        message = Message("digest", topic, how.language, headline, lines=tuple(lines))
        name = alert_id(topic, channel.name)
        alerts.append(Alert(name, channel.name, topic, "digest", message.to_json(), at))
    return tuple(alerts)


def _headline(days: Sequence[FeedDay]) -> str:
    if any(each.open for each in days):
        return "digest_open"
    if all(each.status is None for each in days):
        return "digest_silent"
    proven = all(each.status is Status.PASSED and not each.unproven for each in days if each.status is not None)
    return "digest_good" if proven else "digest_unproven"


def _feed_lines(each: FeedDay, alerting: Alerting) -> list[str]:
    how, words = each.how, ProblemTexts(each.how, each.feed, alerting)
    title = words.title()
    status = STATUS_WORD[each.status][how.language] if each.status is not None else "–"
    counts = {"deliveries": Amount(each.deliveries), "open": Amount(len(each.open))}
    lines = [how.phrase("digest_feed", title=title, status=status, **counts)]
    missing = total_missing(findings(each.open))
    if missing is not None:
        lines.append(how.phrase("digest_missing", title=title, count=Persons(missing.value)))
    if each.unproven:
        named = [words.segment(segment) for segment in each.unproven[:MAX_SEGMENTS]]
        if len(each.unproven) > MAX_SEGMENTS:
            named.append(how.phrase("and_more", count=Amount(len(each.unproven) - MAX_SEGMENTS)))
        lines.append(how.phrase("digest_not_proven", title=title, segments="; ".join(named)))
    return lines


def compose_test(*, alerting: Alerting, how: MessageFormatter, key: str, at: datetime) -> tuple[Alert, ...]:
    """A test message a channel; `key` makes it a new one."""
    alerts = []
    for channel in alerting.channels():
        topic, line = f"test/{key}", how.phrase("test_line", route=channel.name)
        message = Message("test", topic, how.language, how.phrase("test"), lines=(line,))
        alerts.append(Alert(alert_id(topic, channel.name), channel.name, topic, "test", message.to_json(), at))
    return tuple(alerts)
