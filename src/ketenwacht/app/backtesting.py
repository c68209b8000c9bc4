"""Backtests: losses planted in a feed's own counts, or in counts like them, over all cores."""

from __future__ import annotations

import math
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from ketenwacht.domain.checks._counts import a_year
from ketenwacht.domain.checks.calibration import Material, Tunable, material
from ketenwacht.domain.checks.ratio import RatioCheck
from ketenwacht.domain.checks.volume import VolumeCheck
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.settings import FeedRules
from ketenwacht.domain.stats import counts, monitor
from ketenwacht.domain.stats.negbin import Array
from ketenwacht.domain.stats.planted import Outcome, Planted, bound_days, run
from ketenwacht.domain.stats.world import Judge, World
from ketenwacht.errors import ConfigError
from ketenwacht.report.blindness import Backtest
from ketenwacht.report.data import AuditRow
from ketenwacht.store import History

from .blindness import UNCERTAINTY, Scale, heights_of, needed, scales, sights
from .calibrating import with_approved

EVIDENCE = {
    "history": Evidence.HISTORY,
    "reference": Evidence.REFERENCE,
    "reconciliation": Evidence.RECONCILIATION,
}
_CHUNK = 20  # runs watched side by side; the same whatever the number of workers, so that the seed decides
_STORED = 522  # deliveries of two years: enough to learn from a stored history and still plant in it
_EXAMPLE = (28.0, 78.0)  # persons a business day of the part that loses, and of the rest
_EXAMPLE_SIZE, _EXAMPLE_DRIFT = 12.0, 0.012
_PARTS = 2  # name=value, and the share after the last colon


@dataclass(frozen=True, slots=True)
class Drop:
    """A loss to plant: in which segment, and what share of it (fraction 0–1)."""

    segment: Segment
    share: float


@dataclass(frozen=True, slots=True)
class Setting:
    """How losses are planted and looked for.

    Attributes:
        evidence: history, reference or reconciliation.
        runs: histories a scenario.
        seed: decides everything.
        creep: deliveries over which a loss grows.
        code_of: only one value of this column, another in every run, is lost; None: all of the segment.
        from_start: the loss was there from the first day.
        uncertainty: of a reference's figures (relative sd).
        workers: processes.
    """

    evidence: str = "history"
    runs: int = 100
    seed: int = 1
    creep: int = 0
    code_of: str | None = None
    from_start: bool = False
    uncertainty: float = UNCERTAINTY
    workers: int = 1


def parse_drop(text: str) -> Drop:
    """`name=value[,name=value…]:share`; `:share` is the whole feed.

    Raises:
        ConfigError: it is something else.
    """
    place, colon, share = text.rpartition(":")
    pairs = [tuple(part.strip() for part in pair.split("=", 1)) for pair in place.split(",") if pair.strip()]
    try:
        value = float(share.removesuffix("%")) / (100.0 if share.endswith("%") else 1.0)
    except ValueError:
        value = math.nan
    if not colon or not 0.0 < value <= 1.0 or any(len(pair) != _PARTS for pair in pairs):
        raise ConfigError(f"--drop {text}", "is not a loss", "write NAME=VALUE:SHARE, such as group=family:0.2")
    return Drop(Segment(tuple((pair[0], pair[1]) for pair in pairs)), value)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What losses are planted in, and the size of everything in it."""

    check: Tunable
    material: Material
    world: World
    past: Past
    source: str


def backtest(  # noqa: PLR0913 - whose counts, which losses, how, and who is told
    history: History | None,
    feed: Feed,
    rules: FeedRules,
    drops: Sequence[Drop],
    setting: Setting,
    *,
    told: Callable[[str, str], None],
    progress: Callable[[int, int], None] | None = None,
) -> Backtest:
    """Plant each loss in many histories and see when it is found; then the blindness audit.

    Args:
        history: where the feed was judged; None: nowhere yet.
        feed: as configured.
        rules: its checks.
        drops: one scenario each.
        setting: how.
        told: called with a name and what must be known of it.
        progress: called with the chunks of runs done and all there are.

    Raises:
        ConfigError: a loss is in a segment that the feed does not have.
    """
    past, masks = Past(), rules.masks
    if history is not None:
        rules = with_approved(rules, history, feed.name, told)
        masks = (*masks, *history.masks(feed.name))
        past = Past.of(history.snapshots(feed.name, metrics={ROWS}), masks)
    grounds = [_ground(rules, feed, past, drop) for drop in drops]
    rows = _rows(grounds, drops, rules, setting, progress)
    coarse = _ground(rules, feed, past, Drop(WHOLE, 1.0))
    told_needs = tuple(
        needed(one, drop.share)
        for drop, ground in zip(drops, grounds, strict=True)
        for one in _scales(ground, rules)
        if one.segment == drop.segment
    )
    seen = sights(_scales(coarse, rules)) if coarse.past.snapshots else ()
    source = "; ".join(dict.fromkeys(ground.source for ground in grounds))
    return Backtest(feed.name, source, rows, seen, told_needs)


def _scales(ground: _Ground, rules: FeedRules) -> tuple[Scale, ...]:
    per_year = ground.world.per_year
    heights = heights_of(rules, ground.material.settings.thresholds[monitor.FEW], per_year)
    return scales(ground.material, np.nanmean(ground.world.mean, axis=0), per_year, heights)


def _ground(rules: FeedRules, feed: Feed, past: Past, drop: Drop) -> _Ground:
    check = _check_for(rules, feed, drop.segment)
    found = material(check, past, rules.holidays)
    if found is None:
        return _example(check, drop, past)
    per_year = a_year(found.panel.days)
    world = World(found.days, found.warming, found.mean, found.size, found.drift, per_year, rules.holidays)
    first, last = found.panel.days[0], found.panel.days[-1]
    if len(found.panel.days) < _STORED:
        source = f"three-year histories drawn like the {len(found.panel.days)} deliveries of {first} to {last}"
        return _Ground(check, found, world, past, source)
    y = np.where(found.panel.masked, np.nan, found.panel.y)
    days = found.panel.days
    mean = np.broadcast_to(np.nanmean(y, axis=0), y.shape)
    world = replace(world, days=days, warming=len(days) // 2, mean=mean, stored=y)
    return _Ground(check, found, world, past, f"the stored counts of {first} to {last}")


def _check_for(rules: FeedRules, feed: Feed, segment: Segment) -> Tunable:
    """The check that looks at just these dimensions, else the volume check that sees the loss in a larger part."""
    tunable = [c for c in rules.checks if isinstance(c, VolumeCheck | RatioCheck)]
    exact = [c for c in tunable if set(c.segments) == set(segment.dimensions) and segment.pairs]
    wider = [c for c in tunable if isinstance(c, VolumeCheck)]
    coarse = next((dimensions for dimensions in feed.segments if dimensions), ())
    return (exact or wider or [VolumeCheck(segments=coarse)])[0]


def _example(check: Tunable, drop: Drop, past: Past) -> _Ground:
    """Too little is known of the feed: counts such as a feed of that kind has, said so."""
    days: list[date] = []
    day = date(2018, 1, 1)
    while len(days) < 3 * 261:
        if day.weekday() < 5:  # noqa: PLR2004 - Saturday
            days.append(day)
        day += timedelta(days=1)
    mean = np.broadcast_to(np.array(_EXAMPLE), (len(days), len(_EXAMPLE)))
    size = np.full(len(_EXAMPLE), _EXAMPLE_SIZE)
    world = World(tuple(days), 2 * 261, mean, size, _EXAMPLE_DRIFT, 261.0)
    parts = ((drop.segment, (drop.segment,)), (WHOLE, (WHOLE,)))
    height = check.threshold if check.threshold is not None else math.log(261.0) + math.log(2.0) + 7.0
    settings = monitor.Settings((height, np.inf), check.slack)
    panel = counts.panel_of(days, np.array(mean))
    made = Material(parts, panel, tuple(days), 2 * 261, np.array(mean), size, _EXAMPLE_DRIFT, settings)
    return _Ground(check, made, world, Past((), past.masks), _EXAMPLE_SOURCE.format(*_EXAMPLE))


_EXAMPLE_SOURCE = (
    "an example feed, since the stored history is too short: {:g} persons a business day in the part that loses, "
    "{:g} beside it, k = 12, a level that drifts 1.2 % a week"
)


def _shares(ground: _Ground, drop: Drop, setting: Setting) -> Array:
    """Fraction lost of each part, (parts,); with one code of many lost, (parts, runs)."""
    whole = {s: _persons(ground.past, s) for _, members in ground.material.parts for s in members}
    if setting.code_of is None:
        if not ground.past.snapshots:
            return np.array([drop.share, drop.share if drop.segment == WHOLE else 0.0])
        return _fractions(ground, whole, [(drop.segment, drop.share)])
    dimensions = (*drop.segment.dimensions, setting.code_of)
    codes = [
        s for s in _known(ground.past, dimensions) if drop.segment.contains(s) and _persons(ground.past, s) > 0
    ]
    if not codes:
        raise ConfigError(
            f"--code-of {setting.code_of}",
            f"no counts by {' × '.join(dimensions)} are stored",
            "name a column that stands in `segments` of the feed, after that of the drop",
        )
    rng = np.random.default_rng([setting.seed, 99])
    chosen = rng.integers(0, len(codes), setting.runs)
    table = [_fractions(ground, whole, [(code, drop.share)]) for code in codes]
    return np.column_stack([table[i] for i in chosen])


def _fractions(ground: _Ground, whole: dict[Segment, float], lost: Sequence[tuple[Segment, float]]) -> Array:
    found = []
    for _, members in ground.material.parts:
        total = sum(whole[m] for m in members)
        gone = 0.0
        for segment, share in lost:
            inside = sum(whole[m] for m in members if segment.contains(m))
            finer = any(m.contains(segment) for m in members) and inside == 0.0
            gone += share * (_persons(ground.past, segment) if finer else inside)
        found.append(min(gone / total, 1.0) if total > 0.0 else 0.0)
    if not any(found):
        raise ConfigError(
            f"--drop {lost[0][0]}", "nobody of this segment is in the stored counts", "see `ketenwacht history`"
        )
    return np.array(found)


def _persons(past: Past, segment: Segment) -> float:
    for known in _known(past, segment.dimensions):
        if dict(known.pairs) == dict(segment.pairs):
            return float(np.nansum(past.series(ROWS, known)))
    return 0.0


def _known(past: Past, dimensions: Sequence[str]) -> list[Segment]:
    """Stored segments over these dimensions, in whatever order those stand."""
    if not dimensions:
        return [WHOLE]
    found = {
        key.segment
        for snapshot in past.snapshots
        for key in snapshot.measurements
        if key.name == ROWS and set(key.segment.dimensions) == set(dimensions)
    }
    return sorted(found)


def _rows(
    grounds: Sequence[_Ground],
    drops: Sequence[Drop],
    rules: FeedRules,
    setting: Setting,
    progress: Callable[[int, int], None] | None,
) -> tuple[AuditRow, ...]:
    judges, shares = [], []
    for ground, drop in zip(grounds, drops, strict=True):
        settings = ground.material.settings
        heights = heights_of(rules, settings.thresholds[monitor.FEW], ground.world.per_year)
        kind = setting.evidence
        judges.append(Judge(kind, heights[kind], settings.slack, settings.cap, setting.uncertainty))
        shares.append(_shares(ground, drop, setting))
    outcomes = _run_all(_jobs(grounds, judges, shares, setting), setting.workers, progress)
    return tuple(
        _row(ground, judge, share, drop, [o for found in outcomes for n, o in found if n == number])
        for number, (ground, judge, share, drop) in enumerate(zip(grounds, judges, shares, drops, strict=True))
    )


def _jobs(
    grounds: Sequence[_Ground], judges: Sequence[Judge], shares: Sequence[Array], setting: Setting
) -> list[_Job]:
    """Losses looked for by the same check are planted in the same histories: those are watched clean only once."""
    together: dict[str, list[int]] = {}
    for number, ground in enumerate(grounds):
        together.setdefault(f"{ground.check.name}|{ground.source}|{ground.material.parts[0]}", []).append(number)
    jobs = []
    for numbers in together.values():
        ground, judge = grounds[numbers[0]], judges[numbers[0]]
        for chunk, first in enumerate(range(0, setting.runs, _CHUNK)):
            some = min(_CHUNK, setting.runs - first)
            losses = tuple(
                Planted(_part(shares[n], first, some), setting.creep, setting.from_start) for n in numbers
            )
            jobs.append(_Job(tuple(numbers), ground.world, judge, losses, some, (setting.seed, numbers[0], chunk)))
    return jobs


def _part(share: Array, first: int, some: int) -> Array:
    return share if share.ndim == 1 else share[:, first : first + some]


@dataclass(frozen=True, slots=True)
class _Job:
    """Some runs of the losses that are planted in the same histories; `numbers` says which scenarios those are."""

    numbers: tuple[int, ...]
    world: World
    judge: Judge
    losses: tuple[Planted, ...]
    runs: int
    seed: tuple[int, ...]


_Done = list[tuple[int, Outcome]]


def _do(job: _Job) -> _Done:
    found = run(job.world, job.judge, job.losses, job.runs, np.random.default_rng(job.seed))
    return list(zip(job.numbers, found, strict=True))


def _run_all(jobs: Sequence[_Job], workers: int, progress: Callable[[int, int], None] | None) -> list[_Done]:
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


def _row(ground: _Ground, judge: Judge, shares: Array, drop: Drop, outcomes: Sequence[Outcome]) -> AuditRow:
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
        bound_days=bound_days(ground.world, judge, mean, ground.check.false_alarms_per_year),
        false_alarms_per_year=sum(o.alarms for o in outcomes) / exposure if exposure > 0.0 else None,
    )
