"""What own history has learnt of a feed's counts, what it would cost to pin that, and what a backtest is made of.

Slack and threshold follow from the feed's own forecast errors (`stats.own_history`), so nobody has to calibrate
them. A proposal states them for approval, with the false alarms that they give on clean histories like it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeGuard

import numpy as np

from ketenwacht.domain.check_traits import traits_of
from ketenwacht.domain.past import Past
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.stats import own_history
from ketenwacht.domain.stats.backtest import draw_counts, rest_of_runs, side_by_side
from ketenwacht.domain.stats.calibrate import Calibration, calibrate, cost_of
from ketenwacht.domain.stats.negbin import Array
from ketenwacht.domain.stats.season import CalendarTerms

from ._count_memory import Stream, deliveries_a_year
from .base import Check, View
from .ratio import RatioCheck
from .volume import VolumeCheck

Tunable = VolumeCheck | RatioCheck
LEAST = 24
"""Deliveries that a calibration needs."""
ABOVE_NOMINAL = 1.5
"""Nats above the nominal threshold that a proposal may ask for, when clean histories cost more than the budget."""
_CURVE = np.arange(3.0, 25.0)
_CHUNK = 25  # histories watched side by side
_DRIFT = (0.002, 0.04)  # a week's step of the log level: never taken to be calmer or wilder than this
_WEEKS_OF_LONG = 13.0  # variance of the error of the long horizon, in steps of a week


def is_tunable(check: Check) -> TypeGuard[Tunable]:
    """Return whether a check follows counts with a threshold that is calibrated."""
    return traits_of(check).calibrated


@dataclass(frozen=True, slots=True)
class SegmentTrait:
    """A part that is judged: of how many it was merged, its mean persons a delivery, the size k of its counts."""

    segment: Segment
    members: int
    mean: float
    size: float


@dataclass(frozen=True, slots=True)
class Tuning:
    """A slack and a threshold, and all they rest on.

    Attributes:
        slack: relative drift of the level that counts as normal (fraction): the largest of the judged parts.
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

    slack: float
    cost: Calibration
    curve: tuple[Calibration, ...]
    highest: float
    path: tuple[float, ...]
    drift: float
    traits: tuple[SegmentTrait, ...]
    first: date
    last: date
    deliveries: int
    masked: int
    runs: int


def tune(  # noqa: PLR0913 - what is tuned on what, how long, and who is told
    check: Tunable,
    past: Past,
    calendar: CalendarTerms,
    *,
    runs: int,
    rng: np.random.Generator,
    progress: Callable[[int, int], None] | None = None,
) -> Tuning | None:
    """Return the slack and threshold that own history uses now, with what they cost on clean histories like this.

    Args:
        check: as configured; its own threshold is not looked at, a slack of its own is kept.
        past: the feed's history, with what was declared.
        calendar: what is known of days.
        runs: histories to draw.
        rng: seeded.
        progress: called with the histories done and all there are.

    Returns:
        None when the history is too short, too restless to be judged, or nothing in it is counted.
    """
    made = material(replace(check, threshold=None), past, calendar)
    if made is None or len(made.parts) < (2 if made.anchored else 1):
        return None
    judged = made.model.reason == 0
    if not judged.any():
        return None
    slack = check.slack
    if slack is None:
        slack = float(np.ceil(100.0 * made.model.limit.slack[judged].max()) / 100.0)
    per_year = deliveries_a_year(made.panel.days)
    never = own_history.Budget(check.false_alarms_per_year, getattr(check, "surplus", False), np.inf, slack)
    drawn = _watch_drawn(made, never, runs, rng, progress)
    nominal = float(np.log(per_year / check.false_alarms_per_year))
    needed = calibrate(drawn, per_year, check.false_alarms_per_year).threshold
    cost = cost_of(drawn, round(min(max(needed, nominal), nominal + ABOVE_NOMINAL), 2), per_year)
    own = _feed_path(own_history.watch(made.panel, never), len(made.parts), 1)[:, 0]
    return Tuning(
        slack=slack,
        cost=cost,
        curve=tuple(cost_of(drawn, float(height), per_year) for height in _CURVE),
        highest=float(np.nanmax(own, initial=0.0)),
        path=_weekly(made.panel.days, own),
        drift=float(made.drift.mean()),
        traits=tuple(
            SegmentTrait(segment, len(members), float(np.nanmean(made.panel.y[:, i])), float(made.size[i]))
            for i, (segment, members) in enumerate(made.parts)
        ),
        first=made.panel.days[0],
        last=made.panel.days[-1],
        deliveries=len(made.panel.days),
        masked=int(made.panel.masked.any(axis=1).sum()),
        runs=runs,
    )


def _watch_drawn(
    made: BacktestMaterial,
    budget: own_history.Budget,
    runs: int,
    rng: np.random.Generator,
    progress: Callable[[int, int], None] | None,
) -> Array:
    """Return the evidence of clean histories in their third year, never alarming, (days, runs)."""
    per_year, paths = deliveries_a_year(made.panel.days), []
    for first in range(0, runs, _CHUNK):
        some = min(_CHUNK, runs - first)
        y = draw_counts(made.mean, made.size, made.drift, per_year, some, rng)
        panel = own_history.panel_of(
            made.days, side_by_side(y), made.panel.calendar, np.repeat(np.arange(some), len(made.parts))
        )
        if made.anchored:
            panel = replace(panel, offset=rest_of_runs(y))
        paths.append(_feed_path(own_history.watch(panel, budget), len(made.parts), some)[made.warming :])
        if progress is not None:
            progress(first + some, runs)
    return np.concatenate(paths, axis=1)


def _feed_path(history: own_history.OwnHistoryRun, segments: int, runs: int) -> Array:
    """Return the largest evidence over the segments of each run, (days, runs)."""
    with np.errstate(invalid="ignore"):
        return np.asarray(history.evidence.reshape(-1, runs, segments).max(axis=2))


def _weekly(days: Sequence[date], path: Array) -> tuple[float, ...]:
    """Return the highest of each week; 0 where nothing could be said."""
    weeks = np.array([day.toordinal() // 7 for day in days])
    highest = np.zeros(int(weeks[-1] - weeks[0]) + 1)
    np.maximum.at(highest, weeks - weeks[0], np.nan_to_num(path, nan=0.0, neginf=0.0))
    return tuple(np.round(highest, 2).tolist())


def check_for(checks: Iterable[Check], segment: Segment, coarse: tuple[str, ...]) -> Tunable:
    """Return the check that sees a loss in a segment best.

    Args:
        checks: of the feed.
        segment: that loses persons.
        coarse: dimensions to judge by when no check follows counts.

    Returns:
        The one that looks at just these dimensions, else one that sees the loss in a larger part.
    """
    counting = [check for check in checks if is_tunable(check)]
    exact = [c for c in counting if set(c.segments) == set(segment.dimensions) and segment.pairs]
    wider = [c for c in counting if traits_of(c).bands]
    return (exact or wider or [VolumeCheck(segments=coarse)])[0]


@dataclass(frozen=True, slots=True)
class BacktestMaterial:
    """What own history has learnt of a feed, and what counts like it are drawn from.

    Attributes:
        parts: what is judged: the segment, and those merged into it.
        panel: the stored counts.
        model: how they are judged after the last of them.
        days: deliveries of histories to be drawn, three years.
        warming: how many of them are warming up: two years.
        mean: what those deliveries are expected to hold, (days, parts).
        size: k of each part.
        drift: standard deviation of a week's step of the log level, of each part.
        anchored: whether the rest of the feed is the anchor.
    """

    parts: tuple[tuple[Segment, tuple[Segment, ...]], ...]
    panel: own_history.CountPanel
    model: own_history.Model
    days: tuple[date, ...]
    warming: int
    mean: Array
    size: Array
    drift: Array
    anchored: bool


def material(check: Tunable, past: Past, calendar: CalendarTerms) -> BacktestMaterial | None:
    """Return what own history has learnt by following the past; None when that is too short, or counts nobody."""
    if len(past.snapshots) <= LEAST:
        return None
    newest = past.snapshots[-1]
    midnight = datetime.combine(newest.delivery.period, time(), UTC)
    stream = Stream(
        View(
            newest,
            past.before(newest.delivery.period),
            at=midnight,
            holidays=frozenset(calendar.holidays),
            periods=tuple(map(frozenset, calendar.periods)),
        ),
        check.plan,
    )
    last = len(stream.snapshots) - 1
    groups = stream.groups(last)
    if not groups:
        return None
    panel, budget = stream.panel(groups, last), stream.plan.budget
    model = _model_of(panel, budget)
    # Persons are drawn, so the counts are followed without an anchor too.
    plain = _model_of(replace(panel, offset=None), budget) if stream.plan.anchored else model
    if model is None or plain is None:
        return None
    days, warming = repeat_days(panel.days)
    mean = plain.season.mean(days, panel.calendar) * plain.levels.level[0]
    drift = np.clip(plain.spread.drift / np.sqrt(_WEEKS_OF_LONG), *_DRIFT)
    parts = tuple((g.segment, g.members) for g in groups)
    return BacktestMaterial(
        parts, panel, model, days, warming, mean, plain.season.size, drift, stream.plan.anchored
    )


def _model_of(panel: own_history.CountPanel, budget: own_history.Budget) -> own_history.Model | None:
    memory = own_history.watch(panel, budget).memory
    # What was learnt before the last delivery says nothing of it yet.
    after = panel.days[-1].toordinal() + 1
    return own_history.learn(panel, memory, after, budget, refit=True).model


def repeat_days(days: Sequence[date]) -> tuple[tuple[date, ...], int]:
    """Repeat the last year's days over three years; return them, and how many are in the first two years."""
    weeks = min(52, max(1, (days[-1] - days[0]).days // 7))
    recent = [day for day in days if day > days[-1] - timedelta(weeks=weeks)]
    times = max(3, -(-3 * 52 // weeks))
    found = tuple(day + timedelta(weeks=weeks) * i for i in range(times) for day in recent)
    return found, sum(day < found[0] + timedelta(weeks=104) for day in found)
