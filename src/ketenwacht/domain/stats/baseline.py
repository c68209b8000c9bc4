"""What a feed's counts normally are: a robust negative-binomial regression on the calendar, one a segment.

    ln μ = anchor offset + level + weekday + holiday + day after holiday + two annual harmonics

Fitted by ridge-penalised iteratively reweighted least squares, all segments at once; bursts and gaps are weighed
down on both sides by Anscombe residuals, and the size k follows by weighted moments. A level factor, robust and
with a half-life of a quarter year, follows slow drift up to the guard: the day at which learning stops.
Sources: Farrington et al. 1996 (reweighting); Noufaily et al. 2013; Lawless 1987 (negative-binomial regression).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from .negbin import POISSON, Array, anscombe, moment_size, robust_weights

HALF_LIFE_DAYS, LEAST_HALF_LIFE = 91.3, 26.0
"""After a quarter of a year a delivery weighs half in the level; but never after fewer deliveries than these."""
RIDGE = 1.0
_STEPS_A_PASS, _PASSES = 3, 5
_LEAST_MEAN = 1e-3
_FIRST_SIZE = 10.0


@dataclass(frozen=True, slots=True)
class Baseline:
    """A fitted baseline; JSON in and out without losing a bit.

    Attributes:
        first: first day of training.
        last: last day of training.
        harmonics: whether annual harmonics were fitted.
        coefficients: per segment, in the order of `columns`; shape (segments, columns).
        size: k of each segment.
        level: factor on top of the regression, of each segment.
        spread: relative standard error of the level, of each segment.
        days: deliveries that took part in the fit (sum of weights), of each segment.
    """

    first: date
    last: date
    harmonics: bool
    coefficients: tuple[tuple[float, ...], ...]
    size: tuple[float, ...]
    level: tuple[float, ...]
    spread: tuple[float, ...]
    days: tuple[float, ...]

    def shape(self, days: Sequence[date], holidays: Collection[date], offset: Array | None = None) -> Array:
        """The regression's mean without the level factor, shape (days, segments); `offset` likewise shaped."""
        x = matrix(days, holidays, harmonics=self.harmonics)
        eta = x @ np.array(self.coefficients).T
        return np.asarray(np.maximum(np.exp(eta if offset is None else eta + offset), _LEAST_MEAN))

    def predict(self, days: Sequence[date], holidays: Collection[date], offset: Array | None = None) -> Array:
        """Expected counts, shape (days, segments)."""
        return np.asarray(self.shape(days, holidays, offset) * np.array(self.level))

    def to_dict(self) -> dict[str, object]:
        """As JSON values; `from_dict` gives the same baseline back, bit for bit."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "harmonics": self.harmonics,
            "coefficients": [list(row) for row in self.coefficients],
            **{name: list(getattr(self, name)) for name in ("size", "level", "spread", "days")},
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, object]) -> Baseline:
        """Read back what `to_dict` wrote; raises KeyError or ValueError when it is something else."""
        numbers = {name: tuple(np.array(body[name], dtype=float).tolist()) for name in ("size", "level")}
        numbers |= {name: tuple(np.array(body[name], dtype=float).tolist()) for name in ("spread", "days")}
        table = np.array(body["coefficients"], dtype=float).tolist()
        return cls(
            date.fromisoformat(str(body["first"])),
            date.fromisoformat(str(body["last"])),
            bool(body["harmonics"]),
            tuple(tuple(row) for row in table),
            **numbers,
        )


def fit(
    days: Sequence[date],
    y: Array,
    weights: Array,
    holidays: Collection[date],
    offset: Array | None = None,
) -> Baseline:
    """Fit a baseline to counts.

    Args:
        days: dates of the deliveries, oldest first.
        y: counts, shape (days, segments); where the weight is 0 the count is never looked at (NaN is fine).
        weights: 0–1 a count, same shape; 0 for masked, empty and not yet trusted days.
        holidays: public holidays.
        offset: logarithm of an anchor (a reference, the rest of the feed), same shape; None: no anchor.

    Returns:
        The baseline, its level factor 1; call `with_level` to follow slow drift.
    """
    used = np.flatnonzero(weights.max(axis=1, initial=0.0) > 0.0)
    first, last = (days[used[0]], days[used[-1]]) if len(used) else (days[0], days[-1])
    long = (last - first).days >= HARMONICS_NEED_DAYS
    x = matrix(days, holidays, harmonics=long)
    base = np.zeros_like(y) if offset is None else offset
    count = np.where(weights > 0.0, y, 0.0)
    products = (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
    coefficients, size = _robust_fit(_Problem(x, products, count, base), weights)
    ones = (1.0,) * y.shape[1]
    return Baseline(
        first,
        last,
        long,
        tuple(tuple(row) for row in coefficients.tolist()),
        tuple(size.tolist()),
        ones,
        tuple(0.0 for _ in ones),
        tuple(weights.sum(axis=0).tolist()),
    )


@dataclass(frozen=True, slots=True)
class _Problem:
    """What a fit looks at: design (days, columns), its products by day, counts and offsets (days, segments)."""

    x: Array
    squares: Array
    y: Array
    offset: Array

    def mean(self, coefficients: Array) -> Array:
        return np.asarray(np.exp(np.clip(self.offset + self.x @ coefficients.T, -12.0, 20.0)))


def _robust_fit(problem: _Problem, weights: Array) -> tuple[Array, Array]:
    """Alternate penalised scoring, reweighting and the moment size; (segments, columns) and (segments,)."""
    x, y = problem.x, problem.y
    start = ((weights * y).sum(axis=0) + 0.5) / np.maximum((weights * np.exp(problem.offset)).sum(axis=0), 0.5)
    coefficients = np.zeros((y.shape[1], x.shape[1]))
    coefficients[:, 0] = np.log(start)
    size, robust = np.full(y.shape[1], _FIRST_SIZE), weights
    for _ in range(_PASSES):
        for _ in range(_STEPS_A_PASS):
            coefficients = _score(problem, robust, coefficients, size)
        mu = problem.mean(coefficients)
        # Squared: a burst's residual enters the moments squared too, and one week would halve k for years.
        size = moment_size(y, mu, weights * (robust / np.maximum(weights, 1e-12)) ** 2, x.shape[1])
        robust = weights * robust_weights(anscombe(y, mu, size))
    return coefficients, size


def _score(problem: _Problem, weights: Array, coefficients: Array, size: Array) -> Array:
    """One step of penalised Fisher scoring for every segment at once (log link, size held)."""
    x, mu = problem.x, problem.mean(coefficients)
    penalty = np.full(x.shape[1], RIDGE)
    penalty[0] = 1e-6  # the level itself is never shrunk
    information = weights * mu / (1.0 + mu / size)
    working = (x @ coefficients.T) + np.clip((problem.y - mu) / np.maximum(mu, _LEAST_MEAN), -5.0, 5.0)
    gram = (information.T @ problem.squares).reshape(len(size), x.shape[1], -1) + np.diag(penalty)
    right = (information * working).T @ x
    return np.asarray(np.linalg.solve(gram, right[:, :, None])[:, :, 0])


def half_life(days: Sequence[date]) -> float:
    """Deliveries after which one weighs half in the level, for the rhythm of these."""
    apart = (days[-1] - days[0]).days / max(len(days) - 1, 1)
    return max(HALF_LIFE_DAYS / max(apart, 1e-9), LEAST_HALF_LIFE)


def with_level(baseline: Baseline, y: Array, shape: Array, weights: Array, halved: float) -> Baseline:
    """The baseline with its level factor brought up to the guard.

    Args:
        baseline: the fitted baseline.
        y: counts, shape (days, segments), oldest first.
        shape: the regression's mean of the same days (`Baseline.shape`).
        weights: 0–1, same shape; 0 beyond each segment's guard and on masked days.
        halved: trusted deliveries after which one weighs half.
    """
    size, level = np.array(baseline.size), np.array(baseline.level)
    count = np.where(weights > 0.0, y, 0.0)
    trusted = weights > 0.0
    # Age in trusted deliveries, so that a long mask does not make the level forget.
    age = np.cumsum(trusted[::-1], axis=0)[::-1] - 1
    recent = np.where(trusted, weights * 0.5 ** (age / halved), 0.0)
    level = _ratio(count, shape, recent)
    for _ in range(2):
        robust = recent * robust_weights(anscombe(count, level * shape, size))
        level = _ratio(count, shape, robust)
    mass = np.maximum((recent * shape).sum(axis=0), 1e-9)
    noise = (recent**2 * (shape / level + shape**2 / np.minimum(size, POISSON))).sum(axis=0)
    return replace(baseline, level=tuple(level.tolist()), spread=tuple((np.sqrt(noise) / mass).tolist()))


def _ratio(y: Array, shape: Array, weights: Array) -> Array:
    """Σwy / Σwμ a segment, drawn towards 1 by the weight of two persons."""
    return np.asarray(((weights * y).sum(axis=0) + 2.0) / ((weights * shape).sum(axis=0) + 2.0))


# The columns of the design matrix: what the calendar says about a day.


YEAR = 365.25
_SATURDAY = 5
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HARMONICS = ("sin 1", "cos 1", "sin 2", "cos 2")
HARMONICS_NEED_DAYS = 548  # a year and a half: less would take one swing for a season


def columns(*, harmonics: bool) -> tuple[str, ...]:
    """Names of the columns of `matrix`, in order; the first is the level."""
    season = _HARMONICS if harmonics else ()
    return ("level", *_WEEKDAYS, "holiday", "day after holiday", *season)


def matrix(
    days: Sequence[date],
    holidays: Collection[date],
    *,
    harmonics: bool,
) -> Array:
    """The design matrix, shape (days, columns).

    Args:
        days: the dates of the deliveries.
        holidays: public holidays; a day after one is told apart, since a backlog arrives on it. One that falls on
            a weekend changes nothing: whoever rests on it rested already.
        harmonics: whether two annual harmonics take part.
    """
    ordinal = np.array([d.toordinal() for d in days], dtype=np.float64)
    parts = [np.ones(len(days))]
    weekday = np.array([d.weekday() for d in days])
    parts += [(weekday == i).astype(np.float64) for i in range(7)]
    free = {d for d in holidays if d.weekday() < _SATURDAY}
    parts.append(np.array([float(d in free) for d in days]))
    parts.append(np.array([float(d not in free and d - timedelta(days=1) in free) for d in days]))
    if harmonics:
        angle = 2.0 * np.pi * ordinal / YEAR
        parts += [np.sin(angle), np.cos(angle), np.sin(2.0 * angle), np.cos(2.0 * angle)]
    return np.column_stack(parts)
