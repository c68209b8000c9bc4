# ruff: noqa: INP001, T201 - a script that prints
"""Campaign of exact digests: random sets, both ways, with as many cells as `--expect` gives.

    .venv/bin/python benchmarks/exact_digests.py --runs 1000 --seed 20261130 --most 1000000

Each run draws the shared persons (1,000 to --most, log-uniform), the difference d (0 to 5,000) and its share on
either side. It passes when exactly the planted ids come out on both sides and the answer is called complete. It
prints how many passed, and the cells that an answer needed by d.
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np
from numpy.typing import NDArray

from ketenwacht.domain.iblt import Sketch, decode, split_sides

SALT = 0x1234_5678_9ABC_DEF0
MOST_DIFFERENT = 5_000
PART = 250_000


def sketch(ids: NDArray[np.uint64], cells: int) -> Sketch:
    """Return the first cells of a set of ids."""
    made = Sketch.empty(cells, SALT)
    for start in range(0, len(ids), PART):
        made.add(ids[start : start + PART])
    return made


def run(seed: int, most: int) -> tuple[int, int, bool]:
    """Return the shared persons and the difference of one run, and whether it was exact."""
    rng = np.random.default_rng(seed)
    shared = int(math.exp(rng.uniform(math.log(1_000), math.log(most))))
    different = int(rng.integers(0, MOST_DIFFERENT + 1))
    ours = int(rng.integers(0, different + 1))
    ids = rng.integers(1, 2**64, shared + different, dtype=np.uint64)
    cells = int(1.6 * different) + 60
    own = np.concatenate([ids[:shared], ids[shared : shared + ours]])
    other = np.concatenate([ids[:shared], ids[shared + ours :]])
    found = decode(sketch(own, cells), sketch(other, cells))
    missing, extra = split_sides(found.ids, own)
    planted = (set(ids[shared + ours :].tolist()), set(ids[shared : shared + ours].tolist()))
    return shared, different, found.complete and (set(missing), set(extra)) == planted


def main() -> None:
    """Run the campaign, and print a line a hundred runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261130)
    parser.add_argument("--most", type=int, default=1_000_000)
    asked = parser.parse_args()
    exact, largest, began, failed = 0, 0, time.process_time(), []
    for number in range(asked.runs):
        shared, different, passed = run(asked.seed + number, asked.most)
        exact, largest = exact + passed, max(largest, shared)
        if not passed:
            failed.append((asked.seed + number, shared, different))
        if (number + 1) % 100 == 0 or number + 1 == asked.runs:
            used = time.process_time() - began
            print(
                f"{exact} of {number + 1} exact, sets up to {largest:,}; {used:.0f} s of processor time",
                flush=True,
            )
    print("not exact (seed, shared, d):", failed or "none")


if __name__ == "__main__":
    main()
