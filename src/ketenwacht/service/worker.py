"""A measuring process: it imports Great Expectations once, and is replaced when it hangs, dies or grows.

Pages and health run in another process, so they never wait for it. A delivery that ends its process several times
is unreadable, with the reason, so that it cannot stop all others.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic
from typing import cast

from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.statement import Amount, Statement
from ketenwacht.errors import DeliveryError, KetenwachtError
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.pipeline import FeedContext, measure_delivery
from ketenwacht.scheduler import Work

TRIES = 3
"""A delivery whose process ends this often is given up as unreadable."""
_LOOK = 0.25  # seconds between two looks at a process that measures
_READY = "ready"
_STOOD_STILL = "delivery.measuring_stood_still"
_GRACE = 5.0  # seconds that a process gets to end by itself


class WorkStopped(Exception):  # noqa: N818 - an order, not a fault
    """The work must stop: the lease was lost, or the service ends."""


@dataclass(frozen=True, slots=True)
class WorkLimits:
    """What listing and measuring may take before their process is ended.

    Attributes:
        memory: bytes; above half of it the process is replaced between two deliveries.
        listing: for the deliveries of one source.
        standstill: without any progress while a delivery is measured: no processor time, nothing read or written.
        total: for one delivery in all; None: as long as it makes progress.
    """

    memory: int
    listing: timedelta
    standstill: timedelta
    total: timedelta | None = None


@dataclass(slots=True)
class Worker:
    """A measuring process, started when it is first needed.

    Attributes:
        limits: what its work may take.
        going: called all the time while it measures; False ends the work at once.
        on_warning: called with what was done to the process (`replaced`), and why.
        replaced: how many processes were ended before their time.
    """

    limits: WorkLimits
    going: Callable[[], bool]
    on_warning: Callable[[str, str], None]
    replaced: int = 0
    _process: BaseProcess | None = field(default=None, init=False)
    _pipe: Connection | None = field(default=None, init=False)

    @property
    def pid(self) -> int | None:
        """Its process id; None when there is no process."""
        return None if self._process is None else self._process.pid

    @property
    def bytes(self) -> int:
        """Its resident memory (bytes); 0 without a process, or where the system does not tell."""
        pid = self.pid
        return 0 if pid is None else resident_bytes(pid)

    def measure(self, context: FeedContext, work: Sequence[Work]) -> Iterator[Snapshot]:
        """Yield the snapshot of each piece of work, in order.

        Raises:
            WorkStopped: `going` said no; what was being measured is forgotten.
        """
        for one in work:
            if not self.going():
                raise WorkStopped
            yield (
                self._measure_delivery(context, one)
                if one.delivery.read
                else measure_delivery(context, one.delivery, one.moment)
            )

    def find(self, context: FeedContext, at: datetime, quiet: timedelta) -> tuple[Delivery, ...]:
        """Return every delivery of a source; see `FeedReader.find`.

        Raises:
            DeliveryError: the source cannot be reached, or does not answer in time; its process is ended then.
            ConfigError: as `FeedReader.find`.
            WorkStopped: `going` said no.
        """
        limit = self.limits.listing
        answer = self._request(("find", context, at, quiet), _Patience("delivery.listing_took_time", limit))
        if isinstance(answer, KetenwachtError):
            raise answer
        if isinstance(answer, Statement):
            why = answer if answer.code != "delivery.measuring_ended" else Statement("delivery.listing_ended")
            self._replace(MessageFormatter().say(why))
            raise DeliveryError(MessageFormatter().say(why), why)
        return cast("tuple[Delivery, ...]", answer)

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

    def _measure_delivery(self, context: FeedContext, one: Work) -> Snapshot:
        why = Statement("delivery.measuring_ended")
        patience = _Patience("delivery.measuring_took_time", self.limits.total, self.limits.standstill)
        for _ in range(TRIES):
            answer = self._request(("measure", context, one), patience)
            if isinstance(answer, Snapshot):
                if self.bytes > self.limits.memory // 2:
                    self._replace("it has grown")
                return answer
            if isinstance(answer, Statement):
                why = answer
            self._replace(MessageFormatter().say(why))
            if why.code == _STOOD_STILL:
                break  # the source hangs: the next check tries again
        given_up = replace(one.delivery, presence=Presence.UNREADABLE, problem=why)
        return measure_delivery(context, given_up, one.moment)

    def _request(self, question: tuple[object, ...], patience: _Patience) -> object:
        """Return the snapshot, or why there is none."""
        try:
            pipe = self._start()
            pipe.send(question)
            return self._wait_for_answer(pipe, patience)
        except (EOFError, OSError):
            return Statement("delivery.measuring_ended")

    def _wait_for_answer(self, pipe: Connection, patience: _Patience) -> object:
        watch = _Watch(patience, self.pid)
        while not pipe.poll(_LOOK):
            if not self.going():
                self.stop()
                raise WorkStopped
            if self.bytes > self.limits.memory:
                return Statement("delivery.measuring_took_memory", {"most": Amount(self.limits.memory)})
            over = watch.look()
            if over is not None:
                return over
        return pipe.recv()

    def _start(self) -> Connection:
        if self._pipe is None or self._process is None or not self._process.is_alive():
            self.stop()
            mp_context = multiprocessing.get_context("spawn")  # fork would copy the threads of pages and database
            self._pipe, theirs = mp_context.Pipe()
            self._process = mp_context.Process(target=_serve, args=(theirs, os.getpid()), daemon=True)
            self._process.start()
            theirs.close()
            self._wait_for_answer(self._pipe, _BEGIN)  # what it must import is not held against a delivery
        return self._pipe

    def _replace(self, why: str) -> None:
        self.replaced += 1
        self.on_warning("replaced", why)
        self.stop()


def resident_bytes(pid: int) -> int:
    """Return the resident memory (bytes) of a process; 0 when there is none, or the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0


@dataclass(frozen=True, slots=True)
class _Patience:
    """How long an answer may take: in all, and without progress; and what is said when that was too long."""

    code: str
    total: timedelta | None
    standstill: timedelta | None = None


_BEGIN = _Patience("delivery.measuring_took_time", timedelta(minutes=2))  # that a process may take to begin


class _Watch:
    """Whether a process still has time to answer, and makes progress."""

    def __init__(self, patience: _Patience, pid: int | None) -> None:
        self._patience, self._pid = patience, pid
        self._began = self._moved = monotonic()
        self._progress = progress(pid)

    def look(self) -> Statement | None:
        """Return what ends the wait; None: go on waiting."""
        now, seen = monotonic(), progress(self._pid)
        if seen is None or seen != self._progress:  # a system that does not tell is given the benefit of the doubt
            self._moved, self._progress = now, seen
        for code, limit, since in (
            (self._patience.code, self._patience.total, self._began),
            (_STOOD_STILL, self._patience.standstill, self._moved),
        ):
            if limit is not None and now - since > limit.total_seconds():
                return Statement(code, {"seconds": Amount(limit.total_seconds())})
        return None


def progress(pid: int | None) -> tuple[str, ...] | None:
    """Return what changes while a process works: processor time, bytes read and written. None: not told here."""
    if pid is None:
        return None
    try:
        times = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
        moved = Path(f"/proc/{pid}/io").read_text(encoding="ascii").split()[1:4:2]
    except (OSError, ValueError):
        return None
    return (*times, *moved)


def _serve(pipe: Connection, parent: int) -> None:
    """Measure what the parent sends until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asks decides when this ends
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(EOFError, OSError):
        pipe.send(_READY)
        while os.getppid() == parent:
            if not pipe.poll(_GRACE):
                continue  # look whether there still is somebody to ask
            kind, *question = pipe.recv()
            pipe.send(_ANSWERS[kind](*question))


def _find(context: FeedContext, at: datetime, quiet: timedelta) -> tuple[Delivery, ...] | KetenwachtError:
    try:
        return context.find(at, quiet=quiet)
    except KetenwachtError as fault:
        return fault


def _measure(context: FeedContext, one: Work) -> Snapshot | Statement:
    try:
        return measure_delivery(context, one.delivery, one.moment)
    except MemoryError:
        return Statement("delivery.measuring_no_memory")


_ANSWERS: Mapping[str, Callable[..., object]] = {"find": _find, "measure": _measure}
