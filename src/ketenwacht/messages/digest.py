"""The daily digest, so that silence is itself a signal, and the test message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ketenwacht.domain.alerting import Alerting
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.incident import Alert, Incident
from ketenwacht.domain.message import Message
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.status import Status

from . import texts
from .compose import alert_id, problems_phrase
from .words import MAX_NAME, Words, cut

MAX_SEGMENTS = 8


@dataclass(frozen=True, slots=True)
class FeedDay:
    """One feed on one day.

    Attributes:
        feed: as configured.
        status: the worst of the day's runs; None when nothing was judged.
        deliveries: judged that day.
        unproven: segments for which no independent evidence was at hand.
        incidents: that are live.
    """

    feed: Feed
    status: Status | None
    deliveries: int
    unproven: tuple[Segment, ...] = ()
    incidents: tuple[Incident, ...] = ()

    @property
    def open(self) -> tuple[Incident, ...]:
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
        alerting: routes, language, budget.
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
        message = _digest(heard, alerting, day, used, head, topic)
        name = alert_id(topic, channel.name)
        alerts.append(Alert(name, channel.name, topic, "digest", message.to_json(), at))
    return tuple(alerts)


def _digest(  # noqa: PLR0913, PLR0917 - see compose_digest
    days: Sequence[FeedDay], alerting: Alerting, day: date, used: int, head: str | None, topic: str
) -> Message:
    words = Words(days[0].feed, alerting, UTC)
    lines = [line for each in days for line in _feed_lines(each, alerting)]
    lines.append(words.phrase("digest_budget", used=used, budget=f"{alerting.budget_per_week:g}"))
    if head is not None:
        lines.append(words.phrase("digest_head", head=head))
    headline = words.phrase(
        _headline(days), day=words.day(day), problems=problems_phrase(words, sum(len(each.open) for each in days))
    )
    return Message("digest", topic, alerting.language, headline, lines=tuple(lines))


def _headline(days: Sequence[FeedDay]) -> str:
    if any(each.open for each in days):
        return "digest_open"
    if all(each.status is None for each in days):
        return "digest_silent"
    proven = all(each.status is Status.PASSED and not each.unproven for each in days if each.status is not None)
    return "digest_good" if proven else "digest_unproven"


def _feed_lines(each: FeedDay, alerting: Alerting) -> list[str]:
    words = Words(each.feed, alerting, UTC)
    title = cut(each.feed.title or each.feed.name, MAX_NAME)
    status = texts.STATUS[each.status][alerting.language] if each.status is not None else "–"
    lines = [
        words.phrase("digest_feed", title=title, status=status, deliveries=each.deliveries, open=len(each.open))
    ]
    short = max((i.missing.value for i in each.open if i.missing is not None), default=0.0)
    if short > 0:
        lines.append(words.phrase("digest_missing", title=title, count=words.persons(short)))
    if each.unproven:
        named = [words.segment(segment) for segment in each.unproven[:MAX_SEGMENTS]]
        if len(each.unproven) > MAX_SEGMENTS:
            named.append(words.phrase("and_more", count=len(each.unproven) - MAX_SEGMENTS))
        lines.append(words.phrase("digest_not_proven", title=title, segments="; ".join(named)))
    return lines


def compose_test(*, alerting: Alerting, key: str, at: datetime) -> tuple[Alert, ...]:
    """A test message a channel; `key` makes it a new one."""
    alerts = []
    for channel in alerting.channels():
        line = texts.PHRASE["test_line"][alerting.language].format(route=channel.name)
        headline = texts.PHRASE["test"][alerting.language]
        topic = f"test/{key}"
        message = Message("test", topic, alerting.language, headline, lines=(line,))
        alerts.append(Alert(alert_id(topic, channel.name), channel.name, topic, "test", message.to_json(), at))
    return tuple(alerts)
