"""False alarms of a threshold, measured on a history without known faults.

The nominal threshold holds only while the baseline is right. Real feeds drift, so a threshold is found by running
the monitor, never alarming, over stored or simulated clean histories, and counting first crossings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import shiryaev
from .negbin import Array

_LOWEST, _HIGHEST, _FINENESS = 2.0, 40.0, 0.1


@dataclass(frozen=True, slots=True)
class Calibration:
    """A threshold and what it costs.

    Attributes:
        threshold: nats.
        false_alarms_a_year: measured at that threshold.
        upper: 95 % upper bound of it, from the exposure at hand (Poisson, one-sided).
        exposure_years: feed-years looked at before first crossings.
    """

    threshold: float
    false_alarms_a_year: float
    upper: float
    exposure_years: float


def cost_of(paths: Array, threshold: float, steps_a_year: float) -> Calibration:
    """Return what a threshold costs on paths of feed evidence, shape (steps, runs); NaN steps are no exposure.

    A run counts until it first crosses: then a team has been called.
    """
    filled = np.where(np.isnan(paths), -np.inf, paths)
    crossed = filled >= threshold
    hit = crossed.any(axis=0)
    first = np.where(hit, crossed.argmax(axis=0) + 1, paths.shape[0])
    live = np.cumsum(~np.isnan(paths), axis=0)
    exposure = float(live[first - 1, np.arange(paths.shape[1])].sum()) / steps_a_year
    alarms = int(hit.sum())
    years = max(exposure, 1.0 / steps_a_year)
    # Chi-square quantile by Wilson & Hilferty: the upper 95 % bound of a Poisson mean, over the exposure.
    freedom = 2.0 * (alarms + 1)
    upper = 0.5 * freedom * (1.0 - 2.0 / (9.0 * freedom) + 1.645 * np.sqrt(2.0 / (9.0 * freedom))) ** 3
    return Calibration(threshold, alarms / years, float(upper) / years, exposure)


def calibrate(paths: Array, steps_a_year: float, false_alarms_a_year: float) -> Calibration:
    """Return the lowest threshold, to a tenth of a nat, at which the paths cost no more than the budget."""
    low, high = 0, round((_HIGHEST - _LOWEST) / _FINENESS)
    while low < high:
        middle = (low + high) // 2
        cost = cost_of(paths, _LOWEST + middle * _FINENESS, steps_a_year)
        if cost.false_alarms_a_year <= false_alarms_a_year:
            high = middle
        else:
            low = middle + 1
    return cost_of(paths, _LOWEST + low * _FINENESS, steps_a_year)


def feed_paths(evidence: Array) -> Array:
    """Return segments' evidence (steps, segments, runs) → the feed's, log Σ v_s R_s, shape (steps, runs)."""
    shares = np.full(evidence.shape[1], 1.0 / evidence.shape[1])
    return shiryaev.log_mean(np.moveaxis(evidence, 1, 2), np.log(shares))
