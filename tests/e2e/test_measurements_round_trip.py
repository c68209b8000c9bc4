"""What production knows goes to a build as docs/ci.md says, and `ci` there judges as production does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.e2e

FIRST, NEWEST = date(2024, 1, 1), 85
LOSS = range(25, 45)
"""Days on which a third was missing: they say nothing about the normal level."""
SHARES = {"a": 0.5, "b": 0.3, "c": 0.2}
CONFIG = """
version: 1
history: sqlite:///history.db
feeds:
  counts:
    source: {kind: files, path: production, pattern: "day_{date:%Y%m%d}.csv", reader: csv}
    environments: {staging: {source: {path: staging}}}
    checks: checks.yaml
    segments: [[], [code]]
"""
CHECKS = """
version: 1
checks:
  - kind: volume
  - {kind: ratio, segments: [code]}
  - {kind: vanished, segments: [code]}
"""
WHO = "Jan Janssen"


def deliver(folder: Path, day: int, persons: int, rng, *, lost: str = "") -> None:
    """Write the delivery of a day, with about so many persons."""
    codes = rng.choice(list(SHARES), size=rng.poisson(persons), p=list(SHARES.values()))
    rows = [f"{number};{code}" for number, code in enumerate(codes) if code != lost]
    folder.mkdir(exist_ok=True)
    (folder / f"day_{FIRST + timedelta(days=day):%Y%m%d}.csv").write_text(
        "\n".join(["person;code", *rows, ""]), "utf-8"
    )


def call(place: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a project."""
    program = str(Path(sys.executable).with_name("ketenwacht"))
    given = {key: value for key, value in os.environ.items() if not key.startswith("KETENWACHT")}
    return subprocess.run(
        [program, *command], cwd=place, env=given, capture_output=True, text=True, timeout=500, check=False
    )


def results(done: subprocess.CompletedProcess[str]) -> dict[tuple[str, str], tuple[object, ...]]:
    """Return what was said of the newest delivery: by check and segment the verdict and its figures."""
    runs = [json.loads(line) for line in done.stdout.splitlines() if '"ketenwacht/run/1"' in line]
    assert runs, done.stderr
    return {
        (one["check"], json.dumps(one["segment"])): (one["status"], one["code"], one["observed"], one["expected"])
        for one in runs[-1]["results"]
        if one["check"] in {"volume", "ratio", "vanished"}
    }


@pytest.fixture(scope="module")
def production(tmp_path_factory) -> Path:
    """A feed that had a loss, which was declared, with an approved baseline."""
    place, rng = tmp_path_factory.mktemp("production"), np.random.default_rng(5)
    (place / "config.yaml").write_text(CONFIG, encoding="utf-8")
    (place / "checks.yaml").write_text(CHECKS, encoding="utf-8")
    for day in range(NEWEST):
        deliver(place / "production", day, 60 if day in LOSS else 90, rng)
    first, last = (f"{FIRST + timedelta(days=day)}" for day in (LOSS[0], LOSS[-1]))
    why = ["--why", "the queue was full", "--by", WHO]
    assert call(place, "declare", "add", "--from", first, "--to", last, "--kind", "incident", *why).returncode == 0
    assert call(place, "check").returncode == 0
    assert call(place, "baseline", "propose", "--check", "volume", "--runs", "10", *why).returncode == 0
    assert call(place, "baseline", "approve", "--check", "volume", *why).returncode == 0
    assert call(place, "measurements", "export", "measurements.jsonl").returncode == 0
    return place


@pytest.mark.parametrize("lost", ["", "c"], ids=["a sound release", "a release without a code"])
def test_a_build_judges_with_the_file_as_production_does(production, tmp_path, lost):
    build, live = tmp_path / "build", tmp_path / "live"
    shutil.copytree(production, live)
    build.mkdir()
    for name in ("config.yaml", "checks.yaml", "measurements.jsonl"):
        shutil.copy(production / name, build)
    for folder in (live / "production", build / "staging"):
        deliver(folder, NEWEST, 90, np.random.default_rng(9), lost=lost)

    here = call(build, "--format", "json", "ci", "--measurements", "measurements.jsonl", "--env", "staging")
    there = call(live, "--format", "json", "check")
    assert results(here) == results(there)
    assert {one[0] for one in results(here).values()} >= {"failed" if lost else "passed"}
    assert here.returncode == (1 if lost else 0), here.stdout[-2000:]
    assert not (build / "history.db").exists()


def test_the_file_makes_a_difference_and_names_nobody(production, tmp_path):
    text = (production / "measurements.jsonl").read_text(encoding="utf-8")
    assert WHO not in text
    assert "the queue" not in text
    head, *rest = text.splitlines()
    content = json.loads(head)
    assert [one["check"] for one in content["baselines"]] == ["volume"]
    for name in ("config.yaml", "checks.yaml"):
        shutil.copy(production / name, tmp_path)
    deliver(tmp_path / "staging", NEWEST, 90, np.random.default_rng(9))
    (tmp_path / "without.jsonl").write_text("\n".join([json.dumps({**content, "exclusions": []}), *rest]), "utf-8")
    said = [
        results(call(tmp_path, "--format", "json", "ci", "--measurements", str(file)))
        for file in (production / "measurements.jsonl", tmp_path / "without.jsonl")
    ]
    assert said[0] != said[1], "without the declared loss its days are learnt from"


def test_a_history_that_imports_the_file_knows_the_windows(production, tmp_path):
    for name in ("config.yaml", "checks.yaml", "measurements.jsonl"):
        shutil.copy(production / name, tmp_path)
    done = call(tmp_path, "measurements", "import", "measurements.jsonl", "--by", "the builder")
    assert done.returncode == 0, done.stderr
    assert "the builder" in call(tmp_path, "declare", "list").stdout
