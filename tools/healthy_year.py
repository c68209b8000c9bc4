"""Replay a year of a feed in which nothing is wrong, and fail when somebody would have been bothered.

    python tools/healthy_year.py --seeds 2022 7 --first 2022-01-01 --last 2022-12-31

A healthy year has no delivery that failed or could not be judged, no alert, and no open incident at its end.
It takes about 100 seconds of processor time a seed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMAND = (sys.executable, "-m", "ketenwacht")


def find_faults(seed: int, first: str, last: str) -> list[str]:
    """Return what would have bothered somebody in a healthy feed of this seed."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        shutil.copy(ROOT / "config.yaml", place)
        for name in ("checks", "expectations"):
            shutil.copytree(ROOT / name, place / name)
        span = ("--from", first, "--to", last)
        written = (*COMMAND, "simulate", "var/sample", *span, "--seed", str(seed), "--scenario", "healthy")
        subprocess.run(written, cwd=place, check=True, stdout=subprocess.DEVNULL)
        replayed = subprocess.run(
            (*COMMAND, "replay", *span, "--format", "json"), cwd=place, check=False, capture_output=True, text=True
        )
    *runs, summary = map(json.loads, replayed.stdout.splitlines())
    faults = [f"{run['period']}: {run['status']}" for run in runs if run["status"] in {"failed", "error"}]
    faults += [
        f"open: {one['title']}" for one in summary["incidents"] if one["state"] not in {"resolved", "closed"}
    ]
    if summary["alerts"]["sent"]:
        faults.append(f"{summary['alerts']['sent']} alerts")
    said = Counter(run["status"] for run in runs)
    sys.stdout.write(f"seed {seed}: {dict(said)}, {len(faults)} faults\n")
    return faults


def main() -> int:
    """Replay each seed; return 1 when one is not as quiet as it should be."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--seeds", type=int, nargs="+", default=[2022, 7])
    options.add_argument("--first", default="2022-01-01")
    options.add_argument("--last", default="2022-12-31")
    given = options.parse_args()
    faults = [fault for seed in given.seeds for fault in find_faults(seed, given.first, given.last)]
    sys.stdout.writelines(f"  {fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
