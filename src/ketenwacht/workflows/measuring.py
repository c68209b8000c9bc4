"""Measure deliveries on every core, ahead of judging them in order.

Measuring needs only the delivery, so it may run before its turn. Judging may not. The module is small because
every worker process imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.settings import ServiceSettings
from ketenwacht.domain.statement import Amount, Statement
from ketenwacht.errors import DeliveryError
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.pipeline import FeedContext, measure_delivery
from ketenwacht.processes import count_cores, map_in_processes
from ketenwacht.scheduler import Work
from ketenwacht.sources.base import SETTLE
from ketenwacht.workflows.watched import STOOD_STILL, WatchedCalls
from ketenwacht.workflows.worker import Runner, Worker, WorkLimits

ENOUGH = 12
"""With fewer deliveries than this, starting other processes costs more than it saves."""

Measuring = Callable[[FeedContext, Sequence[Work]], Iterator[Snapshot]]
"""Measures each piece of work, in order."""

Listing = Callable[[FeedContext, datetime], tuple[Delivery, ...]]
"""Lists the deliveries of a source at a moment."""


def measure_ahead(context: FeedContext, work: Sequence[Work]) -> Iterator[Snapshot]:
    """Yield the snapshot of each piece of work, in order; measure fewer than `ENOUGH` in this process.

    What may hang is read and measured in a worker process, which can be ended: code of a plug-in, and files on a
    network; see `Worker.measure`.
    """
    if context.foreign or context.reads_network:
        with closing_worker(context.service) as worker:
            yield from worker.measure(context, work)
        return
    readable = sum(one.delivery.read for one in work)
    workers = min(count_cores() - 1, 8)  # this process judges meanwhile
    if readable < ENOUGH or workers < 1:
        yield from (measure_delivery(context, one.delivery, one.moment) for one in work)
        return
    yield from map_in_processes(_measure, context, work, workers=workers, batch=4)


@contextmanager
def closing_worker(service: ServiceSettings) -> Iterator[Worker]:
    """Yield a worker process; end it on leaving."""
    worker = Worker(WorkLimits.of(service), lambda: True, lambda *_: None)
    try:
        yield worker
    finally:
        worker.stop()


@contextmanager
def open_runner(service: ServiceSettings, standstill: timedelta, *, network: bool) -> Iterator[Runner]:
    """Yield what calls functions that read files, and gives them up when reading stands still.

    Args:
        service: the other limits.
        standstill: how long a call may make no progress.
        network: whether the files lie on a network; else a thread is enough.
    """
    if not network:
        yield WatchedCalls(standstill)
        return
    with closing_worker(replace(service, standstill=standstill)) as worker:
        yield worker.run


def list_here(context: FeedContext, at: datetime, settle: timedelta = SETTLE) -> tuple[Delivery, ...]:
    """Return the deliveries of a source for a command; see `FeedReader.find`.

    Raises:
        DeliveryError: the folder cannot be listed, or listing it stood still.
    """
    if context.foreign or not isinstance(context.feed.source, FileSource):
        return context.find(at, settle=settle)
    limit = context.service.listing
    with open_runner(context.service, limit, network=context.reads_network) as run:
        try:
            return run(_find, context, at, settle)
        except DeliveryError as fault:
            if getattr(fault.statement, "code", None) != STOOD_STILL:
                raise
            why = Statement("delivery.listing_took_time", {"seconds": Amount(limit.total_seconds())})
            raise DeliveryError(MessageFormatter().say(why), why) from None


def _find(context: FeedContext, at: datetime, settle: timedelta) -> tuple[Delivery, ...]:
    return context.find(at, settle=settle)


def _measure(context: FeedContext, work: Work) -> Snapshot:
    return measure_delivery(context, work.delivery, work.moment)
