"""What each kind of evidence makes of counts with and without a loss, step by step, side by side over many runs.

Evidence of own history is the monitor's, run over counts; of a reference, weekly figures of the same persons with
one unknown bias a run; of reconciliation, keys that are still missing after a grace of ten deliveries.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from . import calibrate, counts, monitor, outside, shiryaev, soft
from .bernoulli import ShareDetector
from .negbin import Array
from .world import CountModel, EvidenceModel

GRACE = 10
"""Deliveries after which a key that is still missing counts."""
ALLOWED, USUAL = 0.015, 0.01
"""Share of keys that may still be missing then, and that is when all is well."""
LATE = 0.08
"""Share of the persons of a week that arrive a week later."""
_NEVER = (np.inf, np.inf)
Paths = tuple[list[Array], NDArray[np.intp]]
"""Paths of evidence, (steps, runs): one a loss, last that of none; the ordinal of the day each is known."""


def _by_history(
    world: CountModel, judge: EvidenceModel, whole: Array, lost: Sequence[Array], rng: np.random.Generator
) -> Paths:
    del rng
    settings = monitor.MonitorSettings(_NEVER, judge.slack, judge.cap)
    paths = []
    # All runs over the same stored counts are alike without a loss: one is watched.
    for y in (*(whole - gone for gone in lost), whole[:, :, :1] if world.stored is not None else whole):
        days, segments, runs = y.shape
        beside = np.moveaxis(y, 2, 1).reshape(days, runs * segments)
        panel = counts.panel_of(world.days, beside, world.holidays, np.repeat(np.arange(runs), segments))
        # Evidence begins with what is judged: in the years before nobody alarmed, so nothing was ever let go of.
        found = counts.watch(panel, settings, since=world.warming).evidence[:, monitor.FEW]
        paths.append(calibrate.feed_paths(np.moveaxis(found.reshape(days, runs, segments), 2, 1))[world.warming :])
    return paths, world.ordinals[world.warming :]


def _by_reference(
    world: CountModel, judge: EvidenceModel, whole: Array, lost: Sequence[Array], rng: np.random.Generator
) -> Paths:
    """Weekly figures of the persons decided, biased by one factor a run; some are delivered a week later."""
    first = world.warming
    ordinals = world.ordinals[first:]
    weeks = (ordinals - ordinals[0]) // 7
    starts = np.flatnonzero(np.diff(weeks, prepend=-1))
    sent = np.add.reduceat(np.nan_to_num(whole[first:]), starts, axis=0)
    missed = [np.add.reduceat(gone[first:], starts, axis=0) for gone in lost]
    figures = sent * np.exp(rng.normal(0.0, judge.uncertainty, sent.shape[1:]))
    meant = _week_later(figures, LATE * figures)
    n, segments, runs = sent.shape
    mu = np.maximum(meant.reshape(n, -1), 1e-3)
    waiting = LATE * (1.0 - LATE) * mu
    steady, follows = np.full(mu.shape, judge.noise), np.arange(n)[:, None] * np.ones(mu.shape[1]) > 0.0
    weekly = shiryaev.Mixture(shiryaev.LOSS.shares, shiryaev.LOSS.weights, shiryaev.WEEKLY_CAP)
    every = segments * runs
    detector = outside.OutsideDetector(
        weekly, np.full(every, soft.level_spread(judge.uncertainty)), np.ones(every, dtype=bool)
    )
    paths = []
    for y in (*(sent - gone for gone in missed), sent):
        late = rng.binomial(y.astype(np.int64), LATE).astype(np.float64)
        arrived = _week_later(y, late).reshape(n, -1)
        path = detector.run(outside.OutsideWindows(arrived, mu, steady, waiting, waiting, follows))
        paths.append(calibrate.feed_paths(path.reshape(n, segments, runs)))
    # A week is known on the Monday after it.
    ends = np.asarray(ordinals[0] + 7 * (weeks[starts] + 1), dtype=np.intp)
    return paths, ends


def _week_later(y: Array, late: Array) -> Array:
    """Weekly counts of which a part comes a week later; the first week gets as many as it passes on."""
    return np.asarray(y - late + np.concatenate([late[:1], late[:-1]]))


def _by_keys(
    world: CountModel, judge: EvidenceModel, whole: Array, lost: Sequence[Array], rng: np.random.Generator
) -> Paths:
    """Keys of each delivery's persons, looked up ten deliveries later."""
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
