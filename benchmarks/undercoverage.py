# ruff: noqa: INP001, T201 - a script that prints
"""Study of `kind: undercoverage`: how often the 90 % interval covers, over simulated worlds.

    python benchmarks/undercoverage.py --worlds 300 --seed 20261130

The register of each world leaves out a planted share (non-selection); a municipality and a reception organisation
list a share of all, whether registered or not. An odds ratio above 1 makes those whom the municipality lists more
likely to be in reception. Each true link is missed with a chance drawn from 1–3 %; the estimator is told 2 %.
"""

from __future__ import annotations

import argparse
import math
import sys

import numpy as np

from ketenwacht.domain.stats.undercoverage import History, Undercoverage, estimate_unseen

WORLDS = (
    # persons, register misses, municipality lists, reception lists (0: two lists), odds ratio of the last two
    (2_000, 0.05, 0.60, 0.0, 1.0),
    (2_000, 0.17, 0.60, 0.0, 1.0),
    (2_000, 0.17, 0.30, 0.0, 1.0),
    (500, 0.17, 0.40, 0.0, 1.0),
    (2_000, 0.17, 0.60, 0.50, 1.0),
    (2_000, 0.05, 0.60, 0.50, 1.0),
    (2_000, 0.17, 0.60, 0.50, 3.0),
    (500, 0.17, 0.50, 0.40, 3.0),
    (10_000, 0.03, 0.50, 0.40, 3.0),
)


def draw(rng: np.random.Generator, world: tuple[float, ...]) -> tuple[dict[History, float], int]:
    """Return the observed capture histories of one world, and how many persons no list holds."""
    persons, misses, town, reception, odds = world
    size = int(persons)
    lists = [rng.random(size) >= misses, rng.random(size) < town]
    if reception:
        base = math.log(reception / (1.0 - reception))
        shift = math.log(odds) * (lists[1] - town)
        lists.append(rng.random(size) < 1.0 / (1.0 + np.exp(-(base + shift))))
    inside = np.stack(lists, axis=1)
    error = 1.0 - math.sqrt(1.0 - rng.uniform(0.01, 0.03))
    found: dict[History, float] = {}
    for row, lost in zip(inside, rng.random(inside.shape) < error, strict=True):
        linked = row & ~lost if row.sum() > 1 else row
        if linked.any():
            key = tuple(bool(x) for x in linked)
            found[key] = found.get(key, 0.0) + 1.0
        for place in np.flatnonzero(row & ~linked):
            key = tuple(i == place for i in range(len(row)))
            found[key] = found.get(key, 0.0) + 1.0
    return found, int((~inside.any(axis=1)).sum())


def main() -> int:
    """Print coverage, bias and width of every kind of world."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--worlds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=20261130)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    print("persons misses town reception odds | answered covered low-miss high-miss | true estimate width")
    for world in WORLDS:
        answers: list[tuple[Undercoverage, int]] = []
        for _ in range(options.worlds):
            counts, true = draw(rng, world)
            found = estimate_unseen(counts, linkage_error=0.02)
            if found is not None:
                answers.append((found, true))
        number = max(len(answers), 1)
        covered = sum(one.low <= true <= one.high for one, true in answers) / number
        over = sum(true < one.low for one, true in answers) / number
        under = sum(true > one.high for one, true in answers) / number
        mean = sum(true for _, true in answers) / number
        told = sum(one.unseen for one, _ in answers) / number
        width = sum(one.high - one.low for one, _ in answers) / number
        print(
            f"{world[0]:6.0f} {world[1]:.2f} {world[2]:.2f} {world[3]:.2f} {world[4]:.1f} | "
            f"{len(answers):4d} {covered:.2f} {over:.2f} {under:.2f} | {mean:6.1f} {told:6.1f} {width:6.1f}",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
