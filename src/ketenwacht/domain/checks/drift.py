"""Is a field empty more often than before? Lasting changes of a few points, per field and segment.

What it costs and how soon it finds what is measured in docs/detection.md by studies/fields.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar, cast

import numpy as np

from ketenwacht.domain.check_traits import (
    CheckTraits,
    Holds,
    Release,
    SettingRange,
    Weight,
    budget,
    fraction,
    nonnegative,
)
from ketenwacht.domain.measurement import ROWS, MetricKey, Snapshot, nulls
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Codes, Name, Share, Term, Value
from ketenwacht.domain.stats import shiryaev
from ketenwacht.domain.stats.empty_fields import REASONS, FieldSettings, FieldTally, step
from ketenwacht.domain.stats.negbin import Array

from ._count_memory import COUNTED, deliveries_a_year, digest_of, stops_judging
from .base import Judgement, State, View

_VERSION, _YEAR = 3, 365.25
_PREFIX = nulls("")

Cell = tuple[str, Segment]


@dataclass(frozen=True, slots=True)
class _FieldMemory:
    """Digest of what was absorbed, the cells (column, segment) in order, and their tally."""

    digest: str = ""
    cells: tuple[Cell, ...] = ()
    tally: FieldTally = field(default_factory=lambda: FieldTally.start(0, 1))

    def to_state(self) -> State:
        cells = [[column, [list(p) for p in segment.pairs]] for column, segment in self.cells]
        return {"version": _VERSION, "digest": self.digest, "cells": cells, "tally": self.tally.to_dict()}

    @classmethod
    def of(cls, state: State | None) -> _FieldMemory:
        """Read back what `to_state` wrote; nothing is remembered of another version, so that it is built anew."""
        if state is None or state.get("version") != _VERSION:
            return cls()
        if not state["cells"]:
            return cls(str(state["digest"]))
        cells = cast("list[tuple[str, list[tuple[str, str]]]]", state["cells"])
        return cls(
            str(state["digest"]),
            tuple((column, Segment(tuple((n, v) for n, v in pairs))) for column, pairs in cells),
            FieldTally.from_dict(cast("dict[str, object]", state["tally"])),
        )

    def add_cells(self, found: Sequence[Cell], day: int) -> _FieldMemory:
        """Return this memory with new cells at the end, which begin with nothing."""
        known = set(self.cells)
        new = tuple(c for c in found if c not in known)
        return replace(self, cells=(*self.cells, *new), tally=self.tally.extend(len(new), day)) if new else self

    def advance(self, day: date, counts: tuple[Array, Array], settings: FieldSettings) -> _FieldMemory:
        """Return this memory after the (empty, all) counts of a delivery."""
        return replace(self, tally=step(self.tally, day.toordinal(), *counts, settings)) if self.cells else self


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftCheck:
    """The share of empty values of a field against its own past.

    Attributes:
        columns: the fields to watch; () is every field whose empty values are counted.
        segments: the dimensions to judge by; () is the whole feed.
        false_alarms_per_year: this check's budget, shared over fields and segments.
        slack: relative drift of the odds (empty : filled) that counts as normal (fraction 0–1); None: what the
            errors of the field's own forecasts say.
        at_least: rows that must have been learnt from before a field of a segment is judged.
    """

    kind: ClassVar[str] = "drift"
    codes: ClassVar[Codes] = {
        "drift.as_before": {"field": Name, "usual": Share},
        "drift.emptier": {"field": Name, "since": date, "share": Share, "usual": Share},
        "drift.not_learnt": {},
        "drift.question": {"field": Name, "since": date, "share": Share, "usual": Share},
        "drift.unjudged": {"field": Name, "reason": Term},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        evidence=Evidence.HISTORY,
        release=Release.LEVEL,
        settings={
            "columns": SettingRange(weight=Weight.ASKED, holds=Holds.COLUMNS),
            "slack": fraction(Weight.DOWN),
            "at_least": nonnegative(Weight.DOWN),
            **budget(),
        },
        dimension="completeness",
    )
    name: str = "drift"
    columns: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    false_alarms_per_year: float = 1.0
    slack: float | None = None
    at_least: int = 300

    def judge(self, view: View) -> Judgement:
        """Return one result a field and segment with enough training.

        FAILED from the alarm until it is filled again; WARNED where a season of a year that was not seen yet may
        explain it; SKIPPED where it cannot be judged.
        """
        if view.snapshot.delivery.kind not in COUNTED:
            return Judgement((), view.state)
        shots = (*view.past.before(view.snapshot.delivery.period).snapshots, view.snapshot)
        days = [s.delivery.period for s in shots]
        memory, digest = _FieldMemory.of(view.state), ""
        for snapshot in shots[:-1]:
            digest = digest_of(digest, snapshot, view.past.exclusions)
        if memory.digest != digest:
            memory = _FieldMemory()
            for at, snapshot in enumerate(shots[:-1]):
                memory, counts = self._extend_memory(memory, snapshot, view)
                memory = memory.advance(days[at], counts, self._settings(days[:at]))
        before, counts = self._extend_memory(memory, view.snapshot, view)
        settings = self._settings(days[:-1])
        after = before.advance(days[-1], counts, settings)
        if not view.snapshot.delivery.read:
            return Judgement((), after.to_state())
        today = days[-1].toordinal()
        largest = before.tally.usual.highest(counts[1], before.tally.slack(today, settings))
        reasons = before.tally.reasons(today, settings)
        found = tuple(
            self._result(after, int(i), (float(counts[0][i]), float(counts[1][i])), float(largest[i]), days)
            if reasons[i] == 0
            else self._skip(after, int(i), REASONS[reasons[i]])
            for i in np.flatnonzero((counts[1] > 0.0) & before.tally.find_known(settings))
        )
        plain = CheckResult(self.name, Status.SKIPPED, Evidence.HISTORY, code="drift.not_learnt")
        return Judgement(found or (plain,), after.to_state())

    def _settings(self, earlier: Sequence[date]) -> FieldSettings:
        """How a delivery is judged after those of earlier days: by their number a year, and by no later one."""
        per_year = deliveries_a_year(earlier)
        threshold = shiryaev.threshold_of(per_year, self.false_alarms_per_year)
        return FieldSettings(self.slack, self.at_least, threshold, shiryaev.cap_of(_YEAR / per_year))

    def _extend_memory(
        self, memory: _FieldMemory, snapshot: Snapshot, view: View
    ) -> tuple[_FieldMemory, tuple[Array, Array]]:
        """Return the memory with new cells, those under a declared change reset, and this delivery's counts."""
        day, exclusions = snapshot.delivery.period, view.past.exclusions
        memory = replace(memory, digest=digest_of(memory.digest, snapshot, exclusions))
        memory = memory.add_cells(self._cells(snapshot), day.toordinal())
        changed = [m.segment for m in exclusions if m.kind == "policy" and m.first <= day <= m.last]
        if changed:
            anew = np.array([any(c.contains(segment) for c in changed) for _, segment in memory.cells], dtype=bool)
            memory = replace(memory, tally=memory.tally.reset(anew, day.toordinal()))
        return memory, self._counts(memory.cells, snapshot, view, day)

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
        exclusions = [m for m in view.past.exclusions if m.first <= day <= m.last and stops_judging(m)]
        empty, rows = np.zeros(len(cells)), np.zeros(len(cells))
        for i, (column, segment) in enumerate(cells):
            absent = (present and column not in present) or not snapshot.delivery.read
            if absent or any(m.segment.contains(segment) for m in exclusions):
                continue
            x = snapshot.measurements.get(MetricKey(nulls(column), segment), 0.0)
            n = snapshot.measurements.get(MetricKey(ROWS, segment), 0.0)
            if isinstance(x, float | int) and isinstance(n, float | int):
                empty[i], rows[i] = min(x, n), n
        return empty, rows

    def _skip(self, memory: _FieldMemory, i: int, reason: str) -> CheckResult:
        column, segment = memory.cells[i]
        return CheckResult(
            f"{self.name}.{column}",
            Status.SKIPPED,
            Evidence.HISTORY,
            code="drift.unjudged",
            params={"field": Name(column, agreed=True), "reason": Term(f"empty_fields.{reason}")},
            segment=segment,
        )

    def _result(
        self, memory: _FieldMemory, i: int, counts: tuple[float, float], largest: float, days: Sequence[date]
    ) -> CheckResult:
        (column, segment), (empty, rows), tally = memory.cells[i], counts, memory.tally
        params: dict[str, Value] = {
            "field": Name(column, agreed=True),
            "usual": Share(float(tally.usual.empty[i]), float(tally.usual.rows[i])),
        }
        result = CheckResult(
            f"{self.name}.{column}",
            Status.PASSED,
            Evidence.HISTORY,
            code="drift.as_before",
            params=params,
            segment=segment,
            observed=round(empty / rows, 4),
            expected=Interval(0.0, round(largest, 4)),
            unit="share",
            of_delivery=True,
            whole=rows,
        )
        if not tally.judged.alarm[i] > 0.0:
            return result
        zero, wrong, seen = (float(a[i]) for a in tally.onsets.find_likeliest())
        since = min(day for day in days if day.toordinal() > zero)
        later: dict[str, Value] = {"since": since, "share": Share(wrong, seen)}
        params |= later
        if tally.asked[i] > 0.0:
            return replace(result, status=Status.WARNED, code="drift.question", params=params)
        return replace(result, status=Status.FAILED, code="drift.emptier", params=params)
