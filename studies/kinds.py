"""Real series and synthetic kinds of feeds, and what own history makes of them."""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import holidays as public
import numpy as np
from numpy.typing import NDArray
from series import DATA
from simulator import Array, business_days

from ketenwacht.domain.stats import own_history
from ketenwacht.domain.stats.detector import ALARM, QUESTION
from ketenwacht.domain.stats.season import CalendarTerms

MEANS, SIZE = (75.0, 28.0, 12.0), 12.0
DAYS = 783
A_YEAR, MONTH = 261, 21.75


@dataclass(frozen=True, slots=True)
class Real:
    """A real series: its days, counts (days, segments), names, calendar, and deliveries a year."""

    days: tuple[date, ...]
    y: Array
    names: tuple[str, ...]
    calendar: CalendarTerms
    per_year: float

    def thinned(self, mean: float, runs: int, years: tuple[int, int], rng: np.random.Generator) -> Real:
        """Some years of the first segment, thinned to a mean in many independent ways."""
        kept = [i for i, d in enumerate(self.days) if years[0] <= d.year <= years[1]]
        total = self.y[kept, 0]
        y = rng.binomial(total.astype(int)[:, None], np.full((len(kept), runs), mean / total.mean()))
        names = tuple(f"run {i}" for i in range(runs))
        return Real(tuple(self.days[i] for i in kept), y.astype(float), names, self.calendar, self.per_year)


def _national(country: str, years: Sequence[int], subdiv: str | None = None) -> CalendarTerms:
    return CalendarTerms(frozenset(public.country_holidays(country, subdiv=subdiv, years=list(years))))


def real(name: str) -> Real:
    """A series of studies/data; days without a whole row are left out."""
    with (DATA / f"{name}.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if r["count"]]
    names = tuple(sorted({r.get("segment", "all") for r in rows}))
    stamps = sorted({r["date"] for r in rows})
    place = {stamp: i for i, stamp in enumerate(stamps)}
    y = np.full((len(stamps), len(names)), np.nan)
    for r in rows:
        y[place[r["date"]], names.index(r.get("segment", "all"))] = float(r["count"])
    days = tuple(date.fromisoformat(stamp) for stamp in stamps)
    years = range(days[0].year, days[-1].year + 1)
    calendar = {
        "us_births": lambda: _national("US", years),
        "transit": lambda: _national("US", years),
        "pedestrians": lambda: _national("AU", years, "VIC"),
    }.get(name, CalendarTerms)()
    per_year = 52.18 if (days[-1] - days[0]).days / len(days) > 3.0 else 365.25  # noqa: PLR2004 - weekly or daily
    return Real(days, y, names, calendar, per_year)


def steady(
    rng: np.random.Generator,
    means: Sequence[float] | Array,
    factor: Array | None = None,
    *,
    days: int = DAYS,
    size: float = SIZE,
) -> Array:
    """Negative binomial counts around means, times a factor (days, segments)."""
    mean = np.broadcast_to(np.asarray(means, dtype=float), (days, len(means)))
    mean = mean if factor is None else mean * factor
    return rng.poisson(rng.gamma(size, mean / size)).astype(float)


def lossy(
    y: Array, onset: NDArray[np.intp], columns: Sequence[int], loss: float | Array, rng: np.random.Generator
) -> Array:
    """The counts, of which a share is lost in some columns from each one's onset on."""
    out = y.copy()
    for column, first in zip(columns, onset, strict=True):
        share = loss if isinstance(loss, float) else loss[first:]
        out[first:, column] = rng.binomial(y[first:, column].astype(int), 1.0 - share)
    return out


def watched(
    days: Sequence[date],
    y: Array,
    feeds: NDArray[np.intp],
    calendar: CalendarTerms | None = None,
    false_alarms: float = 1.0,
) -> own_history.OwnHistoryRun:
    """Own history over counts, as `volume` has it by default."""
    panel = own_history.panel_of(tuple(days)[: len(y)], y, calendar, feeds)
    return own_history.watch(panel, own_history.Budget(false_alarms))


@dataclass(frozen=True, slots=True)
class Found:
    """When a loss was told, in deliveries; those already alarmed at the onset are left out."""

    steps: Array
    left_out: int
    asked: float

    def told(self) -> str:
        """P, median and 90 % quantile."""
        if not len(self.steps):
            return "none at rest before"
        middle, most = (float(np.quantile(self.steps, p, method="higher")) for p in (0.5, 0.9))
        share = np.isfinite(self.steps).mean()
        return f"P {share:.2f}, median {middle:.0f} (q90 {most:.0f}), n {len(self.steps)}, asked {self.asked:.2f}"


def found(
    history: own_history.OwnHistoryRun,
    onset: NDArray[np.intp],
    columns: Sequence[int],
    horizon: int,
    *,
    inside: bool = False,
) -> Found:
    """Delays of what was told after the onsets; `inside`: also where a shortfall was open already."""
    steps, asked, out = [], [], 0
    for column, first in zip(columns, onset, strict=True):
        if not inside and history.short[first - 1, column] == ALARM:
            out += 1
            continue
        hits = np.flatnonzero(history.told[first : first + horizon, column])
        steps.append(float(hits[0] + 1) if len(hits) else np.inf)
        asked.append(float((history.short[first : first + horizon, column] == QUESTION).any()))
    return Found(np.array(steps), out, float(np.mean(asked)) if asked else 0.0)


@dataclass(frozen=True, slots=True)
class Quiet:
    """What untouched counts cost: false alarms a year and shares of the time, each (segments,)."""

    alarms: Array
    alarmed: Array
    unjudged: Array
    asked: Array
    surplus: Array

    def told(self) -> str:
        """Means over the segments, and the worst."""
        return (
            f"{self.alarms.mean():.2f} a segment-year (most {self.alarms.max():.2f}), "
            f"open {self.alarmed.mean():.1%} (most {self.alarmed.max():.1%}), "
            f"not judged {self.unjudged.mean():.0%}, question {self.asked.mean():.0%}, "
            f"surplus {self.surplus.mean():.0%}"
        )


def quiet(history: own_history.OwnHistoryRun, per_year: float, start: int = 0) -> Quiet:
    """What a history without (known) faults cost from delivery `start` on."""
    part = slice(start, None)
    years = len(history.short[part]) / per_year
    return Quiet(
        (history.told | (history.absurd < 0.0))[part].sum(axis=0) / years,
        (history.short[part] == ALARM).mean(axis=0),
        (history.reason[part] != 0).mean(axis=0),
        (history.short[part] == QUESTION).mean(axis=0),
        history.over[part].mean(axis=0),
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """A synthetic kind: the factor on the means of the segment of 28, and what is then lost."""

    name: str
    must: str
    factor: Callable[[Array], Array]
    loss: float
    onset: int
    horizon: int
    everywhere: bool = False
    inside: bool = False


def _step(at: int, by: float) -> Callable[[Array], Array]:
    return lambda t: np.where(t >= at, by, 1.0)


KINDS = (
    Kind("steady", "P ≥ .9, median ≤ 2 × oracle (49)", np.ones_like, 0.2, 560, A_YEAR // 1),
    Kind("policy +40 %, then 20 %", "P ≥ .85, ≤ 1.5 × without", _step(522, 1.4), 0.2, 652, 131),
    Kind(
        "growth 1 % a month, then 50 %",
        "P ≥ .95, ≤ 15",
        lambda t: 1.01 ** (t / MONTH),
        0.5,
        560,
        131,
        everywhere=True,
    ),
    Kind(
        "growth 3 % a month, then 50 %",
        "P ≥ .95, ≤ 20",
        lambda t: 0.5 * 1.03 ** (t / MONTH),
        0.5,
        560,
        131,
        everywhere=True,
    ),
    Kind(
        "decline 2 % a month, then 30 %",
        "P ≥ .8, ≤ 43 (60 days)",
        lambda t: 0.98 ** (t / MONTH),
        0.3,
        560,
        131,
        everywhere=True,
    ),
    Kind("−25 % in year 3, then 30 %", "P ≥ .8, ≤ 43 (60 days)", _step(522, 0.75), 0.3, 640, 131, inside=True),
    Kind("−25 % in year 2, then 30 %", "P ≥ .8, ≤ 43 (60 days)", _step(300, 0.75), 0.3, 640, 131, inside=True),
)


def season(t: Array) -> Array:
    """A season of ±35 %."""
    return np.asarray(1.35 ** np.sin(2.0 * np.pi * t / A_YEAR + 1.0))


def feeds_of(runs: int, segments: int = len(MEANS)) -> NDArray[np.intp]:
    """Groups of runs side by side."""
    return np.repeat(np.arange(runs), segments)


def school_days(days: Sequence[date]) -> frozenset[date]:
    """School holidays of a made-up region: six weeks of summer, two at the turn of the year, three single ones."""
    return frozenset(d for d in days if d.isocalendar().week in {1, 8, 18, 29, 30, 31, 32, 33, 34, 43, 52})


def weekdays(count: int) -> tuple[date, ...]:
    """Business days."""
    return business_days(count)
