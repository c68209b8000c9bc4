"""Faults of the network are told apart, with a remedy, against servers that really behave so."""

from __future__ import annotations

import gc
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.errors import NotifyError
from ketenwacht.notify.slack.client import SlackNotifier

TOKEN = "xoxb-secret-of-ours"
PROXY_PASSWORD = "hunter2"


def handler(status, body=b"{}"):
    class Answer(BaseHTTPRequestHandler):
        def answer(self):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_CONNECT = answer  # noqa: N815 - names of the library

        def log_message(self, *_):
            pass

    return Answer


@contextmanager
def server(status, body=b"{}", *, context=None):
    made = ThreadingHTTPServer(("127.0.0.1", 0), handler(status, body))
    if context is not None:
        made.socket = context.wrap_socket(made.socket, server_side=True)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    try:
        yield made.server_port
    finally:
        made.shutdown()
        made.server_close()


@pytest.fixture
def signed_by_itself(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=localhost", "-days", "2"]
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate]
    subprocess.run([*map(str, request), *subject], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def probe(base_url):
    slack = SlackNotifier(SlackTarget(channel="C1", token=TOKEN, base_url=base_url), sleep=[].append, timeout=3.0)
    with pytest.raises(NotifyError) as caught:
        slack.probe()
    text = str(caught.value)
    assert TOKEN not in text
    assert PROXY_PASSWORD not in text
    return caught.value


def expect(base_url, code, remedy, *, permanent=False):
    fault = probe(base_url)
    assert str(fault).startswith(f"Slack auth.test: {code} — ")
    assert remedy in str(fault)
    assert fault.permanent is permanent


def test_a_certificate_that_nobody_signed(signed_by_itself):
    with server(200, context=signed_by_itself) as port:
        expect(f"https://localhost:{port}/api/", "tls-certificate", "SSL_CERT_FILE")


def test_a_server_that_speaks_no_tls():
    with server(200) as port:
        expect(f"https://localhost:{port}/api/", "tls", "check scheme and port")


def test_a_port_where_nothing_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    expect(f"http://127.0.0.1:{port}/api/", "refused", "nothing listens there")


def test_a_name_that_does_not_exist():
    expect("https://slack.invalid/api/", "dns", "ask who runs DNS")


def test_a_server_that_is_silent():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        expect(f"http://127.0.0.1:{port}/api/", "timeout", "does a firewall")


@pytest.mark.parametrize(
    ("status", "code", "remedy"),
    [
        (407, "proxy-login", "put user and password into HTTPS_PROXY"),
        (403, "proxy-refused", "have it allowed there"),
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_proxy_that_refuses(monkeypatch, status, code, remedy):
    for name in ("no_proxy", "NO_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with server(status) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{PROXY_PASSWORD}@127.0.0.1:{port}")
        expect("https://slack.com/api/", code, remedy)
    gc.collect()  # http.client leaves the answer of such a proxy to the garbage collector: have it warn here


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        ("invalid_auth", "set SLACK_BOT_TOKEN anew"),
        ("token_revoked", "set SLACK_BOT_TOKEN anew"),
        ("missing_scope", "give the app the scopes"),
    ],
)
def test_a_token_that_slack_refuses(answer, remedy):
    with server(200, b'{"ok": false, "error": "%s"}' % answer.encode()) as port:
        expect(f"http://127.0.0.1:{port}/api/", answer, remedy, permanent=True)


def test_a_server_that_answers_401():
    with server(401, b"no") as port:
        assert "401" in str(probe(f"http://127.0.0.1:{port}/api/"))
