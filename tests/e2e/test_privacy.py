"""A marked person is pushed through every failure path, and must never show up anywhere."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from doors import DOORS, measured_elsewhere, project_of_doors
from doors import TRACES as MARKED
from project import Project
from receivers import MailServer, WebServer
from slack_peer import SlackPeer

from ketenwacht.domain.segment import Segment
from ketenwacht.store import History

pytestmark = pytest.mark.e2e

# Values that occur nowhere else; each stands for what would give a person away.
MARKS = {
    "v_nummer": "7777123450",
    "bsn": "777712345",
    "geboortedatum": "19770707",
    "postcode": "7777ZQ",
    "coa_locatie": "MERKTEKEN-LOCATIE",
    "datum_beschikking": "2077-07-17",
}
TRACES = (*MARKS.values(), "MERKTEKEN", "7777123450.0", "2077, 7, 17", "1977-07-07")


def marked_row(header: list[str], like: str) -> list[str]:
    row = dict(zip(header, like.split(";"), strict=True)) | MARKS
    return [row[name] for name in header]


def rewrite(path: Path, text: str | bytes) -> None:
    """Replace a delivery's bytes and make its manifest agree, so that it is read and judged."""
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(data)
    manifest_path = path.with_name(f"{path.stem}.manifest.json")
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    manifest |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    manifest_path.write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture(scope="module")
def haunted(tmp_path_factory) -> Project:
    """A project in which one marked person is in a delivery for each way in which reading or judging can fail."""
    project = Project.copied_to(tmp_path_factory.mktemp("haunted"))
    project.simulate(last="2022-02-11")
    files = sorted((project.root / "var/sample/deliveries").glob("*.csv"))
    lines = files[0].read_text(encoding="utf-8").splitlines()
    header = lines[0].split(";")
    person = marked_row(header, lines[1])
    row = ";".join(person)
    segments = {"doelgroep", "verblijfsdoel", "gemeentecode"}  # their values are categories, and kept
    wrong_everything = ";".join("a" if name in segments else "MERKTEKEN" for name in header)
    shifted = ";".join(person[-3:] + person[:-3])  # numbers and dates where categories belong
    body = "\n".join(lines[:-1])
    ways = [
        f"{body}\n{row}\n",  # judged, and its values break several expectations
        f"{body}\n{row}\n{row}\n",  # twice: uniqueness
        f"{body}\n{wrong_everything}\n",  # every format broken
        f"{body}\n{shifted}\n{';'.join(person[2:] + person[:2])}\n",  # columns that moved
        f"{body}\n{row};7777123450;too many fields\n",  # ragged
        f"{body}\n{row[:40]}",  # cut off
        f'{body}\n"{row}\n',  # a quote that never ends
        f"{body}\n{row}\x00\n",  # a NUL
        f"{body}\n{row}\n".encode() + b"\xff\xfe MERKTEKEN\n",  # not UTF-8
        f"{row}\n{row}\n",  # no header: the person would become column names
        "\n".join(line.replace("v_nummer", "vreemdelingnummer") for line in [lines[0], row])
        + "\n",  # renamed column
        f"{lines[0]}\n{row}\n",  # alone: a segment of one
    ]
    for path, text in zip(files, ways, strict=False):
        rewrite(path, text)
    truncated = files[len(ways)]
    truncated.write_text(f"{body}\n{row[:30]}", encoding="utf-8")  # the manifest does not agree
    bad_manifest = files[len(ways) + 1]
    bad_manifest.with_name(f"{bad_manifest.stem}.manifest.json").write_text(
        json.dumps({"volgnummer": "7777123450", "soort": "MERKTEKEN"}), encoding="utf-8"
    )
    register = sorted((project.root / "var/sample/register").glob("*.csv"))
    columns = register[-1].read_text(encoding="utf-8").splitlines()[0].split(";")
    with register[-1].open("a", encoding="utf-8") as out:
        out.write(";".join(MARKS.get(name, "") for name in columns) + "\n")
    register[0].write_text(";".join(columns) + f"\n{MARKS['v_nummer']};MERKTEKEN\n", encoding="utf-8")
    return project


@pytest.fixture(scope="module")
def everything(haunted) -> dict[str, str]:
    """All that any command printed or wrote about it."""
    calls = {
        "check": ["check", "--at", "2022-02-11T20:00Z"],
        "check again": ["check", "--at", "2022-02-11T21:00Z", "--format", "json"],
        "replay": ["replay", "--from", "2022-01-01", "--to", "2022-02-11"],
        "replay json": ["replay", "--from", "2022-01-01", "--to", "2022-02-11", "--format", "json"],
        "history": ["history"],
        "incidents": ["incidents", "list", "--all", "--format", "json"],
        "report": ["report", "--out", "var/report.html"],
        "lineage": ["lineage", "--out", "var/lineage.jsonl"],
        "doctor": ["doctor"],
        "reconcile": ["reconcile", "--register", "var/sample/register/REGISTER_20220211.csv"],
        "ci": [
            "ci",
            "--env",
            "staging",
            "--all",
            "--set",
            "feeds.ind-duo.environments.staging.source.path=var/sample/deliveries",
            "--junit",
            "var/ci/junit.xml",
            "--markdown",
            "var/ci/summary.md",
            "--html",
            "var/ci/report.html",
            "--gitlab",
            "var/ci/gitlab.json",
            "--sarif",
            "var/ci/scan.sarif",
            "--json",
            "var/ci/runs.json",
            "--github",
        ],
        "lint": ["lint"],
    }
    found = {}
    with SlackPeer() as peer, MailServer() as mail, WebServer() as web:
        route = {"channel": "C1", "token": "xoxb-1", "base_url": peer.base_url}
        urls = f'["{mail.url()}", "json://127.0.0.1:{web.port}/hook"]'
        calls["check"] += ["--set", f"alerts.routes.0.apprise.urls={urls}"]
        calls["check"] += [
            part for name, value in route.items() for part in ("--set", f"alerts.routes.0.slack.{name}={value}")
        ]
        for name, arguments in calls.items():
            done = haunted.fork(*arguments)
            assert "Traceback" not in done.err, (name, done.err)
            found[name] = done.out + done.err
    found["what Slack was sent"] = repr(peer.calls)
    found["what was mailed"] = "\n".join(f"{one['Subject']}\n{one.get_content()}" for one in mail.mails)
    found["what a webhook was sent"] = json.dumps(web.taken, ensure_ascii=False)
    for path in (haunted.root / "var").rglob("*"):
        if path.is_file() and "sample" not in path.parts:
            found[str(path.relative_to(haunted.root))] = path.read_bytes().decode("utf-8", "replace")
    return found


def test_the_marked_person_was_really_judged(haunted, everything):
    statuses = [
        json.loads(line)["status"]
        for line in everything["replay json"].splitlines()
        if '"run/1"' in line or "run/1" in line
    ]
    assert statuses.count("error") >= 6
    assert statuses.count("failed") >= 4
    assert any(name.endswith(".db") for name in everything)
    assert "var/report.html" in everything
    assert "chat.postMessage" in everything["what Slack was sent"]
    assert all(everything[name].count("DUO") > 3 for name in ("what was mailed", "what a webhook was sent"))


@pytest.mark.parametrize("trace", TRACES)
def test_no_trace_of_the_marked_person_is_anywhere(everything, trace):
    assert [name for name, text in everything.items() if trace in text] == []


@pytest.fixture(scope="module")
def doors(tmp_path_factory) -> Project:
    """A project with a marked person at every door through which texts come from outside."""
    root = tmp_path_factory.mktemp("doors")
    project_of_doors(root)
    (root / "measured.jsonl").write_text(measured_elsewhere("values"), encoding="utf-8")
    return Project(root)


# Exit codes of `check`: 0 and 1, it was read and judged; 2, a file or setting is refused; 3, it cannot be read.
ENTERED = {
    "manifest": 1,
    "agreed_manifest": 1,
    "counts_of_a_manifest": 3,
    "values": 0,
    "header": 1,
    "columns": 0,
    "keys_of_json": 3,
    "columns_of_parquet": 0,
    "table": 0,
    "in_place": 0,
    "periods": 2,
    "evidence": 1,
    "inquiries": 0,
    "segments_of_inquiries": 0,
    "name_of_a_file": 0,
    "source_of_a_figure": 0,
    "register": 1,
    "canaries": 0,
}


@pytest.fixture(scope="module")
def passed_through(doors) -> dict[str, str]:
    """All that any command printed or wrote of the doors."""
    at = "2024-01-04T20:00Z"
    calls = [["check", name, "--at", at] for name in ENTERED]
    calls.append(["measurements", "import", "measured.jsonl", "--by", "me"])
    for name, code in ENTERED.items():
        if code != 2:
            calls += [
                ["check", name, "--at", at, "--delivery", "2024-01-04", "--format", "json"],
                ["history", name],
                ["history", name, "--format", "json"],
                ["incidents", "list", name, "--all", "--format", "json"],
                ["report", name, "--out", f"var/{name}.html"],
                ["lineage", name, "--out", f"var/{name}.lineage.jsonl"],
                ["measurements", "export", f"var/{name}.jsonl", name],
                ["ci", name, "--env", "staging", "--all", *_reports(name)],
            ]
    calls += [["reconcile", "register", "--register", f"register/R_2024010{day}.csv"] for day in "23"]
    calls += [["lint"], ["doctor"]]
    found = {}
    for arguments in calls:
        done = doors.call(*arguments)
        assert "Traceback" not in done.err, (arguments, done.err)
        if arguments[0] == "check" and "--delivery" not in arguments:
            assert done.code == ENTERED[arguments[1]], (arguments, done.out, done.err)
        found[" ".join(arguments)] = done.out + done.err
    for path in (doors.root / "var").rglob("*"):
        if path.is_file():
            found[str(path.relative_to(doors.root))] = path.read_bytes().decode("utf-8", "replace")
    return found


def _reports(name: str) -> list[str]:
    kinds = {
        "junit": "xml",
        "markdown": "md",
        "html": "html",
        "json": "json",
        "gitlab": "gitlab.json",
        "sarif": "sarif",
        "save": "save",
    }
    return [part for kind, end in kinds.items() for part in (f"--{kind}", f"var/ci/{name}.{end}")]


def test_every_door_is_entered_and_named_here(passed_through):
    assert set(ENTERED) == {door.__name__ for door in DOORS}
    for feed in ("values", "table", "in_place", "evidence", "register", "segments_of_inquiries"):
        assert "(other)" in passed_through[f"history {feed} --format json"] + passed_through["var/history.db"], (
            feed
        )
    assert "1 new" in passed_through["measurements import measured.jsonl --by me"]
    assert any(name.startswith("var/ci/") and name.endswith(".xml") for name in passed_through)


@pytest.mark.parametrize("trace", MARKED)
def test_no_trace_of_the_marked_person_comes_through_any_door(passed_through, trace):
    assert [name for name, text in passed_through.items() if trace in text] == []


def test_counts_of_what_is_withheld_still_add_up(doors, passed_through):
    with History.open(f"sqlite:///{doors.root}/var/history.db") as history:
        (newest,) = [s for s in history.runs.find_snapshots("values") if s.delivery.id == "2024-01-04"]
        (stated,) = [s for s in history.runs.find_snapshots("agreed_manifest") if s.delivery.id == "2024-01-04"]
        (keys,) = [s for s in history.runs.find_snapshots("columns_of_parquet") if s.delivery.id == "2024-01-04"]
    other, known = (Segment((("kind", value),)) for value in ("(other)", "a"))
    assert newest.value("rows") == newest.value("rows", other) + newest.value("rows", known)
    assert newest.value("rows", known) == 1.0
    assert stated.delivery.manifest.excluded == {"(other)": 14}
    assert [column.name for column in keys.columns] == ["kind", "#2", "#3"]
