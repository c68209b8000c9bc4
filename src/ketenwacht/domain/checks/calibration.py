"""What threshold a feed's own history asks for: the monitor, run over clean histories drawn from that history.

The nominal threshold holds while the baseline is right. A real feed drifts; how much is read from its weeks (a
random walk of the log level: what the steps from week to week vary more than chance alone). Histories that
drift as much, with the last year's level, weekdays and holidays, and lose nobody, are drawn over three years; what
a threshold costs is counted in the third, when the monitor has learnt. Lasting shifts are drawn too: a year of one
feed shows too few to learn how often they come, and it is they that a false alarm is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from ketenwacht.domain.past import Past
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.stats import baseline, counts, monitor
from ketenwacht.domain.stats.calibrate import Calibration, calibrate, cost_of, feed_paths
from ketenwacht.domain.stats.negbin import Array

from ._counts import Stream, a_year, rest_of
from ._memory import Memory, Plan
from .base import View
from .ratio import RatioCheck
from .volume import VolumeCheck

Tunable = VolumeCheck | RatioCheck
LEAST = 3 * counts.LEAST_DAYS
"""Deliveries that a calibration needs."""
_NEVER = (np.inf, np.inf)
_RESTLESS = (0.012, 0.04)  # a week's step of the log level: never taken to be calmer or wilder than this
_SHIFTS_A_YEAR, _SHIFT = 1 / 9, (0.8, 1.2)  # lasting shifts of a segment, as in docs/detection.md
_CURVE = np.arange(3.0, 25.0)
_CHUNK = 25  # histories watched side by side
_LEAST_A_WEEK, _LEAST_STEPS, _MAD_TO_SD = 5.0, 8, 1.4826


@dataclass(frozen=True, slots=True)
class Trait:
    """A part that is judged: of how many it was merged, its mean persons a delivery, the size k of its counts."""

    segment: Segment
    members: int
    mean: float
    size: float


@dataclass(frozen=True, slots=True)
class Tuning:
    """A threshold, and all it rests on.

    Attributes:
        cost: the threshold (nats) and the false alarms a year that it gives.
        curve: what other thresholds would give, in order.
        highest: the most evidence (nats) that the history itself ever gave; above the threshold it would alarm.
        path: evidence of the history itself, the highest of each week (nats).
        drift: standard deviation of a week's step of the log level.
        traits: what is judged.
        first: period of the first delivery learnt from.
        last: period of the last.
        deliveries: how many.
        masked: days declared, and so not learnt from, in any part.
        runs: histories drawn.
    """

    cost: Calibration
    curve: tuple[Calibration, ...]
    highest: float
    path: tuple[float, ...]
    drift: float
    traits: tuple[Trait, ...]
    first: date
    last: date
    deliveries: int
    masked: int
    runs: int


def tune(  # noqa: PLR0913 - what is tuned on what, how long, and who is told
    check: Tunable,
    past: Past,
    holidays: frozenset[date],
    *,
    runs: int,
    rng: np.random.Generator,
    progress: Callable[[int, int], None] | None = None,
) -> Tuning | None:
    """The lowest threshold at which clean histories like this one cost no more than the check's budget.

    Args:
        check: as configured; its own threshold is not looked at.
        past: the feed's history, with what was declared.
        holidays: public holidays.
        runs: histories to draw.
        rng: seeded.
        progress: called with the histories done and all there are.

    Returns:
        None when the history is too short, or nothing in it is counted.
    """
    if len(past.snapshots) <= LEAST:
        return None
    stream, plan = _stream(check, past, holidays)
    last = len(stream.snapshots) - 1
    groups = stream.groups(last)
    if len(groups) < (2 if plan.anchored else 1):
        return None
    panel = stream.panel(groups, last, Memory())
    recent = _last_year(panel)
    mu, size = _fitted(recent)
    drift = drift_of(recent, mu, size)
    watching = _Watching(
        replace(plan.settings, thresholds=_NEVER),
        (monitor.FEW, monitor.MANY) if isinstance(check, VolumeCheck) and check.surplus else (monitor.FEW,),
        plan.anchored,
    )
    per_year = a_year(panel.days)
    paths = _drawn(recent, (mu, size), drift, watching, runs, rng, progress)
    own = _evidence(panel, watching, 1)[:, 0]
    cost = calibrate(paths, per_year, check.false_alarms_per_year)
    return Tuning(
        cost=cost,
        curve=tuple(cost_of(paths, float(height), per_year) for height in _CURVE),
        highest=float(np.nanmax(own, initial=0.0)),
        path=_weekly(panel.days, own),
        drift=drift,
        traits=tuple(
            Trait(g.segment, len(g.members), float(np.nanmean(panel.y[:, i])), float(size[i]))
            for i, g in enumerate(groups)
        ),
        first=panel.days[0],
        last=panel.days[-1],
        deliveries=len(panel.days),
        masked=int(panel.masked.any(axis=1).sum()),
        runs=runs,
    )


def _stream(check: Tunable, past: Past, holidays: frozenset[date]) -> tuple[Stream, Plan]:
    newest = past.snapshots[-1]
    midnight = datetime.combine(newest.delivery.period, time(), UTC)
    view = View(newest, past.before(newest.delivery.period), at=midnight, holidays=holidays)
    plan = check.plan(view)
    return Stream(view, plan), plan


def _fitted(panel: counts.Panel) -> tuple[Array, Array]:
    """Means (days, segments) and sizes (segments,) of a fit without season to what is not masked."""
    weights = counts.trusted(panel, np.full(panel.y.shape[1], np.inf))
    held = baseline.fit(panel.days, panel.y, weights, panel.holidays)
    return held.predict(panel.days, panel.holidays, None), np.array(held.size)


def _last_year(panel: counts.Panel) -> counts.Panel:
    """Its last whole weeks, a year at most: too short for a season to be fitted, long enough for a level."""
    weeks = min(52, max(1, (panel.days[-1] - panel.days[0]).days // 7))
    since = panel.days[-1] - timedelta(weeks=weeks)
    return panel.rows(sum(day <= since for day in panel.days), len(panel.days))


def _repeated(days: Sequence[date]) -> tuple[tuple[date, ...], int]:
    """The same weekdays over three years, and how many of those days are warming up: two years."""
    span = timedelta(weeks=round(((days[-1] - days[0]).days + 1) / 7))
    times = max(3, -(-3 * 52 * 7 // span.days))
    found = tuple(day + span * i for i in range(times) for day in days)
    return found, sum(day < found[0] + timedelta(weeks=104) for day in found)


def drift_of(panel: counts.Panel, mu: Array, size: Array) -> float:
    """Standard deviation of a week's step of the log level, over all segments; within what is plausible.

    A step of the observed log ratio varies by the level's step and by chance: 1/Σμ + 1/(k·days) of both weeks.
    The median absolute step is used, so that an outage or a burst is no drift.
    """
    weights = counts.trusted(panel, np.full(panel.y.shape[1], np.inf))
    weeks = np.array([day.toordinal() // 7 for day in panel.days])
    weeks -= weeks[0]
    excess = []
    for s in range(panel.y.shape[1]):
        w = weights[:, s]
        total, meant, days = (
            np.bincount(weeks, values, minlength=weeks[-1] + 1)
            for values in (w * np.nan_to_num(panel.y[:, s]), w * mu[:, s], w)
        )
        full = (meant >= _LEAST_A_WEEK) & (days >= np.median(days[days > 0.0]) / 2 if days.any() else False)
        pairs = np.flatnonzero(full[1:] & full[:-1])
        if len(pairs) < _LEAST_STEPS:
            continue
        level = np.log((total + 0.5) / np.maximum(meant, 0.5))
        noise = 1.0 / np.maximum(meant, 1e-9) + 1.0 / (size[s] * np.maximum(days, 1.0))
        step = _MAD_TO_SD * np.median(np.abs(level[pairs + 1] - level[pairs]))
        excess.append(step**2 - float(np.mean(noise[pairs + 1] + noise[pairs])))
    variance = float(np.mean(excess)) if excess else 0.0
    return float(np.clip(np.sqrt(max(variance, 0.0)), *_RESTLESS))


@dataclass(frozen=True, slots=True)
class _Watching:
    """How drawn histories are watched."""

    settings: monitor.Settings
    sides: tuple[int, ...]
    anchored: bool


def _drawn(  # noqa: PLR0913, PLR0917 - what histories are drawn from, how they are watched, and how many
    panel: counts.Panel,
    fitted: tuple[Array, Array],
    drift: float,
    watching: _Watching,
    runs: int,
    rng: np.random.Generator,
    told: Callable[[int, int], None] | None,
) -> Array:
    """Evidence of the whole feed in the third year of clean histories like this one, (days, runs)."""
    days, warming = _repeated(panel.days)
    mu, size = np.tile(fitted[0], (len(days) // len(panel.days), 1)), fitted[1]
    steps = drift / np.sqrt(max(a_year(panel.days) / 52.0, 1.0))
    paths = []
    for first in range(0, runs, _CHUNK):
        some = min(_CHUNK, runs - first)
        level = np.cumsum(rng.normal(0.0, steps, (*mu.shape, some)), axis=0)
        shifted = rng.random(level.shape) < _SHIFTS_A_YEAR / a_year(panel.days)
        level += np.cumsum(np.where(shifted, np.log(rng.choice(_SHIFT, level.shape)), 0.0), axis=0)
        mean = mu[:, :, None] * np.exp(level)
        y = rng.poisson(rng.gamma(size[None, :, None], mean / size[None, :, None])).astype(np.float64)
        side_by_side = np.moveaxis(y, 2, 1).reshape(len(y), -1)
        groups = np.repeat(np.arange(some), mu.shape[1])
        made = counts.panel_of(days, side_by_side, panel.holidays, groups)
        if watching.anchored:
            rest = np.stack([rest_of(y[:, :, run]) for run in range(some)], axis=1)
            made = replace(made, offset=rest.reshape(len(y), -1))
        paths.append(_evidence(made, watching, some)[warming:])
        if told is not None:
            told(first + some, runs)
    return np.concatenate(paths, axis=1)


def _evidence(panel: counts.Panel, watching: _Watching, runs: int) -> Array:
    """The larger evidence of the directions looked at, over the segments of each run; (days, runs)."""
    found = counts.watch(panel, watching.settings).evidence
    parts = [
        feed_paths(np.moveaxis(found[:, side].reshape(len(found), runs, -1), 2, 1)) for side in watching.sides
    ]
    return np.asarray(np.maximum.reduce(parts))


def _weekly(days: Sequence[date], path: Array) -> tuple[float, ...]:
    """The highest of each week; 0 where nothing could be said."""
    weeks = np.array([day.toordinal() // 7 for day in days])
    highest = np.zeros(int(weeks[-1] - weeks[0]) + 1)
    np.maximum.at(highest, weeks - weeks[0], np.nan_to_num(path, nan=0.0, neginf=0.0))
    return tuple(np.round(highest, 2).tolist())


@dataclass(frozen=True, slots=True)
class Material:
    """What a backtest of a check is made of.

    Attributes:
        parts: what is judged: the segment, and those merged into it.
        panel: the stored counts.
        days: deliveries of histories to be drawn, three years.
        warming: how many of them are warming up.
        mean: what those deliveries are expected to hold, (days, parts).
        size: k of each part.
        drift: standard deviation of a week's step of the log level.
        settings: how the check decides.
    """

    parts: tuple[tuple[Segment, tuple[Segment, ...]], ...]
    panel: counts.Panel
    days: tuple[date, ...]
    warming: int
    mean: Array
    size: Array
    drift: float
    settings: monitor.Settings


def material(check: Tunable, past: Past, holidays: frozenset[date]) -> Material | None:
    """What a check's series look like; None when the history is too short, or nothing in it is counted."""
    if len(past.snapshots) <= LEAST:
        return None
    stream, plan = _stream(check, past, holidays)
    last = len(stream.snapshots) - 1
    groups = stream.groups(last)
    if not groups:
        return None
    panel = stream.panel(groups, last, Memory())
    recent = _last_year(panel)
    mu, size = _fitted(recent)
    days, warming = _repeated(recent.days)
    parts = tuple((g.segment, g.members) for g in groups)
    mean = np.tile(mu, (len(days) // len(recent.days), 1))
    return Material(parts, panel, days, warming, mean, size, drift_of(recent, mu, size), plan.settings)
