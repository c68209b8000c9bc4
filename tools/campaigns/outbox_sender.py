"""A process that sends what an outbox holds, for campaigns in which it is killed with `kill -9`."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.domain.findings.finding import Alert
from ketenwacht.notify import Notifier
from ketenwacht.notify.slack.client import SlackNotifier
from ketenwacht.outbox import Pace, flush
from ketenwacht.store import History

# children are forked from a server that has imported everything and runs no thread: 20 ms each
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    ["ketenwacht.notify.slack.client", "ketenwacht.outbox", "ketenwacht.store", "alembic.command", "numpy"]
)
PATIENCE = 60  # seconds of real time for one flush


class Fallback:
    """A console notifier that reports the id of each alert."""

    kind = "console"
    pause = 0.0

    def __init__(self, heard: Callable[[str], None]) -> None:
        self._heard = heard

    def send(self, alert: Alert, thread: str | None) -> str | None:
        """Report the alert; return its thread."""
        self._heard(alert.id)
        return thread or alert.id

    def edit(self, alert: Alert, thread: str) -> None:
        """Do nothing: the console does not edit."""

    def find(self, alert: Alert, thread: str | None) -> str | None:
        """Find nothing: the console has no history."""

    def owns(self, thread: str) -> bool:
        """Own every thread."""
        return bool(thread)

    def probe(self) -> str:
        """Return the kind."""
        return self.kind


def _send(pipe: Connection, history_url: str, slack: SlackTarget, timeout: float) -> None:
    """Flush at every moment that comes in; the answer is None when it is done."""
    notifiers: dict[str, Notifier] = {
        slack.channel: SlackNotifier(slack, sleep=[].append, timeout=timeout),
        "console": Fallback(pipe.send),
    }
    with History.open(history_url) as history:
        while (at := pipe.recv()) is not None:
            pace = Pace(float, [].append)
            flush(history.outbox, notifiers, at=at, worker=f"{os.getpid()}", pace=pace)
            pipe.send(None)


@dataclass(slots=True)
class Sender:
    """Flushes in a process of its own, which is started anew when it was killed.

    Attributes:
        history_url: of the outbox.
        slack: the channel, also its route's name.
        timeout: seconds for one call.
        heard: alerts that the fallback was told.
        kills: how often the process was killed.
    """

    history_url: str
    slack: SlackTarget
    timeout: float
    heard: list[str] = field(default_factory=list)
    kills: int = 0
    _process: BaseProcess | None = None
    _pipe: Connection | None = None

    def flush(self, at: datetime) -> None:
        """Send what is due; returns when that is done, or the process is dead.

        Raises:
            RuntimeError: the process ended by itself, or does not end its work.
        """
        kills = self.kills
        pipe, process = self._started()
        pipe.send(at)
        while ready := wait([pipe, process.sentinel], timeout=PATIENCE):
            with suppress(EOFError, OSError):
                if pipe in ready:
                    said = pipe.recv()
                    if said is None:
                        return
                    self.heard.append(said)
                    continue
            process.join(PATIENCE)
            if self.kills == kills:
                raise RuntimeError(f"the sender ended with {process.exitcode}")
            self._forget()
            return
        raise RuntimeError("the sender hangs")

    def kill(self) -> None:
        """`kill -9`, from whatever thread."""
        if self._process is not None and self._process.pid is not None:
            self.kills += 1
            os.kill(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process."""
        if self._pipe is not None and self._process is not None:
            self._pipe.send(None)
            self._process.join(PATIENCE)
        self._forget()

    def _started(self) -> tuple[Connection, BaseProcess]:
        if self._pipe is None or self._process is None:
            self._pipe, theirs = _CONTEXT.Pipe()
            given = (theirs, self.history_url, self.slack, self.timeout)
            self._process = _CONTEXT.Process(target=_send, args=given, daemon=True)
            self._process.start()
            theirs.close()
        return self._pipe, self._process

    def _forget(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.close()
        self._pipe = self._process = None
