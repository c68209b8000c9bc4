"""The sequential detector of own history: evidence against each segment, and what it raises, one step a delivery.

`step` weighs one delivery. It is a pure function of a `DetectorState` and of counts, so that a batch is a fold of
the same steps. It raises three kinds. A *shortfall* is an alarm: it is never learnt as normal, but a level is
followed inside it, and a further drop is told. A *surplus* is a question, and so is a *shift*: larger than the
feed's own slack, but not than what a year not yet seen may do. Questions stay open while a provisional level is
learnt from their onset and watched both ways.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from . import shiryaev
from .negbin import Array, Flags, log_ratio

FEW, MANY, ASK = 0, 1, 2
"""Directions: a shortfall beyond all slack, a surplus, a shortfall beyond the feed's own slack."""
NONE, ALARM, QUESTION = 0.0, 1.0, 2.0
NEVER = 1e9
"""An ordinal after every day."""
CHANGES = 6
"""Changes of level that are remembered."""
_MIXTURES = (shiryaev.LOSS, shiryaev.SURPLUS, shiryaev.LOSS)
_GUARDING = 1  # the alternative of a tenth
ONSET_SLACK, _ONSET_CAP = 0.03, 3.0
_SHARE_RANGE = ((0.02, 0.95), (1.05, 50.0))
_BACK_TO_NORMAL, _RECOVERY_CAP = float(np.log(400.0)), 1.0
LASTING = 56.0
"""Days after which a change of level has lasted, and a provisional level begins."""
LAPSED = 365.0
"""Days after which a question that nobody answered is let go of."""
LONG, REMEMBERED = 84.0, 183.0
"""Days of the long horizon, and after which the level from before a shortfall is no longer restored."""
_KNOWN = 0.05  # largest `wide - slack` at which a full year counts as known
_FAR_BEYOND = 3.0  # times what drift explains
_DEFERRED = 2.0  # deliveries without anybody that a busy segment may have before they count
_IMPOSSIBLE = 1e-4


@dataclass(frozen=True, slots=True)
class DetectorState:
    """What is remembered of each segment between deliveries; days are proleptic ordinals, 0 is none.

    Attributes:
        log_r: Shiryaev–Roberts statistics, (3, segments, alternatives).
        cusum: running CUSUMs for too few and too many, one a size of change, (2, segments, alternatives).
        zero: last day on which each was 0, likewise; so with `seen` and `meant`, counted and expected since.
        short: NONE, ALARM or QUESTION, (segments,).
        short_since: its first day.
        deeper: first day of the last further drop inside it.
        over_since: first day of an open surplus.
        over_ended: day on which the last surplus ended or lapsed.
        pending: first day of a question's change not yet followed, (2, segments): of a shift, of a surplus.
        total: counted and expected since the onset, (2, 2, segments): of the shortfall, of the surplus.
        recovery: evidence that all is normal again, nats, (2, segments).
        begun: first day of the stretch of level in use, (segments,).
        normal: first day of the stretch before the shortfall, (segments,).
        changes: first days of stretches, newest last, (segments, CHANGES), NEVER where none.
        owed: expected of deliveries without anybody, due with the next, (segments,); `owed_days` of how many.
        ended: days on which alarms ended by themselves, newest first, (segments, 3).
        odd: days of counts that were impossible by themselves, newest first, (segments, 3).
        taints: (segment, first, last) that the level is never learnt from.
    """

    log_r: Array
    cusum: Array
    zero: Array
    seen: Array
    meant: Array
    short: Array
    short_since: Array
    deeper: Array
    over_since: Array
    over_ended: Array
    pending: Array
    total: Array
    recovery: Array
    begun: Array
    normal: Array
    changes: Array
    owed: Array
    owed_days: Array
    ended: Array
    odd: Array
    taints: tuple[tuple[int, float, float], ...]

    @classmethod
    def start(cls, segments: int, day: int) -> DetectorState:
        """Return a state in which nothing was seen yet."""
        pair, one = np.zeros((2, segments)), np.zeros(segments)
        cells = np.zeros((2, segments, len(shiryaev.LOSS.shares)))
        return cls(
            log_r=shiryaev.nothing(3, segments, len(shiryaev.LOSS.shares)),
            cusum=cells,
            zero=np.full(cells.shape, float(day)),
            seen=cells,
            meant=cells,
            short=one,
            short_since=one,
            deeper=one,
            over_since=one,
            over_ended=one,
            pending=pair,
            total=np.zeros((2, 2, segments)),
            recovery=pair,
            begun=one,
            normal=one,
            changes=np.full((segments, CHANGES), NEVER),
            owed=one,
            owed_days=one,
            ended=np.zeros((segments, 3)),
            odd=np.zeros((segments, 3)),
            taints=(),
        )

    def guard(self) -> Array:
        """Return the last day on which neither a tenth too few nor a tenth too many had begun, (segments,)."""
        return np.asarray(self.zero[:, :, _GUARDING].min(axis=0))

    def find_likeliest(self, d: int) -> tuple[Array, Array, Array]:
        """Return the first day of the likeliest change in a direction, and the counted and expected since."""
        place = np.arange(self.cusum.shape[1]), self.cusum[d].argmax(axis=1)
        return self.zero[d][place] + 1.0, self.seen[d][place], self.meant[d][place]

    def evidence(self) -> Array:
        """Return the logarithm of Σ w_ρ R_ρ, (3, segments)."""
        return np.stack([shiryaev.evidence(self.log_r[d], m) for d, m in enumerate(_MIXTURES)])


@dataclass(frozen=True, slots=True)
class OwnDetectionLimit:
    """How each segment is judged now, all (segments,).

    Attributes:
        slack: drift that is no evidence, of its own errors (fraction).
        wide: slack plus the allowance for an unseen year.
        size: negative-binomial k, reduced for variation between weeks.
        judged: whether own history judges it.
        many: whether too many is looked for.
        learning: whether it knows too little yet to say what is unusual.
        threshold: nats.
        cap: limit on one delivery's evidence, nats.
        drift: sd of the level a quarter ahead.
        wait: days after which a change of level has lasted.
        settles: days that the end of a shortfall takes to be seen.
    """

    slack: Array
    wide: Array
    size: Array
    judged: Flags
    many: bool
    learning: Flags
    threshold: Array
    cap: float
    drift: Array
    wait: float
    settles: float


@dataclass(frozen=True, slots=True)
class OwnHistoryStep:
    """One delivery; arrays of shape (segments,).

    Attributes:
        day: ordinal of its date.
        y: counts.
        mu: expected at the level in use.
        normal: expected at the level before an open shortfall.
        active: segments that it says something about.
        absurd: counts that are impossible by themselves: −1 far too few, 1 far too many, 0 neither.
    """

    day: int
    y: Array
    mu: Array
    normal: Array
    active: Flags
    absurd: Array


def step(track: DetectorState, seen: OwnHistoryStep, limit: OwnDetectionLimit) -> DetectorState:
    """Return the track after one more delivery."""
    k = limit.size * np.where(track.owed > 0.0, 1.0 + track.owed_days, 1.0)
    mu, normal = seen.mu + track.owed, seen.normal + track.owed
    # A large segment with a count of 0 may be late, so it waits for the next delivery, but not for ever.
    with np.errstate(over="ignore"):
        none = (seen.y == 0.0) & (-k * np.log1p(mu / k) < np.log(_IMPOSSIBLE)) & (track.owed_days < _DEFERRED)
    active = seen.active & ~(none & seen.active)
    track = replace(
        track,
        owed=np.where(active, 0.0, track.owed + np.where(none & seen.active, seen.mu, 0.0)),
        # Once it has waited long enough, every further delivery without anybody counts.
        owed_days=np.where(
            active, np.where(seen.y > 0.0, 0.0, track.owed_days), track.owed_days + (none & seen.active)
        ),
    )
    y, mu, normal = np.where(active, seen.y, 0.0), np.where(active, mu, 1.0), np.where(active, normal, 1.0)
    track = _update_evidence(track, seen.day, y, mu, normal, k, active, limit)
    track = _end_recovered(track, seen.day, limit)
    track = _raise_alarms(track, seen.day, limit)
    return _follow_lasting_changes(track, seen.day, limit)


def _update_evidence(  # noqa: PLR0913, PLR0917 - a delivery, settled
    track: DetectorState,
    day: int,
    y: Array,
    mu: Array,
    normal: Array,
    k: Array,
    active: Flags,
    limit: OwnDetectionLimit,
) -> DetectorState:
    """Update evidence, onset and recovery by one delivery."""
    # Inside a shortfall that has no level of its own yet, only its end is looked for.
    waiting = (track.short == ALARM) & (track.begun < track.short_since)
    # A further drop has its level at once; that level is learnt before counts are compared with it.
    settling = (track.short == ALARM) & ~waiting & (day - track.begun < limit.wait)
    watched = active & ~waiting & ~settling
    log_r = track.log_r.copy()
    for d, allowed in enumerate((1.0 - limit.wide, 1.0 + limit.slack, 1.0 - limit.slack)):
        moving = watched & limit.judged
        if d == MANY:
            moving = moving & (track.pending[1] == 0.0)
        if d == ASK:
            moving = moving & (track.pending[0] == 0.0)
        steps = log_ratio(y[:, None], (mu * allowed)[:, None], k[:, None], _MIXTURES[d].grid)
        log_r[d] = np.where(moving[:, None], shiryaev.update(log_r[d], steps, limit.cap), log_r[d])
    log_r = np.where(limit.judged[None, :, None], log_r, shiryaev.NOTHING)
    cusum, zero, total_seen, total_meant = (a.copy() for a in (track.cusum, track.zero, track.seen, track.meant))
    total, recovery = track.total.copy(), track.recovery.copy()
    for d in (FEW, MANY):
        moving = watched & ~((track.pending[1] > 0.0) if d == MANY else (track.pending[0] > 0.0))
        allowed = np.minimum(limit.slack, ONSET_SLACK)
        usual = mu * (1.0 - allowed if d == FEW else 1.0 + allowed)
        drift = np.minimum(log_ratio(y[:, None], usual[:, None], k[:, None], _MIXTURES[d].grid), _ONSET_CAP)
        cusum[d] = np.where(moving[:, None], shiryaev.cusum(cusum[d], drift), cusum[d])
        reset = (moving[:, None] & (cusum[d] <= 0.0)) | (limit.learning | settling)[:, None]
        cusum[d] = np.where(reset, 0.0, cusum[d])
        zero[d] = np.where(reset, float(day), zero[d])
        total_seen[d] = np.where(reset, 0.0, total_seen[d] + np.where(active, y, 0.0)[:, None])
        total_meant[d] = np.where(reset, 0.0, total_meant[d] + np.where(active, mu, 0.0)[:, None])
        # Recovery: a shortfall against the level before it, a pending question against the level in use.
        open_ = (track.short != NONE) if d == FEW else (track.pending[1] > 0.0)
        against = np.where(track.short != NONE, normal, mu) if d == FEW else mu
        total[d, 0] += np.where(active & open_, y, 0.0)
        total[d, 1] += np.where(active & open_, against, 0.0)
        tolerated = against * (1.0 - 0.5 * limit.slack if d == FEW else 1.0 + 0.5 * limit.slack)
        share = np.clip((total[d, 0] + 0.5) / np.maximum(total[d, 1], 0.5), *_SHARE_RANGE[d])
        back = -np.clip(log_ratio(y, tolerated, k, share), -_RECOVERY_CAP, limit.cap)
        recovery[d] = np.where(active & open_, shiryaev.cusum(recovery[d], back), recovery[d])
    return replace(
        track,
        log_r=log_r,
        cusum=cusum,
        zero=zero,
        seen=total_seen,
        meant=total_meant,
        total=total,
        recovery=recovery,
    )


def _end_recovered(track: DetectorState, day: int, limit: OwnDetectionLimit) -> DetectorState:
    """End shortfalls and pending surpluses that are over; late arrivals end a shortfall too."""
    late = (track.total[FEW, 0] >= track.total[FEW, 1]) & (track.total[FEW, 1] > 0.0)
    few = (track.short != NONE) & ((track.recovery[FEW] >= _BACK_TO_NORMAL) | late)
    many = (track.pending[1] > 0.0) & (track.recovery[MANY] >= _BACK_TO_NORMAL)
    if not (few.any() or many.any()):
        return track
    taints = list(track.taints)
    ended, changes = track.ended.copy(), track.changes.copy()
    begun = track.begun.copy()
    for s in np.flatnonzero(few):
        since = float(track.short_since[s])
        if track.short[s] == ALARM:
            ended[s] = [day, *ended[s, :2]]
        if day - since <= REMEMBERED:
            # Short enough that the level before it still holds.
            taints.append((int(s), since, float(day)))
            changes[s], begun[s] = _changes_before(changes[s], since), track.normal[s]
        else:
            begun[s] = float(day) - limit.settles
            changes[s] = _add_change(changes[s], begun[s])
    taints += [(int(s), float(track.pending[1, s]), float(day)) for s in np.flatnonzero(many)]
    over = np.where(many & (track.over_since == track.pending[1]), 0.0, track.over_since)
    pending = np.stack([np.where(few, 0.0, track.pending[0]), np.where(many, 0.0, track.pending[1])])
    track = replace(
        track,
        short=np.where(few, NONE, track.short),
        short_since=np.where(few, 0.0, track.short_since),
        begun=begun,
        deeper=np.where(few, 0.0, track.deeper),
        over_since=over,
        over_ended=np.where(over < track.over_since, float(day), track.over_ended),
        pending=pending,
        taints=tuple(taints),
        ended=ended,
        changes=changes,
    )
    return restart_evidence(track, few | many, day)


def _changes_before(changes: Array, before: float) -> Array:
    kept = [c for c in changes if c < before]
    return np.array([NEVER] * (CHANGES - len(kept)) + kept)


def _add_change(changes: Array, day: float) -> Array:
    kept = [c for c in changes if c < day]
    return np.array(([NEVER] * CHANGES + kept + [day])[-CHANGES:])


def restart_evidence(track: DetectorState, which: Flags, day: int) -> DetectorState:
    """Restart the evidence of some segments."""
    return replace(
        track,
        log_r=np.where(which[None, :, None], shiryaev.NOTHING, track.log_r),
        cusum=np.where(which[:, None], 0.0, track.cusum),
        zero=np.where(which[:, None], float(day), track.zero),
        seen=np.where(which[:, None], 0.0, track.seen),
        meant=np.where(which[:, None], 0.0, track.meant),
        recovery=np.where(which, 0.0, track.recovery),
    )


def _raise_alarms(track: DetectorState, day: int, limit: OwnDetectionLimit) -> DetectorState:
    """Raise the alarms and questions that the evidence asks for."""
    log_e = track.evidence()
    over = (log_e >= limit.threshold) & limit.judged
    # A question that was asked because the year was unknown becomes an alarm once the year is known.
    few = over[FEW] | ((track.pending[0] > 0.0) & (limit.wide - limit.slack <= _KNOWN) & limit.judged)
    ask = over[ASK] & ~few & (track.pending[0] == 0.0)
    many = over[MANY] & (track.pending[1] == 0.0) & limit.many
    if not (few.any() or ask.any() or many.any()):
        return track
    likeliest = [track.find_likeliest(d) for d in (FEW, MANY)]
    onset = [np.minimum(one[0], float(day)) for one in likeliest]
    changes, deeper, begun = track.changes.copy(), track.deeper.copy(), track.begun.copy()
    short, since, normal = track.short.copy(), track.short_since.copy(), track.normal.copy()
    total, pending, over_since = track.total.copy(), track.pending.copy(), track.over_since.copy()
    for s in np.flatnonzero(few):
        first = pending[0, s] if pending[0, s] > 0.0 else onset[FEW][s]
        if short[s] == ALARM:
            deeper[s] = first
            changes[s] = _add_change(changes[s], first)
            begun[s] = first
        else:
            if short[s] == NONE or begun[s] < since[s] or short[s] == QUESTION:
                normal[s] = begun[s]
            short[s], since[s], deeper[s] = ALARM, first, 0.0
            total[FEW, :, s] = likeliest[FEW][1][s], likeliest[FEW][2][s]
        pending[0, s] = 0.0
    for s in np.flatnonzero(ask):
        pending[0, s] = onset[FEW][s]
        if short[s] == NONE:
            short[s], since[s], normal[s] = QUESTION, onset[FEW][s], begun[s]
            total[FEW, :, s] = likeliest[FEW][1][s], likeliest[FEW][2][s]
    for s in np.flatnonzero(many):
        pending[1, s] = onset[MANY][s]
        over_since[s] = over_since[s] if over_since[s] > 0.0 else onset[MANY][s]
        total[MANY, :, s] = likeliest[MANY][1][s], likeliest[MANY][2][s]
    track = replace(
        track,
        changes=changes,
        deeper=deeper,
        begun=begun,
        short=short,
        short_since=since,
        normal=normal,
        total=total,
        pending=pending,
        over_since=over_since,
    )
    log_r, recovery = track.log_r.copy(), track.recovery.copy()
    for d, which in ((FEW, few), (ASK, few | ask), (MANY, few | many)):
        log_r[d] = np.where(which[:, None], shiryaev.NOTHING, log_r[d])
    recovery[0] = np.where(few | ask, 0.0, recovery[0])
    recovery[1] = np.where(many, 0.0, recovery[1])
    track = replace(track, log_r=log_r, recovery=recovery)
    # A further drop has its level at once: the expected count is the level since.
    return restart_evidence(track, few & (deeper > 0.0), day) if (few & (deeper > 0.0)).any() else track


def _follow_lasting_changes(track: DetectorState, day: int, limit: OwnDetectionLimit) -> DetectorState:
    """Give changes that lasted a level of their own; turn an alarm that drift explains by now into a question."""
    wait = limit.wait
    alarm = (track.short == ALARM) & (track.begun < track.short_since) & (day - track.short_since >= wait)
    shift = (track.pending[0] > 0.0) & (day - track.pending[0] >= wait)
    surplus = (track.pending[1] > 0.0) & (day - track.pending[1] >= wait)
    age = day - track.short_since
    log = np.log((track.total[FEW, 0] + 0.5) / np.maximum(track.total[FEW, 1], 0.5))
    reach = 1.645 * limit.drift * np.sqrt(np.maximum(age, LONG) / LONG)
    # A further drop is judged by its own age, and lapses by it: what came before would make it look mild, and end
    # it with the delivery after.
    fresh = day - np.maximum(track.short_since, track.deeper)
    milder = (track.short == ALARM) & (fresh >= LONG) & (track.begun >= track.short_since) & (log > -reach)
    idle = (track.short == ALARM) & ~limit.judged & (fresh >= wait)
    # While the level inside a shortfall is still being learnt, a loss far beyond drift stays what it is.
    milder |= idle & (~limit.learning | (log > -_FAR_BEYOND * reach))
    lapsed = (track.short == QUESTION) & (fresh >= LAPSED) & (track.pending[0] == 0.0)
    over = (track.over_since > 0.0) & (day - track.over_since >= LAPSED) & (track.pending[1] == 0.0)
    if not (alarm | shift | surplus | milder | lapsed | over).any():
        return track
    changes, begun = track.changes.copy(), track.begun.copy()
    for which, onset in ((alarm, track.short_since), (shift, track.pending[0]), (surplus, track.pending[1])):
        for s in np.flatnonzero(which):
            if onset[s] > begun[s]:
                changes[s], begun[s] = _add_change(changes[s], float(onset[s])), onset[s]
    pending = np.stack(
        [np.where(shift | surplus, 0.0, track.pending[0]), np.where(surplus | shift, 0.0, track.pending[1])]
    )
    track = replace(
        track,
        changes=changes,
        begun=begun,
        pending=pending,
        short=np.where(lapsed, NONE, np.where(milder, QUESTION, track.short)),
        short_since=np.where(lapsed, 0.0, track.short_since),
        over_since=np.where(over, 0.0, track.over_since),
        over_ended=np.where(over, float(day), track.over_ended),
    )
    return restart_evidence(track, alarm | shift | surplus, day)
