"""Our detector against the others at the same cost, in one run.

Run: `python studies/bench_detection.py [RUNS]`. Thresholds are tuned to one false alarm a year on one seed and
tested on another; what they cost there is printed beside the delays. Losses are in the family segment (28 a day).
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import sys
from importlib.util import find_spec
from time import perf_counter

import numpy as np
from rivals import RIVALS
from series import NEVER, deaths, delays, feed_evidence, say
from simulator import A_YEAR, DRIFTS, FAMILY, Array, Drift, Feed, delivered, make, thinned

from ketenwacht.domain.stats import calibrate, counts, monitor

TUNE, TEST = 11, 9011
COUNT, START = 880, 540
SLACK = 0.03
LOSSES = (0.1, 0.2, 0.5)
_ONSET_WEEK = 150


def ours(feed: Feed, y: Array) -> Array:
    """Negative-binomial Shiryaev–Roberts on own history, (days, runs)."""
    return feed_evidence(feed, y, SLACK)


def other(name: str, y: Array) -> Array:
    """A rival on the family segment alone: a kindness, since ours shares its budget over three."""
    days, segments, runs = y.shape
    score = RIVALS[name](np.moveaxis(y, 2, 1).reshape(days, runs * segments))
    cube = np.moveaxis(score.reshape(days, runs, segments), 2, 1)
    # A second kindness: on an empty day each of them would alarm; ours leaves those to the schedule check.
    gap = y.sum(axis=1) == 0.0
    gap[1:] |= gap[:-1].copy()
    return np.where(gap, np.nan, cube[:, FAMILY])


def table(name: str, drift: Drift, runs: int) -> None:
    """One block: every method on one kind of feed."""
    say(f"\n{name} drift: k {drift.k:g}, {drift.walk:.1%} a week, {drift.shifts:.2f} shifts a segment-year")
    feeds = {seed: make(drift, COUNT, runs, np.random.default_rng([seed, 7])) for seed in (TUNE, TEST)}
    rng = np.random.default_rng([TEST, 8])
    clean = {seed: delivered(feed.decided, rng) for seed, feed in feeds.items()}
    onset = rng.integers(START + 40, START + 79, runs)
    lossy = {loss: delivered(thinned(feeds[TEST].decided, FAMILY, loss, onset, rng), rng) for loss in LOSSES}
    for method in ("ours, own history", *RIVALS):
        started = perf_counter()

        def path(seed: int, y: Array, method: str = method) -> Array:
            return ours(feeds[seed], y) if method.startswith("ours") else other(method, y)

        tuned = _tuned(path(TUNE, clean[TUNE])[START:])
        cost = calibrate.cost_of(path(TEST, clean[TEST])[START:], tuned, A_YEAR)
        told = [delays(path(TEST, lossy[loss]), onset, tuned, 261).told() for loss in LOSSES]
        spent = (perf_counter() - started) / (5 * runs * 3) * 1000
        say(
            f"{method:<38} {cost.false_alarms_a_year:.2f} FA  " + "  |  ".join(told) + f"  {spent:.0f} ms a series"
        )


def _tuned(paths: Array) -> float:
    """The lowest threshold that costs at most one false alarm a year, over the scores that occur."""
    candidates = np.unique(np.nanquantile(paths, np.linspace(0.9, 1.0, 400)))
    costs = [calibrate.cost_of(paths, float(c), A_YEAR).false_alarms_a_year for c in candidates]
    good = np.flatnonzero(np.array(costs) <= 1.0)
    return float(candidates[good[0]]) if len(good) else float(candidates[-1] + 1e-9)


def dutch_deaths() -> None:
    """Weekly deaths against the outside forecast: the anchored monitor, thinned by 10 % from week 150 on."""
    days, total, expected, _ = deaths()
    rng = np.random.default_rng([TEST, 9])
    lost = rng.binomial(total.astype(int), 0.1)
    y = np.where(np.arange(len(days)) >= _ONSET_WEEK, total - lost, total)
    panel = counts.Panel(
        days,
        y[:, None],
        np.zeros((len(days), 1), dtype=bool),
        frozenset(),
        counts.one_feed(1),
        np.log(expected)[:, None],
    )
    path = counts.watch(panel, monitor.Settings(NEVER, SLACK, 8.0)).evidence[:, monitor.FEW, 0]
    before, after = np.nanmax(path[60:_ONSET_WEEK]), path[_ONSET_WEEK:]
    first = np.flatnonzero(after >= max(before, np.log(52.0)))
    say("\nDutch deaths, weekly, anchored on the CBS forecast, 10 % less from week 150 (one series)")
    say(
        f"largest evidence in the 90 weeks before: {before:.1f} nats; passed "
        f"{f'{first[0] + 1} weeks after' if len(first) else 'never after'} the onset"
    )


def main() -> None:
    """Print all tables."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    say(
        f"{runs} runs; tuned on seed {TUNE}, tested on seed {TEST}; losses {', '.join(f'{x:.0%}' for x in LOSSES)}"
    )
    for name in ("prophet", "statsmodels"):
        if find_spec(name) is None:
            say(f"{name}: not installed, left out")
    for name, drift in DRIFTS.items():
        table(name, drift, runs)
    dutch_deaths()


if __name__ == "__main__":
    main()
