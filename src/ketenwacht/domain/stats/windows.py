"""Windows of outside figures, several streams at once: evidence, alarm and recovery after each.

The whole history is run anew each time: figures are few, are restated, and a restated past must not leave a trace.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import shiryaev
from .negbin import Array, log_ratio
from .outside import OutsideDetector, OutsideWindows

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
            back = _back(y[: t + 1], mu[: t + 1], k[t], first, d)
            recovery[d] = np.where(alarm[d], shiryaev.cusum(recovery[d], back), 0.0)
            ended = alarm[d] & (recovery[d] >= _BACK_TO_NORMAL)
            # An episode teaches nothing about the level: the other direction waits until it is over.
            states[d] = side.update(states[d], streams.seen.at(t).without(alarm[FEW] | alarm[MANY]))
            alarm[d] &= ~ended
            first = np.where(ended, t + 1, first)
            states = [one.cleared(state, ended) for one, state in zip(sides, states, strict=True)]
            log_e[t, d] = side.evidence(states[d])
            quiet = np.where(alarm[d], shiryaev.NOTHING, log_e[t, d])
            for i in shiryaev.blamed(quiet, shares, thresholds[d]):
                alarm[d, i] = True
        alarms[t] = alarm
    return WindowOutcome(log_e, alarms, first)


def _back(y: Array, mu: Array, k: Array, first: NDArray[np.intp], d: int) -> Array:
    """Evidence of the last window for "all arrive" against the share seen since the episode began, (streams,)."""
    live = (np.arange(len(y))[:, None] >= first) & ~np.isnan(y)
    seen, meant = (np.where(live, a, 0.0).sum(axis=0) for a in (y, mu))
    share = np.clip((seen + 0.5) / np.maximum(meant, 0.5), *_SHARE_RANGE[d])
    known = ~np.isnan(y[-1])
    last, mean = np.where(known, y[-1], 0.0), np.where(known, mu[-1], 1.0)
    steps = -np.clip(log_ratio(last, mean, k, share), -_RECOVERY_CAP, _MIXTURES[d].cap)
    return np.where(known, steps, 0.0)
