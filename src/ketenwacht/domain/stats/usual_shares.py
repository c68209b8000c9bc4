"""How often a field is usually empty, and how far forecasts of that are off.

Sources: Skellam 1948, Williams 1982, Kish 1965 (overdispersion).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .negbin import Array, Flags

# How often a field is usually empty.
#
# The empty values x of n rows are beta-binomial: persons of one office, one form or one batch share what is
# missing, so that var x = n·p·(1 − p)·[1 + (n − 1)·ρ] with the intraclass correlation ρ. It is estimated by
# weighted moments of (x − np)²/[p(1 − p)] − n, whose mean is n(n − 1)ρ, and shrunk to a first guess while little
# is known.
# Sources: Skellam 1948 (the distribution); Williams 1982 (moments); Kish 1965 (the design effect 1 + (n − 1)ρ).

_HALF_LIFE, _HALF_LIFE_TOGETHER = 273.0, 365.0
"""Days after which what was learnt counts for half: of the share, and of how values come together."""
_ERRORS = 1.75  # standard errors between what was learnt and what may be: tuned, docs/detection.md
_GUESS, _GUESS_ERROR, _TOGETHER = 0.01, 0.01, (0.0005, 0.3)
# One strange day must not hide the next one: it counts as so many standard deviations and so many values at most.
# Three was too few: a storm that empties a third of a field is how some feeds are.
_FAR, _FAR_VALUES = 10.0, 2.0
_SMALLEST, LARGEST = 1e-6, 0.98
EMPTY, ROWS, SQUARES, _EXCESS, _PAIRS, _DELIVERIES = range(6)
MOMENTS = 6


@dataclass(frozen=True, slots=True)
class Usual:
    """What was learnt of each stream from deliveries that were normal.

    Attributes:
        sums: of the moments of deliveries, older ones fading, (streams, MOMENTS).
        until: ordinal of the last day learnt from, (streams,).
    """

    sums: Array
    until: Array

    @classmethod
    def start(cls, streams: int, day: int) -> Usual:
        """Nothing learnt yet."""
        return cls(np.zeros((streams, MOMENTS)), np.full(streams, float(day)))

    @property
    def empty(self) -> Array:
        """Empty values learnt from, as many as still count, (streams,)."""
        return self.sums[:, EMPTY]

    @property
    def rows(self) -> Array:
        """Rows learnt from, as many as still count, (streams,)."""
        return self.sums[:, ROWS]

    @property
    def deliveries(self) -> Array:
        """Deliveries learnt from, (streams,)."""
        return self.sums[:, _DELIVERIES]

    @property
    def share(self) -> Array:
        """Share of empty values, (streams,), exclusive of 0 and 1."""
        return np.asarray((self.sums[:, EMPTY] + 0.5) / (self.rows + 1.0))

    @property
    def together(self) -> Array:
        """Intraclass correlation ρ of the empty values of a delivery, (streams,)."""
        known = _GUESS_ERROR**-2
        found = (known * _GUESS + self.sums[:, _EXCESS]) / (known + self.sums[:, _PAIRS])
        return np.asarray(np.clip(found, *_TOGETHER))

    def largest(self, slack: Array) -> Array:
        """Return the largest normal share, (streams,)."""
        share = self.share
        moved = logistic(log_odds(share) + slack) - share
        return np.asarray(np.minimum(share + np.hypot(self._error(), moved), LARGEST))

    def highest(self, rows: Array, slack: Array) -> Array:
        """Return the share of empty values that 95 % of deliveries of so many rows stay below, (streams,)."""
        share = self.largest(slack)
        inflation = 1.0 + np.maximum(rows - 1.0, 0.0) * self.together
        return np.asarray(
            np.minimum(share + 1.645 * np.sqrt(share * (1.0 - share) * inflation / np.maximum(rows, 1.0)), 1.0)
        )

    def smallest(self, slack: Array) -> Array:
        """Return the smallest normal share, (streams,)."""
        share = self.share
        moved = share - logistic(log_odds(share) - slack)
        return np.asarray(np.maximum(share - np.hypot(self._error(), moved), _SMALLEST))

    def _error(self) -> Array:
        """Return what is not known of the share, points (fraction 0–1)."""
        return np.asarray(_ERRORS * np.sqrt(self.variance()))

    def variance(self) -> Array:
        """Return the variance of the share by chance, (streams,)."""
        share = self.share
        return np.asarray(share * (1.0 - share) * self.inflation() / (self.rows + 1.0))

    def inflation(self) -> Array:
        """Return by how much more than independent values the empty ones of a usual delivery vary, (streams,)."""
        size = self.sums[:, SQUARES] / (self.rows + 1.0)
        return np.asarray(1.0 + np.maximum(size - 1.0, 0.0) * self.together)

    def moments(self, empty: Array, rows: Array, known: NDArray[np.bool_]) -> Array:
        """What a delivery adds, (streams, MOMENTS); how values come together only where the share is known."""
        share, together = self.share, self.together
        spread, pairs = share * (1.0 - share), rows * (rows - 1.0)
        inflation = 1.0 + np.maximum(rows - 1.0, 0.0) * together
        far = _FAR * np.sqrt(rows * spread * inflation) + _FAR_VALUES
        excess = np.minimum(np.abs(empty - rows * share), far) ** 2 / spread - rows
        # Binomial variance of the excess; pairs over variance is the weight that makes the mean the most precise.
        noise = 2.0 * rows**2 + rows * np.maximum(1.0 / spread - 6.0, 0.0)
        weight = np.where(known & (pairs > 0.0), pairs / np.maximum(noise * inflation**2, 1.0), 0.0)
        some = (rows > 0.0).astype(np.float64)
        return np.stack([empty, rows, rows**2, weight * excess, weight * pairs, some], axis=1)

    def learn(self, waiting: Array, day: int, normal: NDArray[np.bool_], enough: float) -> Usual:
        """With the moments of deliveries up to this day, of streams that were normal.

        Older ones fade, the share only while it is known from `enough` rows.
        """
        days = day - self.until
        share = np.where(self.rows >= enough, 0.5 ** (days / _HALF_LIFE), 1.0)
        together = 0.5 ** (days / _HALF_LIFE_TOGETHER)
        fade = np.stack([share, share, share, together, together, np.ones_like(share)], axis=1)
        sums = np.where(normal[:, None], self.sums * fade + waiting, self.sums)
        return Usual(sums, np.where(normal, float(day), self.until))

    def restrict(self, lately: Array, which: NDArray[np.bool_]) -> Usual:
        """With the share of some streams known from these moments only; how values come together stays."""
        share = np.isin(np.arange(MOMENTS), (EMPTY, ROWS, SQUARES))
        return Usual(np.where(which[:, None] & share, lately, self.sums), self.until)


def log_odds(share: Array) -> Array:
    """Return the log odds of shares (fractions 0–1, exclusive of both)."""
    return np.asarray(np.log(share) - np.log1p(-share))


def logistic(x: Array) -> Array:
    """Return the shares of log odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


# How far the share strays: forecasts of the odds, held to what came, as own history does with counts.

SPACING = 28.0
"""Days between two forecasts."""
_FEW_EXPECTED = 4.0  # empty or filled values: fewer say nothing of the odds


@dataclass(frozen=True, slots=True)
class ShareForecast:
    """A forecast of each stream's share that is still held to what comes.

    Attributes:
        day: ordinal of the day it was made.
        odds: log odds of an empty value that were foretold, (streams,); NaN where nothing was.
        error: variance of them, (streams,).
        sums: empty values, rows, squared rows and alarmed deliveries since then, (4, streams).
        held: horizons that were reached.
    """

    day: float
    odds: Array
    error: Array
    sums: Array
    held: int = 0

    def advance(self, counts: tuple[Array, Array], alarmed: Flags) -> ShareForecast:
        """With one more delivery."""
        empty, rows = counts
        return replace(self, sums=self.sums + np.vstack([empty, rows, rows**2, alarmed]))

    def measure_error(self, together: Array) -> tuple[Array, Array]:
        """Return how far the log odds of filled values lie off, and the variance of that by chance, (streams,).

        Negative where more was empty than foretold. NaN where too few values were expected, or an alarm was open.
        """
        empty, rows, squares, alarmed = self.sums
        share = logistic(self.odds)
        least = rows * np.minimum(share, 1.0 - share)
        found = log_odds((empty + 0.5) / (rows + 1.0))
        inflation = 1.0 + np.maximum(squares / np.maximum(rows, 1.0) - 1.0, 0.0) * together
        noise = inflation / np.maximum(rows * share * (1.0 - share), 1e-9) + self.error
        said = (least >= _FEW_EXPECTED) & (alarmed == 0.0)
        return np.where(said, self.odds - found, np.nan), np.where(said, noise, np.nan)
