"""The signals of the service besides alerts: its log, the heartbeat, and systemd."""

from __future__ import annotations

import os
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from threading import Lock
from time import monotonic
from typing import Any, TextIO, cast
from urllib.parse import urlsplit

import structlog

from ketenwacht.errors import ConfigError
from ketenwacht.notify.network import find_network_fault
from ketenwacht.redaction import hide_secrets
from ketenwacht.workflows import clock

SECONDS = 10.0
"""How long the dead-man's switch may take to answer."""


BURST, INTERVAL = 3, 60.0
"""Of lines that are alike so many are written in so many seconds."""


@dataclass(slots=True)
class _Alike:
    """Lines that are alike: since when (monotonic), and how many."""

    since: float
    seen: int = 0


def _account() -> str:
    """Return the number of the account where it has no name; `unknown` on a system without numbers."""
    number = getattr(os, "getuid", None)
    return "unknown" if number is None else f"uid-{number()}"


class Log:
    """One JSON object a line: who did what to what, with which result, from where, and when.

    The words are those of the government's security baseline (BIO2). No line holds a value of a delivery. Of lines
    that are alike in action, object, result and class of fault, `BURST` are written in `INTERVAL` seconds; the
    others are counted, and their number is written (`repeated`) with the next line after that time.
    """

    def __init__(self, stream: TextIO | None = None, *, seconds: Callable[[], float] = monotonic) -> None:
        self._seconds, self._lock = seconds, Lock()
        self._alike: dict[tuple[str, str, str, object], _Alike] = {}
        logger = structlog.PrintLogger(sys.stdout if stream is None else stream)
        self._logger = structlog.wrap_logger(logger, processors=[_drop_event, structlog.processors.JSONRenderer()])

    def say(self, action: str, what: str, result: str, **more: object) -> None:
        """Write one line.

        Args:
            action: what was done.
            what: to what.
            result: what came of it.
            more: further facts, none of them personal.
        """
        for (done, to, came, fault), repeated in self._count(action, what, result, more.get("fault")):
            named = {} if fault is None else {"fault": fault}
            self._write(done, to, came, repeated=repeated, **named)
        if self._passes(action, what, result, more.get("fault")):
            self._write(action, what, result, **more)

    def _count(self, *key: object) -> list[tuple[tuple[str, str, str, object], int]]:
        """Count a line, and return how many were left out of kinds whose interval is over."""
        now = self._seconds()
        with self._lock:
            over = [kind for kind, alike in self._alike.items() if now - alike.since >= INTERVAL]
            ended = [(kind, self._alike.pop(kind).seen - BURST) for kind in over]
            self._alike.setdefault(cast("tuple[str, str, str, object]", key), _Alike(now)).seen += 1
        return [(kind, left_out) for kind, left_out in ended if left_out > 0]

    def _passes(self, *key: object) -> bool:
        with self._lock:
            alike = self._alike.get(cast("tuple[str, str, str, object]", key))
            return alike is None or alike.seen <= BURST

    def _write(self, action: str, what: str, result: str, **more: object) -> None:
        when = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        actor, origin = clock.user() or _account(), clock.worker_name()
        self._logger.info(
            "", time=when, action=action, object=what, result=result, actor=actor, origin=origin, **more
        )


def _drop_event(logger: object, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    del logger, method
    event.pop("event", None)
    return {name: hide_secrets(value) if isinstance(value, str) else value for name, value in event.items()}


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A dead-man's switch elsewhere: it raises the alarm when it does not hear in time that all is well.

    Attributes:
        url: its address; None: there is none.
        log: where a failed ping is logged.
    """

    url: str | None
    log: Log

    def __post_init__(self) -> None:
        """Refuse an address that is not http or https.

        Raises:
            ConfigError: it is not.
        """
        if self.url is not None and (
            urlsplit(self.url).scheme not in {"http", "https"} or not urlsplit(self.url).netloc
        ):
            raise ConfigError("service.ping", "is not an address of the web", "write https://host/path")

    def send(self, what: str = "") -> bool:
        """Send `start`, `fail`, or nothing for all is well; return False when that failed."""
        if self.url is None:
            return True
        address = "/".join(part for part in (self.url.rstrip("/"), what) if part)
        try:
            with urllib.request.urlopen(address, timeout=SECONDS):  # noqa: S310 - the scheme was checked
                return True
        except (urllib.error.URLError, HTTPException, OSError, ValueError) as fault:
            # never the address: anybody who knows it can send false pings
            kind = find_network_fault(fault)
            details = {} if kind is None else {"message": f"{kind.code} — {kind.mend}"}
            self.log.say("ping", "dead-man's switch", "failed", fault=type(fault).__name__, **details)
            return False


@dataclass(frozen=True, slots=True)
class Systemd:
    """The service manager that started this process; without one nothing is sent."""

    address: str | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Systemd:
        """Return the service manager that `NOTIFY_SOCKET` names."""
        return cls(environ.get("NOTIFY_SOCKET") or None)

    def ready(self) -> None:
        """Report that the service works, or stands by."""
        self._send("READY=1")

    def alive(self) -> None:
        """Report that the work goes on; without this for `WatchdogSec` systemd restarts the service."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Report that the service ends as it was told to."""
        self._send("STOPPING=1")

    def _send(self, state: str) -> None:
        if self.address is None:
            return
        place = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
            way.settimeout(1.0)
            way.sendto(state.encode(), place)
