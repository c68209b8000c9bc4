"""What a feed's history has to say, ready for the terminal and for the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.evidence import Known
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.incident import Incident
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Evidence, Interval, Run
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.status import Status, worst
from ketenwacht.errors import ConfigError
from ketenwacht.report import ReportData, Series
from ketenwacht.report.html import render_report
from ketenwacht.report.verdict import Verdict, verdict

from . import clock
from .looking import Look

MOST_SEGMENTS = 12
"""More parts of the feed than this are not drawn; the largest are."""

# Evidence that says beforehand how many persons one delivery should hold, the one that is drawn first.
_FORETELLS = (Evidence.REFERENCE, Evidence.HISTORY)
_KINDS = frozenset({"reference", "volume"})

Bands = Mapping[tuple[str, Segment], Sequence[tuple[float, Interval]]]
"""By delivery id and segment, the strongest first: the count that was judged, and what was expected of it."""


@dataclass(frozen=True, slots=True)
class Trends:
    """The counts of a feed over time.

    Attributes:
        series: the whole feed first, then its coarse parts, the largest first.
        more: how many smaller parts there are besides.
    """

    series: tuple[Series, ...]
    more: int


def trends(look: Look, feed: Feed, runs: Sequence[Run], *, since: date | None = None) -> Trends:
    """The counts of the whole feed and of its coarse parts, with what was expected where a check said so.

    Args:
        look: an open history.
        feed: as configured.
        runs: what was said of the same deliveries, in order of judging.
        since: first period; None: all.

    Raises:
        ConfigError: the checks of the feed cannot be read.
    """
    snapshots = look.history.snapshots(feed.name, metrics={ROWS})
    past = Past.of(s for s in snapshots if since is None or s.delivery.period >= since)
    dimensions = coarse(feed)
    sizes = {s: float(np.nansum(past.series(ROWS, s))) for s in past.segments(ROWS, dimensions)}
    parts = sorted(sizes, key=lambda s: (-sizes[s], s)) if dimensions else []
    bands = _bands(runs, _foretelling(look, feed))
    shown = (WHOLE, *parts[:MOST_SEGMENTS])
    return Trends(tuple(_series(past, s, runs, bands) for s in shown), max(0, len(parts) - MOST_SEGMENTS))


def coarse(feed: Feed) -> tuple[str, ...]:
    """The first dimensions that the feed is counted by; () when it is only counted as a whole."""
    return next((dimensions for dimensions in feed.segments if dimensions), ())


def report_data(look: Look, *, since: date | None = None, at: datetime) -> ReportData:
    """Everything the report shows of the one feed that is looked at.

    Evidence counts as it was known: now, or in a replay when its last delivery was judged.

    Args:
        look: an open history, on one feed.
        since: first period; None: all.
        at: now, UTC.

    Raises:
        ConfigError: the checks of the feed cannot be read.
        StoreError: the history cannot be read.
    """
    history, office = look.history, look.office
    feed = office.feed(look.feeds[0])
    runs = history.runs(feed.name, since=since)
    day = look.moment(at).astimezone(office.zone).date()
    return ReportData(
        feed=feed.name,
        title=feed.title,
        sender=feed.sender,
        receiver=feed.receiver,
        generated_at=at,
        zone=office.zone,
        runs=runs,
        series=trends(look, feed, runs, since=since).series,
        incidents=tuple(i for i in history.incidents(feed.name, closed=True) if _within(i, since)),
        masks=(*load_rules(feed, office.root).masks, *history.masks(feed.name)),
        known=Known(
            references=history.references(feed.name, known_on=day),
            inquiries=history.inquiries(feed.name, known_on=day),
            reconciliations=history.reconciliations(feed.name, until=None),
        ),
    )


def write_report(data: ReportData, path: Path) -> Verdict:
    """Write the report, all of it or nothing; the folder is made when it is not there.

    Returns:
        What its first lines say.

    Raises:
        ConfigError: the file cannot be written; one that was there before stays as it was.
    """
    part = path.with_name(f".{path.name}.{clock.worker_name()}.part")
    page = render_report(data)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(page, encoding="utf-8")
        part.replace(path)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise ConfigError(
            f"--out {path}", f"cannot be written ({type(fault).__name__})", "name another file"
        ) from None
    return verdict(data)


def _within(incident: Incident, since: date | None) -> bool:
    """Whether an incident lived on or after a day."""
    over = incident.resolved_at or incident.closed_at
    return since is None or incident.active or over is None or over.date() >= since


def _foretelling(look: Look, feed: Feed) -> frozenset[str]:
    """Names of the checks that say beforehand how many persons there should be."""
    return frozenset(c.name for c in load_rules(feed, look.office.root).checks if c.kind in _KINDS)


def _bands(runs: Sequence[Run], names: frozenset[str]) -> Bands:
    found: dict[tuple[str, Segment], list[tuple[float, Interval]]] = {}
    for run in runs:
        for _, segment, count, limits in sorted(_expected(run, names), key=lambda one: _FORETELLS.index(one[0])):
            found.setdefault((run.delivery.id, segment), []).append((count, limits))
    return found


def _expected(run: Run, names: frozenset[str]) -> Iterator[tuple[Evidence, Segment, float, Interval]]:
    for result in run.results:
        counted = result.check in names and result.evidence in _FORETELLS and result.unit == "persons"
        if counted and result.observed is not None and result.expected is not None:
            yield result.evidence, result.segment, result.observed, result.expected


def _series(past: Past, segment: Segment, runs: Sequence[Run], bands: Bands) -> Series:
    counts = [None if np.isnan(count) else float(count) for count in past.series(ROWS, segment)]
    limits = [
        _of_delivery(bands.get((snapshot.delivery.id, segment), ()), count)
        for snapshot, count in zip(past.snapshots, counts, strict=True)
    ]
    return Series(
        segment,
        past.periods,
        counts,
        low=[one.low for one in limits],
        high=[one.high for one in limits],
        status=newest_status(runs, segment),
    )


def _of_delivery(bands: Sequence[tuple[float, Interval]], count: float | None) -> Interval:
    """What was expected of this very delivery: a check may have judged a week or a month instead."""
    same = (limits for judged, limits in bands if count is not None and round(judged) == round(count))
    return next(same, Interval())


def newest_status(runs: Sequence[Run], segment: Segment) -> Status | None:
    """The newest verdict on a part of the feed and everything in it; None when it was never judged."""
    if segment == WHOLE:
        return runs[-1].status if runs else None
    for run in reversed(runs):
        said = [result.status for result in run.results if segment.contains(result.segment)]
        if said:
            return worst(said)
    return None
