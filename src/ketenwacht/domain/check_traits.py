"""Static facts about each kind of check. Callers read these instead of testing the class or the kind's name.

A kind that says nothing, such as one of an older plug-in, has the defaults.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from .feed import Feed
from .result import Evidence
from .segment import Segment


class Release(Enum):
    """What a check can be asked of deliveries that a release candidate made (`ci`)."""

    STREAM = "stream"  # it follows the deliveries of the candidate itself
    LEVEL = "level"  # it compares with a normal level, which is production's
    NOTHING = "nothing"  # it speaks of production only: what was due there, what others know of its persons


class Weight(Enum):
    """What it means for a contract that a setting changes."""

    UP = "up"  # stricter when higher
    DOWN = "down"  # stricter when lower
    ASKED = "asked"  # each item of the list is asked for
    LET_OFF = "let off"  # each item of the list is let off
    WORDS = "words"  # an explanation
    EITHER = "either"  # stricter either way


class Holds(Enum):
    """What others must know of the contents of a setting."""

    AGREED_COLUMNS = "agreed columns"  # names of every column that a delivery has
    COLUMNS = "columns"  # names of some of them, or one name; of a mapping its keys
    CATEGORIES = "categories"  # categories that must be seen (`coverage.Category`)
    RARE = "rare"  # categories that may be rare (`coverage.Rare`)
    HOPS = "hops"  # stations of a chain, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRange:
    """A setting of a kind of check.

    Attributes:
        least: the least figure that means anything; of a mapping, of each of its values.
        most: the greatest.
        weight: what a change of it means.
        holds: what others must know of it.
    """

    least: float = -math.inf
    most: float = math.inf
    weight: Weight = Weight.EITHER
    holds: Holds | None = None


def nonnegative(weight: Weight = Weight.EITHER) -> SettingRange:
    """Return a setting that is 0 or more."""
    return SettingRange(least=0.0, weight=weight)


def fraction(weight: Weight = Weight.EITHER, holds: Holds | None = None) -> SettingRange:
    """Return a setting that is a fraction from 0 to 1."""
    return SettingRange(least=0.0, most=1.0, weight=weight, holds=holds)


def budget() -> Mapping[str, SettingRange]:
    """Return the setting of every check that may give false alarms."""
    return {"false_alarms_per_year": nonnegative(Weight.UP)}


COUNTING: Mapping[str, SettingRange] = {
    "threshold": SettingRange(weight=Weight.DOWN),
    "at_least": nonnegative(Weight.DOWN),
    "slack": fraction(Weight.DOWN),
    **budget(),
}
"""The settings of every check that follows counts."""


def with_manifest(feed: Feed) -> Mapping[str, object] | None:
    """Return a check without settings, for a feed whose deliveries come with a manifest."""
    return {} if getattr(feed.source, "manifest", None) is not None else None


def _not_by_default(_: Feed) -> Mapping[str, object] | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckTraits:
    """What is known of a kind of check.

    Attributes:
        evidence: by which it judges.
        release: what `ci` makes of it.
        settings: by name; one that is not here is any figure, and stricter either way.
        dimension: the dimension of data quality that it guards, a word of the ODCS standard.
        calibrated: whether it follows counts with a threshold that is calibrated, and merges what is too small
            (`calibration.Tunable`).
        bands: whether its limits say how many persons each delivery should hold.
        default: the settings of a check of this kind for a feed without a checks file; None: it has no such check.
        always: where it stands when a checks file leaves it out; None: it may be left out.
        outside: whether it judges by what others say of the feed (`View.known`) and remembers nothing: then it
            judges again when such evidence arrives, without a new delivery.
    """

    evidence: Evidence = Evidence.CONTRACT
    release: Release = Release.STREAM
    settings: Mapping[str, SettingRange] = field(default_factory=dict)
    dimension: str = "coverage"
    calibrated: bool = False
    bands: bool = False
    default: Callable[[Feed], Mapping[str, object] | None] = _not_by_default
    always: Literal["first", "last"] | None = None
    outside: bool = False


_UNKNOWN = CheckTraits(settings=budget())


def traits_of(check: Any) -> CheckTraits:  # noqa: ANN401 - a check or its class, also of a plug-in that knows no traits
    """Return what a check, or a kind of check, knows of itself."""
    found = getattr(check, "traits", _UNKNOWN)
    return found if isinstance(found, CheckTraits) else _UNKNOWN


def list_held(check: Any, holds: Holds) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - see `traits_of`
    """Yield the settings of a check that hold this, by name, with their values."""
    for name, setting in traits_of(check).settings.items():
        if setting.holds is holds:
            yield name, getattr(check, name)


def listed_categories(checks: Iterable[object]) -> tuple[Segment, ...]:
    """Return every category that must be seen, as the checks list them."""
    from .category import categories  # noqa: PLC0415 - who lists incidents computes nothing, and needs no numpy

    return categories(one for check in checks for _, found in list_held(check, Holds.CATEGORIES) for one in found)
