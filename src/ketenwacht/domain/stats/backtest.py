"""A backtest: losses planted in counts, side by side over many runs, and when each kind of evidence finds them.

Nothing here ever alarms: a crossing of the threshold is looked up afterwards, so that delays and false alarms
share paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from . import calibrate, negbin, own_history, shiryaev
from . import reference_figures as outside
from .negbin import Array
from .season import CalendarTerms
from .shares import ShareDetector
from .shares import divergence as share_divergence

_SETTLED = 60  # a run that stood above the threshold in a quarter year before its onset says nothing about a delay


@dataclass(frozen=True, slots=True)
class PlantedLoss:
    """A loss to plant.

    Attributes:
        shares: fraction lost of each segment, (segments,) or, different in every run, (segments, runs).
        creep: deliveries over which it grows to that.
        from_start: it was there from the first delivery that is looked at.
        onset: index of the first delivery that suffers, the same in every run; None: drawn.
    """

    shares: Array
    creep: int = 0
    from_start: bool = False
    onset: int | None = None


@dataclass(frozen=True, slots=True)
class DetectionOutcome:
    """What some runs came to.

    Attributes:
        delays: calendar days from onset to alarm, infinite where not found; runs that were alarmed just before
            their onset are left out.
        alarms: false alarms in the runs without a loss: of own history all, else the first of each run.
        exposure: feed-years in which they were counted.
    """

    delays: Array
    alarms: int
    exposure: float


def onsets(world: CountModel, planted: PlantedLoss, runs: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Index of the first delivery that suffers in each run; drawn from the first quarter of what is judged."""
    if planted.onset is not None:
        return np.full(runs, planted.onset)
    room = max(1, (len(world.days) - world.warming) // 4)
    drawn = rng.integers(world.warming, world.warming + room, runs)
    return np.full(runs, world.warming) if planted.from_start else drawn


def run(
    world: CountModel, judge: EvidenceModel, losses: Sequence[PlantedLoss], runs: int, rng: np.random.Generator
) -> tuple[DetectionOutcome, ...]:
    """Plant each loss in the same `runs` histories and look when it is found.

    Returns:
        An outcome a loss; the false alarms are those of the histories without any, so the same in each.
    """
    whole = world.draw(runs, rng)
    begun = [onsets(world, planted, runs, rng) for planted in losses]
    lost = [_draw_losses(whole, planted, onset, judge, rng) for planted, onset in zip(losses, begun, strict=True)]
    paths, ends = PATHS[judge.evidence](world, judge, whole, lost, rng)
    *found, clean = paths
    ordinals, steps_a_year = world.ordinals, judge.steps_a_year(world)
    if judge.evidence == "history":
        # Own history goes on after an alarm, so all of them count.
        alarms, exposure = int((clean >= judge.threshold).sum()), clean.size / steps_a_year
    else:
        hit = np.where(np.isnan(clean), -np.inf, clean).max(axis=0, initial=-np.inf) >= judge.threshold
        alarms = int(hit.sum())
        exposure = calibrate.cost_of(clean, judge.threshold, steps_a_year).exposure_years
    return tuple(
        DetectionOutcome(
            _measure_delays(path, ends, ordinals[onset], judge.threshold, settled=not planted.from_start),
            alarms,
            exposure,
        )
        for path, planted, onset in zip(found, losses, begun, strict=True)
    )


def _draw_losses(
    whole: Array, planted: PlantedLoss, onset: NDArray[np.intp], judge: EvidenceModel, rng: np.random.Generator
) -> Array:
    """Draw the persons that do not arrive, (days, segments, runs)."""
    runs = whole.shape[2]
    shares = planted.shares if planted.shares.ndim > 1 else np.repeat(planted.shares[:, None], runs, axis=1)
    lost = np.zeros_like(whole)
    for r in range(runs):
        # To own history a loss from the first day is there while it learns, too.
        start = 0 if planted.from_start and judge.evidence == "history" else int(onset[r])
        fraction = Loss(1.0, start, planted.creep).profile(len(whole))[:, None] * shares[None, :, r]
        lost[:, :, r] = rng.binomial(np.nan_to_num(whole[:, :, r]).astype(np.int64), fraction)
    return lost


def _measure_delays(
    paths: Array, ends: NDArray[np.intp], begun: NDArray[np.intp], height: float, *, settled: bool
) -> Array:
    """Measure calendar days to the first crossing; `ends` holds the ordinal of the day that ends a step."""
    found = []
    for r in range(paths.shape[1]):
        crossed = np.nan_to_num(paths[:, r], nan=-np.inf, neginf=-np.inf) >= height
        before = (ends < begun[r]) & (ends >= begun[r] - 1.4 * _SETTLED)
        if settled and crossed[before].any():
            continue
        after = np.flatnonzero(crossed & (ends >= begun[r]))
        found.append(float(ends[after[0]] - begun[r]) if len(after) else np.inf)
    return np.array(found)


def bound_days(world: CountModel, judge: EvidenceModel, shares: Array, false_alarms_a_year: float) -> float | None:
    """Return Lorden's bound on the mean delay, calendar days; None where the loss gives no information.

    The best segment is taken: no detector is quicker, on average, on that segment alone.
    """
    mean, steps = np.nanmean(world.mean, axis=0), judge.steps_a_year(world)
    height = float(np.log(steps / false_alarms_a_year))
    best = 0.0
    for m, k, share in zip(mean, world.size, shares, strict=True):
        if share <= 0.0:
            continue
        if judge.evidence == "reconciliation":
            information = float(share_divergence(min(share + USUAL, 0.999), ALLOWED)) * float(m)
        elif judge.evidence == "reference":
            weekly = float(m) * world.per_year / steps
            information = float(negbin.divergence(weekly, judge.noise**-2, 1.0 - min(share, 0.999)))
        else:
            information = float(negbin.divergence(m, k, 1.0 - min(share, 0.999)))
        best = max(best, information)
    if best <= 0.0:
        return None
    wait = GRACE / world.per_year * 365.25 if judge.evidence == "reconciliation" else 0.0
    return height / best / steps * 365.25 + wait


# Losses to plant: independent thinning, so that a backtest knows the truth.


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss to plant.

    Attributes:
        share: fraction 0–1 of the persons that does not arrive, once complete.
        onset: index of the first count that suffers.
        creep: counts over which the loss grows evenly to `share`; 0: abrupt.
        until: index of the first count that is whole again; None: it lasts.
    """

    share: float
    onset: int
    creep: int = 0
    until: int | None = None

    def profile(self, length: int) -> Array:
        """Return the fraction lost of each of `length` counts."""
        t = np.arange(length)
        grown = np.clip((t - self.onset + 1) / self.creep, 0.0, 1.0) if self.creep > 0 else 1.0
        open_ = (t >= self.onset) & ((t < self.until) if self.until is not None else True)
        return np.where(open_, self.share * grown, 0.0)


def plant(y: Array, loss: Loss, rng: np.random.Generator) -> Array:
    """Thin whole counts along the first axis; NaN stays NaN. What is lost is Bin(y, fraction lost)."""
    fraction = loss.profile(y.shape[0]).reshape(-1, *([1] * (y.ndim - 1)))
    lost = rng.binomial(np.nan_to_num(y).astype(np.int64), np.broadcast_to(fraction, y.shape))
    return np.asarray(y - lost)


# What backtest and calibration draw from: clean counts like those of a feed, and how they are judged.


_SHIFTS_A_YEAR, _SHIFT = 1 / 9, (0.8, 1.2)  # lasting shifts of a segment, as in docs/detection.md


def draw_counts(  # noqa: PLR0913, PLR0917 - all that counts are drawn from
    mean: Array, size: Array, drift: Array | float, per_year: float, runs: int, rng: np.random.Generator
) -> Array:
    """Return counts of a feed that drifts but loses nobody, (days, segments, runs).

    Negative binomial around `mean` times a level of its own a segment: a random walk, with a lasting shift of a
    fifth up or down once in nine years.

    Args:
        mean: expected counts, (days, segments).
        size: k of each segment, (segments,).
        drift: standard deviation of a week's step of the log level, one or (segments,).
        per_year: deliveries a year.
        runs: histories.
        rng: seeded.
    """
    shape = (*mean.shape, runs)
    # Deliveries rarer than weekly take larger steps.
    step = np.broadcast_to(np.asarray(drift) / np.sqrt(per_year / 52.0), shape[1:2])
    level = np.cumsum(rng.normal(0.0, step[None, :, None], shape), axis=0)
    shifted = rng.random(shape) < _SHIFTS_A_YEAR / per_year
    level += np.cumsum(np.where(shifted, np.log(rng.choice(_SHIFT, shape)), 0.0), axis=0)
    k = size[None, :, None]
    rate = rng.gamma(k, mean[:, :, None] * np.exp(level) / k)
    return np.asarray(rng.poisson(rate), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class CountModel:
    """What counts are drawn from; segments are those that one check judges.

    Attributes:
        days: date of each delivery.
        warming: how many of them come before any onset, and before false alarms are counted.
        mean: expected counts, (days, segments).
        size: k of each segment, (segments,).
        drift: standard deviation of a week's step of the log level, one or (segments,).
        per_year: deliveries a year.
        calendar: what is known of days.
        stored: real counts, (days, segments), NaN where nothing may be looked at; None: counts are drawn.
    """

    days: tuple[date, ...]
    warming: int
    mean: Array
    size: Array
    drift: Array | float
    per_year: float
    calendar: CalendarTerms = field(default_factory=CalendarTerms)
    stored: Array | None = None

    def draw(self, runs: int, rng: np.random.Generator) -> Array:
        """Return counts without a loss, (days, segments, runs)."""
        shape = (*self.mean.shape, runs)
        if self.stored is not None:
            return np.array(np.broadcast_to(self.stored[:, :, None], shape))
        return draw_counts(self.mean, self.size, self.drift, self.per_year, runs, rng)

    @property
    def ordinals(self) -> NDArray[np.intp]:
        """The ordinal of each delivery's day."""
        return np.array([day.toordinal() for day in self.days], dtype=np.intp)


@dataclass(frozen=True, slots=True)
class EvidenceModel:
    """How evidence is gathered and decided on.

    Attributes:
        evidence: history, reference or reconciliation.
        threshold: nats; own history has its own.
        budget: of own history.
        anchored: of own history: whether the rest of the feed is the anchor.
        uncertainty: of the reference (relative sd).
        noise: of each weekly window by itself (relative sd).
    """

    evidence: str
    threshold: float
    budget: own_history.Budget = field(default_factory=own_history.Budget)
    anchored: bool = False
    uncertainty: float = 0.03
    noise: float = 0.03

    def steps_a_year(self, world: CountModel) -> float:
        """Return steps of its evidence a year."""
        return min(52.0, world.per_year) if self.evidence == "reference" else world.per_year


# The evidence that each kind gives of counts with and without a loss, step by step, side by side over many runs.
#
# Own history: what `volume` or `ratio` tells, from the first delivery on. A reference: weekly figures of the same
# persons, with one unknown bias a run. Reconciliation: keys still missing after a grace of ten deliveries.


GRACE = 10
"""Deliveries after which a key that is still missing counts."""
ALLOWED, USUAL = 0.015, 0.01
"""Share of keys that may still be missing then, and that is when all is well."""
LATE = 0.08
"""Share of the persons of a week that arrive a week later."""
Paths = tuple[list[Array], NDArray[np.intp]]
"""Paths of evidence, (steps, runs), and the ordinal of the day each step becomes known.

One path per loss, then one without loss.
"""


def side_by_side(y: Array) -> Array:
    """Return counts (days, segments, runs) with every run's segments side by side, (days, runs × segments)."""
    return np.asarray(np.moveaxis(y, 2, 1).reshape(len(y), -1))


def rest_of_runs(y: Array) -> Array:
    """Return the logarithm of the persons in all other segments of the same run, (days, runs × segments)."""
    return side_by_side(np.log(np.nansum(y, axis=1, keepdims=True) - np.nan_to_num(y) + 0.5))


def _by_history(
    world: CountModel, judge: EvidenceModel, whole: Array, lost: Sequence[Array], rng: np.random.Generator
) -> Paths:
    """Return the delay of own history; infinite where nothing is told of a segment that lost somebody."""
    del rng
    paths = []
    # All runs over the same stored counts are alike without a loss: one is watched.
    clean = whole[:, :, :1] if world.stored is not None else whole
    for y, gone in (*((whole - gone, gone) for gone in lost), (clean, None)):
        days, segments, runs = y.shape
        feeds = np.repeat(np.arange(runs), segments)
        panel = own_history.panel_of(world.days, side_by_side(y), world.calendar, feeds)
        # Unknown stored counts are not learnt from, and are not due with the next delivery.
        offset = rest_of_runs(y) if judge.anchored else None
        panel = replace(panel, masked=np.isnan(panel.y), offset=offset)
        told = own_history.watch(panel, judge.budget).told.reshape(days, runs, segments)
        if gone is not None:
            told = told & (np.nansum(gone, axis=0) > 0.0).T[None]
        paths.append(np.where(told.any(axis=2), np.inf, -np.inf)[world.warming :])
    return paths, world.ordinals[world.warming :]


def _by_reference(
    world: CountModel, judge: EvidenceModel, whole: Array, lost: Sequence[Array], rng: np.random.Generator
) -> Paths:
    """Return the delay of weekly figures of the persons decided, biased by one factor a run, some a week late."""
    first = world.warming
    ordinals = world.ordinals[first:]
    weeks = (ordinals - ordinals[0]) // 7
    starts = np.flatnonzero(np.diff(weeks, prepend=-1))
    sent = np.add.reduceat(np.nan_to_num(whole[first:]), starts, axis=0)
    missed = [np.add.reduceat(gone[first:], starts, axis=0) for gone in lost]
    figures = sent * np.exp(rng.normal(0.0, judge.uncertainty, sent.shape[1:]))
    meant = _delay_weeks(figures, LATE * figures)
    n, segments, runs = sent.shape
    mu = np.maximum(meant.reshape(n, -1), 1e-3)
    waiting = LATE * (1.0 - LATE) * mu
    steady, follows = np.full(mu.shape, judge.noise), np.arange(n)[:, None] * np.ones(mu.shape[1]) > 0.0
    weekly = shiryaev.Mixture(shiryaev.LOSS.shares, shiryaev.LOSS.weights, shiryaev.WEEKLY_CAP)
    every = segments * runs
    detector = outside.OutsideDetector(
        weekly, np.full(every, outside.level_spread(judge.uncertainty)), np.ones(every, dtype=bool)
    )
    paths = []
    for y in (*(sent - gone for gone in missed), sent):
        late = rng.binomial(y.astype(np.int64), LATE).astype(np.float64)
        arrived = _delay_weeks(y, late).reshape(n, -1)
        path = detector.run(outside.OutsideWindows(arrived, mu, steady, waiting, waiting, follows))
        paths.append(calibrate.feed_paths(path.reshape(n, segments, runs)))
    # A week is known on the Monday after it.
    ends = np.asarray(ordinals[0] + 7 * (weeks[starts] + 1), dtype=np.intp)
    return paths, ends


def _delay_weeks(y: Array, late: Array) -> Array:
    """Return weekly counts of which a part comes a week later; the first week gets as many as it passes on."""
    return np.asarray(y - late + np.concatenate([late[:1], late[:-1]]))


def _by_keys(
    world: CountModel, judge: EvidenceModel, whole: Array, lost: Sequence[Array], rng: np.random.Generator
) -> Paths:
    """Return keys of each delivery's persons, looked up ten deliveries later."""
    del judge
    first = world.warming
    seen = np.nan_to_num(whole[first:])
    n, segments, runs = seen.shape
    detector = ShareDetector.above(np.full(segments * runs, ALLOWED))
    paths = []
    for gone in (*(one[first:] for one in lost), np.zeros_like(seen)):
        wrong = gone + rng.binomial((seen - gone).astype(np.int64), USUAL)
        path = detector.run(np.asarray(wrong).reshape(n, -1), seen.reshape(n, -1))
        paths.append(calibrate.feed_paths(path.reshape(n, segments, runs)))
    ordinals = world.ordinals[first:]
    known = max(n - GRACE, 0)
    return [path[:known] for path in paths], ordinals[GRACE:]


PATHS = {"history": _by_history, "reference": _by_reference, "reconciliation": _by_keys}
"""Kind of evidence → how its paths are made."""
