"""Two runs of one feed, count by count: who is lost and who is gained when a release replaces another.

On the same input nothing may get lost: any decrease is a finding, and no statistics are needed. On other input the
two runs are compared by Fisher's exact test, conditional on how many each delivered (Fisher 1935, hypergeometric
tail), with Holm's correction over the categories of a shape (Holm 1979).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from .measurement import ROWS, Snapshot
from .past import Past
from .result import CheckResult, Evidence, Missing, Status
from .segment import WHOLE, Segment
from .statement import Amount, Codes, Persons, Value

CHECK = "against"
CODES: Codes = {
    "against.same": {"deliveries": Amount},
    "against.not_made": {"periods": date},
    "against.lost": {"expected": Persons, "seen": Persons, "deliveries": Amount, "lost": Persons},
    "against.gained": {"expected": Persons, "seen": Persons, "deliveries": Amount, "gained": Persons},
    "against.lost_and_gained": {
        "expected": Persons,
        "seen": Persons,
        "deliveries": Amount,
        "lost": Persons,
        "gained": Persons,
    },
    "against.fewer": {"expected": Persons, "seen": Persons},
    "against.more": {"expected": Persons, "seen": Persons},
    "against.alike": {"categories": Amount},
    "against.no_period": {},
    "against.nobody": {},
}
"""Codes of a comparison of two runs; see `statement.Codes`."""
_MOVED = {
    (True, False): "against.lost",
    (False, True): "against.gained",
    (True, True): "against.lost_and_gained",
}
FALSE_STOPS = 0.01
"""Share of comparisons of two healthy runs on different input that may be stopped by chance (fraction 0–1)."""


@dataclass(frozen=True, slots=True)
class CategoryChange:
    """One category in two runs; persons, summed over the deliveries that both have.

    Attributes:
        before: what the current release delivered.
        after: what the candidate delivered.
        lost: persons lost, delivery by delivery; a gain elsewhere does not make up for it.
        gained: persons gained, likewise.
        since: the first period in which somebody was lost, None when nobody was.
    """

    segment: Segment
    before: int
    after: int
    lost: int
    gained: int
    since: date | None = None


def on_same_input(candidate: Sequence[Snapshot], current: Sequence[Snapshot]) -> tuple[CheckResult, ...]:
    """Return a release candidate against the current release, both fed with the same input: nobody may get lost.

    Deliveries are paired by period. One that only the current release made, between the first and the last of the
    candidate's, counts as lost whole; one that only the candidate made is not compared.

    Returns:
        FAILED for every category that lost somebody, WARNED for every one that only gained; one PASSED when
        nothing changed; UNPROVEN when there is nothing to compare.
    """
    new, old = _by_period(candidate), _by_period(current)
    wanted = sorted(day for day in old if new and min(new) <= day <= max(new))
    if not wanted:
        return (judge_whole(CHECK, Status.UNPROVEN, "against.no_period"),)
    changed = [change for change in changes(new, old, wanted) if change.lost or change.gained]
    # Largest loss first, coarse before fine: a segment that lost as many as the whole feed explains the entire
    # loss, so it comes early.
    changed.sort(key=lambda change: (-change.lost, len(change.segment.pairs), change.segment))
    found = [_make_result(change, len(wanted)) for change in changed]
    absent = [day for day in wanted if day not in new]
    if absent:
        not_made = judge_whole(CHECK, Status.FAILED, "against.not_made", periods=tuple(absent))
        found.insert(0, replace(not_made, check=f"{CHECK}.deliveries"))
    return tuple(found) or (judge_whole(CHECK, Status.PASSED, "against.same", deliveries=Amount(len(wanted))),)


def changes(
    new: Mapping[date, Snapshot], old: Mapping[date, Snapshot], periods: Sequence[date]
) -> Iterator[CategoryChange]:
    """Yield every category counted in either run; a period that `new` lacks holds nobody there."""
    both = [(new.get(day), old[day]) for day in periods]
    seen = {s for pair in both for one in pair if one is not None for s in one.segments(ROWS)}
    for segment in sorted(seen):
        pairs = [(_count(after, segment), _count(before, segment)) for after, before in both]
        yield CategoryChange(
            segment,
            sum(before for _, before in pairs),
            sum(after for after, _ in pairs),
            sum(max(0, before - after) for after, before in pairs),
            sum(max(0, after - before) for after, before in pairs),
            next((day for day, (after, before) in zip(periods, pairs, strict=True) if after < before), None),
        )


def on_other_input(candidate: Sequence[Snapshot], current: Sequence[Snapshot]) -> tuple[CheckResult, ...]:
    """Judge two runs on different input: does a category's share differ by more than chance allows?

    The share of each category in all that was delivered is compared; the totals are not, they depend on the input.

    Returns:
        FAILED for every category that is too small, WARNED for every one that is too large, at `FALSE_STOPS` over
        all of them together; one PASSED when there is none.
    """
    new, old = list(_by_period(candidate).values()), list(_by_period(current).values())
    segments = {s for one in (*new, *old) for s in one.segments(ROWS) if s != WHOLE}
    totals = tuple(sum(_count(one, WHOLE) for one in run) for run in (new, old))
    if min(totals) == 0:
        return (judge_whole(CHECK, Status.UNPROVEN, "against.nobody"),)
    shapes = [list(g) for _, g in groupby(sorted(segments, key=_shape), key=_shape)]
    found: list[CheckResult] = []
    for shape in shapes:
        counts = np.array([[sum(_count(one, s) for one in run) for run in (new, old)] for s in sorted(shape)])
        for sign, p in ((-1, fisher(counts, totals)), (1, fisher(counts[:, ::-1], totals[::-1]))):
            stopped = holm(p, FALSE_STOPS / (2 * len(shapes)))
            found += [
                _differs(sorted(shape)[i], counts[i], totals, sign=sign) for i in np.flatnonzero(stopped).tolist()
            ]
    return tuple(found) or (judge_whole(CHECK, Status.PASSED, "against.alike", categories=Amount(len(segments))),)


def fisher(counts: NDArray[np.int64], totals: tuple[int, ...]) -> NDArray[np.float64]:
    """Return Fisher's exact one-sided p-values that the first run holds as few of each category as it does.

    Args:
        counts: persons of each category in the two runs, shape (categories, 2).
        totals: persons in the two runs.

    Returns:
        Shape (categories,), each 0–1.
    """
    from scipy.stats import hypergeom

    p = hypergeom.cdf(counts[:, 0], sum(totals), counts.sum(axis=1), totals[0])
    return np.asarray(np.clip(p, 0.0, 1.0), dtype=np.float64)


def holm(p: NDArray[np.float64], level: float) -> NDArray[np.bool_]:
    """Return which of the p-values stand at `level` for all of them together (Holm 1979), shape as `p`."""
    order = np.argsort(p, kind="stable")
    stands = np.cumprod(p[order] <= level / np.arange(len(p), 0, -1)).astype(bool)
    out = np.zeros(len(p), dtype=np.bool_)
    out[order] = stands
    return out


def _by_period(snapshots: Iterable[Snapshot]) -> dict[date, Snapshot]:
    """Return the deliveries that were read, one a period: a redelivery has replaced what it corrects."""
    return {s.delivery.period: s for s in Past.of(snapshots).snapshots if s.delivery.read}


def _shape(segment: Segment) -> tuple[str, ...]:
    return segment.dimensions


def _count(snapshot: Snapshot | None, segment: Segment) -> int:
    found = 0.0 if snapshot is None else snapshot.value(ROWS, segment)
    return round(found) if isinstance(found, float) else 0


def _make_result(change: CategoryChange, deliveries: int) -> CheckResult:
    moved = {"lost": change.lost, "gained": change.gained}
    params: dict[str, Value] = {"deliveries": Amount(deliveries)}
    params |= {name: Persons(n) for name, n in moved.items() if n > 0}
    status = Status.FAILED if change.lost > 0 else Status.WARNED
    result = _result(
        status, _MOVED[change.lost > 0, change.gained > 0], change.segment, change.after, change.before, params
    )
    exactly = float(change.lost)
    return result if change.since is None else replace(result, missing=Missing(change.since, *(exactly,) * 3))


def _differs(segment: Segment, counts: NDArray[np.int64], totals: tuple[int, ...], *, sign: int) -> CheckResult:
    after, before = int(counts[0]), int(counts[1])
    implied = before / totals[1] * totals[0]
    status, code = (Status.FAILED, "against.fewer") if sign < 0 else (Status.WARNED, "against.more")
    return _result(status, code, segment, after, implied, {})


def _result(  # noqa: PLR0913, PLR0917 - a result has so many parts
    status: Status, code: str, segment: Segment, seen: float, expected: float, more: Mapping[str, Value]
) -> CheckResult:
    """Return a result on one category.

    What was expected is a count of persons too, so it is not shown as a limit.
    """
    return CheckResult(
        CHECK,
        status,
        Evidence.HISTORY,
        code=code,
        params={"expected": Persons(expected), "seen": Persons(seen), **more},
        segment=segment,
        observed=float(seen),
        unit="persons",
    )


def judge_whole(check: str, status: Status, code: str, **params: Value) -> CheckResult:
    """Return a result of a check of releases about the whole feed."""
    return CheckResult(check, status, Evidence.HISTORY, code=code, params=params)
