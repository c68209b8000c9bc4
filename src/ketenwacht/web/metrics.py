"""The metrics of the service, read from the history and the service at each request.

Counts of persons follow `messages.privacy`: rounded, and NaN where they are hidden. There are only those of the
whole feed and of coarse segments.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import Segment
from ketenwacht.errors import StoreError
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views import clean, segment_text
from ketenwacht.service.service import Service
from ketenwacht.service.state import FeedStatus, check_readiness, load_statuses

HELP = {
    "ketenwacht_up": "1 while this process answers.",
    "ketenwacht_ready": "1 when the service can do its work, leading or standing by.",
    "ketenwacht_leader": "1 in the process that works, 0 in one that stands by.",
    "ketenwacht_work_silent_seconds": "Seconds since the work was last seen going on.",
    "ketenwacht_last_well_timestamp_seconds": "When all feeds were last judged and all alerts told; 0: not yet.",
    "ketenwacht_worker_memory_bytes": "Resident memory of the process that measures; 0 without one.",
    "ketenwacht_worker_replaced": "Measuring processes that were ended before their time, since the start.",
    "ketenwacht_outbox_alerts": "Alerts in the outbox by state.",
    "ketenwacht_outbox_oldest_seconds": "Age of the oldest alert that was not sent; 0 when all were.",
    "ketenwacht_last_success_timestamp_seconds": "When a delivery of the feed was last judged without an error.",
    "ketenwacht_runs": "Runs in the history by feed and status.",
    "ketenwacht_incidents_open": "Incidents that are failing, by feed and severity.",
    "ketenwacht_missing_persons": "Persons estimated to be missing, by feed and segment, rounded; NaN: hidden.",
}
"""Every metric and what it means; the operations manual lists the same."""

WHOLE_FEED = "whole feed"
"""The label of the whole feed: the same in every language, because dashboards ask for it."""


class _Collector:
    def __init__(self, service: Service, at: datetime) -> None:
        self.service, self.at = service, at

    def collect(self) -> Iterator[Metric]:
        """Yield every metric; without those of the history while it does not answer."""
        state = check_readiness(self.service, self.service.history, self.at)
        well = self.service.last_well
        waits = 0.0 if state.unsent is None else max(0.0, (self.at - state.unsent).total_seconds())
        yield _one("ketenwacht_up", 1)
        yield _one("ketenwacht_ready", not state.faults)
        yield _one("ketenwacht_leader", self.service.leads)
        yield _one("ketenwacht_work_silent_seconds", state.silent)
        yield _one("ketenwacht_last_well_timestamp_seconds", 0 if well is None else well.timestamp())
        yield _one("ketenwacht_worker_memory_bytes", self.service.worker.bytes)
        yield _one("ketenwacht_worker_replaced", self.service.worker.replaced)
        if not state.database:
            return
        yield _one("ketenwacht_outbox_oldest_seconds", waits)
        yield _by("ketenwacht_outbox_alerts", ("state",), (((word,), n) for word, n in state.outbox.items()))
        try:
            settings = self.service.project.settings
            policy = settings.alerts.policy
            feeds = load_statuses(self.service.history, settings.feeds.values(), policy)
        except StoreError:
            return
        yield from _of_feeds(feeds, self.service.project.formatter(language="en"))

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering does not read the history."""
        return []


def metrics_text(service: Service, at: datetime) -> bytes:
    """Return all metrics in the text format of Prometheus, as they are at `at` (UTC)."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(service, at))
    return generate_latest(registry)


def _of_feeds(feeds: Sequence[FeedStatus], formatter: MessageFormatter) -> Iterator[Metric]:
    judged = {(f.feed.name,): f.judged_at.timestamp() for f in feeds if f.judged_at is not None}
    yield _by("ketenwacht_last_success_timestamp_seconds", ("feed",), judged.items())
    runs = {(f.feed.name, status.word): f.counts.get(status, 0) for f in feeds for status in Status}
    yield _by("ketenwacht_runs", ("feed", "status"), runs.items())
    severe: dict[tuple[str, ...], float] = {}
    for each in feeds:
        for incident in each.incidents:
            if incident.active:
                key = (each.feed.name, incident.severity.name.lower())
                severe[key] = severe.get(key, 0) + 1
    yield _by("ketenwacht_incidents_open", ("feed", "severity"), severe.items())
    missing = {
        (f.feed.name, _label(segment, formatter)): _public_count(one.value, formatter)
        for f in feeds
        for segment, one in f.missing.items()
    }
    yield _by("ketenwacht_missing_persons", ("feed", "segment"), missing.items())


def _public_count(persons: float, formatter: MessageFormatter) -> float:
    shown = formatter.privacy.count(persons)
    return math.nan if shown.value is None else shown.value


def _one(name: str, value: float) -> Metric:
    return GaugeMetricFamily(name, HELP[name], value=float(value))


def _by(name: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    family = GaugeMetricFamily(name, HELP[name], labels=labels)
    for key, value in values:
        family.add_metric([clean(part) for part in key], float(value))
    return family


def _label(segment: Segment, formatter: MessageFormatter) -> str:
    return segment_text(segment, formatter) if segment.pairs else WHOLE_FEED
