"""Results of the count checks: status, interval, what is missing, and the code that says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from ketenwacht.domain.result import CheckResult, Evidence, Interval, Missing
from ketenwacht.domain.statement import (
    Amount,
    Codes,
    MissingCount,
    Persons,
    Share,
    Statement,
    Term,
    Value,
)
from ketenwacht.domain.stats import counts, missing, monitor
from ketenwacht.domain.stats.baseline import Baseline
from ketenwacht.domain.stats.negbin import Array
from ketenwacht.domain.status import Status

from ._counts import Stream
from ._memory import Group, Memory

_BEFORE = 40  # deliveries before the alarm's onset that the estimate may move it back to
_LOOK = 130
_LEAST_SPREAD = 0.03
_GONE = 0.5  # share (0–1) of what was meant; with less than this the segment is as good as gone

LOSS: Mapping[str, type] = {
    "since": date,
    "seen": Persons,
    "meant": Persons,
    "share": Share,
    "missing": MissingCount,
}
"""Parameters of every code that tells a loss or a surplus; `share` is what was seen of what was meant."""


@dataclass(frozen=True, slots=True)
class CountCheck:
    """What the results of a check of counts need to know of it.

    Attributes:
        kind: its kind, with which its codes begin.
        name: its name.
        calibrated: whether the false alarms of its threshold are known. An alarm of a monitor that was never
            calibrated warns; only where half or more is gone, which no drift explains, it fails all the same.
    """

    kind: str
    name: str
    calibrated: bool

    def alarmed(self, seen: float, meant: float) -> Status:
        """The status of an alarm, from the counts since its onset."""
        return Status.FAILED if self.calibrated or seen <= _GONE * meant else Status.WARNED

    def together(self, group: Group) -> tuple[Statement, ...]:
        """That several small segments are judged as one; nothing of a segment that is judged by itself."""
        if group.members == (group.segment,):
            return ()
        return (Statement(f"{self.kind}.together", {"segments": Amount(len(group.members))}),)


def count_codes(kind: str) -> Codes:
    """The codes of a check of counts."""
    quiet = {"seen": Persons, "together": Statement}
    return {
        f"{kind}.quiet": quiet,
        f"{kind}.uncalibrated": quiet,
        f"{kind}.not_judged": {"declared": Term, "together": Statement},
        f"{kind}.shortfall": {**LOSS, "together": Statement},
        f"{kind}.surplus": {**LOSS, "together": Statement},
        f"{kind}.together": {"segments": Amount},
    }


def interval(mu: float, k: float) -> Interval:
    """The 90 % interval of one count."""
    from scipy.stats import nbinom

    low, high = (float(nbinom.ppf(p, k, k / (k + mu))) for p in (0.05, 0.95))
    return Interval(low, high)


def stated(found: missing.Estimate, days: Sequence[date]) -> Missing:
    """An estimate as a result states it: the date instead of the index, whole persons."""
    return Missing(days[found.onset], *(float(round(v)) for v in (found.value, found.low, found.high)))


def loss(found: Missing, seen: float, meant: float) -> dict[str, Value]:
    """The parameters of `LOSS`, from the persons seen and meant since then."""
    return {
        "since": found.since,
        "seen": Persons(seen),
        "meant": Persons(meant),
        "share": Share(seen, meant),
        "missing": MissingCount(found.value),
    }


def results(stream: Stream, memory: Memory, mu: Array, check: CountCheck) -> tuple[CheckResult, ...]:
    """One result a group of the last delivery of the stream."""
    at = len(stream.snapshots) - 1
    today = stream.today(memory.groups, at)
    alarm = np.zeros((2, len(memory.groups))) if memory.tally is None else memory.tally.alarm
    found = []
    for i, group in enumerate(memory.groups):
        if today.masked[0, i]:
            found.append(_not_judged(stream, group, check))
            continue
        y = float(today.y[0, i])
        size = memory.held.size[i] if memory.held is not None else 1.0
        base = CheckResult(
            check.name,
            Status.PASSED,
            Evidence.HISTORY,
            code=f"{check.kind}.quiet" if check.calibrated else f"{check.kind}.uncalibrated",
            params={"seen": Persons(y, of_delivery=True), "together": check.together(group)},
            segment=group.segment,
            observed=y,
            expected=interval(float(mu[i]), size),
            unit="persons",
            of_delivery=True,
        )
        found.append(base if not alarm[:, i].any() else _alarmed(stream, memory, i, base, check))
    return tuple(found)


def _not_judged(stream: Stream, group: Group, check: CountCheck) -> CheckResult:
    kinds = sorted({mask.kind for mask in stream.declared(group)})
    return CheckResult(
        check.name,
        Status.SKIPPED,
        Evidence.HISTORY,
        code=f"{check.kind}.not_judged",
        params={
            "declared": tuple(Term(f"stretch.{kind}") for kind in kinds),
            "together": check.together(group),
        },
        segment=group.segment,
    )


def _alarmed(stream: Stream, memory: Memory, i: int, base: CheckResult, check: CountCheck) -> CheckResult:
    held, tally, group = memory.held, memory.tally, memory.groups[i]
    if held is None or tally is None:
        return base
    many = not tally.alarm[monitor.FEW, i] > 0.0
    days, y, mu = _window(stream, memory, group, held, int(tally.zero[int(many), i]))
    spread = max(held.spread[i], _LEAST_SPREAD)
    lost = stated(missing.estimate(y, mu, held.size[i], missing.Doubt(spread), many=many), days)
    since = np.array([d >= lost.since for d in days])
    seen, meant = float(y[since].sum()), float(mu[since].sum())
    return replace(
        base,
        status=check.alarmed(seen, meant),
        code=f"{check.kind}.surplus" if many else f"{check.kind}.shortfall",
        params={**loss(lost, seen, meant), "together": check.together(group)},
        missing=lost,
    )


def _window(
    stream: Stream, memory: Memory, group: Group, held: Baseline, zero: int
) -> tuple[tuple[date, ...], Array, Array]:
    """The deliveries that an estimate looks at: dates, counts and expectations of one group, none masked."""
    at = len(stream.snapshots) - 1
    place = memory.groups.index(group)
    earlier = stream.panel(memory.groups, at, memory)
    today = stream.today(memory.groups, at)
    days = (*earlier.days, *today.days)
    y = np.vstack([earlier.y, today.y])
    offset = None
    if earlier.offset is not None and today.offset is not None:
        offset = np.vstack([earlier.offset, today.offset])
    onset = int(np.searchsorted([d.toordinal() for d in days], zero))
    first = max(0, min(onset - _BEFORE, len(days) - _LOOK))
    part = slice(first, len(days))
    mu = held.predict(days[part], earlier.holidays, None if offset is None else offset[part])[:, place]
    gap = counts.empty(y, earlier.groups)
    masked = np.vstack([earlier.masked, today.masked])
    usable = ~(gap | masked)[part, place]
    # What was due on a day without a delivery came with the next one: both are left out.
    usable[1:] &= ~gap[part, place][:-1]
    usable[-1] = True
    kept = tuple(d for d, u in zip(days[part], usable, strict=True) if u)
    return kept, np.nan_to_num(y[part, place][usable]), mu[usable]
