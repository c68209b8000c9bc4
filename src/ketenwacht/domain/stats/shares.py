"""Shares of persons: how many of n went wrong, when at most a share q₀ may.

`ShareDetector` judges keys still missing after their grace, weekly samples of keys, resolved inquiries, and fields
that are empty more often than before. The null is composite, q ≤ q₀: every ratio rises with the number that went
wrong, so its mean is at most 1 for each smaller q too, and the average run length stays at least A. Where persons
of one delivery go wrong together, the counts are beta-binomial with the same intraclass correlation before and
after. `step` adds alarm, onset and recovery to the evidence.
Sources: as shiryaev.py, with Bernoulli likelihoods; Skellam 1948 (beta-binomial).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from . import shiryaev
from .negbin import Array
from .shiryaev import LOSS

_WEIGHTS = (0.1, 0.2, 0.25, 0.2, 0.15, 0.1)
_TIMES = np.array([1.35, 1.7, 2.2, 3.5, 7.0, 14.0])
_ADDED = np.array([0.005, 0.01, 0.02, 0.05, 0.2, 0.5])
_MOST = 0.99
# A field that varies more needs a larger step, or its CUSUM would not come back to zero for months.
_ONSET_ADDED, _ONSET_SPREAD = 0.01, 0.05


@dataclass(frozen=True, slots=True)
class ShareDetector:
    """Looks for a share of failures above `worst_allowed`.

    Attributes:
        worst_allowed: q₀, shape (segments,); fraction 0–1, exclusive of both.
        alternatives: the larger shares looked for, shape (segments, alternatives).
        onset: the larger share whose CUSUM dates the onset, shape (segments,).
        cap: limit on one step's evidence, nats; one for all, or (segments,).
        together: intraclass correlation of the failures of a step, shape (segments,); None: independent.
    """

    worst_allowed: Array
    alternatives: Array
    onset: Array
    cap: float | Array = shiryaev.WEEKLY_CAP
    together: Array | None = None

    @classmethod
    def above(cls, worst_allowed: ArrayLike, *, cap: float = shiryaev.WEEKLY_CAP) -> ShareDetector:
        """Return a detector for shares several times too large: keys, samples, inquiries."""
        q = np.atleast_1d(np.asarray(worst_allowed, dtype=np.float64))
        odds = (q / (1.0 - q))[:, None] * _TIMES
        alternatives = np.minimum(odds / (1.0 + odds), _MOST)
        return cls(q, alternatives, alternatives[:, 2], cap)

    @classmethod
    def added(
        cls, worst_allowed: ArrayLike, *, cap: float | Array = shiryaev.WEEKLY_CAP, together: Array | None = None
    ) -> ShareDetector:
        """Return a detector for shares some points too large: completeness (2 points is the third alternative)."""
        q = np.atleast_1d(np.asarray(worst_allowed, dtype=np.float64))
        onset = np.minimum(q + np.maximum(_ONSET_ADDED, _ONSET_SPREAD * np.sqrt(q * (1.0 - q))), _MOST)
        return cls(q, np.clip(q[:, None] + _ADDED * (1.0 - q[:, None]), None, _MOST), onset, cap, together)

    def steps(self, wrong: ArrayLike, seen: ArrayLike) -> Array:
        """Return ℓ of "the share is q₁" against "it is q₀".

        Counts of shape (segments,) → (segments, alternatives).
        """
        return self.ratio(wrong, seen, self.alternatives)

    def ratio(self, wrong: ArrayLike, seen: ArrayLike, shares: Array) -> Array:
        """Return ℓ of any other shares, (segments, shares), against q₀."""
        x, n = (np.atleast_1d(np.asarray(a, dtype=np.float64))[:, None] for a in (wrong, seen))
        q0 = self.worst_allowed[:, None]
        if self.together is None:
            return np.asarray(x * np.log(shares / q0) + (n - x) * (np.log1p(-shares) - np.log1p(-q0)))
        size = 1.0 / self.together[:, None] - 1.0
        wrong_ones = _rising(shares * size, x) - _rising(q0 * size, x)
        return np.asarray(wrong_ones + _rising((1.0 - shares) * size, n - x) - _rising((1.0 - q0) * size, n - x))

    def start(self) -> Array:
        """Return statistics before the first count."""
        return shiryaev.nothing(*self.alternatives.shape)

    def update(self, log_r: Array, wrong: ArrayLike, seen: ArrayLike) -> Array:
        """Apply one step; a segment with no persons (n = 0) does not change."""
        some = np.atleast_1d(np.asarray(seen, dtype=np.float64))[:, None] > 0.0
        return np.where(
            some, shiryaev.update(log_r, self.steps(wrong, seen), np.asarray(self.cap)[..., None]), log_r
        )

    def evidence(self, log_r: Array) -> Array:
        """Return the logarithm of Σ w R of each segment, shape (segments,)."""
        return shiryaev.log_mean(log_r, np.log(_WEIGHTS))

    def run(self, wrong: Array, seen: Array) -> Array:
        """Return the evidence after each step, for counts of shape (steps, segments)."""
        log_r, path = self.start(), np.empty(wrong.shape)
        for t in range(wrong.shape[0]):
            log_r = self.update(log_r, wrong[t], seen[t])
            path[t] = self.evidence(log_r)
        return path


def _rising(a: Array, n: Array) -> Array:
    """Return the logarithm of a(a + 1)…(a + n − 1)."""
    from scipy.special import gammaln

    return np.asarray(gammaln(a + n) - gammaln(a))


def divergence(share: ArrayLike, worst_allowed: ArrayLike) -> Array:
    """Return the Kullback–Leibler information of one person, nats: q·ln(q/q₀) + (1−q)·ln[(1−q)/(1−q₀)].

    0 when q ≤ q₀.
    """
    q, q0 = np.asarray(share, dtype=np.float64), np.asarray(worst_allowed, dtype=np.float64)
    full = q * np.log(np.maximum(q, 1e-300) / q0) + (1.0 - q) * (np.log1p(-np.minimum(q, _MOST)) - np.log1p(-q0))
    return np.asarray(np.where(q > q0, full, 0.0))


# The sequential monitor of shares: evidence step by step, with alarm and recovery.

_BACK_TO_NORMAL, _RECOVERY_CAP = float(np.log(400.0)), 1.5  # odds of 400 to 1, from four steps at least
_MOST_SEEN = 0.98


@dataclass(frozen=True, slots=True)
class ShareTally:
    """What is remembered of each stream; all of shape (streams,) but `log_r`.

    Attributes:
        log_r: Shiryaev–Roberts statistics, (streams, alternatives).
        cusum: running CUSUM.
        zero: ordinal of the last day on which it was 0.
        wrong: gone wrong since then.
        seen: seen since then.
        alarm: 1 while alarmed.
        recovery: evidence that all is normal again, nats.
    """

    log_r: Array
    cusum: Array
    zero: Array
    wrong: Array
    seen: Array
    alarm: Array
    recovery: Array

    @classmethod
    def start(cls, streams: int, day: int) -> ShareTally:
        """Return a state in which nothing was seen yet."""
        none = np.zeros(streams)
        log_r = shiryaev.nothing(streams, len(ShareDetector.above(0.5).alternatives[0]))
        return cls(log_r, none, np.full(streams, float(day)), none, none, none, none)


def step(
    tally: ShareTally, day: int, counts: tuple[Array, Array], detector: ShareDetector, threshold: float
) -> ShareTally:
    """Apply one step: `counts` are (gone wrong, seen), each (streams,); a stream without persons stays."""
    wrong, seen = counts
    alarmed, active = tally.alarm > 0.0, seen > 0.0
    moving = active & ~alarmed
    log_r = np.where(alarmed[:, None], tally.log_r, detector.update(tally.log_r, wrong, seen))
    drift = np.minimum(detector.ratio(wrong, seen, detector.onset[:, None])[:, 0], detector.cap)
    cusum = np.where(moving, shiryaev.cusum(tally.cusum, drift), tally.cusum)
    reset = moving & (cusum <= 0.0)
    since_wrong, since_seen = tally.wrong + wrong * active, tally.seen + seen * active
    back = np.where(active & alarmed, _weigh_recovery(since_wrong, since_seen, counts, detector), 0.0)
    recovery = shiryaev.cusum(tally.recovery, back)
    ended = alarmed & (recovery >= _BACK_TO_NORMAL)
    anew = reset | ended
    after = replace(
        tally,
        log_r=np.where(ended[:, None], shiryaev.NOTHING, log_r),
        cusum=np.where(ended, 0.0, cusum),
        zero=np.where(anew, float(day), tally.zero),
        wrong=np.where(anew, 0.0, since_wrong),
        seen=np.where(anew, 0.0, since_seen),
        alarm=np.where(ended, 0.0, tally.alarm),
        recovery=np.where(ended, 0.0, recovery),
    )
    return _raise_alarms(after, detector, threshold)


def _weigh_recovery(wrong: Array, seen: Array, counts: tuple[Array, Array], detector: ShareDetector) -> Array:
    """Return the evidence of one step for "no more than allowed" against the share since the onset."""
    q0 = detector.worst_allowed
    found = (wrong + 0.5) / (seen + 1.0)
    # The lower 90 % bound: a share that a few failures exaggerate would be left behind too soon.
    found = found - 1.28 * np.sqrt(found * (1.0 - found) / (seen + 1.0))
    share = np.clip(found, np.minimum(1.3 * q0, 0.5 * (1.0 + q0)), _MOST_SEEN)
    ratio = detector.ratio(*counts, share[:, None])[:, 0]
    return np.asarray(-np.clip(ratio, -_RECOVERY_CAP, detector.cap))


def _raise_alarms(tally: ShareTally, detector: ShareDetector, threshold: float) -> ShareTally:
    alarm = tally.alarm.copy()
    quiet = np.where(alarm > 0.0, shiryaev.NOTHING, detector.evidence(tally.log_r))
    for i in shiryaev.find_blamed(quiet, np.full(len(quiet), 1.0 / len(quiet)), threshold):
        alarm[i] = 1.0
    return replace(tally, alarm=alarm)


# A difference that is tolerated in each delivery: does it keep coming back?
#
# The account of persons has a sign. Persons who are unexplained today and come tomorrow remove the evidence of
# their absence exactly: the log-likelihood of a share is linear in the number of persons. Figures:
# docs/reconciliation.md, by `benchmarks/tolerances.py`.


def weigh_unexplained(unexplained: Array, selected: Array, share: float, height: float) -> Array:
    """Return the evidence, after each delivery, that more than a share of the selected stays unexplained.

    Args:
        unexplained: persons each delivery lacks, shape (deliveries,); negative: they came after all; NaN: unknown.
        selected: out of how many, same shape.
        share: at most so many stay unexplained over time (fraction, 0–1, exclusive of both).
        height: evidence that is an alarm, nats. What lies far above it is not kept, since it would take as long to
            go away once the cause is mended.

    Returns:
        Log Σ w R, nats, same shape. No single delivery is an alarm, whatever it lacks.
    """
    detector = ShareDetector.above(share, cap=LOSS.cap)
    log_r, path = detector.start(), np.empty(unexplained.shape)
    for i, (persons, seen) in enumerate(zip(unexplained, selected, strict=True)):
        if not np.isnan(persons):
            log_r = np.minimum(detector.update(log_r, [min(persons, seen)], [seen]), height + LOSS.cap)
        path[i] = detector.evidence(log_r)[0]
    return path
