"""Conservation along a chain: who came to one hop, and is neither at the next nor left out for a stated reason.

Counts of both hops are added up from a common first day, the later hop read so much later as the way between them
may take. What remains is certain: it is never more than really lacks, since whoever came sooner than allowed hides
as many. Where both hops are counted delivery by delivery nothing is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from .past import ExclusionWindow
from .stats.negbin import Array

_DAY = timedelta(days=1)
_HOLE = timedelta(days=7)  # a closed week between two periods is no hole


@dataclass(frozen=True, slots=True)
class Flow:
    """How many persons came to a hop, period after period.

    Columns are the whole feed first, then the segments judged.

    Attributes:
        name: of the hop.
        starts: first day of each period, in order.
        ends: last day of each period.
        counts: persons, shape (periods, columns); NaN where nothing says.
        left: persons left out before this hop for a stated reason, shape as `counts`; a segment is NaN where
            reasons are counted for the whole feed only.
        by_delivery: the periods are the feed's deliveries, so that they pair with those of another such hop.
    """

    name: str
    starts: tuple[date, ...]
    ends: tuple[date, ...]
    counts: Array
    left: Array
    by_delivery: bool = False

    @property
    def known(self) -> bool:
        """Whether anything was counted at all."""
        return bool(self.ends) and not bool(np.isnan(self.counts).all())

    def whole_until(self) -> int:
        """Return how many periods there are before the first stretch of days that no period covers."""
        for i in range(1, len(self.ends)):
            if self.starts[i] - self.ends[i - 1] > _HOLE:
                return i
        return len(self.ends)


@dataclass(frozen=True, slots=True)
class Remainder:
    """Cumulative difference between two hops at each period end; empty when nothing can be compared.

    Arrays are of shape (periods, columns), persons; negative: more came, of whom some came to it since.

    Attributes:
        since: first day that is counted.
        days: last day of each period at the earlier hop.
        came: persons who came to the earlier hop.
        certain: unexplained even if everybody left out for a reason was of this column.
        likely: the reasons spread as the persons are.
        most: unexplained if nobody left out was.
        surplus: persons who had come to the later hop by then, and never to the earlier one.
    """

    since: date
    days: tuple[date, ...]
    came: Array
    certain: Array
    likely: Array
    most: Array
    surplus: Array

    def begun(self, column: int) -> date:
        """Return the first day of the period in which the remainder was even for the last time."""
        uneven = self.likely[:, column] > 0.0
        even = np.flatnonzero(~uneven)
        return self.since if even.size == 0 else self.days[min(int(even[-1]), len(self.days) - 2)] + _DAY


def remainder(
    upper: Flow,
    lower: Flow,
    *,
    within: timedelta,
    since: date | None = None,
    pauses: Sequence[ExclusionWindow] = (),
) -> Remainder:
    """Compare two hops that both have counts.

    Args:
        upper: the earlier hop.
        lower: the later one.
        within: how long the way between them may take.
        since: first day to count; None: the first that both know.
        pauses: declared; who was due in one is due so long after its end.
    """
    if upper.by_delivery and lower.by_delivery and within == timedelta(0):
        return _compare_deliveries(upper, lower, since)
    first = since if since is not None else max(upper.starts[0], lower.starts[0])
    ours = [i for i in range(upper.whole_until()) if upper.ends[i] >= first]
    theirs = [i for i in range(len(lower.ends)) if lower.ends[i] >= first]
    ends = np.array([lower.ends[i].toordinal() for i in theirs])
    due = np.array([_due(upper.ends[i], within, pauses).toordinal() for i in ours])
    cut = np.searchsorted(ends, due, side="left")
    there = np.flatnonzero(cut < len(ends))
    came, most_came = (np.cumsum(part[ours], axis=0)[there] for part in _bounds(upper.counts))
    went_all, most_went = (np.cumsum(part[theirs], axis=0) for part in _bounds(lower.counts))
    left_all = np.cumsum(lower.left[theirs], axis=0)
    went, left = most_went[cut[there]], left_all[cut[there]]
    counted = ~np.isnan(upper.counts).all(axis=0) & ~np.isnan(lower.counts).all(axis=0)
    came = np.where(counted, came, np.nan)
    days = tuple(upper.ends[ours[i]] for i in there.tolist())
    by_then = np.searchsorted(ends, [day.toordinal() for day in days], side="right")
    then, out = (np.vstack([np.zeros(part.shape[1]), part])[by_then] for part in (went_all, left_all))
    surplus = then + np.nan_to_num(out) - most_came
    return Remainder(first, days, came, *limits(came, came - went, left), surplus)


def _bounds(counts: Array) -> tuple[Array, Array]:
    """Return the fewest and the most persons of each period and column.

    A period that one segment is not counted in, and others are, says nothing of it: none, or everybody.
    """
    partly = np.isnan(counts) & ~np.isnan(counts).all(axis=0)
    whole = np.nan_to_num(counts[:, :1])
    return np.nan_to_num(counts), np.where(partly, whole, np.nan_to_num(counts))


def limits(came: Array, gaps: Array, left: Array) -> tuple[Array, Array, Array]:
    """Split what is short into explained and unexplained, each of shape (rows, columns).

    Args:
        came: persons who were to come on, the whole feed in the first column.
        gaps: of them those who did not.
        left: those left out for a stated reason; NaN for a segment where reasons are not counted by segment.

    Returns:
        Unexplained for certain, likely, and at most.
    """
    whole = np.nan_to_num(left[:, 0])
    exact = gaps - left
    certain = np.where(gaps > 0.0, np.maximum(gaps - whole[:, None], 0.0), gaps)
    found = (certain, gaps.copy(), gaps.copy())
    if gaps.shape[1] > 1:
        found[1][:, 1:] = spread(gaps[:, 1:], came[:, 1:], whole)
    split = ~np.isnan(exact)
    split[:, 0] = True
    exact[:, 0] = gaps[:, 0] - whole
    return (
        np.where(split, exact, found[0]),
        np.where(split, exact, found[1]),
        np.where(split, exact, found[2]),
    )


def spread(gaps: Array, weights: Array, left: Array) -> Array:
    """Spread what is unexplained over the gaps of the segments in proportion; the parts add up to it.

    Args:
        gaps: shape (rows, segments); negative: too many.
        weights: persons of each segment, shape as `gaps`.
        left: persons of all segments left out for a reason, shape (rows,).
    """
    total = np.maximum(np.nansum(weights, axis=1, keepdims=True), 1.0)
    short = np.maximum(gaps, 0.0)
    unexplained = np.maximum(np.nansum(short, axis=1) - left, 0.0)[:, None]
    # Every segment with a gap gets a share of the loss, at least half a person before scaling.
    part = np.clip(short - left[:, None] * weights / total, 0.5 * (short > 0.0), short)
    sums = np.nansum(part, axis=1, keepdims=True)
    shared = np.divide(part * unexplained, sums, out=np.zeros_like(part), where=sums > 0.0)
    return np.asarray(np.where(gaps < 0.0, gaps, shared))


def _compare_deliveries(upper: Flow, lower: Flow, since: date | None) -> Remainder:
    """Compare two hops delivery by delivery; a delivery that a hop does not count is left out of both."""
    both = ~np.isnan(upper.counts[:, 0]) & ~np.isnan(lower.counts[:, 0])
    if since is not None:
        both &= np.array([day >= since for day in upper.ends], dtype=np.bool_)
    kept = np.flatnonzero(both).tolist()
    came, went = upper.counts[kept], lower.counts[kept]
    # A delivery without a column of a segment does not change the account of that segment.
    unknown = np.isnan(came) | np.isnan(went)
    unknown &= ~unknown.all(axis=0)
    came, went = (np.where(unknown, 0.0, part) for part in (came, went))
    certain, likely, most = (np.cumsum(part, axis=0) for part in limits(came, came - went, lower.left[kept]))
    days = tuple(upper.ends[i] for i in kept)
    first = days[0] if days else date.min
    return Remainder(first, days, np.cumsum(came, axis=0), certain, likely, most, -most)


def _due(day: date, within: timedelta, pauses: Sequence[ExclusionWindow]) -> date:
    """Return when whoever came to the earlier hop by `day` is due at the later one."""
    due = day + within
    for window in sorted(pauses, key=lambda one: one.first):
        if window.first <= due and day <= window.last:
            due = max(due, window.last + within)
    return due
