"""HTTP server with limits on connections and slow clients.

Whoever can reach the address can open connections and send nothing, send a byte a minute, or never read the
answer. Each costs a file descriptor, which the work needs too. So connections are few, and each has a deadline.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from threading import Thread
from types import TracebackType
from typing import Any, Self

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from ketenwacht.errors import ConfigError, place_of

_GRACE = 5  # seconds that an answer under way gets when the service ends
_ACCEPTED = 32
"""So many connections are accepted before those that are too many are closed: each takes a file descriptor."""

OnFault = Callable[[str, str], object]
"""Gets the class of a fault of the server and its place in the code; there may be thousands in a second."""


class BoundedProtocol(H11Protocol):
    """HTTP on one connection that is closed when there are too many, or when it takes too long.

    Attributes:
        most: so many connections are open at once; a further one is closed at once. A page needs two or three.
        request_seconds: so long a request may take to arrive, head and body.
        answer_seconds: so long an answer may take to be made and read.
    """

    most = 200
    request_seconds = 10.0
    answer_seconds = 60.0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent
        """Begin, unless there are too many connections."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            transport.abort()
        else:
            self._give(self.request_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what arrived; the clock of a request runs from its first byte to its last."""
        super().data_received(data)
        waiting = self._deadline is None and self.conn.their_state in {h11.IDLE, h11.SEND_BODY}
        if self.cycle is not None and not self.cycle.response_complete and self.conn.their_state is h11.DONE:
            self._give(self.answer_seconds)
        elif waiting and not self.transport.is_closing():
            self._give(self.request_seconds)

    def on_response_complete(self) -> None:
        """Wait for the next request as long as the server keeps an idle connection, if the answer is read."""
        self._stop_clock()
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._deadline = self.loop.call_later(self.answer_seconds, self._end_if_unread)

    def _end_if_unread(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def _give(self, seconds: float) -> None:
        self._stop_clock()
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class _FaultHandler(logging.Handler):
    """Gives what the server logs to `on_fault`, without a text or traceback: strangers choose what is in them."""

    def __init__(self, on_fault: OnFault) -> None:
        super().__init__(logging.WARNING)
        self._on_fault = on_fault

    def emit(self, record: logging.LogRecord) -> None:
        """Pass on one line."""
        fault = record.exc_info[1] if record.exc_info else None
        if fault is None:
            self._on_fault("request", f"{record.filename}:{record.lineno}")
        else:
            self._on_fault(type(fault).__name__, place_of(fault))


class _Server(uvicorn.Server):
    """A server whose event loop gives its faults to `on_fault`; by default each prints a traceback."""

    def __init__(self, config: uvicorn.Config, on_fault: OnFault) -> None:
        super().__init__(config)
        self._on_fault = on_fault

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until `stop` is called."""
        asyncio.get_running_loop().set_exception_handler(self._pass_on)
        await super().serve(sockets)

    def _pass_on(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        del loop
        fault = context.get("exception")
        self._on_fault(
            "request" if fault is None else type(fault).__name__, "" if fault is None else place_of(fault)
        )


def _ignore(fault: str, where: str) -> None:
    """Ignore a fault of the server."""


class PageServer:
    """Pages that are served from entering to leaving; their address is taken at once, or it is said why not."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str,
        port: int,
        protocol: type[BoundedProtocol] = BoundedProtocol,
        on_fault: OnFault = _ignore,
    ) -> None:
        """Take the address.

        Args:
            app: what answers.
            host: to listen on.
            port: to listen on; 0 takes a free one.
            protocol: how a connection is handled.
            on_fault: gets the faults of the server.

        Raises:
            ConfigError: the address is taken, or is not one of this machine.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
            self._socket.listen(_ACCEPTED)  # whoever asks before the first answer is ready waits for it
        except OSError as fault:
            self._socket.close()
            raise ConfigError(
                "service.port", f"{host}:{port} cannot be taken ({fault.strerror})", "choose another with --port"
            ) from None
        name = f"[{host}]" if ":" in host else host
        self.address = f"http://{name}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            app, http=protocol, ws="none", log_config=None, access_log=False, server_header=False,
            lifespan="off", timeout_graceful_shutdown=_GRACE, proxy_headers=False, backlog=_ACCEPTED,
        )  # fmt: skip
        self._server = _Server(config, on_fault)
        self._handler = _FaultHandler(on_fault)
        self._thread = Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="pages", daemon=True
        )

    def __enter__(self) -> Self:
        logger = logging.getLogger("uvicorn.error")
        logger.addHandler(self._handler)  # without a handler, Python prints what is logged
        logger.propagate = False
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(2 * _GRACE)
        self._socket.close()
        logging.getLogger("uvicorn.error").removeHandler(self._handler)
