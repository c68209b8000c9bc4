"""What a feed's history has to say, ready for the terminal and for the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.evidence import Known, ReferenceFigure
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.incident import Incident
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Interval, Run
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.status import Status, worst
from ketenwacht.domain.traits import Holds, held
from ketenwacht.errors import ConfigError
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.data import BaselineEntry, ReportData, Series
from ketenwacht.messages.report.verdict import VerdictView
from ketenwacht.messages.report.view import report_view
from ketenwacht.render.html import render_report
from ketenwacht.workflows import clock
from ketenwacht.workflows.backtest.auditing import audit_of, watched_of
from ketenwacht.workflows.baselines.approving import shown_baselines, with_approved
from ketenwacht.workflows.importing import live_history

from .bands import expected_counts
from .looking import Look

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
    look: Look, feed: Feed, runs: Sequence[Run], figures: Sequence[ReferenceFigure], *, since: date | None = None
) -> Trends:
    """The counts of the whole feed and of its coarse parts, with what was expected where a check said so.

    Args:
        look: an open history.
        feed: as configured.
        runs: what was said of the same deliveries, in order of judging.
        figures: what others published, as far as it counts.
        since: first period; None: all.

    Raises:
        ConfigError: the checks of the feed cannot be read.
    """
    past = Past.of(look.history.snapshots(feed.name, metrics={ROWS}))
    dimensions = coarse(feed)
    sizes = {s: float(np.nansum(past.series(ROWS, s))) for s in past.segments(ROWS, dimensions)}
    parts = sorted(sizes, key=lambda s: (-sizes[s], s)) if dimensions else []
    bands = expected_counts(load_rules(feed, look.office.root), runs, figures, past)
    shown = (WHOLE, *parts[:MOST_SEGMENTS])
    series = tuple(series_of(past, s, runs, bands.get(s, {}), since) for s in shown)
    return Trends(series, max(0, len(parts) - MOST_SEGMENTS))


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
    known = known_by(look, feed, at)
    rules = with_approved(load_rules(feed, office.root), history, feed.name, _unheard)
    masks = (*rules.masks, *history.masks(feed.name))
    counts = Past.of(history.snapshots(feed.name, metrics={ROWS}), masks)
    return ReportData(
        feed=feed.name,
        title=feed.title,
        sender=feed.sender,
        receiver=feed.receiver,
        generated_at=at,
        zone=office.zone,
        runs=runs,
        series=trends(look, feed, runs, known.references, since=since).series,
        incidents=tuple(i for i in history.incidents(feed.name, closed=True) if _within(i, since)),
        masks=masks,
        known=known,
        peaks=history.peaks(feed.name),
        sights=audit_of(rules, feed, counts),
        watched=watched_of(history, feed, rules),
        baselines=_baselines(look, feed),
        hops={
            check.name: tuple(hop.name for hop in hops)
            for check in rules.checks
            for _, hops in held(check, Holds.HOPS)
        },
    )


def _baselines(look: Look, feed: Feed) -> tuple[BaselineEntry, ...]:
    """Of each calibrated check the version that judges, and the newest."""
    with ExitStack() as stack:  # baselines are approved live, also those that a replay is judged by
        history = live_history(stack, look.office, _unheard)
        shown = shown_baselines(look.office, feed, history.baselines(feed.name)) if history is not None else ()
    newest = {one.check: one.version for one in shown}
    return tuple(one for one in shown if one.used or one.version == newest[one.check])


def _unheard(name: str, problem: str) -> None:
    """Said where it is acted upon: in `check`, `replay` and `baseline show`."""


def known_by(look: Look, feed: Feed, at: datetime) -> Known:
    """The evidence at hand: now, or in a replay what was known when its last delivery was judged."""
    moment = look.moment(at)
    day = moment.astimezone(look.office.zone).date()
    return Known(
        references=look.history.references(feed.name, known_on=day),
        inquiries=look.history.inquiries(feed.name, known_on=day),
        reconciliations=look.history.reconciliations(feed.name, until=moment),
        hops=tuple(one for one in look.history.hop_counts(feed.name) if one.published_on <= day),
    )


def write_report(data: ReportData, how: MessageFormatter, path: Path) -> VerdictView:
    """Write the report, all of it or nothing; the folder is made when it is not there.

    Args:
        data: what it is made from.
        how: language and privacy of its texts.
        path: of the file.

    Returns:
        What its first lines say.

    Raises:
        ConfigError: the file cannot be written; one that was there before stays as it was.
    """
    part = path.with_name(f".{path.name}.{clock.worker_name()}.part")
    view = report_view(data, how)
    page = render_report(view, how)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(page, encoding="utf-8")
        part.replace(path)
    except OSError as fault:
        with suppress(OSError):
            part.unlink()
        raise ConfigError(
            f"--out {path}", f"cannot be written ({type(fault).__name__})", "name another file"
        ) from None
    return view.verdict


def _within(incident: Incident, since: date | None) -> bool:
    """Whether an incident lived on or after a day."""
    over = incident.resolved_at or incident.closed_at
    return since is None or incident.active or over is None or over.date() >= since


def series_of(
    past: Past, segment: Segment, runs: Sequence[Run], bands: Mapping[date, Interval], since: date | None
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


def _smallest(past: Past, runs: Sequence[Run]) -> dict[date, float | None]:
    """By period the smallest count that the delivery holds which stands for it; 1 where no run says so."""
    said = {run.delivery.id: run.smallest for run in runs}
    return {one.delivery.period: said.get(one.delivery.id, 1.0) for one in past.snapshots}


def newest_status(runs: Sequence[Run], segment: Segment) -> Status | None:
    """The newest verdict on a part of the feed and everything in it; None when it was never judged."""
    if segment == WHOLE:
        return runs[-1].status if runs else None
    for run in reversed(runs):
        said = [result.status for result in run.results if segment.contains(result.segment)]
        if said:
            return worst(said)
    return None
