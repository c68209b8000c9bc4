"""The pages and downloads: one function an address."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import RedirectResponse, Response

from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings.finding_set import SYSTEM
from ketenwacht.domain.incidents import Incident
from ketenwacht.domain.result import Status
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.texts.labels import STATUS_WORD
from ketenwacht.messages.views import segment_text
from ketenwacht.workflows.incident_acts import LONGEST_SNOOZE

from . import incident as incident_page
from . import lists
from .feed import RANGES, range_of, view_feed
from .overview import view_of, view_overview
from .queries import find_counts, find_segments
from .site import Ask, render_page

Answer = Callable[[Ask], Response]


DONE = frozenset(
    f"web.done_{word}" for word in ("take", "acknowledge", "note", "snooze", "resolve", "merge", "split", "before")
)
"""What may be said to be done on the page of an incident."""


class NotFoundPage(Exception):  # noqa: N818 - an answer, not a fault
    """There is no such feed, incident or page."""


def _overview(ask: Ask) -> Response:
    view = view_overview(ask)
    return render_page(ask, "overview", view=view, hidden_count=Amount(float(view.hidden)))


def _feed(ask: Ask) -> Response:
    return render_page(
        ask, "feed", view=view_feed(ask, _find_feed(ask)), ranges=tuple(RANGES), range=range_of(ask)
    )


def _find_feed(ask: Ask) -> Feed:
    feed = ask.service.project.settings.feeds.get(ask.request.path_params["name"])
    if feed is None:
        raise NotFoundPage
    return feed


def _counts_csv(ask: Ask) -> Response:
    """Return the counts of the feed in the chosen stretch, as they may be shown."""
    feed = _find_feed(ask)
    formatter, history = ask.formatter_of(feed.name), ask.service.history
    since = ask.at.astimezone(formatter.zone).date() - RANGES[range_of(ask)]
    segments = [s for s in find_segments(history, feed.name) if len(s.pairs) <= 1]
    rows = []
    for (_, segment), counts in sorted(
        find_counts(history, since=since, feed=feed.name, segments=segments).items()
    ):
        for row in counts:
            own = formatter.privacy.for_delivery(row.smallest)
            shown = "" if row.value is None else formatter.shown(own.count(row.value, of_delivery=True))
            rows.append((row.period.isoformat(), segment_text(segment, formatter), shown))
    head = [formatter.label(key) for key in ("web.period", "web.part", "web.delivered")]
    return _csv(lists.write_csv(head, rows), f"{feed.name}-counts.csv")


def _incidents(ask: Ask) -> Response:
    return render_page(ask, "incidents", lines=lists.list_incidents(ask), feeds=_feed_names(ask))


def _incident(ask: Ask) -> Response:
    found = _find_incident(ask)
    if isinstance(found, Response):
        return found
    view = incident_page.view_page(ask, found, ask.service.history.incidents.find_events(found.number))
    done = f"web.done_{ask.query('done')}"
    said = ask.formatter.label(done) if done in DONE else ""
    return render_page(ask, "incident", view=view, latest=_latest_snooze(ask), done=said, tool=SYSTEM)


def _find_incident(ask: Ask) -> Incident | Response:
    """Return the incident of an address; a redirect when it is continued in another, or a finding's id is given.

    Raises:
        NotFoundPage: there is none.
    """
    text, history = ask.request.path_params["number"], ask.service.history
    policy = ask.service.project.settings.alerts.policy
    if text.isdecimal() and text.isascii() and len(text) < 10:  # noqa: PLR2004 - numbers of a history
        found = history.incidents.get(int(text), policy)
        if found is None:
            raise NotFoundPage
        if found.number == int(text):
            return found
        return RedirectResponse(f"/incidents/{found.number}", 303)
    number = history.incidents.number_of(text)
    if number is None:
        raise NotFoundPage
    return RedirectResponse(f"/incidents/{number}", 303)


def _latest_snooze(ask: Ask) -> str:
    """Return the last day that a snooze may end on."""
    return (ask.at.astimezone(ask.formatter.zone).date() + LONGEST_SNOOZE).isoformat()


def _places_csv(ask: Ask) -> Response:
    found = _find_incident(ask)
    if isinstance(found, Response):
        return found
    view, formatter = incident_page.view_page(ask, found, ()), ask.formatter_of(found.feed)
    head = [view.places_head, formatter.label("web.code"), formatter.label("web.missing")]
    rows = [(place.name, place.code, place.count_text) for place in view.places]
    return _csv(lists.write_csv(head, rows), f"incident-{found.number}-places.csv")


def _deadline_ics(ask: Ask) -> Response:
    found = _find_incident(ask)
    if isinstance(found, Response):
        return found
    view = view_of(ask, found)
    base = ask.service.project.settings.service.access.url or str(ask.request.base_url)
    link = f"{base.rstrip('/')}/incidents/{found.number}"
    text = incident_page.render_calendar(view, link=link, at=ask.at)
    return _download(text, "text/calendar; charset=utf-8", f"incident-{found.number}.ics")


def _deliveries(ask: Ask) -> Response:
    lines, links = lists.list_deliveries(ask)
    return render_page(
        ask, "deliveries", lines=lines, links=links, feeds=_feed_names(ask), statuses=_statuses(ask)
    )


def _deliveries_csv(ask: Ask) -> Response:
    lines, _ = lists.list_deliveries(ask, limit=5000)
    t = ask.formatter.label
    head = [t(k) for k in ("web.feed", "page.delivery", "web.period", "web.arrived", "web.became", "web.verdict")]
    rows = [(one.feed, one.delivery, one.period, one.arrived, one.presence, one.status_text) for one in lines]
    return _csv(lists.write_csv(head, rows), "deliveries.csv")


def _findings(ask: Ask) -> Response:
    lines, links = lists.list_findings(ask)
    return render_page(ask, "findings", lines=lines, links=links, feeds=_feed_names(ask), statuses=_statuses(ask))


def _findings_csv(ask: Ask) -> Response:
    lines, _ = lists.list_findings(ask, limit=5000)
    t = ask.formatter.label
    keys = ("page.found", "web.feed", "page.check", "web.who", "page.evidence", "web.verdict", "page.says")
    names = ("feed", "check", "segment_text", "evidence_text", "status_text", "what")
    rows = [(one.opened, *(getattr(one.view, name) for name in names)) for one in lines]
    return _csv(lists.write_csv([t(key) for key in keys], rows), "findings.csv")


def _feed_names(ask: Ask) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in ask.service.project.settings.feeds)


def _statuses(ask: Ask) -> tuple[tuple[str, str], ...]:
    return tuple((status.word, STATUS_WORD[status][ask.language]) for status in reversed(Status))


def _csv(text: str, name: str) -> Response:
    return _download(text, "text/csv; charset=utf-8", name)


def _download(text: str, kind: str, name: str) -> Response:
    return Response(text, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


PAGES: tuple[tuple[str, Answer], ...] = (
    ("/", _overview),
    ("/incidents", _incidents),
    ("/incidents/{number}", _incident),
    ("/incidents/{number}/places.csv", _places_csv),
    ("/incidents/{number}/deadline.ics", _deadline_ics),
    ("/feeds/{name}", _feed),
    ("/feeds/{name}/counts.csv", _counts_csv),
    ("/deliveries", _deliveries),
    ("/deliveries.csv", _deliveries_csv),
    ("/findings", _findings),
    ("/findings.csv", _findings_csv),
)
"""Which address answers what."""
