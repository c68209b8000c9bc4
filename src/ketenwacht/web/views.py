"""View models of the pages, built from those of messages and the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings.finding import Event, Finding
from ketenwacht.domain.result import Status
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.texts.labels import STATE_WORD, STATUS_MEANING, STATUS_WORD
from ketenwacht.messages.views import MissingView, clean, segment_text, view_run
from ketenwacht.messages.views_finding import EventView, FindingView, describe_action, view_event, view_finding
from ketenwacht.service.state import FeedStatus
from ketenwacht.store.expected import ExpectedDelivery


@dataclass(frozen=True, slots=True)
class DueRow:
    """One due delivery: when, its outcome, and its verdict (None: it has none)."""

    due: str
    became: str
    delivery: str
    status: Status | None
    status_text: str


@dataclass(frozen=True, slots=True)
class FeedCard:
    """One feed on the overview.

    Attributes:
        name: in the configuration, for its address.
        status: the newest verdict, None before the first; `meaning` says it in a few words.
        newest: the newest delivery; empty before the first.
        open: how many incidents are open; `any_open` whether there is one.
        missing: who is missing, and how many.
        due: the last deliveries that were due, newest first.
    """

    name: str
    title: str
    status: Status | None
    status_text: str
    meaning: str
    newest: str
    open: str
    any_open: bool
    missing: tuple[tuple[str, str], ...]
    due: tuple[DueRow, ...]


def feed_card(
    state: FeedStatus,
    expected: Sequence[ExpectedDelivery],
    verdicts: Mapping[str, Status],
    formatter: MessageFormatter,
) -> FeedCard:
    """Return one feed, for the overview.

    Args:
        state: how it is.
        expected: what was due, oldest first.
        verdicts: by delivery.
        formatter: language, privacy and names of codes of that feed.
    """
    open_ = sum(incident.active for incident in state.incidents)
    status = state.status
    return FeedCard(
        name=state.feed.name,
        title=clean(formatter.title(state.feed)),
        status=status,
        status_text=formatter.label("web.not_judged")
        if status is None
        else STATUS_WORD[status][formatter.language],
        meaning="" if status is None else STATUS_MEANING[status][formatter.language],
        newest=_newest(state, formatter),
        open=formatter.label("web.open", count=Amount(float(open_)))
        if open_
        else formatter.label("web.none_open"),
        any_open=open_ > 0,
        missing=tuple(
            (segment_text(segment, formatter), formatter.about(missing.value))
            for segment, missing in state.missing.items()
        ),
        due=tuple(_due(one, verdicts, formatter) for one in reversed(expected)),
    )


def _newest(state: FeedStatus, formatter: MessageFormatter) -> str:
    if state.latest is None:
        return ""
    run = view_run(state.latest, formatter)
    return formatter.label(
        "web.newest", delivery=run.delivery_text, day=run.period_text, moment=formatter.moment(state.latest.at)
    )


def _due(one: ExpectedDelivery, verdicts: Mapping[str, Status], formatter: MessageFormatter) -> DueRow:
    absent = f"due:{one.due.astimezone(formatter.zone).date()}"
    status = verdicts.get(one.delivery_id or absent)
    return DueRow(
        formatter.moment(one.due),
        formatter.label("web.awaited" if one.verdict is None else f"web.fate_{one.verdict}"),
        clean(one.delivery_id or ""),
        status,
        "" if status is None else STATUS_WORD[status][formatter.language],
    )


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """One incident with everything about it.

    Attributes:
        view: the incident.
        title: its number and what part of the feed it is about.
        lead: what its latest failing result says.
        action: what to do; empty when it is over.
        facts: what is known of it, a label and a text each; a label is empty where it goes on.
        parent: id of the incident that speaks for it, None without.
        events: what happened, oldest first.
    """

    view: FindingView
    title: str
    lead: str
    action: str
    facts: tuple[tuple[str, str], ...]
    parent: str | None
    events: tuple[EventView, ...]


def incident_page(
    incident: Finding, events: Sequence[Event], feed: Feed | None, formatter: MessageFormatter
) -> IncidentPage:
    """Return one incident, for its page.

    Args:
        incident: as it is now.
        events: all that happened to it, oldest first.
        feed: as configured; None: it is no longer configured.
        formatter: language, privacy and names of codes of that feed.
    """
    view = view_finding(incident, formatter)
    sender = "" if feed is None else feed.sender
    return IncidentPage(
        view=view,
        title=formatter.label("web.incident_of", id=view.id, segment=view.segment_text),
        lead=view.message,
        action=describe_action(incident, sender, formatter) if incident.active else "",
        facts=tuple(_facts(incident, view, formatter)),
        parent=incident.parent,
        events=tuple(view_event(event, formatter, {}) for event in events),
    )


def _facts(incident: Finding, view: FindingView, formatter: MessageFormatter) -> list[tuple[str, str]]:
    facts = [(formatter.label("web.severity"), view.severity_text)]
    if view.missing is not None:
        label = formatter.label("report.too_many" if view.missing.too_many else "report.missing")
        facts.append((label, missing_text(view.missing, formatter)))
    lines = () if view.impact is None else view.impact.lines
    facts += [(formatter.label("page.meaning") if i == 0 else "", line) for i, line in enumerate(lines)]
    evidence = formatter.label("web.evidence_check", evidence=view.evidence_text, check=view.check)
    facts.append((formatter.label("page.evidence"), evidence))
    facts.append((formatter.label("page.now"), state_text(incident, formatter)))
    if incident.snooze is not None:
        quiet = formatter.label(
            "web.snoozed_until",
            until=incident.snooze.until,
            owner=clean(incident.snooze.owner),
            why=clean(incident.snooze.reason),
        )
        facts.append((formatter.label("web.snoozed"), quiet))
    return facts


def missing_text(missing: MissingView, formatter: MessageFormatter) -> str:
    """Return how many are missing since when, with the interval where it may be shown."""
    key = "web.missing_since_range" if missing.range_text else "web.missing_since"
    since, range_ = missing.since_text, missing.range_text
    return formatter.label(key, amount=missing.amount_text, since=since, range=range_)


def state_text(incident: Finding, formatter: MessageFormatter) -> str:
    """Return the state of an incident, and its owner."""
    state = STATE_WORD[incident.state][formatter.language]
    if incident.owner is None:
        return state
    return formatter.label("web.state_owner", state=state, owner=clean(incident.owner))


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident in a list; `missing` and `range` are empty when it is not about persons."""

    view: FindingView
    opened: str
    missing: str
    range: str
    now: str


def incident_row(incident: Finding, formatter: MessageFormatter) -> IncidentRow:
    """Return one incident, for the list."""
    view = view_finding(incident, formatter)
    missing = view.missing
    return IncidentRow(
        view,
        formatter.moment(incident.opened_at),
        "–" if missing is None else missing.amount_text,
        "" if missing is None else missing.range_text,
        state_text(incident, formatter),
    )
