"""The coverage matrix: which categories must be seen, and when each was seen last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import ClassVar

from .measurement import ROWS, Snapshot
from .segment import Segment

Category = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Why a category is not seen: by whom, and until when (inclusive) that holds."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    segment: Mapping[str, str]
    reason: str
    who: str
    until: date

    def covers(self, category: Segment, day: date) -> bool:
        """Whether it speaks of this category on this day."""
        return day <= self.until and Segment.of(self.segment).contains(category)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rare:
    """A category that a delivery may lack by chance: the share that it has, at least, of what it is a part of.

    Attributes:
        segment: the category, or a part of its values.
        share: of the persons with the same values in all its dimensions but the last (fraction 0–1).
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    segment: Mapping[str, str]
    share: float

    def covers(self, category: Segment) -> bool:
        """Whether it speaks of this category."""
        return Segment.of(self.segment).contains(category)


def categories(expected: Iterable[Category]) -> tuple[Segment, ...]:
    """Every category that is listed: a list of values stands for each of them, several lists for their product."""
    found: dict[Segment, None] = {}
    for one in expected:
        values = [(v,) if isinstance(v, str) else tuple(v) for v in one.values()]
        for combination in product(*values):
            found[Segment(tuple(zip(one, combination, strict=True)))] = None
    return tuple(found)


def seen_in(snapshot: Snapshot, wanted: Sequence[Segment]) -> frozenset[Segment]:
    """The categories of which a delivery holds at least one record, whatever the order of dimensions."""
    by_pairs = {frozenset(category.pairs): category for category in wanted}
    shapes = {category.dimensions for category in wanted}
    return frozenset(
        by_pairs[pairs]
        for segment in _counted(snapshot)
        for shape in shapes
        if (pairs := frozenset(segment.project(shape).pairs)) in by_pairs
    )


def rows_around(snapshot: Snapshot, category: Segment) -> float:
    """Persons of a delivery with the same values in all dimensions of a category but the last.

    Where a delivery is not counted by those dimensions alone, its finer counts are added up.
    """
    around, totals = Segment(category.pairs[:-1]), dict[tuple[str, ...], float]()
    for key, value in snapshot.measurements.items():
        if key.name == ROWS and isinstance(value, float) and around.contains(key.segment):
            shape = key.segment.dimensions
            totals[shape] = totals.get(shape, 0.0) + value
    return totals[min(totals, key=lambda shape: (len(shape), shape))] if totals else 0.0


def _counted(snapshot: Snapshot) -> Iterator[Segment]:
    for key, value in snapshot.measurements.items():
        if key.name == ROWS and isinstance(value, float) and value > 0.0:
            yield key.segment
