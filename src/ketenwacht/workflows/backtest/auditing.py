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
from ketenwacht.messages.report.data import Sight, Together, Watched
from ketenwacht.store import History

from .asked import Drop
from .blindness import Scale, heights_of, scales, sights
from .ground import Ground, ground_of


def audit_of(rules: FeedRules, feed: Feed, past: Past) -> tuple[Sight, ...]:
    """What each coarse segment would show within 30, 90 and 365 days; empty while the history is too short.

    Args:
        rules: with approved thresholds, since those decide what is seen.
        feed: as configured.
        past: its counts.
    """
    ground = ground_of(rules, feed, past, Drop(WHOLE, 1.0))
    return sights(ground_scales(ground, rules)) if ground.past.snapshots else ()


def ground_scales(ground: Ground, rules: FeedRules) -> tuple[Scale, ...]:
    """The size of each part that is judged, and the heights that evidence of it must reach."""
    per_year = ground.world.per_year
    heights = heights_of(rules, ground.material.settings.thresholds[monitor.FEW], per_year)
    return scales(ground.material, np.nanmean(ground.world.mean, axis=0), per_year, heights)


def watched_of(history: History, feed: Feed, rules: FeedRules) -> tuple[Watched, ...]:
    """What each check of counts judges by itself and what only together, as it remembers it."""
    states, found = history.states(feed.name), []
    for check in rules.checks:
        groups = groups_of(states.get(check.name)) if traits_of(check).calibrated else ()
        if groups:
            alone = [group for group in groups if group.members == (group.segment,)]
            together = tuple(Together(g.segment, g.members) for g in groups if g not in alone)
            found.append(Watched(check.name, getattr(check, "at_least", 0.0), len(alone), together))
    return tuple(found)
