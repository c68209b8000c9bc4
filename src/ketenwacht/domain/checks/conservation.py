"""Is everybody who came to one hop of the chain at the next, or left out for a stated reason? Over all time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar, Literal

import numpy as np

from ketenwacht.domain.conservation import Flow, Remainder, remainder
from ketenwacht.domain.delivery import DeliveryKind
from ketenwacht.domain.past import Mask
from ketenwacht.domain.privacy import shown_count, shown_missing
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Missing
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.status import Status

from ._flows import Columns, counted_flow, deliveries_of, measured_flow
from .base import Judgement, View

FILES: Literal["files"] = "files"
_JUDGED = frozenset({DeliveryKind.MUTATION, DeliveryKind.REDELIVERY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One hop of the chain.

    Attributes:
        name: of the hop, as people call it.
        counts: `files`: counts that were brought in under this name (`evidence.hops`, `reference import --hop`);
            else a measurement of the deliveries: `declared.selected`, `declared.rows` or `rows`.
        within: how long the way from the hop before may take.
        explained: whether the manifest's counts by reason say who was left out just before this hop.
        tolerated: persons that a segment may lack here in all, without it being a finding.
        because: why that is tolerated.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    name: str
    counts: Literal["files", "declared.selected", "declared.rows", "rows"] = FILES
    within: timedelta = timedelta(0)
    explained: bool = False
    tolerated: int = 0
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConservationCheck:
    """The account of a chain: at each hop, who came to the hop before and is not explained.

    Hops that nothing was counted at yet are bridged: the one before is held against the one after.

    Attributes:
        hops: in the order in which persons pass them.
        segments: the dimensions to judge by, beside the whole feed, at hops that are counted by them.
        since: first day to count at every hop; None: the first that both hops know.
        max_age: counts that end longer ago say nothing about today.
    """

    kind: ClassVar[str] = "conservation"
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    name: str = "conservation"
    hops: tuple[Hop, ...] = ()
    segments: tuple[str, ...] = ()
    since: date | None = None
    max_age: timedelta = timedelta(days=45)

    def judge(self, view: View) -> Judgement:
        """`.<hop>` for the whole feed and every segment, for each hop but the first."""
        delivery = view.snapshot.delivery
        if not delivery.read or delivery.kind not in _JUDGED:
            return Judgement(())
        figures = view.known.hops
        snapshots = deliveries_of(view)
        columns = Columns.of(self.segments, view)
        flows = [
            counted_flow(hop.name, figures, columns, view.at.date())
            if hop.counts == FILES
            else measured_flow(hop.name, snapshots, columns, hop.counts, explained=hop.explained)
            for hop in self.hops
        ]
        results: list[CheckResult] = []
        before: Flow | None = None
        within = timedelta(0)
        for hop, flow in zip(self.hops, flows, strict=True):
            within += hop.within
            if not flow.known:
                results.append(self._plain(hop, f"{hop.name}: nothing was counted at this hop yet"))
                continue
            if before is not None:
                found = remainder(before, flow, within=within, since=self.since, pauses=_pauses(view))
                results += self._judged(view, hop, before.name, found, columns.segments)
            before, within = flow, timedelta(0)
        return Judgement(tuple(results))

    def _judged(
        self, view: View, hop: Hop, before: str, found: Remainder, segments: Sequence[Segment]
    ) -> list[CheckResult]:
        if not found.days:
            return [self._plain(hop, f"from {before} to {hop.name}: nobody is due yet")]
        old = view.snapshot.delivery.period - found.days[-1] > self.max_age
        results = [
            self._one(hop, before, found, column, segment)
            for column, segment in enumerate(segments)
            if not np.isnan(found.certain[-1, column])
        ]
        if old and all(result.status is Status.PASSED for result in results):
            said = (
                f"from {before} to {hop.name}: the counts end on {found.days[-1]}, too long ago to speak for today"
            )
            return [replace(result, status=Status.WARNED, message=said) for result in results[:1]]
        return results

    def _one(self, hop: Hop, before: str, found: Remainder, column: int, segment: Segment) -> CheckResult:
        certain, likely, most = (float(part[-1, column]) for part in (found.certain, found.likely, found.most))
        came = float(found.came[-1, column])
        way = f"{segment}: from {before} to {hop.name}"
        status, missing = Status.PASSED, None
        message = f"{way}, everybody counted by {found.days[-1]} came on, or was left out for a stated reason"
        if certain > hop.tolerated:
            status, since = Status.FAILED, found.begun(column)
            missing = Missing(since, float(round(max(likely, certain))), certain, max(most, likely))
            message = (
                f"{way}, since {since} no stated reason explains {shown_missing(missing.value)} persons of "
                f"{shown_count(came)}, counted until {found.days[-1]}"
            )
        elif found.surplus[-1, column] > hop.tolerated:
            status = Status.WARNED
            message = f"{way}, {shown_missing(float(found.surplus[-1, column]))} came who never came to {before}"
        elif certain > 0.0:
            few = shown_missing(certain)
            message = f"{way}, {few} persons are unexplained (tolerated: {hop.tolerated}, {hop.because})"
        return CheckResult(
            f"{self.name}.{hop.name}",
            status,
            Evidence.CONTROL_TOTAL,
            message,
            segment,
            observed=came - likely,
            expected=Interval(came - hop.tolerated, came + hop.tolerated),
            unit="persons",
            missing=missing,
        )

    def _plain(self, hop: Hop, said: str) -> CheckResult:
        return CheckResult(f"{self.name}.{hop.name}", Status.SKIPPED, Evidence.CONTROL_TOTAL, said, WHOLE)


def _pauses(view: View) -> list[Mask]:
    return [mask for mask in view.past.masks if mask.kind == "pause"]
