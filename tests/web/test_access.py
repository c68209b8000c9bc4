"""Who may look and who may act: nobody acts without an identity, and no form counts that we did not send."""

from __future__ import annotations

import http.client
import io
import json
import re
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event
from urllib.parse import urlencode, urlsplit

import pytest

from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.store import History
from ketenwacht.web import PageServer, web_app
from ketenwacht.workflows.project import LoadedProject

pytestmark = pytest.mark.integration

AT = datetime(2022, 1, 17, 9, tzinfo=UTC)
SECRET = "s" * 40
TOKEN, LOOK = "operator-" + "t" * 32, "viewer-" + "t" * 32
PROXY = (
    "service.access.proxy={proxies: [127.0.0.1]}",
    "service.access.viewers=[kees]",
    "service.access.operators=[an, beheer]",
)
TOKENS = (
    f"service.access.tokens=[{{name: planner, token: {TOKEN}, role: operator}}, {{name: screen, token: {LOOK}}}]",
)
AN = {"X-Forwarded-User": "an"}


class Browser:
    """Asks one server, and keeps cookies as a browser does."""

    def __init__(self, address):
        self.host = urlsplit(address).netloc
        self.cookies = {}

    def ask(self, path, form=None, *, method=None, body=None, **headers):
        connection = http.client.HTTPConnection(self.host, timeout=30)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            body, sent["content-type"] = urlencode(form, doseq=True), "application/x-www-form-urlencoded"
        connection.request(method or ("GET" if body is None else "POST"), path, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("set-cookie") or ():
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
            self.last_cookie = line
        connection.close()
        return answer.status, answer.headers, text


@contextmanager
def served(place, *overrides):
    project = LoadedProject.open(place.root / "config.yaml", overrides=("alerts.language=en", *overrides))
    with History.open(project.history_url()) as history:
        made = Service.of(project, history, log=Log(io.StringIO()), write=lambda _: None, now=lambda: AT)
        with PageServer(web_app(made), host="127.0.0.1", port=0) as pages:
            yield made, Browser(pages.address)
        made.close()


def number_of(service):
    (one,) = service.history.incidents.find(service.project.settings.alerts.policy)
    return one.number


def csrf_of(page):
    return re.search(r'name="csrf" value="([0-9a-f]{64})"', page)[1]


def reasons(service):
    return [(event.reason, event.actor) for event in service.history.incidents.find_events(number_of(service))]


@pytest.fixture
def live(place):
    place.go_live()
    return place


@pytest.mark.parametrize(
    ("overrides", "headers", "code", "sentence"),
    [
        ((), {}, 200, "without settings this machine may look"),
        ((), {"Host": "watch.example.org"}, 403, "a name of another site that leads here may not"),
        (
            ("service.access.anonymous=true",),
            {"Host": "watch.example.org"},
            200,
            "anybody may where that is configured",
        ),
        (PROXY, {}, 403, "where people log in, nobody looks without a name"),
        (PROXY, {"X-Forwarded-User": "kees"}, 200, "a viewer may look"),
        (PROXY, {"X-Forwarded-User": "piet"}, 403, "somebody who is not listed may not"),
        (PROXY, {"X-Forwarded-User": "piet", "X-Forwarded-Groups": "x, beheer"}, 200, "a listed group may"),
        (("service.access.proxy={proxies: [10.0.0.5]}", *PROXY[1:]), AN, 403, "another proxy names nobody"),
        (TOKENS, {"Authorization": f"Bearer {LOOK}"}, 200, "a token may look"),
        (TOKENS, {"Authorization": "Bearer made-up"}, 403, "a token that nobody was given may not"),
    ],
)
def test_who_may_look(live, overrides, headers, code, sentence):
    with served(live, *overrides) as (_, browser):
        assert browser.ask("/", **headers)[0] == code, sentence
        for path in ("/healthz", "/metrics"):
            assert browser.ask(path, **headers)[0] == 200, "health and metrics are for machines"


@pytest.mark.parametrize(
    ("headers", "change", "code", "sentence"),
    [
        (AN, {}, 303, "an operator acts"),
        ({"X-Forwarded-User": "kees"}, {}, 403, "a viewer does not act"),
        ({}, {}, 403, "nobody does not act"),
        (AN, {"csrf": "0" * 64}, 403, "a form with another token is not ours"),
        (AN, {"csrf": ""}, 403, "a form without a token is not ours"),
        ({**AN, "Origin": "https://evil.example.org"}, {}, 403, "a form of another site is not ours"),
        ({**AN, "Sec-Fetch-Site": "cross-site"}, {}, 403, "nor one that the browser says comes from elsewhere"),
    ],
)
def test_who_may_act(live, headers, change, code, sentence):
    with served(live, *PROXY) as (service, browser):
        number = number_of(service)
        token = csrf_of(browser.ask(f"/incidents/{number}", **AN)[2])
        before = reasons(service)
        got, answered, _ = browser.ask(f"/incidents/{number}/take", {"csrf": token, **change}, **headers)
        assert got == code, sentence
        after = reasons(service)
        assert after == ([*before, ("taken", "an")] if code == 303 else before)
        if code == 303:
            assert answered["location"] == f"/incidents/{number}?done=take"
            assert "<dd>an</dd>" in browser.ask("/", **AN)[2]
            assert service.history.audit.find()[-1].entry.origin == "web"


def test_the_page_of_a_viewer_has_no_buttons(live):
    with served(live, *PROXY) as (service, browser):
        page = browser.ask(f"/incidents/{number_of(service)}", **{"X-Forwarded-User": "kees"})[2]
        assert '<form method="post"' not in page


@pytest.mark.parametrize(
    ("act", "form", "event", "detail"),
    [
        ("acknowledge", {}, "acknowledged", ""),
        ("note", {"reason": "called the sender"}, "noted", "called the sender"),
        ("snooze", {"until": "2022-01-20", "reason": "they send it tomorrow"}, "snoozed", "they send it tomorrow"),
        ("resolve", {"reason": "all of them were sent"}, "resolved-by-hand", "all of them were sent"),
    ],
)
def test_each_act_leaves_its_event_with_the_actor(live, act, form, event, detail):
    with served(live, *PROXY) as (service, browser):
        number = number_of(service)
        token = csrf_of(browser.ask(f"/incidents/{number}", **AN)[2])
        assert browser.ask(f"/incidents/{number}/{act}", {"csrf": token, **form}, **AN)[0] == 303
        last = service.history.incidents.find_events(number)[-1]
        assert (last.reason, last.actor) == (event, "an")
        assert last.detail.endswith(detail)
        shown = browser.ask(f"/incidents/{number}", **AN)[2]
        assert detail in shown


@pytest.mark.parametrize(
    ("act", "form", "code", "sentence"),
    [
        ("note", {"reason": " "}, 422, "a note says something"),
        ("note", {"reason": "it is 999912345"}, 422, "a text that could hold a person's number is refused"),
        ("note", {"reason": "x" * 501}, 422, "a text has an end"),
        ("snooze", {"until": "2022-01-16", "reason": "late"}, 422, "a snooze ends in the future"),
        ("snooze", {"until": "2023-01-16", "reason": "late"}, 422, "a snooze ends within 90 days"),
        ("snooze", {"until": "soon", "reason": "late"}, 422, "a snooze ends on a day"),
        ("merge", {"other": "77", "reason": "same"}, 422, "one merges with an incident that exists"),
        ("merge", {"other": "1", "reason": "same"}, 422, "and with another one"),
        ("split", {"reason": "other"}, 422, "a split needs findings"),
        ("split", {"finding": "nothing", "reason": "other"}, 422, "of this incident"),
        ("forget", {"reason": "x"}, 404, "there is no other act"),
    ],
)
def test_what_a_form_must_hold(live, act, form, code, sentence):
    with served(live, *PROXY) as (service, browser):
        number = number_of(service)
        token = csrf_of(browser.ask(f"/incidents/{number}", **AN)[2])
        before = reasons(service)
        got, _, page = browser.ask(f"/incidents/{number}/{act}", {"csrf": token, **form}, **AN)
        assert got == code, sentence
        assert "999912345" not in page
        assert reasons(service) == before


def test_a_split_makes_a_new_incident_and_a_merge_brings_it_back(live):
    with served(live, *PROXY) as (service, browser):
        policy = service.project.settings.alerts.policy
        number = number_of(service)
        page = browser.ask(f"/incidents/{number}", **AN)[2]
        chosen = re.findall(r'name="finding" value="([^"]+)"', page)[:2]
        form = {"csrf": csrf_of(page), "finding": chosen, "reason": "another cause"}
        code, headers, _ = browser.ask(f"/incidents/{number}/split", form, **AN)
        assert code == 303
        new = int(re.search(r"/incidents/(\d+)", headers["location"])[1])
        assert {f.id for f in service.history.incidents.get(new, policy).findings} == set(chosen)
        assert not {f.id for f in service.history.incidents.get(number, policy).findings} & set(chosen)
        form = {"csrf": csrf_of(page), "other": f"#{number}", "reason": "the same after all"}
        code, headers, _ = browser.ask(f"/incidents/{new}/merge", form, **AN)
        assert (code, headers["location"]) == (303, f"/incidents/{number}?done=merge")
        assert set(chosen) <= {f.id for f in service.history.incidents.get(number, policy).findings}
        assert browser.ask(f"/incidents/{new}", **AN)[1]["location"] == f"/incidents/{number}"


def test_too_many_acts_have_to_wait(live):
    with served(live, *PROXY, "service.access.acts_per_minute=2") as (service, browser):
        number = number_of(service)
        token = csrf_of(browser.ask(f"/incidents/{number}", **AN)[2])
        codes = [
            browser.ask(f"/incidents/{number}/note", {"csrf": token, "reason": f"note {'abc'[i]}"}, **AN)[0]
            for i in range(3)
        ]
        assert codes == [303, 303, 429]


def test_the_language_is_chosen_and_kept_and_no_part_of_an_address(live):
    with served(live) as (_, browser):
        code, headers, _ = browser.ask("/deliveries?feed=ind-duo&lang=nl", accept_language="en")
        assert (code, headers["location"]) == (303, "/deliveries?feed=ind-duo")
        assert '<html lang="nl">' in browser.ask("/deliveries", accept_language="en")[2]
        assert "HttpOnly" in browser.last_cookie
        assert "SameSite=lax" in browser.last_cookie


# Login by OpenID Connect, against a real provider in a process of its own.


@contextmanager
def provider():
    """A provider at which anybody may log in under any name."""
    script = (
        "import oidc_provider_mock as m\n"
        "with m.run_server_in_thread() as s:\n"
        "    print(s.server_port, flush=True)\n"
        "    input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield f"http://localhost:{int(process.stdout.readline())}"
        process.terminate()


@pytest.fixture(scope="module")
def issuer():
    with provider() as address:
        yield address


def oidc(issuer, url="http://localhost:8181"):
    return (
        f"service.access.oidc={{issuer: '{issuer}', client_id: k, client_secret: secret}}",
        f"service.access.secret={SECRET}",
        f"service.access.url={url}",
        "service.access.viewers=[kees@example.org]",
        "service.access.operators=[an@example.org]",
    )


def log_in(browser, who, *, tampered=False):
    """What a browser and a person do: follow to the provider, say who one is there, and come back."""
    code, headers, _ = browser.ask("/login?next=/deliveries")
    assert code == 302, headers
    there = Browser(headers["location"])
    path = headers["location"].partition(there.host)[2]
    form = {"sub": who}
    code, headers, page = there.ask(path, form)
    assert code in {302, 303}, page
    back = headers["location"].partition("/login/done")[2]
    if tampered:
        back = back.replace("state=", "state=x")
    return browser.ask(f"/login/done{back}")


def test_an_operator_logs_in_and_acts_and_logs_out(live, issuer):
    with served(live, *oidc(issuer)) as (service, browser):
        code, headers, _ = browser.ask("/deliveries")
        assert (code, headers["location"]) == (303, "/login?next=/deliveries")
        code, headers, page = log_in(browser, "an@example.org")
        assert (code, headers["location"]) == (303, "/deliveries"), page
        cookie = browser.last_cookie.lower()
        assert cookie.startswith("__host-ketenwacht=")
        for word in ("secure", "httponly", "samesite=lax", "path=/"):
            assert word in cookie
        number = number_of(service)
        page = browser.ask(f"/incidents/{number}")[2]
        assert "an@example.org" in page
        assert browser.ask(f"/incidents/{number}/take", {"csrf": csrf_of(page)})[0] == 303
        assert reasons(service)[-1] == ("taken", "an@example.org")
        browser.ask("/logout", {})
        assert browser.ask("/")[0] == 303


def test_a_viewer_logs_in_and_may_not_act(live, issuer):
    with served(live, *oidc(issuer)) as (service, browser):
        assert log_in(browser, "kees@example.org")[0] == 303
        assert browser.ask("/")[0] == 200
        assert browser.ask(f"/incidents/{number_of(service)}/take", {"csrf": "0" * 64})[0] == 403


def test_whoever_is_not_listed_logs_in_and_may_not_look(live, issuer):
    with served(live, *oidc(issuer)) as (_, browser):
        assert log_in(browser, "eve@example.org")[0] == 303
        assert browser.ask("/")[0] == 403


def test_an_answer_to_another_question_logs_nobody_in(live, issuer):
    with served(live, *oidc(issuer)) as (_, browser):
        assert log_in(browser, "an@example.org", tampered=True)[0] == 403
        assert browser.ask("/")[0] == 303


def test_a_session_ends(live, issuer):
    with served(live, *oidc(issuer), "service.access.session=1s") as (_, browser):
        assert log_in(browser, "an@example.org")[0] == 303
        Event().wait(2.2)
        assert browser.ask("/")[0] == 303


def test_a_forged_cookie_is_nobody(live, issuer):
    with served(live, *oidc(issuer)) as (_, browser):
        browser.cookies["__Host-ketenwacht"] = "eyJ1c2VyIjogeyJuYW1lIjogImFuIn19.aaaa.bbbb"
        assert browser.ask("/")[0] == 303


def test_a_provider_that_does_not_answer_is_said(live):
    with served(live, *oidc("http://localhost:9")) as (_, browser):
        code, _, page = browser.ask("/login")
        assert code == 403
        assert "login service does not answer" in page


def test_nobody_is_sent_elsewhere_after_a_login(live, issuer):
    from ketenwacht.web.login import local_path  # noqa: PLC0415 - beside what it is about

    for text in ("https://evil.example.org/", "//evil.example.org", "/\\evil.example.org", "javascript:x", ""):
        assert local_path(text) == "/", text
    assert local_path("/feeds/a?range=4w") == "/feeds/a?range=4w"


# The JSON API.


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_the_api_acts_with_a_token_of_an_operator_only(live):
    with served(live, *TOKENS, *PROXY) as (service, browser):
        path = f"/api/v1/incidents/{number_of(service)}/note"
        body = json.dumps({"reason": "from a script"})
        for headers, code in (
            (AN, 401),
            ({}, 401),
            (bearer("x" * 40), 401),
            (bearer(LOOK), 403),
            (bearer(TOKEN), 200),
        ):
            got, answered, text = browser.ask(path, body=body, content_type="application/json", **headers)
            assert got == code, (headers, text)
            assert ("www-authenticate" in answered) is (code == 401)
        told = json.loads(text)
        assert told["changed"] is True
        assert told["events"][-1] | {"at": ""} == {
            "at": "", "reason": "noted", "actor": "planner", "detail": "from a script",
        }  # fmt: skip
        assert reasons(service)[-1] == ("noted", "planner")


def test_the_api_refuses_without_repeating_what_it_was_given(live):
    with served(live, *TOKENS) as (service, browser):
        path = f"/api/v1/incidents/{number_of(service)}/note"
        for body in (
            '{"reason": "BSN 999912345"}',
            '{"reasons": "999912345"}',
            '{"reason": ["999912345"]}',
            "999912345",
        ):
            code, _, text = browser.ask(path, body=body, content_type="application/json", **bearer(TOKEN))
            assert code == 422, body
            assert "999912345" not in text
