"""Every must of own history on real feeds, measured: real series, synthetic kinds, intervals, and peers.

Run: `python studies/real.py [SEED [PARTS [RUNS]]]`, 16 runs a row by default. Parts: real, births, kinds, more,
steady, drift, intervals, ratio, peers.
Nothing has a threshold to tune: all is what `volume` does by default. Freeze the code before you choose a seed.
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from importlib.util import find_spec

import kinds
import numpy as np
from farrington import flexible
from kinds import A_YEAR, DAYS, KINDS, MEANS, feeds_of, found, lossy, quiet, real, steady, watched
from numpy.typing import NDArray
from rivals import Calendar as Rhythm
from rivals import farrington, mstl_ets, relative_rate, short_memory, z_score
from series import say
from simulator import DRIFTS, FAMILY, Array, delivered, make, thinned

from ketenwacht.domain.checks.ratio import RatioCheck
from ketenwacht.domain.stats import missing, own_history, season
from ketenwacht.domain.stats.detector import ALARM

SEED = int(sys.argv[1]) if sys.argv[1:] else 1
REAL = ("transit", "pedestrians", "infections", "nl_deaths")
RATIO = ("infections", "pedestrians", "transit")
RUNS = int(sys.argv[3]) if sys.argv[3:] else 16


def line(what: str, value: str, must: str = "") -> None:
    """One row."""
    say(f"{what:<46} {value}" + (f"   must {must}" if must else ""))


def untouched() -> None:
    """Real series as they are."""
    for name in REAL:
        one = real(name)
        history = watched(one.days, one.y, np.zeros(one.y.shape[1], dtype=np.intp), one.calendar)
        for s, segment in enumerate(one.names):
            q = quiet(history, one.per_year)
            line(
                f"{name} {segment}",
                f"{q.alarms[s]:.2f} a year, open {q.alarmed[s]:.1%}, not judged {q.unjudged[s]:.0%}, "
                f"question {q.asked[s]:.0%}, surplus {q.surplus[s]:.0%}",
                "≤ 1 a year, open ≤ 10 %",
            )


def births() -> None:
    """US births thinned to 20 a day, judged after three years."""
    rng = np.random.default_rng([SEED, 1])
    one = real("us_births").thinned(20.0, RUNS, (2005, 2012), rng)
    start, columns = 1096, range(RUNS)
    onset = rng.integers(start + 60, len(one.days) - 365, RUNS)
    # The default, and a budget at which untouched ones cost about one a year: the cost of part 1's table.
    for budget in (1.0, 6.0):
        clean = watched(one.days, one.y, np.arange(RUNS), one.calendar, budget)
        line(f"births, budget {budget:g}", quiet(clean, 365.25, start).told(), "≤ 1.05")
        for loss, must in ((0.1, "38"), (0.2, "14"), (0.5, "5")):
            y = lossy(one.y, onset, columns, loss, rng)
            line(
                f"  loss {loss:.0%}",
                found(watched(one.days, y, np.arange(RUNS), one.calendar, budget), onset, columns, 365).told(),
                must,
            )


def synthetic() -> None:
    """Synthetic kinds: the loss is in the segment of 28 a day."""
    rng = np.random.default_rng([SEED, 2])
    t, days, feeds = np.arange(DAYS, dtype=float), kinds.weekdays(DAYS), feeds_of(RUNS)
    family = range(1, 3 * RUNS, 3)
    for kind in KINDS:
        factor = np.ones((DAYS, 3 * RUNS))
        some = slice(None) if kind.everywhere else slice(1, None, 3)
        factor[:, some] = kind.factor(t)[:, None]
        whole = steady(rng, MEANS * RUNS, factor)
        onset = np.full(RUNS, kind.onset)
        history = watched(days, lossy(whole, onset, family, kind.loss, rng), feeds)
        line(f"{kind.name}", found(history, onset, family, kind.horizon, inside=kind.inside).told(), kind.must)
        line("  untouched", quiet(watched(days, whole, feeds), A_YEAR).told())


def more() -> None:
    """Season, creeping losses, many segments, monthly counts."""
    rng = np.random.default_rng([SEED, 3])
    t, days, feeds = np.arange(DAYS, dtype=float), kinds.weekdays(DAYS), feeds_of(RUNS)
    family = range(1, 3 * RUNS, 3)
    factor = np.ones((DAYS, 3 * RUNS)) * kinds.season(t)[:, None]
    line(
        "season ±35 %", quiet(watched(days, steady(rng, MEANS * RUNS, factor), feeds), A_YEAR).told(), "≤ 1 a year"
    )
    off = kinds.school_days(days)
    factor *= np.array([0.8 if d in off else 1.0 for d in days])[:, None]
    held = season.CalendarTerms(frozenset(), (off,))
    y = steady(rng, MEANS * RUNS, factor)
    line("  and school holidays, declared", quiet(watched(days, y, feeds, held), A_YEAR).told(), "≤ 1 a year")
    onset = np.full(RUNS, 560)
    for loss, must in ((0.5, "P ≥ .9"), (0.2, "a question")):
        creeping = loss * np.clip((t - 560) / 130.0, 0.0, 1.0)
        y = lossy(steady(rng, MEANS * RUNS), onset, family, creeping, rng)
        line(
            f"creeping over 26 weeks, {loss:.0%}", found(watched(days, y, feeds), onset, family, 223).told(), must
        )
    y = lossy(steady(rng, (28.0,) * 60), onset[:RUNS], range(RUNS), 0.5, rng)
    line(
        "60 segments, half of one",
        found(watched(days, y, feeds_of(1, 60)), onset, range(RUNS), A_YEAR).told(),
        "P ≥ .95",
    )
    months = tuple(date(2018 + i // 12, i % 12 + 1, 1) for i in range(36))
    for size, must in ((150.0, "≤ 2"), (12.0, "≤ 5")):
        whole = steady(rng, (600.0,) * RUNS, days=36, size=size)
        y = lossy(whole, np.full(RUNS, 18), range(RUNS), 0.5, rng)
        history = watched(months, y, np.arange(RUNS))
        line(
            f"monthly, k = {size:g}, half lost after 18",
            found(history, np.full(RUNS, 18), range(RUNS), 12).told(),
            must,
        )
        line("  untouched", quiet(watched(months, whole, np.arange(RUNS)), 12.0).told())


def redrawn(replicates: int = 10) -> None:
    """The steady feed, 30 redraws of its history, each with some replicates of what comes after."""
    rng, redraws = np.random.default_rng([SEED, 4]), 30
    runs = redraws * replicates
    past = [
        np.tile(steady(np.random.default_rng([SEED, 4, r]), MEANS)[:522], (1, replicates)) for r in range(redraws)
    ]
    y = np.vstack([np.hstack(past), steady(rng, MEANS * runs)[522:]])
    days, feeds, family, onset = kinds.weekdays(DAYS), feeds_of(runs), range(1, 3 * runs, 3), np.full(runs, 522)
    costs = quiet(watched(days, y, feeds), A_YEAR, 522).alarms.reshape(redraws, -1).mean(axis=1) * len(MEANS)
    history = watched(days, lossy(y, onset, family, 0.2, rng), feeds)
    seen = [
        found(history, onset[:replicates], family[r * replicates : (r + 1) * replicates], A_YEAR).steps
        for r in range(redraws)
    ]
    together = np.concatenate(seen)
    medians = [float(np.quantile(s, 0.5, method="higher")) if len(s) else np.inf for s in seen]
    good = sum(bool(len(s)) and np.isfinite(s).mean() >= 0.9 for s in seen)  # noqa: PLR2004 - the must
    line(
        f"steady, {redraws} redraws × {replicates}, 20 %",
        f"P ≥ .9 in {good} of 30; together {_told(together.tolist())}; median of medians "
        f"{np.median(medians):.0f} (worst {max(medians):.0f}); untouched {costs.mean():.2f} a feed-year",
        "P ≥ .9 in 28 of 30, ≤ 49, ≤ 1",
    )


def drift() -> None:
    """The simulator of docs/detection.md: a walking level, lasting shifts, late persons, outages."""
    rng = np.random.default_rng([SEED, 5])
    runs, family = 2 * RUNS, range(1, 6 * RUNS, 3)
    for name in ("mild", "base", "strong"):
        feed = make(DRIFTS[name], 880, runs, rng)
        calendar, feeds = season.CalendarTerms(feed.holidays), feeds_of(runs)
        onset = rng.integers(580, 619, runs)
        line(
            f"{name} drift, untouched",
            quiet(watched(feed.days, _flat(delivered(feed.decided, rng)), feeds, calendar), A_YEAR, 520).told(),
            "≤ 1 a feed-year",
        )
        for loss, must in ((0.2, "P ≥ .92, ≤ 65" if name == "base" else ""), (0.5, "")):
            y = _flat(delivered(thinned(feed.decided, FAMILY, loss, onset, rng), rng))
            line(
                f"  loss {loss:.0%}",
                found(watched(feed.days, y, feeds, calendar), onset, family, A_YEAR).told(),
                must,
            )


def _flat(y: Array) -> Array:
    return np.moveaxis(y, 2, 1).reshape(len(y), -1)


def intervals() -> None:
    """The 90 % interval of missing persons and of the onset, at the alarm and thirty deliveries later."""
    rng = np.random.default_rng([SEED, 6])
    transit, deaths = real("transit"), real("nl_deaths")
    born = real("us_births").thinned(20.0, RUNS, (2004, 2008), rng)
    made = kinds.Real(kinds.weekdays(720), steady(rng, MEANS * RUNS, days=720), (), season.CalendarTerms(), 261.0)
    many = kinds.Real(deaths.days, np.repeat(deaths.y, RUNS, axis=1), (), deaths.calendar, 52.18)
    for name, one, feeds, room, times in (
        ("steady", made, feeds_of(RUNS), (530, 590), 1),
        ("births", born, np.arange(RUNS), (1150, 1600), 1),
        ("transit", transit, np.zeros(5, dtype=np.intp), (800, 2300), 4),
        ("deaths", many, np.arange(RUNS), (105, 170), 1),
    ):
        for loss in (0.2, 0.35, 0.5):
            rows = [row for _ in range(times) for row in _episodes(one, feeds, room, loss, rng)]
            for later in (False, True):
                some = [r[1:] for r in rows if r[0] == later]
                if some:
                    inside, wide, away, dated = (np.array(c) for c in zip(*some, strict=True))
                    line(
                        f"{name}, {loss:.0%}, {'later' if later else 'at the alarm'}",
                        f"covers {inside.mean():.2f} of {len(some)}, width {np.median(wide):.2f}; onset off by "
                        f"{np.median(away):.0f}, its interval covers {dated.mean():.2f}",
                    )


def _episodes(
    one: kinds.Real, feeds: NDArray[np.intp], room: tuple[int, int], loss: float, rng: np.random.Generator
) -> list[tuple[bool, bool, float, float, bool]]:
    columns = range(one.y.shape[1])
    onset = rng.integers(*room, len(columns))
    y = lossy(one.y, onset, columns, loss, rng)
    panel = own_history.panel_of(one.days, y, one.calendar, feeds)
    history = own_history.watch(panel, snap=frozenset(range(int(onset.min()), len(y))))
    wait, rows = (30 if one.per_year > A_YEAR / 2 else 6), []
    for c, first in zip(columns, onset, strict=True):
        hits = np.flatnonzero(history.told[first : first + 150, c])
        if history.short[first - 1, c] == ALARM or not len(hits):
            continue
        for later in (0, wait):
            t = int(first + hits[0] + later)
            if t >= len(y) or history.short[t, c] != ALARM:
                continue
            memory = history.snaps[t]
            held = missing.stretch_of(panel.rows(0, t + 1), memory, c, memory.track.short_since[c])
            if held is None:
                continue
            told = missing.estimate(
                held.y, held.mu, held.size, missing.Doubt(held.error, held.strays, held.freedom, held.temper)
            )
            truth = float((one.y - y)[: t + 1, c].sum())
            rows.append(
                (
                    later > 0,
                    bool(told.low - 0.5 <= truth <= told.high + 0.5),
                    (told.high - told.low) / max(truth, 1.0),
                    float(abs(held.rows[told.onset] - first)),
                    bool(held.rows[told.first] <= first <= held.rows[told.last]),
                )
            )
    return rows


def ratio(repeats: int = 4) -> None:
    """`ratio` as it comes: each segment against the rest of its feed, one segment losing at a time, or none."""
    rng = np.random.default_rng([SEED, 8])
    for name in RATIO:
        one = real(name)
        width, start, horizon = len(one.names), int(1.2 * one.per_year), round(one.per_year / 2)
        cases = [
            (loss, s, int(rng.integers(start, len(one.days) - horizon)))
            for loss in (0.0, 0.2, 0.5)
            for _ in range(repeats)
            for s in range(width)
        ]
        counts, absent = np.nan_to_num(one.y), np.isnan(one.y)
        feeds = [one.y]
        for loss, s, at in cases:
            feeds.append(np.where(absent, np.nan, lossy(counts, np.array([at]), [s], loss, rng)))
        history = _shares(one, feeds)
        q = quiet(history, one.per_year)
        alarms, unjudged = q.alarms[:width], q.unjudged[:width]
        line(
            f"{name}, untouched",
            f"{' · '.join(f'{a:.2f}' for a in alarms)} a year, "
            f"open {' · '.join(f'{o:.1%}' for o in q.alarmed[:width])}, "
            f"not judged {' · '.join(f'{u:.0%}' for u in unjudged)}",
            "≤ 1 a year, open ≤ 10 %",
        )
        for share in (0.0, 0.2, 0.5):
            some = [
                found(history, np.array([at]), [i * width + s], horizon)
                for i, (loss, s, at) in enumerate(cases, start=1)
                if loss == share and unjudged[s] < 0.5  # noqa: PLR2004 - those that it mostly judges
            ]
            asked = np.mean([f.asked for f in some if len(f.steps)])
            line(
                f"  {share:.0%} of one segment", f"{_told([x for f in some for x in f.steps])}, asked {asked:.2f}"
            )


def _shares(one: kinds.Real, feeds: Sequence[Array]) -> own_history.OwnHistoryRun:
    """Feeds of the same segments side by side, each segment against the rest of its own feed."""
    rest = [np.log(np.nansum(y, axis=1, keepdims=True) - np.nan_to_num(y) + 0.5) for y in feeds]
    y = np.hstack(feeds)
    panel = own_history.panel_of(one.days, y, one.calendar, feeds_of(len(feeds), len(one.names)))
    return own_history.watch(
        replace(panel, offset=np.hstack(rest), masked=np.isnan(y)), RatioCheck(segments=("segment",)).plan.budget
    )


def peers(repeats: int = 4) -> None:
    """Other methods with thresholds at one false alarm a year on the untouched series itself; ours as it is."""
    rng = np.random.default_rng([SEED, 7])
    for name in ("us_births", *REAL):
        one = real(name)
        if name == "us_births":
            one = one.thinned(20.0, 5, (2005, 2012), rng)
        start = int(2.2 * one.per_year)
        if len(one.days) < start + 0.5 * one.per_year:
            start = int(1.2 * one.per_year)
        weekly = one.per_year < A_YEAR / 2
        rhythm = Rhythm(one.days, 1 if weekly else 7, round(one.per_year), start)
        methods: dict[str, Callable[[Array, Rhythm], Array]] = {
            "z-score, 14 points": z_score,
            "Deequ's rate": relative_rate,
            "BOCPD, short memory": short_memory,
            "Farrington flexible": (lambda y, _: flexible(y)) if weekly else farrington,
        }
        if find_spec("statsforecast") is not None:
            methods["MSTL + AutoETS"] = mstl_ets
        y0 = np.nan_to_num(one.y)
        heights = {m: _at_one_a_year(f(y0, rhythm)[start:], one.per_year) for m, f in methods.items()}
        feeds = np.arange(y0.shape[1])
        clean = watched(one.days, one.y, feeds, one.calendar)
        judged = [s for s in feeds if (clean.reason[start:, s] == 0).mean() > 0.5]  # noqa: PLR2004
        cost = quiet(clean, one.per_year, start).alarms.mean()
        say(f"{name}: judged {len(judged)} of {len(feeds)}; ours costs {cost:.2f}")
        horizon = round(one.per_year / 2)
        # Without any loss: what each of them "finds" by chance in so long a time.
        for loss in (0.0, 0.2, 0.5):
            ours: list[float] = []
            asked: list[float] = []
            theirs: dict[str, list[float]] = {m: [] for m in methods}
            for _ in range(repeats):
                onset = rng.integers(start + 5, max(len(one.days) - horizon, start + 10), len(judged))
                y = lossy(y0, onset, judged, loss, rng)
                mine = found(watched(one.days, y, feeds, one.calendar), onset, judged, horizon)
                ours += mine.steps.tolist()
                asked.append(mine.asked)
                for m, f in methods.items():
                    theirs[m] += _crossed(f(y, rhythm), heights[m], onset, judged, horizon)
            line(f"  {loss:.0%}, own history", f"{_told(ours)}, asked {np.mean(asked):.2f}")
            for m, steps in theirs.items():
                line(f"  {loss:.0%}, {m}", _told(steps))


def _at_one_a_year(score: Array, per_year: float) -> Array:
    """The lowest threshold of each series at which it begins at most one alarm a year, (series,)."""
    heights = []
    for path in score.T:
        known, height = np.where(np.isnan(path), -np.inf, path), np.inf
        allowed = max(int(len(known) / per_year), 1)
        for height in np.unique(known[np.isfinite(known)]):
            above = known > height
            if (above[1:] & ~above[:-1]).sum() + above[0] <= allowed and above.mean() <= 0.1:  # noqa: PLR2004
                break
        heights.append(height)
    return np.array(heights)


def _crossed(
    score: Array, heights: Array, onset: NDArray[np.intp], columns: Sequence[int], horizon: int
) -> list[float]:
    steps = []
    for column, first in zip(columns, onset, strict=True):
        path = score[first : first + horizon, column]
        hits = np.flatnonzero(np.where(np.isnan(path), -np.inf, path) > heights[column])
        steps.append(float(hits[0] + 1) if len(hits) else np.inf)
    return steps


def _told(steps: list[float]) -> str:
    if not steps:
        return "none"
    middle = np.quantile(steps, 0.5, method="higher")
    return f"P {np.isfinite(steps).mean():.2f}, median {middle:.0f} (n {len(steps)})"


PARTS = {
    "real": untouched,
    "births": births,
    "kinds": synthetic,
    "more": more,
    "steady": redrawn,
    "drift": drift,
    "intervals": intervals,
    "ratio": ratio,
    "peers": peers,
}


def main() -> None:
    """Print the parts."""
    say(f"seed {SEED}")
    for part in sys.argv[2].split(",") if sys.argv[2:] else PARTS:
        say(f"[{part}]")
        PARTS[part]()


if __name__ == "__main__":
    main()
