"""A marked person is pushed through every failure path, and must never show up anywhere."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from project import Project
from slack_peer import SlackPeer

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
            "--json",
            "var/ci/runs.json",
            "--github",
        ],
        "lint": ["lint"],
    }
    found = {}
    with SlackPeer() as peer:
        route = {"channel": "C1", "token": "xoxb-1", "base_url": peer.base_url}
        calls["check"] += [
            part for name, value in route.items() for part in ("--set", f"alerts.routes.0.slack.{name}={value}")
        ]
        for name, arguments in calls.items():
            done = haunted.fork(*arguments)
            assert "Traceback" not in done.err, (name, done.err)
            found[name] = done.out + done.err
    found["what Slack was sent"] = repr(peer.calls)
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


@pytest.mark.parametrize("trace", TRACES)
def test_no_trace_of_the_marked_person_is_anywhere(everything, trace):
    assert [name for name, text in everything.items() if trace in text] == []
