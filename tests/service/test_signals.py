"""What the service tells the world: its log, the dead-man's switch, systemd."""

import io
import json
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from ketenwacht.errors import ConfigError
from ketenwacht.service.signals import Heartbeat, Log, Systemd


@pytest.fixture
def peer():
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(self.path)
            self.send_response(503 if "broken" in self.path else 200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", heard
        server.shutdown()
        thread.join()


def test_every_line_of_the_log_says_who_did_what_to_what_with_which_result_from_where_and_when():
    stream = io.StringIO()
    Log(stream).say("judge", "feed/1", "failed", run="x")
    line = json.loads(stream.getvalue())
    assert set(line) == {"time", "action", "object", "result", "actor", "origin", "run"}
    assert (line["action"], line["object"], line["result"]) == ("judge", "feed/1", "failed")
    assert line["time"].endswith("Z")


def test_the_switch_is_told_of_start_end_and_failure(peer):
    url, heard = peer
    switch = Heartbeat(f"{url}/abc/", Log(io.StringIO()))
    assert [switch.send("start"), switch.send(), switch.send("fail")] == [True] * 3
    assert heard == ["/abc/start", "/abc", "/abc/fail"]


@pytest.mark.parametrize("path", ["/broken-secret", None], ids=["an error", "nobody there"])
def test_a_switch_that_does_not_answer_is_logged_without_its_address(peer, path):
    stream = io.StringIO()
    url = peer[0] + path if path is not None else "http://127.0.0.1:9/secret"
    assert not Heartbeat(url, Log(stream)).send()
    assert json.loads(stream.getvalue())["result"] == "failed"
    assert "secret" not in stream.getvalue()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "somewhere", "https:///nobody"])
def test_what_is_no_address_of_the_web_is_refused(url):
    with pytest.raises(ConfigError):
        Heartbeat(url, Log(io.StringIO()))


@pytest.mark.parametrize("abstract", [False, True], ids=["a path", "an abstract name"])
def test_systemd_hears_that_the_service_is_ready_alive_and_stopping(tmp_path, abstract):
    name = f"@kw-{tmp_path.name}" if abstract else str(tmp_path / "n")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name[1:] if abstract else name)
        listening.settimeout(5)
        systemd = Systemd.from_environment({"NOTIFY_SOCKET": name})
        systemd.ready()
        systemd.alive()
        systemd.stopping()
        assert [listening.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_without_systemd_nothing_is_told():
    Systemd.from_environment({}).alive()
