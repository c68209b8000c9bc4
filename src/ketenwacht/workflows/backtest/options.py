"""What is asked of a backtest: which losses, as written on the command line, and how they are looked for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from ketenwacht.domain.segment import Segment
from ketenwacht.errors import ConfigError

from .blindness import UNCERTAINTY

_PARTS = 2  # name=value, and the share after the last colon


@dataclass(frozen=True, slots=True)
class PlantedDrop:
    """A loss to plant: in which segment, and what share of it (fraction 0–1)."""

    segment: Segment
    share: float


def parse_drop(text: str) -> PlantedDrop:
    """`name=value[,name=value…]:share`; `:share` is the whole feed.

    Raises:
        ConfigError: it is something else.
    """
    place, colon, share = text.rpartition(":")
    pairs = [tuple(part.strip() for part in pair.split("=", 1)) for pair in place.split(",") if pair.strip()]
    try:
        value = float(share.removesuffix("%")) / (100.0 if share.endswith("%") else 1.0)
    except ValueError:
        value = math.nan
    if not colon or not 0.0 < value <= 1.0 or any(len(pair) != _PARTS for pair in pairs):
        raise ConfigError(f"--drop {text}", "is not a loss", "write NAME=VALUE:SHARE, such as group=family:0.2")
    return PlantedDrop(Segment(tuple((pair[0], pair[1]) for pair in pairs)), value)


@dataclass(frozen=True, slots=True)
class BacktestOptions:
    """How losses are planted and looked for.

    Attributes:
        evidence: history, reference or reconciliation.
        runs: histories a scenario.
        seed: decides everything.
        creep: deliveries over which a loss grows.
        code_of: only one value of this column, another in every run, is lost; None: all of the segment.
        from_start: the loss was there from the first day.
        onset: the day on which a loss begins, in every run; None: drawn, another in each.
        uncertainty: of a reference's figures (relative sd).
        workers: processes.
    """

    evidence: str = "history"
    runs: int = 100
    seed: int = 1
    creep: int = 0
    code_of: str | None = None
    from_start: bool = False
    onset: date | None = None
    uncertainty: float = UNCERTAINTY
    workers: int = 1
