"""Is a field empty more often than its own past says? A stream is a field of a segment.

A stream is learnt from deliveries that were normal: those up to the last zero of its CUSUM, and none of an alarm.
Once it is clearly empty less often, only what came since counts, or it would be watched by what it no longer is.
Sources: as shiryaev.py; Page 1954, Lorden 1971 (onset); Skellam 1948, Williams 1982, Kish 1965 (overdispersion).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from . import shares, shiryaev
from .negbin import Array, Flags
from .shares import ShareDetector, ShareTally

_DAILY_CAP = 3.0
_FEWEST = 20  # deliveries, before it is known how values come together
_REMEMBERED = 3.0  # times `at_least` rows are never forgotten: a small segment would never be known otherwise
_LESS = 0.7  # alternative share = 0.7 × smallest normal share
_SURELY_LESS = 8.0  # nats of evidence before the lower share is accepted

# How often a field is usually empty.
#
# The empty values x of n rows are beta-binomial: persons of one office, one form or one batch share what is
# missing, so that var x = n·p·(1 − p)·[1 + (n − 1)·ρ] with the intraclass correlation ρ. It is estimated by
# weighted moments of (x − np)²/[p(1 − p)] − n, whose mean is n(n − 1)ρ, and shrunk to a first guess while little
# is known.
# Sources: Skellam 1948 (the distribution); Williams 1982 (moments); Kish 1965 (the design effect 1 + (n − 1)ρ).

_HALF_LIFE, _HALF_LIFE_TOGETHER = 273.0, 365.0
"""Days after which what was learnt counts for half: of the share, and of how values come together."""
_ERRORS = 1.75  # standard errors between what was learnt and what may be: tuned, docs/detection.md
_GUESS, _GUESS_ERROR, _TOGETHER = 0.01, 0.01, (0.0005, 0.3)
# One strange day must not hide the next one: it counts as so many standard deviations and so many values at most.
_FAR, _FAR_VALUES = 3.0, 2.0
_SMALLEST, _LARGEST = 1e-6, 0.98
_EMPTY, _ROWS, _SQUARES, _EXCESS, _PAIRS, _DELIVERIES = range(6)
MOMENTS = 6


@dataclass(frozen=True, slots=True)
class Usual:
    """What was learnt of each stream from deliveries that were normal.

    Attributes:
        sums: of the moments of deliveries, older ones fading, (streams, MOMENTS).
        until: ordinal of the last day learnt from, (streams,).
    """

    sums: Array
    until: Array

    @classmethod
    def start(cls, streams: int, day: int) -> Usual:
        """Nothing learnt yet."""
        return cls(np.zeros((streams, MOMENTS)), np.full(streams, float(day)))

    def to_dict(self) -> dict[str, object]:
        """As JSON values, exact."""
        return {"sums": self.sums.tolist(), "until": self.until.tolist()}

    @classmethod
    def from_dict(cls, body: Mapping[str, object]) -> Usual:
        """Read back what `to_dict` wrote."""
        return cls(*(np.array(body[name], dtype=np.float64) for name in ("sums", "until")))

    @property
    def empty(self) -> Array:
        """Empty values learnt from, as many as still count, (streams,)."""
        return self.sums[:, _EMPTY]

    @property
    def rows(self) -> Array:
        """Rows learnt from, as many as still count, (streams,)."""
        return self.sums[:, _ROWS]

    @property
    def deliveries(self) -> Array:
        """Deliveries learnt from, (streams,)."""
        return self.sums[:, _DELIVERIES]

    @property
    def share(self) -> Array:
        """Share of empty values, (streams,), exclusive of 0 and 1."""
        return np.asarray((self.sums[:, _EMPTY] + 0.5) / (self.rows + 1.0))

    @property
    def together(self) -> Array:
        """Intraclass correlation ρ of the empty values of a delivery, (streams,)."""
        known = _GUESS_ERROR**-2
        found = (known * _GUESS + self.sums[:, _EXCESS]) / (known + self.sums[:, _PAIRS])
        return np.asarray(np.clip(found, *_TOGETHER))

    def largest(self, slack: float) -> Array:
        """Return the largest normal share, (streams,)."""
        return np.asarray(np.minimum(self.share + self._room(slack), _LARGEST))

    def highest(self, rows: Array, slack: float) -> Array:
        """Return the share of empty values that 95 % of deliveries of so many rows stay below, (streams,)."""
        share = self.largest(slack)
        inflation = 1.0 + np.maximum(rows - 1.0, 0.0) * self.together
        return np.asarray(
            np.minimum(share + 1.645 * np.sqrt(share * (1.0 - share) * inflation / np.maximum(rows, 1.0)), 1.0)
        )

    def smallest(self, slack: float) -> Array:
        """Return the smallest normal share, (streams,)."""
        return np.asarray(np.maximum(self.share - self._room(slack), _SMALLEST))

    def _room(self, slack: float) -> Array:
        """For what is not known of the share, and for a drift of its odds; points (fraction 0–1)."""
        share, seen = self.share, self.rows + 1.0
        inflation = 1.0 + np.maximum(self.sums[:, _SQUARES] / seen - 1.0, 0.0) * self.together
        error = _ERRORS * np.sqrt(share * (1.0 - share) * inflation / seen)
        return np.asarray(np.hypot(error, slack * share * (1.0 - share)))

    def moments(self, empty: Array, rows: Array, known: NDArray[np.bool_]) -> Array:
        """What a delivery adds, (streams, MOMENTS); how values come together only where the share is known."""
        share, together = self.share, self.together
        spread, pairs = share * (1.0 - share), rows * (rows - 1.0)
        inflation = 1.0 + np.maximum(rows - 1.0, 0.0) * together
        far = _FAR * np.sqrt(rows * spread * inflation) + _FAR_VALUES
        excess = np.minimum(np.abs(empty - rows * share), far) ** 2 / spread - rows
        # Binomial variance of the excess; pairs over variance is the weight that makes the mean the most precise.
        noise = 2.0 * rows**2 + rows * np.maximum(1.0 / spread - 6.0, 0.0)
        weight = np.where(known & (pairs > 0.0), pairs / np.maximum(noise * inflation**2, 1.0), 0.0)
        some = (rows > 0.0).astype(np.float64)
        return np.stack([empty, rows, rows**2, weight * excess, weight * pairs, some], axis=1)

    def learnt(self, waiting: Array, day: int, normal: NDArray[np.bool_], enough: float) -> Usual:
        """With the moments of deliveries up to this day, of streams that were normal.

        Older ones fade, the share only while it is known from `enough` rows.
        """
        days = day - self.until
        share = np.where(self.rows >= enough, 0.5 ** (days / _HALF_LIFE), 1.0)
        together = 0.5 ** (days / _HALF_LIFE_TOGETHER)
        fade = np.stack([share, share, share, together, together, np.ones_like(share)], axis=1)
        sums = np.where(normal[:, None], self.sums * fade + waiting, self.sums)
        return Usual(sums, np.where(normal, float(day), self.until))

    def only(self, lately: Array, which: NDArray[np.bool_]) -> Usual:
        """With the share of some streams known from these moments only; how values come together stays."""
        share = np.isin(np.arange(MOMENTS), (_EMPTY, _ROWS, _SQUARES))
        return Usual(np.where(which[:, None] & share, lately, self.sums), self.until)


# When a share began to be too large.
#
# A CUSUM that looks for a small change wanders for weeks before a large one; one that looks for a large change
# never sees a small one. The likeliest change says which of them to believe.
# Sources: Page 1954; Lorden 1971 (maximum over alternatives).

# Larger than what an alarm takes of one day: a large change in few days must be likelier than a small one in many.
_CAP = shiryaev.WEEKLY_CAP
_RECOVERING = 1.5  # nats a step at most, that the days on which a change ends take from it


@dataclass(frozen=True, slots=True)
class Onsets:
    """What is remembered of each stream and alternative, all of shape (streams, alternatives).

    Attributes:
        cusum: running CUSUM, nats.
        zero: ordinal of the last day on which it was 0.
        wrong: gone wrong since then.
        seen: seen since then.
    """

    cusum: Array
    zero: Array
    wrong: Array
    seen: Array

    @classmethod
    def start(cls, streams: int, day: int) -> Onsets:
        """Nothing seen yet."""
        none = np.zeros((streams, ShareDetector.above(0.5).alternatives.shape[1]))
        return cls(none, np.full(none.shape, float(day)), none, none)

    def to_dict(self) -> dict[str, object]:
        """As JSON values, exact."""
        return {f.name: getattr(self, f.name).tolist() for f in fields(self)}

    @classmethod
    def from_dict(cls, body: Mapping[str, object]) -> Onsets:
        """Read back what `to_dict` wrote."""
        return cls(*(np.array(body[f.name], dtype=np.float64) for f in fields(cls)))

    def after(
        self, day: int, counts: tuple[Array, Array], detector: ShareDetector, quiet: NDArray[np.bool_]
    ) -> Onsets:
        """One step; while a stream is not quiet but alarmed, only which change is the likeliest may still move."""
        wrong, seen = (a[:, None] for a in counts)
        steps, active = np.minimum(detector.steps(*counts), _CAP), seen > 0.0
        loud = np.maximum(self.cusum + np.maximum(steps, -_RECOVERING), 0.0)
        cusum = np.where(active, np.where(quiet[:, None], shiryaev.cusum(self.cusum, steps), loud), self.cusum)
        reset = active & quiet[:, None] & (cusum <= 0.0)
        return Onsets(
            cusum,
            np.where(reset, float(day), self.zero),
            np.where(reset, 0.0, self.wrong + wrong),
            np.where(reset, 0.0, self.seen + seen),
        )

    def anew(self, which: NDArray[np.bool_], day: int) -> Onsets:
        """With some streams normal up to this day."""
        fresh = Onsets.start(len(which), day)
        return Onsets(
            *(np.where(which[:, None], getattr(fresh, f.name), getattr(self, f.name)) for f in fields(self))
        )

    def likeliest(self) -> tuple[Array, Array, Array]:
        """The last normal day of each stream (ordinal), what went wrong since, and of how many; all (streams,)."""
        place = np.arange(len(self.cusum)), self.cusum.argmax(axis=1)
        return self.zero[place], self.wrong[place], self.seen[place]


# The state of each field, and one step of it.

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
        """Return the tally with the selected streams reset."""
        return self._with(
            FieldTally.start(len(which), day),
            lambda old, new: np.where(which if old.ndim == 1 else which[:, None], new, old),
        )

    def _with(self, other: FieldTally, combine: Callable[[Array, Array], Array]) -> FieldTally:
        return FieldTally(
            _each(self.judged, other.judged, combine),
            _each(self.onsets, other.onsets, combine),
            _each(self.usual, other.usual, combine),
            combine(self.waiting, other.waiting),
            combine(self.fewer, other.fewer),
            combine(self.lately, other.lately),
        )

    def known(self, settings: FieldSettings) -> Flags:
        """Return whether enough was learnt of each stream to judge it, (streams,)."""
        return np.asarray((self.usual.rows >= settings.at_least) & (self.usual.deliveries >= _FEWEST))

    def evidence(self) -> Array:
        """Return the evidence of each stream, nats, (streams,)."""
        return ShareDetector.above(0.5).evidence(self.judged.log_r)


def step(tally: FieldTally, day: int, empty: Array, rows: Array, settings: FieldSettings) -> FieldTally:
    """Judge one delivery after those that are remembered.

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


def _each(old: _Part, new: _Part, combine: Callable[[Array, Array], Array]) -> _Part:
    return replace(old, **{f.name: combine(getattr(old, f.name), getattr(new, f.name)) for f in fields(old)})
