"""The sequential monitor of shares: how many of those seen went wrong, step by step, with alarm and recovery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from . import shiryaev
from .bernoulli import ShareDetector
from .negbin import Array

_BACK_TO_NORMAL, _RECOVERY_CAP = float(np.log(400.0)), 1.5  # odds of 400 to 1, from four steps at least
_MOST = 0.98


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
        """Nothing seen yet."""
        none = np.zeros(streams)
        log_r = shiryaev.nothing(streams, len(ShareDetector.above(0.5).alternatives[0]))
        return cls(log_r, none, np.full(streams, float(day)), none, none, none, none)

    def to_dict(self) -> dict[str, object]:
        """As JSON values, exact."""
        return {f.name: getattr(self, f.name).tolist() for f in fields(self)}

    @classmethod
    def from_dict(cls, body: Mapping[str, object]) -> ShareTally:
        """Read back what `to_dict` wrote."""
        return cls(**{f.name: np.array(body[f.name], dtype=np.float64) for f in fields(cls)})


def step(
    tally: ShareTally, day: int, counts: tuple[Array, Array], detector: ShareDetector, threshold: float
) -> ShareTally:
    """One step: `counts` are (gone wrong, seen), each (streams,); nobody seen leaves a stream as it was."""
    wrong, seen = counts
    alarmed, active = tally.alarm > 0.0, seen > 0.0
    moving = active & ~alarmed
    log_r = np.where(alarmed[:, None], tally.log_r, detector.update(tally.log_r, wrong, seen))
    drift = np.minimum(detector.ratio(wrong, seen, detector.onset[:, None])[:, 0], detector.cap)
    cusum = np.where(moving, shiryaev.cusum(tally.cusum, drift), tally.cusum)
    reset = moving & (cusum <= 0.0)
    since_wrong, since_seen = tally.wrong + wrong * active, tally.seen + seen * active
    back = np.where(active & alarmed, _back(since_wrong, since_seen, counts, detector), 0.0)
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
    return _raised(after, detector, threshold)


def _back(wrong: Array, seen: Array, counts: tuple[Array, Array], detector: ShareDetector) -> Array:
    """Evidence of one step for "no more than allowed" against the share since the onset."""
    q0 = detector.worst_allowed
    found = (wrong + 0.5) / (seen + 1.0)
    # The lower 90 % bound: a share that a few failures exaggerate would be left behind too soon.
    found = found - 1.28 * np.sqrt(found * (1.0 - found) / (seen + 1.0))
    share = np.clip(found, np.minimum(1.3 * q0, 0.5 * (1.0 + q0)), _MOST)
    ratio = detector.ratio(*counts, share[:, None])[:, 0]
    return np.asarray(-np.clip(ratio, -_RECOVERY_CAP, detector.cap))


def _raised(tally: ShareTally, detector: ShareDetector, threshold: float) -> ShareTally:
    alarm = tally.alarm.copy()
    quiet = np.where(alarm > 0.0, shiryaev.NOTHING, detector.evidence(tally.log_r))
    for i in shiryaev.blamed(quiet, np.full(len(quiet), 1.0 / len(quiet)), threshold):
        alarm[i] = 1.0
    return replace(tally, alarm=alarm)


def onset_days(tally: ShareTally) -> NDArray[np.int64]:
    """Ordinal of the last normal day of each stream."""
    return tally.zero.astype(np.int64)
