"""Incidents on a terminal: a list of two lines each, and one in full."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ketenwacht.domain.findings.finding_set import SYSTEM
from ketenwacht.domain.incidents.changes import IncidentEvent
from ketenwacht.domain.incidents.incident import IncidentState
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.texts.labels_incidents import INCIDENT_EVENT, INCIDENT_STATE
from ketenwacht.messages.views import clean
from ketenwacht.messages.views_incident import IncidentView

from .terminal import STYLE, glyphs_of

_LABEL = 12  # columns before the words of a row


def count_text(incidents: Sequence[IncidentView], formatter: MessageFormatter) -> str:
    """Return how many incidents there are, by state, on one line."""
    if not incidents:
        return formatter.label("incident.none")
    counts = {state: sum(one.state is state for one in incidents) for state in IncidentState}
    said = ", ".join(
        f"{count} {INCIDENT_STATE[state][formatter.language]}" for state, count in counts.items() if count
    )
    return formatter.label("incident.count", count=Amount(len(incidents)), states=said)


def print_numbered(
    incidents: Sequence[IncidentView], formatter: MessageFormatter, console: Console, *, at: datetime
) -> None:
    """Print two lines for each incident as of `at`, in the order given, and the commands that act on them."""
    console.print(Text(count_text(incidents, formatter), style="bold"))
    for one in incidents:
        console.print()
        _print_head(one, console)
        _print_line(_standing(one, formatter, at), console)
    active = [one for one in incidents if one.active]
    if active:
        console.print()
        console.print(Text(formatter.label("incidents.hint", incident=str(active[0].number)), style="dim"))


def print_one(
    view: IncidentView,
    events: Sequence[IncidentEvent],
    formatter: MessageFormatter,
    console: Console,
    *,
    at: datetime,
) -> None:
    """Print everything about one incident as of `at`: what, how sure, since when, what to do, what happened."""
    _print_head(view, console)
    rows = [("what", _standing(view, formatter, at)), ("says", view.stopped), ("now", view.owner_text)]
    rows += [("to_do", said) for said in view.do_now]
    rows += [("means", line) for line in (view.impact.lines if view.impact is not None else ())]
    rows += [("means", view.deadline.text)] if view.deadline is not None else []
    rows += [("evidence", line.text) for line in view.evidence]
    rows += [("evidence", line.text) for line in view.not_fitting]
    last = ""
    for name, words in rows:
        if words:
            label = formatter.label(f"incident.row_{name}")
            _print_row("" if label == last else label, words, console)
            last = label
    console.print()
    console.print(Text(formatter.label("incident.events"), style="bold"))
    for event in events:
        _print_row(formatter.moment(event.at), _event_text(event, formatter), console, width=22)


def _event_text(event: IncidentEvent, formatter: MessageFormatter) -> str:
    """Return what happened; the words of a person are told, an exact number is not."""
    what = INCIDENT_EVENT.get(event.reason, {}).get(formatter.language) or clean(event.reason)
    if event.actor == SYSTEM:
        return what
    said = formatter.label("event.by", event=what, actor=clean(event.actor))
    return formatter.label("event.detail", event=said, detail=clean(event.detail)) if event.detail else said


def _standing(view: IncidentView, formatter: MessageFormatter, at: datetime) -> str:
    """Return the state, since when, how sure and who; of one that is not over also for how long it is known."""
    found, now = (moment.astimezone(formatter.zone).date() for moment in (view.opened_at, at))
    return formatter.label(
        "incidents.standing_active" if view.active else "incidents.standing",
        state=view.state_text,
        day=view.opened_text,
        lasted=Amount(max(0, (now - found).days)),
        since=view.since_text,
        sure=view.how_sure,
        owner=view.owner_text,
    )


def _print_head(view: IncidentView, console: Console) -> None:
    glyphs = glyphs_of(console)
    head = Text.assemble((f"{glyphs.marks[view.status]} {view.name}", STYLE[view.status]), f"  {view.title}")
    console.print(head, soft_wrap=True)


def _print_line(words: str, console: Console) -> None:
    console.print(Padding(Text(glyphs_of(console).plain(words)), (0, 0, 0, 2), expand=False))


def _print_row(label: str, words: str, console: Console, *, width: int = _LABEL) -> None:
    console.print(Text(f"  {label:<{width}}{glyphs_of(console).plain(words)}"), soft_wrap=True)
