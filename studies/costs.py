"""What judging costs: a delivery of 400 segments, a thousand series-years of backtest, and a fit beside others'.

Run: `make bench-detection` runs it too; by hand `python studies/costs.py` in its environment. Times are of this
process's processor, so that a busy machine does not matter much; compare the ratios, not the seconds.
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

import logging
import resource
from collections.abc import Callable
from importlib.util import find_spec
from time import process_time

import numpy as np
from series import feed_evidence, say
from simulator import DRIFTS, Array, business_days, delivered, make

from ketenwacht.domain.stats import own_history, season

SEED, COUNT = 31, 783
_MEBIBYTE = 1024.0


def seconds(what: Callable[[], object], times: int = 3) -> float:
    """The least processor time of a few runs; what it starts as a process of its own counts too."""
    found = []
    for _ in range(times):
        before, children = process_time(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        what()
        found.append(process_time() - before + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - children)
    return min(found)


def update() -> None:
    """One delivery of 400 segments, on a day on which everything is learnt anew."""
    rng = np.random.default_rng(SEED)
    days, means = business_days(COUNT + 1), rng.uniform(0.5, 40.0, 400)
    y = rng.negative_binomial(12.0, 12.0 / (12.0 + np.broadcast_to(means, (COUNT + 1, 400)))).astype(float)
    panel, memory = own_history.panel_of(days, y), own_history.start(400, days[0].toordinal())

    def whole() -> None:
        learnt = own_history.learn(
            panel.rows(0, COUNT), memory, days[COUNT].toordinal(), own_history.Budget(), refit=True
        )
        own_history.judge(panel.rows(COUNT, COUNT + 1), learnt)

    spent = seconds(whole)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEBIBYTE
    say(f"one delivery of 400 segments, with a new fit to three years: {spent:.2f} s, at most {peak:.0f} MiB")


def backtest() -> None:
    """A thousand series-years of the monitor, with all its fits."""
    rng = np.random.default_rng(SEED)
    feed = make(DRIFTS["base"], COUNT, 112, rng)
    y = delivered(feed.decided, rng)
    spent = seconds(lambda: feed_evidence(feed, y), 1)
    say(f"{y.shape[1] * y.shape[2] * COUNT / 261:.0f} series-years of backtest: {spent:.0f} s on one core")


def fits() -> None:
    """A fit to three years of one segment, ours and others'."""
    rng = np.random.default_rng(SEED)
    feed = make(DRIFTS["base"], COUNT, 100, rng)
    y = feed.decided[:, 1]
    one = y[:, :1]
    calendar = season.CalendarTerms(feed.holidays)

    def fit(counts: Array) -> None:
        season.fit(feed.days, counts, np.ones_like(counts), calendar, np.zeros(counts.shape, dtype=np.intp))

    ours, many = seconds(lambda: fit(one)), seconds(lambda: fit(y)) / y.shape[1]
    say(f"our fit to three years of one segment: {1000 * ours:.0f} ms alone, {1000 * many:.1f} ms among a hundred")
    if find_spec("prophet") is None:
        say("prophet, statsmodels: not installed here, left out")
        return
    # Only in the environment of `make bench-detection`.
    from statsmodels.discrete.discrete_model import NegativeBinomial  # noqa: PLC0415

    x = season.SeasonTerms(daily=True, harmonics=2, periods=0).matrix(feed.days, calendar)
    x = np.delete(x, [5, 6, 7], axis=1)  # a level beside five weekdays, and no weekend, is not identified there
    theirs = seconds(lambda: NegativeBinomial(y[:, 0], x).fit(disp=0, maxiter=200))
    logging.getLogger("prophet.plot").disabled = True
    import pandas as pd  # noqa: PLC0415
    from prophet import Prophet  # noqa: PLC0415

    logging.getLogger("cmdstanpy").disabled = True
    frame = pd.DataFrame({"ds": pd.to_datetime(list(feed.days)), "y": y[:, 0]})
    prophet = seconds(lambda: Prophet(uncertainty_samples=0, daily_seasonality=False).fit(frame))
    for name, spent in (("statsmodels, negative binomial", theirs), ("Prophet", prophet)):
        say(f"  {name}: {spent / ours:.1f} times as long alone, {spent / many:.0f} times as among a hundred")


def main() -> None:
    """Print all."""
    update()
    backtest()
    fits()


if __name__ == "__main__":
    main()
