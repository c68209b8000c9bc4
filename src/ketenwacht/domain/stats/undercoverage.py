"""How many persons no list holds: dual- and multiple-system estimation from how lists overlap.

Two lists: Chapman's estimator (Chapman 1951; Chandrasekaran and Deming 1949). Three or more: Poisson log-linear
models of the capture histories (Fienberg 1972; Zwane and van der Heijden 2007), all subsets of the interactions
of two lists, averaged by AIC (Burnham and Anderson 2002), since lists that depend on each other bias any single
choice. Missed links make one person look like several: the expected capture histories are a linear function of
the true ones, which is inverted (Ding and Fienberg 1994, for any number of lists). Intervals are those of Chao
(1987) for the persons unseen: log-normal, so that they never go below nobody.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .negbin import Array

CaptureHistory = tuple[bool, ...]
"""In which of the lists a person is, in the order of the lists; never in none of them."""

LEAST_OVERLAP = 10
"""Persons that each two lists must share; with fewer, nothing is said."""
MOST_LISTS = 5
WIDEST = 3.0
"""An interval of the unseen wider than this, in units of the estimate and of ten persons, says nothing."""
_Z90 = 1.6448536269514722
_STEPS = 60


@dataclass(frozen=True, slots=True)
class Undercoverage:
    """How many persons no list holds, in one segment; persons, unrounded.

    Attributes:
        seen: persons in at least one list, after correction for missed links.
        unseen: estimate of those in no list.
        low: lower end of the 90 % interval of `unseen`.
        high: upper end.
    """

    seen: float
    unseen: float
    low: float
    high: float

    @property
    def total(self) -> float:
        """Everybody, seen or not."""
        return self.seen + self.unseen


def estimate_unseen(
    counts: Mapping[CaptureHistory, float], *, linkage_error: float = 0.0, linkage_spread: float = 0.3
) -> Undercoverage | None:
    """Return how many persons no list holds; None: the lists overlap too little to say anything.

    Args:
        counts: capture history → persons; histories of the same length, 2 to `MOST_LISTS`.
        linkage_error: fraction of the true links between two lists that are missed, 0–0.2.
        linkage_spread: relative standard deviation of `linkage_error`.

    Raises:
        ValueError: the histories are of different lengths, of one list or too many, or the error is out of range.
    """
    lists = _lists_of(counts)
    if not 0.0 <= linkage_error <= 0.2:  # noqa: PLR2004 - more is no link at all
        raise ValueError("a linkage error lies between 0 and 0.2")
    histories = [one for one in itertools.product((True, False), repeat=lists) if any(one)]
    observed = np.array([max(0.0, float(counts.get(one, 0.0))) for one in histories])
    if not _overlaps(observed, histories):
        return None
    true = correct_links(observed, histories, linkage_error)
    unseen, variance = _estimate(true, histories)
    if linkage_error > 0.0:
        step = linkage_error * linkage_spread
        above, _ = _estimate(correct_links(observed, histories, linkage_error + step), histories)
        below, _ = _estimate(correct_links(observed, histories, max(0.0, linkage_error - step)), histories)
        variance += ((above - below) / 2.0) ** 2
        variance += _links_by_chance(observed, histories, linkage_error)
    low, high = interval(unseen, variance)
    if high - low > WIDEST * max(unseen, 10.0):
        return None
    return Undercoverage(float(true.sum()), unseen, low, high)


def interval(unseen: float, variance: float) -> tuple[float, float]:
    """Return the 90 % interval of the unseen (Chao 1987); (0, …) where the estimate is below half a person."""
    if unseen < 0.5:  # noqa: PLR2004 - nobody
        return 0.0, unseen + _Z90 * math.sqrt(variance)
    spread = math.exp(_Z90 * math.sqrt(math.log1p(variance / unseen**2)))
    return unseen / spread, unseen * spread


def add_up(parts: Sequence[Undercoverage]) -> Undercoverage:
    """Return segments together; their estimates are independent."""
    seen, unseen = sum(one.seen for one in parts), sum(one.unseen for one in parts)
    logs = [math.log(max(one.high, 0.5) / max(one.low, 0.25)) / (2.0 * _Z90) for one in parts]
    variance = sum((one.unseen * math.sqrt(math.expm1(log**2))) ** 2 for one, log in zip(parts, logs, strict=True))
    return Undercoverage(seen, unseen, *interval(unseen, variance))


def correct_links(observed: Array, histories: Sequence[CaptureHistory], linkage_error: float) -> Array:
    """Return the histories as they would be without missed links; never below 0.

    A record loses its link with the same chance in every list, so that two lists miss `linkage_error` of theirs.
    """
    if linkage_error == 0.0:
        return observed
    true = np.linalg.solve(_links(histories, 1.0 - math.sqrt(1.0 - linkage_error)), observed)
    corrected: Array = np.maximum(true, 0.0)
    return corrected


def _links(histories: Sequence[CaptureHistory], lost: float) -> Array:
    """Return the expected observed histories (rows) of a person of each true history (columns)."""
    place = {one: i for i, one in enumerate(histories)}
    matrix = np.zeros((len(histories), len(histories)))
    for column, true in enumerate(histories):
        members = [i for i, inside in enumerate(true) if inside]
        if len(members) == 1:
            matrix[column, column] = 1.0
            continue
        for kept in itertools.product((True, False), repeat=len(members)):
            chance = math.prod(1.0 - lost if one else lost for one in kept)
            linked = {member for member, one in zip(members, kept, strict=True) if one}
            if linked:
                matrix[place[tuple(i in linked for i in range(len(true)))], column] += chance
            for member in set(members) - linked:
                matrix[place[tuple(i == member for i in range(len(true)))], column] += chance
    return matrix


def _links_by_chance(observed: Array, histories: Sequence[CaptureHistory], linkage_error: float) -> float:
    """Return the variance that missed links add by chance: each moves a person from the overlap."""
    several = float(sum(n for n, one in zip(observed, histories, strict=True) if sum(one) > 1))
    missed = linkage_error * several
    if missed <= 0.0:
        return 0.0
    moved = linkage_error * (1.0 + 1.0 / math.sqrt(missed))
    one, _ = _estimate(correct_links(observed, histories, min(0.3, moved)), histories)
    base, _ = _estimate(correct_links(observed, histories, linkage_error), histories)
    return (one - base) ** 2


def _lists_of(counts: Mapping[CaptureHistory, float]) -> int:
    lengths = {len(one) for one in counts}
    if len(lengths) != 1 or not 2 <= min(lengths) <= MOST_LISTS:  # noqa: PLR2004 - two at least
        raise ValueError(f"capture histories are of 2 to {MOST_LISTS} lists, all of the same number")
    return lengths.pop()


def _overlaps(observed: Array, histories: Sequence[CaptureHistory]) -> bool:
    """Return whether every two lists share enough persons."""
    for one, other in itertools.combinations(range(len(histories[0])), 2):
        shared = sum(n for n, history in zip(observed, histories, strict=True) if history[one] and history[other])
        if shared < LEAST_OVERLAP:
            return False
    return True


def _estimate(counts: Array, histories: Sequence[CaptureHistory]) -> tuple[float, float]:
    """Return the unseen and their variance, the chance of the persons themselves included."""
    return chapman(counts, histories) if len(histories[0]) == 2 else average_estimates(counts, histories)  # noqa: PLR2004


def chapman(counts: Array, histories: Sequence[CaptureHistory]) -> tuple[float, float]:
    """Return the unseen of two lists and their variance (Chapman 1951; Seber 1982, equation 3.2)."""
    of = {one: float(n) for one, n in zip(histories, counts, strict=True)}
    both, first, second = of[True, True], of[True, False], of[False, True]
    unseen = first * second / (both + 1.0)
    left, right = first + both, second + both
    return unseen, (left + 1.0) * (right + 1.0) * first * second / ((both + 1.0) ** 2 * (both + 2.0))


def average_estimates(counts: Array, histories: Sequence[CaptureHistory]) -> tuple[float, float]:
    """Return the unseen of three lists or more and their variance, averaged over log-linear models by AIC."""
    lists = len(histories[0])
    pairs = list(itertools.combinations(range(lists), 2))
    models = [chosen for size in range(len(pairs) + 1) for chosen in itertools.combinations(pairs, size)]
    if lists > 3:  # noqa: PLR2004 - 2^6 models and more: those of at most three interactions
        models = [one for one in models if len(one) <= 3]  # noqa: PLR2004
    fits = [fit for one in models if (fit := _fit(counts + 0.5 / len(counts), histories, one)) is not None]
    if not fits:
        return 0.0, 0.0
    best = min(aic for aic, _, _ in fits)
    weights = np.array([math.exp(-0.5 * (aic - best)) for aic, _, _ in fits])
    weights /= weights.sum()
    logs = np.array([log for _, log, _ in fits])
    mean = float(weights @ logs)
    # The variance of an averaged estimate: Burnham and Anderson 2002, equation 4.9.
    deviations = np.sqrt(np.array([variance for *_, variance in fits]) + (logs - mean) ** 2)
    spread = float(weights @ deviations) ** 2
    unseen = math.exp(mean)
    return unseen, unseen**2 * math.expm1(min(spread, 4.0)) + unseen


def _fit(
    counts: Array, histories: Sequence[CaptureHistory], pairs: Sequence[tuple[int, int]]
) -> tuple[float, float, float] | None:
    """Return AIC, log of the unseen and its variance of one Poisson log-linear model; None: no fit."""
    design = np.array(
        [[1.0, *map(float, one), *(float(one[a] and one[b]) for a, b in pairs)] for one in histories]
    )
    if design.shape[1] > len(counts):
        return None
    fitted = counts + 0.1
    for _ in range(_STEPS):
        eta = np.log(fitted)
        work = eta + (counts - fitted) / fitted
        weighted = design * fitted[:, None]
        try:
            beta = np.linalg.solve(design.T @ weighted, weighted.T @ work)
        except np.linalg.LinAlgError:
            return None
        new = np.exp(np.clip(design @ beta, -30.0, 30.0))
        done = float(np.max(np.abs(new - fitted) / (fitted + 1.0))) < 1e-8  # noqa: PLR2004
        fitted = new
        if done:
            break
    try:
        covariance = np.linalg.inv(design.T @ (design * fitted[:, None]))
    except np.linalg.LinAlgError:
        return None
    log_likelihood = float(np.sum(counts * np.log(fitted) - fitted))
    return 2.0 * design.shape[1] - 2.0 * log_likelihood, float(beta[0]), float(covariance[0, 0])
