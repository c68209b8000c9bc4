"""Incidents in the terminal: the list for nine in the morning, and everything about one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ketenwacht.domain.findings.finding import Event, Severity, State
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.texts.labels import STATE_WORD
from ketenwacht.messages.views_incident import IncidentView, standing, view_event

from .svg import Glyphs
from .terminal import STYLE, glyphs_of

_ORDER = (State.OPEN, State.ACKNOWLEDGED, State.RESOLVED, State.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentTexts:
    """What incidents are shown with.

    Attributes:
        short: id → the beginning of it that is enough.
        at: now (aware UTC).
        formatter: puts into words what the views leave out.
        actions: id → what to do; of those that ask for something.
    """

    short: Mapping[str, str]
    at: datetime
    formatter: MessageFormatter = field(default_factory=MessageFormatter)
    actions: Mapping[str, str] = field(default_factory=dict)


def count_text(incidents: Sequence[IncidentView], formatter: MessageFormatter) -> str:
    """How many incidents there are, by state, on one line."""
    if not incidents:
        return formatter.label("incident.none")
    counts = {state: sum(i.state is state for i in incidents) for state in _ORDER}
    told = ", ".join(
        f"{count} {STATE_WORD[state][formatter.language]}" for state, count in counts.items() if count
    )
    return formatter.label("incident.count", count=Amount(len(incidents)), states=told)


def print_incidents(incidents: Sequence[IncidentView], console: Console, setting: IncidentTexts) -> None:
    """Print two or three lines an incident, in the order given, and what can be done."""
    formatter = setting.formatter
    console.print(Text(count_text(incidents, formatter), style="bold"))
    for incident in incidents:
        console.print()
        _print_short(incident, console, setting)
    active = [i for i in incidents if i.active]
    if active:
        console.print()
        name = setting.short.get(active[0].id, active[0].id)
        console.print(Text(formatter.label("incident.hint", incident=name), style="dim"))


def print_incident(
    incident: IncidentView, events: Sequence[Event], console: Console, setting: IncidentTexts
) -> None:
    """Print everything about one incident: what, where, how sure, what to do, and what happened to it."""
    glyphs, formatter = glyphs_of(console), setting.formatter
    console.print(_head(incident, incident.id, glyphs))
    rows = [
        ("feed", incident.feed),
        ("where", incident.segment_text),
        ("what", incident.what),
        ("evidence", formatter.label("incident.evidence", evidence=incident.evidence_text, check=incident.check)),
        ("says", incident.message),
        ("now", "; ".join(standing(incident, formatter, at=setting.at, short=setting.short))),
    ]
    rows += [("means", line) for line in (incident.impact.lines if incident.impact is not None else ())]
    if incident.id in setting.actions:
        rows.append(("to_do", setting.actions[incident.id]))
    for name, words in rows:
        _print_row(formatter.label(f"incident.row_{name}"), glyphs.plain(words), console)
    console.print()
    console.print(Text(formatter.label("incident.events"), style="bold"))
    for event in events:
        view = view_event(event, formatter, setting.short)
        _print_row(view.at_text, glyphs.plain(view.text), console, width=18)


def _print_short(incident: IncidentView, console: Console, setting: IncidentTexts) -> None:
    glyphs, formatter = glyphs_of(console), setting.formatter
    console.print(_head(incident, setting.short.get(incident.id, incident.id), glyphs))
    what = formatter.label("incident.what", what=incident.what, evidence=incident.evidence_text)
    for line in (what, "; ".join(standing(incident, formatter, at=setting.at, short=setting.short))):
        console.print(Padding(Text(glyphs.plain(line)), (0, 0, 0, 2), expand=False))


def _head(incident: IncidentView, name: str, glyphs: Glyphs) -> Text:
    loud = "bold" if incident.active and incident.severity >= Severity.HIGH else ""
    return Text.assemble(
        (f"{glyphs.marks[incident.status]} {name}", STYLE[incident.status]),
        "  ",
        (incident.severity_text, loud),
        f"  {incident.segment_text}",
    )


def _print_row(name: str, words: str, console: Console, *, width: int = 10) -> None:
    body = Text(words)
    lines = body.wrap(console, max(20, min(console.width, 100) - width - 2))
    for i, line in enumerate(lines):
        console.print(Text.assemble("  ", (f"{name if i == 0 else '':<{width}}", "dim"), line))
