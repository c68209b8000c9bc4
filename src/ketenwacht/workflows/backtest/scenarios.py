"""Run backtests: plant losses in a feed's own counts, or counts like them, on all cores."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ketenwacht.config.validate import suggest_word
from ketenwacht.domain.checks.calibration import check_for
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.settings import FeedRules
from ketenwacht.domain.statement import Statement
from ketenwacht.domain.stats.backtest import (
    CountModel,
    DetectionOutcome,
    EvidenceModel,
    PlantedLoss,
    bound_days,
    run,
)
from ketenwacht.domain.stats.negbin import Array
from ketenwacht.errors import ConfigError
from ketenwacht.messages.report.data import AuditRow, Backtest
from ketenwacht.processes import map_in_processes
from ketenwacht.store import History
from ketenwacht.workflows.baselines import apply_approved

from .data import BacktestData, BacktestOptions, PlantedDrop, lost_shares, make_data
from .detection_limits import audit_feed, compute_heights, compute_needed, find_watched, scale_parts

EVIDENCE = {
    "history": Evidence.HISTORY,
    "reference": Evidence.REFERENCE,
    "reconciliation": Evidence.RECONCILIATION,
}


def run_backtest(  # noqa: PLR0913 - whose counts, which losses, how, and two callbacks
    history: History | None,
    feed: Feed,
    rules: FeedRules,
    drops: Sequence[PlantedDrop],
    setting: BacktestOptions,
    *,
    on_warning: Callable[[str, str], None],
    progress: Callable[[int, int], None] | None = None,
) -> Backtest:
    """Plant each loss in many histories, and measure when it is found; then audit the blindness.

    Args:
        history: where the feed was judged; None: nowhere yet.
        feed: as configured.
        rules: its checks.
        drops: one scenario each.
        setting: how.
        on_warning: called with a name and what must be known of it.
        progress: called with the chunks of runs done and all there are.

    Raises:
        ConfigError: a loss is in a segment that the feed does not have.
    """
    past, exclusions, states = Past(), rules.exclusions, {}
    if history is not None:
        states = dict(history.runs.find_states(feed.name))
        rules = apply_approved(rules, history, feed.name, on_warning)
        exclusions = (*exclusions, *history.exclusions.find(feed.name))
        past = Past.of(history.runs.find_snapshots(feed.name, metrics={ROWS}), exclusions)
    datasets = _load_datasets(rules, feed, past, drops)
    rows = _run_scenarios(datasets, drops, rules, setting, progress)
    told_needs = tuple(
        compute_needed(one, drop.share)
        for drop, data in zip(drops, datasets, strict=True)
        for one in scale_parts(data, rules)
        if one.segment == drop.segment
    )
    watched = find_watched(history, feed, rules) if history is not None else ()
    source: list[Statement] = []
    for data in datasets:
        source += [] if data.source in source else [data.source]
    return Backtest(feed.name, tuple(source), rows, audit_feed(rules, states, past), told_needs, watched)


def _load_datasets(
    rules: FeedRules, feed: Feed, past: Past, drops: Sequence[PlantedDrop]
) -> tuple[BacktestData, ...]:
    """Return the counts of each drop; those that the same check judges are followed only once.

    Raises:
        ConfigError: a loss is in a dimension that the feed does not have.
    """
    coarse = next((dimensions for dimensions in feed.segments if dimensions), ())
    found: dict[str, BacktestData] = {}
    datasets = []
    known = {dimension for dimensions in feed.segments for dimension in dimensions}
    for drop in drops:
        unknown = next((name for name in drop.segment.as_dict() if name not in known), None)
        if unknown is not None:
            words = suggest_word(unknown, known, "name a dimension of `segments:` of the feed")
            raise ConfigError("--drop", f"the feed has no dimension `{unknown}`", words)
        check = check_for(rules.checks, drop.segment, coarse)
        data = found.get(check.name) or make_data(check, rules, past, drop)
        if data.past.snapshots:  # an example is made for each loss by itself
            found[check.name] = data
        datasets.append(data)
    return tuple(datasets)


def _run_scenarios(
    datasets: Sequence[BacktestData],
    drops: Sequence[PlantedDrop],
    rules: FeedRules,
    setting: BacktestOptions,
    progress: Callable[[int, int], None] | None,
) -> tuple[AuditRow, ...]:
    judges, shares = [], []
    for data, drop in zip(datasets, drops, strict=True):
        kind = setting.evidence
        height = compute_heights(rules, data.world.per_year).get(kind, 0.0)
        plan = data.check.plan
        judges.append(EvidenceModel(kind, height, plan.budget, plan.anchored, setting.uncertainty))
        shares.append(lost_shares(data, drop, setting))
    outcomes = run_jobs(make_jobs(datasets, judges, shares, setting), setting.workers, progress)
    return tuple(
        _summarise(data, judge, share, drop, [o for found in outcomes for n, o in found if n == number])
        for number, (data, judge, share, drop) in enumerate(zip(datasets, judges, shares, drops, strict=True))
    )


def _summarise(
    data: BacktestData,
    judge: EvidenceModel,
    shares: Array,
    drop: PlantedDrop,
    outcomes: Sequence[DetectionOutcome],
) -> AuditRow:
    delays = np.concatenate([o.delays for o in outcomes])
    reached = [float(np.quantile(delays, p, method="higher")) if len(delays) else math.inf for p in (0.5, 0.9)]
    exposure, mean = sum(o.exposure for o in outcomes), shares if shares.ndim == 1 else shares.mean(axis=1)
    return AuditRow(
        drop.segment,
        drop.share,
        EVIDENCE[judge.evidence],
        len(delays),
        float(np.isfinite(delays).mean()) if len(delays) else 0.0,
        delay_p50=reached[0] if math.isfinite(reached[0]) else None,
        delay_p90=reached[1] if math.isfinite(reached[1]) else None,
        bound_days=bound_days(data.world, judge, mean, data.check.false_alarms_per_year),
        false_alarms_per_year=sum(o.alarms for o in outcomes) / exposure if exposure > 0.0 else None,
    )


# The runs of a backtest, in chunks over all cores; the seed decides everything, the number of workers nothing.


_CHUNK = 20  # runs watched side by side; the same whatever the number of workers, so that the seed decides


def make_jobs(
    datasets: Sequence[BacktestData],
    judges: Sequence[EvidenceModel],
    shares: Sequence[Array],
    setting: BacktestOptions,
) -> list[BacktestJob]:
    """Return the jobs; losses that the same check looks for share their histories, judged clean only once."""
    together: dict[str, list[int]] = {}
    for number, data in enumerate(datasets):
        together.setdefault(f"{data.check.name}|{data.source}|{data.parts[0]}", []).append(number)
    jobs = []
    for numbers in together.values():
        data, judge = datasets[numbers[0]], judges[numbers[0]]
        onset = None if setting.onset is None else _index_of(data.world, setting.onset)
        for chunk, first in enumerate(range(0, setting.runs, _CHUNK)):
            some = min(_CHUNK, setting.runs - first)
            losses = tuple(
                PlantedLoss(_select_part(shares[n], first, some), setting.creep, setting.from_start, onset)
                for n in numbers
            )
            jobs.append(
                BacktestJob(tuple(numbers), data.world, judge, losses, some, (setting.seed, numbers[0], chunk))
            )
    return jobs


def _index_of(world: CountModel, day: date) -> int:
    """Return the index of the first delivery on or after a day; losses must be searched for there.

    Raises:
        ConfigError: the day is earlier or later.
    """
    first, last = world.days[world.warming], world.days[-1]
    if not first <= day <= last:
        raise ConfigError(
            "--onset", f"{day} lies outside of the days on which losses are looked for", f"use {first} to {last}"
        )
    return next(i for i, one in enumerate(world.days) if one >= day)


def _select_part(share: Array, first: int, some: int) -> Array:
    return share if share.ndim == 1 else share[:, first : first + some]


@dataclass(frozen=True, slots=True)
class BacktestJob:
    """Some runs of the losses that are planted in the same histories; `numbers` are their scenarios."""

    numbers: tuple[int, ...]
    world: CountModel
    judge: EvidenceModel
    losses: tuple[PlantedLoss, ...]
    runs: int
    seed: tuple[int, ...]


Done = list[tuple[int, DetectionOutcome]]


def _run_shared(_: None, job: BacktestJob) -> Done:
    return _run_job(job)


def _run_job(job: BacktestJob) -> Done:
    found = run(job.world, job.judge, job.losses, job.runs, np.random.default_rng(job.seed))
    return list(zip(job.numbers, found, strict=True))


def run_jobs(jobs: Sequence[BacktestJob], workers: int, progress: Callable[[int, int], None] | None) -> list[Done]:
    """Run every job, in this process when one worker is enough; the order of results never depends on workers."""
    tell = progress if progress is not None else _ignore
    alone = workers <= 1 or len(jobs) < 2  # noqa: PLR2004 - nothing to share
    answers = map(_run_job, jobs) if alone else map_in_processes(_run_shared, None, jobs, workers=workers)
    done = []
    for answer in answers:
        done.append(answer)
        tell(len(done), len(jobs))
    return done


def _ignore(done: int, total: int) -> None:
    """Ignore the progress."""
