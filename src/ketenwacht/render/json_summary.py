"""The last object of a command that judges, as JSON: a replay, and what `check` found for each feed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ketenwacht.domain.feed import Feed
from ketenwacht.domain.incidents import Incident, count_feed
from ketenwacht.domain.result import Status
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.found_first import measure_found_first, view_found_first
from ketenwacht.messages.report.data import Replay
from ketenwacht.messages.views_incident import sort_incidents, view_incident
from ketenwacht.messages.views_missing import view_missing_persons

from .json import Object, found_first_object
from .json_incident import missing_persons_object, numbered_incident_object

REPLAY_SCHEMA = "ketenwacht/replay/2"
SUMMARY_SCHEMA = "ketenwacht/summary/1"


def replay_object(replay: Replay, formatter: MessageFormatter) -> Object:
    """Return a whole replay as `ketenwacht/replay/2`; `alerts.per_week` is a mean over the replayed stretch."""
    weeks = ((replay.last - replay.first).days + 1) / 7
    return {
        "schema": REPLAY_SCHEMA,
        "feed": replay.feed,
        "from": replay.first.isoformat(),
        "to": replay.last.isoformat(),
        "deliveries": replay.deliveries,
        "missing": _missing(replay.numbered, formatter),
        "incidents": _incidents(replay.numbered, formatter, replay.configured),
        "found_first": found_first_object(view_found_first(measure_found_first(replay), formatter)),
        "alerts": {
            "sent": replay.alerts_sent,
            "per_week": round(replay.alerts_sent / weeks, 2) if weeks > 0 else None,
        },
    }


@dataclass(frozen=True, slots=True)
class FeedOutcome:
    """What a command that judges found for one feed.

    Attributes:
        feed: its name.
        status: the worst of its runs.
        deliveries: how many were judged.
        incidents: those that are not over.
        formatter: puts them into words.
        configured: the feed as configured; None: only its name is known.
    """

    feed: str
    status: Status
    deliveries: int
    incidents: Sequence[Incident]
    formatter: MessageFormatter
    configured: Feed | None = None


def summary_object(outcomes: Iterable[FeedOutcome]) -> Object:
    """Return what was found for each feed as `ketenwacht/summary/1`."""
    return {
        "schema": SUMMARY_SCHEMA,
        "feeds": [
            {
                "feed": one.feed,
                "status": one.status.word,
                "deliveries": one.deliveries,
                "missing": _missing(one.incidents, one.formatter),
                "incidents": _incidents(one.incidents, one.formatter, one.configured),
            }
            for one in outcomes
        ],
    }


def _missing(incidents: Iterable[Incident], formatter: MessageFormatter) -> Object | None:
    return missing_persons_object(view_missing_persons(count_feed(incidents), formatter))


def _incidents(incidents: Iterable[Incident], formatter: MessageFormatter, feed: Feed | None) -> list[Object]:
    views = (view_incident(one, formatter, feed=feed) for one in sort_incidents(incidents))
    return [numbered_incident_object(view) for view in views]
