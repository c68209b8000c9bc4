"""Detection limits of a feed from its stored counts: analytic, so that every report can show them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ketenwacht.domain.checks import kind_by
from ketenwacht.domain.checks._memory import groups_of
from ketenwacht.domain.checks.calibration import BacktestMaterial
from ketenwacht.domain.checks.reference import judges_by_figures
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.settings import FeedRules
from ketenwacht.domain.stats import detection_limits, monitor
from ketenwacht.domain.stats.negbin import Array
from ketenwacht.domain.stats.planted import GRACE
from ketenwacht.domain.traits import traits_of
from ketenwacht.messages.report.data import DetectionLimitView, MergedSegments, Needed, Smallest, WatchedCheck
from ketenwacht.store import History

from .data import UNCERTAINTY, BacktestData, PlantedDrop, load_data


@dataclass(frozen=True, slots=True)
class SegmentScale:
    """The size of one segment, and the heights that evidence of it must reach.

    Attributes:
        mean: persons a delivery.
        size: k.
        per_year: deliveries a year.
        heights: nats by kind of evidence, the share of the feed's budget included.
        slack: of own history: what its level may drift (fraction).
    """

    segment: Segment
    mean: float
    size: float
    per_year: float
    heights: dict[str, float]
    slack: float = 0.0


def compute_heights(rules: FeedRules, height: float, per_year: float) -> dict[str, float]:
    """Return the thresholds (nats) of a feed by evidence: own history's as given, the others by their budgets."""
    checks = (*rules.checks, kind_by(Evidence.REFERENCE)())
    reference = next(check for check in checks if judges_by_figures(check))
    two_sides = math.log(2.0) if reference.surplus else 0.0
    weekly = max(math.log(min(52.0, per_year) / reference.false_alarms_per_year) + two_sides, math.log(20.0))
    return {"history": height, "reference": weekly, "reconciliation": math.log(per_year)}


def compute_scales(
    material: BacktestMaterial, mean: Array, per_year: float, heights: dict[str, float]
) -> tuple[SegmentScale, ...]:
    """Return the scale of each part that is judged."""
    share = math.log(len(material.parts))
    own = {kind: height + share for kind, height in heights.items()}
    return tuple(
        SegmentScale(segment, float(mean[i]), float(material.size[i]), per_year, own, material.settings.slack)
        for i, (segment, _) in enumerate(material.parts)
    )


def audit_segments(found: Sequence[SegmentScale]) -> tuple[DetectionLimitView, ...]:
    """Return the audit, one row a segment."""
    return tuple(audit_segment(one) for one in found)


def audit_segment(one: SegmentScale) -> DetectionLimitView:
    """Return what each kind of evidence shows of one segment within 30, 90 and 365 days."""
    history = detection_limits.audit(
        one.mean, one.size, one.heights["history"], one.per_year, slack=one.slack
    ).within
    reference: Smallest = {
        days: detection_limits.by_reference(one.mean, one.per_year, UNCERTAINTY, one.heights["reference"], days)
        for days in detection_limits.HORIZONS
    }
    keys: Smallest = {
        days: detection_limits.by_keys(one.mean, one.per_year, one.heights["reconciliation"], days)
        for days in detection_limits.HORIZONS
    }
    blind = history[365]
    small = 0.5 if blind is None else min(blind / 2.0, 0.9)
    return DetectionLimitView(one.segment, history, reference, keys, compute_needed(one, small))


def compute_needed(one: SegmentScale, loss: float) -> Needed:
    """Return what shows a loss of this size: own history, a reference, the register."""
    seen = detection_limits.audit(one.mean, one.size, one.heights["history"], one.per_year, slack=one.slack).within
    within = next((days for days in detection_limits.HORIZONS if _is_visible(seen[days], loss)), None)
    known = detection_limits.reference_needed(loss, one.heights["reference"]) if loss < 1.0 else 1.0
    keys = detection_limits.days_by_keys(loss, one.mean, one.heights["reconciliation"])
    days = None if keys is None else max((keys + GRACE) / one.per_year * 365.25, 1.0)
    return Needed(one.segment, loss, within, known, days)


def _is_visible(smallest: float | None, loss: float) -> bool:
    return smallest is not None and loss >= smallest


# Detection limits of a feed's history, and which segments are too small to be watched by themselves.


def audit_feed(rules: FeedRules, feed: Feed, past: Past) -> tuple[DetectionLimitView, ...]:
    """Return what each coarse segment shows within 30, 90 and 365 days; () while the history is too short.

    Args:
        rules: with approved thresholds, since those decide what is seen.
        feed: as configured.
        past: its counts.
    """
    data = load_data(rules, feed, past, PlantedDrop(WHOLE, 1.0))
    return audit_segments(segment_scales(data, rules)) if data.past.snapshots else ()


def segment_scales(data: BacktestData, rules: FeedRules) -> tuple[SegmentScale, ...]:
    """Return the size of each judged part, and the heights that evidence of it must reach."""
    per_year = data.world.per_year
    heights = compute_heights(rules, data.material.settings.thresholds[monitor.FEW], per_year)
    return compute_scales(data.material, np.nanmean(data.world.mean, axis=0), per_year, heights)


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
