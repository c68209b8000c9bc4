"""The series that count checks judge, and their state between deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import cast

import numpy as np

from ketenwacht.domain.delivery import DeliveryKind
from ketenwacht.domain.measurement import ROWS, MetricKey, Snapshot, Unmeasured
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.stats import own_history, own_history_json
from ketenwacht.domain.stats.detector import OwnHistoryStep
from ketenwacht.domain.stats.negbin import Array, Flags
from ketenwacht.domain.stats.season import CalendarTerms
from ketenwacht.domain.successors import renew_segment

from .base import State, View

_VERSION = 5
_BUSINESS_DAYS = 1.4  # days between two deliveries, until more is known


@dataclass(frozen=True, slots=True)
class SegmentGroup:
    """What is judged as one: a segment, or the small segments below one together."""

    segment: Segment
    members: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class CountPlan:
    """Settings that select and judge the count series of a check."""

    dimensions: tuple[str, ...]
    least_mean: float
    anchored: bool
    budget: own_history.Budget = field(default_factory=own_history.Budget)


@dataclass(frozen=True, slots=True)
class CountMemory:
    """What is remembered between deliveries.

    Attributes:
        digest: of every delivery absorbed, in order.
        absorbed: how many those are.
        groups: what is judged.
        own: what own history remembers, None while there is nothing to judge.
    """

    digest: str = ""
    absorbed: int = 0
    groups: tuple[SegmentGroup, ...] = ()
    own: own_history.OwnHistoryState | None = None

    @property
    def needed(self) -> int:
        """Deliveries that own history needs before it judges anything, for the rhythm that is known so far."""
        model = self.own.model if self.own is not None else None
        days = own_history.LEAST_DAYS / (model.rhythm if model is not None else _BUSINESS_DAYS)
        return max(own_history.LEAST_DELIVERIES, round(days))

    def to_state(self) -> State:
        """Return it as JSON values."""
        return {
            "version": _VERSION,
            "digest": self.digest,
            "absorbed": self.absorbed,
            "groups": [[_pairs(g.segment), [_pairs(m) for m in g.members]] for g in self.groups],
            "own": None if self.own is None else own_history_json.to_dict(self.own),
        }

    @classmethod
    def of(cls, state: State | None) -> CountMemory:
        """Read back what `to_state` wrote; nothing is remembered of another version."""
        if state is None or state.get("version") != _VERSION:
            return cls()
        own = state["own"]
        return cls(
            str(state["digest"]),
            int(cast("int", state["absorbed"])),
            tuple(
                SegmentGroup(_segment(s), tuple(_segment(m) for m in members))
                for s, members in cast("list[tuple[object, list[object]]]", state["groups"])
            ),
            None if own is None else own_history_json.from_dict(cast("dict[str, object]", own)),
        )


def _pairs(segment: Segment) -> list[list[str]]:
    return [list(pair) for pair in segment.pairs]


def _segment(pairs: object) -> Segment:
    return Segment(tuple((str(name), str(value)) for name, value in cast("list[tuple[str, str]]", pairs)))


def groups_of(state: State | None) -> tuple[SegmentGroup, ...]:
    """Return what a `volume` or `ratio` check judges as one; empty while its past is too short."""
    return CountMemory.of(state).groups


def digest_of(earlier: str, snapshot: Snapshot, exclusions: Sequence[ExclusionWindow]) -> str:
    """Return the digest after one more delivery; only what may change a count changes it."""
    d = snapshot.delivery
    total = snapshot.measurements.get(MetricKey(ROWS))
    declared = [
        f"{m.first}{m.last}{m.kind}{m.segment}"
        for m in exclusions
        if stops_judging(m) and m.first <= d.period <= m.last
    ]
    parts = (earlier, d.period, d.id, d.sha256, d.presence.value, total, *declared)
    return sha256("|".join(str(p) for p in parts).encode()).hexdigest()[:32]


def stops_judging(window: ExclusionWindow) -> bool:
    """Return whether days of this window are not judged.

    Days of an `incident` window are still judged, so that recovery is seen.
    """
    return window.kind != "incident"


def touches(window: ExclusionWindow, group: SegmentGroup) -> bool:
    """Return whether a window is about anybody in the group."""
    return any(window.segment.contains(m) or m.contains(window.segment) for m in group.members)


def merge_small_segments(size: dict[Segment, float], least: float) -> tuple[SegmentGroup, ...]:
    """Merge segments of a mean below `least` a delivery into their parents; the groups are sorted."""
    pool = {s: (mean, (s,)) for s, mean in size.items()}
    for depth in range(max((len(s.pairs) for s in pool), default=0), 0, -1):
        for segment in sorted(s for s in pool if len(s.pairs) == depth):
            mean, members = pool[segment]
            if mean >= least:
                continue
            parent = Segment(segment.pairs[:-1])
            above = pool.get(parent, (0.0, ()))
            pool[parent] = (above[0] + mean, (*above[1], *members))
            del pool[segment]
    return tuple(SegmentGroup(s, members) for s, (_, members) in sorted(pool.items()))


# Count series of a feed's segments: gathered from its past, followed one delivery at a time.


COUNTED = frozenset({DeliveryKind.MUTATION, DeliveryKind.REDELIVERY, DeliveryKind.CORRECTION})
"""Kinds of delivery whose rows are changes of their period; no other enters a series."""
_RECENT = 261  # deliveries over which a segment's size is judged
_FEW_DELIVERIES = 10


def deliveries_a_year(days: Sequence[date]) -> float:
    """Return the deliveries a year, from their dates; business days while there are few."""
    if len(days) < _FEW_DELIVERIES:
        return 261.0
    return (len(days) - 1) / max((days[-1] - days[0]).days, 1) * 365.25


class Stream:
    """The earlier deliveries of one view, grouped by the dimensions of `plan`; tables are built on demand."""

    def __init__(self, view: View, plan: CountPlan) -> None:
        self.plan, self.view = plan, view
        self.snapshots: tuple[Snapshot, ...] = (
            *view.past.before(view.snapshot.delivery.period).snapshots,
            view.snapshot,
        )
        self.exclusions = view.past.exclusions

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The date of each delivery, the one judged last."""
        return tuple(s.delivery.period for s in self.snapshots)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """Every segment ever counted before the delivery judged."""
        return self.view.past.segments(ROWS, self.plan.dimensions) if self.plan.dimensions else (WHOLE,)

    @cached_property
    def table(self) -> dict[Segment, Array]:
        """Counts of every segment before the delivery judged, each of shape (earlier deliveries,)."""
        keys = [MetricKey(ROWS, s) for s in self.segments]
        rows = [_row(snapshot, keys) for snapshot in self.snapshots[:-1]]
        whole = np.array(rows, dtype=np.float64).reshape(len(rows), len(keys))
        return {segment: whole[:, i] for i, segment in enumerate(self.segments)}

    def groups(self, upto: int) -> tuple[SegmentGroup, ...]:
        """Return what is judged from delivery `upto` on.

        Small segments are merged upward until they are not small.
        """
        first = max(0, upto - _RECENT)
        recent = {s: column[first:upto] for s, column in self.table.items()}
        size = {s: float(np.nanmean(c)) for s, c in recent.items() if np.nansum(c) > 0.0}
        return merge_small_segments(size, self.plan.least_mean)

    def panel(self, groups: Sequence[SegmentGroup], upto: int) -> own_history.CountPanel:
        """Return the first `upto` deliveries."""
        days = self.days[:upto]
        y = np.column_stack([sum(self.table[m][:upto] for m in g.members) for g in groups])
        masked = np.zeros(y.shape, dtype=bool)
        ordinal = np.array([d.toordinal() for d in days])
        for window in self.exclusions:
            span = (ordinal >= window.first.toordinal()) & (ordinal <= window.last.toordinal())
            masked |= span[:, None] & np.array([touches(window, g) for g in groups])
        restart = np.array([self._restart(g, days) for g in groups], dtype=np.float64)
        return self._make_panel(days, y, masked, restart)

    def today(self, groups: Sequence[SegmentGroup], at: int) -> own_history.CountPanel:
        """Return the counts of delivery `at` alone."""
        snapshot = self.snapshots[at]
        y = np.array([[sum(_row(snapshot, [MetricKey(ROWS, m) for m in g.members])) for g in groups]])
        stopped = [any(touches(m, g) for m in self._stopping(snapshot.delivery.period)) for g in groups]
        return self._make_panel((snapshot.delivery.period,), y, np.array([stopped]), None)

    def _make_panel(
        self, days: tuple[date, ...], y: Array, masked: Flags, restart: Array | None
    ) -> own_history.CountPanel:
        calendar, one_feed = (
            CalendarTerms(self.view.holidays, self.view.periods),
            np.zeros(y.shape[1], dtype=np.intp),
        )
        offset = rest_of(y) if self.plan.anchored else None
        return own_history.CountPanel(days, y, masked, calendar, one_feed, offset, restart)

    def through(self, groups: Sequence[SegmentGroup], at: int) -> own_history.CountPanel:
        """Return the deliveries up to and with number `at`."""
        earlier, today = self.panel(groups, at), self.today(groups, at)
        y, masked = np.vstack([earlier.y, today.y]), np.vstack([earlier.masked, today.masked])
        offset = None
        if earlier.offset is not None and today.offset is not None:
            offset = np.vstack([earlier.offset, today.offset])
        days = (*earlier.days, *today.days)
        return replace(earlier, days=days, y=y, masked=masked, offset=offset)

    def declared(self, group: SegmentGroup) -> tuple[ExclusionWindow, ...]:
        """Return what was declared of anybody in the group, for which the delivery judged last is not judged."""
        return tuple(m for m in self._stopping(self.days[-1]) if touches(m, group))

    def _stopping(self, day: date) -> list[ExclusionWindow]:
        return [m for m in self.exclusions if m.first <= day <= m.last and stops_judging(m)]

    def _restart(self, group: SegmentGroup, days: Sequence[date]) -> int:
        passed = [
            m.last for m in self.exclusions if m.kind == "policy" and touches(m, group) and m.last < days[-1]
        ]
        return max((d.toordinal() for d in passed), default=0)


def rest_of(y: Array) -> Array:
    """Return the anchor of a ratio: the logarithm of the persons in all other segments, at least half a person."""
    return np.asarray(np.log(np.nansum(y, axis=1, keepdims=True) - np.nan_to_num(y) + 0.5))


def _row(snapshot: Snapshot, keys: Sequence[MetricKey]) -> list[float]:
    if not snapshot.delivery.read:
        return [np.nan] * len(keys)
    found = [snapshot.measurements.get(key, 0.0) for key in keys]
    return [np.nan if isinstance(v, Unmeasured) else v for v in found]


def follow(view: View, plan: CountPlan) -> tuple[CountMemory, OwnHistoryStep | None]:
    """Absorb the delivery of a view.

    Returns:
        The memory after it, and how the delivery was weighed (None while there is no model yet).
    """
    stream = Stream(view, plan)
    last = len(stream.snapshots) - 1
    memory, digest = CountMemory.of(view.state), ""
    members = (segment for group in memory.groups for segment in group.members)
    if any(renew_segment(segment, view.expired) != segment for segment in members):
        memory = CountMemory()  # it counts by a code that is over
    for snapshot in stream.snapshots[:last]:
        digest = digest_of(digest, snapshot, stream.exclusions)
    if memory.absorbed != last or memory.digest != digest:
        memory = CountMemory()
        for at in range(last):
            memory, _ = absorb(stream, memory, at)
    return absorb(stream, memory, last)


def absorb(stream: Stream, memory: CountMemory, at: int) -> tuple[CountMemory, OwnHistoryStep | None]:
    """Learn when it is time, then judge one delivery; return the memory after it and how it was weighed."""
    snapshot = stream.snapshots[at]
    memory = replace(
        memory, digest=digest_of(memory.digest, snapshot, stream.exclusions), absorbed=memory.absorbed + 1
    )
    if at >= own_history.LEAST_DELIVERIES:
        memory = _learn_when_due(stream, memory, at, snapshot.delivery.period.toordinal())
    if memory.own is None or memory.own.model is None:
        return memory, None
    own = _restart_declared(stream, memory, snapshot.delivery.period)
    own, seen = own_history.judge(stream.today(memory.groups, at), own)
    return replace(memory, own=own), seen


def _restart_declared(stream: Stream, memory: CountMemory, day: date) -> own_history.OwnHistoryState:
    """Restart own history for groups whose level was declared to have changed."""
    own = cast("own_history.OwnHistoryState", memory.own)
    policies = [m for m in stream.exclusions if m.kind == "policy" and m.first <= day <= m.last]
    if not policies:
        return own
    which = np.array([any(touches(m, g) for m in policies) for g in memory.groups])
    return own_history_json.restart_level(own, which, day.toordinal())


def _learn_when_due(stream: Stream, memory: CountMemory, at: int, now: int) -> CountMemory:
    """Bring the model up to date when it is time; groups are made anew with every fit."""
    own = memory.own
    rhythm = own.model.rhythm if own is not None and own.model is not None else None
    level, fit = own_history.due(at, own_history.rhythm_of(stream.days[:at]) if rhythm is None else rhythm)
    if rhythm is not None and not level:
        return memory
    refit = fit or rhythm is None
    groups = stream.groups(at) if refit else memory.groups
    if not groups:
        return memory
    if own is None:
        own = own_history.start(len(groups), stream.days[0].toordinal())
    elif groups != memory.groups:
        known = {group: place for place, group in enumerate(memory.groups)}
        places = [known.get(group, -1) for group in groups]
        own = own_history_json.rearrange(own, np.array(places, dtype=np.intp), now)
    panel = stream.panel(groups, at)
    return replace(memory, groups=groups, own=own_history.learn(panel, own, now, stream.plan.budget, refit=refit))
