"""Do both ends count the same? What the sender says it sent, and what it selected, against what is here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar

import numpy as np

from ketenwacht.domain.check_traits import (
    CheckTraits,
    SettingRange,
    Weight,
    budget,
    fraction,
    nonnegative,
    with_manifest,
)
from ketenwacht.domain.measurement import DECLARED_ROWS, DECLARED_SELECTED, ROWS, MetricKey, Snapshot
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, Codes, MissingCount, Persons, Statement, Text, TextSetting, Value
from ketenwacht.domain.stats.negbin import Array
from ketenwacht.domain.stats.shares import weigh_unexplained

from ._count_memory import deliveries_a_year
from ._flow_accounts import COUNTED, Account, Total, Unexplained, number, running
from .base import Judgement, View

_RECENT = 5  # deliveries
_TRANSPORT: Mapping[str, type] = {"declared": Persons, "received": Persons, "difference": Persons}
_UNEXPLAINED: Mapping[str, type] = {"since": date, "missing": MissingCount}


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTotalCheck:
    """Control totals: transport (declared = received) and selection (selected − left out by reason = received).

    Attributes:
        segments: the dimensions to judge by, beside the whole feed, where the sender counts by them.
        tolerated: persons a delivery may lack, a segment, without it being a finding by itself.
        because: why that is tolerated, one text or one a language.
        allowed_share: largest share of the selected that may stay unexplained over time (fraction 0–1), and never
            more than `tolerated` a delivery: a small difference that keeps coming back is found by a sequential
            test against it.
        false_alarms_per_year: budget of that test.
    """

    kind: ClassVar[str] = "control_total"
    codes: ClassVar[Codes] = {
        "control_total.received": {"received": Persons},
        "control_total.lost": _TRANSPORT,
        "control_total.extra": _TRANSPORT,
        "control_total.changed": {"segments": Amount},
        "control_total.explained": {"earlier": Statement},
        "control_total.tolerated": {"tolerated": Amount, "because": Text, "earlier": Statement},
        "control_total.earlier": _UNEXPLAINED,
        "control_total.not_sent": _UNEXPLAINED,
        "control_total.keeps_coming": _UNEXPLAINED,
        "control_total.not_selected": {"extra": MissingCount},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        evidence=Evidence.CONTROL_TOTAL,
        settings={
            "tolerated": nonnegative(Weight.DOWN),
            "because": SettingRange(weight=Weight.WORDS),
            "allowed_share": fraction(Weight.DOWN),
            **budget(),
        },
        dimension="consistency",
        default=with_manifest,
    )
    name: str = "control_total"
    segments: tuple[str, ...] = ()
    tolerated: int = 0
    because: TextSetting = field(default="", hash=False)
    allowed_share: float = 0.005
    false_alarms_per_year: float = 1.0

    def judge(self, view: View) -> Judgement:
        """Judge `.transport` where the sender declares what it sent.

        Judge `.selection` where it declares what it selected.

        Without a declaration nothing is said: whether that leaves a segment unproven is for the `evidence` check.
        """
        if not view.snapshot.delivery.read:
            return Judgement(())
        stated = bool(view.snapshot.segments(DECLARED_ROWS)) and _has_counts(view.snapshot, ())
        results = [self._transport_whole(view.snapshot)] if stated else []
        results += [self._transport(view.snapshot, s) for s in self._list_segments(view.snapshot, DECLARED_ROWS)]
        if view.snapshot.delivery.kind in COUNTED:
            alike = self._list_segments(view.snapshot, DECLARED_SELECTED)
            stated = isinstance(view.snapshot.value(DECLARED_SELECTED), float) and _has_counts(view.snapshot, ())
            account = Account(view.past.before(view.snapshot.delivery.period), view.snapshot, alike)
            results += [self._selection(account, segment) for segment in ((WHOLE,) if stated else ()) + alike]
        return Judgement(tuple(results))

    def _list_segments(self, snapshot: Snapshot, name: str) -> tuple[Segment, ...]:
        """Return the segments by which the sender counts: those declared, and those received."""
        if not self.segments or not _has_counts(snapshot, self.segments):
            return ()
        declared = {s for s in snapshot.segments(name) if s.dimensions == self.segments}
        received = {s for s in snapshot.segments(ROWS) if s.dimensions == self.segments}
        return tuple(sorted(declared | received)) if declared else ()

    def _transport_whole(self, snapshot: Snapshot) -> CheckResult:
        """Return the whole feed: failed when any count at all differs, of whatever dimensions."""
        whole = self._transport(snapshot, WHOLE)
        stated = snapshot.segments(DECLARED_ROWS)
        by = {s.dimensions for s in stated if _has_counts(snapshot, s.dimensions)}
        differing = [
            s for s in {*stated, *snapshot.segments(ROWS)} if s.dimensions in by and _lacking(snapshot, s) != 0.0
        ]
        if whole.status is Status.FAILED or not differing:
            return whole
        changed: Mapping[str, Value] = {"segments": Amount(len(differing))}
        return replace(whole, status=Status.FAILED, code="control_total.changed", params=changed, unit=None)

    def _transport(self, snapshot: Snapshot, segment: Segment) -> CheckResult:
        lacking = _lacking(snapshot, segment)
        received = snapshot.value(ROWS, segment)
        rows = received if isinstance(received, float) else 0.0
        declared = rows + lacking
        equal = CheckResult(
            f"{self.name}.transport",
            Status.PASSED,
            Evidence.CONTROL_TOTAL,
            code="control_total.received",
            params={"received": _count_persons(rows)},
            segment=segment,
            observed=rows,
            expected=Interval(declared, declared),
            unit="persons",
            of_delivery=True,
        )
        if lacking == 0.0:
            return equal
        return replace(
            equal,
            status=Status.FAILED,
            code="control_total.lost" if lacking > 0.0 else "control_total.extra",
            params={
                "declared": _count_persons(declared),
                "received": _count_persons(rows),
                "difference": _count_persons(abs(lacking)),
            },
            missing=_state_exactly(snapshot.delivery.period, lacking),
        )

    def _selection(self, account: Account, segment: Segment) -> CheckResult:
        found = account.of(segment)
        lacking = self._lacking(found.certain, account.whole.certain)
        many = bool(found.certain[-1] < -self.tolerated)
        grows = not lacking and not many and self._grows(account, found)
        total = running(found.likely)
        since = account.days[total.start]
        status = Status.FAILED if lacking or many or grows else Status.PASSED
        selected = float(found.selected[-1])
        said = self._make_statement(found, since, total.value, _SelectionFault(lacking, many, grows))
        return CheckResult(
            f"{self.name}.selection",
            status,
            Evidence.CONTROL_TOTAL,
            code=said.code,
            params=said.params,
            segment=segment,
            observed=selected - float(found.likely[-1]),
            expected=Interval(selected - self.tolerated, selected + self.tolerated),
            unit="persons",
            missing=_since(found, total, since, many=many) if status is Status.FAILED else None,
            # Where reasons are spread over segments, the number is an estimate.
            of_delivery=bool(found.certain[-1] == found.most[-1]),
        )

    def _lacking(self, certain: Array, whole: Array) -> bool:
        """More than tolerated, now; or in one of the last deliveries, while the whole feed still lacks somebody.

        A small segment's loss hides on days on which as many persons were left out for a reason.
        """
        if certain[-1] > self.tolerated:
            return True
        return bool(whole[-1] > self.tolerated and (certain[-_RECENT:] > self.tolerated).any())

    def _grows(self, account: Account, found: Unexplained) -> bool:
        """Return whether a tolerated difference keeps coming back."""
        if self.tolerated == 0 or not (found.likely > 0.0).any():
            return False
        height = float(
            np.log(deliveries_a_year(account.days) * (1 + len(account.alike)) / self.false_alarms_per_year)
        )
        selected = float(np.nanmean(found.selected))
        share = min(self.allowed_share, self.tolerated / max(selected, 1.0))
        return bool(weigh_unexplained(found.likely, found.selected, share, height)[-1] >= height)

    def _make_statement(self, found: Unexplained, since: date, total: float, fault: _SelectionFault) -> Statement:
        unexplained: Mapping[str, Value] = {"since": since, "missing": MissingCount(total)}
        if fault.many:
            return Statement("control_total.not_selected", {"extra": MissingCount(float(found.certain[-1]))})
        if fault.lacking or fault.grows:
            code = "control_total.not_sent" if fault.lacking else "control_total.keeps_coming"
            return Statement(code, unexplained)
        earlier = (Statement("control_total.earlier", unexplained),) if total > 0.0 else ()
        if found.likely[-1] == 0.0:
            return Statement("control_total.explained", {"earlier": earlier})
        return Statement(
            "control_total.tolerated",
            {"tolerated": Amount(self.tolerated), "because": Text.of(self.because), "earlier": earlier},
        )


@dataclass(frozen=True, slots=True)
class _SelectionFault:
    lacking: bool
    many: bool
    grows: bool


def _since(found: Unexplained, total: Total, since: date, *, many: bool) -> Missing | None:
    """Return what is unexplained since then; for a surplus, only the exact number of the last delivery."""
    if many:
        return _state_exactly(since, float(found.certain[-1]))
    if total.value <= 0.0:
        return None
    low, high = (float(np.nansum(part[total.start :])) for part in (found.certain, found.most))
    return Missing(since, float(round(total.value)), min(low, total.value), max(high, total.value))


def _count_persons(persons: float) -> Persons:
    """Return the parameter for persons of the judged delivery."""
    return Persons(persons, of_delivery=True)


def _state_exactly(since: date, persons: float) -> Missing:
    """State a count, not an estimate: the interval is the value."""
    return Missing(since, persons, persons, persons)


def _has_counts(snapshot: Snapshot, dimensions: tuple[str, ...]) -> bool:
    """Return whether rows were counted by these dimensions: not when a delivery lacks one of their columns."""
    empty = snapshot.measurements.get(MetricKey(ROWS)) == 0.0
    return empty or any(s.dimensions == dimensions for s in snapshot.segments(ROWS))


def _lacking(snapshot: Snapshot, segment: Segment) -> float:
    """Declared less received; a segment that is not named, where the sender counts by others, was declared 0."""
    declared = number(snapshot, DECLARED_ROWS, segment)
    if np.isnan(declared):
        if segment == WHOLE:
            return 0.0
        declared = 0.0
    lacking = declared - number(snapshot, ROWS, segment)
    return 0.0 if np.isnan(lacking) else lacking
