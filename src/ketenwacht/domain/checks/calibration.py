"""What slack and threshold a feed's own history asks for: the monitor, run over clean histories drawn from it.

The nominal threshold holds while the baseline is right, and a real feed drifts. So the slack is chosen at which it
holds again, and then the threshold. What they cost is counted in the third year of the histories, when the monitor
has learnt; how they are drawn is in the file beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import numpy as np

from ketenwacht.domain.past import Past
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.stats import counts, monitor
from ketenwacht.domain.stats.calibrate import Calibration, calibrate, cost_of, least_slack
from ketenwacht.domain.stats.negbin import Array
from ketenwacht.domain.traits import traits_of, tunable

from ._counts import Stream, a_year
from ._memory import CountPlan
from .base import Check, View
from .calibration_drawn import DrawnHistories, MonitorWatch, drift_of, fitted, last_year, repeated
from .ratio import RatioCheck
from .volume import VolumeCheck

Tunable = VolumeCheck | RatioCheck
LEAST = 3 * counts.LEAST_DAYS
"""Deliveries that a calibration needs."""
SLACKS = (0.03, 0.06, 0.09, 0.12, 0.15, 0.18, 0.21)
"""What a level may drift (fraction), from a calm feed to one where own history shows large losses only."""
_CURVE = np.arange(3.0, 25.0)


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
    mu, size = fitted(recent)
    drift = drift_of(recent, mu, size)
    sides = (monitor.FEW, monitor.MANY) if getattr(check, "surplus", False) else (monitor.FEW,)
    watching = MonitorWatch(plan.settings.cap, sides, plan.anchored)
    drawing = DrawnHistories(recent, mu, size, drift, runs, int(rng.integers(2**32)))
    per_year = a_year(panel.days)
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
    counting = [check for check in checks if tunable(check)]
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
    mu, size = fitted(recent)
    days, warming = repeated(recent.days)
    parts = tuple((g.segment, g.members) for g in groups)
    mean = np.tile(mu, (len(days) // len(recent.days), 1))
    return BacktestMaterial(parts, panel, days, warming, mean, size, drift_of(recent, mu, size), plan.settings)
