"""The WebSocket side of Slack, on a real port."""

from __future__ import annotations

import json
import queue
import threading

import pytest

server = pytest.importorskip("websockets.sync.server", reason="websockets is not installed")


class Wire:
    """The WebSocket side of Slack: one connection at a time, answers kept."""

    def __init__(self):
        self.answers, self.connections = queue.Queue(), queue.Queue()
        self._server = server.serve(self._talk, "127.0.0.1", 0)
        self._thread = threading.Thread(target=self._server.serve_forever)

    @property
    def url(self):
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/link"

    def _talk(self, connection):
        self.connections.put(connection)
        for text in connection:
            self.answers.put(json.loads(text))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
