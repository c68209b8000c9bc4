"""The level of a feed beside its calendar: several ways to follow it, of which each feed's own past chooses.

A level that walks asks for a short memory, a steady one for a long one, a growing one for a trend that is carried
on. All are robust ratios Σwy / Σwμ with weights that halve every so many days.
Sources: Holt 1957; Gardner & McKenzie 1985 (a trend is damped: it is carried on for a quarter of a year only).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .negbin import Array, anscombe, robust_weights

HALVED = (91.3, 30.0, 270.0, 135.0)
"""Days after which a delivery weighs half, by candidate: first the default, last the one with a trend."""
TREND = 3
_LEAST_HALVED = (8.0, 4.0, 12.0, 10.0)  # deliveries
_STEEPEST = (-0.035 / 30.4, 0.05 / 30.4)  # a day; a steeper fall is not followed, for it may be a creeping loss
_FLAT = 0.02 / 30.4  # prior sd of the trend, a day
CARRIED = 84.0
"""Days over which a trend is carried on."""


@dataclass(frozen=True, slots=True)
class Levels:
    """The level of each segment as each candidate has it, at one day.

    Attributes:
        day: ordinal that the trend counts from: the last day learnt from, (segments,).
        level: (candidates, segments).
        slope: of the log level a day, of the trend's candidate, (segments,).
        error: relative standard error, (candidates, segments).
    """

    day: Array
    level: Array
    slope: Array
    error: Array

    def at(self, day: float) -> Array:
        """The factor on a day, (candidates, segments)."""
        found = self.level.copy()
        found[TREND] *= np.exp(self.slope * np.clip(day - self.day, 0.0, CARRIED))
        return found


def follow(ordinal: NDArray[np.float64], y: Array, mu: Array, weights: Array, size: Array) -> Levels:
    """The level at the last of these days.

    Args:
        ordinal: day of each delivery, oldest first.
        y: counts, (days, segments).
        mu: the calendar's mean, same shape.
        weights: 0–1, same shape; 0 where nothing is learnt from.
        size: k, (segments,).
    """
    count = np.where(weights > 0.0, y, 0.0)
    # Age in trusted time: a long mask must not make the level forget.
    trusted = weights > 0.0
    now = np.where(trusted, ordinal[:, None], ordinal[0]).max(axis=0)
    gap = max((ordinal[-1] - ordinal[0]) / max(len(ordinal) - 1, 1), 1e-9)
    age = (np.cumsum(trusted[::-1], axis=0)[::-1] - 1) * gap
    found, error = [], []
    for which, halved in enumerate(HALVED):
        recent = np.where(trusted, weights * 0.5 ** (age / max(halved, _LEAST_HALVED[which] * gap)), 0.0)
        level = _ratio(count, mu, recent)
        if which != TREND:
            for _ in range(2):
                robust = recent * robust_weights(anscombe(count, level * mu, np.maximum(size, 1.0)))
                level = _ratio(count, mu, robust)
        mass = np.maximum((recent * mu).sum(axis=0), 1e-9)
        noise = (recent**2 * (mu / np.maximum(level, 1e-9) + mu**2 / size)).sum(axis=0)
        error.append(np.where(mass > 1.0, np.sqrt(noise) / mass, 9.0))
        found.append(level)
    recent = np.where(trusted, weights * 0.5 ** (age / max(HALVED[TREND], _LEAST_HALVED[TREND] * gap)), 0.0)
    found[TREND], slope = _trend(ordinal[:, None] - now, count, mu, recent, found[TREND], size)
    return Levels(now, np.stack(found), slope, np.stack(error))


def _trend(  # noqa: PLR0913, PLR0917 - counts, and what is known of them
    ago: Array, y: Array, mu: Array, weights: Array, level: Array, size: Array
) -> tuple[Array, Array]:
    """Level at 0 and slope of the log level, by penalised scoring; both (segments,)."""
    a, b = np.log(level), np.zeros_like(level)
    t = ago
    for _ in range(4):
        m = mu * np.exp(np.clip(a + b * t, -12.0, 12.0))
        robust = weights * robust_weights(anscombe(y, m, np.maximum(size, 1.0)))
        info, gain = robust * m / (1.0 + m / size), robust * np.clip(y - m, -5.0 * m, 5.0 * m) / (1.0 + m / size)
        s0, s1, s2 = info.sum(axis=0) + 1e-6, (info * t).sum(axis=0), (info * t**2).sum(axis=0) + _FLAT**-2.0
        g0, g1 = gain.sum(axis=0), (gain * t).sum(axis=0) - b * _FLAT**-2.0
        det = np.maximum(s0 * s2 - s1**2, 1e-9)
        a = a + np.clip((s2 * g0 - s1 * g1) / det, -1.0, 1.0)
        b = b + (s0 * g1 - s1 * g0) / det
        steep = np.clip(b, *_STEEPEST)
        centre = s1 / s0
        a, b = a + (b - steep) * centre, steep
    return np.exp(np.clip(a, -12.0, 12.0)), b


def _ratio(y: Array, mu: Array, weights: Array) -> Array:
    """Σwy / Σwμ a segment, drawn towards 1 by the weight of two persons."""
    return np.asarray(((weights * y).sum(axis=0) + 2.0) / ((weights * mu).sum(axis=0) + 2.0))
