"""Judged deliveries for a catalogue of lineage, written and sent."""

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

pytestmark = pytest.mark.integration


@pytest.fixture
def catalogue():
    """A server that takes events, and what it took; `answer` is the status that it gives."""
    taken = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            taken.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(server.answer)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.answer, server.taken = 201, taken
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def clean_environment(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # the client looks for openlineage.yml where it is started
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("OPENLINEAGE_URL", "OPENLINEAGE_CONFIG", "OPENLINEAGE_DISABLED"):
        monkeypatch.delenv(name, raising=False)


def events_of(place, *options):
    path = place.root / "events.jsonl"
    done = place("lineage", "--replay", "--out", str(path), *options)
    assert done.code == 0, done.err
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_judged_delivery_is_a_run_from_the_sender_to_the_receiver(place):
    events = events_of(place)
    runs = place("history", "--replay", "--limit", "99", "--format", "json").json["runs"]
    assert [event["eventType"] for event in events] == ["START", "COMPLETE"] * len(runs)
    ended = events[1::2]
    assert [tag_of(event, "delivery") for event in ended] == [run["delivery"] for run in runs]
    assert [tag_of(event, "status") for event in ended] == [run["status"] for run in runs]
    for event in events:
        assert [(one["namespace"], one["name"]) for one in event["inputs"]] == [("IND", "ind-duo")]
        assert [(one["namespace"], one["name"]) for one in event["outputs"]] == [("DUO", "ind-duo")]
    assert len({event["run"]["runId"] for event in events}) == len(runs)
    assert events == events_of(place), "sending it again tells the same"


def tag_of(event, key):
    return next(tag["value"] for tag in event["run"]["facets"]["tags"]["tags"] if tag["key"] == key)


def test_assertions_are_the_results_that_say_something_of_the_data(place):
    last = events_of(place)[-1]["inputs"][0]["inputFacets"]
    failed = [one["name"] for one in last["dataQualityAssertions"]["assertions"] if not one["success"]]
    assert any(name.startswith("reconciliation") for name in failed)
    assert {one["severity"] for one in last["dataQualityAssertions"]["assertions"]} <= {"error", "warn"}
    rows = last["dataQualityMetrics"]["rowCount"]
    assert rows % 10 == 0, "a delivery with a small count is rounded"


def test_since_leaves_out_what_is_earlier(place):
    assert {tag_of(e, "delivery") for e in events_of(place, "--since", "2022-01-14")} == {"000010", "000011"}


@pytest.mark.usefixtures("clean_environment")
def test_events_are_sent_to_the_catalogue_that_the_client_is_set_to(place, catalogue, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_URL", f"http://127.0.0.1:{catalogue.server_port}")
    done = place("lineage", "--replay", "--namespace", "chain", "--format", "json")
    assert done.code == 0, done.err
    assert done.json["schema"] == "ketenwacht/lineage/1"
    assert done.json["events"] == len(catalogue.taken) == 2 * done.json["runs"]
    assert {event["job"]["namespace"] for event in catalogue.taken} == {"chain"}
    assert catalogue.taken[0]["run"]["runId"] == events_of(place, "--namespace", "chain")[0]["run"]["runId"]


@pytest.mark.usefixtures("clean_environment")
@pytest.mark.parametrize(
    ("sentence", "answer", "code", "told"),
    [
        ("the catalogue refuses", 400, 4, "did not take the events"),
        ("no catalogue is named", None, 2, "OPENLINEAGE_URL"),
    ],
)
def test_a_catalogue_that_takes_nothing_is_said(place, catalogue, monkeypatch, sentence, answer, code, told):
    if answer is not None:
        catalogue.answer = answer
        monkeypatch.setenv("OPENLINEAGE_URL", f"http://127.0.0.1:{catalogue.server_port}")
    done = place("lineage", "--replay")
    assert (done.code, told in done.err) == (code, True), sentence + done.err


def test_without_the_extra_it_says_what_to_install(place):
    code = (
        "import sys; sys.modules['openlineage'] = None\n"
        "from ketenwacht.cli.root import run; sys.exit(run(['-c', sys.argv[1], 'lineage']))"
    )
    call = [sys.executable, "-c", code, str(place.root / "config.yaml")]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'openlineage-python" in done.stderr
