"""Say whether another version of a library that decides verdicts gives the same measurements.

It installs that version into an environment of its own, judges the same deliveries there and here, with the suite
of the sample and with one that `init` generates, and compares every number that was measured.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
UV = str(ROOT / ".tools/bin/uv")
HOME = ROOT / ".tools/equivalence"
DECIDING = ("great-expectations", "duckdb")
SAMPLE, GENERATED = "sample", "generated"
CANNOT, DIFFERENT = 3, 1
_DAMAGES = ("", "x", " ", "-1", "9999-99-99", "\N{LATIN SMALL LETTER E WITH ACUTE}" * 300, "NULL", "1e9")


class InstallationError(Exception):
    """The version, or what it needs, cannot be had here."""


def run(
    *command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command and return what it printed."""
    words = [str(part) for part in command]
    return subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def install(package: str, version: str) -> Path:
    """Return the Python of an environment that has everything as locked, but this package in another version.

    Raises:
        InstallationError: with the reason.
    """
    home = HOME / f"{package}-{version or 'newest'}"
    python = home / "bin/python"
    wanted = f"{package}=={version}" if version else package
    steps = (
        (UV, "venv", "--quiet", "--clear", "--python", sys.executable, home),
        (UV, "pip", "sync", "--quiet", "--python", python, "--require-hashes", "requirements.lock"),
        (UV, "pip", "install", "--quiet", "--python", python, "--upgrade-package", package, wanted),
        (
            UV,
            "pip",
            "install",
            "--quiet",
            "--python",
            python,
            "--no-deps",
            "--no-build-isolation",
            "--editable",
            ".",
        ),
    )
    for step in steps:
        done = run(*step)
        if done.returncode:
            raise InstallationError(done.stderr.strip()[-600:])
    return python


def read_version(python: Path, package: str) -> str:
    """Return the version of a package in an environment."""
    ask = f"from importlib.metadata import version; print(version({package!r}))"
    return run(python, "-c", ask).stdout.strip()


def write_projects(place: Path) -> None:
    """Write the two projects: the sample, and a feed that `init` learns from the same rows, then damaged."""
    (place / SAMPLE).mkdir()
    shutil.copy(ROOT / "config.yaml", place / SAMPLE)
    for name in ("expectations", "checks"):
        shutil.copytree(ROOT / name, place / SAMPLE / name)
    here = Path(sys.executable)
    call(here, place / SAMPLE, "simulate", "var/sample", "--from", "2023-01-02", "--to", "2023-01-13",
         "--seed", "7", "--scenario", "healthy")  # fmt: skip
    sound = sorted((place / SAMPLE / "var/sample/deliveries").glob("*.csv"))
    (place / GENERATED / "in").mkdir(parents=True)
    for path in sound:
        shutil.copy(path, place / GENERATED / "in")
    call(Path(sys.executable), place / GENERATED, "init", ".", "--from", "in")
    for number, path in enumerate(sound):
        damage(place / GENERATED / "in" / path.name, np.random.default_rng(number))


def damage(path: Path, rng: np.random.Generator) -> None:
    """Spoil a tenth of the fields of a delivery, and deliver some rows twice."""
    with path.open(encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines, delimiter=";")
    for row in rows:
        for column in range(len(row)):
            if rng.random() < 0.1:  # noqa: PLR2004
                row[column] = str(rng.choice(_DAMAGES))
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, delimiter=";", lineterminator="\n").writerows([head, *rows, *rows[:3]])


def call(python: Path, place: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the product in an environment; end when the product itself cannot."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("KETENWACHT")}
    return run(python.with_name("ketenwacht"), *command, cwd=place, env=kept)


def measure(python: Path, place: Path) -> list[str]:
    """Judge every delivery of a project in an environment; return exit code and measurements as lines."""
    history = place / "equivalence.db"
    history.unlink(missing_ok=True)
    options = ("--set", f"history=sqlite:///{history}")
    judged = call(python, place, *options, "check", "--at", "2023-01-14T12:00:00Z")
    out = place / "equivalence.jsonl"
    out.unlink(missing_ok=True)
    exported = call(python, place, *options, "measurements", "export", out)
    if exported.returncode:
        return [f"exit code {judged.returncode}", judged.stderr[-800:], exported.stderr[-800:]]
    return [f"exit code {judged.returncode}", *out.read_text(encoding="utf-8").splitlines()[1:]]


def list_numbers(lines: Sequence[str]) -> dict[str, object]:
    """Return every number of a measurement file by delivery, name and segment."""
    found: dict[str, object] = {"exit code": lines[0]}
    for line in lines[1:]:
        try:
            delivery = json.loads(line)
        except ValueError:
            found["not measured"] = line
            continue
        for name, segment, *value in delivery["measurements"]:
            found[f"{delivery['id']} {name} {segment}"] = value
    return found


def compare(here: Sequence[str], there: Sequence[str]) -> Iterator[str]:
    """Yield each number that differs between two environments, with both values."""
    ours, theirs = list_numbers(here), list_numbers(there)
    for key in sorted(ours.keys() | theirs.keys()):
        if ours.get(key) != theirs.get(key):
            yield f"{key}: {ours.get(key)} here, {theirs.get(key)} there"


def judge(python: Path) -> tuple[int, int, list[str]]:
    """Measure both projects here and there; return numbers and expectations compared, and what differs."""
    with tempfile.TemporaryDirectory() as name:
        place, numbers, expectations, different = Path(name), 0, 0, []
        write_projects(place)
        for project in (SAMPLE, GENERATED):
            here, there = (measure(one, place / project) for one in (Path(sys.executable), python))
            named = list_numbers(here)
            numbers += len(named)
            if "not measured" in named or len(named) == 1:
                sys.exit(f"{project}: nothing was measured here: {here}")
            expectations += len({key.split()[1] for key in named if " expectation." in key})
            different += [f"{project}: {line}" for line in compare(here, there)]
        return numbers, expectations, different


def main() -> int:
    """Compare, print what was found, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", choices=DECIDING)
    parser.add_argument("version", nargs="?", default="", help="without it the newest that the registry has")
    given = parser.parse_args()
    try:
        python = install(given.package, given.version)
    except InstallationError as fault:
        print(f"{given.package} {given.version}: it cannot be installed here, so nothing was compared\n{fault}")
        return CANNOT
    ours, theirs = (read_version(one, given.package) for one in (Path(sys.executable), python))
    if ours == theirs:
        print(f"{given.package} {ours} is what is locked: there is nothing to compare")
        return 0
    numbers, expectations, different = judge(python)
    print(f"{given.package} {theirs} beside {ours}: {numbers} numbers of {expectations} expectations compared, "
          f"{len(different)} differ")  # fmt: skip
    print("\n".join(different[:20]))
    return DIFFERENT if different else 0


if __name__ == "__main__":
    sys.exit(main())
