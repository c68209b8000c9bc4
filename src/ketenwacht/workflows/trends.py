"""The counts of a feed over time, with what was expected of them and the evidence at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import sqrt

import numpy as np

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.checks.reference import judges_by_figures
from ketenwacht.domain.evidence import Known, ReferenceFigure
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Interval, JudgedRun, Status, worst
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.settings import FeedRules
from ketenwacht.domain.traits import traits_of
from ketenwacht.messages.report.data import Series
from ketenwacht.workflows.histories import HistoryReader

# The counts of a feed over time, with what was expected of them and the evidence at hand.


MOST_SEGMENTS = 12
"""More parts of the feed than this are not drawn; the largest are."""


@dataclass(frozen=True, slots=True)
class Trends:
    """The counts of a feed over time.

    Attributes:
        series: the whole feed first, then its coarse parts, the largest first.
        more: how many smaller parts there are besides.
    """

    series: tuple[Series, ...]
    more: int


def load_trends(
    reader: HistoryReader,
    feed: Feed,
    runs: Sequence[JudgedRun],
    figures: Sequence[ReferenceFigure],
    *,
    since: date | None = None,
) -> Trends:
    """Return the counts of the whole feed and of its coarse parts, with what a check expected.

    Args:
        reader: an open history.
        feed: as configured.
        runs: the runs of the same deliveries, in order of judging.
        figures: what others published, as far as it counts.
        since: first period; None: all.

    Raises:
        ConfigError: the checks of the feed cannot be read.
    """
    past = Past.of(reader.history.runs.find_snapshots(feed.name, metrics={ROWS}))
    dimensions = coarse_dimensions(feed)
    sizes = {s: float(np.nansum(past.series(ROWS, s))) for s in past.segments(ROWS, dimensions)}
    parts = sorted(sizes, key=lambda s: (-sizes[s], s)) if dimensions else []
    bands = expected_counts(load_rules(feed, reader.project.root), runs, figures, past)
    shown = (WHOLE, *parts[:MOST_SEGMENTS])
    series = tuple(make_series(past, s, runs, bands.get(s, {}), since) for s in shown)
    return Trends(series, max(0, len(parts) - MOST_SEGMENTS))


def coarse_dimensions(feed: Feed) -> tuple[str, ...]:
    """Return the first dimensions that the feed is counted by; () when it is only counted as a whole."""
    return next((dimensions for dimensions in feed.segments if dimensions), ())


def load_evidence(reader: HistoryReader, feed: Feed, at: datetime) -> Known:
    """Return the evidence at hand: now, or in a replay what was known when its last delivery was judged."""
    moment = reader.moment(at)
    day = moment.astimezone(reader.project.zone).date()
    return Known(
        references=reader.history.evidence.find_references(feed.name, known_on=day),
        inquiries=reader.history.evidence.find_inquiries(feed.name, known_on=day),
        reconciliations=reader.history.evidence.find_reconciliations(feed.name, until=moment),
        hops=tuple(one for one in reader.history.evidence.find_hop_counts(feed.name) if one.published_on <= day),
    )


def make_series(
    past: Past, segment: Segment, runs: Sequence[JudgedRun], bands: Mapping[date, Interval], since: date | None
) -> Series:
    """Return the counts of one segment from `since` on (None: all), what was expected, and the newest verdict."""
    counts = [None if np.isnan(count) else float(count) for count in past.series(ROWS, segment)]
    kept = [(d, count) for d, count in zip(past.periods, counts, strict=True) if since is None or d >= since]
    limits = [bands.get(day, Interval()) for day, _ in kept]
    smallest = _smallest_counts(past, runs)
    return Series(
        segment,
        [day for day, _ in kept],
        [count for _, count in kept],
        low=[one.low for one in limits],
        high=[one.high for one in limits],
        status=newest_status(runs, segment),
        smallest=[smallest[day] for day, _ in kept],
    )


def _smallest_counts(past: Past, runs: Sequence[JudgedRun]) -> dict[date, float | None]:
    """Return by period the smallest count of the delivery that stands for it; 1 where no run says so."""
    smallest = {run.delivery.id: run.smallest for run in runs}
    return {one.delivery.period: smallest.get(one.delivery.id, 1.0) for one in past.snapshots}


def newest_status(runs: Sequence[JudgedRun], segment: Segment) -> Status | None:
    """Return the newest verdict on a part of the feed and everything in it; None when it was never judged."""
    if segment == WHOLE:
        return runs[-1].status if runs else None
    for run in reversed(runs):
        statuses = [result.status for result in run.results if segment.contains(result.segment)]
        if statuses:
            return worst(statuses)
    return None


# What was expected of each delivery, gathered from the checks that say so in persons.


Bands = Mapping[Segment, Mapping[date, Interval]]
"""By segment and period."""


def expected_counts(
    rules: FeedRules, runs: Sequence[JudgedRun], figures: Sequence[ReferenceFigure], past: Past
) -> Bands:
    """Return what was expected of each delivery: by an outside figure where there is one, else by own history.

    A figure of a week or month is spread over its deliveries so that their sums have its interval again: middles
    add up, half-widths in squares, as when the report sums days into weeks.

    Args:
        rules: the checks of the feed.
        runs: in order of judging; a later one replaces an earlier one of its period.
        figures: what others published, as far as it counts.
        past: every delivery, the newest included.
    """
    found: dict[Segment, dict[date, Interval]] = {}
    for segment, day, limits in (*_expect_by_history(rules, runs), *_expect_by_figures(rules, figures, past)):
        found.setdefault(segment, {})[day] = limits
    return found


def _expect_by_history(rules: FeedRules, runs: Sequence[JudgedRun]) -> Iterator[tuple[Segment, date, Interval]]:
    names = {check.name for check in rules.checks if traits_of(check).bands}
    for run in runs:
        for result in run.results:
            if result.check in names and result.unit == "persons" and result.expected is not None:
                yield result.segment, run.delivery.period, result.expected


def _expect_by_figures(
    rules: FeedRules, figures: Sequence[ReferenceFigure], past: Past
) -> Iterator[tuple[Segment, date, Interval]]:
    if not past.snapshots or not figures:
        return
    known = max(figure.published_on for figure in figures)
    for check in (c for c in rules.checks if judges_by_figures(c)):
        for segment, first, last, limits in check.expected(figures, past, known):
            read = [s for s in past.snapshots if s.delivery.read]
            days = [s.delivery.period for s in read if first <= s.delivery.period <= last]
            yield from ((segment, day, _divide(limits, len(days))) for day in days)


def _divide(limits: Interval, deliveries: int) -> Interval:
    if limits.low is None or limits.high is None:
        return limits
    middle = (limits.low + limits.high) / 2 / deliveries
    half = (limits.high - limits.low) / 2 / sqrt(deliveries)
    return Interval(max(0.0, middle - half), middle + half)
