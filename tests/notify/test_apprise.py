"""Mail, Teams and webhooks through apprise, against a mail server and web servers on real ports."""

from __future__ import annotations

import logging
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from receivers import MailServer, WebServer

from ketenwacht.domain.alerting import Alerting, AppriseTarget, Route
from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.message import Message, Problem
from ketenwacht.errors import ConfigError, NotifyError
from ketenwacht.notify import open_notifiers
from ketenwacht.notify.apprise.notifier import AppriseNotifier, AttemptLog, open_plugin
from ketenwacht.notify.apprise.server import describe_refusal
from ketenwacht.outbox import REFUSALS, FlushReport, Pace, flush
from ketenwacht.store import History

pytestmark = pytest.mark.integration

AT = datetime(2022, 6, 24, 7, tzinfo=UTC)
SECRET = "geheim-van-ons"
PROBLEM = Problem(
    incident="7",
    nature="failed",
    severity="ernstig",
    state="open sinds 24 juni 2022",
    what="880 personen ontbreken sinds 27 december 2021.",
    where="gezinsmigrant",
    evidence="het register van 24 juni",
    meaning="Termijnen lopen.",
    action="Vraag IND om een herlevering.",
    look="ketenwacht incidents show 7",
    link="https://wacht.example.org/incidents/7",
)


def alert(name="a1", topic="incident/7", kind="incident", **changes):
    fields = {"headline": "880 personen ontbreken, IND → DUO", "problems": (PROBLEM,), **changes}
    return Alert(name, "ops", topic, kind, Message(kind, topic, "nl", **fields).to_json(), AT)


@pytest.fixture
def mail():
    with MailServer() as server:
        yield server


@pytest.fixture
def web():
    with WebServer() as server:
        yield server


@pytest.fixture
def teams(tmp_path, monkeypatch):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with WebServer(context) as server:
        yield server


def hook(web, path="/hook"):
    return f"json://u:{SECRET}@127.0.0.1:{web.port}{path}"


def test_a_mail_has_the_headline_as_its_subject_and_answers_in_plain_text(mail):
    ref = AppriseNotifier(mail.url(), "x").send(alert(), None)
    (got,) = mail.mails
    assert ref == "a1"
    assert got["Subject"] == "▲ 880 personen ontbreken, IND → DUO"
    assert (got["To"], got.get_content_type()) == ("dienst@example.org", "text/plain")
    text = got.get_content()
    assert "Vraag IND om een herlevering." in text
    assert "https://wacht.example.org/incidents/7" in text
    assert (got["X-Ketenwacht-Alert"], got["References"]) == ("a1", "<incident.7@ketenwacht>")


def test_a_later_mail_of_a_topic_starts_with_what_changed_in_the_same_conversation(mail):
    notifier = AppriseNotifier(mail.url(), "x")
    ref = notifier.send(alert(), None)
    notifier.edit(alert("a2"), ref)
    notifier.send(alert("a3", changes=("Het tekort groeide tot 880 (was 610).",)), ref)
    first, second = mail.mails
    assert second.get_content().splitlines()[:2] == ["Het tekort groeide tot 880 (was 610).", ""]
    assert first["References"] == second["References"]


def test_a_webhook_gets_the_ids_by_which_it_can_drop_a_duplicate(web):
    notifier = AppriseNotifier(hook(web), "x")
    notifier.send(alert(), None)
    notifier.send(alert("a2", kind="recovery", problems=()), "a1")
    (headers, body), (_, recovered) = web.taken
    assert (headers["Idempotency-Key"], headers["X-Ketenwacht-Alert"]) == ("a1", "a1")
    assert (body["alert"], body["topic"], body["kind"], body["type"]) == (
        "a1",
        "incident/7",
        "incident",
        "failure",
    )
    assert body["title"] == "▲ 880 personen ontbreken, IND → DUO"
    assert "880 personen ontbreken sinds 27 december 2021." in body["message"]
    assert (recovered["alert"], recovered["type"]) == ("a2", "success")


def test_teams_gets_a_card_in_which_nothing_is_a_mention_or_a_link(teams):
    notifier = AppriseNotifier(f"workflows://localhost:{teams.port}/werkstroom/{SECRET}/", "x")
    notifier.send(alert(headline="<at>iedereen</at> [klik](http://kwaad) <10 personen"), None)
    ((_, body),) = teams.taken
    title, text = body["attachments"][0]["content"]["body"]
    assert title["text"] == "▲ ‹at>iedereen‹/at> [klik] (http://kwaad) <10 personen"
    assert "Vraag IND om een herlevering." in text["text"]
    assert "entities" not in body["attachments"][0]["content"]["msteams"]


def test_a_certificate_that_nobody_vouches_for_is_refused(teams, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(NotifyError) as caught:
        AppriseNotifier(f"workflows://localhost:{teams.port}/werkstroom/{SECRET}/", "x").send(alert(), None)
    assert (caught.value.answered, teams.taken) == (False, [])


@pytest.mark.parametrize(
    ("status", "permanent", "retry_after"),
    [
        (301, True, None),
        (400, True, None),
        (401, True, None),
        (404, True, None),
        (410, True, None),
        (408, False, None),
        (425, False, None),
        (429, False, 60.0),
        (500, False, None),
        (502, False, None),
        (503, False, None),
    ],
)
def test_an_http_status_says_whether_trying_again_can_help(web, status, permanent, retry_after):
    web.statuses = [status]
    with pytest.raises(NotifyError) as caught:
        AppriseNotifier(hook(web), "x").send(alert(), None)
    assert (caught.value.permanent, caught.value.retry_after) == (permanent, retry_after)
    assert str(caught.value) == f"json: HTTP {status}{describe_refusal(status)}"
    assert caught.value.answered == (status not in {502, 503})


@pytest.mark.parametrize(
    ("reply", "permanent"),
    [("421 later", False), ("451 later", False), ("550 no", True), ("554 spam", True)],
)
@pytest.mark.parametrize("at", ["answers", "recipients"])
def test_the_reply_of_a_mail_server_says_whether_trying_again_can_help(mail, at, reply, permanent):
    getattr(mail, at).append(reply)
    with pytest.raises(NotifyError) as caught:
        AppriseNotifier(mail.url(), "x").send(alert(), None)
    assert (str(caught.value), caught.value.permanent) == (
        f"mailto: SMTP {reply[:3]}{describe_refusal(int(reply[:3]))}",
        permanent,
    )
    assert mail.mails == []


@pytest.mark.parametrize(
    "scheme", ["mailto://127.0.0.1:1/?from=a@b.nl&to=c@d.nl&mode=insecure", "json://127.0.0.1:1/"]
)
def test_a_server_that_does_not_answer_refused_nothing(scheme):
    with pytest.raises(NotifyError) as caught:
        AppriseNotifier(scheme, "x").send(alert(), None)
    assert (caught.value.permanent, caught.value.answered) == (False, False)


@pytest.fixture
def logged():
    """What a program that logs everything writes (`caplog` also reads loggers that do not propagate)."""
    lines, root = [], logging.getLogger()
    handler, level = logging.Handler(), root.level
    handler.emit = lambda record: lines.append(record.getMessage())
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_secret_is_in_no_error_representation_or_log(web, logged):
    web.statuses = [401]
    notifier = AppriseNotifier(hook(web, f"/{SECRET}"), "x")
    with pytest.raises(NotifyError) as caught:
        notifier.send(alert(), None)
    with pytest.raises(ConfigError) as refused:
        open_plugin(f"nonsense://u:{SECRET}@h", "alerts.routes.0.apprise.urls.0")
    route = Route(name="ops", apprise=AppriseTarget(urls=(hook(web),)))
    said = [
        str(caught.value),
        str(refused.value),
        *logged,
        notifier.probe(),
        repr(route),
        repr(route.channels(1)),
    ]
    assert SECRET not in "\n".join(said)
    assert "880 personen" not in "\n".join(logged)


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("geen-url", "is not an apprise URL"),
        ("nonsense://host", "apprise cannot use this nonsense:// URL"),
        ("mailto://localhost/?to=a@b.nl,c@d.nl&from=x@y.nl", "this mailto:// URL names 2 receivers"),
        ("workflows://localhost/", "apprise cannot use this workflows:// URL"),
    ],
)
def test_a_url_that_cannot_work_is_refused_where_it_stands(url, what):
    with pytest.raises(ConfigError) as caught:
        open_plugin(url, "config.yaml:9:3")
    assert caught.value.where == "config.yaml:9:3"
    assert caught.value.what == what


def test_each_url_is_a_channel_of_its_own_and_an_empty_one_none():
    target = AppriseTarget(urls=("mailto://h?to=a@b.nl", "", "json://h/1", "json://h/2"))
    names = [channel.name for channel in Route(name="ops", apprise=target).channels(1)]
    assert names == ["ops-mailto", "ops-json", "ops-json-2"]
    assert [c.name for c in Route(name="ops", apprise=AppriseTarget(urls=("",))).channels(1)] == ["ops"]


# With the outbox.


class World:
    """A history, a webhook and a mailbox, and a clock that a test moves."""

    def __init__(self, history, web, mail):
        self.history, self.at, self.printed = history, AT, []
        route = Route(name="ops", apprise=AppriseTarget(urls=(hook(web), mail.url())))
        self.notifiers = open_notifiers(
            Alerting(routes=(route,)), write=self.printed.append, sleep=lambda _seconds: None
        )

    def write(self, *names, route, kind="incident"):
        for name in names:
            body = Message(kind, "t/1", "nl", f"kop {name}", changes=(f"nieuw {name}",)).to_json()
            self.history.outbox.add([Alert(name, route, "t/1", kind, body, self.at)])

    def flush(self, after=timedelta(0)):
        self.at += after
        pace = Pace(lambda: 0.0, lambda _seconds: None)
        return flush(self.history.outbox, self.notifiers, at=self.at, worker="w", pace=pace)


@pytest.fixture
def world(tmp_path, web, mail):
    with History.open(f"sqlite:///{tmp_path}/h.db") as history:
        yield World(history, web, mail)


def test_alerts_arrive_in_order_and_once_and_an_edit_says_nothing(world, web):
    world.write("a", "b", route="ops-json")
    world.write("c", route="ops-json", kind="update")
    world.write("d", route="ops-json")
    assert world.flush().sent == 4
    assert world.flush() == FlushReport()
    assert [body["alert"] for _, body in web.taken] == ["a", "b", "d"]
    assert web.taken[1][1]["message"].startswith("nieuw b")


def test_a_fault_that_may_pass_holds_the_channel_and_no_other(world, web, mail):
    web.statuses = [503]
    world.write("a", "b", route="ops-json")
    world.write("m", route="ops-mailto")
    assert world.flush() == FlushReport(sent=1, retried=1)
    assert [body["alert"] for _, body in web.taken] == []
    assert world.flush(timedelta(seconds=30)).sent == 2
    assert [body["alert"] for _, body in web.taken] == ["a", "b"]
    assert [one["X-Ketenwacht-Alert"] for one in mail.mails] == ["m"]


def test_a_fault_that_cannot_pass_goes_through_the_fallback(world, web):
    web.statuses = [404]
    world.write("a", "b", route="ops-json")
    assert world.flush() == FlushReport(sent=1, failed=1)
    assert "kop a" in world.printed[0]
    (failed,) = world.history.outbox.find(states=("failed",))
    assert failed.error == f"json: HTTP 404{describe_refusal(404)}; told through console"


def test_a_receiver_that_is_down_for_a_day_loses_nothing(world, mail):
    world.write("a", route="ops-mailto")
    world.notifiers["ops-mailto"] = AppriseNotifier(mail.url().replace(f":{mail.port}", ":1"), "x")
    for _ in range(REFUSALS + 2):
        assert world.flush(timedelta(hours=4)) == FlushReport(retried=1)
    world.notifiers["ops-mailto"] = AppriseNotifier(mail.url(), "x")
    assert world.flush(timedelta(hours=4)).sent == 1
    assert [one["X-Ketenwacht-Alert"] for one in mail.mails] == ["a"]


def test_a_message_that_is_refused_time_and_again_holds_up_nothing_for_ever(world, web):
    web.statuses = [500] * REFUSALS
    world.write("a", "b", route="ops-json")
    web.statuses.append(500)  # the first attempt does not count
    reports = [world.flush(timedelta(hours=1)) for _ in range(REFUSALS + 1)]
    assert [one.failed for one in reports] == [0] * REFUSALS + [1]
    assert [body["alert"] for _, body in web.taken] == ["b"]
    assert len(world.printed) == 1


def test_after_a_crash_it_is_sent_again_with_the_same_id(world, web):
    world.write("a", route="ops-json")
    world.history.outbox.lease(at=world.at, worker="gone", limit=1, lease=timedelta(minutes=5))
    world.notifiers["ops-json"].send(alert("a"), None)  # it arrived, and nobody wrote that down
    assert world.flush(timedelta(minutes=6)).sent == 1
    assert [headers["Idempotency-Key"] for headers, _ in web.taken] == ["a", "a"]


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("Failed to send JSON POST notification: Not found, error=404.", (404, None, False)),
        ("Socket Exception: (535, b'5.7.8 Error')", (None, 535, True)),
        ("SMTP recipient a@b.nl was refused: 450 b'later'", (None, 450, False)),
        ("A Connection error occurred sending JSON notification to h.", (None, None, True)),
        ("JSON POST URL: http://h:8080/x", (None, None, False)),
    ],
)
def test_only_codes_are_taken_from_the_log(line, seen):
    log = AttemptLog()
    log.read(line)
    assert (log.http, log.smtp, log.no_answer) == seen
