"""Every "must" of the detection specification, measured on seeds that nothing was tuned on.

Run: `python studies/musts.py [RUNS [PARTS [TEST_SEED]]]`.
Own history and births have thresholds tuned on other seeds, printed.
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import sys
from datetime import date

import numpy as np
from series import NEVER, Delays, births, delays, feed_evidence, say
from simulator import A_YEAR, ASYLUM, DRIFTS, FAMILY, LATE, LATE_MEAN, Array, delivered, make, thinned

from ketenwacht.domain.stats import calibrate, counts, monitor, shiryaev, soft, windows
from ketenwacht.domain.stats.bernoulli import ShareDetector
from ketenwacht.domain.stats.lag import Lag, arrivals

GRACE = 10
TUNE = 1
TEST = int(sys.argv[3]) if sys.argv[3:] else 9001
SLACK = 0.03
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


def references(runs: int) -> None:
    """Weekly decision counts with a conversion known to ±τ: from day one, and with a later onset."""
    for tau, loss, weeks, onset, must in (
        (0.02, 0.19, 40, 0, "≤ 42 calendar (issue)"),
        (0.03, 0.2, 80, 26, "≤ 15"),
        (0.05, 0.2, 80, 26, "≤ 15"),
        (0.03, 0.1, 80, 26, "≤ 45"),
        (0.05, 0.1, 80, 26, "≤ 45"),
    ):
        for kind in ("counted", "Poisson"):
            _reference(runs, (tau, loss, weeks, onset), kind, must)


def _reference(runs: int, case: tuple[float, float, int, int], kind: str, must: str) -> None:
    tau, loss, weeks, onset = case
    rng = np.random.default_rng([TEST, 3, int(tau * 100), int(loss * 100), onset])
    feed = make(DRIFTS["base"], weeks * 5, runs, rng)
    # "counted": the figure counts the very persons; "Poisson": the feed is a fresh draw around it.
    sent = feed.decided if kind == "counted" else rng.poisson(feed.decided).astype(float)
    lossy = delivered(thinned(sent, FAMILY, loss, np.full(runs, onset * 5), rng), rng)
    bias = np.exp(rng.normal(0.0, tau, (3, runs)))
    figures = feed.decided.reshape(weeks, 5, 3, runs).sum(axis=1) * bias
    clean = delivered(sent, rng)
    height = (shiryaev.threshold_of(52.0, 1.0), np.inf)
    lag = Lag(1, LATE, 15)
    outcomes = []
    for run in range(runs):
        daily = np.repeat(figures[:, :, run] / 5, 5, axis=0)
        meant = np.column_stack([arrivals(daily[:, s], lag, running_before=False) for s in range(3)])
        mu = meant.reshape(weeks, 5, 3).sum(axis=1)
        k, spread = np.full((weeks, 3), 0.03**-2), np.full(3, soft.level_spread(tau))
        paths = []
        for y in (lossy, clean):
            week = y[:, :, run].reshape(weeks, 5, 3).sum(axis=1)
            paths.append(windows.follow(week, mu, k, spread, NEVER).evidence[:, windows.FEW])
        outcomes.append(paths)
    both = np.moveaxis(np.array(outcomes), 0, -1)  # case, steps, segments, runs
    lossy_path, clean_path = (calibrate.feed_paths(p) for p in both)
    found = delays(lossy_path, np.full(runs, onset), height[0], weeks)
    cost = calibrate.cost_of(clean_path, height[0], 52.0)
    scale = 7.0 if onset == 0 else 5.0
    unit = "calendar" if onset == 0 else "business"
    told = f"{found.told(scale)}  {cost.false_alarms_a_year:.2f} FA"
    line(f"reference ±{tau:.0%} {kind}, loss {loss:.0%} after {onset} weeks ({unit})", told, must)


def own_history(runs: int) -> None:
    """Own history, later onset, on the base drift."""
    quiet = []
    for seed in (TUNE, TUNE + 1):
        rng = np.random.default_rng([seed, 4])
        feed = make(DRIFTS["base"], 880, runs, rng)
        quiet.append(feed_evidence(feed, delivered(feed.decided, rng), SLACK)[START:])
    tuned = calibrate.calibrate(np.hstack(quiet), A_YEAR, 1.0)
    rng = np.random.default_rng([TEST, 4])
    feed = make(DRIFTS["base"], 880, runs, rng)
    cost = calibrate.cost_of(
        feed_evidence(feed, delivered(feed.decided, rng), SLACK)[START:], tuned.threshold, A_YEAR
    )
    say(
        f"  own history: threshold {tuned.threshold:.1f} nats tuned on {tuned.exposure_years:.0f} feed-years; on "
        f"fresh seeds {cost.false_alarms_a_year:.2f} false alarms a year in {cost.exposure_years:.0f} feed-years"
    )
    onset = rng.integers(580, 619, runs)
    for loss, must in ((0.2, "≤ 65, P ≥ .92"), (0.1, "not promised"), (0.5, "none")):
        lossy = delivered(thinned(feed.decided, FAMILY, loss, onset, rng), rng)
        found = delays(feed_evidence(feed, lossy, SLACK), onset, tuned.threshold, 261)
        line(f"later onset, own history, loss {loss:.0%} (business days)", found.told(), must)


def us_births(runs: int) -> None:
    """US births thinned to 20 a day, own history; tuned and tested on other thinnings of 2012–2014."""
    days, total, holidays = births()
    middle, start = (d.toordinal() - days[0].toordinal() for d in (days[0].replace(2012), days[0].replace(2010)))

    def evidence(y: Array, first: int) -> Array:
        panel = counts.panel_of(days[first:], y[first:], holidays, np.arange(y.shape[1]))
        return counts.watch(panel, monitor.Settings(NEVER, 0.0)).evidence[:, monitor.FEW]

    def drawn(seed: int) -> tuple[Array, np.random.Generator]:
        rng = np.random.default_rng([seed, 5])
        chance = np.full((len(days), runs), 20.0 / total.mean())
        return rng.binomial(total.astype(int)[:, None], chance).astype(float), rng

    tuned = calibrate.calibrate(evidence(drawn(TUNE)[0], start)[middle - start :], 365.25, 1.0)
    y, rng = drawn(TEST)
    cost = calibrate.cost_of(evidence(y, start)[middle - start :], tuned.threshold, 365.25)
    say(
        f"  US births: threshold {tuned.threshold:.1f} nats; {cost.false_alarms_a_year:.2f} false alarms a year "
        f"in {cost.exposure_years:.0f} years"
    )
    onset = rng.integers(middle, len(days) - 365, runs)
    for loss, must in ((0.1, "≤ 38"), (0.2, "≤ 14"), (0.5, "≤ 5")):
        lost = rng.binomial(y.astype(int), loss)
        lossy = np.where(np.arange(len(days))[:, None] >= onset, y - lost, y)
        found = delays(evidence(lossy, start), onset - start, tuned.threshold, 365)
        line(f"US births at 20 a day, own history, loss {loss:.0%} (days)", found.told(), must)


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    parts = sys.argv[2].split(",") if sys.argv[2:] else ["keys", "sample", "inquiries", "ref", "own", "births"]
    say(f"{runs} runs a row; tuning seed {TUNE}, test seed {TEST}; at most one false alarm a feed-year")
    table = {
        "keys": lambda: keys(runs, None),
        "sample": lambda: keys(runs, 20),
        "inquiries": lambda: inquiries(runs),
        "ref": lambda: references(runs),
        "own": lambda: own_history(runs),
        "births": lambda: us_births(runs),
    }
    for part in parts:
        table[part]()


if __name__ == "__main__":
    main()
