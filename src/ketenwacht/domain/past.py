"""The past of a feed as checks see it: strictly earlier deliveries, corrections applied, no future."""

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

# Kinds that stand for the period's change records; a snapshot or catch-up never enters a series.
_COUNTED = {DeliveryKind.MUTATION, DeliveryKind.REDELIVERY, DeliveryKind.CORRECTION}

Index = Mapping[tuple[str, tuple[str, ...]], frozenset[Segment]]
"""By name and dimensions, every segment in which something was ever measured."""


@dataclass(frozen=True, slots=True)
class ExclusionWindow:
    """A stretch of days whose counts say nothing about the normal level, with who declared it and why."""

    first: date
    last: date
    reason: str
    kind: str = "incident"  # pause | incident | catch-up | policy
    segment: Segment = WHOLE
    declared_by: str = ""

    def covers(self, day: date, segment: Segment) -> bool:
        """Whether `segment` is masked on `day`."""
        return self.first <= day <= self.last and self.segment.contains(segment)


@dataclass(frozen=True, slots=True)
class Past:
    """Earlier snapshots of one feed, oldest first, one a period: a redelivery has replaced what it corrects.

    Catch-ups stand apart: they belong to the account of who came, and to no series.
    """

    snapshots: tuple[Snapshot, ...] = ()
    exclusions: tuple[ExclusionWindow, ...] = field(default=())
    index: Index = field(default_factory=dict, compare=False, repr=False)  # what `segments` answers from
    catch_ups: tuple[Snapshot, ...] = ()

    def __post_init__(self) -> None:
        """Index the snapshots, where whoever built this did not."""
        if self.snapshots and not self.index:
            index: Index = {}
            for snapshot in self.snapshots:
                index = _joined(index, snapshot)
            object.__setattr__(self, "index", index)

    @classmethod
    def of(cls, snapshots: Iterable[Snapshot], exclusions: Sequence[ExclusionWindow] = ()) -> Past:
        """Build a past from snapshots in order of judging; later ones replace earlier ones of a period."""
        past = cls((), tuple(exclusions))
        for snapshot in snapshots:
            past = past.extended(snapshot)
        return past

    def extended(self, snapshot: Snapshot) -> Past:
        """This past with one more snapshot; an absent or unreadable one never replaces one that was read."""
        if snapshot.delivery.kind is DeliveryKind.CATCH_UP and snapshot.delivery.read:
            others = tuple(s for s in self.catch_ups if s.delivery.id != snapshot.delivery.id)
            return replace(self, catch_ups=(*others, snapshot))
        if snapshot.delivery.kind not in _COUNTED:
            return self
        period = snapshot.delivery.period
        if not self.snapshots or period > self.snapshots[-1].delivery.period:
            index = _joined(self.index, snapshot)
            return replace(self, snapshots=(*self.snapshots, snapshot), index=index)
        kept = {s.delivery.period: s for s in self.snapshots}
        earlier = kept.get(period)
        if earlier is None or snapshot.delivery.read or not earlier.delivery.read:
            kept[period] = snapshot
        return Past(tuple(kept[p] for p in sorted(kept)), self.exclusions, catch_ups=self.catch_ups)

    def before(self, day: date) -> Past:
        """Only what is strictly earlier than `day`."""
        earlier = tuple(s for s in self.catch_ups if s.delivery.period < day)
        if not self.snapshots or self.snapshots[-1].delivery.period < day:
            return self if len(earlier) == len(self.catch_ups) else replace(self, catch_ups=earlier)
        kept = tuple(s for s in self.snapshots if s.delivery.period < day)
        return Past(kept, self.exclusions, catch_ups=earlier)

    def newest(self, count: int) -> Past:
        """Only the newest `count` snapshots; `segments` still knows every one there ever was."""
        return replace(self, snapshots=self.snapshots[-count:])

    @property
    def periods(self) -> tuple[date, ...]:
        """The date of each snapshot, oldest first."""
        return tuple(s.delivery.period for s in self.snapshots)

    def series(self, name: str, segment: Segment = WHOLE) -> NDArray[np.float64]:
        """One value a snapshot, shape (len(periods),); NaN where it was not measured or not delivered."""
        import numpy as np  # noqa: PLC0415 - `Mask` is everywhere, also where nothing is computed

        key, sparse = MetricKey(name, segment), is_sparse_count(name)
        values = np.full(len(self.snapshots), math.nan)
        for i, snapshot in enumerate(self.snapshots):
            found = snapshot.measurements.get(key)
            if found is None:
                values[i] = 0.0 if sparse and snapshot.delivery.read else math.nan
            elif not isinstance(found, Unmeasured):
                values[i] = found
        return values

    def masked(self, segment: Segment = WHOLE) -> NDArray[np.bool_]:
        """Which snapshots are tainted for `segment`, shape (len(periods),)."""
        import numpy as np  # noqa: PLC0415 - see `series`

        return np.array([any(m.covers(p, segment) for m in self.exclusions) for p in self.periods], dtype=np.bool_)

    def segments(self, name: str, dimensions: tuple[str, ...]) -> tuple[Segment, ...]:
        """Every segment over `dimensions` in which `name` was ever measured, sorted."""
        return tuple(sorted(self.index.get((name, dimensions), ())))


def _joined(index: Index, snapshot: Snapshot) -> Index:
    """The index with one more snapshot; what it shares with the old one is not copied."""
    found: dict[tuple[str, tuple[str, ...]], set[Segment]] = {}
    for key in snapshot.measurements:
        found.setdefault((key.name, key.segment.dimensions), set()).add(key.segment)
    new = {place: segments for place, segments in found.items() if not segments <= index.get(place, frozenset())}
    return {**index, **{place: index.get(place, frozenset()) | segments for place, segments in new.items()}}
