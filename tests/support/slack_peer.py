"""A small Slack of our own on a real port, for what no other fake has: faults, on request and by seed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl

MAX_SECTION, MAX_HEADER = 3000, 150
UPLOAD = "upload"


class Fault(Enum):
    """What can go wrong with one call."""

    RATE_LIMIT = "429 with Retry-After"
    RATE_LIMIT_LONG = "429 with a long Retry-After"
    ERROR_BEFORE = "500 without storing"
    ERROR_AFTER = "500 after storing"
    DROP_BEFORE = "dropped without storing"
    DROP_AFTER = "dropped after storing"
    HANG = "stored, and never answered"
    GARBAGE = "stored, and answered with a page"
    UNAVAILABLE = "ok: false, service_unavailable"
    REVOKED = "ok: false, token_revoked"


STORES = {Fault.ERROR_AFTER, Fault.DROP_AFTER, Fault.HANG, Fault.GARBAGE}


class SlackPeer:
    """A workspace: channels of messages, and a script of faults.

    Attributes:
        script: gives the fault of a call by its method, None for none.
        messages: all stored, in order.
        calls: the methods called, with their arguments.
        now: the arguments of the call that is worked on.
        history_scope: whether the token may read history.
        max_blocks: a message with more is refused.
        channels: ids of channels by name; others are ids themselves.
        scopes: what every answer says that the token may do, None: it does not say.
        files: pictures by id; one that was not completed has no channel.
    """

    def __init__(self, hang: float = 0.5) -> None:
        self.script: Callable[[str], Fault | None] = lambda _method: None
        self.messages: list[dict[str, Any]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.now: dict[str, Any] = {}
        self.history_scope = True
        self.max_blocks = 50
        self.socket_url = ""
        self.channels: dict[str, str] = {}
        self.scopes: str | None = None
        self.files: dict[str, dict[str, Any]] = {}
        self.on_post: Callable[[], None] = lambda: None
        self._hang, self._lock, self._busy, self._clock = hang, threading.Lock(), 0, 0
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                peer.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def base_url(self) -> str:
        """As `slack.base_url` of the configuration."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/api/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def settle(self) -> None:
        """Wait until no call is being worked on."""
        while self._busy:
            time.sleep(0.002)  # noqa: TID251 - this is the world outside

    def arrived(self, channel: str | None = None) -> list[str]:
        """The alert ids of stored messages, in order of arrival."""
        return [
            message["metadata"]["event_payload"]["id"]
            for message in self.messages
            if "metadata" in message and channel in {None, message["channel"]}
        ]

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Work on one call, with its fault."""
        with self._lock:
            self._busy += 1
        try:
            body = request.rfile.read(int(request.headers["Content-Length"] or 0))
            method, _, name = request.path.removeprefix("/api/").partition("/")
            is_json = request.headers["Content-Type"].startswith("application/json")
            given = json.loads(body or "{}") if is_json else {"name": name, "bytes": body}
            if not is_json and method != UPLOAD:
                given = dict(parse_qsl(body.decode()))
            self.now = given
            fault = self.script(method)
            self.calls.append((method, given))
            stored = self._work(method, given) if fault is None or fault in STORES else None
            with suppress(ConnectionError):  # who asked has gone meanwhile
                _reply(request, fault, stored, self._hang, self.scopes)
        finally:
            with self._lock:
                self._busy -= 1

    def _work(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        work = getattr(self, f"_{method.replace('.', '_')}", None)
        if work is None:
            return {"ok": False, "error": "unknown_method"}
        with self._lock:
            return work(given)

    def _chat_postMessage(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's name
        error = self._fault_of(given)
        if error is not None:
            return {"ok": False, "error": error}
        thread = given.get("thread_ts")
        if thread is not None and not any(m["ts"] == thread for m in self.messages):
            return {"ok": False, "error": "thread_not_found"}
        self.on_post()
        self._clock += 1
        ts = f"{4_000_000_000 + self._clock}.000100"
        channel = self.channels.get(given["channel"].removeprefix("#"), given["channel"])
        self.messages.append({**given, "ts": ts, "channel": channel})
        return {"ok": True, "ts": ts, "channel": channel}

    def _fault_of(self, given: dict[str, Any]) -> str | None:
        """What Slack would refuse of a message, by its documented limits."""
        blocks = given.get("blocks", [])
        too_long = any(
            len(block.get("text", {}).get("text", "")) > (MAX_HEADER if block["type"] == "header" else MAX_SECTION)
            for block in blocks
        )
        return "invalid_blocks" if len(blocks) > self.max_blocks or too_long else None

    def _chat_update(self, given: dict[str, Any]) -> dict[str, Any]:
        error = self._fault_of(given)
        if error is not None:
            return {"ok": False, "error": error}
        for message in self.messages:
            if message["ts"] == given["ts"]:
                message.update(text=given["text"], blocks=given["blocks"], edits=message.get("edits", 0) + 1)
                return {"ok": True, "ts": given["ts"]}
        return {"ok": False, "error": "message_not_found"}

    def _chat_postEphemeral(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's name
        return {"ok": True, "message_ts": "1.1", "channel": given["channel"]}

    def _views_open(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "view": given["view"]}

    def _auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "user_id": "U0", "team_id": "T0"}

    def _apps_connections_open(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "url": self.socket_url}

    def _files_getUploadURLExternal(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's name
        name = f"F{len(self.files) + 1}"
        self.files[name] = {"filename": given["filename"], "length": int(given["length"])}
        return {"ok": True, "file_id": name, "upload_url": f"{self.base_url}{UPLOAD}/{name}"}

    def _upload(self, given: dict[str, Any]) -> dict[str, Any]:
        self.files[given["name"]]["bytes"] = given["bytes"]
        return {"ok": True}

    def _files_completeUploadExternal(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's name
        files = json.loads(given["files"])
        for file in files:
            shown = {"title": file["title"], "channel": given["channel_id"], "thread_ts": given["thread_ts"]}
            self.files[file["id"]].update(shown)
        return {"ok": True, "files": files}

    def _conversations_list(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "channels": [{"id": key, "name": name} for name, key in self.channels.items()]}

    def _conversations_history(self, given: dict[str, Any]) -> dict[str, Any]:
        return self._page([m for m in self.messages if "thread_ts" not in m], given)

    def _conversations_replies(self, given: dict[str, Any]) -> dict[str, Any]:
        thread = given["ts"]
        return self._page([m for m in self.messages if thread in {m["ts"], m.get("thread_ts")}], given)

    def _page(self, found: list[dict[str, Any]], given: dict[str, Any]) -> dict[str, Any]:
        if not self.history_scope:
            return {"ok": False, "error": "missing_scope"}
        here = [m for m in reversed(found) if m["channel"] == given["channel"]]
        start, limit = int(given.get("cursor", 0)), int(given.get("limit", 100))
        page = here[start : start + limit]
        cursor = str(start + limit) if start + limit < len(here) else ""
        if given.get("include_all_metadata") not in {"1", "true", "True", True}:
            page = [{k: v for k, v in m.items() if k != "metadata"} for m in page]
        return {"ok": True, "messages": page, "response_metadata": {"next_cursor": cursor}}


def _reply(
    request: BaseHTTPRequestHandler,
    fault: Fault | None,
    stored: dict[str, Any] | None,
    hang: float,
    scopes: str | None,
) -> None:
    if fault is Fault.HANG:
        time.sleep(hang)  # noqa: TID251 - this is the world outside
    if fault in {Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.HANG}:
        request.close_connection = True
        request.connection.close()
        return
    status, headers, body = _content(fault, stored)
    request.send_response(status)
    if scopes is not None:
        headers = {**headers, "X-OAuth-Scopes": scopes}
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


def _content(fault: Fault | None, stored: dict[str, Any] | None) -> tuple[int, dict[str, str], bytes]:
    kind = {"Content-Type": "application/json; charset=utf-8"}
    limited = b'{"ok": false, "error": "ratelimited"}'
    table = {
        Fault.RATE_LIMIT: (429, {**kind, "Retry-After": "3"}, limited),
        Fault.RATE_LIMIT_LONG: (429, {**kind, "Retry-After": "600"}, limited),
        Fault.ERROR_BEFORE: (500, kind, b"no"),
        Fault.ERROR_AFTER: (500, kind, b"no"),
        Fault.GARBAGE: (200, {"Content-Type": "text/html"}, b"<html>proxy</html>"),
        Fault.UNAVAILABLE: (200, kind, b'{"ok": false, "error": "service_unavailable"}'),
        Fault.REVOKED: (200, kind, b'{"ok": false, "error": "token_revoked"}'),
    }
    return table[fault] if fault is not None else (200, kind, json.dumps(stored).encode())
