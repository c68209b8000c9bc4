"""Detection limits of a feed, from what own history has learnt: analytic, so that every report can show them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

import numpy as np

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.check_traits import traits_of
from ketenwacht.domain.checks import kind_by
from ketenwacht.domain.checks._count_memory import COUNTED, CountMemory, deliveries_a_year, groups_of
from ketenwacht.domain.checks.base import Check, State, View
from ketenwacht.domain.checks.calibration import is_tunable
from ketenwacht.domain.checks.reference import judges_by_figures
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.settings import FeedRules
from ketenwacht.domain.stats import detection_limits
from ketenwacht.domain.stats.backtest import GRACE
from ketenwacht.domain.stats.detection_limits import OwnLimit, limits_of
from ketenwacht.domain.stats.detector import NONE
from ketenwacht.messages.report.data import (
    DetectionLimitView,
    MergedSegments,
    Needed,
    OwnHistoryView,
    Smallest,
    WatchedCheck,
)
from ketenwacht.store import History
from ketenwacht.workflows.baselines import apply_approved
from ketenwacht.workflows.project import LoadedProject

from .data import UNCERTAINTY, BacktestData

_RECENT = 261  # deliveries over which the mean of a segment is taken
_LOSSES = (0.1, 0.2, 0.25, 1.0 / 3.0, 0.5, 0.75, 1.0)
_SOON = (35.0, 91.0, 365.0)  # days


@dataclass(frozen=True, slots=True)
class SegmentScale:
    """The size of one segment, and the heights that evidence of it must reach.

    Attributes:
        segment: of the feed.
        own: how own history judges it.
        per_year: deliveries a year.
        heights: nats of the other kinds of evidence, the share of the feed's budget included.
        open: whether a shortfall of it is open.
    """

    segment: Segment
    own: OwnLimit
    per_year: float
    heights: Mapping[str, float]
    open: bool = False


def compute_heights(rules: FeedRules, per_year: float) -> dict[str, float]:
    """Return the thresholds (nats) of a feed for outside figures and for the register, by their budgets."""
    checks = (*rules.checks, kind_by(Evidence.REFERENCE)())
    reference = next(check for check in checks if judges_by_figures(check))
    two_sides = math.log(2.0) if reference.surplus else 0.0
    weekly = max(math.log(min(52.0, per_year) / reference.false_alarms_per_year) + two_sides, math.log(20.0))
    return {"reference": weekly, "reconciliation": math.log(per_year)}


def make_scales(
    segments: Sequence[Segment], limits: Sequence[OwnLimit], rules: FeedRules, per_year: float
) -> tuple[SegmentScale, ...]:
    """Return the scale of each part that is judged."""
    share = math.log(max(len(segments), 1))
    heights = {kind: height + share for kind, height in compute_heights(rules, per_year).items()}
    return tuple(SegmentScale(s, own, per_year, heights) for s, own in zip(segments, limits, strict=True))


def audit_segment(one: SegmentScale) -> DetectionLimitView:
    """Return what each kind of evidence shows of one segment within 30, 90 and 365 days."""
    per_day = one.per_year / 365.25
    history: Smallest = {days: one.own.smallest(days * per_day) for days in detection_limits.HORIZONS}
    reference: Smallest = {
        days: detection_limits.by_reference(
            one.own.mean, one.per_year, UNCERTAINTY, one.heights["reference"], days
        )
        for days in detection_limits.HORIZONS
    }
    keys: Smallest = {
        days: detection_limits.by_keys(one.own.mean, one.per_year, one.heights["reconciliation"], days)
        for days in detection_limits.HORIZONS
    }
    blind = history[365]
    small = 0.5 if blind is None else min(blind / 2.0, 0.9)
    return DetectionLimitView(one.segment, history, reference, keys, compute_needed(one, small), view_own(one))


def view_own(one: SegmentScale) -> OwnHistoryView:
    """Return what own history can show of one segment today: the loss that it shows soon, and what it never shows.

    The loss is the smallest round one that is seen within five weeks, else within a quarter, else within a year.
    """
    per_day = one.per_year / 365.25
    needed = {loss: one.own.deliveries(loss) for loss in _LOSSES}
    # A third of a delivery is never judged: what takes 2.3 monthly ones takes three months.
    days = {loss: math.inf if n is None else math.ceil(n) / per_day for loss, n in needed.items()}
    loss, took = next(
        ((loss, days[loss]) for soon in _SOON for loss in _LOSSES if days[loss] <= soon), (None, None)
    )
    blind = one.own.smallest(365 * per_day)
    return OwnHistoryView(one.segment, one.own.reason, one.own.season_known, blind, loss, took, one.open)


def compute_needed(one: SegmentScale, loss: float) -> Needed:
    """Return what shows a loss of this size: own history, a reference, the register."""
    per_day = one.per_year / 365.25
    seen = {days: one.own.smallest(days * per_day) for days in detection_limits.HORIZONS}
    within = next((days for days in detection_limits.HORIZONS if _is_visible(seen[days], loss)), None)
    known = detection_limits.reference_needed(loss, one.heights["reference"]) if loss < 1.0 else 1.0
    keys = detection_limits.days_by_keys(loss, one.own.mean, one.heights["reconciliation"])
    days = None if keys is None else max((keys + GRACE) / one.per_year * 365.25, 1.0)
    return Needed(one.segment, loss, within, known, days)


def _is_visible(smallest: float | None, loss: float) -> bool:
    return smallest is not None and loss >= smallest


# Detection limits of a feed's history, and which segments are too small to be watched by themselves.


def audit_feed(rules: FeedRules, states: Mapping[str, State], past: Past) -> tuple[DetectionLimitView, ...]:
    """Return what each judged segment shows within 30, 90 and 365 days; () while the history is too short.

    Args:
        rules: with approved thresholds, since those decide what is seen.
        states: what each check remembers after the last delivery; a check without one follows `past` anew.
        past: the counts of the feed.
    """
    found: dict[Segment, DetectionLimitView] = {}
    for check in rules.checks:
        if traits_of(check).calibrated and traits_of(check).bands:
            for one in scale_segments(check, rules, states.get(check.name), past):
                found.setdefault(one.segment, audit_segment(one))
    return tuple(found.values())


def view_own_history(
    check: Check, rules: FeedRules, states: Mapping[str, State], past: Past
) -> tuple[OwnHistoryView, ...]:
    """Return what one check of counts can show of each segment today; () while its history is too short."""
    return tuple(view_own(one) for one in scale_segments(check, rules, states.get(check.name), past))


def scale_segments(check: Check, rules: FeedRules, state: State | None, past: Past) -> tuple[SegmentScale, ...]:
    """Return how a check of counts judges each of its segments now, from what it remembers."""
    memory = CountMemory.of(state)
    if memory.own is None and past.snapshots:
        newest = past.snapshots[-1]
        if newest.delivery.kind not in COUNTED:
            return ()
        at = datetime.combine(newest.delivery.period, time(), UTC)
        view = View(
            newest, past.before(newest.delivery.period), at=at, holidays=rules.holidays, periods=rules.periods
        )
        memory = CountMemory.of(check.judge(view).state)
    if memory.own is None or memory.own.model is None or memory.absorbed < memory.needed:
        return ()
    mean = np.array(
        [sum(_mean_of(past, member) for member in group.members) for group in memory.groups], dtype=np.float64
    )
    segments = [group.segment for group in memory.groups]
    scales = make_scales(segments, limits_of(memory.own.model, mean), rules, deliveries_a_year(past.periods))
    opened = memory.own.track.short != NONE
    return tuple(replace(one, open=bool(now)) for one, now in zip(scales, opened, strict=True))


def _mean_of(past: Past, segment: Segment) -> float:
    recent = past.series(ROWS, segment)[-_RECENT:]
    return float(np.nanmean(recent)) if np.isfinite(recent).any() else 0.0


def scale_parts(data: BacktestData, rules: FeedRules) -> tuple[SegmentScale, ...]:
    """Return how each part of a backtest is judged."""
    return make_scales([segment for segment, _ in data.parts], data.limits, rules, data.world.per_year)


def find_watched(history: History, feed: Feed, rules: FeedRules) -> tuple[WatchedCheck, ...]:
    """Return what each check of counts judges by itself, and what only together, by its saved state."""
    states, found = history.runs.find_states(feed.name), []
    for check in rules.checks:
        groups = groups_of(states.get(check.name)) if traits_of(check).calibrated else ()
        if groups:
            alone = [group for group in groups if group.members == (group.segment,)]
            together = tuple(MergedSegments(g.segment, g.members) for g in groups if g not in alone)
            found.append(WatchedCheck(check.name, getattr(check, "at_least", 0.0), len(alone), together))
    return tuple(found)


def describe_own_history(
    history: History, project: LoadedProject, feed: Feed, check: str | None, on_warning: Callable[[str, str], None]
) -> dict[str, tuple[OwnHistoryView, ...]]:
    """Return what each check of counts can detect now, by check and segment, from what it remembers.

    Args:
        history: where the feed was judged.
        project: its configuration.
        feed: as configured.
        check: only this one; None: all.
        on_warning: called with a check whose approved baseline no longer fits, and why.
    """
    rules = apply_approved(load_rules(feed, project.root), history, feed.name, on_warning)
    exclusions = (*rules.exclusions, *history.exclusions.find(feed.name))
    past = Past.of(history.runs.find_snapshots(feed.name, metrics={ROWS}), exclusions)
    states = history.runs.find_states(feed.name)
    return {
        one.name: view_own_history(one, rules, states, past)
        for one in rules.checks
        if is_tunable(one) and check in {None, one.name}
    }
