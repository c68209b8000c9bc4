"""How well could anybody do? An observer who knows what no detector can know, beside ours, on the same runs.

The observer is told the season, the weekdays, the holidays, the size k, and how much the level drifts; only the
level itself, and whether and when a share is lost, are left to be found. For these the Shiryaev–Roberts statistic
of each share is worked out exactly: the level is a random walk on a fine grid, with p(x) its distribution if all
arrive and, for a share ρ, N_ρ(x) the joint weight, summed over all ν, of "lost since ν" and level x:

    p ← norm(M p · f(y | x)),   N_ρ ← M(N_ρ + p) · f(y | ρ, x) / Σ M p · f(y | x),   R_ρ = Σ_x N_ρ(x)

with M one week's step of the walk. Lasting shifts are not part of what it expects: it cannot tell them from a
loss, and neither can anybody. Each is tuned on the clean runs themselves to just below one false alarm a year.

Run: `python studies/ceiling.py [RUNS [PARTS]]`; some minutes. Parts: drift, known.
Sources: Shiryaev 1963; Kalman 1960 for the frame.
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import sys
from collections.abc import Mapping

import numpy as np
from kinds import real
from series import delays, feed_evidence, say
from simulator import A_YEAR, DRIFTS, FAMILY, Array, Drift, Feed, calendar_of, delivered, make, thinned

from ketenwacht.domain.stats import calibrate, negbin, shiryaev

SEEDS = (7001, 7002, 7003, 7004, 7005, 7006)
KNOWN_SEED = 9505
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


# An observer who knows the level of real series and of plain kinds: what is lost before that costs nothing.


def known_levels(repeats: int = 8) -> None:
    """P and median of an observer who is told the expected count of every delivery, at one false alarm a year.

    Of a real series this is hindsight: the median of the eight weeks around each delivery, of the same weekday,
    before anything is lost. No detector can know that; what it does not find, nobody finds.
    """
    rng = np.random.default_rng([KNOWN_SEED, 9])
    say("an observer who knows every level, at one false alarm a year on the series itself")
    for name in ("nl_deaths", "infections", "pedestrians", "transit"):
        one = real(name)
        weekly = one.per_year < A_YEAR / 2
        y = np.nan_to_num(one.y)
        mu = _hindsight(y, 1 if weekly else 7, 4)
        start, horizon = int(1.2 * one.per_year), round(one.per_year / 2)
        _known(
            name, y, mu, _sizes(y, mu), one.per_year, (start, len(y) - horizon, horizon), (0.2, 0.5), repeats, rng
        )
    for name, mean, size, count, per_year, times, losses in (
        ("births, 20 a day", 20.0, negbin.POISSON, 1500, 365.25, (400, 1100, 365), (0.1, 0.2, 0.5)),
        ("steady, 28 a day", 28.0, 12.0, 1044, 261.0, (522, 780, 261), (0.2,)),
        ("monthly, k = 150", 600.0, 150.0, 600, 12.0, (300, 580, 12), (0.5,)),
        ("monthly, k = 12", 600.0, 12.0, 600, 12.0, (300, 580, 12), (0.5,)),
    ):
        y = rng.poisson(rng.gamma(size, mean / size, (count, 60))).astype(float)
        _known(name, y, np.full(y.shape, mean), np.full(60, size), per_year, times, losses, 1, rng)


def _hindsight(y: Array, apart: int, around: int) -> Array:
    """The median of the deliveries around each one, `apart` from each other."""
    shifts = [np.roll(y, apart * i, axis=0) for i in range(-around, around + 1)]
    return np.maximum(np.median(shifts, axis=0), 0.5)


def _sizes(y: Array, mu: Array) -> Array:
    """The size k of each series, by moments; far ones count for nine variances."""
    excess = np.minimum((y - mu) ** 2, 9.0 * (mu + mu**2 / 10.0)) - mu
    return np.asarray(1.0 / np.maximum((excess / mu**2).mean(axis=0), 1e-4))


def _known(  # noqa: PLR0913, PLR0917 - a series, what is known of it, and what is planted
    name: str,
    y: Array,
    mu: Array,
    size: Array,
    per_year: float,
    times: tuple[int, int, int],
    losses: tuple[float, ...],
    repeats: int,
    rng: np.random.Generator,
) -> None:
    first, last, horizon = times
    clean = _paths(y, mu, size)
    heights = [_height(path[first:], per_year) for path in clean.T]
    cells = []
    for loss in losses:
        steps = []
        for _ in range(repeats):
            onset = rng.integers(first, last, y.shape[1])
            lost = rng.binomial(y.astype(np.int64), loss)
            path = _paths(np.where(np.arange(len(y))[:, None] >= onset, y - lost, y), mu, size)
            for s, at in enumerate(onset):
                if clean[at - 1, s] >= heights[s]:
                    continue
                hits = np.flatnonzero(path[at : at + horizon, s] >= heights[s])
                steps.append(float(hits[0] + 1) if len(hits) else np.inf)
        middle = np.quantile(steps, 0.5, method="higher")
        cells.append(f"{loss:.0%}: {np.isfinite(steps).mean():.2f}, {middle:.0f} (n {len(steps)})")
    say(f"  {name:<18} {'   '.join(cells)}")


def _paths(y: Array, mu: Array, size: Array) -> Array:
    """Log Σ w R of each series, (deliveries, series); one delivery counts in full."""
    grid = shiryaev.LOSS.grid
    state, path = shiryaev.nothing(y.shape[1], len(grid)), np.empty(y.shape)
    for t in range(len(y)):
        steps = negbin.log_ratio(y[t][:, None], mu[t][:, None], size[:, None], grid)
        state = shiryaev.update(state, steps, np.inf)
        path[t] = shiryaev.evidence(state, shiryaev.LOSS)
    return path


def _height(path: Array, per_year: float) -> float:
    """The lowest height that the path crosses upwards at most once a year."""
    allowed = max(int(len(path) / per_year), 1)
    for height in np.sort(path)[::-1]:
        above = path >= height
        if (above[1:] & ~above[:-1]).sum() + above[0] > allowed or above.mean() > 0.1:  # noqa: PLR2004
            return float(np.nextafter(height, np.inf))
    return float(path.min())


def main() -> None:
    """Print both rows for each kind of feed, and the observer who knows every level."""
    runs = int(sys.argv[1]) if sys.argv[1:] else 60
    parts = sys.argv[2].split(",") if sys.argv[2:] else ("drift", "known")
    if "drift" in parts:
        say("P within a year and median delay in deliveries, by loss")
        for name in DRIFTS:
            compared(name, runs)
    if "known" in parts:
        known_levels()


if __name__ == "__main__":
    main()
