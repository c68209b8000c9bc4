"""Collect what the report of a feed shows, and write it."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from datetime import date, datetime
from pathlib import Path

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.check_traits import Holds, list_held
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings.finding import Finding
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import newest_of_each
from ketenwacht.errors import ConfigError, describe_file_fault
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.data import BaselineEntry, ReportData
from ketenwacht.messages.report.verdict import VerdictView
from ketenwacht.messages.report.view import view_report
from ketenwacht.render.html import render_report
from ketenwacht.workflows import clock
from ketenwacht.workflows.backtest.detection_limits import audit_feed, find_watched
from ketenwacht.workflows.baselines import apply_approved, describe_baselines
from ketenwacht.workflows.histories import HistoryReader, open_live

from .trends import load_evidence, load_trends


def collect_report(reader: HistoryReader, *, since: date | None = None, at: datetime) -> ReportData:
    """Collect everything that the report shows of one feed.

    Evidence counts as it was known: now, or in a replay when its last delivery was judged.

    Args:
        reader: an open history, on one feed.
        since: first period; None: all.
        at: now, UTC.

    Raises:
        ConfigError: the checks of the feed cannot be read.
        StoreError: the history cannot be read.
    """
    history, project = reader.history, reader.project
    feed = project.feed(reader.feeds[0])
    runs = newest_of_each(history.runs.find(feed.name, since=since))
    known = load_evidence(reader, feed, at)
    rules = apply_approved(load_rules(feed, project.root), history, feed.name, _ignore)
    exclusions = (*rules.exclusions, *history.exclusions.find(feed.name))
    counts = Past.of(history.runs.find_snapshots(feed.name, metrics={ROWS}), exclusions)
    return ReportData(
        feed=feed.name,
        title=feed.title,
        sender=feed.sender,
        receiver=feed.receiver,
        generated_at=at,
        zone=project.zone,
        runs=runs,
        series=load_trends(reader, feed, known.references, since=since).series,
        incidents=tuple(i for i in history.findings.find(feed.name, closed=True) if _is_within(i, since)),
        numbered=history.incidents.find(project.settings.alerts.policy, feed.name),
        exclusions=exclusions,
        known=known,
        peaks=history.findings.find_peaks(feed.name),
        limits=audit_feed(rules, history.runs.find_states(feed.name), counts),
        watched=find_watched(history, feed, rules),
        baselines=_select_baselines(reader, feed),
        hops={
            check.name: tuple(hop.name for hop in hops)
            for check in rules.checks
            for _, hops in list_held(check, Holds.HOPS)
        },
    )


def _select_baselines(reader: HistoryReader, feed: Feed) -> tuple[BaselineEntry, ...]:
    """Return of each calibrated check the version that judges, and the newest."""
    with ExitStack() as stack:  # baselines are approved live, also those that a replay is judged by
        history = open_live(stack, reader.project, _ignore)
        shown = (
            describe_baselines(reader.project, feed, history.baselines.find(feed.name))
            if history is not None
            else ()
        )
    newest = {one.check: one.version for one in shown}
    return tuple(one for one in shown if one.used or one.version == newest[one.check])


def _ignore(name: str, problem: str) -> None:
    """Ignore a warning that `check`, `replay` and `baseline show` give."""


def write_report(data: ReportData, formatter: MessageFormatter, path: Path) -> VerdictView:
    """Write the report completely or not at all; make its folder if needed.

    Args:
        data: what it is made from.
        formatter: language and privacy of its texts.
        path: of the file.

    Returns:
        What its first lines say.

    Raises:
        ConfigError: the file cannot be written; one that was there before stays as it was.
    """
    part = path.with_name(f".{path.name}.{clock.worker_name()}.part")
    view = view_report(data, formatter)
    page = render_report(view, formatter)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.touch(mode=0o600)  # it may hold exact counts
        part.write_text(page, encoding="utf-8")
        part.replace(path)
    except OSError as fault:
        with suppress(OSError):
            part.unlink()
        raise ConfigError(
            f"--out {path}", f"cannot be written ({describe_file_fault(fault)})", "name another file"
        ) from None
    return view.verdict


def _is_within(incident: Finding, since: date | None) -> bool:
    """Return whether an incident was open on or after a day."""
    over = incident.resolved_at or incident.closed_at
    return since is None or incident.active or over is None or over.date() >= since
