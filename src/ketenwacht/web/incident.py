"""The page of one incident, and its downloads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ketenwacht.domain.incidents import Incident, IncidentNature
from ketenwacht.domain.incidents.changes import IncidentEvent
from ketenwacht.domain.segment import Segment
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views import clean
from ketenwacht.messages.views_event import StepView, view_steps
from ketenwacht.messages.views_finding import PartView
from ketenwacht.messages.views_incident import EvidenceLineView, IncidentView

from .charts import FeedChartView, make_chart_view, view_counts
from .detection_limits import read_limits
from .overview import IncidentCard, make_card
from .queries import find_counts
from .site import Ask

MOST_CHARTS = 3
_BEFORE, _AFTER = timedelta(weeks=13), timedelta(weeks=26)


@dataclass(frozen=True, slots=True)
class PlaceView:
    """How many are missing in one place: the code's name where a code table has one, and the code."""

    name: str
    code: str
    count: float
    count_text: str


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """One incident with everything about it.

    Attributes:
        card: as on the overview.
        places: where those missing are, most first or by name.
        places_head: what a place is; empty without places.
        hidden_places: how many places have a number that must not be shown.
        evidence: a line for each finding that is evidence for it and no cause, strongest first.
        over: the same of those that ended.
        charts: of its parts.
        steps: what happened, newest first.
        command: that acts on it in a terminal.
    """

    card: IncidentCard
    places: tuple[PlaceView, ...]
    places_head: str
    hidden_places: int
    evidence: tuple[EvidenceLineView, ...]
    over: tuple[EvidenceLineView, ...]
    charts: tuple[FeedChartView, ...]
    steps: tuple[StepView, ...]
    command: str

    @property
    def view(self) -> IncidentView:
        """The incident."""
        return self.card.incident


def view_page(ask: Ask, incident: Incident, events: Sequence[IncidentEvent]) -> IncidentPage:
    """Return the page of an incident."""
    formatter = ask.formatter_of(incident.feed)
    card = make_card(ask, incident)
    parts = () if card.incident.impact is None else card.incident.impact.parts
    causes = {cause.finding for cause in incident.causes}
    lines = [
        one for one in card.incident.evidence if one.finding not in causes or len(causes) == len(incident.findings)
    ]
    places = view_places(parts, formatter, by_name=ask.query("sort") == "name")
    return IncidentPage(
        card=card,
        places=places,
        places_head=", ".join(clean(name) for name in parts[0].segment.dimensions) if parts else "",
        hidden_places=sum(part.count.hidden for part in parts),
        evidence=tuple(one for one in lines if one.active),
        over=tuple(one for one in lines if not one.active),
        charts=tuple(_charts(ask, incident, formatter)),
        steps=view_steps(events, formatter)[::-1],
        command=f"ketenwacht incidents show {incident.number}",
    )


def view_places(
    parts: Iterable[PartView], formatter: MessageFormatter, *, by_name: bool = False
) -> tuple[PlaceView, ...]:
    """Return the places whose number may be shown, the most persons first, or by name."""
    places = [_place(part, formatter) for part in parts if not part.count.hidden]
    key = (
        (lambda place: (place.name.casefold(), place.code))
        if by_name
        else (lambda place: (-place.count, place.name))
    )
    return tuple(sorted(places, key=key))


def _place(part: PartView, formatter: MessageFormatter) -> PlaceView:
    names = [formatter.labels.get(column, {}).get(value, value) for column, value in part.segment.pairs]
    codes = [value for _, value in part.segment.pairs]
    name = clean(", ".join(formatter.outside(one) or formatter.phrase("empty") for one in names))
    code = clean(", ".join(formatter.outside(one) for one in codes))
    return PlaceView(name, code if code and code != name else "", part.count.value or 0.0, part.count_text)


def _charts(ask: Ask, incident: Incident, formatter: MessageFormatter) -> list[FeedChartView]:
    """Return a chart of each part that misses persons, or of the segment of the incident."""
    if incident.nature not in {IncidentNature.MISSING, IncidentNature.SURPLUS}:
        return []
    parts: list[tuple[Segment, date]] = [(incident.segment, incident.since)]
    if incident.missing is not None and incident.missing.parts:
        parts = [(part.segment, part.since) for part in incident.missing.parts[:MOST_CHARTS]]
    end = ask.at.astimezone(formatter.zone).date()
    first = min(since for _, since in parts)
    last = min(end, first + _AFTER) if incident.resolved_at is not None else end
    begin = first - _BEFORE
    segments = [segment for segment, _ in parts]
    counts = find_counts(ask.service.history, since=begin, feed=incident.feed, segments=segments)
    limits = read_limits(ask, incident.feed, segments, since=begin)
    found = []
    for i, (segment, since) in enumerate(parts):
        rows = [row for row in counts.get((incident.feed, segment), ()) if row.period <= last]
        series = view_counts(segment, rows, limits.get(segment, {}), formatter)
        if series.points:
            stretch = (min(series.points[0].first, since), max(series.points[-1].last, since))
            chart = make_chart_view(f"part{i}", series, formatter, stretch=stretch, onset=since)
            found += [chart] if chart is not None else []
    return found


def render_calendar(view: IncidentView, *, link: str, at: datetime) -> str:
    """Return the next deadline of an incident as an iCalendar file; counts are as every surface shows them."""
    deadline = view.deadline
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ketenwacht//incidents//EN", "CALSCALE:GREGORIAN"]
    if deadline is not None:
        lines += [
            "BEGIN:VEVENT",
            f"UID:incident-{view.number}-{deadline.on:%Y%m%d}@ketenwacht",
            f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{deadline.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{deadline.on + timedelta(days=7):%Y%m%d}",
            f"SUMMARY:{_escape(f'{view.name} {view.title}')}",
            f"DESCRIPTION:{_escape(deadline.text)}",
            f"URL:{link}",
            "END:VEVENT",
        ]
    return "\r\n".join(part for line in (*lines, "END:VCALENDAR") for part in _fold(line)) + "\r\n"


def _escape(text: str) -> str:
    """Return a text as RFC 5545 (3.3.11) wants it."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _fold(line: str) -> list[str]:
    """Return a line in parts of at most 75 bytes (RFC 5545, 3.1); no character is cut."""
    parts, part = [], ""
    for character in line:
        if len(f"{part}{character}".encode()) > 75:  # noqa: PLR2004 - RFC 5545
            parts.append(part)
            part = " "
        part += character
    return [*parts, part]
