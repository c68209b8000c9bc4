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
from .privacy import SMALL_COUNT, shown_count
from .result import CheckResult, Evidence, Interval, Missing
from .segment import WHOLE, Segment
from .status import Status

CHECK = "against"
FALSE_STOPS = 0.01
"""Share of comparisons of two healthy runs on different input that may be stopped by chance (fraction 0–1)."""


@dataclass(frozen=True, slots=True)
class Change:
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
    """A release candidate against the current release, both fed with the same input: nobody may get lost.

    Deliveries are paired by period. One that only the current release made, between the first and the last of the
    candidate's, counts as lost whole; one that only the candidate made is not compared.

    Returns:
        FAILED for every category that lost somebody, WARNED for every one that only gained; one PASSED when
        nothing changed; UNPROVEN when there is nothing to compare.
    """
    new, old = _by_period(candidate), _by_period(current)
    wanted = sorted(day for day in old if new and min(new) <= day <= max(new))
    if not wanted:
        said = "no delivery of the two runs is for the same period: nothing to compare"
        return (CheckResult(CHECK, Status.UNPROVEN, Evidence.HISTORY, said),)
    changed = [change for change in changes(new, old, wanted) if change.lost or change.gained]
    # Those who lost most first, coarse before fine: with whoever lost as many as the whole feed, one has it all.
    changed.sort(key=lambda change: (-change.lost, len(change.segment.pairs), change.segment))
    found = [_said(change, len(wanted)) for change in changed]
    absent = [day for day in wanted if day not in new]
    if absent:
        days = ", ".join(day.isoformat() for day in absent)
        said = f"the current release made a delivery for {days}, the candidate did not"
        found.insert(0, CheckResult(f"{CHECK}.deliveries", Status.FAILED, Evidence.HISTORY, said))
    if found:
        return tuple(found)
    said = f"the same counts as the current release in every category of {_deliveries(len(wanted))}"
    return (CheckResult(CHECK, Status.PASSED, Evidence.HISTORY, said),)


def changes(
    new: Mapping[date, Snapshot], old: Mapping[date, Snapshot], periods: Sequence[date]
) -> Iterator[Change]:
    """Every category counted in either run; a period that `new` lacks holds nobody there."""
    both = [(new.get(day), old[day]) for day in periods]
    seen = {s for pair in both for one in pair if one is not None for s in one.segments(ROWS)}
    for segment in sorted(seen):
        pairs = [(_count(after, segment), _count(before, segment)) for after, before in both]
        yield Change(
            segment,
            sum(before for _, before in pairs),
            sum(after for after, _ in pairs),
            sum(max(0, before - after) for after, before in pairs),
            sum(max(0, after - before) for after, before in pairs),
            next((day for day, (after, before) in zip(periods, pairs, strict=True) if after < before), None),
        )


def on_other_input(candidate: Sequence[Snapshot], current: Sequence[Snapshot]) -> tuple[CheckResult, ...]:
    """Two runs on different input: is a category a smaller, or larger, part of the candidate's than chance allows?

    The share of each category in all that was delivered is compared; the totals are not, they depend on the input.

    Returns:
        FAILED for every category that is too small, WARNED for every one that is too large, at `FALSE_STOPS` over
        all of them together; one PASSED when there is none.
    """
    new, old = list(_by_period(candidate).values()), list(_by_period(current).values())
    segments = {s for one in (*new, *old) for s in one.segments(ROWS) if s != WHOLE}
    totals = tuple(sum(_count(one, WHOLE) for one in run) for run in (new, old))
    if min(totals) == 0:
        said = "one of the two runs delivered nobody: nothing to compare"
        return (CheckResult(CHECK, Status.UNPROVEN, Evidence.HISTORY, said),)
    shapes = [list(g) for _, g in groupby(sorted(segments, key=_shape), key=_shape)]
    found: list[CheckResult] = []
    for shape in shapes:
        counts = np.array([[sum(_count(one, s) for one in run) for run in (new, old)] for s in sorted(shape)])
        for sign, p in ((-1, fisher(counts, totals)), (1, fisher(counts[:, ::-1], totals[::-1]))):
            stopped = holm(p, FALSE_STOPS / (2 * len(shapes)))
            found += [
                _differs(sorted(shape)[i], counts[i], totals, sign=sign) for i in np.flatnonzero(stopped).tolist()
            ]
    if found:
        return tuple(found)
    said = f"no category of {len(segments)} is a smaller part than in the current release, beyond chance"
    return (CheckResult(CHECK, Status.PASSED, Evidence.HISTORY, said),)


def fisher(counts: NDArray[np.int64], totals: tuple[int, ...]) -> NDArray[np.float64]:
    """Fisher's exact one-sided p-values that the first run holds as few of each category as it does.

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
    """Which of the p-values stand at `level` for all of them together (Holm 1979), shape as `p`."""
    order = np.argsort(p, kind="stable")
    stands = np.cumprod(p[order] <= level / np.arange(len(p), 0, -1)).astype(bool)
    out = np.zeros(len(p), dtype=np.bool_)
    out[order] = stands
    return out


def _by_period(snapshots: Iterable[Snapshot]) -> dict[date, Snapshot]:
    """The deliveries that were read, one a period: a redelivery has replaced what it corrects."""
    return {s.delivery.period: s for s in Past.of(snapshots).snapshots if s.delivery.read}


def _shape(segment: Segment) -> tuple[str, ...]:
    return segment.dimensions


def _count(snapshot: Snapshot | None, segment: Segment) -> int:
    found = 0.0 if snapshot is None else snapshot.value(ROWS, segment)
    return round(found) if isinstance(found, float) else 0


def _said(change: Change, deliveries: int) -> CheckResult:
    before, after = shown_count(change.before), shown_count(change.after)
    told = [f"{shown_count(n)} {word}" for n, word in ((change.lost, "lost"), (change.gained, "gained")) if n > 0]
    message = (
        f"{change.segment}: expected {before}, as the current release delivers on the same input, and saw {after} "
        f"in {_deliveries(deliveries)}: {', '.join(told)}"
    )
    status = Status.FAILED if change.lost > 0 else Status.WARNED
    result = _result(status, message, change.segment, change.after, change.before)
    exactly = float(change.lost)
    return result if change.since is None else replace(result, missing=Missing(change.since, *(exactly,) * 3))


def _differs(segment: Segment, counts: NDArray[np.int64], totals: tuple[int, ...], *, sign: int) -> CheckResult:
    after, before = int(counts[0]), int(counts[1])
    implied = before / totals[1] * totals[0]
    status, word = (Status.FAILED, "fewer") if sign < 0 else (Status.WARNED, "more")
    message = (
        f"{segment}: expected {shown_count(implied)} by the current release's share, and saw "
        f"{shown_count(after)}: {word} than chance explains"
    )
    return _result(status, message, segment, after, implied)


def _result(status: Status, message: str, segment: Segment, seen: float, expected: float) -> CheckResult:
    # What is expected here is a count of persons, not a model's number: a small one stays inside.
    hidden = 0.0 < expected < SMALL_COUNT
    return CheckResult(
        CHECK,
        status,
        Evidence.HISTORY,
        message,
        segment,
        observed=float(seen),
        expected=None if hidden else Interval(float(expected), float(expected)),
        unit="persons",
    )


def _deliveries(number: int) -> str:
    return "1 delivery" if number == 1 else f"{number} deliveries"
