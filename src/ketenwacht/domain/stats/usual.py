"""How often a field is usually empty, how well that is known, and how much empty values come together.

The empty values x of n rows are beta-binomial: persons of one office, one form or one batch share what is missing,
so that var x = n·p·(1 − p)·[1 + (n − 1)·ρ] with the intraclass correlation ρ. It is estimated by weighted moments
of (x − np)²/[p(1 − p)] − n, whose mean is n(n − 1)ρ, and shrunk to a first guess while little is known.
Sources: Skellam 1948 (the distribution); Williams 1982 (moments); Kish 1965 (the design effect 1 + (n − 1)ρ).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .negbin import Array

_HALF_LIFE, _HALF_LIFE_TOGETHER = 273.0, 365.0
"""Days after which what was learnt counts for half: of the share, and of how values come together."""
_ERRORS = 1.75  # standard errors between what was learnt and what may be: tuned, docs/detection.md
_GUESS, _GUESS_ERROR, _TOGETHER = 0.01, 0.01, (0.0005, 0.3)
# One strange day must not hide the next one: it counts as so many standard deviations and so many values at most.
_FAR, _FAR_VALUES = 3.0, 2.0
_SMALLEST, _LARGEST = 1e-6, 0.98
_EMPTY, _ROWS, _SQUARES, _EXCESS, _PAIRS, _DELIVERIES = range(6)
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

    def to_dict(self) -> dict[str, object]:
        """As JSON values, exact."""
        return {"sums": self.sums.tolist(), "until": self.until.tolist()}

    @classmethod
    def from_dict(cls, body: Mapping[str, object]) -> Usual:
        """Read back what `to_dict` wrote."""
        return cls(*(np.array(body[name], dtype=np.float64) for name in ("sums", "until")))

    @property
    def empty(self) -> Array:
        """Empty values learnt from, as many as still count, (streams,)."""
        return self.sums[:, _EMPTY]

    @property
    def rows(self) -> Array:
        """Rows learnt from, as many as still count, (streams,)."""
        return self.sums[:, _ROWS]

    @property
    def deliveries(self) -> Array:
        """Deliveries learnt from, (streams,)."""
        return self.sums[:, _DELIVERIES]

    @property
    def share(self) -> Array:
        """Share of empty values, (streams,), exclusive of 0 and 1."""
        return np.asarray((self.sums[:, _EMPTY] + 0.5) / (self.rows + 1.0))

    @property
    def together(self) -> Array:
        """Intraclass correlation ρ of the empty values of a delivery, (streams,)."""
        known = _GUESS_ERROR**-2
        found = (known * _GUESS + self.sums[:, _EXCESS]) / (known + self.sums[:, _PAIRS])
        return np.asarray(np.clip(found, *_TOGETHER))

    def largest(self, slack: float) -> Array:
        """Largest normal share, (streams,)."""
        return np.asarray(np.minimum(self.share + self._room(slack), _LARGEST))

    def highest(self, rows: Array, slack: float) -> Array:
        """Share of empty values that 95 % of deliveries of so many rows stay below, (streams,)."""
        share = self.largest(slack)
        inflation = 1.0 + np.maximum(rows - 1.0, 0.0) * self.together
        return np.asarray(
            np.minimum(share + 1.645 * np.sqrt(share * (1.0 - share) * inflation / np.maximum(rows, 1.0)), 1.0)
        )

    def smallest(self, slack: float) -> Array:
        """Smallest normal share, (streams,)."""
        return np.asarray(np.maximum(self.share - self._room(slack), _SMALLEST))

    def _room(self, slack: float) -> Array:
        """For what is not known of the share, and for a drift of its odds; points (fraction 0–1)."""
        share, seen = self.share, self.rows + 1.0
        inflation = 1.0 + np.maximum(self.sums[:, _SQUARES] / seen - 1.0, 0.0) * self.together
        error = _ERRORS * np.sqrt(share * (1.0 - share) * inflation / seen)
        return np.asarray(np.hypot(error, slack * share * (1.0 - share)))

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

    def learnt(self, waiting: Array, day: int, normal: NDArray[np.bool_], enough: float) -> Usual:
        """With the moments of deliveries up to this day, of streams that were normal.

        Older ones fade, the share only while it is known from `enough` rows.
        """
        days = day - self.until
        share = np.where(self.rows >= enough, 0.5 ** (days / _HALF_LIFE), 1.0)
        together = 0.5 ** (days / _HALF_LIFE_TOGETHER)
        fade = np.stack([share, share, share, together, together, np.ones_like(share)], axis=1)
        sums = np.where(normal[:, None], self.sums * fade + waiting, self.sums)
        return Usual(sums, np.where(normal, float(day), self.until))

    def only(self, lately: Array, which: NDArray[np.bool_]) -> Usual:
        """With the share of some streams known from these moments only; how values come together stays."""
        share = np.isin(np.arange(MOMENTS), (_EMPTY, _ROWS, _SQUARES))
        return Usual(np.where(which[:, None] & share, lately, self.sums), self.until)
