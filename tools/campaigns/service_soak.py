"""The soak of the service: many runs in one process, by a clock that goes on a day a run, and how its memory goes.

    tools/campaigns/service_soak.py [--runs 2000] [--least 400] [--keep DAYS]

Each round a delivery of 200 rows arrives, the clock goes on to the next working day, and the service looks
once: it measures in its worker process with a suite of expectations, judges, writes, and sends to a console.
The resident memory of both is read after every run. The slope is that of Theil and Sen (the median of the
slopes of all pairs) through the medians of blocks of 50 runs, after the first `--least` runs, in which caches
fill; so it is in kB a run, and no single collection of garbage moves it. Without `--keep` the history grows
with every run, and with it what is read of it at every look; with it, runs of more than so many days ago are
pruned.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from statistics import median
from time import monotonic

from tiny_feed import tiny_feed

from ketenwacht.processes import resident_bytes
from ketenwacht.service.service import Service
from ketenwacht.service.signals import Log
from ketenwacht.store import History

BLOCK = 50
FIRST = datetime(2016, 1, 4, 6, tzinfo=UTC)
SUITE = {
    "name": "tiny",
    "expectations": [
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"}, "meta": {"check_id": "id"}},
        {
            "type": "expect_column_values_to_be_in_set",
            "kwargs": {"column": "kind", "value_set": ["a", "b"]},
            "meta": {"check_id": "kind"},
        },
    ],
    "meta": {"great_expectations_version": "1.24.1"},
}


class Clock:
    """It goes on when it is told to."""

    def __init__(self) -> None:
        self.at = FIRST

    def __call__(self) -> datetime:
        """This moment (UTC)."""
        return self.at


def soak(runs: int, folder: Path, keep: int | None) -> list[tuple[int, int]]:
    """The resident bytes of the service and of its worker after each run."""
    tiny = tiny_feed(folder, service="quiet: 0s")
    (folder / "suite.json").write_text(json.dumps(SUITE))
    config = folder / "config.yaml"
    config.write_text(
        config.read_text().replace("    checks: checks.yaml", "    checks: checks.yaml\n    suites: [suite.json]")
    )
    project, clock, memory = tiny.project, Clock(), []
    with History.open(project.history_url()) as history, Path(os.devnull).open("w") as nowhere:
        service = Service.of(project, history, log=Log(nowhere), write=lambda _: None, now=clock)
        try:
            service.lease.start()
            while len(memory) < runs:
                path = tiny.deliver(clock.at.date(), arrived=clock.at, rows=200)
                clock.at += timedelta(hours=1)
                done = service.tick()
                if not done.well:
                    raise RuntimeError("the service is not well")
                if keep is not None and len(memory) % BLOCK == 0:
                    before = (clock.at - timedelta(days=keep)).date()
                    history.maintenance.prune("tiny", before=before, dry_run=False, who="soak", at=clock.at)
                if len(memory) % 200 == 0:
                    sys.stderr.write(
                        f"run {len(memory)}: {resident_bytes(os.getpid()):,} and {service.worker.bytes:,}\n"
                    )
                path.unlink()  # a folder of years is another matter than memory
                memory += [(resident_bytes(os.getpid()), service.worker.bytes)] * len(done.statuses)
                clock.at += timedelta(days=3 if clock.at.weekday() == 4 else 1) - timedelta(hours=1)
        finally:
            service.close()
    return memory


def slope(values: list[int], least: int) -> float:
    """KB a run, as the first lines say."""
    late = values[least:]
    blocks = [median(late[i : i + BLOCK]) for i in range(0, len(late) - BLOCK + 1, BLOCK)]
    pairs = combinations(range(len(blocks)), 2)
    return median((blocks[j] - blocks[i]) / ((j - i) * BLOCK) for i, j in pairs) / 1000


def main() -> int:
    """As the first lines say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--least", type=int, default=400)
    parser.add_argument("--keep", type=int)
    asked = parser.parse_args()
    began = monotonic()
    with tempfile.TemporaryDirectory(prefix="kw-") as folder:
        memory = soak(asked.runs, Path(folder) / "feed", asked.keep)
    service, worker = ([one[which] for one in memory] for which in (0, 1))
    figures = {
        "runs": len(memory),
        "seconds": round(monotonic() - began),
        "service": {"kb_a_run": round(slope(service, asked.least), 2), "mb_at_the_end": round(service[-1] / 1e6)},
        "worker": {"kb_a_run": round(slope(worker, asked.least), 2), "mb_at_the_end": round(worker[-1] / 1e6)},
    }
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
