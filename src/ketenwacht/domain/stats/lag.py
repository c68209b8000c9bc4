"""The lag from decision to delivery: how the persons of an outside figure spread over deliveries.

A figure counts decisions in a period; the feed delivers most of them a few days later and some much later. What a
window of deliveries should hold is therefore a mix of this figure and the one before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .negbin import Array

DAY_SIZE = 8.0
"""Size k of a day's decisions: no steadier, so that a window's edge is not taken to be sharper than it is."""


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
        """Return the probability of arriving after 0, 1, 2 … calendar days."""
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


def arrivals(decided: Array, lag: Lag) -> Array:
    """Return expected arrivals on each calendar day, from decisions on each calendar day; same shape (days,)."""
    return np.convolve(decided, lag.kernel())[: len(decided)]


def move_to_deliveries(mass: Array, delivered: Array) -> Array:
    """Return arrivals moved to the first day on or after them on which there is a delivery; what is left waits.

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


def count_in_transit(decided: Array, delivered: Array, first: int, end: int, lag: Lag) -> tuple[float, float]:
    """Return persons decided but not delivered when a window ends: how many, and the variance of that number.

    The window's total is known, how it fell over its days is not: a day's share scatters as negative-binomial
    counts of size `DAY_SIZE` with that total do, and each person's lag by itself.

    Args:
        decided: persons decided on each calendar day, (days,).
        delivered: whether there was a delivery on that day, same shape.
        first: index of the window's first day.
        end: index of the day after its last.
        lag: how long they take.
    """
    kernel = lag.kernel()
    served = np.flatnonzero(delivered[:end] > 0.0)
    last = int(served[-1]) if len(served) else -1
    begin = max(0, min(first, last - len(kernel)))
    days = np.arange(begin, end)
    tail = np.append(1.0 - np.cumsum(kernel), 0.0)  # chance of a longer lag than 0, 1, 2 … days
    room = last - days
    crossing = np.where(room < 0, 1.0, tail[np.minimum(np.maximum(room, 0), len(tail) - 1)])
    m = decided[begin:end]
    own = m + m**2 / DAY_SIZE
    inside = days >= first
    shared = (crossing * own)[inside].sum() ** 2 / max(float(own[inside].sum()), 1e-9)
    variance = (crossing**2 * own + m * crossing * (1.0 - crossing)).sum() - shared
    return float((m * crossing).sum()), float(max(variance, 0.0))
