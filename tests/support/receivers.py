"""A mail server and a web server on real ports: what they took, and the answers that a test asks for."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from aiosmtpd.controller import Controller


class MailServer:
    """An SMTP server.

    Attributes:
        mails: all that were taken, in order.
        answers: replies to the next mails instead of "250 OK"; a mail with such a reply is not taken.
        recipients: replies to the next recipients, likewise.
        port: where it listens.
    """

    def __init__(self, **options: Any) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: list[str] = []
        self.recipients: list[str] = []
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)

    def url(self, user: str = "dienst", **parameters: str) -> str:
        """An apprise URL for a mailbox here."""
        given = {"from": "wacht@example.org", "to": f"{user}@example.org", "mode": "insecure", **parameters}
        return f"mailto://127.0.0.1:{self.port}/?" + "&".join(f"{key}={value}" for key, value in given.items())

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop(no_assert=True)

    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:  # noqa: N802
        """Take a recipient."""
        if self.recipients:
            return self.recipients.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802
        """Take a mail."""
        if self.answers:
            return self.answers.pop(0)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


class WebServer:
    """A receiver of webhooks, over HTTPS when it has a certificate.

    Attributes:
        taken: headers and body of every request that was answered with 200.
        statuses: of the next answers; a request with another status than 200 is not taken.
    """

    def __init__(self, certificate: ssl.SSLContext | None = None) -> None:
        self.taken: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.statuses: list[int] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                status = server.statuses.pop(0) if server.statuses else 200
                if status == 200:
                    server.taken.append((dict(self.headers), json.loads(body)))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                if 300 <= status < 400:
                    self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if certificate is not None:
            self._server.socket = certificate.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
