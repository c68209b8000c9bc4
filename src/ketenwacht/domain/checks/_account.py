"""Selected, left out and received, delivery after delivery: what stays unexplained, per segment and in all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from ketenwacht.domain.conservation import spread
from ketenwacht.domain.delivery import DeliveryKind
from ketenwacht.domain.measurement import DECLARED_EXCLUDED, DECLARED_SELECTED, ROWS, Snapshot
from ketenwacht.domain.past import Past
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.stats.negbin import Array

COUNTED = frozenset({DeliveryKind.MUTATION, DeliveryKind.REDELIVERY})


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Persons a delivery lacks (negative: has too many), each of shape (deliveries,); NaN: nothing declared.

    Reasons are counted for the whole feed only, so a segment's share in them is known within limits.

    Attributes:
        selected: what the sender selected.
        certain: unexplained even if every person left out for a reason was of this segment.
        likely: the reasons spread as the selection is; over all segments it adds up to what is unexplained.
        most: unexplained if none of them was.
    """

    selected: Array
    certain: Array
    likely: Array
    most: Array


@dataclass(frozen=True, slots=True)
class Total:
    """Unexplained since the account was last even: the first delivery's index, and the persons."""

    start: int
    value: float


@dataclass(frozen=True)  # no slots: the cached properties live in the instance
class Account:
    """Every delivery since the first, the one judged last.

    Attributes:
        past: strictly earlier deliveries.
        now: the one judged.
        alike: every segment of the dimensions judged by; () when only the whole feed is.
    """

    past: Past
    now: Snapshot
    alike: tuple[Segment, ...] = ()

    @cached_property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """Deliveries that count, oldest first."""
        counted = [s for s in self.past.snapshots if s.delivery.kind in COUNTED]
        if self.past.catch_ups:
            counted = sorted([*counted, *self.past.catch_ups], key=lambda s: s.delivery.period)
        return (*counted, self.now)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The date of each."""
        return tuple(s.delivery.period for s in self.snapshots)

    @cached_property
    def left_out(self) -> Array:
        """Persons left out for a stated reason, shape (deliveries,)."""
        return np.array([excluded(s) for s in self.snapshots])

    @cached_property
    def whole(self) -> Unexplained:
        """The whole feed: exact."""
        selected, rows = (
            np.array([number(s, name, WHOLE) for s in self.snapshots]) for name in (DECLARED_SELECTED, ROWS)
        )
        lacking = selected - rows - self.left_out
        return Unexplained(selected, lacking, lacking, lacking)

    def of(self, segment: Segment) -> Unexplained:
        """One segment: exact where nobody was left out, within limits elsewhere."""
        if segment == WHOLE:
            return self.whole
        place = self.alike.index(segment)
        selected, gap = self._selected[:, place], self._gaps[:, place]
        certain = np.where(gap > 0.0, np.maximum(gap - self.left_out, 0.0), gap)
        return Unexplained(selected, certain, self._likely[:, place], gap)

    @cached_property
    def _selected(self) -> Array:
        """Shape (deliveries, segments); a segment that is not named, where others are, was declared 0."""
        selected = self._table(DECLARED_SELECTED)
        selected[np.isnan(selected) & ~np.isnan(selected).all(axis=1, keepdims=True)] = 0.0
        return selected

    @cached_property
    def _gaps(self) -> Array:
        return np.asarray(self._selected - self._table(ROWS))

    @cached_property
    def _likely(self) -> Array:
        return spread(self._gaps, self._selected, self.left_out)

    def _table(self, name: str) -> Array:
        return np.array([[number(s, name, segment) for segment in self.alike] for s in self.snapshots])


def running(remainder: Array) -> Total:
    """The cumulative remainder, begun anew whenever what came later made it even."""
    value, start = 0.0, len(remainder) - 1
    for i, persons in enumerate(remainder):
        if np.isnan(persons) or (value <= 0.0 and persons == 0.0):
            continue
        if value <= 0.0:
            value, start = 0.0, i
        value += float(persons)
    return Total(start, value) if value != 0.0 else Total(len(remainder) - 1, 0.0)


def number(snapshot: Snapshot, name: str, segment: Segment) -> float:
    """A measurement, NaN where there is none.

    Nobody in a catch-up was selected by it: its persons were when they should have been delivered.
    """
    if name == DECLARED_SELECTED and snapshot.delivery.kind is DeliveryKind.CATCH_UP:
        return 0.0
    found = snapshot.value(name, segment)
    return found if isinstance(found, float) else np.nan


def excluded(snapshot: Snapshot) -> float:
    """Persons that the sender left out of a delivery for any stated reason."""
    manifest = snapshot.delivery.manifest
    if snapshot.delivery.kind is DeliveryKind.CATCH_UP:
        return 0.0
    if manifest is not None:
        return float(sum(manifest.excluded.values()))
    stated = (v for key, v in snapshot.measurements.items() if key.name.startswith(DECLARED_EXCLUDED))
    return sum((v for v in stated if isinstance(v, float)), 0.0)
