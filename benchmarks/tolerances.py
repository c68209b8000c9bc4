# ruff: noqa: INP001, T201 - a script that prints
"""What is tolerated, and what a reason usually takes: how soon is more found, and how often is it a false alarm?

    python benchmarks/tolerances.py [--seeds 40]

Simulated worlds, five deliveries a week. **Slips**: persons are selected and not sent, a few a delivery, which
is tolerated; a healthy feed slips in one of four ways; a broken one loses 1.6 % besides. **Reasons**: the sender
states how many it left out for one reason; a healthy feed's level drifts, a broken one's triples. Delays are given
in calendar days.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import numpy as np

from ketenwacht.domain.stats.rises import Rise
from ketenwacht.domain.stats.shares import weigh_unexplained

A_YEAR, YEARS, WEEK = 261, 2, 7 / 5
LOSS, SHARE, CLUMPED, BACK = 0.016, 0.005, 0.05, 0.2
AT_LEAST = 10
Generator = np.random.Generator


def none(rng: Generator, selected: np.ndarray, tolerated: int) -> np.ndarray:
    """Nobody slips."""
    del rng, tolerated
    return np.zeros(len(selected))


def evenly(rng: Generator, selected: np.ndarray, tolerated: int) -> np.ndarray:
    """Two in a thousand slip, each by himself."""
    return np.minimum(rng.poisson(0.002 * selected), tolerated)


def clumped(rng: Generator, selected: np.ndarray, tolerated: int) -> np.ndarray:
    """Some slip together: of 75 a delivery once in twenty deliveries, of fewer more seldom."""
    return _sometimes(rng, len(selected), tolerated, CLUMPED * selected.mean() / 75)


def back(rng: Generator, selected: np.ndarray, tolerated: int) -> np.ndarray:
    """Once in five deliveries some slip together, and come with the next."""
    gone = _sometimes(rng, len(selected), tolerated, BACK)
    return gone - np.concatenate([[0.0], gone[:-1]])


def _sometimes(rng: Generator, size: int, tolerated: int, often: float) -> np.ndarray:
    return np.where(rng.random(size) < often, rng.integers(1, tolerated + 1, size), 0).astype(float)


SLIPS: dict[str, Callable[[Generator, np.ndarray, int], np.ndarray]] = {
    "nobody": none,
    "evenly": evenly,
    "clumped": clumped,
    "and back": back,
}


def slips(seeds: int) -> None:
    """Print false alarms a year and delays of the test behind `control_total`, at one false alarm a year."""
    height = float(np.log(A_YEAR * 4))
    print("persons/delivery  tolerated  " + "  ".join(f"{name:>18}" for name in SLIPS))
    for mean in (25, 75, 105):
        for tolerated in (2, 5, 10):
            cells = [_slips_cell(seeds, slip, mean, tolerated, height) for slip in SLIPS.values()]
            print(f"{mean:16d}  {tolerated:9d}  " + "  ".join(f"{cell:>18}" for cell in cells), flush=True)


def _slips_cell(
    seeds: int, slip: Callable[[Generator, np.ndarray, int], np.ndarray], mean: int, tolerated: int, height: float
) -> str:
    alarms, delays = 0, []
    for seed in range(seeds):
        for lost in (0.0, LOSS):
            rng = np.random.default_rng(seed + (100_000 if lost else 0))
            selected = np.maximum(rng.negative_binomial(12, 12 / (12 + mean), A_YEAR * YEARS), 1)
            gone = slip(rng, selected, tolerated) + rng.binomial(selected, lost)
            share = min(SHARE, tolerated / selected.mean())
            high = weigh_unexplained(gone, selected.astype(float), share, height) >= height
            if lost:
                delays.append(int(high.argmax()) + 1 if high.any() else None)
            else:
                alarms += int(np.count_nonzero(high & ~np.concatenate([[False], high[:-1]])))
    return f"{alarms / (seeds * YEARS):.2f} a y, {format_quantiles(delays)}"


def reasons(seeds: int) -> None:
    """Print false alarms a year and delays of the test behind `ledger`, at half a false alarm a year."""
    height = float(np.log(A_YEAR / 0.5))
    print("persons/delivery  spread  false alarms a year, days to a tripled reason")
    for mean, size in ((0.3, 5.0), (1.0, 3.0), (3.0, 3.0), (8.0, 2.0), (8.0, 5.0), (25.0, 5.0), (60.0, 10.0)):
        alarms, delays = 0, []
        for seed in range(seeds):
            alarmed = _followed(np.random.default_rng(seed), mean, size, height)
            before, after = alarmed[:-A_YEAR], alarmed[-A_YEAR:]
            alarms += int(np.count_nonzero(before & ~np.concatenate([[False], before[:-1]])))
            delays.append(int(after.argmax()) + 1 if after.any() else None)
        print(f"{mean:16g}  {size:6g}  {alarms / (seeds * YEARS):.2f} a y, {format_quantiles(delays)}", flush=True)


def _followed(rng: Generator, mean: float, size: float, height: float) -> np.ndarray:
    days = A_YEAR * (YEARS + 1)
    selected = np.maximum(rng.negative_binomial(12, 12 / (12 + 105), days), 1)
    level = np.exp(np.cumsum(rng.normal(0.0, 0.012 / np.sqrt(5), days)))
    level[-A_YEAR:] *= 3.0
    counts = rng.poisson(rng.gamma(size, mean * level * selected / 105 / size))
    rise, alarmed = Rise(), []
    for count, seen in zip(counts, selected, strict=True):
        high = rise.update(float(count), float(seen), times=3.0, height=height, learn=30)
        alarmed.append(high and rise.since >= AT_LEAST)
    return np.array(alarmed)


def format_quantiles(delays: Sequence[int | None]) -> str:
    """`median/nine in ten`, in calendar days; a dash where it was not found in a year."""
    ordered = sorted(delay * WEEK if delay is not None else np.inf for delay in delays)
    middle, most = ordered[len(ordered) // 2], ordered[int(0.9 * len(ordered))]
    return "/".join("–" if one == np.inf else f"{one:.0f}" for one in (middle, most)) + " d"


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description="Delays and false alarms of what is tolerated.")
    parser.add_argument("--seeds", type=int, default=40)
    seeds = parser.parse_args().seeds
    slips(seeds)
    print()
    reasons(seeds)


if __name__ == "__main__":
    main()
