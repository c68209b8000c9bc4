"""What backtest and calibration draw from: clean counts like those of a feed, and how evidence looks at them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from .negbin import Array

_SHIFTS_A_YEAR, _SHIFT = 1 / 9, (0.8, 1.2)  # lasting shifts of a segment, as in docs/detection.md


def drawn(  # noqa: PLR0913, PLR0917 - all that counts are drawn from
    mean: Array, size: Array, drift: float, per_year: float, runs: int, rng: np.random.Generator
) -> Array:
    """Counts of a feed that drifts but loses nobody, (days, segments, runs).

    Negative binomial around `mean` times a level of its own a segment: a random walk, with a lasting shift of a
    fifth up or down once in nine years.

    Args:
        mean: expected counts, (days, segments).
        size: k of each segment, (segments,).
        drift: standard deviation of a week's step of the log level.
        per_year: deliveries a year.
        runs: histories.
        rng: seeded.
    """
    shape = (*mean.shape, runs)
    step = drift / np.sqrt(max(per_year / 52.0, 1.0))
    level = np.cumsum(rng.normal(0.0, step, shape), axis=0)
    shifted = rng.random(shape) < _SHIFTS_A_YEAR / per_year
    level += np.cumsum(np.where(shifted, np.log(rng.choice(_SHIFT, shape)), 0.0), axis=0)
    k = size[None, :, None]
    rate = rng.gamma(k, mean[:, :, None] * np.exp(level) / k)
    return np.asarray(rng.poisson(rate), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class CountModel:
    """What counts are drawn from; segments are those that one check judges.

    Attributes:
        days: date of each delivery.
        warming: how many of them come before any onset, and before false alarms are counted.
        mean: expected counts, (days, segments).
        size: k of each segment, (segments,).
        drift: standard deviation of a week's step of the log level.
        per_year: deliveries a year.
        holidays: public holidays.
        stored: real counts, (days, segments), NaN where nothing may be looked at; None: counts are drawn.
    """

    days: tuple[date, ...]
    warming: int
    mean: Array
    size: Array
    drift: float
    per_year: float
    holidays: Collection[date] = frozenset()
    stored: Array | None = None

    def draw(self, runs: int, rng: np.random.Generator) -> Array:
        """Counts without a loss, (days, segments, runs)."""
        shape = (*self.mean.shape, runs)
        if self.stored is not None:
            return np.array(np.broadcast_to(self.stored[:, :, None], shape))
        return drawn(self.mean, self.size, self.drift, self.per_year, runs, rng)

    @property
    def ordinals(self) -> NDArray[np.intp]:
        """The ordinal of each delivery's day."""
        return np.array([day.toordinal() for day in self.days], dtype=np.intp)


@dataclass(frozen=True, slots=True)
class EvidenceModel:
    """How evidence is gathered and decided on.

    Attributes:
        evidence: history, reference or reconciliation.
        threshold: nats.
        slack: of own history.
        cap: of own history, nats a delivery.
        uncertainty: of the reference (relative sd).
        noise: of each weekly window by itself (relative sd).
    """

    evidence: str
    threshold: float
    slack: float = 0.06
    cap: float = 3.0
    uncertainty: float = 0.03
    noise: float = 0.03

    def steps_a_year(self, world: CountModel) -> float:
        """Steps of its evidence a year."""
        return min(52.0, world.per_year) if self.evidence == "reference" else world.per_year
