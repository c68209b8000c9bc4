"""Read the data of a feed's count charts, without reading its runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select

from ketenwacht.domain.result import Interval, Status
from ketenwacht.domain.segment import Segment

from .database import Connections
from .tables import deliveries, measurements, results, runs, series
from .types import segment_of

RECENT = 400
"""Runs that count as recent: more than a year of a daily feed."""

_AT_ONCE = 25  # runs whose results are read together: most often the newest ones tell enough

ExpectedInterval = tuple[Segment, date, Interval]
"""What was expected of a segment, in a delivery of this period."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run without its results.

    Attributes:
        delivery: id of its delivery.
        period: of the delivery.
        status: the worst of its results.
        smallest: the smallest count above 0 in the delivery; None: it holds none.
    """

    delivery: str
    period: date
    status: Status
    smallest: float | None


class CurveRepository:
    """Sizes of segments, limits and newest verdicts, for the count charts; reads no more than these show."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def find_runs(
        self, feed: str, *, since: date | None = None, until: datetime | None = None
    ) -> tuple[RunSummary, ...]:
        """Return the runs of a feed in order of judging.

        Args:
            feed: of which feed.
            since: only deliveries for this period or later; None: all.
            until: only runs of this moment (UTC) or earlier; None: all.
        """
        columns = (deliveries.c.delivery_id, deliveries.c.period, runs.c.status, runs.c.smallest)
        query = select(*columns).join_from(runs, deliveries).where(deliveries.c.feed == feed)
        query = _limit(query, since, until).order_by(runs.c.number)
        with self._database.reading() as connection:
            return tuple(RunSummary(*row) for row in connection.execute(query))

    def sum_recent(self, feed: str, metric: str) -> Mapping[Segment, float]:
        """Return for each segment in which a count was ever measured its sum in the recent runs, 0 without one."""
        named = select(series.c.id, series.c.segment).where(series.c.feed == feed, series.c.metric == metric)
        sums = (
            select(measurements.c.series, func.sum(measurements.c.value))
            .where(measurements.c.run >= _oldest_recent(feed), measurements.c.run.in_(_numbers(feed)))
            .where(measurements.c.series.in_(select(named.subquery().c.id)))
            .group_by(measurements.c.series)
        )
        with self._database.reading() as connection:
            found = dict(connection.execute(sums).all())
            return {segment_of(text): found.get(number) or 0.0 for number, text in connection.execute(named)}

    def find_expected(
        self,
        feed: str,
        *,
        checks: Collection[str],
        segments: Collection[Segment],
        since: date | None = None,
        until: datetime | None = None,
    ) -> tuple[ExpectedInterval, ...]:
        """Return the limits in persons that some checks set to some segments, in order of judging.

        Args:
            feed: of which feed.
            checks: names of the checks.
            segments: parts of the feed.
            since: only deliveries for this period or later; None: all.
            until: only runs of this moment (UTC) or earlier; None: all.
        """
        query = (
            select(results.c.segment, deliveries.c.period, results.c.low, results.c.high)
            .join_from(results, runs, runs.c.number == results.c.run)
            .join(deliveries)
            .where(deliveries.c.feed == feed, results.c.check_name.in_(sorted(checks)))
            .where(results.c.segment.in_(list(segments)), results.c.bounded, results.c.unit == "persons")
            .order_by(results.c.run, results.c.position)
        )
        with self._database.reading() as connection:
            found = connection.execute(_limit(query, since, until))
            return tuple((segment, period, Interval(low, high)) for segment, period, low, high in found)

    def iterate_statuses(self, feed: str) -> Iterator[tuple[int, Segment, Status]]:
        """Yield the results of the recent runs, the newest run first: run number, segment and status."""
        recent = _numbers(feed).order_by(runs.c.number.desc()).limit(RECENT)
        with self._database.reading() as connection:
            numbers = connection.execute(recent).scalars().all()
        for start in range(0, len(numbers), _AT_ONCE):
            query = (
                select(results.c.run, results.c.segment, results.c.status)
                .where(results.c.run.in_(numbers[start : start + _AT_ONCE]))
                .order_by(results.c.run.desc(), results.c.position)
            )
            with self._database.reading() as connection:
                found = connection.execute(query).all()
            yield from found


def _limit(query: Select[Any], since: date | None, until: datetime | None) -> Select[Any]:
    if since is not None:
        query = query.where(deliveries.c.period >= since)
    return query if until is None else query.where(runs.c.at <= until)


def _numbers(feed: str) -> Select[tuple[int]]:
    return select(runs.c.number).join(deliveries).where(deliveries.c.feed == feed)


def _oldest_recent(feed: str) -> ScalarSelect[int]:
    newest = _numbers(feed).order_by(runs.c.number.desc()).limit(RECENT).subquery()
    return select(func.min(newest.c.number)).scalar_subquery()
