"""Detection limits: the smallest loss each segment can reveal in time, and the evidence needed below that.

The expected delay of a Shiryaev–Roberts detector at threshold h is close to (h + 1.4)/KL counts; a loss is called
detectable within n counts when that is at most n. Below it, more history does not help: other evidence does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import negbin, shares

HORIZONS = (30, 90, 365)
"""Calendar days."""
_OVERSHOOT = 1.4
_FAR = 1.0 - 1e-6


@dataclass(frozen=True, slots=True)
class DetectionLimit:
    """What volume can see of one segment.

    Attributes:
        mean: persons a delivery.
        size: k.
        within: horizon in calendar days → smallest detectable loss (fraction), None when none is.
    """

    mean: float
    size: float
    within: dict[int, float | None]


def smallest_loss(
    mean: float, size: float, threshold: float, counts: float, *, slack: float = 0.0
) -> float | None:
    """Smallest loss (fraction) expected to reach `threshold` within so many counts; None: not even a total one.

    With a `slack` (fraction) only what is lost beyond it is evidence.
    """
    from scipy.optimize import brentq

    tolerated = mean * (1.0 - slack)

    def short(loss: float) -> float:
        beyond = (1.0 - loss) / (1.0 - slack)
        return float(negbin.divergence(tolerated, size, beyond)) * counts - threshold - _OVERSHOOT

    if counts <= 0.0 or short(_FAR) < 0.0:
        return None
    return float(brentq(short, slack + 1e-9, _FAR))


def audit(
    mean: float, size: float, threshold: float, counts_a_year: float, *, slack: float = 0.0
) -> DetectionLimit:
    """The audit of one segment at the threshold and with the slack that its monitor has."""
    per_day = counts_a_year / 365.25
    within = {d: smallest_loss(mean, size, threshold, d * per_day, slack=slack) for d in HORIZONS}
    return DetectionLimit(mean, size, within)


def days_by_keys(
    loss: float, persons_a_day: float, threshold: float, *, allowed: float = 0.015, usual: float = 0.01
) -> float | None:
    """Days of delivery after which keyed reconciliation shows a loss, the grace not counted; None: never.

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
    """Largest uncertainty (relative sd) of a reference that still shows a loss from day one; None: none does."""
    total = -np.log1p(-loss) / np.sqrt(2.0 * (threshold + _OVERSHOOT))
    spare = total**2 - 0.03**2
    return float(np.sqrt(spare)) if spare > 0.0 else None


def by_reference(  # noqa: PLR0913, PLR0917 - a feed's size and rhythm, and what is known of the figure
    mean: float, counts_a_year: float, uncertainty: float, threshold: float, days: int, noise: float = 0.03
) -> float:
    """Smallest loss (fraction), there from the first day, that weekly figures show within so many calendar days.

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
    """Smallest loss (fraction) that comparing every key shows within so many calendar days; None: none."""
    from scipy.optimize import brentq

    counts = days * counts_a_year / 365.25 - grace

    def late(loss: float) -> float:
        needed = days_by_keys(loss, mean, threshold)
        return (1e9 if needed is None else needed) - counts

    if counts <= 0.0 or late(_FAR) > 0.0:
        return None
    return float(brentq(late, 1e-6, _FAR, xtol=1e-5))
