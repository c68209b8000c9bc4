"""Planting losses in counts: independent thinning, so that a backtest knows the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .negbin import Array


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss to plant.

    Attributes:
        share: fraction 0–1 of the persons that does not arrive, once complete.
        onset: index of the first count that suffers.
        creep: counts over which the loss grows evenly to `share`; 0: abrupt.
        until: index of the first count that is whole again; None: it lasts.
    """

    share: float
    onset: int
    creep: int = 0
    until: int | None = None

    def profile(self, length: int) -> Array:
        """The fraction lost of each of `length` counts."""
        t = np.arange(length)
        grown = np.clip((t - self.onset + 1) / self.creep, 0.0, 1.0) if self.creep > 0 else 1.0
        open_ = (t >= self.onset) & ((t < self.until) if self.until is not None else True)
        return np.where(open_, self.share * grown, 0.0)


def plant(y: Array, loss: Loss, rng: np.random.Generator) -> Array:
    """Thin whole counts along the first axis; NaN stays NaN. What is lost is Bin(y, fraction lost)."""
    fraction = loss.profile(y.shape[0]).reshape(-1, *([1] * (y.ndim - 1)))
    lost = rng.binomial(np.nan_to_num(y).astype(np.int64), np.broadcast_to(fraction, y.shape))
    return np.asarray(y - lost)
