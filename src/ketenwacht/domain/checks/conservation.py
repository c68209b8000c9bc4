"""Is everybody who came to one hop of the chain at the next, or left out for a stated reason? Over all time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import ClassVar, Literal

import numpy as np

from ketenwacht.domain.check_traits import CheckTraits, Holds, SettingRange, Weight
from ketenwacht.domain.conservation import Flow, Remainder, remainder
from ketenwacht.domain.delivery import DeliveryKind
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Missing, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import (
    Amount,
    Codes,
    MissingCount,
    Name,
    Persons,
    Statement,
    Text,
    TextSetting,
    Value,
)

from ._flow_accounts import Columns, counted_flow, deliveries_of, measured_flow
from .base import Judgement, View

FILES: Literal["files"] = "files"
_WAY: Mapping[str, type] = {"before": Name, "hop": Name}
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
        because: why that is tolerated, one text or one a language.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    name: str
    counts: Literal["files", "declared.selected", "declared.rows", "rows"] = FILES
    within: timedelta = timedelta(0)
    explained: bool = False
    tolerated: int = 0
    because: TextSetting = field(default="", hash=False)


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
    codes: ClassVar[Codes] = {
        "conservation.uncounted": {"hop": Name},
        "conservation.nobody_due": _WAY,
        "conservation.complete": {**_WAY, "until": date},
        "conservation.old": {**_WAY, "until": date},
        "conservation.tolerated": {**_WAY, "missing": MissingCount, "tolerated": Amount, "because": Text},
        "conservation.unexplained": {
            **_WAY,
            "since": date,
            "missing": MissingCount,
            "came": Persons,
            "until": date,
        },
        "conservation.surplus": {**_WAY, "extra": MissingCount},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        evidence=Evidence.CONTROL_TOTAL,
        settings={"hops": SettingRange(holds=Holds.HOPS), "max_age": SettingRange(weight=Weight.DOWN)},
        dimension="consistency",
        outside=True,
    )
    name: str = "conservation"
    hops: tuple[Hop, ...] = ()
    segments: tuple[str, ...] = ()
    since: date | None = None
    max_age: timedelta = timedelta(days=45)

    def judge(self, view: View) -> Judgement:
        """Judge `.<hop>` for the whole feed and every segment, for each hop but the first."""
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
                results.append(
                    self._plain(hop, Statement("conservation.uncounted", {"hop": Name(hop.name, agreed=True)}))
                )
                continue
            if before is not None:
                found = remainder(before, flow, within=within, since=self.since, pauses=_pauses(view))
                results += self._judge_hop(view, hop, before.name, found, columns.segments)
            before, within = flow, timedelta(0)
        return Judgement(tuple(results))

    def _judge_hop(
        self, view: View, hop: Hop, before: str, found: Remainder, segments: Sequence[Segment]
    ) -> list[CheckResult]:
        if not found.days:
            return [self._plain(hop, Statement("conservation.nobody_due", _way(before, hop)))]
        until = found.days[-1]
        old = view.snapshot.delivery.period - until > self.max_age
        results = [
            self._one(hop, before, found, column, segment)
            for column, segment in enumerate(segments)
            if not np.isnan(found.certain[-1, column])
        ]
        if old and all(result.status is Status.PASSED for result in results):
            params = {**_way(before, hop), "until": until}
            return [
                replace(result, status=Status.WARNED, code="conservation.old", params=params)
                for result in results[:1]
            ]
        return results

    def _one(self, hop: Hop, before: str, found: Remainder, column: int, segment: Segment) -> CheckResult:
        certain, likely, most = (float(part[-1, column]) for part in (found.certain, found.likely, found.most))
        came, surplus = (float(part[-1, column]) for part in (found.came, found.surplus))
        way = _way(before, hop)
        status, missing = Status.PASSED, None
        said = Statement("conservation.complete", {**way, "until": found.days[-1]})
        if certain > hop.tolerated:
            status, since = Status.FAILED, found.begun(column)
            missing = Missing(since, float(round(max(likely, certain))), certain, max(most, likely))
            lacks: Mapping[str, Value] = {"since": since, "missing": MissingCount(missing.value)}
            of: Mapping[str, Value] = {"came": Persons(came), "until": found.days[-1]}
            said = Statement("conservation.unexplained", {**way, **lacks, **of})
        elif surplus > hop.tolerated:
            status = Status.WARNED
            said = Statement("conservation.surplus", {**way, "extra": MissingCount(surplus)})
        elif certain > 0.0:
            agreed: Mapping[str, Value] = {"tolerated": Amount(hop.tolerated), "because": Text.of(hop.because)}
            said = Statement("conservation.tolerated", {**way, "missing": MissingCount(certain), **agreed})
        return CheckResult(
            f"{self.name}.{hop.name}",
            status,
            Evidence.CONTROL_TOTAL,
            code=said.code,
            params=said.params,
            segment=segment,
            observed=came - likely,
            expected=Interval(came - hop.tolerated, came + hop.tolerated),
            unit="persons",
            missing=missing,
        )

    def _plain(self, hop: Hop, said: Statement) -> CheckResult:
        return CheckResult(
            f"{self.name}.{hop.name}",
            Status.SKIPPED,
            Evidence.CONTROL_TOTAL,
            code=said.code,
            params=said.params,
        )


def _way(before: str, hop: Hop) -> dict[str, Value]:
    """Name the hops at both ends."""
    return {"before": Name(before, agreed=True), "hop": Name(hop.name, agreed=True)}


def _pauses(view: View) -> list[ExclusionWindow]:
    return [window for window in view.past.exclusions if window.kind == "pause"]
