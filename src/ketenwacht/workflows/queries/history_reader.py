"""Looking back at what was judged, without changing anything: neither a file nor a table is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
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
from ketenwacht.errors import StoreError
from ketenwacht.messages.report.data import Series
from ketenwacht.store import History
from ketenwacht.workflows.project import LoadedProject

from .bands import expected_counts


@dataclass(frozen=True, slots=True)
class HistoryReader:
    """A history that is open to be looked at.

    Attributes:
        project: the configuration.
        feeds: names of the feeds that are looked at.
        history: where they were judged.
        replayed: whether that is the history of the newest replay.
    """

    project: LoadedProject
    feeds: tuple[str, ...]
    history: History
    replayed: bool

    def moment(self, now: datetime) -> datetime:
        """The present of what is looked at: now, or in a replay when its last delivery was judged (UTC)."""
        last = (self.history.runs(feed, limit=1) for feed in self.feeds) if self.replayed else ()
        return max((run.at for runs in last for run in runs), default=now)


@contextmanager
def open_reader(
    project: LoadedProject,
    feed: str | None,
    *,
    replay: bool,
    on_warning: Callable[[str, str], None],
    every: bool = False,
) -> Iterator[HistoryReader]:
    """Open the history of a feed: the configured one, or the newest replay's when that holds nothing of the feed.

    Args:
        project: the configuration.
        feed: name of the feed; None: the only one.
        replay: look at the newest replay, whatever the configured history holds.
        on_warning: called with a name and what must be known of it: that this is a replay.
        every: without a name, look at every feed.

    Raises:
        ConfigError: there is no such feed.
        StoreError: nothing was judged yet, or a history cannot be read.
    """
    names = tuple(project.settings.feeds) if feed is None and every else (project.feed(feed).name,)
    with ExitStack() as stack:
        live = None if replay else opened(stack, project)
        if live is not None and _holds(live, names):
            yield HistoryReader(project, names, live, replayed=False)
            return
        replayed = opened(stack, project, project.replay_url())
        if replayed is None or not _holds(replayed, names):
            raise StoreError(_nothing(names, replay=replay))
        if not replay:
            on_warning(", ".join(names), "nothing was judged live yet; this is what the newest replay found")
        yield HistoryReader(project, names, replayed, replayed=True)


def best_history(stack: ExitStack, project: LoadedProject, feed: str, *, replay: bool) -> History | None:
    """The history that knows most of a feed's deliveries, live or of the newest replay; None: neither any."""
    urls = (project.replay_url(),) if replay else (None, project.replay_url())
    found = [history for history in (opened(stack, project, url) for url in urls) if history is not None]
    known = [(len(history.runs(feed)), -i, history) for i, history in enumerate(found)]
    return next((history for count, _, history in sorted(known, reverse=True, key=lambda k: k[:2]) if count), None)


def opened(stack: ExitStack, project: LoadedProject, url: str | None = None) -> History | None:
    """A history, closed with the stack; None when it is a file that is not there."""
    file = project.history_file(url)
    if file is not None and not file.exists():
        return None
    return stack.enter_context(project.history(url, create=False))


def _holds(history: History, feeds: Sequence[str]) -> bool:
    return any(history.runs(feed, limit=1) for feed in feeds)


def _nothing(feeds: Sequence[str], *, replay: bool) -> str:
    which = ", ".join(feeds)
    if replay:
        return f"there is no replay of {which} to look at — run `ketenwacht replay --from DAY --to DAY`"
    return (
        f"nothing of {which} was judged yet, live or in a replay — run `ketenwacht check` or `ketenwacht replay`"
    )


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
