"""Serving the pages from a thread, beside the work."""

from __future__ import annotations

import socket
from threading import Thread
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from ketenwacht.errors import ConfigError

_GRACE = 5  # seconds that an answer under way gets when the service ends


class PageServer:
    """Pages that are served from entering to leaving; their address is taken at once, or it is said why not."""

    def __init__(self, app: ASGIApp, *, host: str, port: int) -> None:
        """Take the address.

        Args:
            app: what answers.
            host: to listen on.
            port: to listen on; 0 takes a free one.

        Raises:
            ConfigError: the address is taken, or is not one of this machine.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
            self._socket.listen()  # whoever asks before the first answer is ready waits for it
        except OSError as fault:
            self._socket.close()
            raise ConfigError(
                "service.port", f"{host}:{port} cannot be taken ({fault.strerror})", "choose another with --port"
            ) from None
        name = f"[{host}]" if ":" in host else host
        self.address = f"http://{name}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, lifespan="off",
            timeout_graceful_shutdown=_GRACE, proxy_headers=False,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="pages", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(2 * _GRACE)
        self._socket.close()
