"""Who may do what: each act, by form and by JSON API, for each way of being known and each role."""

from __future__ import annotations

import hashlib
import hmac
import io
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.store import History
from ketenwacht.web import web_app
from ketenwacht.workflows.project import LoadedProject

pytestmark = pytest.mark.integration

AT = datetime(2022, 1, 17, 9, tzinfo=UTC)
SECRET = "s" * 40
ACTS = {
    "acknowledge": {},
    "take": {},  # nothing is left to do: whoever acknowledges takes it
    "note": {"reason": "called"},
    "snooze": {"reason": "tomorrow", "until": "2022-01-20"},
    "split": {"reason": "another"},
    "merge": {"reason": "the same"},
    "resolve": {"reason": "all were sent"},
}
"""Each act with the fields that it needs; the last one ends the incident."""
OPEN = (f"service.access.secret={SECRET}",)
PROXY = (
    *OPEN,
    "service.access.proxy={proxies: [127.0.0.1]}",
    "service.access.viewers=[kees]",
    "service.access.operators=[an, duty]",
)
TOKENS = (
    *OPEN,
    (
        "service.access.tokens=["
        f"{{name: planner, token: o{SECRET}, role: operator}}, {{name: screen, token: v{SECRET}}}]"
    ),
)
NOBODY, HEADER = ("", ""), "proxy"
# sentence · settings · headers · whose form token (origin, name) · may look · by form · by API
WHO = [
    ("this machine, without a login, only looks", OPEN, {}, NOBODY, 200, 403, 401),
    ("where people log in, nobody looks without a name", PROXY, {}, NOBODY, 403, 403, 401),
    ("a viewer named by the proxy looks", PROXY, {"X-Forwarded-User": "kees"}, (HEADER, "kees"), 200, 403, 401),
    (
        "an operator named by the proxy acts by form",
        PROXY,
        {"X-Forwarded-User": "an"},
        (HEADER, "an"),
        200,
        303,
        401,
    ),
    (
        "a member of a listed group acts by form",
        PROXY,
        {"X-Forwarded-User": "piet", "X-Forwarded-Groups": "duty"},
        (HEADER, "piet"),
        200,
        303,
        401,
    ),
    ("whom nobody listed may nothing", PROXY, {"X-Forwarded-User": "eve"}, (HEADER, "eve"), 403, 403, 401),
    (
        "an operator's header from no listed proxy is nobody",
        OPEN,
        {"X-Forwarded-User": "an"},
        NOBODY,
        200,
        403,
        401,
    ),
    ("a viewer's token looks", TOKENS, {"Authorization": f"Bearer v{SECRET}"}, ("token", "screen"), 200, 403, 403),
    (
        "an operator's token acts by API alone",
        TOKENS,
        {"Authorization": f"Bearer o{SECRET}"},
        ("token", "planner"),
        200,
        403,
        200,
    ),
    ("an unknown token may nothing", TOKENS, {"Authorization": "Bearer x"}, NOBODY, 403, 403, 401),
]


@contextmanager
def served(place, overrides):
    place.go_live()
    project = LoadedProject.open(place.root / "config.yaml", overrides=("alerts.language=en", *overrides))
    with History.open(project.history_url()) as history:
        service = Service.of(project, history, log=Log(io.StringIO()), write=lambda _: None, now=lambda: AT)
        with TestClient(
            web_app(service), base_url="http://localhost", client=("127.0.0.1", 5000), follow_redirects=False
        ) as client:
            yield service, client
        service.close()


def form_token(origin: str, name: str) -> str:
    """The token of somebody's own form, so that a form is refused for who sends it."""
    text = f"{origin}\0{name}\0"
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("sentence", "settings", "headers", "form_of", "look", "form", "api"), WHO, ids=[w[0] for w in WHO]
)
def test_who_may_look_and_act(place, sentence, settings, headers, form_of, look, form, api):
    with served(place, settings) as (service, client):
        history, policy = service.history, service.project.settings.alerts.policy
        (incident,) = history.incidents.find(policy)
        number, other = incident.number, None
        pages = (
            "/",
            "/incidents",
            f"/incidents/{number}",
            f"/incidents/{number}/places.csv",
            "/deliveries",
            "/findings",
        )
        assert {client.get(page, headers=headers).status_code for page in pages} == {look}, sentence
        assert client.get("/api/v1/feeds", headers=headers).status_code == (200 if look == 200 else 401), sentence
        for by, expected in (("form", form), ("api", api)):
            for act, fields in ACTS.items():
                values = dict(fields)
                if act == "split":
                    values["finding" if by == "form" else "findings"] = [incident.findings[-1].id]
                if act == "merge":
                    values["other"] = other or 99
                before = history.incidents.find_events(number)
                if by == "form":
                    values["csrf"] = form_token(*form_of)
                    answer = client.post(f"/incidents/{number}/{act}", data=values, headers=headers)
                else:
                    answer = client.post(f"/api/v1/incidents/{number}/{act}", json=values, headers=headers)
                assert answer.status_code == expected, (sentence, by, act, answer.text[:300])
                after = history.incidents.find_events(number)
                allowed = expected in {200, 303}
                assert (after != before) is (allowed and act != "take"), (sentence, by, act)
                if allowed and act == "split":
                    other = max(one.number for one in history.incidents.find(policy))
                if after != before:
                    assert form_of[1] in {event.actor for event in after if event not in before}


def test_every_act_of_the_pages_and_of_the_api_is_in_the_table(place):
    with served(place, OPEN) as (_, client):
        paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert {path.rpartition("/")[2] for path, found in paths.items() if "post" in found} == set(ACTS)
