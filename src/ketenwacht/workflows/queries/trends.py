"""The counts of a feed over time, with what was expected of them and the evidence at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.evidence import Known, ReferenceFigure
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Interval, JudgedRun
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.status import Status, worst
from ketenwacht.messages.report.data import Series

from .bands import expected_counts
from .history_reader import HistoryReader

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


def trends(
    reader: HistoryReader,
    feed: Feed,
    runs: Sequence[JudgedRun],
    figures: Sequence[ReferenceFigure],
    *,
    since: date | None = None,
) -> Trends:
    """The counts of the whole feed and of its coarse parts, with what was expected where a check said so.

    Args:
        reader: an open history.
        feed: as configured.
        runs: what was said of the same deliveries, in order of judging.
        figures: what others published, as far as it counts.
        since: first period; None: all.

    Raises:
        ConfigError: the checks of the feed cannot be read.
    """
    past = Past.of(reader.history.snapshots(feed.name, metrics={ROWS}))
    dimensions = coarse(feed)
    sizes = {s: float(np.nansum(past.series(ROWS, s))) for s in past.segments(ROWS, dimensions)}
    parts = sorted(sizes, key=lambda s: (-sizes[s], s)) if dimensions else []
    bands = expected_counts(load_rules(feed, reader.project.root), runs, figures, past)
    shown = (WHOLE, *parts[:MOST_SEGMENTS])
    series = tuple(series_of(past, s, runs, bands.get(s, {}), since) for s in shown)
    return Trends(series, max(0, len(parts) - MOST_SEGMENTS))


def coarse(feed: Feed) -> tuple[str, ...]:
    """The first dimensions that the feed is counted by; () when it is only counted as a whole."""
    return next((dimensions for dimensions in feed.segments if dimensions), ())


def known_by(reader: HistoryReader, feed: Feed, at: datetime) -> Known:
    """The evidence at hand: now, or in a replay what was known when its last delivery was judged."""
    moment = reader.moment(at)
    day = moment.astimezone(reader.project.zone).date()
    return Known(
        references=reader.history.references(feed.name, known_on=day),
        inquiries=reader.history.inquiries(feed.name, known_on=day),
        reconciliations=reader.history.reconciliations(feed.name, until=moment),
        hops=tuple(one for one in reader.history.hop_counts(feed.name) if one.published_on <= day),
    )


def series_of(
    past: Past, segment: Segment, runs: Sequence[JudgedRun], bands: Mapping[date, Interval], since: date | None
) -> Series:
    """The counts of one segment from `since` on (None: all), with what was expected and the newest verdict."""
    counts = [None if np.isnan(count) else float(count) for count in past.series(ROWS, segment)]
    kept = [(d, count) for d, count in zip(past.periods, counts, strict=True) if since is None or d >= since]
    limits = [bands.get(day, Interval()) for day, _ in kept]
    smallest = _smallest(past, runs)
    return Series(
        segment,
        [day for day, _ in kept],
        [count for _, count in kept],
        low=[one.low for one in limits],
        high=[one.high for one in limits],
        status=newest_status(runs, segment),
        smallest=[smallest[day] for day, _ in kept],
    )


def _smallest(past: Past, runs: Sequence[JudgedRun]) -> dict[date, float | None]:
    """By period the smallest count that the delivery holds which stands for it; 1 where no run says so."""
    said = {run.delivery.id: run.smallest for run in runs}
    return {one.delivery.period: said.get(one.delivery.id, 1.0) for one in past.snapshots}


def newest_status(runs: Sequence[JudgedRun], segment: Segment) -> Status | None:
    """The newest verdict on a part of the feed and everything in it; None when it was never judged."""
    if segment == WHOLE:
        return runs[-1].status if runs else None
    for run in reversed(runs):
        said = [result.status for result in run.results if segment.contains(result.segment)]
        if said:
            return worst(said)
    return None
