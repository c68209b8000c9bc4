"""The JSON API: its document is valid, and its answers are what that says."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime

import pytest

from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.store import History
from ketenwacht.web import PageServer, web_app
from ketenwacht.workflows.project import LoadedProject

pytestmark = pytest.mark.integration

TOKEN = "operator-" + "t" * 32
AT = datetime(2022, 1, 17, 9, tzinfo=UTC)
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
"""What schemathesis holds each answer against."""


@pytest.fixture
def address(place):
    place.go_live()
    settings = (
        "alerts.language=en",
        f"service.access.tokens=[{{name: fuzz, token: {TOKEN}, role: operator}}]",
        "service.access.acts_per_minute=100000",
    )
    project = LoadedProject.open(place.root / "config.yaml", overrides=settings)
    with History.open(project.history_url()) as history:
        made = Service.of(project, history, log=Log(io.StringIO()), write=lambda _: None, now=lambda: AT)
        with PageServer(web_app(made), host="127.0.0.1", port=0) as pages:
            yield pages.address
        made.close()


def fetch(address, path):
    with urllib.request.urlopen(f"{address}/api/v1{path}", timeout=60) as answer:  # noqa: S310 - our own address
        return json.loads(answer.read())


def test_the_document_is_valid_and_names_every_address(address):
    from openapi_spec_validator import validate  # noqa: PLC0415 - slow to import

    document = fetch(address, "/openapi.json")
    validate(document)
    acts = {f"/incidents/{{number}}/{act}" for act in (
        "take", "acknowledge", "note", "snooze", "resolve", "split", "merge",
    )}  # fmt: skip
    reads = {"/feeds", "/incidents", "/incidents/{number}", "/findings", "/deliveries", "/history"}
    assert set(document["paths"]) == acts | reads


def test_every_answer_holds_what_the_interface_promises(address):
    (incident,) = fetch(address, "/incidents")["incidents"]
    for name in (
        "id", "nature", "title", "severity", "state", "owner", "opened_at", "resolved_at", "segment", "evidence",
        "missing", "causes", "next_deadline", "findings",
    ):  # fmt: skip
        assert name in incident
    assert incident["missing"]["evidence"] == "reconciliation"
    assert fetch(address, f"/incidents/{incident['id']}")["events"]
    assert fetch(address, "/deliveries?limit=3")["more"] is True
    assert fetch(address, "/history?feed=ind-duo")["schema"] == "ketenwacht/history/1"
    assert fetch(address, "/findings")["findings"][0]["feed"] == "ind-duo"


def test_odd_requests_are_answered_as_the_document_says(address):
    command = [
        sys.executable, "-W", "ignore", "-m", "schemathesis.cli", "run",
        f"{address}/api/v1/openapi.json",
        "--header", f"Authorization: Bearer {TOKEN}",
        "--phases", "examples,coverage,fuzzing", "--max-examples", "5", "--seed", "1", "--no-color",
        "--checks", CHECKS,
    ]  # fmt: skip
    quiet = {**os.environ, "CI": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=quiet, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
