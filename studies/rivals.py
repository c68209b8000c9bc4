"""What others do with a count series, as scores: the higher, the more it looks like a shortfall.

Each takes counts of shape (days, series) and gives scores of the same shape: NaN before it can judge, −∞ on days
on which it says nothing. Our own ports after the published definitions; thresholds are tuned by the caller, so
that all cost the same false alarms.
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from farrington import flexible
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.special import gammaln

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a series, how many there are a week and a year, and from which on scores are wanted."""

    days: tuple[date, ...]
    week: int
    year: int
    start: int


def z_score(y: Array, calendar: Calendar) -> Array:
    """Standard deviations below the mean of the last 14 points (elementary's volume anomaly test)."""
    del calendar
    points = 14
    past = sliding_window_view(y, points, axis=0)[:-1]
    score = np.full(y.shape, np.nan)
    score[points:] = (past.mean(axis=-1) - y[points:]) / np.maximum(past.std(axis=-1, ddof=1), 1e-9)
    return score


def relative_rate(y: Array, calendar: Calendar) -> Array:
    """How far the ratio to the previous point is below 1 (Deequ's RelativeRateOfChange)."""
    del calendar
    score = np.full(y.shape, np.nan)
    score[1:] = -(y[1:] + 0.5) / (y[:-1] + 0.5)
    return score


def fixed_band(y: Array, calendar: Calendar) -> Array:
    """How far below a band fixed once from the first year (a row-count expectation of Great Expectations)."""
    learn = calendar.year
    score = np.full(y.shape, np.nan)
    score[learn:] = -y[learn:] / np.maximum(np.median(y[:learn], axis=0), 1.0)
    return score


def farrington(y: Array, calendar: Calendar) -> Array:
    """Farrington flexible on weekly sums, known at the week's end."""
    week = calendar.week
    weeks = y[: len(y) // week * week].reshape(-1, week, y.shape[1]).sum(axis=1)
    found = flexible(weeks)
    score = np.full(y.shape, np.nan)
    score[np.isfinite(found).any(axis=1).argmax() * week :] = -np.inf
    for t in np.flatnonzero(np.isfinite(found).any(axis=1)):
        score[(t + 1) * week - 1] = found[t]
    return score


def short_memory(y: Array, calendar: Calendar) -> Array:
    """Bayesian online change-point detection with a memory of 60 points (Adams & MacKay 2007), for a lower level.

    Counts are taken on the square-root scale, each weekday against its own last eight; runs longer than the memory
    are one. The score is the log odds that the present run began in the last 30 points, where it lies lower.
    """
    longest, hazard, rhythm = 60, 1.0 / 90.0, max(calendar.week, 1)
    root = np.sqrt(y + 0.375)
    x = np.full(y.shape, np.nan)
    back = 8 * rhythm
    for t in range(back, len(y)):
        same = root[t - back : t : rhythm]
        x[t] = (root[t] - same.mean(axis=0)) / np.maximum(same.std(axis=0, ddof=1), 0.3)
    series = y.shape[1]
    score = np.full(y.shape, np.nan)
    mass = np.zeros((longest + 1, series))
    mass[0] = 1.0
    number, total, square = (np.zeros((longest + 1, series)) for _ in range(3))
    for t in range(back, len(y)):
        n = number + 1.0
        mean, alpha = total / n, 1.0 + number / 2.0
        beta = 1.0 + 0.5 * np.maximum(square - total**2 / n, 0.0)
        scale = beta * (n + 1.0) / (n * alpha)
        z = (x[t] - mean) ** 2 / scale
        log = gammaln(alpha + 0.5) - gammaln(alpha) - 0.5 * np.log(2.0 * np.pi * alpha * scale)
        log = log - (alpha + 0.5) * np.log1p(z / (2.0 * alpha))
        grown = mass * np.exp(log)
        new = np.vstack([hazard * grown.sum(axis=0), (1.0 - hazard) * grown])
        new[longest] += new[longest + 1]
        mass = new[: longest + 1] / np.maximum(new.sum(axis=0), 1e-300)
        step = [
            np.vstack([np.zeros(series), a + b]) for a, b in ((number, 1.0), (total, x[t]), (square, x[t] ** 2))
        ]
        number, total, square = (a[: longest + 1] for a in step)
        lower = (mass[:30] * (total[:30] < -0.3 * number[:30])).sum(axis=0)
        score[t] = np.log(np.maximum(lower, 1e-12)) - np.log(np.maximum(1.0 - lower, 1e-12))
    return score


PROPHET_EVERY = 90
"""Days between two fits of Prophet: it is fitted to all days before, and foretells those up to the next fit."""


def prophet(y: Array, calendar: Calendar) -> Array:
    """How many of its own noise's standard deviations below Prophet's forecast (Soda's anomaly detection)."""
    # Only in the environment of `make bench-detection`; it takes seconds to load.
    logging.getLogger("prophet.plot").disabled = True
    import pandas as pd  # noqa: PLC0415
    from prophet import Prophet  # noqa: PLC0415

    logging.getLogger("cmdstanpy").disabled = True

    stamps = pd.to_datetime(list(calendar.days))
    score = np.full(y.shape, np.nan)
    for series in range(y.shape[1]):
        for first in range(calendar.start, len(y), PROPHET_EVERY):
            part = slice(first, min(first + PROPHET_EVERY, len(y)))
            model = Prophet(uncertainty_samples=0, daily_seasonality=False)
            # An empty day is no observation: Prophet is told so, as Soda's user would.
            seen = np.where(y[:first, series] > 0.0, y[:first, series], np.nan)
            model.fit(pd.DataFrame({"ds": stamps[:first], "y": seen}))
            told = model.predict(pd.DataFrame({"ds": stamps[: part.stop]}))["yhat"].to_numpy()
            noise = float(np.nanstd(seen - told[:first]))
            score[part, series] = (told[part] - y[part, series]) / max(noise, 1e-9)
    return score


MSTL_EVERY = 13
"""Weeks between two fits of MSTL + AutoETS."""


def mstl_ets(y: Array, calendar: Calendar) -> Array:
    """How far the last week lies below the forecast of MSTL + AutoETS (statsforecast), in its own noise's sd.

    Square roots of the counts are decomposed (weekday and year, as far as two of each were seen), and the trend is
    forecast by AutoETS. A kindness: a week's mean error is taken, since a single delivery shows nothing.
    """
    # Only in an environment of its own; it takes seconds to load.
    from statsforecast.models import MSTL, AutoETS  # noqa: PLC0415

    root, week = np.sqrt(y + 0.375), max(calendar.week, 1)
    error = np.full(y.shape, np.nan)
    step = MSTL_EVERY * week
    for series in range(y.shape[1]):
        for first in range(calendar.start, len(y), step):
            seasons = [n for n in (calendar.week, calendar.year) if 1 < n <= first / 2]
            trend = AutoETS(model="ZZN")
            model = MSTL(season_length=seasons, trend_forecaster=trend) if seasons else trend
            last = min(first + step, len(y))
            told = model.forecast(root[:first, series], h=last - first, fitted=True)
            noise = max(float(np.nanstd(root[:first, series] - told["fitted"])), 1e-9)
            error[first:last, series] = (told["mean"] - root[first:last, series]) / noise
    score = np.full(y.shape, np.nan)
    score[week - 1 :] = sliding_window_view(error, week, axis=0).mean(axis=-1)
    return score


RIVALS: dict[str, Callable[[Array, Calendar], Array]] = {
    "z-score over 14 points (elementary)": z_score,
    "relative rate of change (Deequ)": relative_rate,
    "fixed band (Great Expectations)": fixed_band,
    "Farrington flexible, weekly": farrington,
    "Prophet (Soda)": prophet,
}


def without_gaps(score: Array, total: Array) -> Array:
    """Scores of daily methods that say nothing on a day of an empty feed and the day after.

    On such a day each of them would alarm; ours leaves those to the schedule check. `total` is of (days, series).
    """
    gap = total == 0.0
    gap[1:] |= gap[:-1].copy()
    return np.where(gap & ~np.isnan(score), -np.inf, score)


def calendar_of(days: Sequence[date], start: int) -> Calendar:
    """The rhythm of daily series: business days, or every day."""
    week = 5 if all(d.weekday() < 5 for d in days) else 7  # noqa: PLR2004
    return Calendar(tuple(days), week, 261 if week == 5 else 365, start)  # noqa: PLR2004
