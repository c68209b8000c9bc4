"""The blindness audit of a feed's history, and which segments are too small to be watched by themselves."""

from __future__ import annotations

import numpy as np

from ketenwacht.domain.checks.watched import groups_of
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.past import Past
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.settings import FeedRules
from ketenwacht.domain.stats import monitor
from ketenwacht.domain.traits import traits_of
from ketenwacht.messages.report.data import DetectionLimitView, MergedSegments, WatchedCheck
from ketenwacht.store import History

from .blindness import SegmentScale, heights_of, limits, scales
from .data import BacktestData, PlantedDrop, backtest_data


def audit_of(rules: FeedRules, feed: Feed, past: Past) -> tuple[DetectionLimitView, ...]:
    """What each coarse segment would show within 30, 90 and 365 days; empty while the history is too short.

    Args:
        rules: with approved thresholds, since those decide what is seen.
        feed: as configured.
        past: its counts.
    """
    data = backtest_data(rules, feed, past, PlantedDrop(WHOLE, 1.0))
    return limits(segment_scales(data, rules)) if data.past.snapshots else ()


def segment_scales(data: BacktestData, rules: FeedRules) -> tuple[SegmentScale, ...]:
    """The size of each part that is judged, and the heights that evidence of it must reach."""
    per_year = data.world.per_year
    heights = heights_of(rules, data.material.settings.thresholds[monitor.FEW], per_year)
    return scales(data.material, np.nanmean(data.world.mean, axis=0), per_year, heights)


def watched_of(history: History, feed: Feed, rules: FeedRules) -> tuple[WatchedCheck, ...]:
    """What each check of counts judges by itself and what only together, as it remembers it."""
    states, found = history.states(feed.name), []
    for check in rules.checks:
        groups = groups_of(states.get(check.name)) if traits_of(check).calibrated else ()
        if groups:
            alone = [group for group in groups if group.members == (group.segment,)]
            together = tuple(MergedSegments(g.segment, g.members) for g in groups if g not in alone)
            found.append(WatchedCheck(check.name, getattr(check, "at_least", 0.0), len(alone), together))
    return tuple(found)
