"""The counts of a feed over time, with the expected counts and the available evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import sqrt

import numpy as np

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.check_traits import traits_of
from ketenwacht.domain.checks.reference import judges_by_figures
from ketenwacht.domain.evidence import Known, ReferenceFigure
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Interval, Status, worst
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.settings import FeedRules
from ketenwacht.messages.report.data import Series
from ketenwacht.store.curves import ExpectedInterval
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
    reader: HistoryReader, feed: Feed, figures: Sequence[ReferenceFigure], *, since: date | None = None
) -> Trends:
    """Return the counts of the whole feed and of its coarse parts, with what a check expected.

    Args:
        reader: an open history.
        feed: as configured.
        figures: what others published, as far as it counts.
        since: first period; None: all.

    Raises:
        ConfigError: the checks of the feed cannot be read.
    """
    curves, rules = reader.history.curves, load_rules(feed, reader.project.root)
    dimensions = coarse_dimensions(feed)
    sizes = {s: n for s, n in curves.sum_recent(feed.name, ROWS).items() if s.dimensions == dimensions}
    parts = sorted(sizes, key=lambda s: (-sizes[s], s)) if dimensions else []
    shown = (WHOLE, *parts[:MOST_SEGMENTS])
    published = {figure.segment.dimensions for figure in figures}
    past = _read_counts(reader, feed, dimensions, lambda s: s in shown or s.dimensions in published)
    expected = curves.find_expected(feed.name, checks=find_banded(rules), segments=shown, since=since)
    bands = expected_counts(rules, expected, figures, past)
    runs = curves.find_runs(feed.name, since=since)
    newest = find_newest(curves.iterate_statuses(feed.name), shown)
    smallest = {run.delivery: run.smallest for run in runs}
    if runs:
        newest[WHOLE] = runs[-1].status
    series = tuple(
        make_series(past, s, smallest, bands.get(s, {}), since=since, status=newest.get(s)) for s in shown
    )
    return Trends(series, max(0, len(parts) - MOST_SEGMENTS))


def _read_counts(
    reader: HistoryReader, feed: Feed, dimensions: tuple[str, ...], wanted: Callable[[Segment], bool]
) -> Past:
    """Return the counts of some segments; of all where a delivery holds none of these.

    Whether those fell to 0 in it, or were not counted, the others tell.
    """
    runs = reader.history.runs
    past = Past.of(runs.find_snapshots(feed.name, metrics={ROWS}, segments=wanted))
    if all(one.counts_by(dimensions) for one in past.snapshots):
        return past
    return Past.of(runs.find_snapshots(feed.name, metrics={ROWS}))


def coarse_dimensions(feed: Feed) -> tuple[str, ...]:
    """Return the first dimensions that the feed is counted by; () when it is only counted as a whole."""
    return next((dimensions for dimensions in feed.segments if dimensions), ())


def load_evidence(reader: HistoryReader, feed: Feed, at: datetime) -> Known:
    """Return the evidence at hand: now, or in a replay what was known when its last delivery was judged."""
    moment = reader.moment(at)
    day = moment.astimezone(reader.project.zone).date()
    return Known(
        references=load_figures(reader, feed, at),
        inquiries=reader.history.evidence.find_inquiries(feed.name, known_on=day),
        reconciliations=reader.history.evidence.find_reconciliations(feed.name, until=moment),
        hops=tuple(one for one in reader.history.evidence.find_hop_counts(feed.name) if one.published_on <= day),
    )


def load_figures(reader: HistoryReader, feed: Feed, at: datetime) -> tuple[ReferenceFigure, ...]:
    """Return what others published: by now, or in a replay by the day its last delivery was judged."""
    day = reader.moment(at).astimezone(reader.project.zone).date()
    return reader.history.evidence.find_references(feed.name, known_on=day)


def make_series(  # noqa: PLR0913 - what a curve is made of
    past: Past,
    segment: Segment,
    smallest: Mapping[str, float | None],
    bands: Mapping[date, Interval],
    *,
    since: date | None,
    status: Status | None = None,
) -> Series:
    """Return the counts of one segment over time, with what was expected of them.

    Args:
        past: every delivery.
        segment: which part of the feed.
        smallest: by id of a delivery, its smallest count above 0 (None: it holds none). One that is not there has
            a count of 1, so that it is hidden.
        bands: what was expected, by period.
        since: first period; None: all.
        status: the newest verdict; None: it was never judged, or nobody shows it.
    """
    counts = [None if np.isnan(count) else float(count) for count in past.series(ROWS, segment)]
    shown = [
        (snapshot.delivery, count)
        for snapshot, count in zip(past.snapshots, counts, strict=True)
        if since is None or snapshot.delivery.period >= since
    ]
    limits = [bands.get(delivery.period, Interval()) for delivery, _ in shown]
    return Series(
        segment,
        [delivery.period for delivery, _ in shown],
        [count for _, count in shown],
        low=[one.low for one in limits],
        high=[one.high for one in limits],
        status=status,
        smallest=[smallest.get(delivery.id, 1.0) for delivery, _ in shown],
    )


def find_newest(said: Iterable[tuple[int, Segment, Status]], segments: Iterable[Segment]) -> dict[Segment, Status]:
    """Return for each segment the worst status in the newest run with a result in it; `said` is newest first."""
    found: dict[Segment, list[Status]] = {}
    left, run = set(segments), None
    for number, inner, status in said:
        if number != run:
            run, left = number, left - set(found)
            if not left:
                break
        for segment in left:
            if segment.contains(inner):
                found.setdefault(segment, []).append(status)
    return {segment: worst(statuses) for segment, statuses in found.items()}


# What was expected of each delivery, gathered from the checks that say so in persons.


Bands = Mapping[Segment, Mapping[date, Interval]]
"""By segment and period."""


def expected_counts(
    rules: FeedRules, by_history: Iterable[ExpectedInterval], figures: Sequence[ReferenceFigure], past: Past
) -> Bands:
    """Return what was expected of each delivery: by an outside figure where there is one, else by own history.

    A figure of a week or month is spread over its deliveries so that their sums have its interval again: middles
    add up, half-widths in squares, as when the report sums days into weeks.

    Args:
        rules: the checks of the feed.
        by_history: limits of the checks that expect counts, in order of judging; a later one of a period counts.
        figures: what others published, as far as it counts.
        past: every delivery, the newest included.
    """
    found: dict[Segment, dict[date, Interval]] = {}
    for segment, day, limits in (*by_history, *_expect_by_figures(rules, figures, past)):
        found.setdefault(segment, {})[day] = limits
    return found


def find_banded(rules: FeedRules) -> frozenset[str]:
    """Return the names of the checks whose limits are counts that they expect."""
    return frozenset(check.name for check in rules.checks if traits_of(check).bands)


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
