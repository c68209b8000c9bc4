"""The reporting triangle: how many persons of each decision day came with each later delivery.

The lag of the feed is learnt from it. What comes late is seen late, so that the newest decision days show too few
of it. The chance of a lag given no longer one is free of that: with n(d, j) persons of day d in the j-th delivery
after it, over the days for which j deliveries have been made,

    h(j) = Σ_d n(d, j) / Σ_d Σ_{i ≤ j} n(d, i),   F(j) = Π_{i > j} (1 − h(i)).

A share F has come, the others are *not yet due*. A loss that spares nobody by lag leaves F as it is. Lags are
counted in deliveries with rows, so that weekends, holidays and outages are no lag.
Sources: Kalbfleisch & Lawless 1989; Lawless 1994; Höhle & an der Heiden 2014 (nowcast).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .negbin import Array

Days = NDArray[np.intp]
LONGEST = 60
"""Deliveries after which everybody counts as delivered."""
LEAST_DELIVERIES, LEAST_PERSONS = 20, 200.0
"""What a lag must have been learnt from."""
_LEARNT, _SHARED = 180, 200.0  # days of decisions learnt from; persons that the whole feed's lag counts for
_CLUSTERED = 2.0  # variance of who is late, in units of a binomial one: files come late as a whole


@dataclass(frozen=True, slots=True)
class Triangle:
    """Counts of one segment by decision day and delivery.

    Attributes:
        decided: ordinal of the decision day of each count, (counts,).
        at: which delivery it came with, index into `served`, (counts,).
        count: persons, (counts,).
        served: ordinals of the deliveries with rows, oldest first.
        complete: whether nearly all persons of these deliveries have a decision day.
        caught_up: ordinals of the decision days of persons who came in catch-ups, and how many; the lag is not
            learnt from them.
    """

    decided: Days
    at: Days
    count: Array
    served: Days
    complete: bool = True
    caught_up: tuple[Days, Array] = field(
        default_factory=lambda: (np.empty(0, dtype=np.intp), np.empty(0, dtype=np.float64))
    )

    @property
    def known(self) -> bool:
        """Whether the lag can be learnt from it."""
        return len(self.served) >= LEAST_DELIVERIES and float(self.count.sum()) >= LEAST_PERSONS

    def count_delivered(self, first: int, last: int) -> float:
        """Return the persons delivered so far who were decided from day `first` to `last` (ordinals)."""
        both = ((self.decided, self.count), self.caught_up)
        return float(sum(count[(days >= first) & (days <= last)].sum() for days, count in both))

    def possible(self, days: Days) -> Days:
        """Return the longest lag that there has been time for, of each decision day; −1: none yet."""
        return np.asarray(len(self.served) - 1 - np.searchsorted(self.served, days), dtype=np.intp)


@dataclass(frozen=True, slots=True)
class ReportingLag:
    """How soon a decision is delivered.

    Attributes:
        share: F(j), share delivered with lag j or shorter, (LONGEST + 1,); the last is 1.
        error: relative standard error of each, same shape.
    """

    share: Array
    error: Array

    def due(self, possible: Days) -> Array:
        """Return the share that should have been delivered, of days with that longest lag."""
        return np.where(possible < 0, 0.0, self.share[np.clip(possible, 0, LONGEST)])

    def variance(self, persons: Array, possible: Days) -> float:
        """Return the variance of how many of `persons` a day have not come yet."""
        due, error = self.due(possible), self.error[np.clip(possible, 0, LONGEST)]
        chance = _CLUSTERED * float((persons * due * (1.0 - due)).sum())
        return chance + float((persons * due * error).sum()) ** 2


def learn_lag(own: Triangle, whole: Triangle) -> ReportingLag:
    """Learn the lag of a segment, shrunk to that of the whole feed.

    Args:
        own: counts of the segment.
        whole: counts of the whole feed, over the same deliveries.
    """
    came, out_of = _hazard_parts(own)
    shared = [part * min(1.0, _SHARED / max(float(whole.count.sum()), 1.0)) for part in _hazard_parts(whole)]
    came, out_of = came + shared[0], np.maximum(out_of + shared[1], 1e-9)
    hazard = np.minimum(came / out_of, 1.0)
    # From the longest lag down: no person arrives after it.
    later = np.append(np.cumsum(np.log1p(-np.minimum(hazard[::-1], 1.0 - 1e-9)))[::-1][1:], 0.0)
    doubt = np.append(np.cumsum((hazard / (out_of * np.maximum(1.0 - hazard, 1e-9)))[::-1])[::-1][1:], 0.0)
    return ReportingLag(np.exp(later), np.sqrt(doubt))


def _hazard_parts(triangle: Triangle) -> tuple[Array, Array]:
    """Return Σ_d n(d, j) and Σ_d Σ_{i ≤ j} n(d, i), of days for which j deliveries have been made."""
    after = triangle.at - np.searchsorted(triangle.served, triangle.decided)
    room = triangle.possible(triangle.decided)
    first = max(int(triangle.served[0]), int(triangle.served[-1]) - _LEARNT)
    usable = (triangle.decided >= first) & (after >= 0) & (after <= LONGEST)
    came, out_of = np.zeros(LONGEST + 1), np.zeros(LONGEST + 1)
    for lag, possible, count in zip(after[usable], room[usable], triangle.count[usable], strict=True):
        came[lag] += count
        out_of[lag : min(int(possible), LONGEST) + 1] += count
    return came, out_of
