"""Detection limits: the smallest loss each segment can reveal in time, and the evidence needed below that.

The expected delay of a Shiryaev–Roberts detector at threshold h is close to (h + 1.4)/KL counts; a loss is called
detectable within n counts when that is at most n. Below it, more history does not help: other evidence does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import negbin, own_history, shares
from .negbin import Array

HORIZONS = (30, 90, 365)
"""Calendar days."""
_OVERSHOOT = 1.4
_FAR = 1.0 - 1e-6
_FINE = 1e-9
"""Width of the interval that holds a root (fraction)."""
_KNOWN = 0.05  # allowance for a year not yet seen that counts as none


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """How own history judges one segment now.

    Attributes:
        mean: persons a delivery.
        size: k.
        threshold: nats, the segment's part of the budget included.
        slack: what its level may drift before it counts, with the allowance for an unseen year (fraction).
        cap: limit on one delivery's evidence, nats.
        season_known: whether there is no such allowance any more.
        reason: why it is not judged, one of `own_history.REASONS`; the first where it is.
    """

    mean: float
    size: float
    threshold: float
    slack: float
    cap: float
    season_known: bool = True
    reason: str = own_history.REASONS[0]

    @property
    def judged(self) -> bool:
        """Whether own history judges the segment now."""
        return self.reason == own_history.REASONS[0]

    def information(self, loss: float) -> float:
        """Return what one delivery tells of a loss (fraction), nats: only what is lost beyond the slack."""
        if not self.judged or loss <= self.slack:
            return 0.0
        told = negbin.divergence(self.mean * (1.0 - self.slack), self.size, (1.0 - loss) / (1.0 - self.slack))
        return min(float(told), self.cap)

    def deliveries(self, loss: float) -> float | None:
        """Return the deliveries after which a loss (fraction) is expected to be told; None: never."""
        information = self.information(min(loss, _FAR))
        return (self.threshold + _OVERSHOOT) / information if information > 0.0 else None

    def smallest(self, counts: float) -> float | None:
        """Return the smallest loss (fraction) told within so many deliveries; None: not even a total one."""

        def short(loss: float) -> float:
            return self.information(loss) * counts - self.threshold - _OVERSHOOT

        if counts <= 0.0 or short(_FAR) < 0.0:
            return None
        return _find_root(short, self.slack, _FAR)


def limits_of(model: own_history.Model, mean: Array) -> tuple[OwnLimit, ...]:
    """Return how a model judges each segment, for its mean persons a delivery, (segments,)."""
    limit = model.limit
    threshold = np.broadcast_to(limit.threshold, mean.shape)
    return tuple(
        OwnLimit(
            float(mean[i]),
            float(limit.size[i]),
            float(threshold[i]),
            float(limit.wide[i]),
            limit.cap,
            bool(limit.wide[i] - limit.slack[i] <= _KNOWN),
            own_history.REASONS[int(model.reason[i])],
        )
        for i in range(len(mean))
    )


def days_by_keys(
    loss: float, persons_a_day: float, threshold: float, *, allowed: float = 0.015, usual: float = 0.01
) -> float | None:
    """Return days of delivery after which keyed reconciliation shows a loss, the grace not counted; None: never.

    Args:
        loss: fraction that never arrives.
        persons_a_day: persons a delivery whose keys are compared (a sample counts its own size).
        threshold: nats.
        allowed: share that may be missing after the grace (H0).
        usual: share that is missing after the grace when all is well.
    """
    information = float(shares.divergence(min(loss + usual, 0.999), allowed)) * persons_a_day
    return (threshold + _OVERSHOOT) / information if information > 0.0 else None


def reference_needed(loss: float, threshold: float) -> float | None:
    """Return the largest relative sd of a reference that still shows a loss from day one; None when none does."""
    total = -np.log1p(-loss) / np.sqrt(2.0 * (threshold + _OVERSHOOT))
    spare = total**2 - 0.03**2
    return float(np.sqrt(spare)) if spare > 0.0 else None


def by_reference(  # noqa: PLR0913, PLR0917 - a feed's size and rhythm, and what is known of the figure
    mean: float, counts_a_year: float, uncertainty: float, threshold: float, days: int, noise: float = 0.03
) -> float:
    """Return the smallest loss (fraction) from the first day on that weekly figures show within so many days.

    Args:
        mean: persons a delivery.
        counts_a_year: deliveries a year.
        uncertainty: of the figures' common level (relative sd).
        threshold: nats.
        days: calendar days.
        noise: of each week by itself (relative sd).
    """
    weeks = max(days / 7.0, 1.0)
    persons = max(mean * counts_a_year / 52.18, 1e-9)
    variance = uncertainty**2 + 0.03**2 + (1.0 / persons + noise**2) / weeks
    return float(-np.expm1(-np.sqrt(2.0 * (threshold + _OVERSHOOT) * variance)))


def by_keys(mean: float, counts_a_year: float, threshold: float, days: int, *, grace: int = 10) -> float | None:
    """Return the smallest loss (fraction) that comparing every key shows in so many calendar days; None: none."""
    counts = days * counts_a_year / 365.25 - grace

    def late(loss: float) -> float:
        needed = days_by_keys(loss, mean, threshold)
        return (1e9 if needed is None else needed) - counts

    if counts <= 0.0 or late(_FAR) > 0.0:
        return None
    return _find_root(late, 1e-6, _FAR)


def _find_root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a monotone function changes its sign, by bisection; importing an optimizer delays a page."""
    rises = function(high) >= 0.0
    while high - low > _FINE:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if (function(middle) >= 0.0) is rises else (middle, high)
    return 0.5 * (low + high)
