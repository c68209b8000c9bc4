"""Count series through the whole line: who may be learnt from, when to refit, and the monitor over a history.

The same functions carry the check of one delivery and a backtest of a thousand series-years; the segments of many
feeds may stand side by side, told apart by `groups`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from . import baseline as base
from . import monitor, shiryaev
from .negbin import Array

Flags = NDArray[np.bool_]
LEAST_DAYS = 40
"""Deliveries that training needs before anything is judged."""
LEVEL_EVERY, FIT_EVERY = 5, 20
"""Deliveries between two updates of the level, and between two fits."""
TRUST_AFTER, LOOK_BACK = 5, 183
"""Days: nothing younger is learnt from; the guard never stands further back."""
LONGEST, LEAST_ROWS = 1096, 157
"""Days that a fit looks at: three years; but never fewer deliveries than these, however seldom they come."""
_LEVEL_DAYS = 730  # eight half-lives
_BUSY = 5.0


@dataclass(frozen=True, slots=True)
class Panel:
    """Counts of several segments over the same deliveries, oldest first.

    Attributes:
        days: date of each delivery.
        y: counts, (days, segments); NaN where absent.
        masked: declared or tainted, (days, segments); never looked at.
        holidays: public holidays.
        groups: feed of each segment, (segments,).
        offset: logarithm of an anchor, (days, segments), or None.
        restart: first day that the level learns from, (segments,), after a declared change of policy; or None.
    """

    days: tuple[date, ...]
    y: Array
    masked: Flags
    holidays: Collection[date]
    groups: NDArray[np.intp]
    offset: Array | None = None
    restart: Array | None = None

    def rows(self, first: int, last: int) -> Panel:
        """The deliveries from index `first` up to, not including, `last`."""
        part = slice(first, last)
        offset = None if self.offset is None else self.offset[part]
        return replace(self, days=self.days[part], y=self.y[part], masked=self.masked[part], offset=offset)

    def last(self, days: int, least: int) -> Panel:
        """The deliveries of the last so many calendar days, but at least the last `least` deliveries."""
        since = self.days[-1] - timedelta(days=days)
        first = min(bisect_right(self.days, since), max(0, len(self.days) - least))
        return self.rows(first, len(self.days))


def empty(y: Array, groups: NDArray[np.intp]) -> Flags:
    """Deliveries in which a whole feed that is busy (median of 5 or more) has nothing, or was absent."""
    total = np.stack([np.bincount(groups, weights=row) for row in np.nan_to_num(y)])
    there = np.where(total > 0.0, total, np.nan)
    middle = np.zeros(total.shape[1])
    some = ~np.isnan(there).all(axis=0)
    middle[some] = np.nanmedian(there[:, some], axis=0)
    return np.asarray(((total == 0.0) & (middle >= _BUSY))[:, groups] | np.isnan(y))


def trusted(panel: Panel, guard: Array) -> Array:
    """Training weights, (days, segments): 0 for masked, empty, the one after, and all beyond the guard."""
    gap = empty(panel.y, panel.groups)
    after = np.zeros_like(gap)
    after[1:] = gap[:-1]
    ordinal = np.array([d.toordinal() for d in panel.days], dtype=np.float64)
    late = ordinal[:, None] > guard[None, :]
    return np.asarray((~(gap | after | panel.masked | late)).astype(np.float64))


def guard_of(tally: monitor.Tally, day: int) -> Array:
    """Last day that each segment may learn from: min(t − 5 days, last zero), at most half a year back.

    The zeros of both directions count: to leave out only what looks like too few would raise the level. While a
    segment is alarmed nothing since its onset is learnt, however long that lasts.
    """
    zero = np.minimum(tally.zero.min(axis=0), day - TRUST_AFTER)
    guard = np.maximum(zero, float(day - LOOK_BACK))
    for d in (monitor.FEW, monitor.MANY):
        guard = np.where(tally.alarm[d] > 0.0, np.minimum(guard, tally.zero[d]), guard)
    return np.asarray(np.where(tally.alarm[monitor.FEW] > 0.0, np.minimum(zero, guard), guard))


def learn(
    panel: Panel, tally: monitor.Tally, day: int, held: base.Baseline | None, *, refit: bool
) -> base.Baseline | None:
    """The baseline for the deliveries from `day` on, learnt from the strictly earlier ones in `panel`.

    Returns:
        A new fit, the held one with its level brought up to date, or None while training is too short.
    """
    panel = panel.last(LONGEST, LEAST_ROWS)
    weights = trusted(panel, guard_of(tally, day))
    if held is None or refit:
        if len(panel.days) < LEAST_DAYS or np.median(weights.sum(axis=0)) < LEAST_DAYS / 2:
            return held
        held = base.fit(panel.days, panel.y, weights, panel.holidays, panel.offset)
    if panel.restart is not None:
        ordinal = np.array([d.toordinal() for d in panel.days], dtype=np.float64)
        weights = np.where(ordinal[:, None] >= panel.restart, weights, 0.0)
    recent = panel.last(_LEVEL_DAYS, LEAST_ROWS)
    shape = held.shape(recent.days, recent.holidays, recent.offset)
    return base.with_level(held, recent.y, shape, weights[-len(recent.days) :], base.half_life(panel.days))


@dataclass(frozen=True, slots=True)
class MonitorHistory:
    """What the monitor made of a panel: one row a delivery.

    Attributes:
        evidence: log Σ w_ρ R_ρ, (days, 2, segments).
        alarm: whether alarmed, (days, 2, segments).
        expected: μ, (days, segments); NaN before training was long enough.
        seen: each delivery as it was weighed; None before there was a baseline, or evidence was asked for.
    """

    evidence: Array
    alarm: Flags
    expected: Array
    seen: tuple[monitor.MonitorStep | None, ...]

    def evidence_with(self, settings: monitor.MonitorSettings) -> Array:
        """The evidence with another slack or cap, had nothing alarmed, (days, 2, segments).

        What was learnt does not depend on them (`monitor.ONSET_SLACK` at least), so that many slacks can be tried
        on one run.
        """
        log_r = shiryaev.nothing(2, self.expected.shape[1], len(shiryaev.LOSS.shares))
        found = np.full(self.evidence.shape, np.nan)
        for t, now in enumerate(self.seen):
            if now is not None:
                sides = (monitor.FEW, monitor.MANY)
                log_r = np.stack([monitor.weigh(log_r[d], now, d, settings, now.active) for d in sides])
                found[t] = monitor.evidence_of(log_r)
        return found


def watch(panel: Panel, settings: monitor.MonitorSettings, *, since: int = 0) -> MonitorHistory:
    """Run the monitor over a panel as it would have run day by day.

    Args:
        panel: the counts.
        settings: how it decides.
        since: index of the first delivery that is evidence; the earlier ones are only learnt from.
    """
    days, segments = panel.y.shape
    tally = monitor.Tally.start(segments, panel.days[0].toordinal())
    held: base.Baseline | None = None
    log_e, alarm = np.full((days, 2, segments), np.nan), np.zeros((days, 2, segments), dtype=bool)
    expected = np.full((days, segments), np.nan)
    tainted = panel.masked.copy()
    shown: list[monitor.MonitorStep | None] = [None] * days
    for t in range(days):
        now = panel.days[t].toordinal()
        if t % LEVEL_EVERY == 0:
            past = replace(panel, masked=tainted).rows(0, t)
            due = t % FIT_EVERY == 0
            held = learn(past, tally, now, held, refit=due) if t else None
        if held is None:
            continue
        if t == since:
            tally = replace(tally, log_r=shiryaev.nothing(*tally.log_r.shape))
        before, seen = weigh(held, tally, panel.rows(t, t + 1))
        expected[t] = seen.mu
        if t >= since:
            shown[t] = monitor.settle(before, seen)
        tally = monitor.step(before, seen, settings, panel.groups)
        for d, s in np.argwhere((before.alarm > 0.0) & (tally.alarm == 0.0)):
            onset = int(np.searchsorted([x.toordinal() for x in panel.days], before.zero[d, s]))
            tainted[onset : t + 1, s] = True
        log_e[t], alarm[t] = tally.evidence(), tally.alarm > 0.0
    return MonitorHistory(log_e, alarm, expected, tuple(shown))


def judge(
    held: base.Baseline, tally: monitor.Tally, today: Panel, settings: monitor.MonitorSettings
) -> tuple[monitor.Tally, Array]:
    """One delivery: the tally after it, and what was expected, (segments,)."""
    before, seen = weigh(held, tally, today)
    return monitor.step(before, seen, settings, today.groups), seen.mu


def weigh(held: base.Baseline, tally: monitor.Tally, today: Panel) -> tuple[monitor.Tally, monitor.MonitorStep]:
    """What a delivery says, and the tally before it, with what is still due.

    A delivery in which a whole busy feed has nothing belongs to the schedule's check: what was expected is due
    with the next one.
    """
    mu = held.predict(today.days, today.holidays, today.offset)[0]
    y, masked = today.y[0], today.masked[0]
    total = np.bincount(today.groups, weights=np.nan_to_num(y))[today.groups]
    busy = np.bincount(today.groups, weights=mu)[today.groups] >= _BUSY
    gap = (np.isnan(y) | ((total == 0.0) & busy)) & ~masked
    if gap.any():
        tally = monitor.defer(tally, mu, gap)
    active = ~gap & ~masked & ~np.isnan(y)
    return tally, monitor.MonitorStep(today.days[0].toordinal(), y, mu, np.array(held.size), active)


def one_feed(segments: int) -> NDArray[np.intp]:
    """Groups of a single feed."""
    return np.zeros(segments, dtype=np.intp)


def panel_of(
    days: Sequence[date], y: Array, holidays: Collection[date] = (), groups: NDArray[np.intp] | None = None
) -> Panel:
    """A panel without masks and without an anchor; one feed unless `groups` says otherwise."""
    held = one_feed(y.shape[1]) if groups is None else groups
    return Panel(tuple(days), y, np.zeros(y.shape, dtype=bool), frozenset(holidays), held)
