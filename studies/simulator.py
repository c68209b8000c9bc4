"""Count series under the assumptions of the figures in docs/detection.md; truth known, seeds given.

A feed of three segments with 75, 28 and 3 persons a business day (2,300 a month). Counts are negative binomial
with size k around weekday × season × holiday × level; the level is a random walk with rare lasting shifts.
Most persons are delivered on the next delivery, 8 % later (exponential, mean five deliveries); twice a
year the feed is empty for one or two deliveries and the next one makes it good.
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MEANS = np.array([75.0, 28.0, 3.0])
ASYLUM, FAMILY, OTHER = 0, 1, 2
A_YEAR = 261.0
LATE, LATE_MEAN, LONGEST = 0.08, 5.0, 30
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Drift:
    """How restless a feed is.

    Attributes:
        k: size of the daily counts.
        walk: standard deviation of a week's step of the log level.
        shifts: lasting shifts a segment and year, of ±20 %.
    """

    k: float
    walk: float
    shifts: float


DRIFTS = {"mild": Drift(24.0, 0.006, 0.0), "base": Drift(12.0, 0.012, 1 / 9), "strong": Drift(8.0, 0.024, 1 / 3)}


@dataclass(frozen=True, slots=True)
class Feed:
    """A simulated feed, many runs side by side.

    Attributes:
        days: business days.
        holidays: among them.
        decided: persons decided a day, (days, 3, runs).
        mean: what was expected of a day, level included, same shape.
    """

    days: tuple[date, ...]
    holidays: frozenset[date]
    decided: Array
    mean: Array


def business_days(count: int, first: date = date(2018, 1, 1)) -> tuple[date, ...]:
    """The first `count` weekdays from `first`."""
    found, day = [], first
    while len(found) < count:
        if day.weekday() < SATURDAY:
            found.append(day)
        day += timedelta(days=1)
    return tuple(found)


def calendar_of(days: tuple[date, ...], holidays: frozenset[date]) -> Array:
    """What would be decided on each day if no level ever moved, (days, 3)."""
    angle = 2 * np.pi * np.array([d.toordinal() for d in days]) / 365.25
    calendar = np.exp(0.07 * np.sin(angle) + np.array([(0.1, 0.03, 0.0, -0.02, -0.11)[d.weekday()] for d in days]))
    calendar *= np.array([0.4 if d in holidays else 1.0 for d in days])
    return np.asarray(calendar[:, None] * MEANS)


def make(drift: Drift, count: int, runs: int, rng: np.random.Generator) -> Feed:
    """Draw decisions of `runs` feeds over `count` business days."""
    days = business_days(count)
    holidays = frozenset(d for d in days if (d.month, d.day) in {(1, 1), (4, 27), (12, 25), (12, 26)})
    shape = (count, len(MEANS), runs)
    walk = np.cumsum(rng.normal(0.0, drift.walk / np.sqrt(5), shape), axis=0)
    jump = np.where(rng.random(shape) < drift.shifts / A_YEAR, np.log(rng.choice([0.8, 1.2], shape)), 0.0)
    mean = calendar_of(days, holidays)[:, :, None] * np.exp(walk + np.cumsum(jump, axis=0))
    decided = rng.poisson(rng.gamma(drift.k, mean / drift.k)).astype(np.float64)
    return Feed(days, holidays, decided, mean)


def delivered(sent: Array, rng: np.random.Generator, *, outages_a_year: float = 2.0) -> Array:
    """What arrives on each delivery, from what is sent of each day: late persons, outages and their backfill."""
    count, _, runs = sent.shape
    late = rng.binomial(sent.astype(np.int64), LATE)
    arrived = sent - late
    chance = np.diff(np.concatenate([-np.expm1(-np.arange(LONGEST) / LATE_MEAN), [1.0]]))
    for lag, part in enumerate(np.moveaxis(rng.multinomial(late, chance), -1, 0), start=1):
        arrived[lag:] += part[:-lag]
    for run in range(runs):
        for start in np.flatnonzero(rng.random(count - 3) < outages_a_year / A_YEAR):
            back = start + int(rng.integers(1, 3))
            arrived[back, :, run] += arrived[start:back, :, run].sum(axis=0)
            arrived[start:back, :, run] = 0.0
    return arrived


def reported(sent: Array, rng: np.random.Generator, *, outages_a_year: float = 2.0) -> Array:
    """What arrives, by how many deliveries it took, (lags, days, segments, runs); its sum is as `delivered`."""
    count, _, runs = sent.shape
    late = rng.binomial(sent.astype(np.int64), LATE)
    cells = np.zeros((LONGEST + 4, *sent.shape))
    cells[0] = sent - late
    chance = np.diff(np.concatenate([-np.expm1(-np.arange(LONGEST) / LATE_MEAN), [1.0]]))
    for lag, part in enumerate(np.moveaxis(rng.multinomial(late, chance), -1, 0), start=1):
        cells[lag, lag:] += part[:-lag]
    for run in range(runs):
        for start in np.flatnonzero(rng.random(count - 3) < outages_a_year / A_YEAR):
            back = start + int(rng.integers(1, 3))
            for day in range(start, back):
                wait = back - day
                cells[wait:, back, :, run] += cells[:-wait, day, :, run]
                cells[:, day, :, run] = 0.0
    return cells


def thinned(decided: Array, segment: int, loss: float, onset: NDArray[np.intp], rng: np.random.Generator) -> Array:
    """Decisions of which a share of one segment is never sent from each run's onset on."""
    sent = decided.copy()
    after = np.arange(decided.shape[0])[:, None] >= onset[None, :]
    lost = rng.binomial(decided[:, segment].astype(np.int64), loss)
    sent[:, segment] -= np.where(after, lost, 0)
    return sent
