"""Every "must" of the detection specification, measured on seeds that nothing was tuned on.

Run: `python studies/musts.py [TEST_SEED [PARTS]]`; it takes some minutes. Whatever has a threshold to tune has it
tuned on other seeds (and other years) than tested; the threshold, the exposure and the upper bound are printed.
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date

import numpy as np
import references
import worlds
from series import Births, Delays, delays, feed_evidence, say
from simulator import A_YEAR, ASYLUM, DRIFTS, FAMILY, LATE, LATE_MEAN, Array, delivered, make, thinned

from ketenwacht.domain.stats import calibrate, negbin, shiryaev
from ketenwacht.domain.stats.shares import ShareDetector

GRACE = 10
TUNE = range(1, 13)
TEST = int(sys.argv[1]) if sys.argv[1:] else 9001
AIM = 0.85  # false alarms a year that thresholds are tuned to: a margin, so that fresh seeds stay within one
BIRTHS_AIM = 0.4  # less than half: a real series is not drawn again, and years to come may be more restless
REFERENCES = {
    0.02: ((0.19, 0, 26, "≤ 42 calendar (issue)"),),
    0.03: ((0.2, 26, 52, "≤ 15"), (0.1, 26, 52, "≤ 45")),
    0.05: ((0.2, 26, 52, "≤ 15"), (0.1, 26, 52, "≤ 45")),
}
"""Uncertainty of the figures → loss, weeks before it, weeks in all, what must be reached."""
LOSSES = {FAMILY: 0.19, ASYLUM: 0.016}
START = 520


def line(what: str, value: str, must: str) -> None:
    """One row of the table."""
    say(f"{what:<58} {value:<44} must {must}")


def keys(runs: int, per_week: int | None) -> None:
    """Keys still missing after ten business days: all of them, or a weekly sample a segment."""
    rng = np.random.default_rng([TEST, 1])
    count = 261
    feed = make(DRIFTS["base"], count, runs, rng)
    beyond = LATE * np.exp(-GRACE / LATE_MEAN)
    for segment, loss in [(FAMILY, 0.0), *LOSSES.items()]:
        seen = feed.decided.copy()
        wrong = rng.binomial(seen.astype(int), beyond).astype(float)
        wrong[:, segment] += rng.binomial((seen - wrong)[:, segment].astype(int), loss)
        allowed, step, per_year = 0.015, 1, A_YEAR
        if per_week is not None:
            allowed, step, per_year = 0.03, 5, 52.0
            pool = [a[: count // 5 * 5].reshape(-1, 5, 3, runs).sum(axis=1) for a in (wrong, seen)]
            seen = np.minimum(pool[1], per_week)
            wrong = rng.hypergeometric(pool[0].astype(int), (pool[1] - pool[0]).astype(int), seen.astype(int))
        path = _share_path(np.asarray(wrong, float), seen, allowed)
        height = shiryaev.threshold_of(per_year, 1.0)
        if loss == 0.0:
            cost = calibrate.cost_of(path, height, per_year)
            say(f"  false alarms a year without a loss {cost.false_alarms_a_year:.2f} (at most {cost.upper:.2f})")
            continue
        # The n-th day's decisions are judged ten deliveries later, a week's sample on the Monday after its grace.
        found = delays(path, np.zeros(runs, dtype=np.intp), height, count).steps
        judged = found * step + GRACE - (1 if per_week is None else 0)
        in_days = Delays(np.array([_calendar(feed.days, j) for j in judged]))
        name = "20 keys a week" if per_week is not None else "keys or selected counts"
        must = {
            (None, FAMILY): "≤ 15",
            (None, ASYLUM): "≤ 60",
            (20, FAMILY): "≤ 28, q90 ≤ 42",
        }.get((per_week, segment), "none")
        line(f"cold start, {name}, loss {loss:.1%} (calendar days)", in_days.told(), must)


def _calendar(days: tuple[date, ...], deliveries: float) -> float:
    """Calendar days from the first day to so many deliveries after it."""
    return float((days[int(deliveries)] - days[0]).days) if deliveries < len(days) else np.inf


def _share_path(wrong: Array, seen: Array, allowed: float) -> Array:
    """Feed evidence of Bernoulli streams: (steps, segments, runs) → (steps, runs)."""
    steps, segments, runs = wrong.shape
    detector = ShareDetector.above(np.full(segments * runs, allowed))
    path = detector.run(wrong.reshape(steps, -1), seen.reshape(steps, -1))
    return calibrate.feed_paths(path.reshape(steps, segments, runs))


def inquiries(runs: int) -> None:
    """Resolved inquiries alone: 6 % of the missing ask, about four months later; background 1.3 a week."""
    rng = np.random.default_rng([TEST, 2])
    days, found = 365, []
    for _ in range(runs):
        missing = rng.poisson(9.0 * 5 / 7, days)
        asked = np.zeros(days)
        for day in range(days):
            for wait in rng.gamma(1.6, 75.0, rng.binomial(missing[day], 0.06)):
                at = day + int(np.ceil(wait))
                if at < days:
                    asked[at] += 1
        total = asked + rng.poisson(1.3 / 7, days)
        some = np.flatnonzero(total > 0)
        path = ShareDetector.above(0.05).run(asked[some][:, None], total[some][:, None])[:, 0]
        rate = np.maximum(52.0, np.arange(1, len(some) + 1) / np.maximum(some - some[0], 365) * 365.25)
        hit = np.flatnonzero(path >= np.log(rate))
        found.append(float(some[hit[0]] + 1) if len(hit) else np.inf)
    line("cold start, resolved inquiries only (calendar days)", Delays(np.array(found)).told(), "≤ 105")


def by_figures(runs: int) -> None:
    """Weekly decision counts with a conversion known to ±τ: their cost, from day one, and with a later onset."""
    for tau, losses in REFERENCES.items():
        for kind in references.KINDS:
            rng = np.random.default_rng([TEST, 3, int(tau * 100), kind == "drawn"])
            cost = references.cost(references.Case(kind, tau, 80), runs, rng)
            say(f"  reference ±{tau:.0%} {kind}: {_cost(cost)}")
            for loss, onset, weeks, must in losses:
                found = references.found(references.Case(kind, tau, weeks, loss, onset), runs, rng)
                scale, unit = (7.0, "calendar") if onset == 0 else (5.0, "business")
                what = f"reference ±{tau:.0%} {kind}, loss {loss:.0%} after {onset} weeks ({unit})"
                line(what, found.told(scale), must)


def own_history(runs: int) -> None:
    """Own history, later onset, on the base drift."""
    quiet = []
    for seed in TUNE:
        rng = np.random.default_rng([seed, 4])
        feed = make(DRIFTS["base"], 880, 60, rng)
        quiet.append(feed_evidence(feed, delivered(feed.decided, rng))[START:])
    cost = calibrate.calibrate(np.hstack(quiet), A_YEAR, AIM)
    say(
        f"  own history: threshold {cost.threshold:.1f} nats; on {cost.exposure_years:.0f} "
        f"feed-years of seeds {TUNE[0]}–{TUNE[-1]} it costs {cost.false_alarms_a_year:.2f} false alarms a year"
    )
    rng = np.random.default_rng([TEST, 4])
    feed = make(DRIFTS["base"], 880, runs, rng)

    def watched(sent: Array) -> Array:
        return feed_evidence(feed, delivered(sent, rng))

    say(f"  on fresh seeds {_cost(calibrate.cost_of(watched(feed.decided)[START:], cost.threshold, A_YEAR))}")
    onset = rng.integers(580, 619, runs)
    for loss, must in ((0.2, "≤ 65, P ≥ .92"), (0.1, "not promised"), (0.5, "none")):
        found = delays(watched(thinned(feed.decided, FAMILY, loss, onset, rng)), onset, cost.threshold, 261)
        bounds = [delay_bound(28.0, 12.0, 1.0 - loss, n) for n in (3 * A_YEAR, A_YEAR)]
        told = " / ".join(f"{found.quantile(0.5) / bound:.2f}" for bound in bounds)
        line(f"later onset, own history, loss {loss:.0%} (business days)", f"{found.told()}  ÷ bound {told}", must)


def delay_bound(mean: float, size: float, share: float, run_length: float) -> float:
    """Lorden's lower bound on the mean delay, in counts, of any detector with this average run length."""
    return float(np.log(run_length) / negbin.divergence(mean, size, share))


def _cost(cost: calibrate.Calibration) -> str:
    return (
        f"{cost.false_alarms_a_year:.2f} false alarms a year in {cost.exposure_years:.0f} years "
        f"(95 % upper bound {cost.upper:.2f})"
    )


def us_births(runs: int) -> None:
    """US births thinned to 20 a day, own history; tuned and tested on other years and other thinnings."""
    tune = Births.drawn((1997, 2006), runs, np.random.default_rng([TUNE[0], 5]))
    held = calibrate.calibrate(tune.evidence(tune.y)[tune.start :], 365.25, BIRTHS_AIM)
    say(
        f"  US births: threshold {held.threshold:.1f} nats, tuned on 1997–2006 "
        f"({held.false_alarms_a_year:.2f} a year in {held.exposure_years:.0f} years)"
    )
    # From 2008 to 2010 births really fell, by 7 %: whoever watches their own history must find that.
    for place, (years, some) in enumerate((((2008, 2014), runs), ((2012, 2014), runs - 4))):
        rng = np.random.default_rng([TEST + place, 5])
        test = Births.drawn(years, some, rng)
        clean = test.evidence(test.y)
        cost = calibrate.cost_of(clean[test.start :], held.threshold, 365.25)
        say(f"  on {years[0]}–{years[1]}, seed {TEST + place}: {_cost(cost)}")
        onset = rng.integers(test.start + 60, len(test.days) - 365, some)
        for loss, must in ((0.1, "≤ 38"), (0.2, "≤ 14"), (0.5, "≤ 5")):
            lossy = test.evidence(test.lossy(loss, onset, rng))
            found = delays(lossy, onset, held.threshold, 365)
            bound = delay_bound(20.0, negbin.POISSON, 1.0 - loss, 365.25)
            told = f"{found.told()}  ÷ bound {found.quantile(0.5) / bound:.2f}"
            line(f"US births at 20 a day, own history, loss {loss:.0%} (days)", told, must)


def real_worlds(runs: int) -> None:
    """The product's own simulator: `incident-2022` with one kind of evidence alone."""
    seeds = range(TEST, TEST + runs)
    worlds.by_references(seeds)
    worlds.by_inquiries(seeds)


PARTS: dict[str, tuple[Callable[[int], None], int]] = {
    "keys": (lambda runs: keys(runs, None), 200),
    "sample": (lambda runs: keys(runs, 20), 200),
    "inquiries": (inquiries, 100),
    "ref": (by_figures, 300),
    "own": (own_history, 600),
    "births": (us_births, 20),
    "worlds": (real_worlds, 24),
}
"""What is measured, and over how many runs."""


def main() -> None:
    """Print the table."""
    parts = sys.argv[2].split(",") if sys.argv[2:] else list(PARTS)
    say(f"test seed {TEST}; at most one false alarm a feed-year")
    for part in parts:
        measured, runs = PARTS[part]
        say(f"{part}: {runs} runs a row")
        measured(runs)


if __name__ == "__main__":
    main()
