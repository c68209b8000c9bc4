"""What others do with a count series, as scores: the higher, the more it looks like a shortfall.

Each takes counts of shape (days, series) and gives scores of the same shape, NaN before it can judge. Our own
ports after the published definitions; thresholds are tuned by the caller, so that all cost the same false alarms.
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float64]
WEEK, YEAR = 5, 261


def z_score(y: Array, points: int = 14) -> Array:
    """Standard deviations below the mean of the last 14 points (elementary's volume anomaly test)."""
    past = sliding_window_view(y, points, axis=0)[:-1]
    score = np.full(y.shape, np.nan)
    score[points:] = (past.mean(axis=-1) - y[points:]) / np.maximum(past.std(axis=-1, ddof=1), 1e-9)
    return score


def relative_rate(y: Array) -> Array:
    """How far the ratio to the previous point is below 1 (Deequ's RelativeRateOfChange)."""
    score = np.full(y.shape, np.nan)
    score[1:] = -(y[1:] + 0.5) / (y[:-1] + 0.5)
    return score


def fixed_band(y: Array, learn: int = YEAR) -> Array:
    """How far below a band fixed once from the first year (a row-count expectation of Great Expectations)."""
    score = np.full(y.shape, np.nan)
    score[learn:] = -y[learn:] / np.maximum(np.median(y[:learn], axis=0), 1.0)
    return score


def farrington(y: Array, *, years: int = 2, half_window: int = 3) -> Array:
    """Farrington's quasi-Poisson test on weekly sums, for too few, without trend (Farrington et al. 1996).

    The reference of a week is the same week ± 3 of the two years before; past outbreaks are weighed down once by
    Anscombe residuals; the score is the standardised shortfall on the 2/3 power scale, known at the week's end.
    """
    weeks = y[: len(y) // WEEK * WEEK].reshape(-1, WEEK, y.shape[1]).sum(axis=1)
    score = np.full(y.shape, np.nan)
    for t in range(52 * years + half_window, len(weeks)):
        places = [t - 52 * i + j for i in range(1, years + 1) for j in range(-half_window, half_window + 1)]
        past = weeks[places]
        mean = past.mean(axis=0)
        spread = np.maximum(((past - mean) ** 2 / mean).sum(axis=0) / (len(past) - 1), 1.0)
        residual = 1.5 * (past ** (2 / 3) - mean ** (2 / 3)) / (mean ** (1 / 6) * np.sqrt(spread))
        weight = np.maximum(residual, 1.0) ** -2.0
        mean = (weight * past).sum(axis=0) / weight.sum(axis=0)
        spread = np.maximum((weight * (past - mean) ** 2 / mean).sum(axis=0) / (len(past) - 1), 1.0)
        scale = np.sqrt((4 / 9) * mean ** (1 / 3) * (spread + mean / weight.sum(axis=0) / mean))
        score[(t + 1) * WEEK - 1] = (mean ** (2 / 3) - weeks[t] ** (2 / 3)) / np.maximum(scale, 1e-9)
    return score


RIVALS = {
    "z-score over 14 points (elementary)": z_score,
    "relative rate of change (Deequ)": relative_rate,
    "fixed band (GX)": fixed_band,
    "Farrington, weekly": farrington,
}
