"""What the service tells the world beside alerts: its log, the dead-man's switch, and systemd."""

from __future__ import annotations

import os
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, TextIO
from urllib.parse import urlsplit

import structlog

from ketenwacht.errors import ConfigError
from ketenwacht.workflows import clock

SECONDS = 10.0
"""How long the dead-man's switch may take to answer."""


class Log:
    """One JSON object a line: who did what to what, with which result, from where, and when.

    The words are those of the government's security baseline (BIO2). No value of a delivery is ever among them.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        logger = structlog.PrintLogger(sys.stdout if stream is None else stream)
        self._logger = structlog.wrap_logger(logger, processors=[_flat, structlog.processors.JSONRenderer()])

    def say(self, action: str, what: str, result: str, **more: object) -> None:
        """Write one line.

        Args:
            action: what was done.
            what: to what.
            result: what came of it.
            more: further facts, none of them personal.
        """
        when = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        actor, origin = clock.user() or f"uid-{os.getuid()}", clock.worker_name()
        self._logger.info(
            "", time=when, action=action, object=what, result=result, actor=actor, origin=origin, **more
        )


def _flat(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    del logger, method
    event.pop("event", None)
    return event


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A dead-man's switch at another place: it raises the alarm when it is not told in time that all is well.

    Attributes:
        url: its address; None: there is none.
        log: where it is said that it could not be told.
    """

    url: str | None
    log: Log

    def __post_init__(self) -> None:
        """Refuse what is not an address of the web.

        Raises:
            ConfigError: it is not.
        """
        if self.url is not None and (
            urlsplit(self.url).scheme not in {"http", "https"} or not urlsplit(self.url).netloc
        ):
            raise ConfigError("service.ping", "is not an address of the web", "write https://host/path")

    def tell(self, what: str = "") -> bool:
        """Tell it: `start`, `fail`, or nothing for all is well. False when it could not be told."""
        if self.url is None:
            return True
        address = "/".join(part for part in (self.url.rstrip("/"), what) if part)
        try:
            with urllib.request.urlopen(address, timeout=SECONDS):  # noqa: S310 - the scheme was checked
                return True
        except (urllib.error.URLError, HTTPException, OSError, ValueError) as fault:
            # never the address: whoever knows it can keep the switch quiet
            self.log.say("ping", "dead-man's switch", "failed", fault=type(fault).__name__)
            return False


@dataclass(frozen=True, slots=True)
class Systemd:
    """The service manager that started us; without one nothing is told."""

    address: str | None = None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Systemd:
        """As `NOTIFY_SOCKET` says."""
        return cls(environ.get("NOTIFY_SOCKET") or None)

    def ready(self) -> None:
        """The service works, or stands by."""
        self._say("READY=1")

    def alive(self) -> None:
        """The work goes on; without this for `WatchdogSec` systemd starts us anew."""
        self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """The service ends as it was told to."""
        self._say("STOPPING=1")

    def _say(self, state: str) -> None:
        if self.address is None:
            return
        place = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way:
            way.settimeout(1.0)
            way.sendto(state.encode(), place)
