"""Measuring ahead: deliveries are measured on every core while they are judged in order on this one.

Measuring needs nothing but the delivery, so it may run before its turn. Judging may not.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from ketenwacht.domain.measurement import Snapshot
from ketenwacht.pipeline import FeedContext, measure_delivery
from ketenwacht.scheduler import Work

ENOUGH = 12
"""With fewer deliveries than this, starting other processes costs more than they save."""

Measuring = Callable[[FeedContext, Sequence[Work]], Iterator[Snapshot]]
"""Measures each piece of work, in order."""

_context: FeedContext | None = None


def measured_ahead(context: FeedContext, work: Sequence[Work]) -> Iterator[Snapshot]:
    """The snapshot of each piece of work, in order. Fewer than `ENOUGH` are measured in this process."""
    readable = sum(one.delivery.read for one in work)
    workers = min(len(os.sched_getaffinity(0)), 8)
    if readable < ENOUGH or workers < 2:  # noqa: PLR2004 - one other process is what it takes
        yield from (measure_delivery(context, one.delivery, one.moment) for one in work)
        return
    mp_context = multiprocessing.get_context("spawn")  # fork would copy the threads of a database driver
    with ProcessPoolExecutor(workers, mp_context=mp_context, initializer=_begin, initargs=(context,)) as pool:
        yield from pool.map(_measure, work, chunksize=4)


def _begin(context: FeedContext) -> None:
    global _context  # noqa: PLW0603 - the one thing a worker process is told when it starts
    _context = context


def _measure(one: Work) -> Snapshot:
    assert _context is not None  # noqa: S101 - set by _begin
    return measure_delivery(_context, one.delivery, one.moment)
