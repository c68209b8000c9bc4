"""Judging deliveries: those that are new now (`check`), or past ones with a virtual clock (`replay`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.result import Run
from ketenwacht.errors import ConfigError
from ketenwacht.scheduler import Watch, Work, worklist

from .ahead import measured_ahead
from .session import Session

DAY = timedelta(days=1)


def check(session: Session, *, delivery: str | None, at: datetime) -> Iterator[Run]:
    """Judge what is new at `at`; or one delivery, also when it was judged before.

    Args:
        session: the feed.
        delivery: the id of one delivery; None: all that are new, and absences.
        at: now, UTC.

    Yields:
        Each run, kept before it is yielded.

    Raises:
        ConfigError: there is no delivery of that id.
        StoreError: the history cannot be written.
    """
    found = session.find(at)
    watch = session.office.watch(session.station.feed, since=_watched_since(session, found, at))
    if delivery is None:
        work = worklist(watch, found, session.history.judged(session.station.feed.name), at=at)
    else:
        work = _one(watch, found, delivery, at)
    session.intake.read_files(at)
    session.intake.compare_registers(found, at)
    line = session.line()
    for snapshot in measured_ahead(session.station, work):
        yield line.walk(snapshot, session.intake.known(at), at)


def _one(watch: Watch, found: tuple[Delivery, ...], delivery: str, at: datetime) -> tuple[Work, ...]:
    work = tuple(one for one in worklist(watch, found, set(), at=at) if one.delivery.id == delivery)
    if not work:
        raise ConfigError(
            "--delivery", f"there is no delivery {delivery} at that moment", "see `ketenwacht history`"
        )
    return work


def _watched_since(session: Session, found: tuple[Delivery, ...], at: datetime) -> date | None:
    """The first day on which a delivery is expected; None at the first look, which is remembered from then on."""
    feed = session.station.feed.name
    watermark = session.history.watermark(feed)
    session.history.expect(feed, (), watermark=max(at, watermark or at))
    if watermark is None or not found:
        return None
    return min(delivery.period for delivery in found)


def replay(
    session: Session, *, first: date, last: date, progress: Callable[[int, int], None] | None = None
) -> Iterator[Run]:
    """Judge the deliveries of `first` to `last` one by one, each at the moment at which it could be judged.

    Evidence counts from the day it was published, a register from the day after its reference date.

    Yields:
        Each run, kept before it is yielded.
    """
    end = datetime(last.year, last.month, last.day, tzinfo=session.office.zone) + DAY
    begin = datetime(first.year, first.month, first.day, tzinfo=session.office.zone)
    found = tuple(d for d in session.find(end) if first <= d.period <= last)
    watch = session.office.watch(session.station.feed, since=first, retold=True)
    work = [one for one in worklist(watch, found, set(), at=end) if one.moment >= begin]
    session.intake.read_files(end)
    line = session.line()
    for done, (one, snapshot) in enumerate(zip(work, measured_ahead(session.station, work), strict=True), start=1):
        session.intake.compare_registers(found, one.moment)
        yield line.walk(snapshot, session.intake.known(one.moment), one.moment)
        if progress is not None:
            progress(done, len(work))
