"""The runs of a backtest, in chunks over all cores; the seed decides everything, the number of workers nothing."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date

import numpy as np

from ketenwacht.domain.stats.negbin import Array
from ketenwacht.domain.stats.planted import DetectionOutcome, PlantedLoss, run
from ketenwacht.domain.stats.world import CountModel, EvidenceModel
from ketenwacht.errors import ConfigError

from .data import BacktestData
from .options import BacktestOptions

_CHUNK = 20  # runs watched side by side; the same whatever the number of workers, so that the seed decides


def jobs_of(
    datasets: Sequence[BacktestData],
    judges: Sequence[EvidenceModel],
    shares: Sequence[Array],
    setting: BacktestOptions,
) -> list[BacktestJob]:
    """Losses looked for by the same check are planted in the same histories: those are watched clean only once."""
    together: dict[str, list[int]] = {}
    for number, data in enumerate(datasets):
        together.setdefault(f"{data.check.name}|{data.source}|{data.material.parts[0]}", []).append(number)
    jobs = []
    for numbers in together.values():
        data, judge = datasets[numbers[0]], judges[numbers[0]]
        onset = None if setting.onset is None else _index(data.world, setting.onset)
        for chunk, first in enumerate(range(0, setting.runs, _CHUNK)):
            some = min(_CHUNK, setting.runs - first)
            losses = tuple(
                PlantedLoss(_part(shares[n], first, some), setting.creep, setting.from_start, onset)
                for n in numbers
            )
            jobs.append(
                BacktestJob(tuple(numbers), data.world, judge, losses, some, (setting.seed, numbers[0], chunk))
            )
    return jobs


def _index(world: CountModel, day: date) -> int:
    """The first delivery of a day or later; it must lie where losses are looked for.

    Raises:
        ConfigError: the day is earlier or later.
    """
    first, last = world.days[world.warming], world.days[-1]
    if not first <= day <= last:
        raise ConfigError(
            "--onset", f"{day} lies outside of the days on which losses are looked for", f"use {first} to {last}"
        )
    return next(i for i, one in enumerate(world.days) if one >= day)


def _part(share: Array, first: int, some: int) -> Array:
    return share if share.ndim == 1 else share[:, first : first + some]


@dataclass(frozen=True, slots=True)
class BacktestJob:
    """Some runs of the losses that are planted in the same histories; `numbers` says which scenarios those are."""

    numbers: tuple[int, ...]
    world: CountModel
    judge: EvidenceModel
    losses: tuple[PlantedLoss, ...]
    runs: int
    seed: tuple[int, ...]


Done = list[tuple[int, DetectionOutcome]]


def _do(job: BacktestJob) -> Done:
    found = run(job.world, job.judge, job.losses, job.runs, np.random.default_rng(job.seed))
    return list(zip(job.numbers, found, strict=True))


def run_all(jobs: Sequence[BacktestJob], workers: int, progress: Callable[[int, int], None] | None) -> list[Done]:
    """Every job; in this process when one worker is enough. The order of results never depends on the workers."""
    tell = progress if progress is not None else _nobody
    if workers <= 1 or len(jobs) < 2:  # noqa: PLR2004 - nothing to share
        done = []
        for job in jobs:
            done.append(_do(job))
            tell(len(done), len(jobs))
        return done
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context) as pool:
        futures = [pool.submit(_do, job) for job in jobs]
        for n, _ in enumerate(as_completed(futures), start=1):
            tell(n, len(jobs))
        return [future.result() for future in futures]


def _nobody(done: int, total: int) -> None:
    """Nobody listens."""
