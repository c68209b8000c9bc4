"""The past of a feed, as checks see it: strictly earlier deliveries, with corrections applied.

A check never sees the future: `Past.before` cuts the past at the period of the delivery judged. A past is
immutable, so that judging a delivery twice gives the same results.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from .delivery import DeliveryKind
from .measurement import MetricKey, Snapshot, Unmeasured, is_sparse_count
from .segment import WHOLE, Segment

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Kinds of delivery that hold the changes of their period. A full snapshot or a catch-up never enters a series.
_COUNTED = {DeliveryKind.MUTATION, DeliveryKind.REDELIVERY, DeliveryKind.CORRECTION}

Index = Mapping[tuple[str, tuple[str, ...]], frozenset[Segment]]
"""Name of a measurement and dimensions → every segment in which it was ever measured."""


@dataclass(frozen=True, slots=True)
class ExclusionWindow:
    """A period whose counts say nothing about the normal level.

    Attributes:
        first: first day.
        last: last day, inclusive.
        reason: why, in the words of whoever declared it.
        kind: pause, incident, catch-up or policy; after a policy the level starts anew.
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
        index: what `segments` answers from; built from the snapshots where it is not given.
        catch_ups: deliveries that make up for earlier ones. They count as persons who came, but enter no series.
    """

    snapshots: tuple[Snapshot, ...] = ()
    exclusions: tuple[ExclusionWindow, ...] = field(default=())
    index: Index = field(default_factory=dict, compare=False, repr=False)
    catch_ups: tuple[Snapshot, ...] = ()

    def __post_init__(self) -> None:
        """Build the index where it is not given."""
        if self.snapshots and not self.index:
            index: Index = {}
            for snapshot in self.snapshots:
                index = _add_to_index(index, snapshot)
            object.__setattr__(self, "index", index)

    @classmethod
    def of(cls, snapshots: Iterable[Snapshot], exclusions: Sequence[ExclusionWindow] = ()) -> Past:
        """Build a past from snapshots in the order in which they were judged."""
        past = cls((), tuple(exclusions))
        for snapshot in snapshots:
            past = past.with_snapshot(snapshot)
        return past

    def with_snapshot(self, snapshot: Snapshot) -> Past:
        """Return this past with one more snapshot.

        It replaces an earlier snapshot of its period, unless that was read and this one is absent or unreadable.
        """
        if snapshot.delivery.kind is DeliveryKind.CATCH_UP and snapshot.delivery.read:
            others = tuple(s for s in self.catch_ups if s.delivery.id != snapshot.delivery.id)
            return replace(self, catch_ups=(*others, snapshot))
        if snapshot.delivery.kind not in _COUNTED:
            return self
        period = snapshot.delivery.period
        if not self.snapshots or period > self.snapshots[-1].delivery.period:
            index = _add_to_index(self.index, snapshot)
            return replace(self, snapshots=(*self.snapshots, snapshot), index=index)
        by_period = {s.delivery.period: s for s in self.snapshots}
        earlier = by_period.get(period)
        if earlier is None or snapshot.delivery.read or not earlier.delivery.read:
            by_period[period] = snapshot
        return Past(tuple(by_period[p] for p in sorted(by_period)), self.exclusions, catch_ups=self.catch_ups)

    def before(self, day: date) -> Past:
        """Return only what is strictly earlier than `day`."""
        catch_ups = tuple(s for s in self.catch_ups if s.delivery.period < day)
        if not self.snapshots or self.snapshots[-1].delivery.period < day:
            return self if len(catch_ups) == len(self.catch_ups) else replace(self, catch_ups=catch_ups)
        earlier = tuple(s for s in self.snapshots if s.delivery.period < day)
        return Past(earlier, self.exclusions, catch_ups=catch_ups)

    def newest(self, count: int) -> Past:
        """Return only the newest `count` snapshots; `segments` still knows every segment there ever was."""
        return replace(self, snapshots=self.snapshots[-count:])

    @property
    def periods(self) -> tuple[date, ...]:
        """Date of each snapshot, oldest first."""
        return tuple(s.delivery.period for s in self.snapshots)

    def series(self, name: str, segment: Segment = WHOLE) -> NDArray[np.float64]:
        """Return the values of one measurement, shape (len(periods),).

        NaN means not measured or not delivered. A count that only names what is there is 0 where it names nothing.
        """
        import numpy as np  # noqa: PLC0415 - this module is imported also where nothing is computed

        key, sparse = MetricKey(name, segment), is_sparse_count(name)
        values = np.full(len(self.snapshots), math.nan)
        for i, snapshot in enumerate(self.snapshots):
            value = snapshot.measurements.get(key)
            if value is None:
                values[i] = 0.0 if sparse and snapshot.delivery.read else math.nan
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
        return tuple(sorted(self.index.get((name, dimensions), ())))


def _add_to_index(index: Index, snapshot: Snapshot) -> Index:
    """Return the index with one more snapshot; unchanged entries are shared, not copied."""
    measured: dict[tuple[str, tuple[str, ...]], set[Segment]] = {}
    for key in snapshot.measurements:
        measured.setdefault((key.name, key.segment.dimensions), set()).add(key.segment)
    new = {
        place: segments for place, segments in measured.items() if not segments <= index.get(place, frozenset())
    }
    return {**index, **{place: index.get(place, frozenset()) | segments for place, segments in new.items()}}
