"""From the day something is decided to the day it is delivered: how an outside figure spreads over time.

A figure counts decisions in a period; the feed delivers most of them a few days later and some much later. What a
window of deliveries should hold is therefore a mix of this figure and the one before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .negbin import Array


@dataclass(frozen=True, slots=True)
class Lag:
    """How long a person takes from decision to delivery.

    Attributes:
        prompt_days: most arrive within so many calendar days (evenly over 1…prompt_days); 0: the same day.
        late_share: fraction that takes longer.
        late_days: within so many days those have arrived (evenly).
    """

    prompt_days: int = 3
    late_share: float = 0.08
    late_days: int = 14

    def kernel(self) -> Array:
        """Probability of arriving after 0, 1, 2 … calendar days."""
        longest = max(self.late_days, self.prompt_days)
        chance = np.zeros(longest + 1)
        late = self.late_share if self.late_days > self.prompt_days else 0.0
        if self.prompt_days > 0:
            chance[1 : self.prompt_days + 1] = (1.0 - late) / self.prompt_days
        else:
            chance[0] = 1.0 - late
        if late > 0.0:
            chance[self.prompt_days + 1 :] = late / (self.late_days - self.prompt_days)
        return chance


def arrivals(decided: Array, lag: Lag, *, running_before: bool) -> Array:
    """Expected arrivals on each calendar day, from decisions on each calendar day; same shape (days,).

    Args:
        decided: persons decided a day; days without a figure are 0.
        lag: how long they take.
        running_before: whether the feed was running before the first day, so that late ones of earlier days,
            as many as the first fortnight's mean, arrive in the first days too.
    """
    kernel = lag.kernel()
    length = len(kernel) - 1
    before = np.full(length, decided[: max(length, 1)].mean() if running_before and len(decided) else 0.0)
    return np.convolve(np.concatenate([before, decided]), kernel)[length : length + len(decided)]


def carried(mass: Array, delivered: Array) -> Array:
    """Arrivals moved to the first day on or after them on which there is a delivery; what is left waits.

    Args:
        mass: expected arrivals a calendar day.
        delivered: whether there was a delivery on that day, same shape.
    """
    total = np.cumsum(mass)
    at = np.flatnonzero(delivered)
    moved = np.zeros_like(mass)
    if len(at):
        moved[at] = np.diff(total[at], prepend=0.0)
    return moved
