"""Has a segment vanished? An unlikely run of zeros is enough; no weeks of evidence are needed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ketenwacht.domain.check_traits import CheckTraits, Release, Weight, budget, nonnegative
from ketenwacht.domain.delivery import DeliveryKind
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Missing, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount, Codes, Persons

from ._count_memory import deliveries_a_year
from .base import Judgement, View

_NINETY = 1.645  # half-width of a 90 % interval in standard deviations
_STEPS = 40  # halvings of the chance that is looked for; far finer than it is known
_LOOK = 120  # deliveries that are looked at at all
_LEARN_FROM = 60  # deliveries before the first zero from which the usual count is learnt


@dataclass(frozen=True, slots=True, kw_only=True)
class VanishedCheck:
    """A segment without a single record, for longer than chance and its usual count allow.

    The count of a delivery is negative binomial with the mean m and size k of the sixty deliveries before; L zeros
    in a row then have the chance (k/(k+m))^(kL). The chance at which a run of zeros is called a loss is the
    largest for which all segments together give no more false alarms than budgeted, so a large segment may be
    missed within a day without a small one crying wolf.

    Attributes:
        segments: the dimensions to judge by.
        false_alarms_per_year: this check's budget, over all segments.
        at_least: mean records a delivery below which a segment is left to slower checks.
        learn: deliveries to have seen before a segment is judged.
        overdispersion: least variance, in means, that a count is given: few deliveries show too little of it.
    """

    kind: ClassVar[str] = "vanished"
    codes: ClassVar[Codes] = {
        "vanished.gone": {"deliveries": Amount, "since": date, "usual": Persons},
        "vanished.present": {},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        evidence=Evidence.HISTORY,
        release=Release.LEVEL,
        settings={
            "at_least": nonnegative(Weight.DOWN),
            "learn": nonnegative(Weight.DOWN),
            "overdispersion": nonnegative(),
            **budget(),
        },
    )
    name: str = "vanished"
    segments: tuple[str, ...] = ()
    false_alarms_per_year: float = 1.0
    at_least: float = 3.0
    learn: int = 20
    overdispersion: float = 2.0

    def judge(self, view: View) -> Judgement:
        """Return a result for every segment that is zero now, and one for all others together."""
        delivery = view.snapshot.delivery
        if not delivery.read or delivery.kind is not DeliveryKind.MUTATION or view.snapshot.value(ROWS) == 0.0:
            return Judgement(())  # an empty delivery belongs to the schedule
        if not view.snapshot.counts_by(self.segments):
            return Judgement(())  # it lacks a column: that says nothing of the persons in it
        view = replace(view, past=view.past.newest(_LOOK))
        counted = np.array([one.counts_by(self.segments) for one in (*view.past.snapshots, view.snapshot)])
        segments = view.past.segments(ROWS, self.segments)
        usual = {s: found for s in segments if (found := self._usual(view, s, counted))}
        if not usual:
            return Judgement(())
        chance = _chance(
            [one.zero for one in usual.values()], self.false_alarms_per_year / deliveries_a_year(view.past.periods)
        )
        gone = [self._one(s, one) for s, one in usual.items() if one.run and one.zero**one.run <= chance]
        return Judgement((*gone, *self._rest(usual, {result.segment for result in gone})))

    def _usual(self, view: View, segment: Segment, counted: NDArray[np.bool_]) -> _Usual | None:
        """Return what is usual of a segment, learnt before its present run of zeros.

        None when too little is known.

        Args:
            view: the past, and the delivery judged as the last.
            segment: one of the segments.
            counted: which deliveries, that one included, were counted by the dimensions at all.
        """
        now = view.snapshot.value(ROWS, segment)
        counts = np.append(view.past.series(ROWS, segment), now if isinstance(now, float) else math.nan)
        good = ~np.append(view.past.excluded(segment), False) & np.isfinite(counts) & counted
        kept = counts[good]
        nonzero = np.flatnonzero(kept)
        if not nonzero.size:
            return None
        learnt = kept[: nonzero[-1] + 1][-_LEARN_FROM:]
        if learnt.size < self.learn or learnt.mean() < self.at_least:
            return None
        days = [*view.past.periods, view.snapshot.delivery.period]
        zeros = np.flatnonzero(good)[nonzero[-1] + 1 :]
        since = days[zeros[0]] if zeros.size else days[-1]
        mean = float(learnt.mean())
        variance = max(float(learnt.var(ddof=1)), self.overdispersion * mean)
        return _Usual(mean, variance, int(zeros.size), since)

    def _one(self, segment: Segment, usual: _Usual) -> CheckResult:
        lost, spread = usual.mean * usual.run, _NINETY * math.sqrt(usual.variance * usual.run)
        return CheckResult(
            check=self.name,
            status=Status.FAILED,
            evidence=Evidence.HISTORY,
            code="vanished.gone",
            params={"deliveries": Amount(usual.run), "since": usual.since, "usual": Persons(usual.mean)},
            segment=segment,
            observed=0.0,
            expected=Interval(1.0, None),
            unit="persons",
            of_delivery=True,
            missing=Missing(usual.since, lost, max(0.0, lost - spread), lost + spread),
        )

    def _rest(self, usual: Mapping[Segment, _Usual], gone: set[Segment]) -> Sequence[CheckResult]:
        """Return every other segment passes by itself, so that one that came back is seen to have."""
        return [
            CheckResult(
                check=self.name,
                status=Status.PASSED,
                evidence=Evidence.HISTORY,
                code="vanished.present",
                segment=segment,
                unit="persons",
            )
            for segment in usual
            if segment not in gone
        ]


@dataclass(frozen=True, slots=True)
class _Usual:
    """A segment's mean and variance a delivery, and its present run of zeros: how long, and since when."""

    mean: float
    variance: float
    run: int
    since: date

    @property
    def zero(self) -> float:
        """Chance of one zero, negative binomial by moments; weekdays are in the variance, so rather too large."""
        if self.variance <= self.mean:
            return math.exp(-self.mean)
        size = self.mean**2 / (self.variance - self.mean)
        return float((size / (size + self.mean)) ** size)


def _chance(zeros: Sequence[float], allowed: float) -> float:
    """Return the largest chance at which runs of zeros may be called losses.

    It allows `allowed` false alarms a delivery.

    A segment with chance z of a zero reaches a run of L zeros about z^L times a delivery, and L is the shortest
    run with z^L below the chance that is looked for.
    """

    def alarms(chance: float) -> float:
        return sum(z ** max(1, math.ceil(math.log(chance) / math.log(z))) for z in zeros if 0.0 < z < 1.0)

    low, high = -60.0, math.log(0.05)  # nats
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if alarms(math.exp(middle)) <= allowed else (low, middle)
    return math.exp(low)
