"""Weekly decision counts of the sender, known but for a factor of ±τ, judged by the check itself as it comes.

Each day's decisions are delivered on the next business day, some later, as `simulator` says; the feed had been
running for some weeks before the first figure. "counted": the figures count the very persons that are sent.
"drawn": the feed is a fresh Poisson draw around them. Nothing is told to the check but that, and τ.
"""
# ruff: noqa: INP001 - scripts that are run by path, not a package

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta

import numpy as np
from series import NEVER, Delays, delays
from simulator import DRIFTS, FAMILY, MEANS, Array, delivered, make, reported, thinned

from ketenwacht.domain.checks.reference import ReferenceCheck
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.evidence import ReferenceFigure
from ketenwacht.domain.measurement import ROWS, MetricKey, Snapshot
from ketenwacht.domain.measurement import decided as decided_name
from ketenwacht.domain.past import Past
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.stats import calibrate, shiryaev
from ketenwacht.domain.stats import reference_figures as outside
from ketenwacht.domain.stats.reference_figures import OutsideWindows

LEAD = 6  # weeks that the feed ran before the first figure
WEEK = timedelta(days=7)
KINDS = {"counted": ("sender",), "drawn": ()}
GROUPS = [Segment((("group", name),)) for name in ("asylum", "family", "other")]
HEIGHT = shiryaev.threshold_of(365.25 / 7.0, 1.0)  # the check's own, for too few only
EASED = 0.7  # likewise: what it is lower by where the lag is learnt


@dataclass(frozen=True, slots=True)
class Case:
    """What is simulated.

    Attributes:
        kind: of the figures, of `KINDS`.
        tau: relative standard deviation of their common factor.
        weeks: with a figure.
        loss: share of the family segment that is lost.
        onset: weeks after the first figure from which on; 0: ever since.
        dated: whether the persons have a date of decision, so that the lag is learnt.
        lag_days: that the check is told.
    """

    kind: str
    tau: float
    weeks: int
    loss: float = 0.0
    onset: int = 0
    dated: bool = False
    lag_days: int = 3


def found(case: Case, runs: int, rng: np.random.Generator) -> Delays:
    """Delays in weeks; runs that stood above the threshold before the onset are left out."""
    onset = np.full(runs, case.onset)
    return delays(evidence(case, runs, rng), onset, HEIGHT - EASED * case.dated, case.weeks)


def cost(case: Case, runs: int, rng: np.random.Generator) -> calibrate.Calibration:
    """False alarms a feed-year at the nominal threshold."""
    return calibrate.cost_of(evidence(case, runs, rng), HEIGHT - EASED * case.dated, 365.25 / 7.0)


def evidence(case: Case, runs: int, rng: np.random.Generator) -> Array:
    """Evidence of each feed for too few, never alarming, (weeks, runs)."""
    feed = make(DRIFTS["base"], (LEAD + case.weeks) * 5 + 1, runs, rng)
    sent = feed.decided if case.kind == "counted" else rng.poisson(feed.decided).astype(float)
    begun = np.full(runs, (LEAD + case.onset) * 5 if case.onset else 0)
    thin = thinned(sent, FAMILY, case.loss, begun, rng)[:-1]
    cells = reported(thin, rng) if case.dated else delivered(thin, rng)[None]
    y = cells.sum(axis=0)
    count = feed.decided[LEAD * 5 : -1].reshape(case.weeks, 5, len(MEANS), runs).sum(axis=1)
    count *= np.exp(rng.normal(0.0, case.tau, count.shape[1:]))
    decided = feed.days[LEAD * 5 : -1 : 5]
    # Dates of decision are learnt from while there are no figures yet, as a feed that runs has them.
    begin = 0 if case.dated else LEAD * 5 - 1
    served = feed.days[begin + 1 :]
    check = ReferenceCheck(
        segments=("group",),
        same_persons=KINDS[case.kind],
        surplus=False,
        lag_days=case.lag_days,
        decided_column="decided_on" if case.dated else "",
    )
    tables = []
    for run in range(runs):
        figures = _figures(decided, count[:, :, run], case.tau)
        lags = cells[:, begin:, :, run] if case.dated else None
        streams = check.streams(figures, _past(served, y[begin:, :, run], lags, feed.days), served[-1] + WEEK)
        tables.append(check.table(streams, [monday + timedelta(days=6) for monday in decided]))
    path = outside.follow(_beside(tables), NEVER).evidence[:, outside.FEW]
    return calibrate.feed_paths(np.moveaxis(path.reshape(case.weeks, runs, len(MEANS)), 1, 2))


def _figures(mondays: Sequence[date], count: Array, tau: float) -> list[ReferenceFigure]:
    return [
        ReferenceFigure(group, first, first + timedelta(days=6), float(n), tau, first + WEEK, "sender")
        for first, row in zip(mondays, count, strict=True)
        for group, n in zip(GROUPS, row, strict=True)
    ]


def _past(days: Sequence[date], y: Array, lags: Array | None, decided: Sequence[date]) -> Past:
    """The deliveries, with counts by date of decision where there are `lags`, (lags, deliveries, segments)."""
    found = []
    for t, (day, row) in enumerate(zip(days, y, strict=True)):
        counts = {MetricKey(ROWS): float(row.sum())} | {
            MetricKey(ROWS, g): float(n) for g, n in zip(GROUPS, row, strict=True)
        }
        if lags is not None:
            for lag in np.flatnonzero(lags[:, t].sum(axis=1)):
                name = decided_name((day - decided[t - lag]).days)
                counts[MetricKey(name)] = counts.get(MetricKey(name), 0.0) + float(lags[lag, t].sum())
                for g, n in zip(GROUPS, lags[lag, t], strict=True):
                    if n:
                        counts[MetricKey(name, g)] = float(n)
        found.append(Snapshot(Delivery("feed", str(day), day, sha256=str(day)), counts))
    return Past(tuple(found))


def _beside(tables: Sequence[outside.Streams]) -> outside.Streams:
    """Streams of several feeds over the same weeks, side by side."""
    seen = (np.concatenate([getattr(t.seen, f.name) for t in tables], axis=1) for f in fields(OutsideWindows))
    spread, drawn = (np.concatenate([getattr(t, name) for t in tables]) for name in ("spread", "drawn"))
    return outside.Streams(OutsideWindows(*seen), spread, drawn)
