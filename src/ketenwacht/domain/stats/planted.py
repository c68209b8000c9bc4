"""A backtest: losses planted in counts, side by side over many runs, and when each kind of evidence finds them.

Nothing here ever alarms: a crossing of the threshold is looked up afterwards, so that delays and false alarms
share paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import bernoulli, calibrate, negbin
from .negbin import Array
from .plant import Loss
from .planted_paths import ALLOWED, GRACE, PATHS, USUAL
from .world import CountModel, EvidenceModel

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
        alarms: runs without a loss that alarmed.
        exposure: feed-years until they did.
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
    lost = [_lost(whole, planted, onset, judge, rng) for planted, onset in zip(losses, begun, strict=True)]
    paths, ends = PATHS[judge.evidence](world, judge, whole, lost, rng)
    *found, clean = paths
    cost = calibrate.cost_of(clean, judge.threshold, judge.steps_a_year(world))
    hit = np.where(np.isnan(clean), -np.inf, clean).max(axis=0, initial=-np.inf) >= judge.threshold
    ordinals = world.ordinals
    return tuple(
        DetectionOutcome(
            _delays(path, ends, ordinals[onset], judge.threshold, settled=not planted.from_start),
            int(hit.sum()),
            cost.exposure_years,
        )
        for path, planted, onset in zip(found, losses, begun, strict=True)
    )


def _lost(
    whole: Array, planted: PlantedLoss, onset: NDArray[np.intp], judge: EvidenceModel, rng: np.random.Generator
) -> Array:
    """Persons that do not arrive, (days, segments, runs)."""
    runs = whole.shape[2]
    shares = planted.shares if planted.shares.ndim > 1 else np.repeat(planted.shares[:, None], runs, axis=1)
    lost = np.zeros_like(whole)
    for r in range(runs):
        # To own history a loss from the first day is there while it learns, too.
        start = 0 if planted.from_start and judge.evidence == "history" else int(onset[r])
        fraction = Loss(1.0, start, planted.creep).profile(len(whole))[:, None] * shares[None, :, r]
        lost[:, :, r] = rng.binomial(np.nan_to_num(whole[:, :, r]).astype(np.int64), fraction)
    return lost


def _delays(
    paths: Array, ends: NDArray[np.intp], begun: NDArray[np.intp], height: float, *, settled: bool
) -> Array:
    """Calendar days to the first crossing; `ends` holds the ordinal of the day on which each step is known."""
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
    """Lorden's bound on the mean delay, calendar days; None where the loss gives no information.

    The best segment is taken: no detector is quicker, on average, on that segment alone.
    """
    mean, steps = np.nanmean(world.mean, axis=0), judge.steps_a_year(world)
    height = float(np.log(steps / false_alarms_a_year))
    best = 0.0
    for m, k, share in zip(mean, world.size, shares, strict=True):
        if share <= 0.0:
            continue
        if judge.evidence == "reconciliation":
            information = float(bernoulli.divergence(min(share + USUAL, 0.999), ALLOWED)) * float(m)
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
