"""The number of decisions on each working day, by target group and purpose of stay.

Levels are those of the published cohorts (domain sheet), counts are negative binomial: a gamma-distributed day
effect shared by a target group, a Poisson count on top of it, and a multinomial split over purposes of stay.
Thinning a negative binomial keeps its size k, so every share of it is overdispersed too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import numpy as np
from numpy.typing import NDArray

from . import codes

ASYLUM, FAMILY, OTHER = "asielstatushouder", "gezinsmigrant", "overige migrant"

# Standard deviation of the level's weekly step on the log scale.
_DRIFT_PER_WEEK = 0.012
# The level of 2022 becomes that of 2023 between these days, half of the change on each side of New Year.
_RAMP = (date(2022, 11, 1), date(2023, 3, 2))


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """One target group.

    Attributes:
        name: its code.
        per_day: decisions on a working day, the level of 2022 and of 2023.
        size: k of the negative binomial of a day's decisions (variance μ + μ²/k).
        weekdays: relative level, Monday to Friday.
        season: relative size of the annual wave, and the day of the year of its maximum.
        purposes: purpose of stay → share (fraction of the group).
    """

    name: str
    per_day: tuple[float, float]
    size: float
    weekdays: tuple[float, float, float, float, float]
    season: tuple[float, int]
    purposes: dict[str, float]


GROUPS = (
    TargetGroup(
        ASYLUM,
        (74.0, 88.0),
        32.0,
        (0.93, 1.05, 1.05, 1.03, 0.94),
        (0.05, 310),
        {"A10": 0.655, "A11": 0.255, "A12": 0.05, "A13": 0.0235, "A14": 0.0165},
    ),
    TargetGroup(
        FAMILY,
        (28.0, 40.0),
        12.0,
        (0.90, 1.07, 1.07, 1.04, 0.92),
        (0.08, 250),
        {"G20": 0.34, "G21": 0.21, "G22": 0.15, "G23": 0.11, "G24": 0.12, "G25": 0.07},
    ),
    TargetGroup(
        OTHER,
        (8.0, 12.0),
        6.0,
        (0.92, 1.06, 1.06, 1.03, 0.93),
        (0.06, 120),
        {"O30": 0.03, "O31": 0.28, "O32": 0.22, "O33": 0.225, "O34": 0.245},
    ),
)


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decisions of one target group, one entry a person, by day.

    Attributes:
        group: the target group.
        day: index of the working day, shape (persons,).
        purpose: purpose of stay, shape (persons,).
    """

    group: TargetGroup
    day: NDArray[np.int64]
    purpose: NDArray[np.object_]


def draw_means(group: TargetGroup, days: tuple[date, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw the mean of each day, shape (len(days),), persons: level × weekday × season × slow drift."""
    ordinals = np.array([d.toordinal() for d in days], dtype=np.float64)
    start, end = (d.toordinal() for d in _RAMP)
    progress = np.clip((ordinals - start) / (end - start), 0.0, 1.0)
    low, high = np.log(group.per_day)
    weekday = np.log([group.weekdays[d.weekday()] for d in days])
    size, top = group.season
    season = size * np.cos(2 * np.pi * (ordinals - date(2022, 1, 1).toordinal() - top) / 365.25)
    # A walk around its own mean: the level drifts, the whole cohort stays near the published one.
    walk = np.cumsum(rng.normal(0.0, _DRIFT_PER_WEEK / np.sqrt(5.0), len(days)))
    log_mean = low + progress * (high - low) + weekday + season + walk - walk.mean()
    return np.asarray(np.exp(log_mean), dtype=np.float64)


def decide(group: TargetGroup, days: tuple[date, ...], rng: np.random.Generator) -> Decisions:
    """Draw the decisions of one target group."""
    mean = draw_means(group, days, rng)
    counts = rng.poisson(rng.gamma(group.size, mean / group.size))
    names = list(group.purposes)
    unknown = [n for n in names if codes.read_table("verblijfsdoel")[n].group != group.name]
    if unknown:
        raise AssertionError(f"purposes of another target group: {unknown}")
    split = rng.multinomial(counts, list(group.purposes.values()))
    per_cell = split.ravel()
    day = np.repeat(np.repeat(np.arange(len(days)), len(names)), per_cell)
    purpose = np.repeat(np.tile(np.array(names, dtype=np.object_), len(days)), per_cell)
    return Decisions(group, day.astype(np.int64), purpose)


# The sender's calendar: Dutch working days and local times.


ZONE = ZoneInfo("Europe/Amsterdam")
_SATURDAY = 5


def list_working_days(first: date, last: date) -> tuple[date, ...]:
    """Return every weekday from `first` to `last`, inclusive, that is not a Dutch public holiday."""
    closed = holidays.country_holidays("NL", years=range(first.year, last.year + 1))
    days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    return tuple(d for d in days if d.weekday() < _SATURDAY and d not in closed)


def pick_week_ends(days: tuple[date, ...]) -> tuple[date, ...]:
    """Return the last of `days` in each ISO week: Friday, or the day before a Friday without delivery.

    A last week that ends before its Friday has none.
    """
    latest: dict[tuple[int, int], date] = {}
    for day in days:
        latest[day.isocalendar()[:2]] = day
    found = tuple(latest.values())
    friday = 5
    if found and found[-1].isoweekday() < friday:
        next_friday = found[-1] + timedelta(days=friday - found[-1].isoweekday())
        if list_working_days(found[-1] + timedelta(days=1), next_friday):
            return found[:-1]
    return found


def to_local(day: date, at: time) -> datetime:
    """Return the instant of a local time, with its offset. No time here is between 02:00 and 03:00."""
    return datetime.combine(day, at, tzinfo=ZONE)
