"""How well could anybody do? An observer who knows what no detector can know, beside ours, on the same runs.

The observer is told the season, the weekdays, the holidays, the size k, and how much the level drifts; only the
level itself, and whether and when a share is lost, are left to be found. For these the Shiryaev–Roberts statistic
of each share is worked out exactly: the level is a random walk on a fine grid, with p(x) its distribution if all
arrive and, for a share ρ, N_ρ(x) the joint weight, summed over all ν, of "lost since ν" and level x:

    p ← norm(M p · f(y | x)),   N_ρ ← M(N_ρ + p) · f(y | ρ, x) / Σ M p · f(y | x),   R_ρ = Σ_x N_ρ(x)

with M one week's step of the walk. Lasting shifts are not part of what it expects: it cannot tell them from a
loss, and neither can anybody. Each is tuned on the clean runs themselves to just below one false alarm a year.

Run: `python studies/ceiling.py [RUNS]`; some minutes. Sources: Shiryaev 1963; Kalman 1960 for the frame.
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import sys
from collections.abc import Mapping

import numpy as np
from series import delays, feed_evidence, say
from simulator import A_YEAR, DRIFTS, FAMILY, Array, Drift, Feed, calendar_of, delivered, make, thinned

from ketenwacht.domain.stats import calibrate, shiryaev

SEEDS = (7001, 7002, 7003, 7004, 7005, 7006)
LOSSES = (0.1, 0.2, 0.5)
START, COUNT, A_WEEK = 520, 880, 5
AIM = 0.92
_FINENESS, _WIDEST = 2.0, 0.9  # grid: steps of the walk between two nodes, and the log level at its ends


class Observer:
    """The exact statistics of every segment of every run, side by side."""

    def __init__(self, drift: Drift, series: int) -> None:
        gap = _FINENESS * drift.walk
        half = int(_WIDEST / gap)
        self.size = drift.k
        self.levels = np.exp(np.arange(-half, half + 1) * gap)
        self.hop = drift.walk**2 / (2.0 * gap**2)
        self.shares, self.weights = shiryaev.LOSS.grid, np.array(shiryaev.LOSS.weights)
        self.usual = np.full((series, len(self.levels)), 1.0 / len(self.levels))
        self.lost = np.zeros((len(self.shares), series, len(self.levels)))

    def week(self) -> None:
        """The level takes a week's step; at the ends of the grid it stays."""
        self.usual, self.lost = self._moved(self.usual), self._moved(self.lost)

    def _moved(self, mass: Array) -> Array:
        after = (1.0 - 2.0 * self.hop) * mass
        after[..., 1:] += self.hop * mass[..., :-1]
        after[..., :-1] += self.hop * mass[..., 1:]
        after[..., 0] += self.hop * mass[..., 0]
        after[..., -1] += self.hop * mass[..., -1]
        return after

    def see(self, y: Array, mu: Array, deliveries: Array, active: Array) -> Array:
        """One delivery, arrays of shape (series,); returns log Σ w_ρ R_ρ."""
        mean, k = mu[:, None] * self.levels, (self.size * deliveries)[:, None]
        plain = _log_likelihood(y[:, None], mean, k)
        top = plain.max(axis=1, keepdims=True)
        usual = self.usual * np.exp(plain - top)
        whole = usual.sum(axis=1, keepdims=True)
        for i, share in enumerate(self.shares):
            likely = np.exp(_log_likelihood(y[:, None], share * mean, k) - top)
            self.lost[i] = np.where(active[:, None], (self.lost[i] + self.usual) * likely / whole, self.lost[i])
        self.usual = np.where(active[:, None], usual / whole, self.usual)
        return np.asarray(np.log(np.einsum("r,rsx->s", self.weights, self.lost) + 1e-300))


def _log_likelihood(y: Array, mean: Array, k: Array) -> Array:
    """Of negative binomial counts, up to what does not depend on the mean."""
    return np.asarray(y * np.log(mean) - (y + k) * np.log(mean + k))


def observed(feed: Feed, drift: Drift, arrived: Array) -> Array:
    """Evidence of each feed by the observer, (days, runs); what an empty delivery owed is due with the next."""
    days, segments, runs = arrived.shape
    y = arrived.reshape(days, -1)
    empty = np.repeat((arrived.sum(axis=1) == 0.0)[:, None], segments, axis=1).reshape(days, -1)
    meant = np.repeat(calendar_of(feed.days, feed.holidays)[:, :, None], runs, axis=2).reshape(days, -1)
    observer, path = Observer(drift, segments * runs), np.empty(y.shape)
    owed, deliveries = np.zeros(y.shape[1]), np.ones(y.shape[1])
    for t in range(days):
        if t % A_WEEK == 0:
            observer.week()
        path[t] = observer.see(y[t], meant[t] + owed, deliveries, ~empty[t])
        owed, deliveries = np.where(empty[t], owed + meant[t], 0.0), np.where(empty[t], deliveries + 1.0, 1.0)
    return calibrate.feed_paths(path.reshape(days, segments, runs))


def told(name: str, paths: Mapping[float, Array], threshold: float, onset: Array, cost: float) -> None:
    """One row: P and median of each loss."""
    found = {loss: delays(path, onset, threshold, 261) for loss, path in paths.items()}
    cells = "   ".join(f"{loss:.0%}: {d.found:.3f}, {d.quantile(0.5):.0f}" for loss, d in found.items())
    quiet = len(next(iter(found.values())).steps)
    say(f"  {name:<34} {threshold:5.1f} nats  {cost:.2f} a year  {cells}   ({quiet} runs quiet before)")


def compared(name: str, runs: int) -> None:
    """Both on the same runs of one kind of feed."""
    drift, days = DRIFTS[name], {loss: list[Array]() for loss in (0.0, *LOSSES)}
    onsets = []
    for seed in SEEDS:
        rng = np.random.default_rng([seed, 4])
        feed = make(drift, COUNT, runs, rng)
        onsets.append(rng.integers(580, 619, runs))
        for loss, parts in days.items():
            sent = thinned(feed.decided, FAMILY, loss, onsets[-1], rng)
            parts.append(delivered(sent, rng))
    arrived, onset = {loss: np.concatenate(parts, axis=2) for loss, parts in days.items()}, np.concatenate(onsets)
    quiet, lost = arrived[0.0], {loss: arrived[loss] for loss in LOSSES}
    say(f"{name} drift, {len(SEEDS) * runs} runs of seeds {SEEDS[0]}–{SEEDS[-1]}")
    path = observed(feed, drift, quiet)[START:]
    held = calibrate.calibrate(path, A_YEAR, AIM)
    by_observer = {loss: observed(feed, drift, y) for loss, y in lost.items()}
    told("who knows season, k and drift", by_observer, held.threshold, onset, held.false_alarms_a_year)
    cost = calibrate.calibrate(feed_evidence(feed, quiet)[START:], A_YEAR, AIM)
    ours = {loss: feed_evidence(feed, y) for loss, y in lost.items()}
    told("ours", ours, cost.threshold, onset, cost.false_alarms_a_year)


def main() -> None:
    """Print both rows for each kind of feed."""
    runs = int(sys.argv[1]) if sys.argv[1:] else 60
    say("P within a year and median delay in deliveries, by loss")
    for name in DRIFTS:
        compared(name, runs)


if __name__ == "__main__":
    main()
