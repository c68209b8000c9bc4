"""Negative-binomial counts that are thinned: the likelihood ratio, its information, and the dispersion.

A count y ~ NB(mean μ, size k) has variance μ + μ²/k. When every person independently arrives with probability ρ,
what arrives is NB(ρμ, k): the size does not change. Everything else rests on that closure.
Sources: Höhle & Paul 2008 (eq. 5, `glrnb`); Lorden 1971 (theorem 3); Anscombe 1948 (eq. 3.8).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
POISSON = 1e6  # a size above which the counts are Poisson for every purpose here
_SMALLEST_SIZE = 1.0  # Anscombe's transform needs more than 3/4


def log_ratio(y: ArrayLike, mu: ArrayLike, k: ArrayLike, rho: ArrayLike) -> Array:
    """Return the log-likelihood ratio of "a share ρ arrives" against "all arrive", for counts y; shapes broadcast.

    ℓ_ρ(y) = y·ln[ρ(μ+k)/(ρμ+k)] + k·ln[(μ+k)/(ρμ+k)], in nats. With μ = 0 and y = 0 it is 0.
    """
    count, mean, size, share = (np.asarray(a, dtype=np.float64) for a in (y, mu, k, rho))
    both = np.log1p((1.0 - share) * mean / (share * mean + size))
    return np.asarray(count * (np.log(share) + both) + size * both)


def divergence(mu: ArrayLike, k: ArrayLike, rho: ArrayLike) -> Array:
    """Return Kullback–Leibler information of one count when a share ρ arrives: the mean of ℓ_ρ then, nats."""
    return log_ratio(np.asarray(rho, dtype=np.float64) * np.asarray(mu, dtype=np.float64), mu, k, rho)


def anscombe(y: ArrayLike, mu: ArrayLike, k: ArrayLike) -> Array:
    """Return residuals that are close to standard normal under NB(μ, k); shapes broadcast.

    Anscombe's transform, less the second-order bias −(2μ+k)/(8k·√(μ(μ+k))) of its mean.
    """
    count, mean, size = (np.asarray(a, dtype=np.float64) for a in (y, mu, k))
    scale = np.maximum(size, _SMALLEST_SIZE)
    seen, meant = (np.arcsinh(np.sqrt((a + 0.375) / (scale - 0.75))) for a in (count, mean))
    bias = (2.0 * mean + scale) / (8.0 * scale * np.sqrt((mean + 0.375) * (mean + scale)))
    return np.asarray(2.0 * np.sqrt(scale - 0.5) * (seen - meant + bias))


def robust_weights(residuals: Array) -> Array:
    """Return two-sided weights min(1, (2.58/|s|)²): a burst must not lift a baseline, nor a gap lower it."""
    return np.asarray(np.minimum(1.0, (2.58 / np.maximum(np.abs(residuals), 1e-12)) ** 2))


def moment_size(y: Array, mu: Array, weights: Array, parameters: int = 0) -> Array:
    """Return the size k by weighted moments, per column of (days, segments) arrays.

    Solves Σ w[(y−μ)²·n/(n−p) − μ − μ²/k] = 0, with n the sum of the weights and p the fitted parameters.
    Columns that vary no more than Poisson counts get `POISSON`.
    """
    n = weights.sum(axis=0)
    freedom = n / np.maximum(n - parameters, 1.0)
    excess = (weights * ((y - mu) ** 2 * freedom - mu)).sum(axis=0)
    square = (weights * mu**2).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(excess > 0.0, square / excess, POISSON)
    return np.asarray(np.clip(np.nan_to_num(size, nan=POISSON), _SMALLEST_SIZE, POISSON))
