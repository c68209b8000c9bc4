"""A process that measures: it imports Great Expectations once, and is replaced when it hangs, dies or grows.

Pages and health live in another process, so they never wait for it. A delivery that ends its process time after
time is unreadable, with the reason: one delivery cannot stop all others for ever.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.statement import Amount, Statement
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.pipeline import FeedContext, measure_delivery
from ketenwacht.scheduler import Work

TRIES = 3
"""A delivery whose process ends this often is given up as unreadable."""
_LOOK = 0.25  # seconds between two looks at a process that measures
_BEGIN = timedelta(minutes=2)  # that a process may take to begin
_READY = "ready"
_GRACE = 5.0  # seconds that a process gets to end by itself


class WorkStopped(Exception):  # noqa: N818 - an order, not a fault
    """There is no right, or no wish, to go on with the work."""


@dataclass(slots=True)
class Worker:
    """A measuring process, started when it is first needed.

    Attributes:
        memory: bytes it may use; more is its end, and above half of it it is replaced between two deliveries.
        patience: how long one delivery may take.
        going: called all the time while it measures; False ends the work at once.
        on_warning: called with what was done to the process (`replaced`), and why.
        replaced: how many processes were ended before their time.
    """

    memory: int
    patience: timedelta
    going: Callable[[], bool]
    on_warning: Callable[[str, str], None]
    replaced: int = 0
    _process: BaseProcess | None = field(default=None, init=False)
    _pipe: Connection | None = field(default=None, init=False)

    @property
    def pid(self) -> int | None:
        """Of the process, None when there is none."""
        return None if self._process is None else self._process.pid

    @property
    def bytes(self) -> int:
        """Memory that the process has now (resident bytes); 0 without one, or where that cannot be told."""
        pid = self.pid
        return 0 if pid is None else resident(pid)

    def measure(self, context: FeedContext, work: Sequence[Work]) -> Iterator[Snapshot]:
        """The snapshot of each piece of work, in order.

        Raises:
            Stopped: `going` said no; what was being measured is forgotten.
        """
        for one in work:
            if not self.going():
                raise WorkStopped
            yield (
                self._measured(context, one)
                if one.delivery.read
                else measure_delivery(context, one.delivery, one.moment)
            )

    def stop(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if process is not None:
            process.join(0.1)
            if process.is_alive():
                process.kill()
            process.join(_GRACE)

    def _measured(self, context: FeedContext, one: Work) -> Snapshot:
        why = Statement("delivery.measuring_ended")
        for _ in range(TRIES):
            answer = self._ask(context, one)
            if isinstance(answer, Snapshot):
                if self.bytes > self.memory // 2:
                    self._replace("it has grown")
                return answer
            why = answer
            self._replace(MessageFormatter().say(why))
        given_up = replace(one.delivery, presence=Presence.UNREADABLE, problem=why)
        return measure_delivery(context, given_up, one.moment)

    def _ask(self, context: FeedContext, one: Work) -> Snapshot | Statement:
        """The snapshot, or why there is none."""
        try:
            pipe = self._started()
            pipe.send((context, one))
            return self._answer(pipe, self.patience)
        except (EOFError, OSError):
            return Statement("delivery.measuring_ended")

    def _answer(self, pipe: Connection, patience: timedelta) -> Snapshot | Statement:
        end = monotonic() + patience / timedelta(seconds=1)
        while not pipe.poll(_LOOK):
            if not self.going():
                self.stop()
                raise WorkStopped
            if self.bytes > self.memory:
                return Statement("delivery.measuring_took_memory", {"most": Amount(self.memory)})
            if monotonic() > end:
                return Statement("delivery.measuring_took_time", {"seconds": Amount(patience.total_seconds())})
        answer: Snapshot | Statement = pipe.recv()
        return answer

    def _started(self) -> Connection:
        if self._pipe is None or self._process is None or not self._process.is_alive():
            self.stop()
            mp_context = multiprocessing.get_context("spawn")  # fork would copy the threads of pages and database
            self._pipe, theirs = mp_context.Pipe()
            self._process = mp_context.Process(target=_serve, args=(theirs, os.getpid()), daemon=True)
            self._process.start()
            theirs.close()
            self._answer(self._pipe, _BEGIN)  # what it must import is not held against a delivery
        return self._pipe

    def _replace(self, why: str) -> None:
        self.replaced += 1
        self.on_warning("replaced", why)
        self.stop()


def resident(pid: int) -> int:
    """Resident bytes of a process; 0 when it is not there, or the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0


def _serve(pipe: Connection, parent: int) -> None:
    """Measure what is asked for until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asks decides when this ends
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(EOFError, OSError):
        pipe.send(_READY)
        while os.getppid() == parent:
            if not pipe.poll(_GRACE):
                continue  # look whether there still is somebody to ask
            context, one = pipe.recv()
            pipe.send(_answered(context, one))


def _answered(context: FeedContext, one: Work) -> Snapshot | Statement:
    try:
        return measure_delivery(context, one.delivery, one.moment)
    except MemoryError:
        return Statement("delivery.measuring_no_memory")
