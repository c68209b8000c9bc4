"""Results of the count checks: status, interval, what is missing, and one sentence that says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ketenwacht.domain.privacy import shown_count, shown_missing
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Missing
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


@dataclass(frozen=True, slots=True)
class Wording:
    """How a check speaks of itself.

    Attributes:
        check: its name.
        expected_by: what the expected counts come from, after "where … implies".
        quiet_because: the end of the sentence while nothing contradicts.
        calibrated: whether the false alarms of its threshold are known. An alarm of a monitor that was never
            calibrated warns; only where half or more is gone, which no drift explains, it fails all the same.
    """

    check: str
    expected_by: str
    quiet_because: str
    calibrated: bool

    def alarmed(self, seen: float, meant: float) -> Status:
        """The status of an alarm, from the counts since its onset."""
        return Status.FAILED if self.calibrated or seen <= _GONE * meant else Status.WARNED


def interval(mu: float, k: float) -> Interval:
    """The 90 % interval of one count."""
    from scipy.stats import nbinom

    low, high = (float(nbinom.ppf(p, k, k / (k + mu))) for p in (0.05, 0.95))
    return Interval(low, high)


def stated(found: missing.Estimate, days: Sequence[date]) -> Missing:
    """An estimate as a result states it: the date instead of the index, whole persons."""
    return Missing(days[found.onset], *(float(round(v)) for v in (found.value, found.low, found.high)))


def sentence(title: str, lost: Missing, seen: float, meant: float, expected_by: str) -> str:
    """What happened, in one plain English sentence; small counts are not shown."""
    change = f"{(seen - meant) / max(meant, 1e-9):+.0%}".replace("-", "−")
    number = shown_missing(lost.value)
    about = f"{number} persons" if number.startswith("<") else f"about {number} persons"
    tail = "probably arrived who should not have" if lost.value < 0 else "are probably missing"
    return (
        f"{title}: since {lost.since} the feed delivered {shown_count(seen)} where {expected_by} "
        f"{shown_count(meant)} ({change}); {about} {tail}"
    )


def results(stream: Stream, memory: Memory, mu: Array, wording: Wording) -> tuple[CheckResult, ...]:
    """One result a group of the last delivery of the stream."""
    at = len(stream.snapshots) - 1
    today = stream.today(memory.groups, at)
    alarm = np.zeros((2, len(memory.groups))) if memory.tally is None else memory.tally.alarm
    found = []
    for i, group in enumerate(memory.groups):
        y = float(today.y[0, i])
        if today.masked[0, i]:
            message = f"{group.title}: not judged, a pause, catch-up or change of policy is declared"
            found.append(CheckResult(wording.check, Status.SKIPPED, Evidence.HISTORY, message, group.segment))
            continue
        size = memory.held.size[i] if memory.held is not None else 1.0
        base = CheckResult(
            wording.check,
            Status.PASSED,
            Evidence.HISTORY,
            f"{group.title}: {shown_count(y)} delivered, nothing contradicts{wording.quiet_because}",
            group.segment,
            y,
            interval(float(mu[i]), size),
            "persons",
        )
        found.append(base if not alarm[:, i].any() else _alarmed(stream, memory, i, base, wording))
    return tuple(found)


def _alarmed(stream: Stream, memory: Memory, i: int, base: CheckResult, wording: Wording) -> CheckResult:
    held, tally, group = memory.held, memory.tally, memory.groups[i]
    if held is None or tally is None:
        return base
    many = not tally.alarm[monitor.FEW, i] > 0.0
    days, y, mu = _window(stream, memory, group, held, int(tally.zero[int(many), i]))
    spread = max(held.spread[i], _LEAST_SPREAD)
    lost = stated(missing.estimate(y, mu, held.size[i], spread=spread, many=many), days)
    since = np.array([d >= lost.since for d in days])
    seen, meant = float(y[since].sum()), float(mu[since].sum())
    message = sentence(group.title, lost, seen, meant, wording.expected_by)
    return CheckResult(
        base.check,
        wording.alarmed(seen, meant),
        base.evidence,
        message,
        base.segment,
        base.observed,
        base.expected,
        base.unit,
        lost,
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
