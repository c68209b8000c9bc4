"""What the count checks judge as one, and what they remember between deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import cast

from ketenwacht.domain.measurement import ROWS, MetricKey, Snapshot
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.stats import following, monitor, remembered

from .base import State

_VERSION = 3
_BUSINESS_DAYS = 1.4  # days between two deliveries, until more is known


@dataclass(frozen=True, slots=True)
class SegmentGroup:
    """What is judged as one: a segment, or the small segments below one together."""

    segment: Segment
    members: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class CountPlan:
    """How a check wants its series followed."""

    dimensions: tuple[str, ...]
    least_mean: float
    anchored: bool
    settings: monitor.MonitorSettings
    budget: following.Budget = field(default_factory=following.Budget)


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
    own: following.FollowerMemory | None = None

    @property
    def needed(self) -> int:
        """Deliveries that own history needs before it judges anything, for the rhythm that is known so far."""
        model = self.own.model if self.own is not None else None
        days = following.LEAST_DAYS / (model.rhythm if model is not None else _BUSINESS_DAYS)
        return max(following.LEAST_DELIVERIES, round(days))

    def to_state(self) -> State:
        """As JSON values."""
        return {
            "version": _VERSION,
            "digest": self.digest,
            "absorbed": self.absorbed,
            "groups": [[_pairs(g.segment), [_pairs(m) for m in g.members]] for g in self.groups],
            "own": None if self.own is None else remembered.to_dict(self.own),
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
            None if own is None else remembered.from_dict(cast("dict[str, object]", own)),
        )


def _pairs(segment: Segment) -> list[list[str]]:
    return [list(pair) for pair in segment.pairs]


def _segment(pairs: object) -> Segment:
    return Segment(tuple((str(name), str(value)) for name, value in cast("list[tuple[str, str]]", pairs)))


def digest_of(earlier: str, snapshot: Snapshot, exclusions: Sequence[ExclusionWindow]) -> str:
    """The digest after one more delivery; what may change a count, and nothing else, changes it."""
    d = snapshot.delivery
    total = snapshot.measurements.get(MetricKey(ROWS))
    declared = [
        f"{m.first}{m.last}{m.kind}{m.segment}"
        for m in exclusions
        if stops_judging(m) and m.first <= d.period <= m.last
    ]
    parts = (earlier, d.period, d.id, d.sha256, d.presence.value, total, *declared)
    return sha256("|".join(str(p) for p in parts).encode()).hexdigest()[:32]


def stops_judging(mask: ExclusionWindow) -> bool:
    """Whether days under this mask are not judged at all; an incident's days are, or it would never end."""
    return mask.kind != "incident"


def touches(mask: ExclusionWindow, group: SegmentGroup) -> bool:
    """Whether a mask speaks of anybody in the group."""
    return any(mask.segment.contains(m) or m.contains(mask.segment) for m in group.members)


def merged(size: dict[Segment, float], least: float) -> tuple[SegmentGroup, ...]:
    """Groups of segments, each of mean at least `least` a delivery where its parents allow it; sorted."""
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
