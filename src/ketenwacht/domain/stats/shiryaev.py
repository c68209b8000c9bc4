"""Shiryaev–Roberts mixtures: evidence of a lasting change that began on some unknown day.

Per segment and alternative ρ the statistic is R_ρ ← (R_ρ + 1)·exp(min(ℓ_ρ, c)), the segment's evidence is
Σ w_ρ R_ρ, and a feed alarms when Σ v_s R_s ≥ A with Σ v_s = 1. Since R_t − t is a (super)martingale under "all
arrive", so is every weighted mean of such statistics, whatever the dependence between segments: the average run
length is at least A as long as the baseline is right. All is kept as logarithms, so nothing overflows.
Sources: Shiryaev 1963; Roberts 1966; Shin, Ramdas & Rinaldo 2022 (e-detectors, definition 2.2, theorem 2.4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .negbin import Array

NOTHING = -700.0
"""The logarithm of no evidence: small enough to be 0, finite so that JSON can hold it."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """The alternatives that a detector looks for, their prior weights, and the cap on one step's evidence.

    Capping positive evidence keeps validity, and keeps one strange day from being an alarm.
    """

    shares: tuple[float, ...]
    weights: tuple[float, ...]
    cap: float = 3.0

    @property
    def grid(self) -> Array:
        """The alternatives as an array, shape (alternatives,)."""
        return np.array(self.shares)


_WEIGHTS = (0.15, 0.25, 0.25, 0.15, 0.1, 0.1)
LOSS = Mixture((0.95, 0.9, 0.8, 0.65, 0.5, 0.25), _WEIGHTS)
SURPLUS = Mixture((1.05, 1.1, 1.25, 1.5, 2.0, 4.0), _WEIGHTS)
WEEKLY_CAP = 8.0
_CAPS = ((3.0, 1.25), (15.0, 1.5), (np.inf, 2.0))
"""Days between two deliveries, and the evidence of one at most: one must not be an alarm by itself."""


def cap_of(rhythm: float) -> float:
    """Return the most that one delivery may say, nats: seldom ones weigh more, since each is many days."""
    return next(cap for days, cap in _CAPS if rhythm < days)


def nothing(*shape: int) -> Array:
    """Return statistics before the first count: log 0 everywhere."""
    return np.full(shape, NOTHING)


def update(log_r: Array, steps: Array, cap: float | Array) -> Array:
    """Compute one step of every statistic: log[(R + 1)·exp(min(ℓ, c))]; `steps` holds ℓ, same shape as `log_r`."""
    return np.asarray(np.maximum(np.logaddexp(log_r, 0.0) + np.minimum(steps, cap), NOTHING))


def log_mean(log_values: Array, log_weights: Array) -> Array:
    """Return the logarithm of Σ w·exp(x) over the last axis, without overflow; the weights as logarithms too."""
    both = log_values + log_weights
    top = both.max(axis=-1)
    return np.asarray(top + np.log(np.exp(both - top[..., None]).sum(axis=-1)))


def evidence(log_r: Array, mixture: Mixture) -> Array:
    """Return the logarithm of Σ w_ρ R_ρ of each segment: (…, segments, alternatives) → (…, segments)."""
    return log_mean(log_r, np.log(mixture.weights))


def feed_evidence(log_evidence: Array, shares: Array) -> float:
    """Return ln Σ v_s R_s of one feed, from its segments' evidence and budget shares, both (segments,)."""
    return float(log_mean(log_evidence, np.log(shares)))


def find_blamed(log_evidence: Array, shares: Array, threshold: float) -> tuple[int, ...]:
    """Return which segments an alarm is about: none below the threshold, else the largest v_s R_s.

    A segment whose own share of the evidence reaches the threshold is blamed beside it.
    """
    if feed_evidence(log_evidence, shares) < threshold:
        return ()
    part = np.log(np.maximum(shares, 1e-300)) + log_evidence
    return tuple(sorted({int(part.argmax()), *(int(i) for i in np.flatnonzero(part >= threshold))}))


def cusum(level: Array, steps: Array) -> Array:
    """Return Page's CUSUM, max(0, C + ℓ); its last zero estimates when a change began."""
    return np.asarray(np.maximum(level + steps, 0.0))


def threshold_of(steps_a_year: float, false_alarms_a_year: float) -> float:
    """Return the nominal threshold ln A, with A = steps a year / false alarms a year."""
    return float(np.log(steps_a_year / false_alarms_a_year))
