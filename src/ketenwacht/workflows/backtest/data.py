"""In what a backtest plants its losses: a feed's stored counts, counts drawn like them, or an example, said so."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from ketenwacht.domain.checks._counts import a_year
from ketenwacht.domain.checks.calibration import BacktestMaterial, Tunable, check_for, material
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.past import Past
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.settings import FeedRules
from ketenwacht.domain.statement import Amount, Fraction, Statement
from ketenwacht.domain.stats import counts, monitor
from ketenwacht.domain.stats.world import CountModel

from .options import PlantedDrop

_STORED = 522  # deliveries of two years: enough to learn from a stored history and still plant in it
_EXAMPLE = (28.0, 78.0)  # persons a business day of the part that loses, and of the rest
_EXAMPLE_SIZE, _EXAMPLE_DRIFT = 12.0, 0.012


@dataclass(frozen=True, slots=True)
class BacktestData:
    """What losses are planted in, and the size of everything in it."""

    check: Tunable
    material: BacktestMaterial
    world: CountModel
    past: Past
    source: Statement


def backtest_data(rules: FeedRules, feed: Feed, past: Past, drop: PlantedDrop) -> BacktestData:
    """The counts that a loss is planted in, as the check that sees it best counts them."""
    coarse = next((dimensions for dimensions in feed.segments if dimensions), ())
    check = check_for(rules.checks, drop.segment, coarse)
    found = material(check, past, rules.holidays)
    if found is None:
        return _example(check, drop, past)
    per_year = a_year(found.panel.days)
    world = CountModel(found.days, found.warming, found.mean, found.size, found.drift, per_year, rules.holidays)
    first, last = found.panel.days[0], found.panel.days[-1]
    span = {"first": first, "last": last}
    if len(found.panel.days) < _STORED:
        source = Statement("backtest.drawn", {"count": Amount(float(len(found.panel.days))), **span})
        return BacktestData(check, found, world, past, source)
    y = np.where(found.panel.masked, np.nan, found.panel.y)
    days = found.panel.days
    mean = np.broadcast_to(np.nanmean(y, axis=0), y.shape)
    world = replace(world, days=days, warming=len(days) // 2, mean=mean, stored=y)
    return BacktestData(check, found, world, past, Statement("backtest.stored", span))


def _example(check: Tunable, drop: PlantedDrop, past: Past) -> BacktestData:
    """Too little is known of the feed: counts such as a feed of that kind has, said so."""
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
    height = check.threshold if check.threshold is not None else math.log(261.0) + math.log(2.0) + 7.0
    settings = monitor.MonitorSettings((height, np.inf), check.tolerated)
    panel = counts.panel_of(days, np.array(mean))
    made = BacktestMaterial(parts, panel, tuple(days), 2 * 261, np.array(mean), size, _EXAMPLE_DRIFT, settings)
    return BacktestData(check, made, world, Past((), past.exclusions), _EXAMPLE_SOURCE)


_EXAMPLE_SOURCE = Statement(
    "backtest.example",
    {
        "lost": Amount(_EXAMPLE[0]),
        "beside": Amount(_EXAMPLE[1]),
        "size": Amount(_EXAMPLE_SIZE),
        "drift": Fraction(_EXAMPLE_DRIFT),
    },
)
