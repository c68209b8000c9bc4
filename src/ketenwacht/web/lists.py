"""The lists of incidents, deliveries and findings, with their filters, and every list as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.findings.finding import Finding
from ketenwacht.domain.result import Status
from ketenwacht.messages.findings import sort_by_urgency
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.texts.labels import STATUS_WORD
from ketenwacht.messages.views import clean
from ketenwacht.messages.views_finding import FindingView, view_finding
from ketenwacht.messages.views_incident import IncidentView

from .overview import load_incidents, missing_text, view_of
from .queries import RunRow, find_runs
from .site import Ask

PAGE = 100
"""So many lines a page has."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One incident in the list."""

    view: IncidentView
    missing: str
    link: str


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One judged delivery in the list."""

    feed: str
    delivery: str
    period: str
    arrived: str
    presence: str
    status: Status
    status_text: str
    link: str


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding in the list, with the number of its incident; None: it belongs to none."""

    view: FindingView
    opened: str
    incident: int | None


@dataclass(frozen=True, slots=True)
class PageLinks:
    """The addresses of the page before and after; empty where there is none."""

    earlier: str
    later: str


def list_incidents(ask: Ask) -> tuple[IncidentLine, ...]:
    """Return the incidents that the filter lets through: those that need somebody first."""
    every, feed, text = ask.query("all") == "1", ask.query("feed"), ask.query("q").casefold()
    found = [one for one in load_incidents(ask, feed or None, closed=every) if every or one.active]
    found.sort(key=lambda one: one.urgency)
    lines = [_incident(ask, view_of(ask, one)) for one in found]
    return tuple(line for line in lines if text in f"{line.view.name} {line.view.title}".casefold())


def _incident(ask: Ask, view: IncidentView) -> IncidentLine:
    return IncidentLine(view, missing_text(view.missing, ask.formatter), f"/incidents/{view.number}")


def list_deliveries(ask: Ask, *, limit: int = PAGE) -> tuple[tuple[DeliveryLine, ...], PageLinks]:
    """Return the judged deliveries that the filter lets through, newest first."""
    feed, page = ask.query("feed"), page_of(ask)
    runs = find_runs(
        ask.service.history,
        feed=feed or None,
        status=status_of(ask.query("status")),
        since=day_of(ask.query("from")),
        until=day_of(ask.query("to")),
        limit=limit + 1,
        offset=page * limit,
    )
    lines = tuple(_delivery(run, ask.formatter_of(run.feed)) for run in runs[:limit])
    return lines, _links(ask, page, more=len(runs) > limit)


def _delivery(run: RunRow, formatter: MessageFormatter) -> DeliveryLine:
    absent = run.presence is Presence.ABSENT
    return DeliveryLine(
        feed=clean(run.feed),
        delivery=formatter.label("run.no_delivery") if absent else clean(run.delivery),
        period=formatter.short_day(run.period),
        arrived="–" if run.arrived_at is None or run.by_evidence else formatter.moment(run.arrived_at),
        presence=formatter.label(f"web.presence_{'again' if run.by_evidence else run.presence.value}"),
        status=run.status,
        status_text=STATUS_WORD[run.status][formatter.language],
        link=f"/feeds/{quote(run.feed)}",
    )


def list_findings(ask: Ask, *, limit: int = PAGE) -> tuple[tuple[FindingLine, ...], PageLinks]:
    """Return the findings that the filter lets through: those that need somebody first."""
    feed, every, page = ask.query("feed"), ask.query("all") == "1", page_of(ask)
    history = ask.service.history
    found = ask.site.cache.read(
        ("findings", feed, every),
        lambda: tuple(sort_by_urgency(history.findings.find(feed or None, closed=every))),
    )
    status, text = ask.query("status"), ask.query("q").casefold()
    first, last = page * limit, (page + 1) * limit
    shown: list[tuple[Finding, FindingView]] = []
    for finding in found:
        formatter = ask.formatter_of(finding.fingerprint.feed)
        view = view_finding(finding, formatter)
        words = f"{view.check} {view.segment_text} {view.message} {view.feed}".casefold()
        if (not status or view.status.word == status) and text in words:
            shown.append((finding, view))
        if len(shown) > last:
            break
    numbers = history.incidents.numbers_of([finding.id for finding, _ in shown[first:last]])
    lines = tuple(
        FindingLine(
            view,
            ask.formatter_of(finding.fingerprint.feed).moment(finding.opened_at),
            numbers.get(finding.id),
        )
        for finding, view in shown[first:last]
    )
    return lines, _links(ask, page, more=len(shown) > last)


def page_of(ask: Ask) -> int:
    """Return the number of the page that is asked for, 0 for the first."""
    asked = ask.query("page")
    return min(int(asked), 10_000) if asked.isdecimal() and asked.isascii() else 0


def _links(ask: Ask, page: int, *, more: bool) -> PageLinks:
    earlier = "" if page == 0 else ask.link(page=str(page - 1) if page > 1 else None)
    return PageLinks(earlier, ask.link(page=str(page + 1)) if more else "")


def status_of(word: str) -> Status | None:
    """Return the status of a word; None: any."""
    return next((status for status in Status if status.word == word), None)


def day_of(text: str) -> date | None:
    """Return the day that a text names, as 2022-01-31; None: none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def write_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV with a byte order mark, as spreadsheets want it; no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return f"\ufeff{out.getvalue()}"


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
