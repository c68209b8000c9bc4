"""A marked person is pushed through every door, and then through every page, address of the API and act."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime

import pytest
from doors import DOORS, MARKS, TRACES, UNBROKEN, project_of_doors
from project import Project
from starlette.testclient import TestClient

from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.store import History
from ketenwacht.web import web_app
from ketenwacht.web.pages import PAGES
from ketenwacht.workflows.project import LoadedProject

pytestmark = pytest.mark.e2e

AT = datetime(2024, 1, 4, 20, tzinfo=UTC)
TOKEN = "operator-" + "t" * 32
AN, PLANNER = {"X-Forwarded-User": "an"}, {"Authorization": f"Bearer {TOKEN}"}
SETTINGS = (
    "service.access.proxy={proxies: [127.0.0.1]}",
    "service.access.operators=[an]",
    "service.access.acts_per_minute=10000",
    f"service.access.tokens=[{{name: planner, token: {TOKEN}, role: operator}}]",
)
DATES = {"07-07-1977", "1977-07-07", "19770707", "7 juli 1977"}
"""Days may stand in the reason of an act: `the delivery of 3 January comes tomorrow`."""
ACTS = ("note", "snooze", "resolve", "split", "merge")
"""Every act that takes words."""


@pytest.fixture(scope="module")
def answers(tmp_path_factory) -> dict[str, str]:
    """What every address answered, what every act with a marked text answered, the log and the history."""
    root = tmp_path_factory.mktemp("doors")
    project_of_doors(root)
    commands = Project(root)
    for door in DOORS:
        commands.call("check", door.__name__, "--at", AT.isoformat())
    project = LoadedProject.open(root / "config.yaml", overrides=SETTINGS)
    log, found = io.StringIO(), {}
    with History.open(project.history_url()) as history:
        service = Service.of(project, history, log=Log(log), write=lambda _: None, now=lambda: AT)
        with TestClient(
            web_app(service), base_url="http://localhost", client=("127.0.0.1", 5000), follow_redirects=False
        ) as client:
            found |= _act(client, history)
            found |= _visit(client, history)
        service.close()
    found["log"] = log.getvalue()
    found |= {path.name: path.read_bytes().decode("utf-8", "replace") for path in (root / "var").glob("*.db*")}
    return found


def _visit(client: TestClient, history: History) -> dict[str, str]:
    feeds = [door.__name__ for door in DOORS]
    with history.database.reading() as connection:
        numbers = connection.exec_driver_sql("SELECT number FROM numbered_incidents").scalars().all()
    api = client.get("/api/v1/openapi.json", headers=PLANNER).json()["paths"]
    templates = [(path, AN) for path, _ in PAGES] + [("/readyz", AN), ("/healthz", AN), ("/metrics", AN)]
    templates += [(f"/api/v1{path}", PLANNER) for path, ways in api.items() if "get" in ways]
    templates += [("/incidents?all=1", AN), ("/findings?all=1", AN), ("/findings.csv?all=1", AN)]
    templates += [("/api/v1/incidents?closed=true", PLANNER), ("/api/v1/findings?closed=true", PLANNER)]
    found = {}
    for template, headers in templates:
        paths = [template]
        if "{name}" in template:
            paths = [template.replace("{name}", feed) for feed in feeds]
        elif "{number}" in template:
            paths = [template.replace("{number}", str(number)) for number in numbers]
        elif template.endswith("/history"):
            paths = [f"{template}?feed={feed}" for feed in feeds]
        for path in paths:
            for language in ("nl", "en"):
                answer = client.get(path, headers={**headers, "Accept-Language": language})
                assert answer.status_code in {200, 303}, (path, answer.status_code)
                found[f"{language} {path}"] = answer.text + str(dict(answer.headers))
    return found


def _act(client: TestClient, history: History) -> dict[str, str]:
    """Try each act with each marked text; none of them is taken."""
    found = {}
    with history.database.reading() as connection:
        number, other = connection.exec_driver_sql("SELECT number FROM numbered_incidents").scalars().all()[:2]
    page = client.get(f"/incidents/{number}", headers=AN).text
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)[1]
    fields = {"until": date(2024, 1, 8).isoformat(), "other": other}
    for act in ACTS:
        for text in sorted({*MARKS, UNBROKEN} - DATES):
            words = {**fields, "reason": f"ask {text} again"}
            form = client.post(
                f"/incidents/{number}/{act}", data={**words, "csrf": csrf, "finding": "x"}, headers=AN
            )
            body = {"split": {"findings": ["x"]}, "merge": {"other": other}, "snooze": {"until": fields["until"]}}
            sent = {**body.get(act, {}), "reason": words["reason"]}
            api = client.post(f"/api/v1/incidents/{number}/{act}", json=sent, headers=PLANNER)
            assert (form.status_code, api.status_code) == (422, 422), (act, text, form.text[-400:], api.text)
            found[f"form {act} {len(found)}"], found[f"api {act} {len(found)}"] = form.text, api.text
    return found


def test_every_page_and_address_was_asked_for(answers):
    asked = {key.partition(" ")[2].partition("?")[0] for key in answers}
    for path, _ in PAGES:
        pattern = re.sub(r"\{name\}", "[a-z_]+", re.sub(r"\{number\}", "[0-9]+", path))
        assert any(re.fullmatch(pattern, one) for one in asked), path
    assert {"/metrics", "/readyz", "/api/v1/feeds", "/api/v1/findings", "/api/v1/history"} <= asked
    assert sum(len(text) for text in answers.values()) > 1_000_000


@pytest.mark.parametrize("trace", TRACES)
def test_no_trace_of_the_marked_person_is_in_any_answer(answers, trace):
    assert [key for key, text in answers.items() if trace in text] == []
