"""Soft references: outside counts whose common level is itself uncertain.

A reference says μ_t, but the true level is (1 + b)·μ_t with b ~ N(0, τ² + 0.03²), one b for the whole stream. As
b is mixed over under "a share ρ arrives" and "all arrive" alike, what b can hide from the first day never shows.
"""

from __future__ import annotations

import numpy as np

FLOOR = 0.03
"""Relative uncertainty that no reference is below: definitions differ, clocks differ."""


def level_spread(uncertainty: float, floor: float = FLOOR) -> float:
    """τ_tot: a reference's relative standard deviation with the floor added."""
    return float(np.hypot(uncertainty, floor))


def smallest_loss(spread: float, threshold: float) -> float:
    """Smallest loss (fraction) from the first day on that can ever reach `threshold` (nats), at that τ_tot."""
    return float(-np.expm1(-spread * np.sqrt(2.0 * (threshold + 1.4))))
