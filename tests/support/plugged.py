"""Packages with plug-ins: the documented example, really built and installed, and others made to be wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from datetime import date, timedelta
from pathlib import Path

from project import ROOT, Project

EXAMPLE = ROOT / "docs/plugins/example"
OF_THE_RELEASE_BEFORE = ROOT / "tests/data/plugin_of_the_release_before"
CONFIG = """\
version: 1
history: sqlite:///var/history.db
feeds:
  zipped:
    source: {kind: zip, path: days.zip}
    engine: twice
    suites: [suite.json]
    checks: checks.yaml
    segments: [[], [group]]
  lists:
    source: {kind: files, path: in, pattern: "{date:%Y%m%d}.json", reader: json-list}
    checks: checks.yaml
    segments: [[], [group]]
alerts:
  language: en
  routes:
    - media: {journal: {file: var/alerts.jsonl}}
"""
CHECKS = """\
version: 1
checks:
  - kind: schema
  - kind: contract
  - {kind: least, rows: 12, segments: [group]}
"""
SUITE = {
    "name": "groups",
    "expectations": [
        {
            "type": "expect_column_values_to_be_in_set",
            "kwargs": {"column": "group", "value_set": ["a", "b"]},
            "meta": {"check_id": "groups"},
        }
    ],
}
ROWS = (30, 30, 16)
"""Rows of each delivery, half of them in each of two groups: the last has too few."""


def install_example(site: Path, built: Path, source: Path = EXAMPLE) -> None:
    """Build the wheel as its pyproject.toml says, and install it by a real installer; nothing is fetched."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    (wheel,) = built.glob("*.whl")
    uv = ROOT / ".tools/bin/uv"
    install = [str(uv) if uv.exists() else shutil.which("uv") or "uv", "pip", "install", "--quiet", "--offline"]
    install += ["--no-deps", "--python", sys.executable, "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)


def install_made_up(site: Path, package: str, entries: dict[str, dict[str, str]], **modules: str) -> None:
    """A package as an installer leaves it behind: modules, and their entry points beside them."""
    info = site / f"{package.replace('-', '_')}-2.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 2.0\n")
    lines = [
        f"[{group}]\n" + "".join(f"{w} = {at}\n" for w, at in words.items()) for group, words in entries.items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    for name, text in modules.items():
        (site / f"{name}.py").write_text(text)


def plugged_project(
    root: Path, *, config: str = CONFIG, checks: str = CHECKS, rows: tuple[int, ...] = ROWS
) -> Project:
    """A project that uses what the example brings, and its deliveries."""
    (root / "in").mkdir(parents=True)
    (root / "var").mkdir()
    (root / "config.yaml").write_text(config)
    (root / "checks.yaml").write_text(checks)
    (root / "suite.json").write_text(json.dumps(SUITE))
    write_deliveries(root, rows)
    return Project(root)


def write_deliveries(root: Path, counts: tuple[int, ...]) -> None:
    """Write a delivery a day from 1 January 2024, in both forms."""
    with zipfile.ZipFile(root / "days.zip", "w") as archive:
        for number, count in enumerate(counts):
            day = date(2024, 1, 1) + timedelta(number)
            rows = [{"id": str(i), "group": "ab"[i % 2]} for i in range(count)]
            archive.writestr(f"{day}.csv", "id,group\n" + "".join(f"{r['id']},{r['group']}\n" for r in rows))
            (root / f"in/{day:%Y%m%d}.json").write_text(json.dumps(rows))
