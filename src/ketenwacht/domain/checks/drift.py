"""Is a field empty more often than before? Lasting changes of a few points, per field and segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import ClassVar, cast

import numpy as np

from ketenwacht.domain.measurement import ROWS, MetricKey, Snapshot, nulls
from ketenwacht.domain.result import CheckResult, Evidence, Interval
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.stats import shares, shiryaev
from ketenwacht.domain.stats.bernoulli import ShareDetector
from ketenwacht.domain.stats.negbin import Array
from ketenwacht.domain.status import Status

from ._counts import COUNTED, a_year
from ._memory import digest_of, stops_judging
from .base import Judgement, State, View

_VERSION = 1
_PREFIX = nulls("")
_DAILY_CAP = 3.0

Cell = tuple[str, Segment]


@dataclass(frozen=True, slots=True)
class _Memory:
    """Digest of what was absorbed, the cells (column, segment) in order, and their tally."""

    digest: str = ""
    cells: tuple[Cell, ...] = ()
    tally: shares.ShareTally = field(default_factory=lambda: shares.ShareTally.start(0, 1))

    def to_state(self) -> State:
        cells = [[column, [list(p) for p in segment.pairs]] for column, segment in self.cells]
        return {"version": _VERSION, "digest": self.digest, "cells": cells, "tally": self.tally.to_dict()}

    @classmethod
    def of(cls, state: State | None) -> _Memory:
        if state is None or state.get("version") != _VERSION or not state["cells"]:
            return cls(str(state["digest"])) if state is not None and "digest" in state else cls()
        cells = cast("list[tuple[str, list[tuple[str, str]]]]", state["cells"])
        return cls(
            str(state["digest"]),
            tuple((column, Segment(tuple((n, v) for n, v in pairs))) for column, pairs in cells),
            shares.ShareTally.from_dict(cast("dict[str, object]", state["tally"])),
        )

    def with_cells(self, found: Sequence[Cell], day: int) -> _Memory:
        """This memory with new cells at the end, which begin with nothing."""
        known = set(self.cells)
        new = tuple(c for c in found if c not in known)
        if not new:
            return self
        fresh = shares.ShareTally.start(len(new), day)
        joined = {
            f.name: np.concatenate([getattr(self.tally, f.name), getattr(fresh, f.name)])
            for f in fields(shares.ShareTally)
        }
        return replace(self, cells=(*self.cells, *new), tally=shares.ShareTally(**joined))


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftCheck:
    """The share of empty values of a field against its own past.

    Attributes:
        columns: the fields to watch; () is every field whose empty values are counted.
        segments: the dimensions to judge by; () is the whole feed.
        false_alarms_per_year: this check's budget, shared over fields and segments.
        slack: points (fraction 0–1) by which the share may drift and still be normal.
        at_least: rows that must have been learnt from before a field of a segment is judged.
    """

    kind: ClassVar[str] = "drift"
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    name: str = "drift"
    columns: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    false_alarms_per_year: float = 1.0
    slack: float = 0.005
    at_least: int = 300

    def judge(self, view: View) -> Judgement:
        """One result a field and segment with enough training; FAILED from the alarm until it is filled again."""
        if view.snapshot.delivery.kind not in COUNTED:
            return Judgement((), view.state)
        earlier = view.past.before(view.snapshot.delivery.period).snapshots
        threshold = shiryaev.threshold_of(a_year([s.delivery.period for s in earlier]), self.false_alarms_per_year)
        memory, digest = _Memory.of(view.state), ""
        for snapshot in earlier:
            digest = digest_of(digest, snapshot, view.past.masks)
        if memory.digest != digest:
            memory = _Memory()
            for snapshot in earlier:
                memory = self._absorbed(memory, snapshot, view, threshold)[0]
        memory, counts, usual = self._absorbed(memory, view.snapshot, view, threshold)
        if not view.snapshot.delivery.read:
            return Judgement((), memory.to_state())
        found = tuple(
            self._result(memory, i, (float(counts[0][i]), float(counts[1][i])), float(usual[i]))
            for i in range(len(memory.cells))
            if counts[1][i] > 0.0 and memory.tally.learnt_seen[i] >= self.at_least
        )
        untrained = "too few rows to know how often its fields are usually empty"
        plain = CheckResult(self.name, Status.SKIPPED, Evidence.HISTORY, untrained)
        return Judgement(found or (plain,), memory.to_state())

    def _absorbed(
        self, memory: _Memory, snapshot: Snapshot, view: View, threshold: float
    ) -> tuple[_Memory, tuple[Array, Array], Array]:
        """The memory after a delivery, its (empty, all) counts, and the largest usual share, of each cell."""
        day = snapshot.delivery.period
        memory = replace(memory, digest=digest_of(memory.digest, snapshot, view.past.masks))
        memory = memory.with_cells(self._cells(snapshot), day.toordinal())
        if not memory.cells:
            return memory, (np.zeros(0), np.zeros(0)), np.zeros(0)
        empty, rows = self._counts(memory.cells, snapshot, view, day)
        usual = memory.tally.usual(self.slack)
        ready = memory.tally.learnt_seen >= self.at_least
        detector = ShareDetector.added(usual, cap=_DAILY_CAP)
        counts = (np.where(ready, empty, 0.0), np.where(ready, rows, 0.0))
        tally = shares.step(memory.tally, day.toordinal(), counts, detector, threshold)
        tally = shares.learn(tally, np.where(ready, 0.0, empty), np.where(ready, 0.0, rows))
        return replace(memory, tally=tally), (empty, rows), usual

    def _cells(self, snapshot: Snapshot) -> list[Cell]:
        return sorted(
            (key.name.removeprefix(_PREFIX), key.segment)
            for key in snapshot.measurements
            if key.name.startswith(_PREFIX)
            and key.segment.dimensions == self.segments
            and (not self.columns or key.name.removeprefix(_PREFIX) in self.columns)
        )

    def _counts(self, cells: Sequence[Cell], snapshot: Snapshot, view: View, day: date) -> tuple[Array, Array]:
        """Empty values and rows of each cell; both 0 where the column is not there, masked or not measured."""
        present = {c.name for c in snapshot.columns}
        masks = [m for m in view.past.masks if m.first <= day <= m.last and stops_judging(m)]
        empty, rows = np.zeros(len(cells)), np.zeros(len(cells))
        for i, (column, segment) in enumerate(cells):
            absent = (present and column not in present) or not snapshot.delivery.read
            if absent or any(m.segment.contains(segment) for m in masks):
                continue
            x = snapshot.measurements.get(MetricKey(nulls(column), segment), 0.0)
            n = snapshot.measurements.get(MetricKey(ROWS, segment), 0.0)
            if isinstance(x, float | int) and isinstance(n, float | int):
                empty[i], rows[i] = min(x, n), n
        return empty, rows

    def _result(self, memory: _Memory, i: int, counts: tuple[float, float], usual: float) -> CheckResult:
        (column, segment), tally = memory.cells[i], memory.tally
        empty, rows = counts
        before = tally.learnt_wrong[i] / max(tally.learnt_seen[i], 1.0)
        result = CheckResult(
            f"{self.name}.{column}",
            Status.PASSED,
            Evidence.HISTORY,
            f"{column} of {segment}: empty as often as before ({before:.1%})",
            segment,
            round(empty / rows, 4),
            Interval(0.0, round(usual + 1.645 * float(np.sqrt(usual * (1.0 - usual) / rows)), 4)),
            "share",
        )
        if not tally.alarm[i] > 0.0:
            return result
        since = date.fromordinal(int(tally.zero[i]))
        share = tally.wrong[i] / max(tally.seen[i], 1.0)
        message = f"{column} of {segment}: since {since} empty in {share:.1%} of the rows, before in {before:.1%}"
        return replace(result, status=Status.FAILED, message=message)
