"""Test whether every category has its usual share: staging deliveries against production deliveries.

A category is compared with the rest of the segment it is a part of (a purpose of stay with its target group), so
that a staging environment of another size can be judged; `stats.category_shares` has its expected count. The
last 1, 2, 4 … deliveries are each judged, so that earlier deliveries do not dilute a loss that begins halfway:
Bonferroni weights over these looks, Holm's correction over the categories of a shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import ClassVar

import numpy as np

from .compare import holm, judge_whole
from .measurement import ROWS, Snapshot
from .past import Past
from .result import CheckResult, Evidence, Status
from .segment import WHOLE, Segment
from .statement import Amount, Codes, MissingCount, Name, Persons, Term, Value
from .stats import category_shares as parts
from .stats.negbin import Array

CHECK = "category"
LEAST = 5
"""Fewer deliveries than this are no baseline."""
RECENT = 261
"""Deliveries of production that are looked at: about a year of working days."""
_STRETCHES = 8  # into which a baseline is cut at least, to see how much a share wanders
PRODUCTION, ITSELF = Term("origin.production"), Term("origin.itself")
"""Whose share a category should have: production's, or that of staging's own earlier deliveries."""
_LOST = {"expected": MissingCount, "origin": Term, "seen": Persons, "deliveries": Amount}
CODES: Codes = {
    "category.share_lost": _LOST,
    "category.total_lost": _LOST,
    "category.shares_kept": {"categories": Amount, "by": Name, "origin": Term},
    "category.shares_partly_kept": {"categories": Amount, "by": Name, "origin": Term, "blind": Amount},
    "category.total_kept": {"origin": Term},
    "category.total_blind": {"origin": Term},
    "category.too_few": {"categories": Segment},
    "category.no_baseline": {"origin": Term, "deliveries": Amount},
}
"""Codes of categories before a release; see `statement.Codes`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is compared, and how sure one must be.

    Attributes:
        shapes: the dimensions to judge by; () is the whole feed.
        listed: categories that the contract lists; their shapes have half of the chance of a false stop.
        false_stops: chance that a healthy release is stopped (fraction 0–1), over everything compared here.
        totals: whether totals are compared too; not when staging gets only a part of production's input.
        origin: whose share it is.
    """

    shapes: tuple[tuple[str, ...], ...]
    listed: tuple[Segment, ...] = ()
    false_stops: float = 0.01
    totals: bool = True
    origin: Term = PRODUCTION

    def compare(
        self, staging: Sequence[Snapshot], judged: int, production: Sequence[Snapshot]
    ) -> tuple[CheckResult, ...]:
        """Compare the newest staging deliveries with production.

        Args:
            staging: oldest first, the `judged` newest of them last; what is before them is context, which counts
                only as far as a loss that it shows is still going on.
            judged: how many are judged.
            production: its deliveries, oldest first; none: staging's own earlier deliveries stand in.

        Returns:
            FAILED for every category that lost more than chance explains, else one PASSED a shape; UNPROVEN for
            listed categories so small here that even the loss of all would not show, and without a baseline.
        """
        series, base = _read(staging), _read(production)[-RECENT:]
        judged = min(judged, len(series))
        spans = [n for n in _lengths(len(series), judged) if (len(base) or len(series) - n) >= LEAST]
        if not spans:
            return (
                judge_whole(
                    CHECK, Status.UNPROVEN, "category.no_baseline", origin=self.origin, deliveries=Amount(LEAST)
                ),
            )
        origin = self.origin if base else ITSELF
        results: list[CheckResult] = []
        for shape, level in self._levels().items():
            table = _Table.count(series, base, shape, _parent(shape, self.shapes))
            looks = [_RecentWindow.at(table, n, w, judged=n == judged) for n, w in _weights(spans, judged).items()]
            results += self._judge(shape, looks, level, origin) if table.segments else []
        return tuple(results)

    def _levels(self) -> dict[tuple[str, ...], float]:
        """Return the chance of a false stop each shape may use; half for those of the contract."""
        shapes = [s for s in self.shapes if s or self.totals]
        of_contract = {frozenset(s.dimensions) for s in self.listed}
        first = [s for s in shapes if frozenset(s) in of_contract]
        rest = [s for s in shapes if s not in first]
        share = self.false_stops / (2 if first and rest else 1)
        return {shape: share / len(group) for group in (first, rest) for shape in group}

    def _judge(
        self, shape: tuple[str, ...], looks: Sequence[_RecentWindow], level: float, origin: Term
    ) -> list[CheckResult]:
        segments = looks[0].segments
        p = np.array([window.p(looks) for window in looks])
        best = p.argmin(axis=0)
        lost = holm(np.asarray(p.min(axis=0)), level)
        results = [looks[best[i]].lost(i, origin) for i in np.flatnonzero(lost).tolist()]
        least = np.array([window.fit.least / window.weight for window in looks]).min(axis=0)
        blind = [s for s, chance in zip(segments, least, strict=True) if chance > level / len(segments)]
        if not results:
            results.append(_quiet(shape, len(segments), len(blind), origin))
        listed = {frozenset(s.pairs) for s in self.listed}
        unseen = [s for s in blind if frozenset(s.pairs) in listed]
        return [*results, *([_blind(unseen)] if unseen else [])]


def _lengths(there: int, judged: int) -> list[int]:
    """Return how many of the newest deliveries to look at: 1, 2, 4 …, those judged, and all."""
    doubled = {2**i for i in range(there.bit_length())}
    return sorted(n for n in doubled | {judged, there} if 0 < n <= there)


def _weights(lengths: Sequence[int], judged: int) -> dict[int, float]:
    """Return Bonferroni weights of the looks; they sum to 1, and the deliveries judged have half."""
    others = len([n for n in lengths if n != judged])
    half = 0.5 if judged in lengths and others else 0.0
    return {n: half if half and n == judged else (1.0 - half) / max(others, 1) for n in lengths}


@dataclass(frozen=True, slots=True)
class _Table:
    """Persons of every category of a shape: in staging and in the baseline, each (deliveries, categories).

    `whole` and `base_whole` count the segments that they are parts of. Without a baseline the last two are empty.
    """

    segments: tuple[Segment, ...]
    x: Array
    whole: Array
    base: Array
    base_whole: Array

    @classmethod
    def count(
        cls,
        series: Sequence[Snapshot],
        base: Sequence[Snapshot],
        shape: tuple[str, ...],
        parent: tuple[str, ...],
    ) -> _Table:
        """Count the categories of `shape`, as parts of the segments of `parent`."""
        segments = Past(tuple(base or series)).segments(ROWS, shape) if shape else (WHOLE,)
        parents = [segment.project(parent) for segment in segments]
        return cls(segments, *(_persons(s, names) for s in (series, base) for names in (segments, parents)))


def _persons(snapshots: Sequence[Snapshot], segments: Sequence[Segment]) -> Array:
    """Return persons of segments, shape (deliveries, segments); a segment may stand there more than once."""
    place = {segment: i for i, segment in enumerate(dict.fromkeys(segments))}
    found = np.zeros((len(snapshots), len(place)))
    for row, snapshot in enumerate(snapshots):
        for key, value in snapshot.measurements.items():
            if key.name == ROWS and isinstance(value, float) and key.segment in place:
                found[row, place[key.segment]] = value
    return np.asarray(found[:, [place[segment] for segment in segments]])


@dataclass(frozen=True, slots=True)
class _RecentWindow:
    """The newest `length` deliveries against the baseline, for every category of a shape.

    Attributes:
        weight: its part of the chance of a false stop.
        judged: whether these are exactly the deliveries judged.
        x: persons of each category.
        fit: what was to be expected of them.
    """

    length: int
    weight: float
    judged: bool
    segments: tuple[Segment, ...]
    x: Array
    fit: parts.Fit

    @classmethod
    def at(cls, table: _Table, length: int, weight: float, *, judged: bool) -> _RecentWindow:
        """Look at the newest `length` deliveries of a table."""
        base, of = (
            (table.base, table.base_whole) if len(table.base) else (table.x[:-length], table.whole[:-length])
        )
        stretch = max(1, min(length, len(base) // _STRETCHES))
        x, seen = table.x[-length:].sum(axis=0), parts.cut(base, stretch)
        if table.segments == (WHOLE,):
            return cls(length, weight, judged, table.segments, x, parts.of_total(x, length / stretch, seen))
        fit = parts.of_parts(x, table.whole[-length:].sum(axis=0), seen, parts.cut(of, stretch))
        return cls(length, weight, judged, table.segments, x, fit)

    def p(self, looks: Sequence[_RecentWindow]) -> Array:
        """Return weighted p-values, (categories,).

        1 where a loss is no longer going on in the deliveries judged.
        """
        found = np.minimum(self.fit.p / self.weight, 1.0)
        last = next((one for one in looks if one.judged), self)
        if self.length <= last.length:
            return np.asarray(found)
        kept = self.x / np.maximum(self.fit.expected, 1e-9)
        # Poisson log likelihood ratio of "a share `kept` arrives" over "all arrive", in the deliveries judged.
        ratio = last.x * np.log(np.maximum(kept, 1e-9)) - last.fit.expected * (kept - 1.0)
        return np.where((ratio > 0.0) | (last.fit.expected <= 0.0), found, 1.0)

    def lost(self, i: int, origin: Term) -> CheckResult:
        """Return the finding that category `i` lost persons."""
        segment, seen, one = self.segments[i], float(self.x[i]), self.length == 1
        return CheckResult(
            CHECK,
            Status.FAILED,
            Evidence.HISTORY,
            code="category.total_lost" if segment == WHOLE else "category.share_lost",
            params={
                "expected": MissingCount(float(self.fit.expected[i])),
                "origin": origin,
                "seen": Persons(seen, of_delivery=one),
                "deliveries": Amount(self.length),
            },
            segment=segment,
            observed=seen,
            expected=self.fit.interval(i),
            unit="persons",
            of_delivery=one,
        )


def _read(snapshots: Sequence[Snapshot]) -> tuple[Snapshot, ...]:
    """Return the deliveries that were read, oldest first, one a period."""
    return tuple(s for s in Past.of(snapshots).snapshots if s.delivery.read)


def _parent(shape: tuple[str, ...], shapes: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """Return the finest shape that this one refines; () when there is none."""
    return max((s for s in shapes if set(s) < set(shape)), key=len, default=())


def _quiet(shape: tuple[str, ...], number: int, blind: int, origin: Term) -> CheckResult:
    """Return the result when no category of a shape lost anybody; `blind` of them are too small to tell."""
    if not shape:
        return judge_whole(
            CHECK, Status.PASSED, "category.total_blind" if blind else "category.total_kept", origin=origin
        )
    said: dict[str, Value] = {"categories": Amount(number), "by": tuple(map(Name, shape)), "origin": origin}
    if blind:
        return judge_whole(CHECK, Status.PASSED, "category.shares_partly_kept", blind=Amount(blind), **said)
    return judge_whole(CHECK, Status.PASSED, "category.shares_kept", **said)


def _blind(unseen: Sequence[Segment]) -> CheckResult:
    return judge_whole(CHECK, Status.UNPROVEN, "category.too_few", categories=tuple(unseen))


# The coverage matrix: which categories must be seen, and when each was seen last.


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
        """Return whether it is about this category on this day."""
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
        """Return whether it is about this category."""
        return Segment.of(self.segment).contains(category)


def categories(expected: Iterable[Category]) -> tuple[Segment, ...]:
    """Return every category that is listed.

    A list of values stands for each of them, several lists for their product.
    """
    found: dict[Segment, None] = {}
    for one in expected:
        values = [(v,) if isinstance(v, str) else tuple(v) for v in one.values()]
        for combination in product(*values):
            found[Segment(tuple(zip(one, combination, strict=True)))] = None
    return tuple(found)


def seen_in(snapshot: Snapshot, wanted: Sequence[Segment]) -> frozenset[Segment]:
    """Return the categories of which a delivery holds at least one record, whatever the order of dimensions."""
    by_pairs = {frozenset(category.pairs): category for category in wanted}
    shapes = {category.dimensions for category in wanted}
    return frozenset(
        by_pairs[pairs]
        for segment in _list_counted(snapshot)
        for shape in shapes
        if (pairs := frozenset(segment.project(shape).pairs)) in by_pairs
    )


def rows_around(snapshot: Snapshot, category: Segment) -> float:
    """Return persons of a delivery with the same values in all dimensions of a category but the last."""
    return rows_of(snapshot, Segment(category.pairs[:-1]))


def rows_of(snapshot: Snapshot, category: Segment) -> float:
    """Return persons of a delivery in a category.

    Where a delivery is not counted by those dimensions alone, its finer counts are added up.
    """
    totals = dict[tuple[str, ...], float]()
    for key, value in snapshot.measurements.items():
        if key.name == ROWS and isinstance(value, float) and category.contains(key.segment):
            shape = key.segment.dimensions
            totals[shape] = totals.get(shape, 0.0) + value
    return totals[min(totals, key=lambda shape: (len(shape), shape))] if totals else 0.0


def _list_counted(snapshot: Snapshot) -> Iterator[Segment]:
    for key, value in snapshot.measurements.items():
        if key.name == ROWS and isinstance(value, float) and value > 0.0:
            yield key.segment
