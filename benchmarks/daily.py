# ruff: noqa: INP001 - a script, not a package
"""One daily update of a feed of 400 segments, through the whole line: what it costs in time and memory.

    python benchmarks/daily.py [--groups 400] [--days 200]

Two hundred days of counts of 400 groups are judged, then two more days by themselves. `check` is the whole
command, a fresh process that reads the past from the history; `the update` is what the check of own history takes
of it, on an ordinary day and on one on which every baseline is fitted anew (each twentieth), in seconds of CPU.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np

CONFIG = """version: 1
history: sqlite:///history.db
feeds:
  counts:
    source: {kind: files, path: deliveries, pattern: "{date:%Y%m%d}.csv", count_column: persons}
    segments: [[], [group]]
    checks: checks.yaml
"""
CHECKS = "version: 1\nchecks:\n  - {kind: volume, segments: [group]}\n"
UPDATE = """
import sys, time
from pathlib import Path
from ketenwacht.workflows.histories import open_reader
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.reproduce import reproduce
from ketenwacht.domain.checks.volume import VolumeCheck
took, judge = [], VolumeCheck.judge
def timed(check, view):
    begun = time.process_time()
    found = judge(check, view)
    took.append(time.process_time() - begun)
    return found
VolumeCheck.judge = timed
with open_reader(LoadedProject.open(Path("config.yaml")), None, replay=False, on_warning=print) as reader:
    reproduce(reader, limit=40)
print(max(took), sorted(took)[len(took) // 2])
"""


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--groups", type=int, default=400)
    parser.add_argument("--days", type=int, default=200)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ketenwacht-daily-") as name:
        folder = Path(name)
        days = write_counts(folder, asked.groups, asked.days)
        (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
        (folder / "checks.yaml").write_text(CHECKS, encoding="utf-8")
        first, _ = run_check(folder, days[asked.days - 1])
        each = 1000 * first / asked.days
        print_line(f"{asked.days} days of {asked.groups} segments, in one go   {first:5.1f} s, {each:.0f} ms each")
        for day in days[asked.days :]:
            took, memory = run_check(folder, day)
            print_line(f"check, one more day, a process of its own       {took:5.1f} s, {memory:.0f} MB at most")
        done = subprocess.run(
            [sys.executable, "-c", UPDATE], cwd=folder, capture_output=True, text=True, check=True
        )
        most, middle = (float(word) for word in done.stdout.split()[-2:])
        print_line(f"the update of {asked.groups} segments       {middle:.2f} s; every baseline anew {most:.2f} s")


def write_counts(folder: Path, groups: int, length: int) -> list[date]:
    """Write a file of counts for every business day, negative binomial, k = 12; return the days."""
    rng = np.random.default_rng(1)
    means = rng.gamma(2.0, 8.0, groups) + 1.0
    (folder / "deliveries").mkdir()
    days: list[date] = []
    day = date(2022, 1, 3)
    while len(days) < length + 2:
        if day.weekday() < 5:  # noqa: PLR2004 - Saturday
            counts = rng.poisson(rng.gamma(12.0, means / 12.0))
            rows = [f"g{i:04d};{n}" for i, n in enumerate(counts.tolist()) if n]
            text = "\n".join(["group;persons", *rows]) + "\n"
            (folder / "deliveries" / f"{day:%Y%m%d}.csv").write_text(text, encoding="utf-8")
            days.append(day)
        day += timedelta(days=1)
    return days


def run_check(folder: Path, until: date) -> tuple[float, float]:
    """Return seconds of processor time and megabytes of `check` with the files up to a day."""
    for path in (folder / "deliveries").glob("*.csv"):
        if path.stem > f"{until:%Y%m%d}":
            path.rename(path.with_suffix(".later"))
    for path in (folder / "deliveries").glob("*.later"):
        if path.stem <= f"{until:%Y%m%d}":
            path.rename(path.with_suffix(".csv"))
    begun = os.times()
    command = [sys.executable, "-c", _CHECK, "--format", "json", "check"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    ended = os.times()
    took = ended.children_user + ended.children_system - begun.children_user - begun.children_system
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stderr)
    return took, float(done.stderr.split()[-1]) / 1024


_CHECK = """
import resource, sys
from ketenwacht.cli.root import run
code = run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


def print_line(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
