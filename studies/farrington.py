"""Farrington flexible: quasi-Poisson regression on weekly counts, many series at once.

After Farrington et al. 1996 and Noufaily et al. 2013, as the R package surveillance has it in its function
farringtonFlexible: all weeks of the last years but the most recent 26; a factor of ten levels for the season, one
of them the weeks around the one judged; a trend where it is significant at 5 % and foretells no more than was ever
seen; outbreaks weighed down by Anscombe residuals above 2.58; the threshold by plugging mean and dispersion into a
negative binomial. The method looks for too many; for too few the other tail of the same distribution is taken. Our
own port: its regression is compared with that of statsmodels by `agrees_with_statsmodels`.
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom, norm

Array = NDArray[np.float64]
YEARS, HALF_WINDOW, LEVELS, NOT_YET, A_YEAR = 5, 3, 10, 26, 52
_TOO_FAR, _SIGNIFICANT, _STEPS = 2.58, 0.05, 8


@dataclass(frozen=True, slots=True)
class Fit:
    """A quasi-Poisson regression of many series: coefficients (series, columns), means, dispersion, covariance."""

    coefficients: Array
    mean: Array
    dispersion: Array
    covariance: Array
    leverage: Array


def flexible(y: Array, years: int = YEARS) -> Array:
    """Surprise −ln P(Y ≤ y) at so few, shape as y (weeks, series); NaN before there are two years."""
    score = np.full(y.shape, np.nan)
    for t in range(2 * A_YEAR + HALF_WINDOW, len(y)):
        back = min(years, (t - HALF_WINDOW) // A_YEAR)
        weeks = np.arange(t - A_YEAR * back - HALF_WINDOW, t - NOT_YET)
        mean, dispersion = _foretold(y[weeks], weeks, t)
        size = mean / np.maximum(dispersion - 1.0, 1e-6)
        score[t] = -nbinom.logcdf(y[t], size, size / (size + mean))
    return score


def _foretold(past: Array, weeks: NDArray[np.intp], now: int) -> tuple[Array, Array]:
    """Mean and dispersion of week `now`: with the trend where it is to be kept, without it elsewhere."""
    plain, at_plain = design(weeks, now, trend=False)
    trend, at_trend = design(weeks, now, trend=True)
    without, with_trend = (_robust(past, x) for x in (plain, trend))
    slope, error = with_trend.coefficients[:, 1], np.sqrt(with_trend.covariance[:, 1, 1])
    sure = 2.0 * norm.sf(np.abs(slope) / np.maximum(error, 1e-12)) < _SIGNIFICANT
    leads = np.exp(with_trend.coefficients @ at_trend)
    kept = sure & (leads <= past.max(axis=0))
    mean = np.where(kept, leads, np.exp(without.coefficients @ at_plain))
    return mean, np.maximum(np.where(kept, with_trend.dispersion, without.dispersion), 1.0)


def design(weeks: NDArray[np.intp], now: int, *, trend: bool) -> tuple[Array, Array]:
    """Design matrix (weeks, columns) and the row of week `now`: level, trend, season by ten levels."""
    away = (now - weeks) % A_YEAR
    near = (away <= HALF_WINDOW) | (away >= A_YEAR - HALF_WINDOW)
    rest = A_YEAR - 2 * HALF_WINDOW - 1
    level = np.where(near, 0, 1 + (away - HALF_WINDOW - 1) * (LEVELS - 1) // rest)
    season = (level[:, None] == np.arange(1, LEVELS)).astype(np.float64)
    slope = [((weeks - now) / A_YEAR)[:, None]] if trend else []
    x = np.hstack([np.ones((len(weeks), 1)), *slope, season])
    at = np.zeros(x.shape[1])
    at[0] = 1.0
    return x, at


def _robust(y: Array, x: Array) -> Fit:
    first = fit(y, x, np.ones_like(y))
    dispersion = np.maximum(first.dispersion, 1.0)
    spread = np.sqrt(dispersion * np.maximum(1.0 - first.leverage, 1e-6))
    residual = 1.5 * (y ** (2 / 3) - first.mean ** (2 / 3)) / (first.mean ** (1 / 6) * spread)
    far = residual > _TOO_FAR
    weight = np.where(far, np.maximum(residual, _TOO_FAR) ** -2.0, 1.0)
    return fit(y, x, weight * len(y) / weight.sum(axis=0))


def fit(y: Array, x: Array, weight: Array) -> Fit:
    """Weighted quasi-Poisson regression with log link, by iteratively reweighted least squares."""
    n, p = x.shape
    squares = (x[:, :, None] * x[:, None, :]).reshape(n, -1)
    beta = np.zeros((y.shape[1], p))
    beta[:, 0] = np.log(np.maximum((weight * y).sum(axis=0) / weight.sum(axis=0), 0.1))
    inverse, mean = np.empty((y.shape[1], p, p)), np.empty_like(y)
    for _ in range(_STEPS):
        mean = np.exp(np.clip(x @ beta.T, -10.0, 20.0))
        information = weight * mean
        gram = (information.T @ squares).reshape(-1, p, p) + 1e-9 * np.eye(p)
        right = (information * (x @ beta.T + (y - mean) / mean)).T @ x
        inverse = np.linalg.inv(gram)
        beta = np.einsum("spq,sq->sp", inverse, right)
    mean = np.exp(np.clip(x @ beta.T, -10.0, 20.0))
    dispersion = (weight * (y - mean) ** 2 / mean).sum(axis=0) / (n - p)
    leverage = weight * mean * np.einsum("np,spq,nq->ns", x, inverse, x)
    return Fit(beta, mean, dispersion, inverse * np.maximum(dispersion, 1.0)[:, None, None], leverage)


def agrees_with_statsmodels(y: Array) -> float:
    """Largest relative difference of means and dispersion from statsmodels' own, on counts (weeks, series)."""
    # Only in the environment of `make bench-detection`.
    from statsmodels.genmod.families import Poisson  # noqa: PLC0415
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415

    weeks = np.arange(len(y) - NOT_YET)
    x, _ = design(weeks, len(y), trend=True)
    weight = np.random.default_rng(1).uniform(0.3, 1.0, (len(weeks), y.shape[1]))
    ours, worst = fit(y[weeks], x, weight), 0.0
    for s in range(y.shape[1]):
        model = GLM(y[weeks, s], x, family=Poisson(), var_weights=weight[:, s])
        theirs = model.fit(scale="X2")
        worst = max(
            worst,
            float(np.abs(ours.mean[:, s] / theirs.mu - 1.0).max()),
            float(abs(ours.dispersion[s] / theirs.scale - 1.0)),
        )
    return worst
