"""The sequential monitor of count series: evidence, alarm, guard and recovery, one step a delivery.

A step is a pure function of yesterday's `Tally` and today's counts; a batch is a fold of steps, so that the two
agree bit for bit. The first axis of every array is the direction: 0 looks for too few, 1 for too many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from . import shiryaev
from .negbin import Array, log_ratio

Flags = NDArray[np.bool_]

FEW, MANY = 0, 1
_MIXTURES = (shiryaev.LOSS, shiryaev.SURPLUS)
_ONSET_SHARE = (0.9, 1.1)
ONSET_SLACK = 0.03
_SHARE_RANGE = ((0.02, 0.95), (1.05, 50.0))
_BACK_TO_NORMAL, _RECOVERY_CAP = float(np.log(400.0)), 1.0  # odds of 400 to 1, from six deliveries at least


@dataclass(frozen=True, slots=True)
class MonitorSettings:
    """How the monitor decides.

    Attributes:
        thresholds: log A for too few and for too many, nats; infinite: never look that way.
        slack: fraction of the baseline by which it may drift and still be normal (0.05 = 5 %). The onset is looked
            for with at most `ONSET_SLACK`: what is not yet evidence must not be learnt as normal either.
        cap: limit on one delivery's evidence, nats; 3 for daily, 8 for weekly deliveries.
    """

    thresholds: tuple[float, float]
    slack: float = 0.0
    cap: float = 3.0


@dataclass(frozen=True, slots=True)
class Tally:
    """What the monitor remembers of each segment; days are proleptic ordinals.

    Attributes:
        log_r: Shiryaev–Roberts statistics, (2, segments, alternatives).
        cusum: running CUSUM, (2, segments).
        zero: last day on which the CUSUM was 0, (2, segments).
        seen: persons counted since then, (2, segments).
        meant: persons expected since then, (2, segments).
        alarm: 1 while the segment is alarmed in that direction, (2, segments).
        recovery: evidence that all is normal again, nats, (2, segments).
        owed: expected counts of empty or absent deliveries, due with the next one, (segments,).
        owed_days: how many deliveries those were, (segments,).
    """

    log_r: Array
    cusum: Array
    zero: Array
    seen: Array
    meant: Array
    alarm: Array
    recovery: Array
    owed: Array
    owed_days: Array

    @classmethod
    def start(cls, segments: int, day: int) -> Tally:
        """Nothing seen yet; the guard stands at `day`."""
        pair = (2, segments)
        alternatives = len(shiryaev.LOSS.shares)
        zeros = np.zeros(pair)
        start = np.full(pair, float(day))
        none = np.zeros(segments)
        return cls(shiryaev.nothing(*pair, alternatives), zeros, start, zeros, zeros, zeros, zeros, none, none)

    def evidence(self) -> Array:
        """Logarithm of Σ w_ρ R_ρ, (2, segments)."""
        return evidence_of(self.log_r)

    def to_dict(self) -> dict[str, object]:
        """As JSON values, exact."""
        return {f.name: getattr(self, f.name).tolist() for f in fields(self)}

    @classmethod
    def from_dict(cls, body: Mapping[str, object]) -> Tally:
        """Read back what `to_dict` wrote."""
        return cls(**{f.name: np.array(body[f.name], dtype=np.float64) for f in fields(cls)})

    def take(self, places: NDArray[np.intp], day: int) -> Tally:
        """The tally of other segments: `places` says where each was; −1 starts one anew."""
        fresh = Tally.from_dict(Tally.start(len(places), day).to_dict())
        old, new = places[places >= 0], np.flatnonzero(places >= 0)
        for f in fields(self):
            axis = 0 if f.name.startswith("owed") else 1
            source, target = getattr(self, f.name), getattr(fresh, f.name)
            if axis:
                target[:, new] = source[:, old]
            else:
                target[new] = source[old]
        return fresh


def evidence_of(log_r: Array) -> Array:
    """Logarithm of Σ w_ρ R_ρ in both directions: (2, segments, alternatives) → (2, segments)."""
    return np.stack([shiryaev.evidence(log_r[d], _MIXTURES[d]) for d in (FEW, MANY)])


def defer(tally: Tally, mu: Array, segments: Flags) -> Tally:
    """An empty or absent delivery: what was expected of `segments` is due with the next one."""
    return replace(
        tally,
        owed=tally.owed + np.where(segments, mu, 0.0),
        owed_days=tally.owed_days + segments,
    )


@dataclass(frozen=True, slots=True)
class MonitorStep:
    """One delivery, as the monitor sees it; arrays of shape (segments,).

    Attributes:
        day: ordinal of the delivery's date.
        y: counts; not looked at where not `active`.
        mu: expected counts.
        k: sizes.
        active: segments that this delivery says something about; the others stay exactly as they were.
    """

    day: int
    y: Array
    mu: Array
    k: Array
    active: Flags


def settle(tally: Tally, seen: MonitorStep) -> MonitorStep:
    """Add what earlier deliveries still owed; inactive segments get count 0 and expectation 1 as placeholders."""
    return replace(
        seen,
        y=np.where(seen.active, seen.y, 0.0),
        mu=np.where(seen.active, seen.mu + tally.owed, 1.0),
        k=seen.k * (1.0 + tally.owed_days),
    )


def weigh(log_r: Array, now: MonitorStep, d: int, settings: MonitorSettings, moving: Flags) -> Array:
    """One direction's log R after a settled delivery, (segments, alternatives); only `moving` segments change."""
    mixture = _MIXTURES[d]
    tolerated = now.mu * (1.0 - settings.slack if d == FEW else 1.0 + settings.slack)
    steps = log_ratio(now.y[:, None], tolerated[:, None], now.k[:, None], mixture.grid)
    return np.where(moving[:, None], shiryaev.update(log_r, steps, settings.cap), log_r)


def step(
    tally: Tally, seen: MonitorStep, settings: MonitorSettings, groups: NDArray[np.intp] | None = None
) -> Tally:
    """One delivery after what was remembered.

    Args:
        tally: what was remembered.
        seen: the delivery.
        settings: thresholds and slack.
        groups: the feed of each segment, 0…; a budget is shared within a feed. None: one feed.
    """
    now = settle(tally, seen)
    sides = [_gather(tally, now, d, settings) for d in (FEW, MANY)]
    log_r, cusum, zero, total, meant, recovery = (np.stack(parts) for parts in zip(*sides, strict=True))
    owed, owed_days = (np.where(seen.active, 0.0, a) for a in (tally.owed, tally.owed_days))
    after = Tally(log_r, cusum, zero, total, meant, tally.alarm, recovery, owed, owed_days)
    return _decide(after, settings, np.zeros(len(seen.y), dtype=np.intp) if groups is None else groups)


def _gather(tally: Tally, now: MonitorStep, d: int, settings: MonitorSettings) -> tuple[Array, ...]:
    """The statistics of one direction after a delivery: log R, CUSUM, its zero, seen, meant, recovery."""
    alarmed = tally.alarm[d] > 0.0
    moving = now.active & ~alarmed
    log_r = weigh(tally.log_r[d], now, d, settings, moving)
    allowed = min(settings.slack, ONSET_SLACK)
    usual = now.mu * (1.0 - allowed if d == FEW else 1.0 + allowed)
    drift = np.minimum(log_ratio(now.y, usual, now.k, _ONSET_SHARE[d]), settings.cap)
    cusum = np.where(moving, shiryaev.cusum(tally.cusum[d], drift), tally.cusum[d])
    reset = moving & (cusum <= 0.0)
    seen = np.where(reset, 0.0, tally.seen[d] + np.where(now.active, now.y, 0.0))
    meant = np.where(reset, 0.0, tally.meant[d] + np.where(now.active, now.mu, 0.0))
    share = np.clip((seen + 0.5) / np.maximum(meant, 0.5), *_SHARE_RANGE[d])
    back = -np.clip(log_ratio(now.y, now.mu, now.k, share), -_RECOVERY_CAP, settings.cap)
    recovery = np.where(now.active & alarmed, shiryaev.cusum(tally.recovery[d], back), tally.recovery[d])
    return log_r, cusum, np.where(reset, float(now.day), tally.zero[d]), seen, meant, recovery


def _decide(tally: Tally, settings: MonitorSettings, groups: NDArray[np.intp]) -> Tally:
    """Raise the alarms that the evidence asks for; end those that recovered, which start from nothing."""
    log_e, alarm = tally.evidence(), tally.alarm.copy()
    ended = (alarm > 0.0) & (tally.recovery >= _BACK_TO_NORMAL)
    sizes = np.bincount(groups)
    shares = 1.0 / sizes[groups]
    for d, threshold in enumerate(settings.thresholds):
        quiet = np.where(alarm[d] > 0.0, shiryaev.NOTHING, log_e[d])
        total = np.bincount(groups, weights=shares * np.exp(np.minimum(quiet, 600.0)))
        for group in np.flatnonzero(np.log(np.maximum(total, 1e-300)) >= threshold):
            members = np.flatnonzero(groups == group)
            for i in shiryaev.blamed(quiet[members], shares[members], threshold):
                alarm[d, members[i]] = 1.0
    keep = ~ended
    return replace(
        tally,
        log_r=np.where(ended[..., None], shiryaev.NOTHING, tally.log_r),
        cusum=tally.cusum * keep,
        seen=tally.seen * keep,
        meant=tally.meant * keep,
        alarm=alarm * keep,
        recovery=tally.recovery * keep,
    )
