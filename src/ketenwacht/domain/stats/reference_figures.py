"""Outside figures compared with deliveries, with lag, conversion, loss and chance between them.

What arrives in a window is what was decided in it, less those on their way at its end, plus those on their way at
its beginning:

    y_t = ρ·[μ_t·(1 + b) + ξ_{t−1} − ξ_t] + ε_t

with ξ_t ~ N(0, v_t) the part of the persons on their way that the calendar does not foretell, b ~ N(0, τ²) the
conversion's common error, and ε_t of variance (ρ·noise·μ_t)² + 1 + c·μ_t. Where a figure counts the very persons
that are delivered, as the sender's own decision counts do, chance has no other part than what thinning adds,
c = ρ(1 − ρ). Where it counts others like them the feed is a fresh draw around it: c = ρ. Whoever is late for one
window is early for the next, so that the noise of a sum of windows is that of its two ends, however many they are.

A Kalman filter over (ξ, b) gives the likelihood of the counts under "all arrive" and under "a share ρ arrives from
window ν on"; the evidence is Σ_ρ w_ρ Σ_ν L_{ρ,ν} / L, a Shiryaev–Roberts statistic with the level mixed over under
both hypotheses alike, so that a shortfall from the first day saturates (it may be the level) and a later one does
not. Only the last `ONSETS` windows are taken as possible onsets, which can but lower it. A window's likelihood is
normal where the same persons are counted. A fresh draw of few persons is not normal: it gets the negative binomial
of the filter's mean and variance.
Source: our own; Shiryaev 1963 for the frame, Kalman 1960 for the filter.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from . import shiryaev
from .negbin import POISSON, Array, log_ratio
from .reuse import reuse_latest

ONSETS = 104
"""Windows back that an onset is looked for."""
_LEAST_MEAN, _LEAST_EXCESS = 0.1, 1e-3  # persons; variance above the mean: no division by nothing


@dataclass(frozen=True, slots=True)
class OutsideWindows:
    """One window of each stream, shapes (streams,), or tables of them, (steps, streams).

    Attributes:
        y: persons delivered; NaN where there is no figure.
        mu: persons that the figures imply.
        noise: relative standard deviation of a window by itself.
        before: variance of the persons on their way at its beginning; used where it follows on no other.
        after: variance of those on their way at its end.
        follows: whether it begins where the stream's last one ended.
    """

    y: Array
    mu: Array
    noise: Array
    before: Array
    after: Array
    follows: NDArray[np.bool_]

    @property
    def size(self) -> Array:
        """Size k of each count; includes in-transit variance only where no previous window determines it."""
        guessed = np.where(self.follows, 0.0, self.before) / np.maximum(self.mu, 1.0) ** 2
        return np.asarray(1.0 / np.maximum(self.noise**2 + guessed, 1.0 / POISSON))

    def at(self, step: int) -> OutsideWindows:
        """Return one row of a table."""
        return OutsideWindows(*(getattr(self, f.name)[step] for f in fields(self)))

    def without(self, streams: NDArray[np.bool_]) -> OutsideWindows:
        """Return the same, with no figure for these streams."""
        return replace(self, y=np.where(streams, np.nan, self.y))

    def known(self) -> OutsideWindows:
        """Return the same with harmless numbers where there is no figure."""
        known = ~np.isnan(self.y)
        return replace(
            self,
            y=np.where(known, self.y, 0.0),
            mu=np.where(known, self.mu, 1.0),
            noise=np.where(known, self.noise, 0.0),
        )


@dataclass(frozen=True, slots=True)
class Belief:
    """A filter's belief in (ξ, b): means, variances and covariance; shapes broadcast over (streams, …)."""

    transit: Array
    level: Array
    transit_variance: Array
    level_variance: Array
    covariance: Array

    def each(self, *axes: int) -> Belief:
        """Return the same beliefs with axes added at these places."""
        return Belief(*(np.expand_dims(getattr(self, f.name), axes) for f in fields(self)))

    def where(self, chosen: NDArray[np.bool_], other: Belief) -> Belief:
        """Return these windows where chosen, and the others elsewhere."""
        return Belief(*(np.where(chosen, getattr(self, f.name), getattr(other, f.name)) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class OutsideState:
    """What is remembered: belief under "all arrive", (streams,); under each onset and share, and its evidence.

    Attributes:
        whole: belief when all arrive, (streams,).
        since: belief when a share arrives since an onset, (streams, onsets, shares).
        ratio: log-likelihood ratio of those, same shape.
        fresh: whether nothing is known yet of who is on their way, (streams,).
    """

    whole: Belief
    since: Belief
    ratio: Array
    fresh: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class OutsideDetector:
    """A detector for several streams of figures.

    Attributes:
        mixture: the shares looked for and the cap.
        spread: τ_tot of each stream, shape (streams,).
        drawn: whether its figures count others than are delivered, shape (streams,).
    """

    mixture: shiryaev.Mixture
    spread: Array
    drawn: NDArray[np.bool_]

    def start(self) -> OutsideState:
        """Return the state before the first window."""
        n, shares = len(self.spread), len(self.mixture.shares)
        none = np.zeros(n)
        whole = Belief(none, none, none, self.spread**2, none)
        empty = np.zeros((n, 0, shares))
        return OutsideState(whole, Belief(*(empty,) * 5), empty, np.ones(n, dtype=bool))

    def update(self, state: OutsideState, window: OutsideWindows) -> OutsideState:
        """Apply one window of each stream; a stream without a figure stays exactly as it was."""
        known, seen = ~np.isnan(window.y), window.known()
        anew = known & (state.fresh | ~seen.follows)
        whole, since = (_enter_window(b, anew, seen.before) for b in (state.whole, state.since))
        since, ratio = self._with_onset(whole, since, state.ratio, known)
        whole_after, likely = self._update_belief(whole, np.ones(1), seen)
        since_after, likelier = self._update_belief(since, self.mixture.grid, seen)
        step = np.minimum(likelier - likely[:, None, None], self.mixture.cap)
        active = known[:, None, None]
        return OutsideState(
            whole_after.where(known, whole),
            since_after.where(active, since),
            np.where(active, np.maximum(ratio + step, shiryaev.NOTHING), ratio),
            state.fresh & ~known,
        )

    def _with_onset(
        self, whole: Belief, since: Belief, ratio: Array, known: NDArray[np.bool_]
    ) -> tuple[Belief, Array]:
        """Add one onset: what was believed when all arrived is what is believed the moment a loss begins."""
        shape = (len(known), 1, len(self.mixture.shares))
        begun = whole.each(1, 2)
        grown = Belief(
            *(
                np.concatenate([getattr(since, f.name), np.broadcast_to(getattr(begun, f.name), shape)], axis=1)
                for f in fields(since)
            )
        )
        fresh = np.broadcast_to(np.where(known, 0.0, shiryaev.NOTHING)[:, None, None], shape)
        both = np.concatenate([ratio, fresh], axis=1)
        return Belief(*(getattr(grown, f.name)[:, -ONSETS:] for f in fields(grown))), both[:, -ONSETS:]

    def _update_belief(self, before: Belief, rho: Array, seen: OutsideWindows) -> tuple[Belief, Array]:
        """Return the belief after a window, and the log-likelihood of the window, when a share ρ arrives."""
        shape = (-1, *(1,) * (before.level.ndim - 1))
        y, mu, noise, after = (a.reshape(shape) for a in (seen.y, seen.mu, seen.noise, seen.after))
        drawn = self.drawn.reshape(shape)
        thinned = np.where(rho < 1.0, rho * (1.0 - rho), rho - 1.0)  # … or joined by strangers
        own = (rho * noise * mu) ** 2 + 1.0 + np.where(drawn, rho, thinned) * mu
        # The count is ρ·μ from the level, plus ρ times the persons in transit before, minus ρ times those after.
        with_level = rho * (mu * before.level_variance + before.covariance)
        with_before = rho * (mu * before.covariance + before.transit_variance)
        variance = rho * (mu * with_level + with_before) + rho**2 * after + own
        mean = rho * (mu * (1.0 + before.level) + before.transit)
        gain_transit, gain_level, surprise = -rho * after / variance, with_level / variance, y - mean
        belief = Belief(
            gain_transit * surprise,
            before.level + gain_level * surprise,
            after - gain_transit**2 * variance,
            before.level_variance - gain_level**2 * variance,
            -gain_transit * gain_level * variance,
        )
        likely = -0.5 * (np.log(variance) + surprise**2 / variance)
        return belief, np.where(drawn, _log_probability(y, mean, variance), likely) if self.drawn.any() else likely

    def clear(self, state: OutsideState, streams: NDArray[np.bool_]) -> OutsideState:
        """Return the state with all evidence of some streams gone; what was learnt of their level goes too."""
        gone = streams[:, None, None]
        return replace(
            state,
            whole=self.start().whole.where(streams, state.whole),
            ratio=np.where(gone, shiryaev.NOTHING, state.ratio),
            fresh=state.fresh | streams,
        )

    def evidence(self, state: OutsideState) -> Array:
        """Return the logarithm of Σ_ρ w_ρ Σ_ν L_{ρ,ν}/L of each stream, shape (streams,)."""
        if state.ratio.shape[1] == 0:
            return shiryaev.nothing(len(self.spread))
        by_share = shiryaev.log_mean(np.moveaxis(state.ratio, 1, 2), np.zeros(state.ratio.shape[1]))
        return shiryaev.evidence(np.maximum(by_share, shiryaev.NOTHING), self.mixture)

    def run(self, windows: OutsideWindows) -> Array:
        """Return the evidence after each window of tables, (steps, streams)."""
        state, path = self.start(), np.empty(windows.y.shape)
        for t in range(len(path)):
            state = self.update(state, windows.at(t))
            path[t] = self.evidence(state)
        return path


def _log_probability(y: Array, mean: Array, variance: Array) -> Array:
    """Return the negative binomial log-probability of y persons, without terms in y alone."""
    from scipy.special import gammaln

    m = np.maximum(mean, _LEAST_MEAN)
    k = np.minimum(m**2 / np.maximum(variance - m, _LEAST_EXCESS), POISSON)
    return np.asarray(gammaln(y + k) - gammaln(k) - k * np.log1p(m / k) - y * np.log1p(k / m))


def _enter_window(belief: Belief, anew: NDArray[np.bool_], before: Array) -> Belief:
    """Return the belief at the beginning of a window; after a gap, the number of persons in transit is unknown."""
    axes = tuple(range(1, belief.level.ndim))
    chosen, variance = np.expand_dims(anew, axes), np.expand_dims(before, axes)
    return replace(
        belief,
        transit=np.where(chosen, 0.0, belief.transit),
        transit_variance=np.where(chosen, variance, belief.transit_variance),
        covariance=np.where(chosen, 0.0, belief.covariance),
    )


# References whose common level is itself uncertain.
#
# A reference says μ_t, but the true level is (1 + b)·μ_t with b ~ N(0, τ² + 0.03²), one b for the whole stream. As
# b is mixed over under "a share ρ arrives" and "all arrive" alike, what b can hide from the first day never shows.


FLOOR = 0.03
"""Relative uncertainty that no reference is below: definitions differ, clocks differ."""


def level_spread(uncertainty: float, floor: float = FLOOR) -> float:
    """Return τ_tot: a reference's relative standard deviation with the floor added."""
    return float(np.hypot(uncertainty, floor))


def smallest_loss(spread: float, threshold: float) -> float:
    """Return the smallest loss (fraction) from the first day on that can ever reach `threshold` (nats).

    `τ_tot` is the spread of the reference.
    """
    return float(-np.expm1(-spread * np.sqrt(2.0 * (threshold + 1.4))))


# Windows of outside figures, several streams at once: evidence, alarm and recovery after each.


FEW, MANY = 0, 1
_MIXTURES = tuple(
    shiryaev.Mixture(m.shares, m.weights, shiryaev.WEEKLY_CAP) for m in (shiryaev.LOSS, shiryaev.SURPLUS)
)
_SHARE_RANGE = ((0.02, 0.95), (1.05, 50.0))
_BACK_TO_NORMAL, _RECOVERY_CAP = float(np.log(100.0)), 2.0  # odds of 100 to 1, from three windows at least


@dataclass(frozen=True, slots=True)
class WindowOutcome:
    """What the windows showed.

    Attributes:
        evidence: log Σ w R after each step, (steps, 2, streams).
        alarm: whether alarmed after each step, (steps, 2, streams).
        first: index of the first step that the present episode may have begun at, (streams,).
    """

    evidence: Array
    alarm: NDArray[np.bool_]
    first: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Streams:
    """Figures of several streams, in order of time.

    Attributes:
        seen: their windows, tables of shape (steps, streams).
        spread: τ_tot of each stream, (streams,).
        drawn: whether a stream's figures count others than are delivered, (streams,).
    """

    seen: OutsideWindows
    spread: Array
    drawn: NDArray[np.bool_]


@reuse_latest(8)
def follow(streams: Streams, thresholds: tuple[float, float]) -> WindowOutcome:
    """Run the detectors in both directions.

    Args:
        streams: the figures, and what was delivered.
        thresholds: of the streams together, nats, for too few and too many; infinite: do not look.

    Returns:
        The outcome; an alarm ends when the odds are 100 to 1 that everybody arrives again, and evidence restarts.
    """
    y, mu, k = streams.seen.y, streams.seen.mu, streams.seen.size
    steps, number = y.shape
    sides = [OutsideDetector(m, streams.spread, streams.drawn) for m in _MIXTURES]
    states = [side.start() for side in sides]
    log_e, alarms = np.full((steps, 2, number), shiryaev.NOTHING), np.zeros((steps, 2, number), dtype=bool)
    alarm, recovery = np.zeros((2, number), dtype=bool), np.zeros((2, number))
    first, shares = np.zeros(number, dtype=np.intp), np.full(number, 1.0 / max(number, 1))
    for t in range(steps):
        for d, side in enumerate(sides):
            back = _weigh_recovery(y[: t + 1], mu[: t + 1], k[t], first, d)
            recovery[d] = np.where(alarm[d], shiryaev.cusum(recovery[d], back), 0.0)
            ended = alarm[d] & (recovery[d] >= _BACK_TO_NORMAL)
            # An episode teaches nothing about the level: the other direction waits until it is over.
            states[d] = side.update(states[d], streams.seen.at(t).without(alarm[FEW] | alarm[MANY]))
            alarm[d] &= ~ended
            first = np.where(ended, t + 1, first)
            states = [one.clear(state, ended) for one, state in zip(sides, states, strict=True)]
            log_e[t, d] = side.evidence(states[d])
            quiet = np.where(alarm[d], shiryaev.NOTHING, log_e[t, d])
            for i in shiryaev.find_blamed(quiet, shares, thresholds[d]):
                alarm[d, i] = True
        alarms[t] = alarm
    return WindowOutcome(log_e, alarms, first)


def _weigh_recovery(y: Array, mu: Array, k: Array, first: NDArray[np.intp], d: int) -> Array:
    """Return the evidence of the last window for "all arrive" against the share since the onset, (streams,)."""
    live = (np.arange(len(y))[:, None] >= first) & ~np.isnan(y)
    seen, meant = (np.where(live, a, 0.0).sum(axis=0) for a in (y, mu))
    share = np.clip((seen + 0.5) / np.maximum(meant, 0.5), *_SHARE_RANGE[d])
    known = ~np.isnan(y[-1])
    last, mean = np.where(known, y[-1], 0.0), np.where(known, mu[-1], 1.0)
    steps = -np.clip(log_ratio(last, mean, k, share), -_RECOVERY_CAP, _MIXTURES[d].cap)
    return np.where(known, steps, 0.0)
