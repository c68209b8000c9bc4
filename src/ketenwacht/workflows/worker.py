"""A worker process: it imports Great Expectations once, and is replaced when it hangs, dies or grows.

Pages and health run in another process, so they never wait for it. A delivery that ends its process several times
is unreadable, with the reason, so that it cannot stop all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, Self, TypeVar, cast

from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.problems import PROBLEMS
from ketenwacht.domain.settings import ServiceSettings
from ketenwacht.domain.statement import Amount, Statement, Text
from ketenwacht.errors import DeliveryError, EngineError
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.pipeline import FeedContext, measure_delivery
from ketenwacht.processes import (
    CallRaised,
    ChildProcess,
    End,
    ProcessEnded,
    ProcessLimits,
    WorkStopped,
    in_child,
    stop_at_exit,
)
from ketenwacht.scheduler import Work

T = TypeVar("T")
TRIES = 3
"""A delivery whose process ends this often is given up as unreadable."""
_STOOD_STILL = "delivery.measuring_stood_still"
_CODES = {
    End.EXITED: "delivery.measuring_ended",
    End.TOTAL: "delivery.measuring_took_time",
    End.STANDSTILL: _STOOD_STILL,
    End.MEMORY: "delivery.measuring_took_memory",
}


class Runner(Protocol):
    """Calls a function that reads files, which may hang."""

    def __call__(self, function: Callable[..., T], /, *args: object) -> T:
        """Return what the function returns."""
        ...


def run_here(function: Callable[..., T], /, *args: object) -> T:
    """Return the result of a function, called in this process; see `Worker.run`."""
    return function(*args)


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

    @classmethod
    def of(cls, settings: ServiceSettings) -> Self:
        """Return the configured limits."""
        return cls(settings.memory, settings.listing, settings.standstill, settings.measuring)


@dataclass(slots=True)
class Worker:
    """A worker process, started when it is first needed.

    Attributes:
        limits: what its work may take.
        going: called all the time while it works; False ends the work at once.
        on_warning: called with what was done to the process (`replaced`), and why.
        replaced: how many processes were ended before their time.
    """

    limits: WorkLimits
    going: Callable[[], bool]
    on_warning: Callable[[str, str], None]
    replaced: int = 0
    _child: ChildProcess = field(init=False)

    def __post_init__(self) -> None:
        """Start nothing yet."""
        self._child = stop_at_exit(ChildProcess(self.going, prepare=__name__))

    @property
    def pid(self) -> int | None:
        """Its process id; None when there is no process."""
        return self._child.pid

    @property
    def bytes(self) -> int:
        """Its resident memory (bytes); 0 without a process, or where the system does not tell."""
        return self._child.bytes

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
        codes = {**_CODES, End.EXITED: "delivery.listing_ended", End.TOTAL: "delivery.listing_took_time"}
        limits = ProcessLimits(self.limits.memory, self.limits.listing)
        return self._call(_find, context, at, quiet, limits=limits, codes=codes)

    def run(self, function: Callable[..., T], /, *args: object) -> T:
        """Return the result of a function that reads files, which may hang.

        Raises:
            KetenwachtError: as the function raised it; OSError too.
            DeliveryError: it made no progress, or took too much memory; its process is ended then.
            EngineError: it raised an exception that is none of ours.
            WorkStopped: `going` said no.
        """
        limits = ProcessLimits(self.limits.memory, self.limits.total, self.limits.standstill)
        codes = {**dict.fromkeys(End, "delivery.file_ended"), End.STANDSTILL: "delivery.file_stood_still"}
        answer: T | OSError = self._call(_run, function, args, limits=limits, codes=codes)
        if isinstance(answer, OSError):
            raise answer
        return answer

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._child.stop()

    def _call(self, function: Callable[..., T], *args: object, limits: ProcessLimits, codes: dict[End, str]) -> T:
        if in_child():
            return function(*args)
        try:
            return cast("T", self._child.call(function, *args, limits=limits))
        except ProcessEnded as fault:
            why = _describe(fault, codes)
        except CallRaised as fault:
            raise EngineError(fault.cause) from None
        self._replace(why)
        raise DeliveryError(MessageFormatter().say(why), why)

    def _measure_delivery(self, context: FeedContext, one: Work) -> Snapshot:
        if in_child():
            return measure_delivery(context, one.delivery, one.moment)
        why = Statement("delivery.measuring_ended")
        limits = ProcessLimits(self.limits.memory, self.limits.total, self.limits.standstill)
        for _ in range(TRIES):
            try:
                answer = self._child.call(_measure, context, one, limits=limits)
            except ProcessEnded as fault:
                answer = _describe(fault, _CODES)
            except CallRaised as fault:
                why = Statement("delivery.measuring_failed", {"cause": Text.of(fault.cause)})
                break  # a defect, or a plug-in: a second attempt gives the same
            if isinstance(answer, Snapshot):
                if self.bytes > self.limits.memory // 2:
                    self._replace_for("it has grown")
                return answer
            if isinstance(answer, Statement):
                why = answer
            self._replace(why)
            if why.code == _STOOD_STILL:
                break  # the source hangs: the next check tries again
        given_up = replace(one.delivery, presence=Presence.UNREADABLE, problem=why)
        return measure_delivery(context, given_up, one.moment)

    def _replace(self, why: Statement) -> None:
        self._replace_for(MessageFormatter().say(why))

    def _replace_for(self, why: str) -> None:
        self.replaced += 1
        self.on_warning("replaced", why)
        self.stop()


def _describe(fault: ProcessEnded, codes: dict[End, str]) -> Statement:
    """Return why there is no answer."""
    code = codes[fault.end]
    return Statement(code, {name: Amount(fault.limit) for name in PROBLEMS[code]})


# In the process itself.


def _find(context: FeedContext, at: datetime, quiet: timedelta) -> tuple[Delivery, ...]:
    return context.find(at, quiet=quiet)


def _measure(context: FeedContext, one: Work) -> Snapshot | Statement:
    try:
        return measure_delivery(context, one.delivery, one.moment)
    except MemoryError:
        return Statement("delivery.measuring_no_memory")


def _run(function: Callable[..., T], args: tuple[object, ...]) -> T | OSError:
    try:
        return function(*args)
    except OSError as fault:
        return fault
