"""Is a field empty more often than its own past says? A stream is a field of a segment.

A stream is learnt from deliveries that were normal: those up to the last zero of its CUSUM, and none of an alarm.
Once it is clearly empty less often, only what came since counts, or it would be watched by what it no longer is.
Sources: as shiryaev.py and usual.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from . import shares, shiryaev
from .bernoulli import ShareDetector
from .negbin import Array
from .onsets import Onsets
from .shares import ShareTally
from .usual import MOMENTS, Usual

_DAILY_CAP = 3.0
_FEWEST = 20  # deliveries, before it is known how values come together
_REMEMBERED = 3.0  # times `at_least` rows are never forgotten: a small segment would never be known otherwise
_LESS = 0.7  # times the smallest normal share is looked for,
_SURELY_LESS = 8.0  # and so many nats are believed

Flags = NDArray[np.bool_]
_Part = TypeVar("_Part", ShareTally, Onsets, Usual)


@dataclass(frozen=True, slots=True)
class FieldSettings:
    """How fields are watched.

    Attributes:
        slack: relative drift of the odds of an empty value that counts as normal (fraction 0–1).
        at_least: rows that must have been learnt from before a stream is judged.
        threshold: evidence of all streams together that is an alarm, nats.
    """

    slack: float
    at_least: int
    threshold: float


@dataclass(frozen=True, slots=True)
class FieldTally:
    """What is remembered of each stream.

    Attributes:
        judged: evidence and alarm.
        onsets: since when, and how often since then.
        usual: what was learnt.
        waiting: moments of deliveries since the last zero, not learnt yet, (streams, MOMENTS).
        fewer: CUSUM of being empty less often, nats, (streams,).
        lately: moments of deliveries since its last zero, (streams, MOMENTS).
    """

    judged: ShareTally
    onsets: Onsets
    usual: Usual
    waiting: Array
    fewer: Array
    lately: Array

    @classmethod
    def start(cls, streams: int, day: int) -> FieldTally:
        """Nothing seen yet."""
        judged, onsets, usual = (
            ShareTally.start(streams, day),
            Onsets.start(streams, day),
            Usual.start(streams, day),
        )
        none = np.zeros((streams, MOMENTS))
        return cls(judged, onsets, usual, none, np.zeros(streams), none)

    def to_dict(self) -> dict[str, object]:
        """As JSON values, exact."""
        parts = {name: getattr(self, name).to_dict() for name in ("judged", "onsets", "usual")}
        return parts | {name: getattr(self, name).tolist() for name in ("waiting", "fewer", "lately")}

    @classmethod
    def from_dict(cls, body: Mapping[str, object]) -> FieldTally:
        """Read back what `to_dict` wrote."""
        judged, onsets, usual = (cast("dict[str, object]", body[name]) for name in ("judged", "onsets", "usual"))
        sums = (np.array(body[name], dtype=np.float64) for name in ("waiting", "fewer", "lately"))
        return cls(ShareTally.from_dict(judged), Onsets.from_dict(onsets), Usual.from_dict(usual), *sums)

    def extended(self, streams: int, day: int) -> FieldTally:
        """With so many new streams at the end, of which nothing was seen."""
        return self._with(FieldTally.start(streams, day), lambda old, new: np.concatenate([old, new]))

    def anew(self, which: Flags, day: int) -> FieldTally:
        """With some streams begun anew: what was usual of them is no longer."""
        return self._with(
            FieldTally.start(len(which), day),
            lambda old, new: np.where(which if old.ndim == 1 else which[:, None], new, old),
        )

    def _with(self, other: FieldTally, formatter: Callable[[Array, Array], Array]) -> FieldTally:
        return FieldTally(
            _each(self.judged, other.judged, formatter),
            _each(self.onsets, other.onsets, formatter),
            _each(self.usual, other.usual, formatter),
            formatter(self.waiting, other.waiting),
            formatter(self.fewer, other.fewer),
            formatter(self.lately, other.lately),
        )

    def known(self, settings: FieldSettings) -> Flags:
        """Whether enough was learnt of each stream to judge it, (streams,)."""
        return np.asarray((self.usual.rows >= settings.at_least) & (self.usual.deliveries >= _FEWEST))

    def evidence(self) -> Array:
        """Evidence of each stream, nats, (streams,)."""
        return ShareDetector.above(0.5).evidence(self.judged.log_r)


def step(tally: FieldTally, day: int, empty: Array, rows: Array, settings: FieldSettings) -> FieldTally:
    """One delivery after what was remembered.

    Args:
        tally: what was remembered.
        day: ordinal of the delivery's date.
        empty: empty values, (streams,).
        rows: out of how many, (streams,); none leave a stream exactly as it was.
        settings: what counts as normal, and what as an alarm.
    """
    known, before, seen = tally.known(settings), tally.judged, rows > 0.0
    shown = np.where(known, empty, 0.0), np.where(known, rows, 0.0)
    largest, together = tally.usual.largest(settings.slack), tally.usual.together
    detector = ShareDetector.added(largest, cap=_DAILY_CAP, together=together)
    judged = shares.step(before, day, shown, detector, settings.threshold)
    onsets = tally.onsets.after(day, shown, detector, ~(before.alarm > 0.0))
    # The days of an alarm, the last one too, are not normal. While a stream is only learnt from, every day is.
    alarmed = (before.alarm > 0.0) | (judged.alarm > 0.0)
    ended = alarmed & ~(judged.alarm > 0.0)
    normal = seen & (~known | ((judged.cusum <= 0.0) & ~alarmed))
    moments = tally.usual.moments(empty, rows, known)
    waiting = tally.waiting + moments
    usual = tally.usual.learnt(waiting, day, normal, _REMEMBERED * settings.at_least)
    fewer, lately = _less(tally, shown, np.where((known & ~alarmed)[:, None], moments, 0.0), settings.slack)
    surely = fewer >= _SURELY_LESS
    return FieldTally(
        judged,
        onsets.anew(ended | (seen & ~known), day),
        usual.only(lately, surely),
        np.where((normal | ended | surely)[:, None], 0.0, waiting),
        np.where(surely, 0.0, fewer),
        np.where((surely | (fewer <= 0.0))[:, None], 0.0, lately),
    )


def _less(tally: FieldTally, counts: tuple[Array, Array], moments: Array, slack: float) -> tuple[Array, Array]:
    """CUSUM of being empty less often, and the moments since its last zero."""
    least = tally.usual.smallest(slack)
    detector = ShareDetector(least, _LESS * least[:, None], least, _DAILY_CAP, tally.usual.together)
    steps = np.minimum(detector.steps(*counts)[:, 0], _DAILY_CAP)
    moving = moments.any(axis=1)
    return np.where(moving, shiryaev.cusum(tally.fewer, steps), tally.fewer), tally.lately + moments


def _each(old: _Part, new: _Part, formatter: Callable[[Array, Array], Array]) -> _Part:
    return replace(old, **{f.name: formatter(getattr(old, f.name), getattr(new, f.name)) for f in fields(old)})
