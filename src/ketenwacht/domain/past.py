"""The past of a feed, as checks see it: strictly earlier deliveries, with corrections applied.

A check never sees the future: `Past.before` cuts the past at the period of the delivery judged. A past is
immutable, so that judging a delivery twice gives the same results.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING

from .delivery import DeliveryKind
from .measurement import MetricKey, Snapshot, Unmeasured, is_sparse_count
from .segment import WHOLE, Segment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Kinds of delivery that hold the changes of their period. A full snapshot or a catch-up never enters a series.
_COUNTED = {DeliveryKind.MUTATION, DeliveryKind.REDELIVERY, DeliveryKind.CORRECTION}

RELEASE = "release"
"""The kind of a declared day that excludes nothing: a release of the sender, for the search for causes."""

Index = Mapping[tuple[str, tuple[str, ...]], Mapping[Segment, int]]
"""Name of a measurement and dimensions → in how many snapshots each segment was measured, never 0."""


@dataclass(frozen=True, slots=True)
class ExclusionWindow:
    """A period whose counts say nothing about the normal level.

    Attributes:
        first: first day.
        last: last day, inclusive.
        reason: why, in the words of whoever declared it.
        kind: pause, incident, catch-up, policy or release; after a policy the level starts anew, and a release
            excludes nothing.
        segment: the part of the feed that it is about.
        declared_by: who declared it, by command or in the checks file, an `incident` too; empty: not known.
    """

    first: date
    last: date
    reason: str
    kind: str = "incident"
    segment: Segment = WHOLE
    declared_by: str = ""

    def covers(self, day: date, segment: Segment) -> bool:
        """Return whether the window excludes `segment` on `day`."""
        return self.first <= day <= self.last and self.segment.contains(segment)


@dataclass(frozen=True, slots=True)
class Past:
    """Earlier snapshots of one feed.

    Attributes:
        snapshots: one a period, oldest first; a redelivery replaces what it corrects.
        exclusions: windows whose counts say nothing about the normal level.
        index: what `segments` answers from; built from the snapshots when it is first asked. None: not yet.
        catch_ups: deliveries that make up for earlier ones. They count as persons who came, but enter no series.
        releases: declared releases; those among the windows that are given go here.
    """

    snapshots: tuple[Snapshot, ...] = ()
    exclusions: tuple[ExclusionWindow, ...] = field(default=())
    index: Index | None = field(default=None, compare=False, repr=False)
    catch_ups: tuple[Snapshot, ...] = ()
    releases: tuple[ExclusionWindow, ...] = ()

    def __post_init__(self) -> None:
        """Set releases apart."""
        releases = tuple(window for window in self.exclusions if window.kind == RELEASE)
        if releases:
            object.__setattr__(self, "releases", releases)
            rest = tuple(window for window in self.exclusions if window.kind != RELEASE)
            object.__setattr__(self, "exclusions", rest)

    @classmethod
    def of(cls, snapshots: Iterable[Snapshot], exclusions: Sequence[ExclusionWindow] = ()) -> Past:
        """Build a past from snapshots in the order in which they were judged."""
        by_period: dict[date, Snapshot] = {}
        catch_ups: dict[str, Snapshot] = {}
        for snapshot in snapshots:
            delivery = snapshot.delivery
            if delivery.kind is DeliveryKind.CATCH_UP and delivery.read:
                catch_ups.pop(delivery.id, None)  # the newest one is the last
                catch_ups[delivery.id] = snapshot
            elif delivery.kind in _COUNTED and _replaces(by_period.get(delivery.period), snapshot):
                by_period[delivery.period] = snapshot
        ordered = tuple(by_period[period] for period in sorted(by_period))
        return cls(ordered, tuple(exclusions), catch_ups=tuple(catch_ups.values()))

    def with_snapshot(self, snapshot: Snapshot) -> Past:
        """Return this past with one more snapshot.

        It replaces an earlier snapshot of its period, unless that was read and this one is absent or unreadable.
        """
        delivery = snapshot.delivery
        if delivery.kind is DeliveryKind.CATCH_UP and delivery.read:
            others = tuple(s for s in self.catch_ups if s.delivery.id != delivery.id)
            return replace(self, catch_ups=(*others, snapshot))
        if delivery.kind not in _COUNTED:
            return self
        at = bisect_left(self.snapshots, delivery.period, key=_period_of)
        replaced = self.snapshots[at : at + 1]
        if replaced and replaced[0].delivery.period != delivery.period:
            replaced = ()
        if not _replaces(next(iter(replaced), None), snapshot):
            return self
        snapshots = (*self.snapshots[:at], snapshot, *self.snapshots[at + len(replaced) :])
        index = None if self.index is None else _count_segments(self.index, (snapshot,), without=replaced)
        return replace(self, snapshots=snapshots, index=index)

    def before(self, day: date) -> Past:
        """Return only what is strictly earlier than `day`."""
        catch_ups = tuple(s for s in self.catch_ups if s.delivery.period < day)
        at = bisect_left(self.snapshots, day, key=_period_of)
        if at == len(self.snapshots):
            return self if len(catch_ups) == len(self.catch_ups) else replace(self, catch_ups=catch_ups)
        earlier, later = self.snapshots[:at], self.snapshots[at:]
        few = len(later) < len(earlier)  # it costs less to take these out of the index than to build another
        index = _count_segments(self._build_index(), (), without=later) if few else None
        return Past(earlier, self.exclusions, index, catch_ups, self.releases)

    def newest(self, count: int) -> Past:
        """Return only the newest `count` snapshots; `segments` still knows every segment there ever was."""
        return replace(self, snapshots=self.snapshots[-count:], index=self._build_index())

    @property
    def periods(self) -> tuple[date, ...]:
        """Date of each snapshot, oldest first."""
        return tuple(s.delivery.period for s in self.snapshots)

    def series(self, name: str, segment: Segment = WHOLE) -> NDArray[np.float64]:
        """Return the values of one measurement, shape (len(periods),).

        NaN means not measured or not delivered. A count that only names what is there is 0 where it names nothing,
        unless the delivery lacks a column of the segment.
        """
        import numpy as np  # noqa: PLC0415 - this module is imported also where nothing is computed

        key, sparse = MetricKey(name, segment), is_sparse_count(name)
        values = np.full(len(self.snapshots), math.nan)
        for i, snapshot in enumerate(self.snapshots):
            value = snapshot.measurements.get(key)
            if value is None:
                counted = sparse and snapshot.delivery.read and snapshot.counts_by(segment.dimensions)
                values[i] = 0.0 if counted else math.nan
            elif not isinstance(value, Unmeasured):
                values[i] = value
        return values

    def excluded(self, segment: Segment = WHOLE) -> NDArray[np.bool_]:
        """Return which snapshots lie in an exclusion window of `segment`, shape (len(periods),)."""
        import numpy as np  # noqa: PLC0415 - see `series`

        windows = self.exclusions
        return np.array([any(w.covers(p, segment) for w in windows) for p in self.periods], dtype=np.bool_)

    def segments(self, name: str, dimensions: tuple[str, ...]) -> tuple[Segment, ...]:
        """Return every segment over `dimensions` in which `name` was ever measured, sorted."""
        return tuple(sorted(self._build_index().get((name, dimensions), {}), key=attrgetter("pairs")))

    def _build_index(self) -> Index:
        """Return the index, built at most once: a past never changes."""
        if self.index is None:
            object.__setattr__(self, "index", _count_segments({}, self.snapshots))
        return self.index or {}


def _period_of(snapshot: Snapshot) -> date:
    return snapshot.delivery.period


def _replaces(earlier: Snapshot | None, snapshot: Snapshot) -> bool:
    """Return whether a snapshot replaces `earlier`: never one that was read by one that was not."""
    return earlier is None or snapshot.delivery.read or not earlier.delivery.read


def _count_segments(index: Index, more: Sequence[Snapshot], *, without: Sequence[Snapshot] = ()) -> Index:
    """Return the index with the segments of some snapshots counted, and without those of others."""
    counts = {place: dict(segments) for place, segments in index.items()}
    for snapshots, step in ((more, 1), (without, -1)):
        for key in (key for snapshot in snapshots for key in snapshot.measurements):
            segments = counts.setdefault((key.name, key.segment.dimensions), {})
            left = segments.get(key.segment, 0) + step
            if left:
                segments[key.segment] = left
            else:
                del segments[key.segment]
    return counts
