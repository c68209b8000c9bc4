"""Faults of the network are told apart, with a remedy, against servers that really behave so."""

from __future__ import annotations

import gc
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.smtp import AuthResult
from receivers import MailServer

from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.message import Message
from ketenwacht.errors import NotifyError
from ketenwacht.notify.apprise.notifier import AppriseNotifier
from ketenwacht.notify.slack.client import SlackNotifier

TOKEN = "xoxb-secret-of-ours"
TEXT = Message("test", "test", "en", headline="A test", problems=()).to_json()
ALERT = Alert("a1", "ops", "test", "test", TEXT, datetime(2024, 1, 5, tzinfo=UTC))
PROXY_PASSWORD = "hunter2"


def apprise_url(scheme, place):
    if scheme == "mailto":
        return f"mailto://{place}/?mode=insecure&from=a@example.org&to=b@example.org"
    return f"{scheme}://u:{TOKEN}@{place}/hook"


class AuthServer(MailServer):
    """A mail server that knows one password."""

    def __init__(self):
        super().__init__(authenticator=self.check, auth_require_tls=False)
        self.password = "another"

    def check(self, _server, _session, _envelope, _mechanism, data):
        return AuthResult(success=data.password.decode() == self.password, handled=False)


def handler(status, body=b"{}"):
    class Answer(BaseHTTPRequestHandler):
        def answer(self):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_CONNECT = answer  # noqa: N815 - names of the library

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


# Mail, Teams and webhooks: what apprise says of a sent message, and what `doctor` finds without sending one.


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def expect_apprise(url, code, remedy):
    """Both a probe and a message end in the same words, without the secret of the URL."""
    notifier = AppriseNotifier(url, "x")
    for act in (notifier.probe, lambda: notifier.send(ALERT, None)):
        with pytest.raises(NotifyError) as caught:
            act()
        text = str(caught.value)
        assert f": {code} — " in text
        assert remedy in text
        assert TOKEN not in text
        assert PROXY_PASSWORD not in text
        assert not caught.value.permanent


@pytest.mark.parametrize("scheme", ["json", "mailto"])
def test_apprise_to_a_port_where_nothing_listens(scheme):
    expect_apprise(apprise_url(scheme, f"127.0.0.1:{free_port()}"), "refused", "nothing listens there")


@pytest.mark.parametrize("scheme", ["json", "mailto"])
def test_apprise_to_a_name_that_does_not_exist(scheme):
    expect_apprise(apprise_url(scheme, "hook.invalid:8025"), "dns", "ask who runs DNS")


def test_apprise_with_a_certificate_that_nobody_signed(signed_by_itself):
    with server(200, context=signed_by_itself) as port:
        expect_apprise(apprise_url("jsons", f"localhost:{port}"), "tls-certificate", "REQUESTS_CA_BUNDLE")


def test_apprise_by_a_proxy_that_wants_a_login(monkeypatch):
    for name in ("no_proxy", "NO_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with server(407) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{PROXY_PASSWORD}@127.0.0.1:{port}")
        expect_apprise(apprise_url("jsons", "hook.example.org"), "proxy-login", "HTTPS_PROXY")


def test_a_webhook_that_refuses_the_login_says_what_to_do():
    with (
        server(401) as port,
        pytest.raises(NotifyError, match="HTTP 401 — the receiver refuses the login") as caught,
    ):
        AppriseNotifier(apprise_url("json", f"127.0.0.1:{port}"), "x").send(ALERT, None)
    assert caught.value.permanent


def test_a_mail_server_that_refuses_the_login_is_found_without_a_mail():
    with AuthServer() as mail:
        url = f"mailto://me:{PROXY_PASSWORD}@127.0.0.1:{mail.port}/?mode=insecure&from=a@example.org&to=b@example.org"
        with pytest.raises(NotifyError, match="SMTP 535 — the mail server refuses the login") as caught:
            AppriseNotifier(url, "x").probe()
        assert PROXY_PASSWORD not in str(caught.value)
        assert caught.value.permanent
        mail.password = PROXY_PASSWORD
        assert "takes the login" in AppriseNotifier(url, "x").probe()
        assert mail.mails == []
