"""The state of the service and its feeds, as plain values for pages, health and metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import func, select

from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.incidents import Incident, count_feed
from ketenwacht.domain.result import Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.errors import PooledLock, StoreError
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.store import History
from ketenwacht.store.tables import deliveries, runs
from ketenwacht.workflows.feed_faults import find_active_faults
from ketenwacht.workflows.trends import coarse_dimensions

from .service import Service

SILENT = 6
"""So many ticks (and ten minutes) without a sign of work mean that the work hangs."""
_LEAST = timedelta(minutes=10)
_LEASES, _TICKS = 2, 3
"""So many leases, and at least so many ticks, without work by any process mean that nobody works."""


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """The state of one feed.

    Attributes:
        feed: as configured.
        judged_at: when a delivery was last judged without an error (UTC), None: never.
        counts: runs by status.
        incidents: those that are not closed.
        missing: persons estimated to be missing, of the whole feed and by coarse segment, as they are: whoever
            shows one asks `messages.privacy`.
    """

    feed: Feed
    judged_at: datetime | None
    counts: Mapping[Status, int]
    incidents: tuple[Incident, ...]
    missing: Mapping[Segment, Missing]


def load_statuses(history: History, feeds: Iterable[Feed], policy: Policy) -> tuple[FeedStatus, ...]:
    """Return the state of each feed, with few queries over all of them.

    Args:
        history: open.
        feeds: as configured.
        policy: the limits of severity.

    Raises:
        StoreError: the history cannot be read.
    """
    counts = _count_runs(history)
    incidents: dict[str, list[Incident]] = {}
    for one in history.incidents.find(policy):
        incidents.setdefault(one.feed, []).append(one)
    found = []
    for feed in feeds:
        mine, runs = tuple(incidents.get(feed.name, ())), counts.get(feed.name, {})
        judged = [last for status, (_, last) in runs.items() if status is not Status.ERROR]
        many = {status: count for status, (count, _) in runs.items()}
        found.append(FeedStatus(feed, max(judged, default=None), many, mine, missing_by_segment(feed, mine)))
    return tuple(found)


def missing_by_segment(feed: Feed, incidents: tuple[Incident, ...]) -> dict[Segment, Missing]:
    """Return the missing persons of the whole feed, then of its coarse parts; never more than the whole."""
    total = count_feed(incidents)
    if total is None:
        return {}
    dimensions = coarse_dimensions(feed)
    parts = {part.segment: part for part in total.parts if part.segment.dimensions == tuple(dimensions)}
    found = {WHOLE: total.to_estimate()}
    for segment, part in sorted(parts.items()):
        found[segment] = Missing(part.since, part.value, part.low, part.high)
    return found


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
        feeds: what keeps single feeds from being judged, class and place; the service is ready all the same.
        audit_log: why the audit log does not go on from the head kept outside; the service is ready all the same.
    """

    database: bool
    role: str
    unsent: datetime | None
    outbox: Mapping[str, int]
    silent: float
    faults: tuple[str, ...]
    feeds: Mapping[str, str] = field(default_factory=dict)
    audit_log: str | None = None


def check_readiness(service: Service, history: History, at: datetime) -> Readiness:
    """Return the state of the service at `at` (UTC); never raise."""
    settings = service.project.settings.service
    silent = monotonic() - service.last_tick
    faults: list[str] = []
    unsent, outbox, database = None, {}, True
    try:
        unsent, outbox = history.outbox.find_oldest_unsent(), dict(history.outbox.count())
        faults += [f"route {name} cannot deliver" for name in history.outbox.find_broken_routes()]
    except StoreError as fault:
        database = False
        faults.append("the history does not answer" + _describe(fault))
    faults += _find_work_faults(service, database=database)
    if unsent is not None and at - unsent > settings.unsent:
        faults.append("alerts wait too long")
    if silent > max(settings.tick * SILENT, _LEAST) / timedelta(seconds=1):
        faults.append("the work hangs")
    role = "leader" if service.leads else "standby"
    feeds = {**(_find_feed_faults(service, history) if database else {}), **service.feed_faults}
    return Readiness(database, role, unsent, outbox, silent, tuple(faults), feeds, service.audit_fault)


def _find_feed_faults(service: Service, history: History) -> dict[str, str]:
    """Return by feed what the history knows of faults in judging it, also in a process that stands by."""
    say = MessageFormatter().say
    try:
        found = find_active_faults(history, service.project.settings.feeds)
    except StoreError:
        return {}
    return {feed: "; ".join(say(one.said) for one in findings) for feed, findings in found.items()}


def _find_work_faults(service: Service, *, database: bool) -> list[str]:
    """Return what keeps this process from leading, and whether anybody leads and works."""
    settings, now, lease, faults = service.project.settings.service, monotonic(), service.lease, []
    if database and service.history_fault is not None:
        faults.append("the history cannot be written" + _describe(service.history_fault))
    if lease.fault is not None and isinstance(lease.fault, PooledLock):
        faults.append("the leader lock cannot be held" + _describe(lease.fault))
    if lease.deposed is not None and now - lease.deposed < _LEASES * settings.lease / timedelta(seconds=1):
        faults.append("another process took the lead from this one")
    idle = max(_LEASES * settings.lease, _TICKS * settings.tick) / timedelta(seconds=1)
    if now - service.last_worked > idle:
        faults.append("nobody has led and worked for two leases")
    return faults


def _describe(fault: StoreError) -> str:
    """Return the kind and remedy of a fault; neither names a host, a file or a user."""
    remedy = str(fault).partition(" — ")[2]
    return f" ({type(fault).__name__}{': ' if remedy else ''}{remedy})"


@dataclass(slots=True)
class ReadinessLog:
    """Logs what keeps the service from being ready, once for each change."""

    service: Service
    _logged: tuple[str, ...] = field(default=(), init=False)

    def look(self) -> None:
        """Log the faults when they are others than at the last look."""
        found = check_readiness(self.service, self.service.history, self.service.now()).faults
        if found != self._logged:
            self._logged = found
            self.service.log.say("ready", "service", "not ready" if found else "ready", faults=list(found))


def _count_runs(history: History) -> dict[str, dict[Status, tuple[int, datetime]]]:
    """Return by feed and status how many runs there are, and when the last one was (UTC)."""
    query = (
        select(deliveries.c.feed, runs.c.status, func.count(), func.max(runs.c.at))
        .join(deliveries, deliveries.c.id == runs.c.delivery)
        .group_by(deliveries.c.feed, runs.c.status)
    )
    found: dict[str, dict[Status, tuple[int, datetime]]] = {}
    with history.database.reading() as connection:
        for feed, status, count, last in connection.execute(query):
            found.setdefault(feed, {})[Status(status)] = count, last
    return found
