"""The error of a feed's own forecasts: the source of slack, of intervals, and of the status "not judged".

At each fit, forecasts are made under every level candidate. When 7, 28 and 84 days have been delivered since, the
log ratio of what came to what was foretold is an error of that horizon. Day noise (k), week noise and a walking
level show at different horizons, so they are distinguished. Errors across a change of level are not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .negbin import Array

HORIZONS = (7.0, 28.0, 84.0)
"""Days that a forecast is held to."""
KEPT = 40
"""Errors kept of each horizon."""
PRIOR, PRIOR_ERRORS, _LEAST = 0.06, 2.0, 0.01
"""Spread of a feed that nothing is known of yet, and the errors that this counts for."""
SETTLING = 56.0
"""Days after a change of level until forecasts know the new one."""
_MONTH, _SETTLING_FORECASTS = 28.0, 4.0  # forecasts that know a new level, where they are further apart
_FAR, _FADE, _CLEARLY, _TAIL_ERRORS, _ENOUGH = 3.0, 0.95, 0.85, 13.0, 4.0


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors of a feed's forecasts.

    Attributes:
        made: ordinal of each forecast's day, by horizon, (horizons, KEPT); 0 where there is none.
        ended: ordinal of the last day that it was held to, same shape.
        error: log ratio of delivered to foretold, (horizons, KEPT, segments); NaN: not looked at.
        noise: variance of it that chance alone gives, same shape.
        square: fading sum of squared errors less that variance, (horizons, candidates, segments).
        weight: fading number of them, same shape.
        chosen: level candidate in use, (segments,).
    """

    made: Array
    ended: Array
    error: Array
    noise: Array
    square: Array
    weight: Array
    chosen: Array

    @classmethod
    def start(cls, segments: int, candidates: int, kept: int = KEPT) -> Errors:
        """Return the errors before any forecast was compared with a count."""
        times = np.zeros((len(HORIZONS), kept))
        cells = np.full((len(HORIZONS), kept, segments), np.nan)
        sums = np.zeros((len(HORIZONS), candidates, segments))
        return cls(times, times, cells, cells, sums, sums, np.zeros(segments))

    def add(self, h: int, made: float, ended: float, error: Array, noise: Array) -> Errors:
        """With one forecast held to what came.

        Args:
            h: horizon.
            made: ordinal of the forecast's day.
            ended: ordinal of the last day it was held to.
            error: log ratio by candidate, (candidates, segments); NaN where nothing can be said.
            noise: variance of it by chance, (segments,).
        """
        error, noise = np.round(error, 5), np.round(noise, 6)
        place = self.chosen.astype(np.intp)
        own = error[place, np.arange(error.shape[1])]
        rings = [a.copy() for a in (self.made, self.ended, self.error, self.noise)]
        values = (np.float64(made), np.float64(ended), own, noise)
        for ring, value in zip(rings, values, strict=True):
            ring[h] = np.roll(ring[h], 1, axis=0)
            ring[h, 0] = np.asarray(value)
        known = np.isfinite(error)
        now = self.square[h] / np.maximum(self.weight[h], 1e-9)
        far = _FAR**2 * (np.maximum(now, PRIOR**2) + noise)
        excess = np.where(known, np.minimum(error**2, far) - noise, 0.0)
        square, weight = self.square.copy(), self.weight.copy()
        square[h] = np.where(known, _FADE * square[h] + excess, square[h])
        weight[h] = np.where(known, _FADE * weight[h] + 1.0, weight[h])
        return replace(
            self,
            **dict(zip(("made", "ended", "error", "noise"), rings, strict=True)),
            square=square,
            weight=weight,
        )

    def choose(self, quiet: NDArray[np.bool_]) -> Errors:
        """With the level candidate that strayed least, where it is clearly better, and where all is quiet."""
        mean = self.square / np.maximum(self.weight, 1e-9)
        score = 0.02**2 + mean[1:].mean(axis=0)
        enough = self.weight[1:].min(axis=(0, 1)) >= _ENOUGH
        best = score.argmin(axis=0)
        at = np.arange(score.shape[1])
        held = score[self.chosen.astype(np.intp), at]
        better = quiet & enough & (score[best, at] < _CLEARLY * held)
        return replace(self, chosen=np.where(better, best, self.chosen))

    def find_valid(self, begun: Array, guard: Array, spacing: float) -> NDArray[np.bool_]:
        """Return errors that are trusted, and do not span a change of level, (horizons, KEPT, segments).

        Args:
            begun: ordinals of the changes, (segments, changes); infinite where there is none.
            guard: ordinal of the last day that is learnt from, (segments,): a loss that goes on is no error yet.
            spacing: days between two forecasts: a few of them must have been made since a change.
        """
        settled = SETTLING if spacing <= _MONTH else _SETTLING_FORECASTS * spacing
        found = np.isfinite(self.error) & (self.ended[:, :, None] <= guard)
        for change in begun.T:
            across = (self.made[:, :, None] < change + settled) & (self.ended[:, :, None] >= change)
            found &= ~across
        return np.asarray(found)


@dataclass(frozen=True, slots=True)
class Spread:
    """How far each segment strays.

    Attributes:
        by_horizon: posterior sd of the log error beyond chance, (horizons, segments).
        down: what 95 % of shortfalls stay within beyond chance, as a sd, (segments,).
        number: independent errors behind the longest horizon, (segments,).
        week: relative variance of a week that its days do not explain, (segments,).
    """

    by_horizon: Array
    down: Array
    number: Array
    week: Array

    @property
    def drift(self) -> Array:
        """The sd of the long horizon, (segments,)."""
        return np.asarray(self.by_horizon[2])


def spread_of(errors: Errors, begun: Array, guard: Array, spacing: float) -> Spread:
    """Return what the errors say, shrunk to the prior.

    Args:
        errors: as gathered.
        begun: ordinals of changes of level, (segments, changes).
        guard: ordinal of the last day that is learnt from, (segments,).
        spacing: days between two forecasts.
    """
    ok = errors.find_valid(begun, guard, spacing)
    found, down, number = [], np.zeros(ok.shape[2]), np.zeros(ok.shape[2])
    for h, horizon in enumerate(HORIZONS):
        e, v, w = (np.where(ok[h], a, 0.0) for a in (errors.error[h], errors.noise[h], np.ones(ok[h].shape)))
        n = w.sum(axis=0)
        independent = n * min(spacing / horizon, 1.0)
        far = _FAR**2 * (PRIOR**2 + np.median(np.where(ok[h], e**2, PRIOR**2), axis=0) / 0.455)
        chance = v.sum(axis=0) / np.maximum(n, 1.0)
        excess = (np.minimum(e**2, far) * w - v).sum(axis=0) / np.maximum(n, 1.0)
        # An error says the less of the spread, the more of it is chance.
        clear = np.maximum(excess, PRIOR**2)
        told = (clear / (clear + chance)) ** 2
        known = independent * told
        square = (PRIOR_ERRORS * PRIOR**2 + known * excess) / (PRIOR_ERRORS + known)
        found.append(np.sqrt(np.maximum(square, _LEAST**2)))
        number = np.maximum(number, independent) if h else number
        if h == 1:
            # The tail of the shortfalls beyond what chance gives, as far as there are enough for a tail.
            shortfall = np.where(ok[h], -e, -np.inf)
            tails = [np.maximum(_upper(shortfall, n, p), 0.0) / z for p, z in ((0.9, 1.282), (0.95, 1.645))]
            square = np.maximum(np.mean(tails, axis=0) ** 2 - chance, 0.0)
            down = np.sqrt(square * n * told / (n * told + _TAIL_ERRORS))
    table = np.stack(found)
    week = np.maximum(table[0] ** 2 - table[2] ** 2, 0.0)
    return Spread(table, down, number, week)


def _upper(values: Array, n: Array, p: float) -> Array:
    """Return the quantile of the finite values of each column, by order from the top."""
    order = np.sort(values, axis=0)[::-1]
    place = np.clip(np.ceil((1.0 - p) * n).astype(np.intp) - 1, 0, len(values) - 1)
    return np.nan_to_num(order[place, np.arange(values.shape[1])], neginf=0.0)
