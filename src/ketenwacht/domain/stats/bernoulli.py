"""Shares of persons: how many of n went wrong, when at most a share q₀ may.

Used for keys still missing after their grace, weekly samples of keys, resolved inquiries, and fields that are
empty more often than before. The null is composite, q ≤ q₀: every ratio rises with the number that went wrong,
so its mean is at most 1 for each smaller q too, and the average run length stays at least A. Where persons of one
delivery go wrong together the counts are beta-binomial, with the same intraclass correlation before and after.
Source: as shiryaev.py, with Bernoulli likelihoods; Skellam 1948 (beta-binomial).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from . import shiryaev
from .negbin import Array

_WEIGHTS = (0.1, 0.2, 0.25, 0.2, 0.15, 0.1)
_TIMES = np.array([1.35, 1.7, 2.2, 3.5, 7.0, 14.0])
_ADDED = np.array([0.005, 0.01, 0.02, 0.05, 0.2, 0.5])
_MOST = 0.99
# A field that varies more needs a larger step, or its CUSUM would not come back to zero for months.
_ONSET_ADDED, _ONSET_SPREAD = 0.01, 0.05


@dataclass(frozen=True, slots=True)
class ShareDetector:
    """Looks for a share of failures above `worst_allowed`.

    Attributes:
        worst_allowed: q₀, shape (segments,); fraction 0–1, exclusive of both.
        alternatives: the larger shares looked for, shape (segments, alternatives).
        onset: the larger share whose CUSUM dates the onset, shape (segments,).
        cap: limit on one step's evidence, nats.
        together: intraclass correlation of the failures of a step, shape (segments,); None: independent.
    """

    worst_allowed: Array
    alternatives: Array
    onset: Array
    cap: float = shiryaev.WEEKLY_CAP
    together: Array | None = None

    @classmethod
    def above(cls, worst_allowed: ArrayLike, *, cap: float = shiryaev.WEEKLY_CAP) -> ShareDetector:
        """A detector for shares several times too large: keys, samples, inquiries."""
        q = np.atleast_1d(np.asarray(worst_allowed, dtype=np.float64))
        odds = (q / (1.0 - q))[:, None] * _TIMES
        alternatives = np.minimum(odds / (1.0 + odds), _MOST)
        return cls(q, alternatives, alternatives[:, 2], cap)

    @classmethod
    def added(
        cls, worst_allowed: ArrayLike, *, cap: float = shiryaev.WEEKLY_CAP, together: Array | None = None
    ) -> ShareDetector:
        """A detector for shares some points too large: completeness (2 points is the third alternative)."""
        q = np.atleast_1d(np.asarray(worst_allowed, dtype=np.float64))
        onset = np.minimum(q + np.maximum(_ONSET_ADDED, _ONSET_SPREAD * np.sqrt(q * (1.0 - q))), _MOST)
        return cls(q, np.clip(q[:, None] + _ADDED * (1.0 - q[:, None]), None, _MOST), onset, cap, together)

    def steps(self, wrong: ArrayLike, seen: ArrayLike) -> Array:
        """ℓ of "the share is q₁" against "it is q₀": counts of shape (segments,) → (segments, alternatives)."""
        return self.ratio(wrong, seen, self.alternatives)

    def ratio(self, wrong: ArrayLike, seen: ArrayLike, shares: Array) -> Array:
        """ℓ of any other shares, (segments, shares), against q₀."""
        x, n = (np.atleast_1d(np.asarray(a, dtype=np.float64))[:, None] for a in (wrong, seen))
        q0 = self.worst_allowed[:, None]
        if self.together is None:
            return np.asarray(x * np.log(shares / q0) + (n - x) * (np.log1p(-shares) - np.log1p(-q0)))
        size = 1.0 / self.together[:, None] - 1.0
        wrong_ones = _rising(shares * size, x) - _rising(q0 * size, x)
        return np.asarray(wrong_ones + _rising((1.0 - shares) * size, n - x) - _rising((1.0 - q0) * size, n - x))

    def start(self) -> Array:
        """Statistics before the first count."""
        return shiryaev.nothing(*self.alternatives.shape)

    def update(self, log_r: Array, wrong: ArrayLike, seen: ArrayLike) -> Array:
        """One step; a segment in which nobody was seen (n = 0) stays exactly as it was."""
        some = np.atleast_1d(np.asarray(seen, dtype=np.float64))[:, None] > 0.0
        return np.where(some, shiryaev.update(log_r, self.steps(wrong, seen), self.cap), log_r)

    def evidence(self, log_r: Array) -> Array:
        """Logarithm of Σ w R of each segment, shape (segments,)."""
        return shiryaev.log_mean(log_r, np.log(_WEIGHTS))

    def run(self, wrong: Array, seen: Array) -> Array:
        """Evidence after each step, for counts of shape (steps, segments)."""
        log_r, path = self.start(), np.empty(wrong.shape)
        for t in range(wrong.shape[0]):
            log_r = self.update(log_r, wrong[t], seen[t])
            path[t] = self.evidence(log_r)
        return path


def _rising(a: Array, n: Array) -> Array:
    """Logarithm of a(a + 1)…(a + n − 1)."""
    from scipy.special import gammaln

    return np.asarray(gammaln(a + n) - gammaln(a))


def divergence(share: ArrayLike, worst_allowed: ArrayLike) -> Array:
    """Kullback–Leibler information of one person, nats: q·ln(q/q₀) + (1−q)·ln[(1−q)/(1−q₀)]; 0 when q ≤ q₀."""
    q, q0 = np.asarray(share, dtype=np.float64), np.asarray(worst_allowed, dtype=np.float64)
    full = q * np.log(np.maximum(q, 1e-300) / q0) + (1.0 - q) * (np.log1p(-np.minimum(q, _MOST)) - np.log1p(-q0))
    return np.asarray(np.where(q > q0, full, 0.0))
