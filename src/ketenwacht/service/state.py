"""How the service and its feeds are, as plain values for pages, health and metrics. No small count leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import func, select

from ketenwacht.domain.feed import Feed
from ketenwacht.domain.incident import Incident
from ketenwacht.domain.privacy import SMALL_COUNT
from ketenwacht.domain.result import Run
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.status import Status
from ketenwacht.errors import StoreError
from ketenwacht.store import History
from ketenwacht.store.tables import deliveries, runs
from ketenwacht.workflows.looking.reporting import coarse

from .service import Service

SILENT = 6
"""So many ticks (and ten minutes) without a sign of work mean that the work hangs."""
_LEAST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class FeedState:
    """One feed now.

    Attributes:
        feed: as configured.
        latest: the newest run with its results, None before the first.
        judged_at: when a delivery was last judged without an error (UTC), None: never.
        counts: runs by status.
        incidents: that are live.
        missing: persons estimated to be missing by coarse segment, to the ten; below ten it is 0.
    """

    feed: Feed
    latest: Run | None
    judged_at: datetime | None
    counts: Mapping[Status, int]
    incidents: tuple[Incident, ...]
    missing: Mapping[Segment, int]

    @property
    def status(self) -> Status | None:
        """The newest verdict, None before the first."""
        return None if self.latest is None else self.latest.status


def feed_state(history: History, feed: Feed) -> FeedState:
    """How a feed is.

    Raises:
        StoreError: the history cannot be read.
    """
    newest = history.runs(feed.name, limit=1)
    counts, judged_at = _runs(history, feed.name)
    incidents = history.live_incidents(feed.name)
    return FeedState(
        feed, newest[-1] if newest else None, judged_at, counts, incidents, missing_by_segment(feed, incidents)
    )


def missing_by_segment(feed: Feed, incidents: tuple[Incident, ...]) -> dict[Segment, int]:
    """The largest estimate of each coarse segment and of the whole feed, over the incidents that are failing."""
    dimensions = coarse(feed)
    most: dict[Segment, float] = {}
    for incident in incidents:
        segment = incident.fingerprint.segment
        is_coarse = segment == WHOLE or tuple(name for name, _ in segment.pairs) == dimensions
        if incident.active and is_coarse and incident.missing is not None and incident.missing.value > 0:
            most[segment] = max(most.get(segment, 0.0), incident.missing.value)
    return {s: int(round(n, -1)) if n >= SMALL_COUNT else 0 for s, n in sorted(most.items())}


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the service can do its work.

    Attributes:
        database: whether the history answers.
        role: `leader` or `standby`.
        unsent: since when the oldest alert waits (UTC), None when none does.
        outbox: alerts by state; empty when the history does not answer.
        silent: seconds since the work was last seen going on.
        faults: what is wrong, a few words each; empty when it is ready.
    """

    database: bool
    role: str
    unsent: datetime | None
    outbox: Mapping[str, int]
    silent: float
    faults: tuple[str, ...]


def readiness(service: Service, history: History, at: datetime) -> Readiness:
    """How the service is at `at` (UTC); never raises."""
    settings = service.office.settings.service
    silent = monotonic() - service.last_tick
    faults: list[str] = []
    unsent, outbox, database = None, {}, True
    try:
        unsent, outbox = history.oldest_unsent(), dict(history.outbox_counts())
        faults += [f"route {name} cannot deliver" for name in history.broken_routes()]
    except StoreError:
        database = False
        faults.append("the history does not answer")
    if unsent is not None and at - unsent > settings.unsent:
        faults.append("alerts wait too long")
    if silent > max(settings.tick * SILENT, _LEAST) / timedelta(seconds=1):
        faults.append("the work hangs")
    role = "leader" if service.leads else "standby"
    return Readiness(database, role, unsent, outbox, silent, tuple(faults))


def _runs(history: History, feed: str) -> tuple[dict[Status, int], datetime | None]:
    query = (
        select(runs.c.status, func.count(), func.max(runs.c.at))
        .join(deliveries)
        .where(deliveries.c.feed == feed)
        .group_by(runs.c.status)
    )
    with history.reading() as connection:
        rows = [(Status(status), count, last) for status, count, last in connection.execute(query)]
    judged = [last for status, _, last in rows if status is not Status.ERROR]
    return {status: count for status, count, _ in rows}, max(judged, default=None)
