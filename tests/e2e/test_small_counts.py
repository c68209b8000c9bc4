"""Two worlds that differ in small counts only look alike on every surface: so nobody can tell which one it is."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from project import Project

pytestmark = pytest.mark.e2e

CONFIG = """
version: 1
timezone: Europe/Amsterdam
history: sqlite:///var/history.db
feeds:
  tiny:
    title: A tiny feed
    source: {{kind: files, path: in, pattern: "T_{{date:%Y%m%d}}.csv", reader: csv}}
    schedule: {{cron: "0 7 * * mon-fri", grace: 4h}}
    segments: [[], [kind]]
    checks: checks.yaml
    environments: {{staging: {{source: {{path: in}}}}}}
alerts: {{language: {language}, small_count: {limit}}}
"""
CHECKS = """
version: 1
checks:
  - {kind: schedule}
  - {kind: completeness, fields: {x: 0.99}, segments: [kind], at_least: 1}
  - {kind: drift, segments: [kind], at_least: 20}
  - {kind: vanished, segments: [kind], learn: 5}
  - {kind: volume, segments: [kind]}
  - {kind: evidence, segments: [kind]}
"""
FIRST = date(2024, 1, 8)
DAYS = [day for day in (FIRST + timedelta(n) for n in range(21)) if day.weekday() < 5]
# Rows of kind a and b, and of each how many have no x. The worlds differ where a count is hidden, not elsewhere.
WORLDS = {"one": ((27, 3), (11, 1)), "other": ((26, 4), (10, 2))}
TELLING = re.compile(  # digests and ids, the clock, how long it took, sizes; no count here has six digits
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\"eventTime\": \"[^\"]*\"|\b[0-9a-f]{6,}\b|\b\d\d:\d\d\b"
    r"|time(stamp)?=\"[^\"]*\"|\d+(\.\d+)? ?(s|ms|KiB|kB|bytes)\b"
)


def world(root: Path, rows, empty, *, limit=10, language="en") -> Project:
    (root / "in").mkdir(parents=True)
    (root / "config.yaml").write_text(CONFIG.format(limit=limit, language=language))
    (root / "checks.yaml").write_text(CHECKS)
    for day in DAYS:
        lines = [f"{k};{'' if n < without else 'v'}" for k, many, without in zip("ab", rows, empty, strict=True)
                 for n in range(many)]  # fmt: skip
        path = root / "in" / f"T_{day:%Y%m%d}.csv"
        path.write_text("kind;x\n" + "\n".join(lines) + "\n")
        at = datetime(day.year, day.month, day.day, 6, tzinfo=UTC).timestamp()
        os.utime(path, (at, at))
    return Project(root)


def surfaces(project: Project) -> dict[str, str]:
    """All that leaves the tool, by surface; what names the content or the clock is taken out."""
    last = f"{DAYS[-1]:%Y-%m-%d}"
    span = ("--from", f"{DAYS[0]:%Y-%m-%d}", "--to", last)
    done = {
        "replay": project.call("replay", *span, "--format", "json"),
        "check": project.call("check", "--at", f"{last}T12:00:00Z", "--format", "json"),
        "history": project.call("history", "--format", "json"),
        "history, text": project.call("history"),
        "incidents": project.call("incidents", "list", "--format", "json"),
        "incidents, text": project.call("incidents", "list"),
        "ci": project.call("ci", "--env", "staging", "--junit", "j.xml", "--markdown", "m.md", "--format", "json"),
        "report, text": project.call("report", "--out", "r.html"),
        "lineage, text": project.call("lineage", "--out", "l.jsonl"),
    }
    found = {name: one.out for name, one in done.items()}
    found |= {name: (project.root / name).read_text() for name in ("j.xml", "m.md", "r.html", "l.jsonl")}
    for path in (project.root / "var").rglob("*.db"):
        with sqlite3.connect(path) as history:
            found[f"alerts {path.name}"] = "\n".join(
                b for (b,) in history.execute("select body from alerts order by number")
            )
    return {name: TELLING.sub("·", text) for name, text in found.items()}


@pytest.mark.parametrize("language", ["en", "nl"])
def test_no_surface_tells_two_worlds_apart_that_differ_in_hidden_counts_only(tmp_path, language):
    said = {}
    for name, (rows, empty) in WORLDS.items():
        root = tmp_path / "world"
        said[name] = surfaces(world(root, rows, empty, language=language))
        shutil.rmtree(root)
    assert said["one"].keys() == said["other"].keys()
    apart = {name for name in said["one"] if said["one"][name] != said["other"][name]}
    assert not apart, {name: _first_difference(said["one"][name], said["other"][name]) for name in apart}


def test_with_a_limit_of_one_the_worlds_differ(tmp_path):
    said = {name: surfaces(world(tmp_path / name, *counts, limit=1)) for name, counts in WORLDS.items()}
    assert said["one"]["history"] != said["other"]["history"]
    assert said["one"]["check"] != said["other"]["check"]


def test_the_limit_governs_every_surface(tmp_path):
    said = {limit: surfaces(world(tmp_path / str(limit), *WORLDS["one"], limit=limit)) for limit in (10, 500)}
    same = {name for name in said[10] if said[10][name] == said[500][name] and re.search(r"\d", said[10][name])}
    assert not same & {"replay", "check", "history", "history, text", "ci", "j.xml", "m.md", "r.html", "l.jsonl"}


def _first_difference(one: str, other: str) -> tuple[str, str]:
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[max(0, at - 150) : at + 80], other[max(0, at - 150) : at + 80]
