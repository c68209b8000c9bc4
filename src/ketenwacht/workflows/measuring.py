"""Measure deliveries on every core, ahead of judging them in order.

Measuring needs only the delivery, so it may run before its turn. Judging may not. The module is small because
every worker process imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.pipeline import FeedContext, measure_delivery
from ketenwacht.processes import count_cores, map_in_processes
from ketenwacht.scheduler import Work
from ketenwacht.workflows.watched import WatchedCalls
from ketenwacht.workflows.worker import Worker, WorkLimits

ENOUGH = 12
"""With fewer deliveries than this, starting other processes costs more than it saves."""

Measuring = Callable[[FeedContext, Sequence[Work]], Iterator[Snapshot]]
"""Measures each piece of work, in order."""

Listing = Callable[[FeedContext, datetime], tuple[Delivery, ...]]
"""Lists the deliveries of a source at a moment."""


def measure_ahead(context: FeedContext, work: Sequence[Work]) -> Iterator[Snapshot]:
    """Yield the snapshot of each piece of work, in order; measure fewer than `ENOUGH` in this process.

    Code of a plug-in reads and measures in a worker process, which can be ended; see `Worker.measure`.
    """
    if context.foreign:
        with closing_worker(context) as worker:
            yield from worker.measure(context, work)
        return
    readable = sum(one.delivery.read for one in work)
    workers = min(count_cores() - 1, 8)  # this process judges meanwhile
    if readable < ENOUGH or workers < 1:
        yield from (measure_delivery(context, one.delivery, one.moment) for one in work)
        return
    yield from map_in_processes(_measure, context, work, workers=workers, batch=4)


@contextmanager
def closing_worker(context: FeedContext) -> Iterator[Worker]:
    """Yield a worker process for the deliveries of one feed; end it on leaving."""
    worker = Worker(WorkLimits.of(context.service), lambda: True, lambda *_: None)
    try:
        yield worker
    finally:
        worker.stop()


def list_here(context: FeedContext, at: datetime) -> tuple[Delivery, ...]:
    """Return the deliveries of a source, listed in this process; see `FeedReader.find`.

    Raises:
        DeliveryError: the folder cannot be listed, or listing it stood still.
    """
    if context.foreign or not isinstance(context.feed.source, FileSource):
        return context.find(at)
    return WatchedCalls(context.service.listing)(context.find, at)


def _measure(context: FeedContext, work: Work) -> Snapshot:
    return measure_delivery(context, work.delivery, work.moment)
