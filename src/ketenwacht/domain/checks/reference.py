"""Do as many persons arrive as somebody else says there are? Published or declared counts against deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, TypeGuard

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
    traits_of,
)
from ketenwacht.domain.evidence import ReferenceFigure
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Codes, Fraction, Name, Persons, Statement
from ketenwacht.domain.stats import missing, shiryaev
from ketenwacht.domain.stats import reference_figures as outside
from ketenwacht.domain.stats.lag import Lag
from ketenwacht.domain.stats.negbin import Array

from ._count_memory import COUNTED
from ._count_results import LOSS, loss_params, state_missing
from ._reference_windows import FigureStream, Window, newest, streams
from .base import Check, Judgement, View

_LEAST_THRESHOLD = float(np.log(20.0))  # however seldom figures come, one in twenty must not be an alarm
_STALE = 31  # days beyond two windows after which a figure no longer speaks for today
_RECENT = 20
_FIGURE: Mapping[str, type] = {
    "first": date,
    "last": date,
    "source": Name,
    "seen": Persons,
    "meant": Persons,
    "limit": Fraction,
}
_BY_DECISION = {
    "reference.quiet": "reference.quiet_by_decision",
    "reference.shortfall": "reference.shortfall_by_decision",
    "reference.surplus": "reference.surplus_by_decision",
}
"""Code → the code where the deliveries are counted by date of decision."""
_EASED = 0.7
"""Nats below the nominal threshold where the lag is learnt; docs/detection.md has the cost."""
_SAME_FLOOR, _SAME_NOISE = 0.01, 0.01  # relative sd that even figures of the same persons have, for all and each


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceCheck:
    """Sums of deliveries against outside figures of the same period, with the figures' own uncertainty.

    A loss from the first day can only be told from a wrong figure when it is large: at an uncertainty of 2 / 5 /
    10 % about 14 / 21 / 34 %; one that begins later is seen when it is much smaller. The message states it.

    Attributes:
        segments: only figures over these dimensions; None: every figure.
        false_alarms_per_year: this check's budget, shared over streams and both directions.
        lag_days: most persons arrive within so many calendar days of what the figure counts (a decision); rather
            too many than too few: 0 where it takes a day makes false alarms.
        late_share: fraction (0–1) that takes longer.
        late_days: within so many days those have arrived.
        noise: relative standard deviation of each window by itself (fraction).
        same_persons: sources (how their names begin) whose figures count the very persons that the feed delivers,
            as the sender's own decision counts do: only time and the loss lie between the two, and a loss from the
            first day is seen weeks sooner. Figures of others about persons like these must not be named here.
        surplus: whether too many is looked for as well.
        decided_column: the column with the date that the figures count by (a decision). Each delivery is then
            counted by it, and the lag is learnt from those counts instead of `lag_days`, `late_share` and
            `late_days`; empty: no such column.
    """

    kind: ClassVar[str] = "reference"
    codes: ClassVar[Codes] = {
        "reference.none": {},
        "reference.waiting": {"source": Name},
        "reference.not_counted": {"source": Name},
        "reference.quiet": _FIGURE,
        "reference.old": _FIGURE,
        "reference.shortfall": {**LOSS, "source": Name},
        "reference.surplus": {**LOSS, "source": Name},
        "reference.quiet_by_decision": {**_FIGURE, "not_due": Persons},
        "reference.shortfall_by_decision": {**LOSS, "source": Name, "not_due": Persons},
        "reference.surplus_by_decision": {**LOSS, "source": Name, "not_due": Persons},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        evidence=Evidence.REFERENCE,
        release=Release.NOTHING,
        settings={
            "lag_days": nonnegative(Weight.DOWN),
            "late_share": fraction(Weight.DOWN),
            "late_days": nonnegative(Weight.DOWN),
            "noise": fraction(Weight.DOWN),
            "surplus": SettingRange(weight=Weight.UP),
            "decided_column": SettingRange(holds=Holds.COLUMNS),
            **budget(),
        },
        default=lambda feed: {} if feed.evidence.references else None,
        outside=True,
    )
    name: str = "reference"
    segments: tuple[str, ...] | None = None
    false_alarms_per_year: float = 1.0
    lag_days: int = 3
    late_share: float = 0.08
    late_days: int = 14
    noise: float = 0.03
    same_persons: tuple[str, ...] = ()
    surplus: bool = True
    decided_column: str = ""

    def judge(self, view: View) -> Judgement:
        """Return one result a stream of figures; SKIPPED without one, or when the last is too old for today."""
        if view.snapshot.delivery.kind not in COUNTED or not view.snapshot.delivery.read:
            return Judgement(())
        period = view.snapshot.delivery.period
        past = view.past.before(period).with_snapshot(view.snapshot)
        found = self.streams(view.known.references, past, view.at.date())
        if not found:
            return Judgement((self._plain(WHOLE, Statement("reference.none")),))
        judged = [s for s in found if s.windows and _is_counted(past, s)]
        results = [self._waiting(s, past) for s in found if s not in judged]
        return Judgement((*results, *(self._judge_period(judged, period) if judged else ())))

    def expected(
        self, figures: Sequence[ReferenceFigure], past: Past, day: date
    ) -> tuple[tuple[Segment, date, date, Interval], ...]:
        """Return the persons that figures published by `day` lead to expect of stretches of deliveries.

        Returns:
            Segment, first and last day, and the 90 % interval of the persons in them together; only stretches that
            lie wholly in `past`.
        """
        return tuple(
            (stream.segment, window.first, window.last, _interval(window, self._spread(stream)))
            for stream in self.streams(figures, past, day, by_decision=False)
            if _is_counted(past, stream)
            for window in stream.windows
        )

    def streams(
        self, figures: Sequence[ReferenceFigure], past: Past, day: date, *, by_decision: bool = True
    ) -> tuple[FigureStream, ...]:
        """Return every source and segment with figures published by `day`.

        Each has the windows that are over in `past`.

        Windows are of decision days where the feed has a `decided_column`, unless `by_decision` is off.
        """
        own = [f for f in newest(figures, day) if self.segments is None or f.segment.dimensions == self.segments]
        lag = Lag(self.lag_days, self.late_share, self.late_days)
        return streams(own, past, lag, self.noise, by_decision=by_decision and bool(self.decided_column))

    def thresholds(self, found: Sequence[FigureStream]) -> tuple[float, float]:
        """Return nats for too few and too many, from how many windows a stream has a year."""
        lengths = [np.mean([(w.last - w.first).days + 1 for w in s.windows]) for s in found]
        per_year = float(np.mean([365.25 / n for n in lengths]))
        nominal = shiryaev.threshold_of(per_year, self.false_alarms_per_year)
        if all(s.not_due is not None for s in found):
            nominal -= _EASED
        height = max(nominal + (np.log(2.0) if self.surplus else 0.0), _LEAST_THRESHOLD)
        return height, height if self.surplus else np.inf

    def _judge_period(self, found: Sequence[FigureStream], period: date) -> list[CheckResult]:
        table = self.table(found, sorted({w.last for s in found for w in s.windows}))
        y, mu, k = table.seen.y, table.seen.mu, table.seen.size
        heights = self.thresholds(found)
        outcome = outside.follow(table, heights)
        results = []
        for i, stream in enumerate(found):
            quiet = self._quiet(stream, period, heights[0] + np.log(len(found)))
            alarm = outcome.alarm[-1, :, i]
            begun = [t for t in range(int(outcome.first[i]), len(y)) if not np.isnan(y[t, i])]
            columns = (y[begun, i], mu[begun, i], k[begun, i])
            many = not bool(alarm[outside.FEW])
            results.append(
                _fail_stream(stream, quiet, columns, float(table.spread[i]), many=many)
                if alarm.any() and begun
                else quiet
            )
        return results

    def _same(self, stream: FigureStream) -> bool:
        return stream.source.startswith(self.same_persons)

    def _spread(self, stream: FigureStream) -> float:
        """Return τ_tot: figures of the same persons get only a small allowance for differing definitions."""
        return outside.level_spread(stream.uncertainty, _SAME_FLOOR if self._same(stream) else outside.FLOOR)

    def table(self, found: Sequence[FigureStream], ends: Sequence[date]) -> outside.Streams:
        """Return the windows of streams that end on these days, side by side, as the detectors look at them."""
        y, mu, noise, before, after, follows = (
            np.full((len(ends), len(found)), v) for v in (np.nan, np.nan, 1.0, 0.0, 0.0, False)
        )
        for i, stream in enumerate(found):
            for w in stream.windows:
                at = ends.index(w.last), i
                y[at], mu[at], noise[at] = w.seen, w.meant, _SAME_NOISE if self._same(stream) else w.noise
                before[at], after[at], follows[at] = w.before, w.after, w.follows
        seen = outside.OutsideWindows(y, mu, noise, before, after, follows.astype(np.bool_))
        spread, drawn = ([f(s) for s in found] for f in (self._spread, lambda s: not self._same(s)))
        return outside.Streams(seen, np.array(spread), np.array(drawn))

    def _quiet(self, stream: FigureStream, period: date, threshold: float) -> CheckResult:
        last = stream.windows[-1]
        limit = outside.smallest_loss(self._spread(stream), threshold)
        fresh = (period - last.last).days <= 2 * ((last.last - last.first).days + 1) + _STALE
        said = Statement(
            "reference.quiet" if fresh else "reference.old",
            {
                "first": last.first,
                "last": last.last,
                "source": Name(stream.source),
                "seen": Persons(last.seen),
                "meant": Persons(last.meant),
                "limit": Fraction(limit),
            },
        )
        if fresh:
            said = _with_not_due(said, stream)
        return replace(
            self._plain(stream.segment, said),
            status=Status.PASSED if fresh else Status.SKIPPED,
            observed=last.seen,
            expected=_interval(last, self._spread(stream)),
            unit="persons",
        )

    def _waiting(self, stream: FigureStream, past: Past) -> CheckResult:
        code = "reference.waiting" if _is_counted(past, stream) else "reference.not_counted"
        return self._plain(stream.segment, Statement(code, {"source": Name(stream.source)}))

    def _plain(self, segment: Segment, said: Statement) -> CheckResult:
        return CheckResult(
            self.name,
            Status.SKIPPED,
            Evidence.REFERENCE,
            code=said.code,
            params=said.params,
            segment=segment,
        )


def judges_by_figures(check: Check) -> TypeGuard[ReferenceCheck]:
    """Return whether a check judges by what others publish."""
    return traits_of(check).evidence is Evidence.REFERENCE


def _with_not_due(said: Statement, stream: FigureStream) -> Statement:
    """Add who by the learnt lag need not have come yet, where a lag was learnt."""
    if stream.not_due is None:
        return said
    return Statement(_BY_DECISION[said.code], {**said.params, "not_due": Persons(float(stream.not_due))})


def _is_counted(past: Past, stream: FigureStream) -> bool:
    """Return whether the feed is counted by the dimensions of a stream; without counts, the check would read 0."""
    wanted = stream.segment.dimensions
    recent = past.snapshots[-_RECENT:]
    return any(k.name == ROWS and k.segment.dimensions == wanted for s in recent for k in s.measurements)


def _interval(window: Window, spread: float) -> Interval:
    ends = (window.before + window.after) / max(window.meant, 1.0) ** 2
    relative = np.sqrt(spread**2 + window.noise**2 + ends + 1.0 / max(window.meant, 1.0))
    return Interval(*(float(round(window.meant * np.exp(z * relative))) for z in (-1.645, 1.645)))


def _fail_stream(
    stream: FigureStream, quiet: CheckResult, columns: tuple[Array, Array, Array], spread: float, *, many: bool
) -> CheckResult:
    y, mu, k = columns
    starts = [w.first for w in stream.windows[-len(y) :]]
    lost = state_missing(missing.estimate(y, mu, k, missing.Doubt(spread), many=many), starts)
    since = np.array([d >= lost.since for d in starts])
    params = {**loss_params(lost, float(y[since].sum()), float(mu[since].sum())), "source": Name(stream.source)}
    said = _with_not_due(Statement("reference.surplus" if many else "reference.shortfall", params), stream)
    return replace(quiet, status=Status.FAILED, code=said.code, params=said.params, missing=lost)
