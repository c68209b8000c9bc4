"""From simulated or real series to paths of evidence, false alarms and delays: what every study shares."""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from simulator import Array, Feed

from ketenwacht.domain.stats import own_history
from ketenwacht.domain.stats.season import CalendarTerms

DATA = Path(__file__).parent / "data"
NEVER = (np.inf, np.inf)
SETTLED = 60


def say(line: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def feed_evidence(feed: Feed, delivered: Array) -> Array:
    """Return our own-history evidence of each feed, never alarming: the largest of its segments, (days, runs)."""
    return np.asarray(segment_evidence(feed, delivered).max(axis=1))


def segment_evidence(feed: Feed, delivered: Array) -> Array:
    """Return our own-history evidence of each segment of each feed, never alarming, (days, segments, runs)."""
    days, segments, runs = delivered.shape
    side_by_side = np.moveaxis(delivered, 2, 1).reshape(days, runs * segments)
    path = own_evidence(feed.days, side_by_side, feed.holidays, np.repeat(np.arange(runs), segments))
    return np.moveaxis(path.reshape(days, runs, segments), 2, 1)


def own_evidence(days: Sequence[date], y: Array, holidays: frozenset[date], feeds: NDArray[np.intp]) -> Array:
    """Return the evidence of `volume` as it comes, never alarming, less each segment's part of the budget."""
    panel = own_history.panel_of(days, y, CalendarTerms(holidays), feeds)
    return own_history.watch(panel, own_history.Budget(threshold=np.inf)).evidence


@dataclass(frozen=True, slots=True)
class Delays:
    """How fast and how often a loss was found, in steps; runs that alarmed before the onset are left out.

    Attributes:
        steps: delay of each run, infinite where it was not found.
    """

    steps: Array

    @property
    def found(self) -> float:
        """Share of the runs in which the loss was found."""
        return float(np.isfinite(self.steps).mean()) if len(self.steps) else float("nan")

    def quantile(self, p: float) -> float:
        """Quantile over all runs, infinite where so many were not found."""
        return float(np.quantile(self.steps, p, method="higher")) if len(self.steps) else float("nan")

    def told(self, scale: float = 1.0) -> str:
        """P, median and 90 % quantile, in days of `scale` a step."""
        return f"P {self.found:.2f}  median {self.quantile(0.5) * scale:.0f}  q90 {self.quantile(0.9) * scale:.0f}"


def delays(paths: Array, onset: NDArray[np.intp], threshold: float, horizon: int) -> Delays:
    """First crossing from each run's onset on, within `horizon` steps; paths of shape (steps, runs).

    A run that stood above the threshold in the quarter year before its onset is left out.
    """
    filled = np.where(np.isnan(paths), -np.inf, paths)
    found = []
    for run in range(paths.shape[1]):
        if (filled[max(0, onset[run] - SETTLED) : onset[run], run] >= threshold).any():
            continue
        hits = np.flatnonzero(filled[onset[run] : onset[run] + horizon, run] >= threshold)
        found.append(float(hits[0] + 1) if len(hits) else np.inf)
    return Delays(np.array(found))


def births() -> tuple[tuple[date, ...], Array, frozenset[date]]:
    """US births by day, 1994–2014: days, counts, public holidays."""
    with (DATA / "us_births.csv").open() as file:
        rows = list(csv.DictReader(file))
    days = tuple(date.fromisoformat(r["date"]) for r in rows)
    years = sorted({d.year for d in days})
    return days, np.array([float(r["count"]) for r in rows]), frozenset(_american(years))


@dataclass(frozen=True, slots=True)
class Births:
    """Some years of US births, thinned to 20 a day in many independent ways.

    Attributes:
        days: date of each day.
        y: births that are left, (days, runs).
        holidays: public holidays.
        start: index of the first day that is judged: three years are learnt from before it.
    """

    days: tuple[date, ...]
    y: Array
    holidays: frozenset[date]
    start: int

    @classmethod
    def drawn(cls, years: tuple[int, int], runs: int, rng: np.random.Generator) -> Births:
        """Judged in these years, the last included."""
        days, total, holidays = births()
        kept = np.array([years[0] - 3 <= d.year <= years[1] for d in days])
        chance = np.full((int(kept.sum()), runs), 20.0 / total[kept].mean())
        y = rng.binomial(total[kept].astype(int)[:, None], chance).astype(float)
        some = tuple(d for d, k in zip(days, kept, strict=True) if k)
        return cls(some, y, holidays, next(i for i, d in enumerate(some) if d.year == years[0]))

    def lossy(self, loss: float, onset: NDArray[np.intp], rng: np.random.Generator) -> Array:
        """The same births, of which a share is lost from each run's onset on."""
        lost = rng.binomial(self.y.astype(int), loss)
        return np.where(np.arange(len(self.days))[:, None] >= onset, self.y - lost, self.y)

    def evidence(self, y: Array) -> Array:
        """Return our own-history evidence of each run, never alarming, (days, runs), from the first day on."""
        return own_evidence(self.days, y, self.holidays, np.arange(y.shape[1]))


def _american(years: Sequence[int]) -> list[date]:
    found = []
    for year in years:
        fixed = [date(year, *md) for md in ((1, 1), (7, 4), (12, 25))]
        # On a weekend it is kept on the Friday before or the Monday after.
        found += [
            *fixed,
            date(year, 12, 24),
            *(d + timedelta(days={5: -1, 6: 1}.get(d.weekday(), 0)) for d in fixed),
        ]
        memorial = date(year, 5, 31)
        found.append(memorial - timedelta(days=memorial.weekday()))
        labor = date(year, 9, 1)
        found.append(labor + timedelta(days=-labor.weekday() % 7))
        first = date(year, 11, 1)
        thanksgiving = first + timedelta(days=(3 - first.weekday()) % 7 + 21)
        found += [thanksgiving, thanksgiving + timedelta(days=1)]
    return found


def deaths() -> tuple[tuple[date, ...], Array, Array, Array]:
    """Deaths in the Netherlands, whole rows only: Mondays, counts, expected, half width of the 95 % band."""
    with (DATA / "nl_deaths.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if all(row.values())]
    columns = [
        np.array([float(r[c]) for r in rows]) for c in ("count", "expected", "expected_min", "expected_max")
    ]
    days = tuple(date.fromisoformat(r["date"]) for r in rows)
    return days, columns[0], columns[1], (columns[3] - columns[2]) / 2
