"""Figures that count the very persons that the feed delivers: between the two lies only time, and the loss.

Where a reference merely resembles the feed, a week's deliveries scatter around it as counts do. Where it counts
the same persons, as the sender's own decision counts do, what arrives in a window is what was decided in it, less
those on their way at its end, plus those on their way at its beginning:

    y_t = ρ·[μ_t·(1 + b) + ξ_{t−1} − ξ_t] + what thinning adds + ε_t

with ξ_t ~ N(0, v_t) the part of the persons on their way that the calendar does not foretell, b ~ N(0, τ²) the
conversion's common error, ε_t ~ N(0, (noise·μ_t)² + 1), thinning of variance ρ(1 − ρ)μ_t (only for ρ < 1). Whoever
is late for one window is early for the next, so that the noise of a sum of windows stays that of its two ends. A
Kalman filter over (ξ, b) gives the likelihood of the counts under "all arrive" and under "a share ρ arrives from
window ν on"; the evidence is Σ_ρ w_ρ Σ_ν L_{ρ,ν} / L, a Shiryaev–Roberts statistic with the level mixed over under
both hypotheses alike. Only the last `ONSETS` windows are taken as possible onsets, which can but lower it.
Source: our own; Shiryaev 1963 for the frame, Kalman 1960 for the filter.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from . import shiryaev
from .negbin import Array

ONSETS = 104
"""Windows back that an onset is looked for."""


@dataclass(frozen=True, slots=True)
class Transit:
    """Persons on their way at the ends of windows: variances, each of shape (streams,).

    Attributes:
        before: of those on their way when a window begins that does not follow on the last.
        after: of those on their way at its end.
        follows: whether the window begins where the last one ended.
    """

    before: Array
    after: Array
    follows: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Belief:
    """A filter's belief in (ξ, b): means, variances and covariance; shapes broadcast over (streams, …)."""

    transit: Array
    level: Array
    transit_variance: Array
    level_variance: Array
    covariance: Array

    def each(self, *axes: int) -> Belief:
        """The same beliefs with axes added at these places."""
        return Belief(*(np.expand_dims(getattr(self, f.name), axes) for f in fields(self)))

    def where(self, chosen: NDArray[np.bool_], other: Belief) -> Belief:
        """These where chosen, the others elsewhere."""
        return Belief(*(np.where(chosen, getattr(self, f.name), getattr(other, f.name)) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class CountedState:
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
class CountedDetector:
    """A detector for several streams of figures that count the same persons.

    Attributes:
        mixture: the shares looked for and the cap.
        spread: τ of each stream, shape (streams,).
        noise: relative standard deviation of a window by itself.
    """

    mixture: shiryaev.Mixture
    spread: Array
    noise: float

    def start(self) -> CountedState:
        """The state before the first window."""
        n, shares = len(self.spread), len(self.mixture.shares)
        none = np.zeros(n)
        whole = Belief(none, none, none, self.spread**2, none)
        empty = np.zeros((n, 0, shares))
        return CountedState(whole, Belief(*(empty,) * 5), empty, np.ones(n, dtype=bool))

    def update(self, state: CountedState, y: Array, mu: Array, transit: Transit) -> CountedState:
        """One window a stream, shapes (streams,); a stream with NaN stays exactly as it was."""
        known = ~np.isnan(y)
        count, mean = np.where(known, y, 0.0), np.where(known, mu, 1.0)
        anew = known & (state.fresh | ~transit.follows)
        whole, since = (_entered(b, anew, transit.before) for b in (state.whole, state.since))
        since, ratio = self._with_onset(whole, since, state.ratio, known)
        seen = (count, mean, transit.after)
        whole_after, likely = self._filtered(whole, np.ones(1), seen)
        since_after, likelier = self._filtered(since, self.mixture.grid, seen)
        step = np.minimum(likelier - likely[:, None, None], self.mixture.cap)
        active = known[:, None, None]
        return CountedState(
            whole_after.where(known, whole),
            since_after.where(active, since),
            np.where(active, np.maximum(ratio + step, shiryaev.NOTHING), ratio),
            state.fresh & ~known,
        )

    def _with_onset(
        self, whole: Belief, since: Belief, ratio: Array, known: NDArray[np.bool_]
    ) -> tuple[Belief, Array]:
        """One onset more: what was believed when all arrived is what is believed the moment a loss begins."""
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

    def _filtered(self, before: Belief, rho: Array, seen: tuple[Array, Array, Array]) -> tuple[Belief, Array]:
        """Belief after a window, and the window's log-likelihood, when a share ρ arrives."""
        y, mu, after = (a.reshape(-1, *(1,) * (before.level.ndim - 1)) for a in seen)
        chance = np.where(rho < 1.0, rho * (1.0 - rho), rho - 1.0)  # thinned, or joined by strangers
        own = (self.noise * mu) ** 2 + 1.0 + chance * mu
        # Of what is seen, ρ·μ is the level's part, ρ the part of those on their way before, −ρ of those after.
        with_level = rho * (mu * before.level_variance + before.covariance)
        with_before = rho * (mu * before.covariance + before.transit_variance)
        variance = rho * (mu * with_level + with_before) + rho**2 * after + own
        surprise = y - rho * (mu * (1.0 + before.level) + before.transit)
        gain_transit, gain_level = -rho * after / variance, with_level / variance
        belief = Belief(
            gain_transit * surprise,
            before.level + gain_level * surprise,
            after - gain_transit**2 * variance,
            before.level_variance - gain_level**2 * variance,
            -gain_transit * gain_level * variance,
        )
        return belief, -0.5 * (np.log(variance) + surprise**2 / variance)

    def cleared(self, state: CountedState, streams: NDArray[np.bool_]) -> CountedState:
        """The state with all evidence of some streams gone; what was learnt of their level goes too."""
        gone = streams[:, None, None]
        return replace(
            state,
            whole=self.start().whole.where(streams, state.whole),
            ratio=np.where(gone, shiryaev.NOTHING, state.ratio),
            fresh=state.fresh | streams,
        )

    def evidence(self, state: CountedState) -> Array:
        """Logarithm of Σ_ρ w_ρ Σ_ν L_{ρ,ν}/L of each stream, shape (streams,)."""
        if state.ratio.shape[1] == 0:
            return shiryaev.nothing(len(self.spread))
        by_share = shiryaev.log_mean(np.moveaxis(state.ratio, 1, 2), np.zeros(state.ratio.shape[1]))
        return shiryaev.evidence(np.maximum(by_share, shiryaev.NOTHING), self.mixture)


def _entered(belief: Belief, anew: NDArray[np.bool_], before: Array) -> Belief:
    """Belief at the beginning of a window; who is on their way is unknown where it does not follow on the last."""
    axes = tuple(range(1, belief.level.ndim))
    chosen, variance = np.expand_dims(anew, axes), np.expand_dims(before, axes)
    return replace(
        belief,
        transit=np.where(chosen, 0.0, belief.transit),
        transit_variance=np.where(chosen, variance, belief.transit_variance),
        covariance=np.where(chosen, 0.0, belief.covariance),
    )
