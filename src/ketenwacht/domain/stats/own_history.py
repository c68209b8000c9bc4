"""Own history over deliveries: select what is learnt from, fit when it is due, and weigh each delivery.

`detector` raises alarms, `season` fits calendar and level, and `spread` says how far the feed strays.

The same functions carry the check of one delivery and a backtest of a thousand series-years; the segments of many
feeds may stand side by side, distinguished by `groups`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from . import season as sn
from .detector import (
    ALARM,
    FEW,
    LASTING,
    NONE,
    DetectorState,
    OwnDetectionLimit,
    OwnHistoryStep,
    step,
)
from .negbin import Array, Flags, log_ratio
from .shiryaev import cap_of
from .spread import HORIZONS, Errors, Spread, spread_of

TRUST_AFTER, LOOK_BACK = 5, 91
"""Days: nothing younger is learnt from; the guard never stands further back."""
LONGEST, LEAST_ROWS, _LEVEL_DAYS = 1096, 157, 730
LEAST_DAYS, LEAST_DELIVERIES, LEAST_ERROR = 56, 8, 0.12
"""What own history needs before it judges: days, deliveries, and the relative error of the level."""
TOO_RESTLESS, TOO_FEW = 0.25, 1.0
"""Slack and size k beyond which own history does not judge."""
TOO_OFTEN = 3
"""Alarms of a year that ended by themselves, from which on it does not judge."""
UNSEEN = 0.25
"""What a year not yet seen may do to the level, added to the slack."""
SLACK_OF = 1.0
_ABSURD, _ABSURD_TIMES, _ABSURD_FROM, _ABSURD_KEPT = -float(np.log(1e-6)), 4.0, 28, 730.0
"""Minus the log chance of an impossible count, by what factor it must lie off, the days learnt before, and the
days in which three of them say that the feed is like that."""
_BUSY = 5.0


@dataclass(frozen=True, slots=True)
class CountPanel:
    """Counts of several segments over the same deliveries, oldest first.

    Attributes:
        days: date of each delivery.
        y: counts, (days, segments); NaN where absent.
        masked: declared, (days, segments); never looked at.
        calendar: what is known of days.
        groups: feed of each segment, (segments,).
        offset: logarithm of an anchor, (days, segments), or None.
        restart: first day that the level learns from, (segments,), after a declared change; or None.
    """

    days: tuple[date, ...]
    y: Array
    masked: Flags
    calendar: sn.CalendarTerms
    groups: NDArray[np.intp]
    offset: Array | None = None
    restart: Array | None = None

    def rows(self, first: int, last: int) -> CountPanel:
        """The deliveries from index `first` up to, not including, `last`."""
        part = slice(first, last)
        offset = None if self.offset is None else self.offset[part]
        return replace(self, days=self.days[part], y=self.y[part], masked=self.masked[part], offset=offset)

    def last(self, days: int, least: int) -> CountPanel:
        """The deliveries of the last so many calendar days, but at least the last `least` deliveries."""
        since = self.days[-1] - timedelta(days=days)
        first = min(bisect_right(self.days, since), max(0, len(self.days) - least))
        return self.rows(first, len(self.days))

    @property
    def ordinals(self) -> Array:
        """The ordinal of each day."""
        return np.array([d.toordinal() for d in self.days], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class ForecastOrigin:
    """A forecast that is still held to what comes.

    Attributes:
        day: ordinal of the last delivery before it.
        season: calendar.
        levels: levels.
        sums: counted, then expected by candidate, then the default's squared, (2 + candidates, segments).
        held: horizons that were reached.
    """

    day: float
    season: sn.Season
    levels: sn.Levels
    sums: Array
    held: int = 0


@dataclass(frozen=True, slots=True)
class Model:
    """What is expected, and how it is judged.

    Attributes:
        season: calendar.
        levels: of the stretch in use.
        normal: of the stretch before an open shortfall.
        under: of the stretch before an open surplus.
        spread: how far the feed strays.
        limit: how each segment is judged.
        reason: index into `REASONS`, (segments,); 0 where judged.
        rhythm: days between two deliveries.
    """

    season: sn.Season
    levels: sn.Levels
    normal: sn.Levels
    under: sn.Levels
    spread: Spread
    limit: OwnDetectionLimit
    reason: NDArray[np.intp]
    rhythm: float


REASONS = ("judged", "learning", "restless", "few_counts", "recurring_alarms")
"""Why own history does not judge a segment."""


@dataclass(frozen=True, slots=True)
class OwnHistoryState:
    """What own history remembers between deliveries."""

    track: DetectorState
    errors: Errors
    origins: tuple[ForecastOrigin, ...] = ()
    model: Model | None = None
    first: int = 0


@dataclass(frozen=True, slots=True)
class Budget:
    """What a check may cost, and what somebody pinned.

    Attributes:
        false_alarms: a year, shared over the segments of a feed.
        surplus: whether too many is looked for as well.
        threshold: nats, in place of the nominal one.
        slack: fraction, in place of what the feed's own errors say.
        unseen: what a year not yet seen may do to the level, added to the slack in the first two.
    """

    false_alarms: float = 1.0
    surplus: bool = True
    threshold: float | None = None
    slack: float | None = None
    unseen: float = UNSEEN


def find_empty(y: Array, groups: NDArray[np.intp]) -> Flags:
    """Find deliveries in which a busy feed (median of 5 or more) has nobody, or which are absent."""
    there = np.nan_to_num(y)
    total = np.zeros((len(y), int(groups.max(initial=0)) + 1))
    np.add.at(total.T, groups, there.T)
    some = np.where(total > 0.0, total, np.nan)
    middle = np.zeros(total.shape[1])
    any_ = (total > 0.0).any(axis=0)
    middle[any_] = np.nanmedian(some[:, any_], axis=0)
    return np.asarray(((total == 0.0) & (middle >= _BUSY))[:, groups] | np.isnan(y))


def rhythm_of(days: Sequence[date]) -> float:
    """Return the mean number of days between two deliveries, over the last ones."""
    recent = days[-LEAST_ROWS:]
    return max((recent[-1] - recent[0]).days / max(len(recent) - 1, 1), 0.5)


def steps_of(rhythm: float) -> tuple[int, int]:
    """Return the deliveries between two updates of the level (a week) and between two fits (four weeks)."""
    return max(1, round(7.0 / rhythm)), max(1, round(28.0 / rhythm))


def trust_weights(panel: CountPanel, track: DetectorState) -> Array:
    """Return 1 where a count may be learnt from: not excluded, not empty nor just after, in no ended alarm."""
    gap = find_empty(panel.y, panel.groups)
    after = np.zeros_like(gap)
    after[1:] = gap[:-1]
    found = (~(gap | after | panel.masked)).astype(np.float64)
    ordinal = panel.ordinals
    for s, first, last in track.taints:
        if last >= ordinal[0]:
            found[(ordinal >= first) & (ordinal <= last), s] = 0.0
    return np.asarray(found)


def guard_of(track: DetectorState, day: int, rhythm: float) -> Array:
    """Return the last day that each segment may learn from, (segments,)."""
    zero = np.minimum(track.guard(), day - min(float(TRUST_AFTER), 2.0 * rhythm))
    guard = np.maximum(zero, day - max(float(LOOK_BACK), 6.0 * rhythm))
    for onset in (
        track.pending[0],
        track.pending[1],
        np.where(track.begun < track.short_since, track.short_since, 0.0),
    ):
        guard = np.where(onset > 0.0, np.minimum(guard, onset - 1.0), guard)
    return np.asarray(guard)


def learn(panel: CountPanel, memory: OwnHistoryState, day: int, budget: Budget, *, refit: bool) -> OwnHistoryState:
    """Bring the model up to date for deliveries from `day` on, from those in `panel`."""
    panel = panel.last(LONGEST, LEAST_ROWS)
    track, rhythm, ordinal = memory.track, rhythm_of(panel.days), panel.ordinals
    weights, guard = trust_weights(panel, track), guard_of(track, day, rhythm)
    level_from = track.begun if panel.restart is None else np.maximum(track.begun, panel.restart)
    season = memory.model.season if memory.model is not None else None
    if season is None or refit:
        known = weights * (ordinal[:, None] <= guard)
        stretch = (ordinal[:, None, None] >= track.changes[None]).sum(axis=2)
        # Inside a shortfall with a level of its own the calendar is learnt on.
        season = sn.fit(panel.days, panel.y, known, panel.calendar, stretch, panel.offset)
    recent = panel.last(_LEVEL_DAYS, LEAST_ROWS)
    rows = len(recent.days)
    mean = season.mean(recent.days, recent.calendar, recent.offset)
    when = recent.ordinals[:, None]
    own = weights[-rows:] * (when >= level_from) * (when <= guard)
    levels = sn.follow(recent.ordinals, recent.y, mean, own, season.size)
    before = levels
    if (track.short != NONE).any():
        old = weights[-rows:] * (when >= track.normal) * (when < track.short_since)
        before = sn.follow(recent.ordinals, recent.y, mean, np.where(track.short != NONE, old, own), season.size)
    under, over = levels, track.over_since
    if (over > 0.0).any():
        earlier = np.where(track.changes < over[:, None], track.changes, 0.0).max(axis=1)
        old = weights[-rows:] * (when >= earlier) * (when < over)
        under = sn.follow(recent.ordinals, recent.y, mean, np.where(over > 0.0, old, own), season.size)
    errors = memory.errors.choose(guard >= day - 28.0) if refit else memory.errors
    spread = spread_of(errors, track.changes, guard, max(28.0, rhythm))
    limit, reason = _set_detection_limit(panel, memory, season, levels, spread, rhythm, budget, own)
    memory = replace(
        memory, errors=errors, model=Model(season, levels, before, under, spread, limit, reason, rhythm)
    )
    if refit and day - memory.first >= LEAST_DAYS:
        zeros = np.zeros((2 + len(sn.HALVED), panel.y.shape[1]))
        # Forecasts of a segment that is not at rest are of no use, but `Errors.find_valid` sees to that.
        memory = replace(
            memory,
            origins=(*memory.origins, ForecastOrigin(float(panel.days[-1].toordinal()), season, levels, zeros)),
        )
    return memory


def _set_detection_limit(  # noqa: PLR0913, PLR0917
    panel: CountPanel,
    memory: OwnHistoryState,
    season: sn.Season,
    levels: sn.Levels,
    spread: Spread,
    rhythm: float,
    budget: Budget,
    own: Array,
) -> tuple[OwnDetectionLimit, NDArray[np.intp]]:
    track = memory.track
    per_year = sn.YEAR / rhythm
    count = np.bincount(panel.groups)[panel.groups]
    age = float(panel.days[-1].toordinal() - memory.first)
    error = levels.error[memory.errors.chosen.astype(np.intp), np.arange(len(count))]
    slack = np.hypot(np.maximum(SLACK_OF * spread.drift, 1.645 * spread.down), error)
    slack = np.minimum(slack, 0.9) if budget.slack is None else np.full(len(count), budget.slack)
    unseen = 0.0 if budget.slack is not None else budget.unseen * float(np.clip(2.0 - age / sn.YEAR, 0.0, 1.0))
    week = max(round(7.0 / rhythm), 1)
    size = 1.0 / (1.0 / season.size + week * spread.week)
    threshold = np.log(per_year * count / max(budget.false_alarms, 1e-9))
    if budget.threshold is not None:
        threshold = budget.threshold + np.log(count.astype(np.float64))
    reason = np.zeros(len(count), dtype=np.intp)
    often = (track.ended > panel.days[-1].toordinal() - 365.0).sum(axis=1) >= TOO_OFTEN
    reason[often] = 4
    reason[season.size < TOO_FEW] = 3
    reason[slack > TOO_RESTLESS] = 2
    learnt = own.sum(axis=0)
    short = (age < LEAST_DAYS) | (learnt < LEAST_DELIVERIES) | (error > LEAST_ERROR)
    reason[short] = 1
    limit = OwnDetectionLimit(
        slack,
        np.minimum(slack + unseen, np.maximum(slack, 0.6)),
        size,
        reason == 0,
        budget.surplus,
        reason == 1,
        threshold,
        cap_of(rhythm),
        spread.drift,
        # Of seldom deliveries six must have come: fewer decide nothing, and are no level.
        max(LASTING, 6.0 * rhythm),
        10.0 * rhythm,
    )
    return limit, reason


def judge(panel: CountPanel, memory: OwnHistoryState) -> tuple[OwnHistoryState, OwnHistoryStep | None]:
    """Judge the only delivery in `panel`; return the memory after it and how it was weighed (None: no model)."""
    model = memory.model
    if model is None:
        return memory, None
    day, at = panel.days[0].toordinal(), np.arange(panel.y.shape[1])
    chosen = memory.errors.chosen.astype(np.intp)
    mean = model.season.mean(panel.days, panel.calendar, panel.offset)[0]
    mu = mean * model.levels.at(day)[chosen, at]
    normal = np.where(memory.track.short != NONE, mean * model.normal.at(day)[chosen, at], mu)
    y, masked = panel.y[0], panel.masked[0]
    total = np.bincount(panel.groups, weights=np.nan_to_num(y))[panel.groups]
    busy = np.bincount(panel.groups, weights=mu)[panel.groups] >= _BUSY
    gap = (np.isnan(y) | ((total == 0.0) & busy)) & ~masked
    track = memory.track
    track = replace(track, owed=track.owed + np.where(gap, mu, 0.0), owed_days=track.owed_days + gap)
    active = ~gap & ~masked
    absurd = find_absurd(model, memory, day, (np.nan_to_num(y), mu + track.owed, normal + track.owed))
    absurd = np.where(active, absurd, 0.0)
    # What keeps happening is how this feed is.
    usual = (track.odd > day - _ABSURD_KEPT).all(axis=1)
    seen = OwnHistoryStep(day, np.nan_to_num(y), mu, normal, active, np.where(usual, 0.0, absurd))
    newest = np.column_stack([np.full(len(y), float(day)), track.odd[:, :2]])
    track = replace(track, odd=np.where((absurd != 0.0)[:, None], newest, track.odd))
    after = step(track, seen, model.limit)
    errors, origins = _update_forecasts(memory, panel, day, np.nan_to_num(y), ~masked & ~np.isnan(y), model)
    return replace(memory, track=after, errors=errors, origins=origins), seen


def find_absurd(model: Model, memory: OwnHistoryState, day: int, counts: tuple[Array, Array, Array]) -> Array:
    """Find counts that no feed of this spread gives by chance, whatever its threshold.

    Both the level in use and the level before an open shortfall must call the count impossible. A busy segment
    with nobody at all waits for its next delivery instead (`detector.step`).

    Args:
        model: in use.
        memory: before this delivery.
        day: ordinal of its date.
        counts: counted, expected at the level in use, and expected at the level before an open shortfall.

    Returns:
        −1 far too few, 1 far too many, 0 neither, (segments,).
    """
    y, mu, normal = counts
    if day - memory.first < _ABSURD_FROM:
        return np.zeros_like(y)
    slack = np.minimum(model.limit.slack, TOO_RESTLESS)
    low, high = np.minimum(mu, normal) * (1.0 - slack), np.maximum(mu, normal) * (1.0 + slack)
    # Chernoff's bound of a tail is the likelihood ratio of the share that was seen.
    tails = [log_ratio(y, mean, model.limit.size, np.maximum(y, 0.5) / mean) > _ABSURD for mean in (low, high)]
    few = (y > 0.0) & (y < low / _ABSURD_TIMES) & tails[0]
    many = (y > high * _ABSURD_TIMES) & tails[1]
    return np.where(few, -1.0, np.where(many & model.limit.many, 1.0, 0.0))


def _update_forecasts(  # noqa: PLR0913, PLR0917 - a delivery and all that waits for it
    memory: OwnHistoryState, panel: CountPanel, day: int, y: Array, counted: Flags, model: Model
) -> tuple[Errors, tuple[ForecastOrigin, ...]]:
    """Add a delivery to the open forecasts, and record the errors of those that reached a horizon."""
    errors, kept = memory.errors, []
    for origin in memory.origins:
        mean = origin.season.mean(panel.days, panel.calendar, panel.offset)[0]
        mu = mean * origin.levels.at(day)
        sums = origin.sums + np.where(counted, np.vstack([y[None], mu, mu[:1] ** 2]), 0.0)
        held, age = origin.held, day - origin.day
        while held < len(HORIZONS) and age >= HORIZONS[held] - 0.5 * min(model.rhythm, 7.0):
            error, noise = error_of(sums, model.season.size, origin.levels.error[0])
            errors = errors.add(held, origin.day, float(day), error, noise)
            held += 1
        if held < len(HORIZONS):
            kept.append(replace(origin, sums=sums, held=held))
    return errors, tuple(kept)


def error_of(sums: Array, size: Array, level_error: Array) -> tuple[Array, Array]:
    """Return the log error by candidate and its variance by chance; NaN where too few were expected or known."""
    meant = sums[1:-1]
    enough = (meant[0] >= 4.0) & (level_error <= LEAST_ERROR)  # noqa: PLR2004
    error = np.where(enough, np.log((sums[0] + 0.5) / np.maximum(meant, 0.5)), np.nan)
    total = np.maximum(meant[0], 1.0)
    noise = 1.0 / total + sums[-1] / total**2 / size + level_error**2
    return error, np.where(enough, noise, np.nan)


@dataclass(frozen=True, slots=True)
class OwnHistoryRun:
    """What own history made of a panel: one row a delivery.

    Attributes:
        short: NONE, ALARM or QUESTION, (days, segments).
        over: whether a surplus is open, likewise.
        reason: index into `REASONS`.
        told: a shortfall, or a further drop, was told on this delivery.
        absurd: the delivery was impossible by itself: −1 far too few, 1 far too many.
        evidence: for too few, less each segment's part of the budget, (days, segments); NaN without a model.
        since: ordinal of the onset of what is open, (days, segments).
        expected: at the level in use.
        normal: at the level before the open shortfall.
        memory: after the last delivery.
    """

    short: Array
    over: Flags
    reason: NDArray[np.intp]
    told: Flags
    absurd: Array
    evidence: Array
    since: Array
    expected: Array
    normal: Array
    slack: Array
    memory: OwnHistoryState
    snaps: dict[int, OwnHistoryState] = field(default_factory=dict)


def start(segments: int, day: int) -> OwnHistoryState:
    """Return the memory before the first delivery."""
    return OwnHistoryState(DetectorState.start(segments, day), Errors.start(segments, len(sn.HALVED)), first=day)


def due(at: int, rhythm: float) -> tuple[bool, bool]:
    """Return whether the level is learnt anew before delivery `at`, and whether the calendar is."""
    level, fit = steps_of(rhythm)
    return at % level == 0, at % fit == 0


def watch(panel: CountPanel, budget: Budget = Budget(), snap: frozenset[int] = frozenset()) -> OwnHistoryRun:
    """Follow a panel from its first delivery to its last."""
    days, segments = panel.y.shape
    memory = start(segments, panel.days[0].toordinal())
    shape = (days, segments)
    short, over = np.zeros(shape), np.zeros(shape, dtype=bool)
    reason, told, absurd = np.ones(shape, dtype=np.intp), np.zeros(shape, dtype=bool), np.zeros(shape)
    since, expected, normal, slack, evidence = (np.full(shape, np.nan) for _ in range(5))
    shared = np.log(np.bincount(panel.groups)[panel.groups])
    snaps = {}
    for t in range(days):
        now = panel.days[t].toordinal()
        if t >= LEAST_DELIVERIES:
            rhythm = memory.model.rhythm if memory.model else rhythm_of(panel.days[:t])
            level, fit = due(t, rhythm)
            if level or memory.model is None:
                memory = learn(panel.rows(0, t), memory, now, budget, refit=fit or memory.model is None)
        before = memory.track
        memory, seen = judge(panel.rows(t, t + 1), memory)
        track = memory.track
        short[t], over[t] = track.short, track.over_since > 0.0
        told[t] = ((track.short == ALARM) & (before.short != ALARM)) | (track.deeper > before.deeper)
        since[t] = np.where(track.deeper > 0.0, track.deeper, track.short_since)
        if seen is not None and memory.model is not None:
            expected[t], normal[t], reason[t] = seen.mu, seen.normal, memory.model.reason
            slack[t], absurd[t] = memory.model.limit.slack, seen.absurd
            evidence[t] = track.evidence()[FEW] - shared
        if t in snap:
            snaps[t] = memory
    return OwnHistoryRun(
        short, over, reason, told, absurd, evidence, since, expected, normal, slack, memory, snaps
    )


def panel_of(
    days: Sequence[date],
    y: Array,
    calendar: sn.CalendarTerms | None = None,
    groups: NDArray[np.intp] | None = None,
) -> CountPanel:
    """Make a panel without exclusions and without an anchor; one feed unless `groups` says otherwise."""
    held = np.zeros(y.shape[1], dtype=np.intp) if groups is None else groups
    return CountPanel(tuple(days), y, np.zeros(y.shape, dtype=bool), calendar or sn.CalendarTerms(), held)
