"""How many are missing, since when, and how sure that is.

A posterior over the first day ν, the share ρ that arrives since, and the level of the baseline, each on a grid
with a flat prior (the level: normal). Given those, what did not arrive on a day is again negative binomial: with
X ~ NB(μ, k) decided and y ~ Bin(X, ρ) arrived,

    X − y | y  ~  NB(size k + y, mean (1 − ρ)·μ·(k + y)/(k + ρμ)),

so the missing of all days since ν is a mixture whose quantiles are the interval. It accounts for the choice of ν,
which the textbook Σμ − Σy ± 1.64·sd since the last CUSUM zero does not. Because the posterior conditions on all of
the counts, having looked every day does not bias it. Too many (ρ > 1) is the mirror: of y arrived, Bin(y, 1 − 1/ρ)
should not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .detector import NEVER
from .negbin import Array, log_ratio
from .own_history import LONGEST, TOO_RESTLESS, CountPanel, Model, OwnHistoryState, find_empty
from .reuse import reuse_latest
from .spread import HORIZONS

LOSSES = np.concatenate([np.linspace(0.02, 0.5, 17), np.linspace(0.525, 0.975, 19)])
SURPLUSES = np.exp(np.linspace(np.log(1.04), np.log(8.0), 24))
_NEGLIGIBLE, _NEGLIGIBLE_WITH_DRIFT = 1e-7, 1e-5
_EVENLY = (np.arange(31) + 0.5) / 31.0  # nodes of equal probability
_TAIL = 0.05  # on either side of a 90 % interval
_FINE = 0.1  # persons
_FEW, _BINS = 2048, 512  # normals for which a coarse mixture does not pay; in a coarse mixture
_NEAR, _STEPS = 1.0, 3  # persons, for the slope of a coarse mixture; steps from there towards the quantile


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is probably missing (negative: too many), persons.

    Attributes:
        onset: index of the most probable first day.
        first: index of the first day of its 90 % interval.
        last: index of the last day of that.
        share: posterior mean of the share that arrives since.
        value: posterior median.
        low: 5 % quantile.
        high: 95 % quantile.
    """

    onset: int
    first: int
    last: int
    share: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is not known of the expected counts.

    Attributes:
        spread: relative sd of the level of the expected counts, of which the days before the onset tell.
        drift: sd of the log of their sum since the onset, of which those days tell nothing.
        freedom: of the t distribution of that drift.
        temper: what the log-posterior of the onset is divided by: how much more than chance the feed strays.
    """

    spread: float = 0.0
    drift: float = 0.0
    freedom: float = 30.0
    temper: float = 1.0


@cache
def _level_nodes() -> tuple[Array, Array]:
    """Return nodes and masses of a Gauss–Hermite quadrature. Importing the library for it takes 10 ms."""
    nodes, mass = np.polynomial.hermite_e.hermegauss(7)
    return nodes, mass


@reuse_latest(64)
def estimate(y: Array, mu: Array, k: Array | float, doubt: Doubt | None = None, *, many: bool = False) -> Estimate:
    """Estimate what is missing from the last counts, given that something is.

    Args:
        y: counts, oldest first, shape (days,), none of them masked.
        mu: what was expected, same shape.
        k: size, a number or the same shape.
        doubt: what is not known of `mu`.
        many: look for too many rather than too few.
    """
    doubt = doubt or Doubt()
    shares = SURPLUSES if many else LOSSES
    nodes, mass = _level_nodes()
    levels = np.exp(doubt.spread * nodes)
    size = np.broadcast_to(np.asarray(k, dtype=np.float64), y.shape)
    cells = (y[:, None, None], mu[:, None, None] * levels[None, None, :], size[:, None, None])
    steps = log_ratio(*cells, shares[None, :, None])  # days, shares, levels
    normal = log_ratio(y[:, None], mu[:, None], size[:, None], levels[None, :]).sum(axis=0)
    weight = _sum_since(steps) + (np.log(mass) + normal)[None, None, :]
    weight = _temper(np.exp(weight - weight.max()), doubt.temper)
    mean, variance = _moments(*cells, shares[None, :, None], many=many)
    centre, width = _sum_since(mean), np.sqrt(np.maximum(_sum_since(variance), 1e-12))
    kept = weight > (_NEGLIGIBLE if doubt.drift == 0.0 else _NEGLIGIBLE_WITH_DRIFT)
    cells_kept = weight[kept], centre[kept], width[kept]
    if doubt.drift > 0.0:
        # Added after the posterior: as a wider prior of the level it would be pinned by the days before the onset.
        meant = np.broadcast_to(_sum_since(mu)[:, None, None], weight.shape)[kept]
        from scipy.stats import t as t_distribution

        strays = np.expm1(doubt.drift * t_distribution.ppf(_EVENLY, doubt.freedom))
        sign = -1.0 if many else 1.0
        moved = cells_kept[1][:, None] + sign * meant[:, None] * strays
        cells_kept = tuple(  # type: ignore[assignment]
            np.broadcast_to(a, moved.shape).ravel()
            for a in (cells_kept[0][:, None] / len(strays), moved, cells_kept[2][:, None])
        )
    bounds = find_quantiles((0.5, _TAIL, 1.0 - _TAIL), *cells_kept)
    share = float((weight.sum(axis=(0, 2)) * shares).sum())
    value, low, high = (-b for b in bounds) if many else bounds
    of_onset = weight.sum(axis=(1, 2))
    first, last = (int(np.searchsorted(np.cumsum(of_onset), p)) for p in (_TAIL, 1.0 - _TAIL))
    last = min(last, len(y) - 1)
    return Estimate(int(of_onset.argmax()), first, last, share, value, min(low, high), max(low, high))


def _temper(weight: Array, temper: float) -> Array:
    """Return the posterior, with its margin of the onset raised to 1 / temper; sums to 1."""
    of_onset = weight.sum(axis=(1, 2))
    given = weight / np.maximum(of_onset, 1e-300)[:, None, None]
    flat = of_onset ** (1.0 / temper)
    return np.asarray(given * (flat / flat.sum())[:, None, None])


def _sum_since(daily: Array) -> Array:
    """Return the sum from each day to the last, along the first axis."""
    return np.asarray(np.cumsum(daily[::-1], axis=0)[::-1])


def _moments(y: Array, mu: Array, k: Array, rho: Array, *, many: bool) -> tuple[Array, Array]:
    """Return the mean and variance of a day's missing (or surplus), given its count and the share."""
    if many:
        mean = y * (1.0 - 1.0 / rho) * np.ones_like(mu)
        return mean, mean / rho
    mean = (1.0 - rho) * mu * (k + y) / (k + rho * mu)
    return mean, mean + mean**2 / (k + y)


def find_quantiles(levels: Sequence[float], weight: Array, centre: Array, width: Array) -> list[float]:
    """Return quantiles of a mixture of normals, by bisection to a tenth of a person.

    A coarse mixture says where to look, so that the bisection evaluates the whole mixture only near the quantile.
    """
    low, high = float((centre - 6.0 * width).min()), float((centre + 6.0 * width).max())
    if len(weight) <= _FEW:
        return [max(0.0, _bisect(_Below(p, weight, centre, width), low, high)) for p in levels]
    coarse = _coarsen(weight, centre, width)
    found = []
    for p in levels:
        rough = _Below(p, *coarse)
        guess = _bisect(rough, low, high)
        slope = max(rough.excess(guess + _NEAR) - rough.excess(guess - _NEAR), 1e-12) / (2.0 * _NEAR)
        exact = _Below(p, weight, centre, width)
        for _ in range(_STEPS):  # of Newton's method
            step = exact.excess(guess) / slope
            guess -= step
            if abs(step) < _FINE:
                break
        exact.excess(guess - _FINE)
        exact.excess(guess + _FINE)
        found.append(max(0.0, _bisect(exact, low, high)))
    return found


def _bisect(below: _Below, low: float, high: float) -> float:
    while high - low > _FINE:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if below(middle) else (low, middle)
    return 0.5 * (low + high)


class _Below:
    """Whether less than a share `p` of a mixture of normals lies below a value. It remembers what it evaluated."""

    def __init__(self, p: float, weight: Array, centre: Array, width: Array) -> None:
        from scipy.special import ndtr

        self._ndtr = ndtr
        self._share, self._cells = p * float(weight.sum()), (weight, centre, width)
        self._yes, self._no = -np.inf, np.inf

    def __call__(self, value: float) -> bool:
        if value <= self._yes or value >= self._no:
            return value <= self._yes
        return self.excess(value) < 0.0

    def excess(self, value: float) -> float:
        """Return the mass below a value, less that of the share."""
        weight, centre, width = self._cells
        found = float((weight * self._ndtr((value - centre) / width)).sum()) - self._share
        if found < 0.0:
            self._yes = max(self._yes, value)
        else:
            self._no = min(self._no, value)
        return found


def _coarsen(weight: Array, centre: Array, width: Array) -> tuple[Array, Array, Array]:
    """Return a mixture of at most `_BINS` normals with the mass, mean and variance of neighbours in this one."""
    first, last = float(centre.min()), float(centre.max())
    place = ((centre - first) * ((_BINS - 1) / max(last - first, 1e-9))).astype(np.intp)
    mass, mean, square = (
        np.bincount(place, weights=w, minlength=_BINS)
        for w in (weight, weight * centre, weight * (centre**2 + width**2))
    )
    held = mass > 0.0
    centres, squares = mean[held] / mass[held], square[held] / mass[held]
    return np.asarray(mass[held], dtype=np.float64), centres, np.sqrt(np.maximum(squares - centres**2, 1e-12))


# What `estimate` needs to know of a finding of own history.
#
# How far a sum as long as the finding strays is read from the feed's own forecast errors over such windows, so
# that it includes level, season and shape.


@dataclass(frozen=True, slots=True)
class Stretch:
    """What the extent of a finding is estimated from: the last deliveries of one segment, none of them masked.

    Attributes:
        rows: index of each delivery in the panel.
        y: counts.
        mu: expected at the level before the finding.
        size: k.
        error: relative standard error of that level.
        strays: sd of the log of a sum as long as the finding, from the feed's own forecasts, beyond chance.
        freedom: independent errors behind it.
        temper: by how much the feed's errors are larger than chance, squared.
    """

    rows: NDArray[np.intp]
    y: Array
    mu: Array
    size: float
    error: float
    strays: float
    freedom: float
    temper: float


_BEFORE, _LOOK = 40, 130


def stretch_of(
    panel: CountPanel, memory: OwnHistoryState, s: int, since: float, *, many: bool = False
) -> Stretch | None:
    """Return what the extent of a finding of segment `s` with onset `since` (ordinal) is estimated from."""
    model = memory.model
    if model is None:
        return None
    ordinal = panel.ordinals
    onset = int(np.searchsorted(ordinal, since))
    first = max(0, min(onset - _BEFORE, len(ordinal) - _LOOK))
    begun, ended = _level_held_against(memory, s, many=many)
    first = max(first, min(int(np.searchsorted(ordinal, begun)), onset))
    last = min(max(int(np.searchsorted(ordinal, ended)), onset + 1), len(ordinal))
    part = panel.rows(first, last)
    gap = find_empty(part.y, part.groups)[:, s]
    usable = ~(gap | part.masked[:, s])
    usable[1:] &= ~gap[:-1]
    if last == len(ordinal):
        usable[-1] = not np.isnan(part.y[-1, s])
    chosen = int(memory.errors.chosen[s])
    levels = model.under if many else model.normal
    mean = model.season.mean(part.days, part.calendar, part.offset)[:, s]
    factor = np.array([levels.at(day)[chosen, s] for day in part.ordinals])
    strays, freedom, temper = _strays(memory, model, s, float(ordinal[-1] - since))
    expected = mean * factor
    learnt = min(onset, len(ordinal) * LONGEST / max(float(ordinal[-1] - ordinal[0]), 1.0))
    strays = max(strays, _season_error(model, s, float(expected.mean()), learnt))
    return Stretch(
        np.flatnonzero(usable) + first,
        np.nan_to_num(part.y[usable, s]),
        expected[usable],
        float(model.season.size[s]),
        float(levels.error[chosen, s]),
        strays,
        freedom,
        temper,
    )


def counts_against_earlier(
    panel: CountPanel, memory: OwnHistoryState, s: int, since: float, *, many: bool
) -> tuple[float, float]:
    """Return the persons counted from day `since` on, and expected at the level before an open finding.

    The finding is the surplus (`many`) or the shortfall of segment `s`.
    """
    if memory.model is None:
        return 0.0, 0.0
    part = panel.rows(int(np.searchsorted(panel.ordinals, since)), len(panel.days))
    chosen = int(memory.errors.chosen[s])
    mean = memory.model.season.mean(part.days, part.calendar, part.offset)[:, s]
    levels = memory.model.under if many else memory.model.normal
    factor = np.array([levels.at(day)[chosen, s] for day in part.ordinals])
    usable = ~(part.masked[:, s] | np.isnan(part.y[:, s]))
    return float(part.y[usable, s].sum()), float((mean * factor)[usable].sum())


def _level_held_against(memory: OwnHistoryState, s: int, *, many: bool) -> tuple[float, float]:
    """Return when the level began that a finding is held to, and when another finding ended it (ordinals).

    Deliveries before that level would look like part of the finding. So would those of a loss inside a surplus.
    """
    track = memory.track
    if not many:
        return float(track.normal[s]), NEVER
    over, short = float(track.over_since[s]), float(track.short_since[s])
    earlier = track.changes[s][track.changes[s] < over]
    return float(earlier.max(initial=0.0)), short if short > over else NEVER


def _season_error(model: Model, s: int, mean: float, deliveries: float) -> float:
    """Return the standard error of the log of a sum that the fitted harmonics leave, by least squares.

    Each pair of sine and cosine adds 2v/n, with v the relative variance of one count. Few errors of forecasts may
    by chance be smaller than that.
    """
    variance = 1.0 / max(mean, 1e-9) + 1.0 / float(model.season.size[s])
    return float(np.sqrt(2.0 * model.season.terms.harmonics * variance / max(deliveries, 1.0)))


def _strays(memory: OwnHistoryState, model: Model, s: int, lasted: float) -> tuple[float, float, float]:
    """Return the spread of the log of a sum over the finding, its freedom, and its square in units of chance.

    No wider than a feed may be that own history judges: errors behind a wider one are few, or of the loss itself.
    """
    h = int(np.searchsorted(np.array(HORIZONS[:-1]), lasted))
    guard = np.maximum(memory.track.guard(), 0.0)
    ok = memory.errors.find_valid(memory.track.changes, guard, max(28.0, model.rhythm))[h, :, s]
    e = memory.errors.error[h, ok, s]
    number = min(len(e) * min(max(28.0, model.rhythm) / HORIZONS[h], 1.0), 30.0)
    grown = float(np.sqrt(max(lasted, HORIZONS[h]) / HORIZONS[h])) if h == len(HORIZONS) - 1 else 1.0
    prior = float(model.spread.by_horizon[h, s])
    noise = float(np.mean(memory.errors.noise[h, ok, s])) if ok.any() else 0.0
    if len(e) >= 5:  # noqa: PLR2004
        away = np.abs(e - np.median(e))
        held = np.minimum(away, 3.0 * 1.48 * np.median(away) + 1e-9)
        wide = max(
            1.48 * float(np.median(away)),
            float(np.quantile(away, 0.9)) / 1.645,
            float(np.quantile(away, 0.95)) / 1.96,
            float(np.sqrt((held**2).mean())),
            0.01,
        )
        wide *= float(np.sqrt(1.0 + 1.0 / max(number, 1.0)))
        strays = float(np.sqrt(max(wide**2 - noise, 0.01**2)))
        strays = max(strays, 0.5 * prior)
    else:
        wide, strays = float(np.hypot(prior, np.sqrt(noise))), max(prior, 0.06)
    temper = float(np.clip(wide**2 / max(noise, 1e-9), 1.0, 25.0)) if noise > 0.0 else 1.0
    return min(strays * grown, TOO_RESTLESS), float(np.clip(number, 3.0, 30.0)), temper
