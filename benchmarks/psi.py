# ruff: noqa: INP001, T201 - a script that prints
"""Time a private set intersection: a register of a million persons, and a hundred thousand delivered ones.

    .venv/bin/python benchmarks/psi.py [--registered 1000000] [--delivered 100000] [--segments 4]

Each step is a command of its own, as the two parties run it: the receiver asks, the sender answers, the receiver
finishes. It prints seconds on the clock, seconds of processor time, and the size of each file.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KEY = "2026a:" + "8f3a91c4d2e07b5566a1fe0c9b7d34e2810f6a5bc3d9e8471205b6fa93ce7d18"
CONFIG = """version: 1
history: sqlite:///history.db
feeds:
  arrivals:
    source: {kind: files, path: in, pattern: "D_{date:%Y%m%d}.csv"}
    key: number
"""


def write(path: Path, numbers: range, segments: int) -> None:
    """Write a file with a key and a segment a row."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        stream.write("number;town\n")
        stream.writelines(f"{n * 7919 % 10**10:010d};t{n % segments}\n" for n in numbers)


def step(folder: Path, *arguments: str) -> tuple[float, float, str]:
    """Run one command; return seconds on the clock, seconds of processor time, and what it printed."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "ketenwacht", *arguments],
        cwd=folder,
        env={**os.environ, "KETENWACHT_KEYS": KEY},
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stderr)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - began, used, done.stdout


def main() -> None:
    """Run the three steps, and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registered", type=int, default=1_000_000)
    parser.add_argument("--delivered", type=int, default=100_000)
    parser.add_argument("--segments", type=int, default=4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        sender, receiver = Path(made) / "sender", Path(made) / "receiver"
        write(sender / "register.csv", range(asked.registered), asked.segments)
        lost = asked.delivered // 100
        write(receiver / "in/D_20240301.csv", range(lost, asked.delivered + lost), asked.segments)
        (receiver / "config.yaml").write_text(CONFIG, encoding="utf-8")
        steps = (
            (receiver, ("psi", "request", "--segments", "town", "--out", "../a.request", "--state", "state")),
            (
                sender,
                ("psi", "respond", "../a.request", "arrivals", "--register", "register.csv", "--key", "number",
                 "--out", "../a.response"),
            ),
            (receiver, ("psi", "finish", "../a.response", "--state", "state", "--no-history", "--format", "json")),
        )  # fmt: skip
        total = 0.0
        for folder, arguments in steps:
            clock, used, out = step(folder, *arguments)
            total += clock
            print(f"psi {arguments[1]}: {clock:.0f} s, {used:.0f} s of processor time", flush=True)
        shown = json.loads(out)["segments"][0]
        sizes = [
            f"{name} {(Path(made) / name).stat().st_size / 1e6:.1f} MB" for name in ("a.request", "a.response")
        ]
        print(f"together {total:.0f} s; {', '.join(sizes)}; matched {shown['matched']} of {asked.delivered}")


if __name__ == "__main__":
    main()
