"""What the `drift` check costs and finds: fields that are empty more often, per field and segment.

Run: `python studies/fields.py [SEED [RUNS]]`; five minutes. The step of a delivery is the check's own, and nothing
is tuned here: the threshold is the nominal one.
Our assumptions, not facts: three segments of 75, 28 and 3 persons a business day, counted as in simulator.py;
eight fields, independent of each other and of the number of persons. The odds that a field is empty walk, and now
and then shift for good. Values of a day are empty together (beta-binomial, intraclass correlation `together`).
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import simulator
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import betabinom
from series import Delays, delays, say
from simulator import A_YEAR, ASYLUM, FAMILY, MEANS, OTHER, Array, delivered

from ketenwacht.domain.checks.drift import DriftCheck
from ketenwacht.domain.stats import calibrate, shiryaev
from ketenwacht.domain.stats import empty_fields as fields

USUAL = np.array([0.0, 0.0, 0.001, 0.01, 0.05, 0.05, 0.2, 0.5])
SHIFTED = {"0 %": 0, "0.1 %": 2, "1 %": 3, "5 %": 4, "20 %": 6, "50 %": 7}
POINTS = (0.01, 0.02, 0.05, 0.2)
COUNT, START, ONSETS = 880, 65, (520, 619)
CELLS = len(MEANS) * len(USUAL)
CHECK = DriftCheck()
_TOLD = 1e3  # nats, above every threshold
THRESHOLD = shiryaev.threshold_of(A_YEAR, CHECK.false_alarms_per_year)


@dataclass(frozen=True, slots=True)
class World:
    """How restless the fields are.

    Attributes:
        together: intraclass correlation of a day's values.
        walk: standard deviation of a week's step of the log odds.
        shifts: lasting shifts of a field of a segment a year.
        size: of those, in log odds, up or down.
    """

    together: float
    walk: float
    shifts: float
    size: float


WORLDS = {
    "mild": World(0.002, 0.006, 0.0, 0.0),
    "base": World(0.01, 0.012, 1 / 9, 0.1),
    "strong": World(0.03, 0.024, 1 / 3, 0.2),
}


@dataclass(frozen=True, slots=True)
class Fields:
    """Empty values, (days, segments, fields, runs), and rows, (days, segments, 1, runs)."""

    empty: Array
    rows: Array

    @classmethod
    def drawn(cls, world: World, runs: int, rng: np.random.Generator, count: int = COUNT) -> Fields:
        """Draw `runs` feeds over `count` business days."""
        feed = simulator.make(simulator.DRIFTS["base"], count, runs, rng)
        rows = delivered(feed.decided, rng)[:, :, None, :]
        shape = (count, len(MEANS), len(USUAL), runs)
        shift = np.where(
            rng.random(shape) < world.shifts / A_YEAR, rng.choice([-1.0, 1.0], shape) * world.size, 0.0
        )
        path = np.cumsum(rng.normal(0.0, world.walk / np.sqrt(5.0), shape) + shift, axis=0)
        some = USUAL > 0.0
        share = np.zeros(shape)
        share[:, :, some] = expit(logit(USUAL[some])[None, None, :, None] + path[:, :, some])
        return cls(drawn_empty(rows, share, world.together, rng), rows)

    def emptied(
        self, place: tuple[int, int], points: float, onset: NDArray[np.intp], rng: np.random.Generator
    ) -> Array:
        """Empty values of one (segment, field), (days, runs), more often from each run's onset on."""
        segment, field = place
        empty = self.empty[:, segment, field]
        full = (self.rows[:, segment, 0] - empty).astype(np.int64)
        chance = np.where(np.arange(len(full))[:, None] >= onset, points / (1.0 - USUAL[field]), 0.0)
        return np.asarray(empty + rng.binomial(full, chance))


def drawn_empty(rows: Array, share: Array, together: float, rng: np.random.Generator) -> Array:
    """Beta-binomial empty values, of the shape of the shares; a field that is never empty never is."""
    size = 1.0 / together - 1.0
    chance = np.where(share > 0.0, rng.beta(np.maximum(share * size, 1e-9), (1.0 - share) * size), 0.0)
    return rng.binomial(np.broadcast_to(rows, share.shape).astype(np.int64), chance).astype(np.float64)


def cell_evidence(empty: Array, rows: Array) -> Array:
    """Evidence of each stream, never alarming, by the check's own step: (days, streams) → the same."""
    settings = fields.FieldSettings(CHECK.slack, CHECK.at_least, np.inf)
    tally, path = fields.FieldTally.start(empty.shape[1], 0), np.empty(empty.shape)
    for t, (day, x, n) in enumerate(zip(simulator.business_days(len(empty)), empty, rows, strict=True)):
        tally = fields.step(tally, day.toordinal(), x, n, settings)
        # A delivery that is impossible by itself is told whatever the evidence.
        path[t] = np.where(tally.judged.alarm > 0.0, _TOLD, tally.evidence())
    return path


def false_alarms(name: str, runs: int, seed: int) -> None:
    """What the check costs in one world, and which fields and segments are to blame."""
    rng = np.random.default_rng([seed, 1, *name.encode()])
    drawn = Fields.drawn(WORLDS[name], runs, rng)
    empty, rows = (np.broadcast_to(a, drawn.empty.shape).reshape(COUNT, -1) for a in (drawn.empty, drawn.rows))
    cells = cell_evidence(empty, rows).reshape(drawn.empty.shape)[START:]
    path = calibrate.feed_paths(cells.reshape(len(cells), CELLS, runs))
    cost = calibrate.cost_of(path, THRESHOLD, A_YEAR)
    tuned = calibrate.calibrate(path, A_YEAR, 1.0)
    say(
        f"{name}: {cost.false_alarms_a_year:.2f} false alarms a year in {cost.exposure_years:.0f} feed-years "
        f"(95 % upper bound {cost.upper:.2f}); one a year would take {tuned.threshold:.1f} nats"
    )
    loud = path >= THRESHOLD
    worst = [cells[loud[:, r].argmax(), ..., r] for r in np.flatnonzero(loud.any(axis=0))]
    blamed = np.zeros(cells.shape[1:3])
    for evidence in worst:
        blamed[np.unravel_index(int(evidence.argmax()), evidence.shape)] += 1
    for axis, names in ((1, [f"{m:.0f} a day" for m in MEANS]), (0, [f"{u:.1%}" for u in USUAL])):
        say("  blamed: " + ", ".join(f"{n} {c:.0f}" for n, c in zip(names, blamed.sum(axis=axis), strict=True)))


def found(name: str, runs: int, seed: int, wanted: Sequence[str]) -> None:
    """P within a year and delay until a field is told that is empty some points more often.

    Its own evidence must reach the threshold: an alarm about another field finds nothing.
    """
    rng = np.random.default_rng([seed, 2, *name.encode()])
    clean = Fields.drawn(WORLDS[name], runs, rng)
    onset = rng.integers(*ONSETS, runs)
    for usual in wanted:
        field = SHIFTED[usual]
        for segment, points in ((s, p) for s in (ASYLUM, FAMILY, OTHER) for p in POINTS):
            empty = clean.emptied((segment, field), points, onset, rng)
            delay = told(empty, clean.rows[:, segment, 0], onset)
            shares = USUAL[field], USUAL[field] + points
            bound = np.log(CELLS * A_YEAR) / information(MEANS[segment], shares, WORLDS[name].together)
            ratio = "" if USUAL[field] == 0.0 else f"÷ bound of {bound:.0f} days {delay.quantile(0.5) / bound:.2f}"
            say(f"{name}, {usual:>5}, {MEANS[segment]:>2.0f} a day, +{points:>3.0%}: {delay.told():<34} {ratio}")


def found_after_better(runs: int, seed: int) -> None:
    """The same, half a year after the field came to be filled better than it used to be."""
    rng = np.random.default_rng([seed, 3])
    rows = delivered(simulator.make(simulator.DRIFTS["base"], COUNT, runs, rng).decided, rng)
    onset, day = np.full(runs, ONSETS[0]), np.arange(COUNT)[:, None]
    for before, after in ((0.2, 0.05), (0.05, 0.0)):
        for segment, points in ((s, p) for s in (ASYLUM, FAMILY) for p in POINTS[1:3]):
            share = np.where(day < ONSETS[0] - 130, before, np.where(day < ONSETS[0], after, after + points))
            empty = drawn_empty(rows[:, segment], np.repeat(share, runs, axis=1), WORLDS["base"].together, rng)
            delay = told(empty, rows[:, segment], onset)
            say(f"{before:.0%}, then {after:.0%}, {MEANS[segment]:.0f} a day, +{points:.0%}: {delay.told()}")


def told(empty: Array, rows: Array, onset: NDArray[np.intp]) -> Delays:
    """How soon one field of one segment is told, (days, runs), with its part of the budget."""
    return delays(cell_evidence(empty, rows) - np.log(CELLS), onset, THRESHOLD, int(A_YEAR))


def information(rows: float, shares: tuple[float, float], together: float) -> float:
    """Kullback–Leibler information of a day, nats, from the share before to the share after, both known."""
    size, n = 1.0 / together - 1.0, int(rows)
    x = np.arange(n + 1)
    before, after = (betabinom.logpmf(x, n, max(p, 1e-6) * size, (1.0 - p) * size) for p in shares)
    return float((np.exp(after) * (after - before)).sum())


def main() -> None:
    """Print false alarms of each world, and delays."""
    seed = int(sys.argv[1]) if sys.argv[1:] else 101
    runs = int(sys.argv[2]) if sys.argv[2:] else 200
    say(f"seed {seed}, {runs} runs a world; {len(USUAL)} fields of {len(MEANS)} segments, {THRESHOLD:.1f} nats")
    for name in WORLDS:
        false_alarms(name, runs, seed)
    found("base", runs, seed, tuple(SHIFTED))
    for name in ("mild", "strong"):
        found(name, runs, seed, ("5 %",))
    found_after_better(runs, seed)


if __name__ == "__main__":
    main()
