# ruff: noqa: INP001 - a script, not a package
"""What the commands cost, as ratios measured side by side in one run: A B A B …, the median of the pairs.

    make bench

Seconds are of processor time. Nothing here passes or fails: a busy machine slows both commands, so the figures are
ratios.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KETENWACHT = (sys.executable, "-m", "ketenwacht")
PAIRS = 5
DBS = ("var/*.db*",)
DELIVERIES = ("2022-01-01", "2023-06-30")


def measure_seconds(command: Sequence[str], folder: Path) -> float:
    """Return the seconds of processor time of a whole process, with those of its children."""
    begun = os.times()
    subprocess.run(command, cwd=folder, capture_output=True, check=False, env=os.environ | {"NO_COLOR": "1"})
    ended = os.times()
    return ended.children_user + ended.children_system - begun.children_user - begun.children_system


def measure_pairs(
    ours: Sequence[str], other: Sequence[str], folder: Path, *, fresh: Sequence[str] = ()
) -> tuple[float, float, float]:
    """Return medians of both commands and their ratio; files that match `fresh` go before each of ours."""
    a, b = [], []
    for _ in range(PAIRS):
        for name in fresh:
            for path in folder.glob(name):
                path.unlink()
        a.append(measure_seconds(ours, folder))
        b.append(measure_seconds(other, folder))
    ratio = statistics.median(x / y for x, y in zip(a, b, strict=True))
    return statistics.median(a), statistics.median(b), ratio


def write_large_delivery(folder: Path) -> None:
    """Write one delivery of about 2,000 rows without a manifest: the deliveries of a month in one file."""
    deliveries = sorted((folder / "var/sample/deliveries").glob("*.csv"))
    lines = [path.read_text(encoding="utf-8").splitlines() for path in deliveries]
    target = folder / "var/large"
    target.mkdir(parents=True)
    rows = [row for one in lines for row in one[1:]][:2000]
    (target / "IND-DUO_20220131_000001.csv").write_text("\n".join([lines[0][0], *rows]) + "\n", encoding="utf-8")


def main() -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory(prefix="ketenwacht-bench-") as name:
        folder = Path(name)
        for part in ("config.yaml", "checks", "expectations"):
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, folder / part)
        simulate = (*KETENWACHT, "simulate", "var/sample", "--seed", "1", "--from")
        measure_seconds((*simulate, "2022-01-01", "--to", "2022-01-31"), folder)
        write_large_delivery(folder)
        bare = (sys.executable, "-W", "ignore", "-c", "import great_expectations")
        source = "feeds.ind-duo.source"
        check = (
            *KETENWACHT, "check", "--at", "2022-01-31T12:00Z", "--set", f"{source}.path=var/large",
            "--set", f"{source}.manifest=null", "--set", "feeds.ind-duo.evidence={}",
        )  # fmt: skip
        print_ratio(
            "check, one delivery of 2,000 rows",
            "bare import of the library",
            measure_pairs(check, bare, folder, fresh=DBS),
        )
        rich = (sys.executable, "-c", "import typer, rich.console")
        for command in (("--help",), ("lint",), ("history",), ("doctor",), ("report", "--out", "var/report.html")):
            ours = (*KETENWACHT, *command)
            print_ratio(command[0], "bare import of typer and rich", measure_pairs(ours, rich, folder))
        written = measure_seconds(
            (*simulate, DELIVERIES[0], "--to", DELIVERIES[1], "--scenario", "incident-2022"), folder
        )
        replayed = measure_seconds((*KETENWACHT, "replay", "--from", DELIVERIES[0], "--to", DELIVERIES[1]), folder)
        each = 1000 * replayed / 379
        print_line(f"replay, 379 deliveries, 77 registers    {replayed:5.1f} s, {each:.0f} ms each")
        print_line(f"writing those                           {written:5.1f} s")
        for script in ("read_csv.py", "large.py", "daily.py", "pages.py"):
            subprocess.run([sys.executable, str(ROOT / "benchmarks" / script)], check=True)
        print_line("10 million rows: python benchmarks/large.py --rows 10000000")
        print_line("4,000 segments: python benchmarks/daily.py --groups 4000 --days 60")
        print_line("keys, 10M against 10M, beside pandas and an anti-join by hand: python benchmarks/reconcile.py")
        print_line("detection beside other detectors: make bench-detection")


def print_ratio(what: str, beside: str, found: tuple[float, float, float]) -> None:
    """Print two medians and their ratio."""
    ours, other, ratio = found
    print_line(f"{what:38}  {ours:5.2f} s, {beside} {other:.2f} s: ratio {ratio:.2f}")


def print_line(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
