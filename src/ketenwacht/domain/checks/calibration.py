"""What slack and threshold a feed's own history asks for: the monitor, run over clean histories drawn from it.

The nominal threshold holds while the baseline is right, and a real feed drifts. So the slack is chosen at which it
holds again, and then the threshold. What they cost is counted in the third year of the histories, when the monitor
has learnt; `DrawnHistories` below draws them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeGuard

import numpy as np

from ketenwacht.domain.past import Past
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.stats import baseline, counts, monitor
from ketenwacht.domain.stats.calibrate import Calibration, calibrate, cost_of, feed_paths, least_slack
from ketenwacht.domain.stats.negbin import Array
from ketenwacht.domain.stats.planted import draw_counts
from ketenwacht.domain.traits import traits_of

from ._memory import CountPlan, Stream, deliveries_a_year, rest_of
from .base import Check, View
from .ratio import RatioCheck
from .volume import VolumeCheck

Tunable = VolumeCheck | RatioCheck
LEAST = 3 * counts.LEAST_DAYS
"""Deliveries that a calibration needs."""
SLACKS = (0.03, 0.06, 0.09, 0.12, 0.15, 0.18, 0.21)
"""What a level may drift (fraction), from a calm feed to one where own history shows large losses only."""
_CURVE = np.arange(3.0, 25.0)


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
        slack: relative drift of the level that counts as normal (fraction).
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
    holidays: frozenset[date],
    *,
    runs: int,
    rng: np.random.Generator,
    progress: Callable[[int, int], None] | None = None,
) -> Tuning | None:
    """The lowest threshold at which clean histories like this one cost no more than the check's budget.

    Args:
        check: as configured; its own threshold is not looked at, a slack of its own is kept.
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
    panel = stream.panel(groups, last)
    recent = last_year(panel)
    mu, size = fit_means(recent)
    drift = drift_of(recent, mu, size)
    sides = (monitor.FEW, monitor.MANY) if getattr(check, "surplus", False) else (monitor.FEW,)
    watching = MonitorWatch(plan.settings.cap, sides, plan.anchored)
    drawing = DrawnHistories(recent, mu, size, drift, runs, int(rng.integers(2**32)))
    per_year = deliveries_a_year(panel.days)
    tried = drawing.watched(watching, SLACKS if check.slack is None else (check.slack,), progress)
    costs = {slack: calibrate(paths, per_year, check.false_alarms_per_year) for slack, paths in tried.items()}
    slack = least_slack(costs, check.nominal(per_year))
    own = watching.evidence(panel, (slack,))[slack][:, 0]
    return Tuning(
        slack=slack,
        cost=costs[slack],
        curve=tuple(cost_of(tried[slack], float(height), per_year) for height in _CURVE),
        highest=float(np.nanmax(own, initial=0.0)),
        path=_weekly(panel.days, own),
        drift=drift,
        traits=tuple(
            SegmentTrait(g.segment, len(g.members), float(np.nanmean(panel.y[:, i])), float(size[i]))
            for i, g in enumerate(groups)
        ),
        first=panel.days[0],
        last=panel.days[-1],
        deliveries=len(panel.days),
        masked=int(panel.masked.any(axis=1).sum()),
        runs=runs,
    )


def _stream(check: Tunable, past: Past, holidays: frozenset[date]) -> tuple[Stream, CountPlan]:
    newest = past.snapshots[-1]
    midnight = datetime.combine(newest.delivery.period, time(), UTC)
    view = View(newest, past.before(newest.delivery.period), at=midnight, holidays=holidays)
    plan = check.plan(view)
    return Stream(view, plan), plan


def _weekly(days: Sequence[date], path: Array) -> tuple[float, ...]:
    """The highest of each week; 0 where nothing could be said."""
    weeks = np.array([day.toordinal() // 7 for day in days])
    highest = np.zeros(int(weeks[-1] - weeks[0]) + 1)
    np.maximum.at(highest, weeks - weeks[0], np.nan_to_num(path, nan=0.0, neginf=0.0))
    return tuple(np.round(highest, 2).tolist())


def check_for(checks: Iterable[Check], segment: Segment, coarse: tuple[str, ...]) -> Tunable:
    """The check that sees a loss in a segment best.

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
    settings: monitor.MonitorSettings


def material(check: Tunable, past: Past, holidays: frozenset[date]) -> BacktestMaterial | None:
    """What a check's series look like; None when the history is too short, or nothing in it is counted."""
    if len(past.snapshots) <= LEAST:
        return None
    stream, plan = _stream(check, past, holidays)
    last = len(stream.snapshots) - 1
    groups = stream.groups(last)
    if not groups:
        return None
    panel = stream.panel(groups, last)
    recent = last_year(panel)
    mu, size = fit_means(recent)
    days, warming = repeat_days(recent.days)
    parts = tuple((g.segment, g.members) for g in groups)
    mean = np.tile(mu, (len(days) // len(recent.days), 1))
    return BacktestMaterial(parts, panel, days, warming, mean, size, drift_of(recent, mu, size), plan.settings)


# Clean histories like a feed's own, three years long, to see what a threshold would cost.


_RESTLESS = (0.012, 0.04)  # a week's step of the log level: never taken to be calmer or wilder than this
_NEVER = (np.inf, np.inf)
_CHUNK = 25  # histories watched side by side
_LEAST_A_WEEK, _LEAST_STEPS, _MAD_TO_SD = 5.0, 8, 1.4826


def fit_means(panel: counts.Panel) -> tuple[Array, Array]:
    """Means (days, segments) and sizes (segments,) of a fit without season to what is not masked."""
    weights = counts.trusted(panel, np.full(panel.y.shape[1], np.inf))
    held = baseline.fit(panel.days, panel.y, weights, panel.holidays)
    return held.predict(panel.days, panel.holidays, None), np.array(held.size)


def last_year(panel: counts.Panel) -> counts.Panel:
    """Its last whole weeks, a year at most: too short for a season to be fitted, long enough for a level."""
    weeks = min(52, max(1, (panel.days[-1] - panel.days[0]).days // 7))
    since = panel.days[-1] - timedelta(weeks=weeks)
    return panel.rows(sum(day <= since for day in panel.days), len(panel.days))


def repeat_days(days: Sequence[date]) -> tuple[tuple[date, ...], int]:
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
class MonitorWatch:
    """How histories are watched; it never alarms.

    Attributes:
        cap: limit on one delivery's evidence, nats.
        sides: the directions looked at.
        anchored: whether the rest of the feed is the anchor.
    """

    cap: float
    sides: tuple[int, ...]
    anchored: bool

    def evidence(
        self, panel: counts.Panel, slacks: Sequence[float], runs: int = 1, *, since: int = 0
    ) -> dict[float, Array]:
        """By slack, the larger evidence of the directions looked at, over each run's segments; (days, runs).

        Before the delivery with index `since` nothing is evidence, it is only learnt from.
        """
        history = counts.watch(panel, monitor.MonitorSettings(_NEVER, min(slacks), self.cap), since=since)
        found = {
            slack: history.evidence_with(monitor.MonitorSettings(_NEVER, slack, self.cap)) for slack in slacks
        }
        return {slack: self._of_feed(evidence, runs) for slack, evidence in found.items()}

    def _of_feed(self, evidence: Array, runs: int) -> Array:
        parts = [
            feed_paths(np.moveaxis(evidence[:, side].reshape(len(evidence), runs, -1), 2, 1))
            for side in self.sides
        ]
        return np.asarray(np.maximum.reduce(parts))


@dataclass(frozen=True, slots=True)
class DrawnHistories:
    """Clean histories to be drawn, the same ones each time.

    Attributes:
        panel: what they are like, a year at most.
        mean: what it was expected to hold, (days, segments).
        size: k of each segment.
        drift: standard deviation of a week's step of the log level.
        runs: how many.
        seed: of the draw.
    """

    panel: counts.Panel
    mean: Array
    size: Array
    drift: float
    runs: int
    seed: int

    def watched(
        self, watching: MonitorWatch, slacks: Sequence[float], told: Callable[[int, int], None] | None = None
    ) -> dict[float, Array]:
        """By slack, evidence of the whole feed in the third year of each history, (days, runs).

        It begins with that year, as it does after an alarm: what nobody was told of in the years before, because
        these histories are watched without alarms, would be counted as alarms of its first day.

        Args:
            watching: how they are watched.
            slacks: drift that counts as normal (fractions), from `monitor.ONSET_SLACK` on if there are several.
            told: called with the histories done and all there are.
        """
        rng = np.random.default_rng(self.seed)
        days, warming = repeat_days(self.panel.days)
        mu = np.tile(self.mean, (len(days) // len(self.panel.days), 1))
        paths: dict[float, list[Array]] = {slack: [] for slack in slacks}
        for first in range(0, self.runs, _CHUNK):
            some = min(_CHUNK, self.runs - first)
            y = draw_counts(mu, self.size, self.drift, deliveries_a_year(self.panel.days), some, rng)
            side_by_side = np.moveaxis(y, 2, 1).reshape(len(y), -1)
            groups = np.repeat(np.arange(some), mu.shape[1])
            made = counts.panel_of(days, side_by_side, self.panel.holidays, groups)
            if watching.anchored:
                rest = np.stack([rest_of(y[:, :, run]) for run in range(some)], axis=1)
                made = replace(made, offset=rest.reshape(len(y), -1))
            for slack, path in watching.evidence(made, slacks, some, since=warming).items():
                paths[slack].append(path[warming:])
            if told is not None:
                told(first + some, self.runs)
        return {slack: np.concatenate(parts, axis=1) for slack, parts in paths.items()}
