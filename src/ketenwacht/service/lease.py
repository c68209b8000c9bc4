"""The lease: only one process works at a time, and it must keep renewing its lock in the history.

The holder counts its time from before it asked, by a monotonic clock, and stops before another process may take
the lock. If it pauses just then, the history itself refuses its writes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Lock, Thread
from time import monotonic

from ketenwacht.errors import StoreError
from ketenwacht.store import LEADER, History, LeaderLock, build_leader_lock

NAME = LEADER
_PARTS = 5
"""The holder renews its lease after a fifth of it, and stops a fifth before it is over, for a write on its way."""


@dataclass(slots=True)
class Lease:
    """The right to work, renewed by a thread of its own.

    Attributes:
        history: where the seat is.
        worker: a name that no other process has.
        length: how long a dead holder keeps the others waiting.
        gained: called when this process may work from now on.
        lost: called when it may no more.
        fault: why the lock could not be taken or kept at the last try; None: nothing was wrong.
        deposed: monotonic moment at which another process took the lock from this one; None: none did.
    """

    history: History
    worker: str
    length: timedelta
    gained: Callable[[], None] = lambda: None
    lost: Callable[[], None] = lambda: None
    fault: StoreError | None = field(default=None, init=False)
    deposed: float | None = field(default=None, init=False)
    _seat: LeaderLock = field(init=False)
    _until: float = field(default=0.0, init=False)  # monotonic
    _had: bool = field(default=False, init=False)
    _ended: Event = field(default_factory=Event, init=False)
    _turn: Lock = field(default_factory=Lock, init=False)
    _thread: Thread | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Choose the kind of lock, without taking it."""
        self._seat = build_leader_lock(
            self.history.leases, NAME, worker=self.worker, length=self.length, monotonic=monotonic
        )

    @property
    def held(self) -> bool:
        """Whether this process may work now."""
        return monotonic() < self._until

    @property
    def part(self) -> float:
        """Seconds between two renewals."""
        return self.length / timedelta(seconds=_PARTS)

    def try_once(self) -> bool:
        """Take or renew the lease; return False when another process has it or the history cannot be reached."""
        with self._turn:  # asked by the thread, and after a fault by the work
            if self._ended.is_set():
                return False
            began = monotonic()
            try:
                mine = self._seat.keep()
                self.fault = self._seat.fault
            except StoreError as fault:
                mine, self.fault = None, fault  # nobody took it from us: it is ours until it is over
            if mine is not None:
                self._until = began + (_PARTS - 1) * self.part if mine else 0.0
            had, self._had = self._had, self.held
            if self._had:
                self.deposed = None
            elif had and mine is False and self.fault is None:
                self.deposed = monotonic()
            if self._had and not had:
                self.gained()
            if had and not self._had:
                self.lost()
            return self._had

    def start(self) -> None:
        """Renew the lease in a thread until `stop`."""
        self._thread = Thread(target=self._renew, name="lease", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Release the lease, so that another process need not wait."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(_PARTS * self.part)
        self._until, self._had = 0.0, False
        try:
            self._seat.leave()
        except StoreError:
            return  # it ends by itself

    def _renew(self) -> None:
        while not self._ended.wait(self.part):
            self.try_once()
