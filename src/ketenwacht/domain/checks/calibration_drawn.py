"""Clean histories like a feed's own, three years long, to see what a threshold would cost.

How much a real feed drifts is read from its weeks (a random walk of the log level: what the steps from week to
week vary more than chance alone). Histories that drift as much, with the last year's level, weekdays and holidays,
and lose nobody, are drawn; lasting shifts too: a year of one feed shows too few to learn how often they come, and
it is they that a false alarm is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from ketenwacht.domain.stats import baseline, counts, monitor
from ketenwacht.domain.stats.calibrate import feed_paths
from ketenwacht.domain.stats.negbin import Array
from ketenwacht.domain.stats.world import drawn

from ._counts import a_year, rest_of

_RESTLESS = (0.012, 0.04)  # a week's step of the log level: never taken to be calmer or wilder than this
_NEVER = (np.inf, np.inf)
_CHUNK = 25  # histories watched side by side
_LEAST_A_WEEK, _LEAST_STEPS, _MAD_TO_SD = 5.0, 8, 1.4826


def fitted(panel: counts.Panel) -> tuple[Array, Array]:
    """Means (days, segments) and sizes (segments,) of a fit without season to what is not masked."""
    weights = counts.trusted(panel, np.full(panel.y.shape[1], np.inf))
    held = baseline.fit(panel.days, panel.y, weights, panel.holidays)
    return held.predict(panel.days, panel.holidays, None), np.array(held.size)


def last_year(panel: counts.Panel) -> counts.Panel:
    """Its last whole weeks, a year at most: too short for a season to be fitted, long enough for a level."""
    weeks = min(52, max(1, (panel.days[-1] - panel.days[0]).days // 7))
    since = panel.days[-1] - timedelta(weeks=weeks)
    return panel.rows(sum(day <= since for day in panel.days), len(panel.days))


def repeated(days: Sequence[date]) -> tuple[tuple[date, ...], int]:
    """The same weekdays over three years, and how many of those days are warming up: two years."""
    span = timedelta(weeks=round(((days[-1] - days[0]).days + 1) / 7))
    times = max(3, -(-3 * 52 * 7 // span.days))
    found = tuple(day + span * i for i in range(times) for day in days)
    return found, sum(day < found[0] + timedelta(weeks=104) for day in found)


def drift_of(panel: counts.Panel, mu: Array, size: Array) -> float:
    """Standard deviation of a week's step of the log level, over all segments; within what is plausible.

    A step of the observed log ratio varies by the level's step and by chance: 1/Σμ + 1/(k·days) of both weeks.
    The median absolute step is used, so that an outage or a burst is no drift.
    """
    weights = counts.trusted(panel, np.full(panel.y.shape[1], np.inf))
    weeks = np.array([day.toordinal() // 7 for day in panel.days])
    weeks -= weeks[0]
    excess = []
    for s in range(panel.y.shape[1]):
        w = weights[:, s]
        total, meant, days = (
            np.bincount(weeks, values, minlength=weeks[-1] + 1)
            for values in (w * np.nan_to_num(panel.y[:, s]), w * mu[:, s], w)
        )
        full = (meant >= _LEAST_A_WEEK) & (days >= np.median(days[days > 0.0]) / 2 if days.any() else False)
        pairs = np.flatnonzero(full[1:] & full[:-1])
        if len(pairs) < _LEAST_STEPS:
            continue
        level = np.log((total + 0.5) / np.maximum(meant, 0.5))
        noise = 1.0 / np.maximum(meant, 1e-9) + 1.0 / (size[s] * np.maximum(days, 1.0))
        step = _MAD_TO_SD * np.median(np.abs(level[pairs + 1] - level[pairs]))
        excess.append(step**2 - float(np.mean(noise[pairs + 1] + noise[pairs])))
    variance = float(np.mean(excess)) if excess else 0.0
    return float(np.clip(np.sqrt(max(variance, 0.0)), *_RESTLESS))


@dataclass(frozen=True, slots=True)
class MonitorWatch:
    """How histories are watched; it never alarms.

    Attributes:
        cap: limit on one delivery's evidence, nats.
        sides: the directions looked at.
        anchored: whether the rest of the feed is the anchor.
    """

    cap: float
    sides: tuple[int, ...]
    anchored: bool

    def evidence(
        self, panel: counts.Panel, slacks: Sequence[float], runs: int = 1, *, since: int = 0
    ) -> dict[float, Array]:
        """By slack, the larger evidence of the directions looked at, over each run's segments; (days, runs).

        Before the delivery with index `since` nothing is evidence, it is only learnt from.
        """
        history = counts.watch(panel, monitor.MonitorSettings(_NEVER, min(slacks), self.cap), since=since)
        found = {
            slack: history.evidence_with(monitor.MonitorSettings(_NEVER, slack, self.cap)) for slack in slacks
        }
        return {slack: self._of_feed(evidence, runs) for slack, evidence in found.items()}

    def _of_feed(self, evidence: Array, runs: int) -> Array:
        parts = [
            feed_paths(np.moveaxis(evidence[:, side].reshape(len(evidence), runs, -1), 2, 1))
            for side in self.sides
        ]
        return np.asarray(np.maximum.reduce(parts))


@dataclass(frozen=True, slots=True)
class DrawnHistories:
    """Clean histories to be drawn, the same ones each time.

    Attributes:
        panel: what they are like, a year at most.
        mean: what it was expected to hold, (days, segments).
        size: k of each segment.
        drift: standard deviation of a week's step of the log level.
        runs: how many.
        seed: of the draw.
    """

    panel: counts.Panel
    mean: Array
    size: Array
    drift: float
    runs: int
    seed: int

    def watched(
        self, watching: MonitorWatch, slacks: Sequence[float], told: Callable[[int, int], None] | None = None
    ) -> dict[float, Array]:
        """By slack, evidence of the whole feed in the third year of each history, (days, runs).

        It begins with that year, as it does after an alarm: what nobody was told of in the years before, because
        these histories are watched without alarms, would be counted as alarms of its first day.

        Args:
            watching: how they are watched.
            slacks: drift that counts as normal (fractions), from `monitor.ONSET_SLACK` on if there are several.
            told: called with the histories done and all there are.
        """
        rng = np.random.default_rng(self.seed)
        days, warming = repeated(self.panel.days)
        mu = np.tile(self.mean, (len(days) // len(self.panel.days), 1))
        paths: dict[float, list[Array]] = {slack: [] for slack in slacks}
        for first in range(0, self.runs, _CHUNK):
            some = min(_CHUNK, self.runs - first)
            y = drawn(mu, self.size, self.drift, a_year(self.panel.days), some, rng)
            side_by_side = np.moveaxis(y, 2, 1).reshape(len(y), -1)
            groups = np.repeat(np.arange(some), mu.shape[1])
            made = counts.panel_of(days, side_by_side, self.panel.holidays, groups)
            if watching.anchored:
                rest = np.stack([rest_of(y[:, :, run]) for run in range(some)], axis=1)
                made = replace(made, offset=rest.reshape(len(y), -1))
            for slack, path in watching.evidence(made, slacks, some, since=warming).items():
                paths[slack].append(path[warming:])
            if told is not None:
                told(first + some, self.runs)
        return {slack: np.concatenate(parts, axis=1) for slack, parts in paths.items()}
