"""The expected count of a part, given the rest of the whole: share, spread and the chance of fewer.

A category's count, conditional on the count of the segment it is a part of, is beta-binomial (Skellam 1948): its
share is as spread as it was between stretches of the baseline (moments after Kleinman 1973),
plus what the baseline leaves unknown of the share itself. A total is negative binomial around the baseline's mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ketenwacht.domain.result import Interval

from .negbin import Array

_DRIFT = 0.05**2
"""Squared relative drift of a share or total that is normal between the baseline and what is judged."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What was to be expected, each of shape (categories,).

    Attributes:
        expected: persons, as the rest of the segment implies them; of a total, its mean.
        p: chance of so few or fewer.
        least: chance of none at all: what the loss of everybody would give.
        quantile: what a share of the outcomes does not exceed, for one category by its index. It is computed when
            asked for: for all categories it costs more than the rest together.
    """

    expected: Array
    p: Array
    least: Array
    quantile: Callable[[float, int], float]

    def interval(self, i: int) -> Interval:
        """Return where 90 % of the outcomes of a category were to be expected."""
        return Interval(self.quantile(0.05, i), self.quantile(0.95, i))


def cut(counts: Array, stretch: int) -> Array:
    """Return sums over stretches of `stretch` deliveries, (stretches, categories); the oldest few may be left out.

    Args:
        counts: persons, shape (deliveries, categories), oldest first.
        stretch: deliveries in a stretch, at least 1.
    """
    number = len(counts) // stretch
    return np.asarray(counts[len(counts) - number * stretch :].reshape(number, stretch, -1).sum(axis=1))


def of_parts(x: Array, n: Array, seen: Array, of: Array) -> Fit:
    """Return categories as parts of their segments.

    Args:
        x: persons of each category, shape (categories,).
        n: persons of the segment that each is a part of, itself included.
        seen: persons of each category in stretches of the baseline, shape (stretches, categories).
        of: persons of their segments there, likewise.
    """
    from scipy.stats import betabinom

    share = (seen.sum(axis=0) + 0.5) / (of.sum(axis=0) + 1.0)
    binomial = of * share * (1.0 - share)
    extra, room = (seen - of * share) ** 2 - binomial, binomial * np.maximum(of - 1.0, 0.0)
    own = extra.sum(axis=0) / np.maximum(room.sum(axis=0), 1e-9)
    together = extra.sum() / max(float(room.sum()), 1e-9)
    # A category that happened to wander less than all together do is not trusted to be that steady.
    wander = np.maximum(np.maximum(own, together), _DRIFT * share / (1.0 - share))
    unknown = wander / len(seen) + 1.0 / np.maximum(of.sum(axis=0), 1.0)
    rho = np.clip(wander + unknown, 1e-9, 0.99)
    a, b = share * (1.0 / rho - 1.0), (1.0 - share) * (1.0 / rho - 1.0)
    rest = n - x
    expected = rest * share / (1.0 - share)
    whole = np.round(rest + expected)
    return Fit(
        expected,
        np.asarray(betabinom.cdf(x, n, a, b)),
        np.asarray(betabinom.cdf(0, rest, a, b)),
        lambda q, i: float(betabinom.ppf(q, whole[i], a[i], b[i])),
    )


def of_total(x: Array, stretches: float, seen: Array) -> Fit:
    """Return totals by themselves.

    Args:
        x: persons, shape (categories,).
        stretches: how many stretches of the baseline `x` was counted over.
        seen: persons in stretches of the baseline, shape (stretches, categories).
    """
    from scipy.stats import nbinom

    mean = seen.mean(axis=0)
    extra = ((seen - mean) ** 2 - mean).mean(axis=0) / np.maximum(mean**2, 1e-9)
    k = 1.0 / (np.maximum(extra, _DRIFT) * (1.0 + 1.0 / len(seen)))
    mu = np.maximum(mean * stretches, 1e-9)
    odds = k / (k + mu)
    return Fit(
        mu,
        np.asarray(nbinom.cdf(x, k, odds)),
        np.asarray(nbinom.cdf(0, k, odds)),
        lambda q, i: float(nbinom.ppf(q, k[i], odds[i])),
    )
