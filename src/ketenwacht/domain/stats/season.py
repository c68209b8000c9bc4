"""What a count is by the calendar: weekdays, holidays, the year, and weeks that recur; one regression a segment.

    ln μ = anchor offset + level of the stretch + weekday + holiday + day after + declared periods + harmonics

The level is no part of the fitted calendar: `follow` estimates it. Each stretch between two changes of level has
one of its own, and a straight trend is fitted beside them and then left out, so that neither a policy nor growth
bends the season. Bursts and gaps are weighed down on both sides by Anscombe residuals; k is by weighted moments
that are *not* robust, since heavy tails are the largest source of false alarms.
Sources: Farrington et al. 1996 (reweighting); Noufaily et al. 2013; Lawless 1987 (negative-binomial regression).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from .negbin import POISSON, Array, anscombe, robust_weights

YEAR = 365.25
HARMONICS_FROM, MORE_FROM = 548.0, 1000.0
"""Days of history for two annual harmonics, and for four: less would take one swing for a season."""
_WEEKS_FROM = 720.0  # days until a week of the year has been seen twice
_DAILY = 3.0  # days between two deliveries, up to which weekdays and holidays mean something
_SATURDAY = 5
_RIDGE, _TREND_RIDGE, _LEAST_MEAN, _FIRST_SIZE, _LEAST_SIZE, _GUESSED = 1.0, 0.05, 1e-3, 10.0, 0.2, 4.0
_STEPS, _PASSES = 2, 4
_WEEK_PRIOR = 0.08  # sd of what a week of the year does beside the harmonics
_ORDINARY = 20.0  # squared Pearson residuals count up to this in the moments of k


@dataclass(frozen=True, slots=True)
class CalendarTerms:
    """What is known of days: public holidays, and declared periods that recur (school holidays)."""

    holidays: Collection[date] = frozenset()
    periods: tuple[Collection[date], ...] = ()


@dataclass(frozen=True, slots=True)
class SeasonTerms:
    """Which columns a fit has."""

    daily: bool
    harmonics: int
    periods: int

    def matrix(self, days: Sequence[date], calendar: CalendarTerms) -> Array:
        """Return the design matrix without the trend, (days, columns); the first column is the level."""
        parts = [np.ones(len(days))]
        if self.daily:
            weekday = np.array([d.weekday() for d in days])
            parts += [(weekday == i).astype(np.float64) for i in range(7)]
            free = {d for d in calendar.holidays if d.weekday() < _SATURDAY}
            parts.append(np.array([float(d in free) for d in days]))
            parts.append(np.array([float(d not in free and d - timedelta(days=1) in free) for d in days]))
        parts += [np.array([float(d in p) for d in days]) for p in calendar.periods[: self.periods]]
        angle = 2.0 * np.pi * np.array([d.toordinal() for d in days]) / YEAR
        for n in range(1, self.harmonics + 1):
            parts += [np.sin(n * angle), np.cos(n * angle)]
        return np.column_stack(parts)


@dataclass(frozen=True, slots=True)
class Season:
    """A fitted calendar.

    Attributes:
        terms: its columns.
        coefficients: (segments, columns).
        weeks: log effect of each week of the year beside them, (segments, 53).
        size: k of each segment.
    """

    terms: SeasonTerms
    coefficients: Array
    weeks: Array
    size: Array

    def mean(self, days: Sequence[date], calendar: CalendarTerms, offset: Array | None = None) -> Array:
        """Return the mean at level 1, (days, segments)."""
        eta = self.terms.matrix(days, calendar) @ self.coefficients.T
        if self.weeks.any():
            eta = eta + self.weeks[:, week_of(days)].T
        return np.asarray(np.maximum(np.exp(eta if offset is None else eta + offset), _LEAST_MEAN))


def week_of(days: Sequence[date]) -> NDArray[np.intp]:
    """Return week of the year by the day of the year, 0–52: the same days every year, unlike ISO weeks."""
    return np.array([min((d.timetuple().tm_yday - 1) // 7, 52) for d in days], dtype=np.intp)


@dataclass(frozen=True, slots=True)
class _SeasonFit:
    x: Array
    squares: Array
    y: Array

    def mean(self, coefficients: Array, offset: Array) -> Array:
        return np.asarray(np.exp(np.clip(offset + self.x @ coefficients.T, -12.0, 20.0)))


def fit(  # noqa: PLR0913, PLR0917 - counts, how far they are trusted, and what is known of their days
    days: Sequence[date],
    y: Array,
    weights: Array,
    calendar: CalendarTerms,
    stretch: NDArray[np.intp],
    offset: Array | None = None,
) -> Season:
    """Fit the calendar to counts.

    Args:
        days: dates of the deliveries, oldest first.
        y: counts, (days, segments); not looked at where the weight is 0.
        weights: 0–1 a count, same shape.
        calendar: what is known of days.
        stretch: number of the stretch of level that each count belongs to, same shape.
        offset: logarithm of an anchor, same shape; None: no anchor.
    """
    used = np.flatnonzero(weights.max(axis=1, initial=0.0) > 0.0)
    first, last = (days[used[0]], days[used[-1]]) if len(used) else (days[0], days[-1])
    span, gap = (last - first).days, (days[-1] - days[0]).days / max(len(days) - 1, 1)
    harmonics = (4 if span >= MORE_FROM else 2) if span >= HARMONICS_FROM else 0
    if gap > _DAILY:
        harmonics = min(harmonics, 2 if gap < 2.0 * _DAILY * _SATURDAY else 1)
    terms = SeasonTerms(gap <= _DAILY, harmonics, len(calendar.periods))
    x = terms.matrix(days, calendar)
    years = np.array([d.toordinal() for d in days], dtype=np.float64)
    years = (years - years.mean()) / YEAR
    wide = np.column_stack([x, years])
    penalty = np.full(wide.shape[1], _RIDGE)
    penalty[0], penalty[-1] = 1e-6, _TREND_RIDGE
    count = np.where(weights > 0.0, y, 0.0)
    problem = _SeasonFit(wide, (wide[:, :, None] * wide[:, None, :]).reshape(len(wide), -1), count)
    coefficients, mu, size = _robust_fit(problem, weights, penalty, stretch, offset)
    weeks = np.zeros((y.shape[1], 53))
    if span >= _WEEKS_FROM and terms.harmonics:
        weeks = _fit_recurring_weeks(days, count, mu, weights, size)
    # Rounded, so that the stored state is small and reproducible.
    return Season(terms, np.round(coefficients[:, :-1], 6), np.round(weeks, 4), np.round(size, 4))


def _robust_fit(
    problem: _SeasonFit, weights: Array, penalty: Array, stretch: NDArray[np.intp], offset: Array | None
) -> tuple[Array, Array, Array]:
    """Alternate penalised scoring, the level of each stretch, reweighting, and the moment size."""
    y, segments = problem.y, problem.y.shape[1]
    base = np.zeros_like(y) if offset is None else offset.copy()
    coefficients = np.zeros((segments, problem.x.shape[1]))
    start = ((weights * y).sum(axis=0) + 0.5) / np.maximum((weights * np.exp(base)).sum(axis=0), 0.5)
    coefficients[:, 0] = np.log(start)
    size, robust = np.full(segments, _FIRST_SIZE), weights
    pieces = int(stretch.max(initial=0)) + 1
    for _ in range(_PASSES):
        for _ in range(_STEPS):
            coefficients = _score(problem, robust, coefficients, size, base, penalty)
        mu = problem.mean(coefficients, base)
        if pieces > 1:
            for p in range(pieces):
                own = robust * (stretch == p)
                step = np.log(((own * y).sum(axis=0) + 2.0) / ((own * mu).sum(axis=0) + 2.0))
                base = np.where(stretch == p, base + step, base)
            mu = problem.mean(coefficients, base)
        robust = weights * robust_weights(anscombe(y, mu, np.maximum(size, 1.0)))
        size = moments(y, mu, weights, problem.x.shape[1])
    return coefficients, mu, size


def moments(y: Array, mu: Array, weights: Array, parameters: int) -> Array:
    """Return size k by weighted moments, (segments,).

    One strange count is held to `_ORDINARY` squared deviations.
    """
    n = weights.sum(axis=0)
    freedom = n / np.maximum(n - parameters, 1.0)
    square, size = (weights * mu**2).sum(axis=0), np.full(y.shape[1], _FIRST_SIZE)
    for _ in range(3):
        far = _ORDINARY * (mu + mu**2 / size)
        excess = (weights * (np.minimum((y - mu) ** 2, far) * freedom - mu)).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            size = np.where(excess > 0.0, square / excess, POISSON)
        size = np.clip(np.nan_to_num(size, nan=POISSON), _LEAST_SIZE, POISSON)
    # Shrunk to a first guess, which counts for a few deliveries: few counts always look alike.
    return np.asarray((_GUESSED + n) / (_GUESSED / _FIRST_SIZE + n / size))


def _score(  # noqa: PLR0913, PLR0917 - a fit under way
    problem: _SeasonFit, weights: Array, coefficients: Array, size: Array, offset: Array, penalty: Array
) -> Array:
    """Compute one step of penalised Fisher scoring for every segment at once (log link, size held)."""
    x, mu = problem.x, problem.mean(coefficients, offset)
    information = weights * mu / (1.0 + mu / size)
    working = (x @ coefficients.T) + np.clip((problem.y - mu) / np.maximum(mu, _LEAST_MEAN), -5.0, 5.0)
    gram = (information.T @ problem.squares).reshape(len(size), x.shape[1], -1) + np.diag(penalty)
    right = (information * working).T @ x
    return np.asarray(np.linalg.solve(gram, right[:, :, None])[:, :, 0])


def _fit_recurring_weeks(days: Sequence[date], y: Array, mu: Array, weights: Array, size: Array) -> Array:
    """Fit the log effect of weeks of the year that the fit misses alike in every year, (segments, 53).

    Each year's residual of a week is taken against the weeks around it, shrunk by what chance would do, and the
    least of two years (the middle of three) counts, and only where all agree in sign: a recurring New Year is
    learnt, one strange week is not.
    """
    ordinal = np.array([d.toordinal() for d in days])
    year = (ordinal[-1] - ordinal) // 365
    week = week_of(days)
    cell = (year * 53 + week).astype(np.intp)
    years = int(year.max()) + 1
    total, meant, noise = (np.zeros((years * 53, y.shape[1])) for _ in range(3))
    variance = mu + mu**2 / size
    for target, values in ((total, weights * y), (meant, weights * mu), (noise, weights * variance)):
        np.add.at(target, cell, values)
    seen = meant > 1.0
    log = np.where(seen, np.log((total + 0.5) / np.maximum(meant, 0.5)), 0.0)
    own = np.where(seen, noise / np.maximum(meant, 1.0) ** 2, np.inf)
    log, own = (a.reshape(years, 53, -1) for a in (log, own))
    # A week's own, against the quarter around it in time: a walking level is no recurring week.
    line = log[::-1].reshape(years * 53, -1)
    around = np.stack([np.roll(line, s, axis=0) for s in range(-6, 7) if abs(s) > 1])
    log = (line - np.median(around, axis=0)).reshape(years, 53, -1)[::-1]
    shrunk = log * _WEEK_PRIOR**2 / (_WEEK_PRIOR**2 + own)
    known = np.isfinite(own)
    sign = np.sign(np.where(known, shrunk, 0.0)).sum(axis=0)
    count = known.sum(axis=0)
    agree = (np.abs(sign) == count) & (count > 1)
    size_of = np.where(known, np.abs(shrunk), np.inf)
    least = np.sort(size_of, axis=0)
    middle = np.where(count > 2, least[min(1, years - 1)], least[0])  # noqa: PLR2004 - of three years
    return np.asarray(np.where(agree, np.sign(sign) * np.where(np.isfinite(middle), middle, 0.0), 0.0).T)


# The level beside the calendar: several ways to follow it, of which the feed's own forecast errors choose one.
#
# A level that walks asks for a short memory, a steady one for a long one, a growing one for a trend. All are
# robust ratios Σwy / Σwμ with weights that halve every so many days.
# Sources: Holt 1957; Gardner & McKenzie 1985 (a trend is damped: it is carried on for a quarter of a year only).


HALVED = (91.3, 30.0, 270.0, 135.0)
"""Days after which a delivery weighs half, by candidate: first the default, last the one with a trend."""
TREND = 3
_LEAST_HALVED = (8.0, 4.0, 12.0, 10.0)  # deliveries
_STEEPEST = (-0.035 / 30.4, 0.05 / 30.4)  # a day; a steeper fall is not followed, for it may be a creeping loss
_FLAT = 0.02 / 30.4  # prior sd of the trend, a day
CARRIED = 84.0
"""Days over which a trend is carried on."""


@dataclass(frozen=True, slots=True)
class Levels:
    """The level of each segment as each candidate has it, at one day.

    Attributes:
        day: ordinal that the trend counts from: the last day learnt from, (segments,).
        level: (candidates, segments).
        slope: of the log level a day, of the trend's candidate, (segments,).
        error: relative standard error, (candidates, segments).
    """

    day: Array
    level: Array
    slope: Array
    error: Array

    def at(self, day: float) -> Array:
        """Return the factor on a day, (candidates, segments)."""
        found = self.level.copy()
        found[TREND] *= np.exp(self.slope * np.clip(day - self.day, 0.0, CARRIED))
        return found


def follow(ordinal: NDArray[np.float64], y: Array, mu: Array, weights: Array, size: Array) -> Levels:
    """Return the level at the last of these days.

    Args:
        ordinal: day of each delivery, oldest first.
        y: counts, (days, segments).
        mu: the calendar's mean, same shape.
        weights: 0–1, same shape; 0 where nothing is learnt from.
        size: k, (segments,).
    """
    count = np.where(weights > 0.0, y, 0.0)
    # Age in trusted time: a long mask must not make the level forget.
    trusted = weights > 0.0
    now = np.where(trusted, ordinal[:, None], ordinal[0]).max(axis=0)
    gap = max((ordinal[-1] - ordinal[0]) / max(len(ordinal) - 1, 1), 1e-9)
    age = (np.cumsum(trusted[::-1], axis=0)[::-1] - 1) * gap
    found, error = [], []
    for which, halved in enumerate(HALVED):
        recent = np.where(trusted, weights * 0.5 ** (age / max(halved, _LEAST_HALVED[which] * gap)), 0.0)
        level = _ratio(count, mu, recent)
        if which != TREND:
            for _ in range(2):
                robust = recent * robust_weights(anscombe(count, level * mu, np.maximum(size, 1.0)))
                level = _ratio(count, mu, robust)
        mass = np.maximum((recent * mu).sum(axis=0), 1e-9)
        noise = (recent**2 * (mu / np.maximum(level, 1e-9) + mu**2 / size)).sum(axis=0)
        error.append(np.where(mass > 1.0, np.sqrt(noise) / mass, 9.0))
        found.append(level)
    recent = np.where(trusted, weights * 0.5 ** (age / max(HALVED[TREND], _LEAST_HALVED[TREND] * gap)), 0.0)
    found[TREND], slope = _trend(ordinal[:, None] - now, count, mu, recent, found[TREND], size)
    return Levels(now, np.stack(found), slope, np.stack(error))


def _trend(  # noqa: PLR0913, PLR0917 - counts, and what is known of them
    ago: Array, y: Array, mu: Array, weights: Array, level: Array, size: Array
) -> tuple[Array, Array]:
    """Return the level at 0 and slope of the log level, by penalised scoring; both (segments,)."""
    a, b = np.log(level), np.zeros_like(level)
    t = ago
    for _ in range(4):
        m = mu * np.exp(np.clip(a + b * t, -12.0, 12.0))
        robust = weights * robust_weights(anscombe(y, m, np.maximum(size, 1.0)))
        info, gain = robust * m / (1.0 + m / size), robust * np.clip(y - m, -5.0 * m, 5.0 * m) / (1.0 + m / size)
        s0, s1, s2 = info.sum(axis=0) + 1e-6, (info * t).sum(axis=0), (info * t**2).sum(axis=0) + _FLAT**-2.0
        g0, g1 = gain.sum(axis=0), (gain * t).sum(axis=0) - b * _FLAT**-2.0
        det = np.maximum(s0 * s2 - s1**2, 1e-9)
        a = a + np.clip((s2 * g0 - s1 * g1) / det, -1.0, 1.0)
        b = b + (s0 * g1 - s1 * g0) / det
        steep = np.clip(b, *_STEEPEST)
        centre = s1 / s0
        a, b = a + (b - steep) * centre, steep
    return np.exp(np.clip(a, -12.0, 12.0)), b


def _ratio(y: Array, mu: Array, weights: Array) -> Array:
    """Return Σwy / Σwμ a segment, drawn towards 1 by the weight of two persons."""
    return np.asarray(((weights * y).sum(axis=0) + 2.0) / ((weights * mu).sum(axis=0) + 2.0))
