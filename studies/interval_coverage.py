"""Does the 90 % interval of the missing persons hold them, also when we only look because an alarm went off?

Run: `python studies/interval_coverage.py [RUNS]`. The baseline is right, or wrong by a level drawn with 3 %.
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from series import say

from ketenwacht.domain.stats import missing, negbin, shiryaev

RESULTS = Path(__file__).parent / "results" / "interval_coverage.json"
MEAN, SIZE, BEFORE, AFTER, SPREAD = 28.0, 12.0, 90, 120, 0.03


def main() -> None:
    """Print coverage at the moment of the alarm and thirty deliveries later, by loss."""
    runs = int(sys.argv[1]) if sys.argv[1:] else 200
    after: dict[str, dict[str, list[int]]] = {"0": {}, "30": {}}
    for loss in (0.1, 0.2, 0.5):
        rng = np.random.default_rng([9021, int(loss * 100)])
        inside = {0: [0, 0], 30: [0, 0]}
        for _ in range(runs):
            decided = rng.negative_binomial(
                SIZE, SIZE / (SIZE + MEAN * np.exp(rng.normal(0, SPREAD))), BEFORE + AFTER
            )
            lost = np.where(np.arange(len(decided)) >= BEFORE, rng.binomial(decided, loss), 0)
            y = (decided - lost).astype(float)
            at = _alarm(y)
            for later, tally in inside.items():
                if at is None or at + later >= len(y):
                    continue
                found = missing.estimate(
                    y[: at + later + 1], np.full(at + later + 1, MEAN), SIZE, missing.Doubt(SPREAD)
                )
                truth = lost[: at + later + 1].sum()
                tally[0] += 1
                tally[1] += int(found.low - 0.5 <= truth <= found.high + 0.5)
        for later, tally in inside.items():
            after[str(later)][f"{loss:g}"] = tally
        told = [
            f"{later} deliveries after the alarm {hit / n:.2f} of {n}" for later, (n, hit) in inside.items() if n
        ]
        say(f"loss {loss:.0%}: " + ", ".join(told))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"runs": runs, "after": after}, indent=1) + "\n")


def _alarm(y: np.ndarray) -> int | None:
    """Index of the first alarm after the onset at one false alarm a year, None without one."""
    log_r = shiryaev.nothing(1, len(shiryaev.LOSS.shares))
    for t, count in enumerate(y):
        steps = negbin.log_ratio(count, MEAN, SIZE, shiryaev.LOSS.grid)[None]
        log_r = shiryaev.update(log_r, steps, shiryaev.LOSS.cap)
        if t >= BEFORE and shiryaev.evidence(log_r, shiryaev.LOSS)[0] >= np.log(261.0):
            return t
    return None


if __name__ == "__main__":
    main()
