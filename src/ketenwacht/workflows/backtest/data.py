"""The counts that a backtest plants losses in: stored, drawn like the stored ones, or an example."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from ketenwacht.domain.checks._count_memory import deliveries_a_year
from ketenwacht.domain.checks.calibration import Tunable, material
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.past import Past
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.settings import FeedRules
from ketenwacht.domain.statement import Amount, Fraction, Statement
from ketenwacht.domain.stats.backtest import CountModel
from ketenwacht.domain.stats.detection_limits import OwnLimit, limits_of
from ketenwacht.domain.stats.negbin import Array
from ketenwacht.domain.stats.season import CalendarTerms
from ketenwacht.errors import ConfigError

UNCERTAINTY = 0.02
"""Relative sd of a good weekly figure."""
_STORED = 700  # days of about two years: enough to learn from a stored history and still plant in it
_EXAMPLE = (28.0, 78.0)  # persons a business day of the part that loses, and of the rest
_EXAMPLE_SIZE, _EXAMPLE_DRIFT = 12.0, 0.012
_EXAMPLE_SLACK, _EXAMPLE_CAP = 0.07, 1.25  # as own history comes to have on such counts


@dataclass(frozen=True, slots=True)
class BacktestData:
    """The counts that losses are planted in, and what own history sees of each part."""

    check: Tunable
    parts: tuple[tuple[Segment, tuple[Segment, ...]], ...]
    world: CountModel
    past: Past
    source: Statement
    limits: tuple[OwnLimit, ...]


def make_data(check: Tunable, rules: FeedRules, past: Past, drop: PlantedDrop) -> BacktestData:
    """Return the counts that a loss is planted in: stored, drawn like the stored ones, or an example."""
    found = material(check, past, CalendarTerms(rules.holidays, rules.periods))
    if found is None:
        return _make_example(check, drop, past)
    per_year = deliveries_a_year(found.panel.days)
    calendar = found.panel.calendar
    world = CountModel(found.days, found.warming, found.mean, found.size, found.drift, per_year, calendar)
    first, last = found.panel.days[0], found.panel.days[-1]
    span = {"first": first, "last": last}
    limits = limits_of(found.model, np.nanmean(found.mean, axis=0))
    if (last - first).days < _STORED:
        source = Statement("backtest.drawn", {"count": Amount(float(len(found.panel.days))), **span})
        return BacktestData(check, found.parts, world, past, source, limits)
    y = np.where(found.panel.masked, np.nan, found.panel.y)
    days = found.panel.days
    mean = np.broadcast_to(np.nanmean(y, axis=0), y.shape)
    world = replace(world, days=days, warming=len(days) // 2, mean=mean, stored=y)
    return BacktestData(check, found.parts, world, past, Statement("backtest.stored", span), limits)


def _make_example(check: Tunable, drop: PlantedDrop, past: Past) -> BacktestData:
    """Return typical counts for a feed about which too little is known; `source` says so."""
    days: list[date] = []
    day = date(2018, 1, 1)
    while len(days) < 3 * 261:
        if day.weekday() < 5:  # noqa: PLR2004 - Saturday
            days.append(day)
        day += timedelta(days=1)
    mean = np.broadcast_to(np.array(_EXAMPLE), (len(days), len(_EXAMPLE)))
    size = np.full(len(_EXAMPLE), _EXAMPLE_SIZE)
    world = CountModel(tuple(days), 2 * 261, mean, size, _EXAMPLE_DRIFT, 261.0)
    parts = ((drop.segment, (drop.segment,)), (WHOLE, (WHOLE,)))
    height = math.log(261.0 * len(parts) / check.false_alarms_per_year)
    slack = _EXAMPLE_SLACK if check.slack is None else check.slack
    limits = tuple(
        OwnLimit(m, _EXAMPLE_SIZE, height if check.threshold is None else check.threshold, slack, _EXAMPLE_CAP)
        for m in _EXAMPLE
    )
    return BacktestData(check, parts, world, Past((), past.exclusions), _EXAMPLE_SOURCE, limits)


_EXAMPLE_SOURCE = Statement(
    "backtest.example",
    {
        "lost": Amount(_EXAMPLE[0]),
        "beside": Amount(_EXAMPLE[1]),
        "size": Amount(_EXAMPLE_SIZE),
        "drift": Fraction(_EXAMPLE_DRIFT),
    },
)


# The losses of a backtest: what each takes from every part that is judged.


def lost_shares(data: BacktestData, drop: PlantedDrop, setting: BacktestOptions) -> Array:
    """Return the fraction lost of each part, (parts,); with one code of many lost, (parts, runs)."""
    whole = {s: _count_persons(data.past, s) for _, members in data.parts for s in members}
    if setting.code_of is None:
        if not data.past.snapshots:
            return np.array([drop.share, drop.share if drop.segment == WHOLE else 0.0])
        return _lost_fractions(data, whole, [(drop.segment, drop.share)])
    dimensions = (*drop.segment.dimensions, setting.code_of)
    codes = [
        s
        for s in _stored_segments(data.past, dimensions)
        if drop.segment.contains(s) and _count_persons(data.past, s) > 0
    ]
    if not codes:
        raise ConfigError(
            f"--code-of {setting.code_of}",
            f"no counts by {' × '.join(dimensions)} are stored",
            "name a column that stands in `segments` of the feed, after that of the drop",
        )
    rng = np.random.default_rng([setting.seed, 99])
    chosen = rng.integers(0, len(codes), setting.runs)
    table = [_lost_fractions(data, whole, [(code, drop.share)]) for code in codes]
    return np.column_stack([table[i] for i in chosen])


def _lost_fractions(
    data: BacktestData, whole: dict[Segment, float], lost: Sequence[tuple[Segment, float]]
) -> Array:
    found = []
    for _, members in data.parts:
        total = sum(whole[m] for m in members)
        gone = 0.0
        for segment, share in lost:
            inside = sum(whole[m] for m in members if segment.contains(m))
            finer = any(m.contains(segment) for m in members) and inside == 0.0
            gone += share * (_count_persons(data.past, segment) if finer else inside)
        found.append(min(gone / total, 1.0) if total > 0.0 else 0.0)
    if not any(found):
        raise ConfigError(
            f"--drop {lost[0][0]}", "nobody of this segment is in the stored counts", "see `ketenwacht history`"
        )
    return np.array(found)


def _count_persons(past: Past, segment: Segment) -> float:
    for known in _stored_segments(past, segment.dimensions):
        if dict(known.pairs) == dict(segment.pairs):
            return float(np.nansum(past.series(ROWS, known)))
    return 0.0


def _stored_segments(past: Past, dimensions: Sequence[str]) -> list[Segment]:
    """Return the stored segments over these dimensions, in any order of dimensions."""
    if not dimensions:
        return [WHOLE]
    found = {
        key.segment
        for snapshot in past.snapshots
        for key in snapshot.measurements
        if key.name == ROWS and set(key.segment.dimensions) == set(dimensions)
    }
    return sorted(found)


# Options of a backtest: the losses, as written on the command line, and how to search for them.


_PARTS = 2  # name=value, and the share after the last colon


@dataclass(frozen=True, slots=True)
class PlantedDrop:
    """A loss to plant: its segment, and the lost share (fraction 0–1)."""

    segment: Segment
    share: float


def parse_drop(text: str) -> PlantedDrop:
    """Parse `name=value[,name=value…]:share`; `:share` is the whole feed.

    Raises:
        ConfigError: it is something else.
    """
    place, colon, share = text.rpartition(":")
    pairs = [tuple(part.strip() for part in pair.split("=", 1)) for pair in place.split(",") if pair.strip()]
    try:
        value = float(share.removesuffix("%")) / (100.0 if share.endswith("%") else 1.0)
    except ValueError:
        value = math.nan
    if not colon or not 0.0 < value <= 1.0 or any(len(pair) != _PARTS for pair in pairs):
        raise ConfigError(f"--drop {text}", "is not a loss", "write NAME=VALUE:SHARE, such as group=family:0.2")
    return PlantedDrop(Segment(tuple((pair[0], pair[1]) for pair in pairs)), value)


@dataclass(frozen=True, slots=True)
class BacktestOptions:
    """How losses are planted and searched for.

    Attributes:
        evidence: history, reference or reconciliation.
        runs: histories a scenario.
        seed: decides everything.
        creep: deliveries over which a loss grows.
        code_of: only one value of this column, another in every run, is lost; None: all of the segment.
        from_start: the loss was there from the first day.
        onset: the day on which a loss begins, in every run; None: drawn, another in each.
        uncertainty: of a reference's figures (relative sd).
        workers: processes.
    """

    evidence: str = "history"
    runs: int = 100
    seed: int = 1
    creep: int = 0
    code_of: str | None = None
    from_start: bool = False
    onset: date | None = None
    uncertainty: float = UNCERTAINTY
    workers: int = 1
