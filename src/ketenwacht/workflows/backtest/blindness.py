"""The blindness audit of a feed, from its stored counts: analytic, so that a report can always show it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ketenwacht.domain.checks import kind_by
from ketenwacht.domain.checks.calibration import Material
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.settings import FeedRules
from ketenwacht.domain.stats import blindness
from ketenwacht.domain.stats.negbin import Array
from ketenwacht.domain.stats.planted_paths import GRACE
from ketenwacht.domain.traits import by_figures
from ketenwacht.render.data import Sight, Smallest

_FINE = 0.1
UNCERTAINTY = 0.02
"""Relative sd of a good weekly figure."""


@dataclass(frozen=True, slots=True)
class Scale:
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


def heights_of(rules: FeedRules, height: float, per_year: float) -> dict[str, float]:
    """Thresholds (nats) of a feed: own history's as given, those of references and keys from their budgets."""
    checks = (*rules.checks, kind_by(Evidence.REFERENCE)())
    reference = next(check for check in checks if by_figures(check))
    two_sides = math.log(2.0) if reference.surplus else 0.0
    weekly = max(math.log(min(52.0, per_year) / reference.false_alarms_per_year) + two_sides, math.log(20.0))
    return {"history": height, "reference": weekly, "reconciliation": math.log(per_year)}


def scales(material: Material, mean: Array, per_year: float, heights: dict[str, float]) -> tuple[Scale, ...]:
    """One a part that is judged."""
    share = math.log(len(material.parts))
    own = {kind: height + share for kind, height in heights.items()}
    return tuple(
        Scale(segment, float(mean[i]), float(material.size[i]), per_year, own, material.settings.slack)
        for i, (segment, _) in enumerate(material.parts)
    )


def sights(found: Sequence[Scale]) -> tuple[Sight, ...]:
    """The audit, a row a segment."""
    return tuple(sight(one) for one in found)


def sight(one: Scale) -> Sight:
    """What each kind of evidence sees of one segment within 30, 90 and 365 days."""
    history = blindness.audit(one.mean, one.size, one.heights["history"], one.per_year, slack=one.slack).within
    reference: Smallest = {
        days: blindness.by_reference(one.mean, one.per_year, UNCERTAINTY, one.heights["reference"], days)
        for days in blindness.HORIZONS
    }
    keys: Smallest = {
        days: blindness.by_keys(one.mean, one.per_year, one.heights["reconciliation"], days)
        for days in blindness.HORIZONS
    }
    return Sight(one.segment, history, reference, keys, _rest(one, history[365]))


def _rest(one: Scale, blind: float | None) -> str:
    if blind is None:
        told, small = "own history shows no loss within a year, however large", 0.5
    else:
        told, small = f"a loss under {percent(blind)} is not seen by volume within a year", min(blind / 2.0, 0.9)
    return f"{one.segment}: {told}; one of {percent(small)}: {_else(one, small)}"


def needed(one: Scale, drop: float) -> str:
    """What shows a loss of this size, in words."""
    seen = blindness.audit(one.mean, one.size, one.heights["history"], one.per_year, slack=one.slack).within
    within = next((d for d in blindness.HORIZONS if _seen(seen[d], drop)), None)
    volume = f"by volume within {within} days once it begins" if within is not None else "not by volume"
    return f"{one.segment} {percent(drop)}: {volume}; {_else(one, drop)}"


def _seen(smallest: float | None, drop: float) -> bool:
    return smallest is not None and drop >= smallest


def _else(one: Scale, drop: float) -> str:
    """What a reference and the register would take."""
    known = blindness.reference_needed(drop, one.heights["reference"]) if drop < 1.0 else 1.0
    by_figure = (
        f"from day one by a reference known to {percent(known)} or better"
        if known is not None
        else "by no reference"
    )
    keys = blindness.days_by_keys(drop, one.mean, one.heights["reconciliation"])
    if keys is None:
        return f"{by_figure}; by reconciliation only name by name"
    days = (keys + GRACE) / one.per_year * 365.25
    return f"{by_figure}; by reconciliation in about {max(days, 1.0):.0f} days"


def percent(share: float) -> str:
    """A fraction in per cent; a decimal only where it says something."""
    return f"{100 * share:.{int(share < _FINE)}f} %"
