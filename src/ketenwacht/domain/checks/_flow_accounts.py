"""The flow of persons at a hop of a chain: measured of deliveries, or from counts that were brought in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from ketenwacht.domain.conservation import Flow, spread
from ketenwacht.domain.delivery import DeliveryKind
from ketenwacht.domain.evidence import ReferenceFigure
from ketenwacht.domain.measurement import (
    DECLARED_EXCLUDED,
    DECLARED_ROWS,
    DECLARED_SELECTED,
    ROWS,
    MetricKey,
    Snapshot,
)
from ketenwacht.domain.past import Past
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.stats.negbin import Array

from ._reference_windows import newest
from .base import View

Period = tuple[date, date]
_ADDS = frozenset({DeliveryKind.MUTATION, DeliveryKind.REDELIVERY, DeliveryKind.CATCH_UP})


@dataclass(frozen=True, slots=True)
class Columns:
    """What a chain is counted by: the whole feed, and every segment of its dimensions."""

    dimensions: tuple[str, ...]
    segments: tuple[Segment, ...]

    @classmethod
    def of(cls, dimensions: tuple[str, ...], view: View) -> Columns:
        """Return every segment that was ever received, declared, or counted at a hop."""
        if not dimensions:
            return cls((), (WHOLE,))
        wanted = set(dimensions)
        found = {f.segment.project(dimensions) for f in view.known.hops if wanted <= set(f.segment.dimensions)}
        for name in (ROWS, DECLARED_ROWS, DECLARED_SELECTED):
            found |= set(view.past.segments(name, dimensions))
            found |= {s for s in view.snapshot.segments(name) if s.dimensions == dimensions}
        return cls(dimensions, (WHOLE, *sorted(found)))


def deliveries_of(view: View) -> tuple[Snapshot, ...]:
    """Return every delivery that adds persons, catch-ups included, the one judged last; by period."""
    past = view.past.before(view.snapshot.delivery.period)
    earlier = [s for s in (*past.snapshots, *past.catch_ups) if s.delivery.kind in _ADDS]
    return (*sorted(earlier, key=lambda s: s.delivery.period), view.snapshot)


def measured_flow(
    name: str, snapshots: Sequence[Snapshot], columns: Columns, measurement: str, *, explained: bool
) -> Flow:
    """Return the flow at a hop whose counts are measured of each delivery.

    Args:
        name: of the hop.
        snapshots: as `deliveries_of` gives them.
        columns: what it is counted by.
        measurement: its name.
        explained: whether the manifest's counts by reason say who was left out just before this hop.
    """
    counts = np.array([[number(s, measurement, segment) for segment in columns.segments] for s in snapshots])
    # A segment that is not named where others are is 0; where none is, it was not counted so.
    named = np.array([_is_named(s, measurement, columns) for s in snapshots], dtype=np.bool_)
    counts[:, 1:] = np.where(named[:, None], np.nan_to_num(counts[:, 1:]), np.nan)
    left = np.zeros_like(counts)
    if explained:
        left[:, 0] = [count_excluded(s) for s in snapshots]
        left[left[:, 0] > 0.0, 1:] = np.nan
    days = tuple(s.delivery.period for s in snapshots)
    return Flow(name, days, days, counts, left, by_delivery=True)


def counted_flow(name: str, figures: Sequence[ReferenceFigure], columns: Columns, day: date) -> Flow:
    """Return the flow at a hop whose counts were imported, as known on `day`.

    Of a figure the newest version counts.
    """
    own = [f for f in figures if f.hop == name]
    came = _newest([f for f in own if not f.reason], day)
    told = _newest([f for f in own if f.reason], day)
    periods = sorted({(f.period_from, f.period_to) for f in came}, key=lambda p: (p[1], p[0]))
    counts = _table(came, periods, columns)
    left = _table(told, periods, columns) if told else np.zeros_like(counts)
    left[:, 0] = np.nan_to_num(left[:, 0])
    # By segment only where every reason is counted so: else the segments' share in it is not known.
    left[np.nan_to_num(left[:, 1:]).sum(axis=1) != left[:, 0], 1:] = np.nan
    return Flow(name, tuple(p[0] for p in periods), tuple(p[1] for p in periods), counts, left)


def _is_named(snapshot: Snapshot, measurement: str, columns: Columns) -> bool:
    if number(snapshot, measurement, WHOLE) == 0.0:
        return True
    return any(MetricKey(measurement, segment) in snapshot.measurements for segment in columns.segments[1:])


def _newest(figures: Sequence[ReferenceFigure], day: date) -> list[ReferenceFigure]:
    by_reason = {f.reason for f in figures}
    return [one for reason in sorted(by_reason) for one in newest((f for f in figures if f.reason == reason), day)]


def _table(figures: Sequence[ReferenceFigure], periods: Sequence[Period], columns: Columns) -> Array:
    """Return persons by period and column; NaN in a column that nothing counts."""
    table = np.full((len(periods), len(columns.segments)), np.nan)
    place = {period: i for i, period in enumerate(periods)}
    _add(table[:, :1], figures, place, (), (WHOLE,))
    if columns.dimensions:
        _add(table[:, 1:], figures, place, columns.dimensions, columns.segments[1:])
    return table


def _add(
    table: Array,
    figures: Sequence[ReferenceFigure],
    place: dict[Period, int],
    dimensions: tuple[str, ...],
    segments: tuple[Segment, ...],
) -> None:
    """Add figures up to `dimensions`: in each period those of the coarsest shape, so that nobody counts twice."""
    wanted = set(dimensions)
    fitting = [f for f in figures if wanted <= set(f.segment.dimensions)]
    if not fitting:
        return
    table[:] = 0.0
    column = {segment: i for i, segment in enumerate(segments)}
    shapes: dict[Period, tuple[str, ...]] = {}
    for figure in fitting:
        period, shape = (figure.period_from, figure.period_to), figure.segment.dimensions
        shapes[period] = min(shapes.get(period, shape), shape, key=lambda one: (len(one), one))
    for figure in fitting:
        period = (figure.period_from, figure.period_to)
        if figure.segment.dimensions == shapes[period] and period in place:
            table[place[period], column[figure.segment.project(dimensions)]] += figure.count


# Selected, left out and received, delivery after delivery: what stays unexplained, per segment and in all.


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
        return np.array([count_excluded(s) for s in self.snapshots])

    @cached_property
    def whole(self) -> Unexplained:
        """The whole feed: exact."""
        selected, rows = (
            np.array([number(s, name, WHOLE) for s in self.snapshots]) for name in (DECLARED_SELECTED, ROWS)
        )
        lacking = selected - rows - self.left_out
        return Unexplained(selected, lacking, lacking, lacking)

    def of(self, segment: Segment) -> Unexplained:
        """Return one segment: exact where nobody was left out, within limits elsewhere."""
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
    """Return the cumulative remainder, reset whenever later deliveries bring it back to zero."""
    value, start = 0.0, len(remainder) - 1
    for i, persons in enumerate(remainder):
        if np.isnan(persons) or (value <= 0.0 and persons == 0.0):
            continue
        if value <= 0.0:
            value, start = 0.0, i
        value += float(persons)
    return Total(start, value) if value != 0.0 else Total(len(remainder) - 1, 0.0)


def number(snapshot: Snapshot, name: str, segment: Segment) -> float:
    """Return a measurement, NaN where there is none.

    Nobody in a catch-up was selected by it: its persons were when they should have been delivered.
    """
    if name == DECLARED_SELECTED and snapshot.delivery.kind is DeliveryKind.CATCH_UP:
        return 0.0
    found = snapshot.value(name, segment)
    return found if isinstance(found, float) else np.nan


def count_excluded(snapshot: Snapshot) -> float:
    """Return persons that the sender left out of a delivery for any stated reason."""
    manifest = snapshot.delivery.manifest
    if snapshot.delivery.kind is DeliveryKind.CATCH_UP:
        return 0.0
    if manifest is not None:
        return float(sum(manifest.excluded.values()))
    stated = (v for key, v in snapshot.measurements.items() if key.name.startswith(DECLARED_EXCLUDED))
    return sum((v for v in stated if isinstance(v, float)), 0.0)
