"""Soft references: outside counts whose common level is itself uncertain.

A reference says μ_t, but the true level is e^b·μ_t with b ~ N(0, τ² + 0.03²), one b for the whole stream. Under
"a share ρ arrives from day ν on" and under "all arrive" alike the counts are mixed over b. Swapping the sums over
b and ν gives a recursion: with F_b the likelihood of "all arrive" at level b and R_{ρ,b} the ordinary
Shiryaev–Roberts statistic at that level,

    R_ρ = Σ_b π_b R_{ρ,b},   π_b ∝ prior(b)·F_b,

so that a shortfall present from the first day saturates (it may be the level), and a later one does not (the
level was learnt before it). b is integrated on an even grid. Source: our own; Shiryaev 1963 for the frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import shiryaev
from .negbin import Array, log_ratio

FLOOR = 0.03
"""Relative uncertainty that no reference is below: definitions differ, clocks differ."""
_NODES = np.linspace(-4.5, 4.5, 61)  # close enough together for a level that years of counts have pinned down
_PRIOR = -0.5 * _NODES**2 - np.log(np.exp(-0.5 * _NODES**2).sum())


def level_spread(uncertainty: float, floor: float = FLOOR) -> float:
    """τ_tot: a reference's relative standard deviation with the floor added."""
    return float(np.hypot(uncertainty, floor))


def smallest_loss(spread: float, threshold: float) -> float:
    """Smallest loss (fraction) from the first day on that can ever reach `threshold` (nats), at that τ_tot."""
    return float(-np.expm1(-spread * np.sqrt(2.0 * (threshold + 1.4))))


@dataclass(frozen=True, slots=True)
class SoftState:
    """What a soft detector remembers: log F, shape (streams, nodes); log R, (streams, alternatives, nodes)."""

    log_f: Array
    log_r: Array


@dataclass(frozen=True, slots=True)
class SoftDetector:
    """A mixture over shares and levels for several streams at once.

    Attributes:
        mixture: the shares looked for and the cap.
        spread: τ_tot of each stream, shape (streams,).
    """

    mixture: shiryaev.Mixture
    spread: Array

    def start(self) -> SoftState:
        """The state before the first count."""
        n, nodes = len(self.spread), len(_NODES)
        return SoftState(np.tile(_PRIOR, (n, 1)), shiryaev.nothing(n, len(self.mixture.shares), nodes))

    def update(self, state: SoftState, y: Array, mu: Array, k: Array) -> SoftState:
        """One count a stream, shapes (streams,); a stream with NaN stays exactly as it was."""
        known = ~np.isnan(y)
        count = np.where(known, y, 0.0)[:, None]
        mean, size = np.where(known, mu, 1.0)[:, None], k[:, None]
        levels = np.exp(self.spread[:, None] * _NODES)
        log_f = state.log_f + log_ratio(count, mean, size, levels)
        steps = log_ratio(
            count[:, None], (mean * levels)[:, None, :], size[:, None], self.mixture.grid[None, :, None]
        )
        log_r = shiryaev.update(state.log_r, steps, self.mixture.cap)
        return SoftState(
            np.where(known[:, None], log_f - log_f.max(axis=1, keepdims=True), state.log_f),
            np.where(known[:, None, None], log_r, state.log_r),
        )

    def cleared(self, state: SoftState, streams: NDArray[np.bool_]) -> SoftState:
        """The state with all evidence of some streams gone; what was learnt of their level goes too."""
        fresh = self.start()
        return SoftState(
            np.where(streams[:, None], fresh.log_f, state.log_f),
            np.where(streams[:, None, None], fresh.log_r, state.log_r),
        )

    def evidence(self, state: SoftState) -> Array:
        """Logarithm of Σ_ρ w_ρ Σ_b π_b R_{ρ,b} of each stream, shape (streams,)."""
        whole = np.log(np.exp(state.log_f).sum(axis=1, keepdims=True))  # the largest log F is near 0
        posterior = state.log_f - whole
        return shiryaev.evidence(shiryaev.log_mean(state.log_r, posterior[:, None, :]), self.mixture)

    def run(self, y: Array, mu: Array, k: Array) -> Array:
        """Evidence after each step, for counts of shape (steps, streams); k has shape (streams,)."""
        state, path = self.start(), np.empty(y.shape)
        for t in range(y.shape[0]):
            state = self.update(state, y[t], mu[t], k)
            path[t] = self.evidence(state)
        return path
