"""Queries of the pages: few for all feeds, so that many feeds cost little more than one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, and_, func, select

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.result import Evidence, Interval, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.store import History, tables
from ketenwacht.store.codec import EVIDENCE
from ketenwacht.store.types import segment_of, segment_text

SHORT = timedelta(weeks=13)
"""The stretch that the overview draws."""

NumbersBefore = Mapping[tuple[str, Segment], float]
"""How many persons each check said are missing, by check and segment."""

T = TypeVar("T")
_MOST_KEPT = 10_000  # entries of a `HistoryCache`
_JUDGED = (Status.PASSED, Status.FAILED)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One judged delivery, without its results. Times are UTC.

    Attributes:
        number: order of judging.
        smallest: the smallest count above 0 that it holds; None: it holds none.
        by_evidence: whether evidence made it judge again: no delivery arrived.
    """

    number: int
    feed: str
    delivery: str
    period: date
    presence: Presence
    arrived_at: datetime | None
    at: datetime
    status: Status
    smallest: float | None
    by_evidence: bool


@dataclass(frozen=True, slots=True)
class CountRow:
    """The count of one delivery: rows of the whole feed or of one segment; None: not measured."""

    period: date
    value: float | None
    smallest: float | None


@dataclass(frozen=True, slots=True)
class Proof:
    """Up to which day independent evidence covers a feed, and which evidence that is."""

    until: date
    evidence: Evidence


_RUN = (
    tables.runs.c.number,
    tables.deliveries.c.feed,
    tables.deliveries.c.delivery_id,
    tables.deliveries.c.period,
    tables.deliveries.c.presence,
    tables.deliveries.c.arrived_at,
    tables.runs.c.at,
    tables.runs.c.status,
    tables.runs.c.smallest,
    tables.deliveries.c.sha256.startswith(EVIDENCE),
)


def find_latest_runs(history: History) -> dict[str, RunRow]:
    """Return the run that was judged last, by feed."""
    newest = (
        select(func.max(tables.runs.c.number))
        .join(tables.deliveries, tables.deliveries.c.id == tables.runs.c.delivery)
        .group_by(tables.deliveries.c.feed)
    )
    query = select(*_RUN).join(tables.deliveries).where(tables.runs.c.number.in_(newest))
    with history.database.reading() as connection:
        return {row.feed: row for row in (RunRow(*values) for values in connection.execute(query))}


def find_runs(  # noqa: PLR0913 - one argument a filter
    history: History,
    *,
    feed: str | None = None,
    status: Status | None = None,
    since: date | None = None,
    until: date | None = None,
    limit: int = 500,
    offset: int = 0,
) -> list[RunRow]:
    """Return runs, newest first, without their results.

    Args:
        history: open.
        feed: of which feed; None: of all.
        status: with which verdict; None: with any.
        since: first period.
        until: last period.
        limit: so many at most.
        offset: so many newer ones are left out.
    """
    query = select(*_RUN).join(tables.deliveries).order_by(tables.runs.c.number.desc())
    at = tables.deliveries.c
    for condition in (
        None if feed is None else at.feed == feed,
        None if status is None else tables.runs.c.status == status,
        None if since is None else at.period >= since,
        None if until is None else at.period <= until,
    ):
        query = query if condition is None else query.where(condition)
    with history.database.reading() as connection:
        return [RunRow(*values) for values in connection.execute(query.limit(limit).offset(offset))]


def find_counts(
    history: History, *, since: date, feed: str | None = None, segments: Collection[Segment] = (WHOLE,)
) -> dict[tuple[str, Segment], list[CountRow]]:
    """Return the rows delivered from a day on, by feed and segment, in order of judging.

    Args:
        history: open.
        since: first period.
        feed: of which feed; None: of all.
        segments: of which parts.
    """
    parts = {segment_text(segment): segment for segment in segments}
    found: dict[tuple[str, Segment], list[CountRow]] = {}
    with history.database.reading() as connection:
        for name, segment, period, value, smallest in connection.execute(_counts(since, feed, list(parts))):
            found.setdefault((name, parts[segment]), []).append(CountRow(period, value, smallest))
    return found


def _counts(since: date, feed: str | None, segments: Sequence[str]) -> Select[Any]:
    series, measured, runs, deliveries = tables.series.c, tables.measurements.c, tables.runs.c, tables.deliveries.c
    query = (
        select(deliveries.feed, series.segment, deliveries.period, measured.value, runs.smallest)
        .select_from(tables.deliveries)
        .join(tables.runs, runs.delivery == deliveries.id)
        .join(tables.series, and_(series.feed == deliveries.feed, series.metric == ROWS))
        .join(tables.measurements, and_(measured.run == runs.number, measured.series == series.id))
        .where(deliveries.period >= since, series.segment.in_(segments))
        .order_by(runs.number)
    )
    return query if feed is None else query.where(deliveries.feed == feed)


def find_proofs(history: History, latest: Mapping[str, RunRow], *, known_on: date) -> dict[str, Proof]:
    """Return up to which day independent evidence covers each feed: the strongest kind that there is.

    A register or an outside figure covers a feed up to its own day, control totals up to the latest delivery in
    which they were compared. A feed without any is left out: it is unproven.

    Args:
        history: open.
        latest: the newest run of each feed.
        known_on: a figure that was published later does not count.
    """
    register, figure = tables.reconciliations.c, tables.reference_figures.c
    registers = select(register.feed, func.max(register.register_date)).group_by(register.feed)
    figures = (
        select(figure.feed, func.max(figure.period_to))
        .where(figure.hop == "", figure.published_on <= known_on)
        .group_by(figure.feed)
    )
    said = tables.results.c
    totals = (
        select(said.run)
        .where(said.run.in_([run.number for run in latest.values()]))
        .where(said.evidence == Evidence.CONTROL_TOTAL, said.status.in_(_JUDGED))
        .distinct()
    )
    found: dict[str, Proof] = {}
    with history.database.reading() as connection:
        compared = set(connection.execute(totals).scalars())
        for feed, day in connection.execute(figures):
            found[feed] = Proof(day, Evidence.REFERENCE)
        for run in latest.values():
            if run.number in compared:
                found[run.feed] = Proof(run.period, Evidence.CONTROL_TOTAL)
        for feed, day in connection.execute(registers):
            found[feed] = Proof(day, Evidence.RECONCILIATION)
    return found


def find_numbers_before(
    history: History, moment: datetime, feed: str | None = None
) -> Mapping[str, NumbersBefore]:
    """Return what each check said of missing persons at a moment (UTC), by feed, then check and segment; persons.

    Args:
        history: open.
        moment: what was judged later does not count.
        feed: of which feed; None: of all.
    """
    said, of = tables.results.c, tables.deliveries.c
    newest = (
        select(func.max(tables.runs.c.number))
        .join(tables.deliveries)
        .where(tables.runs.c.at <= moment)
        .group_by(of.feed)
    )
    newest = newest if feed is None else newest.where(of.feed == feed)
    query = (
        select(of.feed, said.check_name, said.segment, said.missing_value)
        .join(tables.runs, tables.runs.c.number == said.run)
        .join(tables.deliveries, of.id == tables.runs.c.delivery)
        .where(said.run.in_(newest), said.missing_value.is_not(None))
    )
    found: dict[str, dict[tuple[str, Segment], float]] = {}
    with history.database.reading() as connection:
        for name, check, segment, value in connection.execute(query):
            found.setdefault(name, {})[check, segment] = value
    return found


@dataclass(slots=True)
class HistoryCache:
    """What was read of a history, kept until something is written to it, by this process or another.

    Every write adds a line to the audit log, and the code of a line covers all lines before it: while the last
    line is the same, so is everything that was read. Runs are written once and never changed, so what depends on
    them alone is kept until there is another newest run, or another number of them.
    """

    history: History
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False)
    _head: tuple[int, str] = field(default=(0, ""), init=False)
    _runs: tuple[str | None, int] = field(default=(None, 0), init=False)
    _kept: dict[Hashable, tuple[tuple[object, ...], Any]] = field(default_factory=dict, init=False)
    _of_runs: dict[Hashable, tuple[tuple[object, ...], Any]] = field(default_factory=dict, init=False)

    def refresh(self) -> None:
        """Forget what a write may have changed; call it once a request.

        Raises:
            StoreError: the history does not answer.
        """
        head = self.history.audit.read_head()
        with self._lock:
            if head == self._head and len(self._kept) <= _MOST_KEPT:
                return
            self._kept.clear()
            # by its id: after an older copy was put back, another run may get the same number
            newest_id = select(tables.runs.c.id).order_by(tables.runs.c.number.desc()).limit(1).scalar_subquery()
            query = select(newest_id, func.count()).select_from(tables.runs)
            with self.history.database.reading() as connection:
                newest, many = connection.execute(query).one()
            if (newest, many) != self._runs:
                self._of_runs.clear()
            self._head, self._runs = head, (newest, many)

    def read(
        self, key: Hashable, make: Callable[[], T], *, of: tuple[object, ...] = (), of_runs: bool = False
    ) -> T:
        """Return what `make` returned for this key, or call it.

        Args:
            key: names what is read.
            make: reads it, at the first call and when `of` is not what it was.
            of: what it depends on besides the history.
            of_runs: whether of the history it depends on runs and their counts alone.
        """
        with self._lock:
            place = self._of_runs if of_runs else self._kept
            if key not in place or place[key][0] != of:
                place[key] = of, make()
            found: T = place[key][1]
            return found


def find_limits(
    history: History, feed: str, checks: Collection[str], segments: Collection[Segment], *, since: date
) -> dict[Segment, dict[date, Interval]]:
    """Return what the named checks expected of each delivery, by segment and period; persons.

    Args:
        history: open.
        feed: of which feed.
        checks: that expect a number of persons in a delivery.
        segments: of which parts.
        since: first period.
    """
    said = tables.results.c
    query = (
        select(said.segment, tables.deliveries.c.period, said.low, said.high)
        .join(tables.runs, tables.runs.c.number == said.run)
        .join(tables.deliveries, tables.deliveries.c.id == tables.runs.c.delivery)
        .where(tables.deliveries.c.feed == feed, tables.deliveries.c.period >= since)
        .where(said.check_name.in_(checks), said.segment.in_(segments), said.unit == "persons", said.bounded)
        .order_by(said.run)
    )
    found: dict[Segment, dict[date, Interval]] = {}
    with history.database.reading() as connection:
        for segment, period, low, high in connection.execute(query):
            found.setdefault(segment, {})[period] = Interval(low, high)
    return found


def find_segments(history: History, feed: str, metric: str = ROWS) -> tuple[Segment, ...]:
    """Return every part of a feed that was ever counted, the whole included."""
    series = tables.series.c
    query = select(series.segment).where(series.feed == feed, series.metric == metric)
    with history.database.reading() as connection:
        return tuple(sorted(segment_of(text) for text in connection.execute(query).scalars()))


def find_proofs_of_parts(history: History, feed: str, *, known_on: date) -> dict[Segment, Proof]:
    """Return up to which day a register or an outside figure covers each part of a feed."""
    register, figure = tables.reconciliations.c, tables.reference_figures.c
    figures = (
        select(figure.segment, func.max(figure.period_to))
        .where(figure.feed == feed, figure.hop == "", figure.published_on <= known_on)
        .group_by(figure.segment)
    )
    registers = (
        select(register.segment, func.max(register.register_date))
        .where(register.feed == feed)
        .group_by(register.segment)
    )
    with history.database.reading() as connection:
        found = {segment: Proof(day, Evidence.REFERENCE) for segment, day in connection.execute(figures)}
        return found | {s: Proof(day, Evidence.RECONCILIATION) for s, day in connection.execute(registers)}


def find_last_read(history: History, feed: str) -> date | None:
    """Return the period of the newest delivery that was there and could be read; None: there is none."""
    query = select(func.max(tables.deliveries.c.period)).where(
        tables.deliveries.c.feed == feed, tables.deliveries.c.presence == Presence.READ
    )
    with history.database.reading() as connection:
        found: date | None = connection.execute(query).scalar_one()
        return found
