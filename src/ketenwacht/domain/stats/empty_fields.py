"""Is a field empty more often than its own past says? A stream is a field of a segment.

A stream is learnt from deliveries that were normal: those up to the last zero of its CUSUM, and none of an alarm.
Once it is clearly empty less often, only what came since counts, or it would be watched by what it no longer is.
How far a share strays by itself follows from errors of forecasts, as own history has it (`spread`).
Sources: as shiryaev.py; Page 1954, Lorden 1971 (onset); Skellam 1948, Williams 1982, Kish 1965 (overdispersion).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from . import shares, shiryaev
from .array_json import arrays_from_dict, arrays_to_dict
from .negbin import Array, Flags
from .shares import ShareDetector, ShareTally
from .shiryaev import LOSS
from .spread import HORIZONS, Errors, spread_of
from .usual_shares import (
    EMPTY,
    LARGEST,
    MOMENTS,
    ROWS,
    SPACING,
    SQUARES,
    ShareForecast,
    Usual,
    log_odds,
)

_FEWEST = 20  # deliveries, before it is known how values come together
_REMEMBERED = 3.0  # times `at_least` rows are never forgotten: a small segment would never be known otherwise
_LESS = 0.7  # alternative share = 0.7 × smallest normal share
_SURELY_LESS = 8.0  # nats of evidence before the lower share is accepted

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

    def advance(
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

    def reset(self, which: NDArray[np.bool_], day: int) -> Onsets:
        """With some streams normal up to this day."""
        fresh = Onsets.start(len(which), day)
        return Onsets(
            *(np.where(which[:, None], getattr(fresh, f.name), getattr(self, f.name)) for f in fields(self))
        )

    def find_likeliest(self) -> tuple[Array, Array, Array]:
        """The last normal day of each stream (ordinal), what went wrong since, and of how many; all (streams,)."""
        place = np.arange(len(self.cusum)), self.cusum.argmax(axis=1)
        return self.zero[place], self.wrong[place], self.seen[place]


# The state of each field, and one step of it.

_Part = TypeVar("_Part", ShareTally, Onsets, Usual)

REASONS = ("judged", "learning", "restless", "recurring_alarms")
_LEARNING, _RESTLESS, _RECURRING = 1, 2, 3
"""Why a stream is not judged."""
TOO_RESTLESS = float(np.log(2.0))
"""Slack of the log odds beyond which a stream is not judged: twice the odds would be normal."""
LEAST_DAYS = 56.0
"""Days of a stream before it is judged."""
TOO_OFTEN = 3
"""Alarms of a feed in a year that ended by themselves, from which on their streams are not judged."""
UNSEEN = 1.5
"""What a year not yet seen may do to the log odds: less than that is a question in the first two years."""
_LOOK_BACK, _YEAR, _LASTING, _APART = 91.0, 365.0, 56.0, 14.0
"""Days: the guard never stands further back; a question is usual after so long; alarms apart are two."""
_HARDLY_EVER = 0.002
_KEPT, _TAIL, _CLEARLY = 16, 1.645, 1.28
_ABSURD, _ABSURD_ODDS = -float(np.log(1e-6)), float(np.log(4.0))
"""Minus the log chance of an impossible delivery, and by what its log odds must lie off."""


@dataclass(frozen=True, slots=True)
class FieldSettings:
    """How fields are watched.

    Attributes:
        slack: drift of the log odds of an empty value that counts as normal; None: as the stream's errors say.
        at_least: rows that must have been learnt from before a stream is judged.
        threshold: evidence of all streams together that is an alarm, nats.
        cap: evidence of one delivery at most, nats, of a field that is sometimes empty.
    """

    slack: float | None
    at_least: int
    threshold: float
    cap: float = shiryaev.cap_of(1.0)


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
        ended: ordinals of the ends of the last alarms, (streams, TOO_OFTEN).
        asked: 1 while what is open is a question, (streams,).
        first: ordinal of the first day of each stream, (streams,).
        errors: of forecasts of the share.
        forecasts: those that are still held to what comes.
    """

    judged: ShareTally
    onsets: Onsets
    usual: Usual
    waiting: Array
    fewer: Array
    lately: Array
    ended: Array
    asked: Array
    first: Array
    errors: Errors
    forecasts: tuple[ShareForecast, ...] = ()

    @classmethod
    def start(cls, streams: int, day: int) -> FieldTally:
        """Nothing seen yet."""
        judged, onsets, usual = (
            ShareTally.start(streams, day),
            Onsets.start(streams, day),
            Usual.start(streams, day),
        )
        none = np.zeros((streams, MOMENTS))
        ended, errors = np.zeros((streams, TOO_OFTEN)), Errors.start(streams, 1, _KEPT)
        zero, first = np.zeros(streams), np.full(streams, float(day))
        return cls(judged, onsets, usual, none, zero, none, ended, zero, first, errors)

    def to_dict(self) -> dict[str, object]:
        """As JSON values, exact."""
        parts = {name: arrays_to_dict(getattr(self, name)) for name in _PARTS}
        plain = {name: getattr(self, name).tolist() for name in _PLAIN}
        return parts | plain | {"forecasts": [arrays_to_dict(one) for one in self.forecasts]}

    @classmethod
    def from_dict(cls, body: Mapping[str, object]) -> FieldTally:
        """Read back what `to_dict` wrote."""
        values: dict[str, Any] = {name: np.array(body[name], dtype=np.float64) for name in _PLAIN}
        for name, kind in _PARTS.items():
            values[name] = arrays_from_dict(kind, cast("Mapping[str, object]", body[name]))
        forecasts = cast("list[Mapping[str, object]]", body["forecasts"])
        return cls(**values, forecasts=tuple(arrays_from_dict(ShareForecast, one) for one in forecasts))

    def extend(self, streams: int, day: int) -> FieldTally:
        """With so many new streams at the end, of which nothing was seen."""
        return self._combine(
            FieldTally.start(streams, day),
            lambda old, new: np.concatenate([old, new]),
            lambda old, new: np.concatenate([old, new], axis=-1),
        )

    def reset(self, which: Flags, day: int) -> FieldTally:
        """Return the tally with the selected streams reset."""
        return self._combine(
            FieldTally.start(len(which), day),
            lambda old, new: np.where(which if old.ndim == 1 else which[:, None], new, old),
            lambda old, new: np.where(which, new, old),
        )

    def _combine(self, other: FieldTally, combine: _Combine, across: _Combine) -> FieldTally:
        """Combine two tallies, whose streams are along the first axis, or `across`: along the last one."""
        streams = len(other.fewer)
        none = np.full(streams, np.nan)
        unknown = ShareForecast(0.0, none, none, np.zeros((4, streams)))
        errors = {
            name: across(getattr(self.errors, name), getattr(other.errors, name))
            for name in ("error", "noise", "square", "weight", "chosen")
        }
        return FieldTally(
            _each(self.judged, other.judged, combine),
            _each(self.onsets, other.onsets, combine),
            _each(self.usual, other.usual, combine),
            combine(self.waiting, other.waiting),
            combine(self.fewer, other.fewer),
            combine(self.lately, other.lately),
            combine(self.ended, other.ended),
            combine(self.asked, other.asked),
            combine(self.first, other.first),
            replace(self.errors, **errors),
            tuple(
                replace(
                    one,
                    odds=across(one.odds, unknown.odds),
                    error=across(one.error, unknown.error),
                    sums=across(one.sums, unknown.sums),
                )
                for one in self.forecasts
            ),
        )

    def find_known(self, settings: FieldSettings) -> Flags:
        """Return whether enough was learnt of each stream to judge it, (streams,)."""
        return np.asarray((self.usual.rows >= settings.at_least) & (self.usual.deliveries >= _FEWEST))

    def slack(self, day: int, settings: FieldSettings) -> Array:
        """Return the drift of the log odds that counts as normal, (streams,)."""
        if settings.slack is not None:
            return np.full(len(self.fewer), settings.slack)
        alarmed = (self.judged.alarm > 0.0) & (self.asked == 0.0)
        guard = np.where(alarmed, self.judged.zero, np.maximum(self.judged.zero, day - _LOOK_BACK))
        spread = spread_of(self.errors, np.zeros((len(alarmed), 0)), guard, SPACING)
        return np.asarray(np.maximum(spread.drift, _TAIL * spread.down))

    def reasons(self, day: int, settings: FieldSettings) -> NDArray[np.intp]:
        """Return why a stream is not judged, an index into `REASONS`, (streams,); 0 where it is."""
        recent = self.ended > day - _YEAR
        ends = np.sort(self.ended[recent])
        found = np.zeros(len(self.fewer), dtype=np.intp)
        # Fields of one row become empty together: what ends together is one alarm.
        often = len(ends) > 0 and 1 + int((np.diff(ends) > _APART).sum()) >= TOO_OFTEN
        found[recent.any(axis=1) & often] = _RECURRING
        if settings.slack is None:
            found[self.slack(day, settings) > TOO_RESTLESS] = _RESTLESS
        found[~self.find_known(settings) | (day - self.first < LEAST_DAYS)] = _LEARNING
        return np.asarray(np.where(self.judged.alarm > 0.0, 0, found))

    def evidence(self) -> Array:
        """Return the evidence of each stream, nats, (streams,)."""
        return ShareDetector.above(0.5).evidence(self.judged.log_r)


_PARTS: Mapping[str, type[Any]] = {"judged": ShareTally, "onsets": Onsets, "usual": Usual, "errors": Errors}
_PLAIN = ("waiting", "fewer", "lately", "ended", "asked", "first")
_Combine = Callable[[Array, Array], Array]


def step(tally: FieldTally, day: int, empty: Array, rows: Array, settings: FieldSettings) -> FieldTally:
    """Judge one delivery after those that are remembered.

    Args:
        tally: what was remembered.
        day: ordinal of the delivery's date.
        empty: empty values, (streams,).
        rows: out of how many, (streams,); none leave a stream exactly as it was.
        settings: what counts as normal, and what as an alarm.
    """
    reasons, before, seen = tally.reasons(day, settings), tally.judged, rows > 0.0
    known = reasons == 0
    slack = tally.slack(day, settings)
    shown = np.where(known, empty, 0.0), np.where(known, rows, 0.0)
    largest, together = tally.usual.largest(slack), tally.usual.together
    # A field that is hardly ever empty has shown no bursts: each empty value counts.
    cap = np.where(tally.usual.share < _HARDLY_EVER, np.maximum(settings.cap, LOSS.cap), settings.cap)
    detector = ShareDetector.added(largest, cap=cap, together=together)
    judged = shares.step(before, day, shown, detector, settings.threshold)
    # However much a share strays by itself, what is beyond all of that is told.
    absurd = _find_absurd(detector, (empty, rows)) & (known | (reasons == _RESTLESS))
    judged = replace(judged, alarm=np.where(absurd, 1.0, judged.alarm))
    judged = _rest(judged, seen & ~known & ~absurd, day)
    onsets = tally.onsets.advance(day, shown, detector, ~(before.alarm > 0.0))
    # The days of an alarm, the last one too, are not normal. While a stream is only learnt from, every day is.
    alarmed = (before.alarm > 0.0) | (judged.alarm > 0.0)
    ended = alarmed & ~(judged.alarm > 0.0)
    normal = seen & (~known | ((judged.cusum <= 0.0) & ~alarmed))
    moments = tally.usual.moments(empty, rows, tally.find_known(settings))
    waiting = tally.waiting + moments
    usual = tally.usual.learn(waiting, day, normal, _REMEMBERED * settings.at_least)
    fewer, lately = _less(tally, shown, np.where((known & ~alarmed)[:, None], moments, 0.0), slack, cap)
    surely = fewer >= _SURELY_LESS
    asked = _ask(tally, judged, onsets, absurd, (day, slack))
    newest = np.column_stack([np.full(len(ended), float(day)), tally.ended[:, :-1]])
    after = FieldTally(
        judged,
        onsets.reset(ended | (seen & ~known), day),
        usual.restrict(lately, surely),
        np.where((normal | ended | surely)[:, None], 0.0, waiting),
        np.where(surely, 0.0, fewer),
        np.where((surely | (fewer <= 0.0))[:, None], 0.0, lately),
        np.where((ended & (tally.asked == 0.0))[:, None], newest, tally.ended),
        asked,
        tally.first,
        tally.errors,
        tuple(one.advance((empty, rows), alarmed & (asked == 0.0)) for one in tally.forecasts),
    )
    return _forecast(_take_on(after, day), day, settings)


def _ask(tally: FieldTally, judged: ShareTally, onsets: Onsets, absurd: Flags, now: tuple[int, Array]) -> Array:
    """Return 1 where an alarm is a question: a year that was not seen yet may explain it, (streams,)."""
    day, slack = now
    unseen = UNSEEN * np.clip(2.0 - (day - tally.first) / _YEAR, 0.0, 1.0)
    _, wrong, seen = onsets.find_likeliest()
    share = (wrong + 0.5) / (seen + 1.0)
    error = _CLEARLY * np.sqrt(share * (1.0 - share) * tally.usual.inflation() / (seen + 1.0))
    more = share - error > tally.usual.largest(slack + unseen)
    open_, was = judged.alarm > 0.0, tally.judged.alarm > 0.0
    told = absurd | more | (was & (tally.asked == 0.0))
    return np.asarray(open_ & ~told & (unseen > 0.0), dtype=np.float64)


def _take_on(tally: FieldTally, day: int) -> FieldTally:
    """Take what lasts and could not be told apart from a season for usual."""
    zero, wrong, seen = tally.onsets.find_likeliest()
    which = (tally.asked > 0.0) & (day - zero >= _LASTING)
    if not which.any():
        return tally
    fresh = np.zeros_like(tally.usual.sums)
    fresh[:, EMPTY], fresh[:, ROWS] = wrong, seen
    fresh[:, SQUARES] = seen * tally.usual.sums[:, SQUARES] / (tally.usual.rows + 1.0)
    return replace(
        tally,
        judged=_rest(tally.judged, which, day),
        onsets=tally.onsets.reset(which, day),
        usual=tally.usual.restrict(fresh, which),
        waiting=np.where(which[:, None], 0.0, tally.waiting),
        asked=np.where(which, 0.0, tally.asked),
    )


def _find_absurd(detector: ShareDetector, counts: tuple[Array, Array]) -> Flags:
    """Find deliveries that no share normal by now gives by chance, whatever the threshold.

    By Markov's inequality the chance of a likelihood ratio of at least r is at most 1/r.
    """
    empty, rows = counts
    share = np.clip(empty / np.maximum(rows, 1.0), detector.worst_allowed, LARGEST)
    ratio = detector.ratio(*counts, share[:, None])[:, 0]
    far = log_odds(share) - log_odds(detector.worst_allowed) > _ABSURD_ODDS
    return np.asarray((ratio > _ABSURD) & far & (rows > 0.0))


def _rest(judged: ShareTally, which: Flags, day: int) -> ShareTally:
    """Begin the evidence of some streams anew."""
    fresh = ShareTally.start(len(which), day)
    return _each(judged, fresh, lambda old, new: np.where(which if old.ndim == 1 else which[:, None], new, old))


def _forecast(tally: FieldTally, day: int, settings: FieldSettings) -> FieldTally:
    """Record the errors of the forecasts that reached a horizon, and make a new one when it is due."""
    errors, kept, together = tally.errors, [], tally.usual.together
    for one in tally.forecasts:
        held = one.held
        while held < len(HORIZONS) and day - one.day >= HORIZONS[held]:
            error, noise = one.measure_error(together)
            errors = errors.add(held, one.day, float(day), error[None], noise)
            held += 1
        if held < len(HORIZONS):
            kept.append(replace(one, held=held))
    latest = max((one.day for one in tally.forecasts), default=-np.inf)
    known = tally.find_known(settings)
    if known.any() and day - latest >= SPACING:
        share = tally.usual.share
        error = tally.usual.variance() / (share * (1.0 - share)) ** 2
        odds = np.where(known & ~(tally.judged.alarm > 0.0), log_odds(share), np.nan)
        kept.append(ShareForecast(float(day), odds, error, np.zeros((4, len(share)))))
    return replace(tally, errors=errors, forecasts=tuple(kept))


def _less(
    tally: FieldTally, counts: tuple[Array, Array], moments: Array, slack: Array, cap: Array
) -> tuple[Array, Array]:
    """CUSUM of being empty less often, and the moments since its last zero."""
    least = tally.usual.smallest(slack)
    detector = ShareDetector(least, _LESS * least[:, None], least, cap, tally.usual.together)
    steps = np.minimum(detector.steps(*counts)[:, 0], cap)
    moving = moments.any(axis=1)
    return np.where(moving, shiryaev.cusum(tally.fewer, steps), tally.fewer), tally.lately + moments


def _each(old: _Part, new: _Part, combine: Callable[[Array, Array], Array]) -> _Part:
    return replace(old, **{f.name: combine(getattr(old, f.name), getattr(new, f.name)) for f in fields(old)})
