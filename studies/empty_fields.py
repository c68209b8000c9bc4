"""What `drift` costs and finds on real series of empty fields: departures and weather of three airports, 2013.

Run: `python studies/empty_fields.py [SEED [ONSETS]]`; a minute. All is what the check does by default: the streams
of a feed share the budget of one false alarm a year. Nothing is tuned here.
A departure without a time was cancelled, so that departures are empty in bursts, on the days of storms. Fields of
one row become empty together: `arr_time` and `air_time` are where `dep_time` is.
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from series import DATA, say

from ketenwacht.domain.checks.drift import DriftCheck
from ketenwacht.domain.stats import empty_fields as fields
from ketenwacht.domain.stats import shiryaev
from ketenwacht.domain.stats.negbin import Array, Flags

CHECK = DriftCheck()
POINTS = (0.02, 0.05, 0.2)
YEAR, HORIZON, SETTLED = 365.25, 120, 60


@dataclass(frozen=True, slots=True)
class EmptyFields:
    """One feed: its days, the (segment, field) of each stream, empty values and rows, both (days, streams)."""

    days: tuple[date, ...]
    streams: tuple[tuple[str, str], ...]
    empty: Array
    rows: Array


@dataclass(frozen=True, slots=True)
class FieldRun:
    """What the check made of a feed: alarms by day and stream, and the streams that it knew enough of."""

    alarm: Flags
    known: Flags

    @property
    def told(self) -> Flags:
        """Where an alarm began, (days, streams)."""
        began = self.alarm.copy()
        began[1:] &= ~self.alarm[:-1]
        return began


def read(feed: str) -> EmptyFields:
    """Read one feed of studies/data."""
    with (DATA / "empty_fields.csv").open() as file:
        lines = [r for r in csv.DictReader(file) if r["feed"] == feed]
    streams = tuple(sorted({(r["segment"], r["field"]) for r in lines}))
    stamps = sorted({r["date"] for r in lines})
    empty, rows = (np.zeros((len(stamps), len(streams))) for _ in range(2))
    for r in lines:
        place = stamps.index(r["date"]), streams.index((r["segment"], r["field"]))
        empty[place], rows[place] = float(r["empty"]), float(r["rows"])
    return EmptyFields(tuple(date.fromisoformat(s) for s in stamps), streams, empty, rows)


def follow(one: EmptyFields, empty: Array) -> FieldRun:
    """Judge every delivery of a feed, with these empty values in place of its own."""
    settings = fields.FieldSettings(
        CHECK.slack, CHECK.at_least, shiryaev.threshold_of(YEAR, CHECK.false_alarms_per_year)
    )
    tally = fields.FieldTally.start(len(one.streams), one.days[0].toordinal() - 1)
    alarm, known = (np.zeros(empty.shape, dtype=bool) for _ in range(2))
    for t, day in enumerate(one.days):
        known[t] = tally.reasons(day.toordinal(), settings) == 0
        tally = fields.step(tally, day.toordinal(), empty[t], one.rows[t], settings)
        alarm[t] = tally.judged.alarm > 0.0
    return FieldRun(alarm, known)


def untouched(feed: str, one: EmptyFields) -> FieldRun:
    """Print what the feed costs as it is."""
    run = follow(one, one.empty)
    years = len(one.days) / YEAR
    say(f"{feed}: {int(run.told.sum())} alarms of {len(one.streams)} streams in {years:.2f} feed-years")
    for s, (segment, name) in enumerate(one.streams):
        share = one.empty[:, s].sum() / one.rows[:, s].sum()
        began = ", ".join(str(one.days[t]) for t in np.flatnonzero(run.told[:, s]))
        say(
            f"  {segment} {name:<10} empty in {share:6.2%}, open {run.alarm[:, s].mean():4.0%}, "
            f"not judged {1.0 - run.known[:, s].mean():4.0%}  {began}"
        )
    return run


def found(one: EmptyFields, clean: FieldRun, onsets: int, rng: np.random.Generator) -> None:
    """Print how soon a field is told that is empty some points more often, by how often it is usually empty."""
    usual = one.empty.sum(axis=0) / one.rows.sum(axis=0)
    for low, high in ((0.0, 0.005), (0.005, 0.02), (0.02, 0.05), (0.05, 0.2), (0.2, 1.0)):
        streams = np.flatnonzero((usual >= low) & (usual < high))
        for points in POINTS if len(streams) else ():
            steps = [s for stream in streams for s in _delays(one, clean, int(stream), points, onsets, rng)]
            if steps:
                middle = np.quantile(steps, 0.5, method="higher")
                say(
                    f"  usually {low:.1%}–{high:.1%}, +{points:.0%}: P {np.isfinite(steps).mean():.2f} within "
                    f"{HORIZON} days, median {middle:.0f} (n {len(steps)})"
                )


def _delays(  # noqa: PLR0913, PLR0917 - a feed, and what is planted in it
    one: EmptyFields, clean: FieldRun, stream: int, points: float, onsets: int, rng: np.random.Generator
) -> list[float]:
    steps: list[float] = []
    for first in rng.integers(SETTLED, len(one.days) - HORIZON, onsets):
        if clean.alarm[first - 1, stream]:
            continue
        run = follow(one, _emptied(one, stream, points, int(first), rng))
        hits = np.flatnonzero(run.alarm[first : first + HORIZON, stream])
        steps.append(float(hits[0] + 1) if len(hits) else np.inf)
    return steps


def _emptied(
    one: EmptyFields, stream: int, points: float, first: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    empty = one.empty.copy()
    full = (one.rows[first:, stream] - empty[first:, stream]).astype(np.int64)
    filled = 1.0 - one.empty[:, stream].sum() / one.rows[:, stream].sum()
    empty[first:, stream] += rng.binomial(full, min(points / max(filled, points), 1.0))
    return empty


def main() -> None:
    """Print what both feeds cost, and what is found in them."""
    seed = int(sys.argv[1]) if sys.argv[1:] else 101
    onsets = int(sys.argv[2]) if sys.argv[2:] else 6
    rng = np.random.default_rng([seed, 9])
    say(f"seed {seed}, {onsets} onsets a stream and size")
    for feed in ("flights", "weather"):
        one = read(feed)
        found(one, untouched(feed, one), onsets, rng)


if __name__ == "__main__":
    main()
