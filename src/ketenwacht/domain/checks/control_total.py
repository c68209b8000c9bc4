"""Do both ends count the same? What the sender says it sent, and what it selected, against what is here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import ClassVar

import numpy as np

from ketenwacht.domain.delivery import DeliveryKind
from ketenwacht.domain.measurement import DECLARED_ROWS, DECLARED_SELECTED, ROWS, MetricKey, Snapshot
from ketenwacht.domain.past import Past
from ketenwacht.domain.privacy import shown_count, shown_missing
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Missing
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.stats.bernoulli import ShareDetector
from ketenwacht.domain.stats.negbin import Array
from ketenwacht.domain.stats.shiryaev import LOSS
from ketenwacht.domain.status import Status

from ._counts import a_year
from .base import Judgement, View

_EXCLUDED = "declared.excluded."
_COUNTED = frozenset({DeliveryKind.MUTATION, DeliveryKind.REDELIVERY})


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTotalCheck:
    """Control totals: transport (declared = received) and selection (selected − left out by reason = received).

    Attributes:
        segments: the dimensions to judge by, beside the whole feed, where the sender counts by them.
        tolerated: persons a delivery may lack, a segment, without it being a finding by itself.
        because: why that is tolerated.
        allowed_share: largest share of the selected that may stay unexplained over time (fraction 0–1): a small
            difference that keeps coming back is found by a sequential test against it.
        false_alarms_per_year: budget of that test.
    """

    kind: ClassVar[str] = "control_total"
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    name: str = "control_total"
    segments: tuple[str, ...] = ()
    tolerated: int = 0
    because: str = ""
    allowed_share: float = 0.015
    false_alarms_per_year: float = 1.0

    def judge(self, view: View) -> Judgement:
        """`.transport` where the sender declares what it sent, `.selection` where it declares what it selected.

        Without a declaration nothing is said: whether that leaves a segment unproven is for the `evidence` check.
        """
        if not view.snapshot.delivery.read:
            return Judgement(())
        stated = bool(view.snapshot.segments(DECLARED_ROWS)) and _measured(view.snapshot, ())
        results = [self._transport_whole(view.snapshot)] if stated else []
        results += [self._transport(view.snapshot, s) for s in self._judged(view.snapshot, DECLARED_ROWS)]
        if view.snapshot.delivery.kind in _COUNTED:
            alike = self._judged(view.snapshot, DECLARED_SELECTED)
            stated = isinstance(view.snapshot.value(DECLARED_SELECTED), float) and _measured(view.snapshot, ())
            account = _Account(view.past.before(view.snapshot.delivery.period), view.snapshot, alike)
            results += [self._selection(account, segment) for segment in ((WHOLE,) if stated else ()) + alike]
        return Judgement(tuple(results))

    def _judged(self, snapshot: Snapshot, name: str) -> tuple[Segment, ...]:
        """The segments of our dimensions, when the sender counts by them: those declared, and those received."""
        if not self.segments or not _measured(snapshot, self.segments):
            return ()
        declared = {s for s in snapshot.segments(name) if s.dimensions == self.segments}
        received = {s for s in snapshot.segments(ROWS) if s.dimensions == self.segments}
        return tuple(sorted(declared | received)) if declared else ()

    def _transport_whole(self, snapshot: Snapshot) -> CheckResult:
        """The whole feed: failed when any count at all differs, of whatever dimensions."""
        whole = self._transport(snapshot, WHOLE)
        stated = snapshot.segments(DECLARED_ROWS)
        by = {s.dimensions for s in stated if _measured(snapshot, s.dimensions)}
        differing = [
            s for s in {*stated, *snapshot.segments(ROWS)} if s.dimensions in by and _lacking(snapshot, s) != 0.0
        ]
        if whole.status is Status.FAILED or not differing:
            return whole
        said = f"the total agrees, but the counts of {len(differing)} segments do not: the content was changed"
        return CheckResult(whole.check, Status.FAILED, whole.evidence, said, WHOLE, whole.observed, whole.expected)

    def _transport(self, snapshot: Snapshot, segment: Segment) -> CheckResult:
        lacking = _lacking(snapshot, segment)
        received = snapshot.value(ROWS, segment)
        rows = received if isinstance(received, float) else 0.0
        declared = rows + lacking
        status, message = Status.PASSED, f"{segment}: as many received as the sender says it sent"
        if lacking != 0.0:
            status = Status.FAILED
            message = (
                f"{segment}: the sender says it sent {shown_count(declared)}, {shown_count(rows)} were received; "
                f"{shown_count(abs(lacking))} {'were lost' if lacking > 0 else 'too many came'} on the way"
            )
        return CheckResult(
            f"{self.name}.transport",
            status,
            Evidence.CONTROL_TOTAL,
            message,
            segment,
            observed=rows,
            expected=Interval(declared, declared),
            unit="persons",
            missing=_exactly(snapshot.delivery.period, lacking) if lacking != 0.0 else None,
        )

    def _selection(self, account: _Account, segment: Segment) -> CheckResult:
        selected, remainder = account.of(segment)
        now, total = float(remainder[-1]), _running(remainder)
        since = account.days[total.start]
        grows = abs(now) <= self.tolerated and self._grows(account, selected, remainder)
        status = Status.FAILED if abs(now) > self.tolerated or grows else Status.PASSED
        return CheckResult(
            f"{self.name}.selection",
            status,
            Evidence.CONTROL_TOTAL,
            self._sentence(segment, now, total.value, since, grows=grows),
            segment,
            observed=float(selected[-1] - now),
            expected=Interval(float(selected[-1]) - self.tolerated, float(selected[-1]) + self.tolerated),
            unit="persons",
            missing=_exactly(since, total.value) if status is Status.FAILED and total.value != 0.0 else None,
        )

    def _grows(self, account: _Account, selected: Array, remainder: Array) -> bool:
        if not (remainder > 0.0).any():
            return False
        detector = ShareDetector.above(self.allowed_share, cap=LOSS.cap)  # no single delivery is an alarm
        seen = np.where(np.isnan(selected), 0.0, selected)
        wrong = np.clip(np.nan_to_num(remainder), 0.0, seen)
        height = np.log(a_year(account.days) * (1 + len(account.alike)) / self.false_alarms_per_year)
        return bool(detector.run(wrong[:, None], seen[:, None])[-1, 0] >= height)

    def _sentence(self, segment: Segment, now: float, total: float, since: date, *, grows: bool) -> str:
        if now < -self.tolerated:
            return f"{segment}: {shown_missing(now)} persons more came than the sender says it selected"
        if abs(now) <= self.tolerated and not grows:
            slack = f" (tolerated: {self.tolerated}, {self.because})" if now != 0.0 else ""
            earlier = f"; {shown_missing(total)} since {since} are still unexplained" if total > 0.0 else ""
            return f"{segment}: who the sender selected came, or was left out for a stated reason{slack}{earlier}"
        how = "a small difference keeps coming back" if abs(now) <= self.tolerated else "selected and never sent"
        return (
            f"{segment}: {how}; since {since} {shown_missing(total)} persons are unexplained by any stated reason"
        )


@dataclass(frozen=True)  # no slots: the cached properties live in the instance
class _Account:
    """Selected and unexplained persons of every delivery since the first, this one last."""

    past: Past
    now: Snapshot
    alike: tuple[Segment, ...]  # every segment of the dimensions judged by

    @cached_property
    def snapshots(self) -> tuple[Snapshot, ...]:
        return (*(s for s in self.past.snapshots if s.delivery.kind in _COUNTED), self.now)

    @cached_property
    def days(self) -> tuple[date, ...]:
        return tuple(s.delivery.period for s in self.snapshots)

    @cached_property
    def gaps(self) -> dict[Segment, Array]:
        """Selected less received of each segment alike, shape (deliveries,); NaN where nothing was declared."""
        selected = np.array([[_number(s, DECLARED_SELECTED, a) for a in self.alike] for s in self.snapshots])
        rows = np.array([[_number(s, ROWS, a) for a in self.alike] for s in self.snapshots])
        # A segment that the sender does not name, where it names others, was declared 0.
        selected[np.isnan(selected) & ~np.isnan(selected).all(axis=1, keepdims=True)] = 0.0
        return dict(zip(self.alike, (selected - rows).T, strict=True))

    def of(self, segment: Segment) -> tuple[Array, Array]:
        """Selected and unexplained persons, both of shape (deliveries,); NaN where nothing was declared."""
        left_out = np.array([_excluded(s) for s in self.snapshots])
        rows = np.array([_number(s, ROWS, segment) for s in self.snapshots])
        if segment == WHOLE:
            selected = np.array([_number(s, DECLARED_SELECTED, segment) for s in self.snapshots])
            return selected, selected - rows - left_out
        # Reasons are counted for the whole feed only: of each gap as large a part counts as left out.
        gap, short = self.gaps[segment], sum(np.maximum(g, 0.0) for g in self.gaps.values())
        part = np.divide(left_out, short, out=np.zeros_like(left_out), where=np.nan_to_num(short) > 0.0)
        return gap + rows, gap - np.maximum(gap, 0.0) * np.minimum(part, 1.0)


@dataclass(frozen=True, slots=True)
class _Total:
    value: float
    start: int  # index of the first delivery with a remainder since the account was last even


def _running(remainder: Array) -> _Total:
    """The cumulative remainder, begun anew whenever what came later made it even."""
    value, start = 0.0, len(remainder) - 1
    for i, persons in enumerate(remainder):
        if np.isnan(persons) or (value <= 0.0 and persons == 0.0):
            continue
        if value <= 0.0:
            value, start = 0.0, i
        value += float(persons)
    return _Total(value, start) if value != 0.0 else _Total(0.0, len(remainder) - 1)


def _exactly(since: date, persons: float) -> Missing:
    """Counted, not estimated: the interval is the value."""
    return Missing(since, persons, persons, persons)


def _number(snapshot: Snapshot, name: str, segment: Segment) -> float:
    found = snapshot.value(name, segment)
    return found if isinstance(found, float) else np.nan


def _measured(snapshot: Snapshot, dimensions: tuple[str, ...]) -> bool:
    """Whether rows were counted by these dimensions: not when a delivery lacks one of their columns."""
    empty = snapshot.measurements.get(MetricKey(ROWS)) == 0.0
    return empty or any(s.dimensions == dimensions for s in snapshot.segments(ROWS))


def _lacking(snapshot: Snapshot, segment: Segment) -> float:
    """Declared less received; a segment that is not named, where the sender counts by others, was declared 0."""
    declared = _number(snapshot, DECLARED_ROWS, segment)
    if np.isnan(declared):
        if segment == WHOLE:
            return 0.0
        declared = 0.0
    lacking = declared - _number(snapshot, ROWS, segment)
    return 0.0 if np.isnan(lacking) else lacking


def _excluded(snapshot: Snapshot) -> float:
    manifest = snapshot.delivery.manifest
    if manifest is not None:
        return float(sum(manifest.excluded.values()))
    stated = (v for key, v in snapshot.measurements.items() if key.name.startswith(_EXCLUDED))
    return sum((v for v in stated if isinstance(v, float)), 0.0)
