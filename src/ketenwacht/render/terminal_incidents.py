"""Incidents in the terminal: the list for nine in the morning, and everything about one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ketenwacht.domain.incident import Event, Incident, Nature, Severity, State
from ketenwacht.domain.status import Status
from ketenwacht.messages.findings import findings

from .impact import impact_lines
from .terminal import STYLE, glyphs_of
from .verdict import action
from .words import EVIDENCE, Glyphs, clean, day, missing_amount, missing_range, plural, say, segment_words, since

_NATURE: Mapping[Nature, tuple[Status, str]] = {
    Nature.ERROR: (Status.ERROR, "could not be judged"),
    Nature.FAILED: (Status.FAILED, "the data is wrong"),
    Nature.WARNED: (Status.WARNED, "worth a look"),
    Nature.PRIVACY: (Status.FAILED, "privacy: persons who should not be there"),
}
_ORDER = (State.OPEN, State.ACKNOWLEDGED, State.RESOLVED, State.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What incidents are told with.

    Attributes:
        short: id → the beginning of it that is enough.
        at: now (aware UTC).
        zone: in which days and hours are shown.
        senders: feed → who delivers.
    """

    short: Mapping[str, str]
    at: datetime
    zone: tzinfo = UTC
    senders: Mapping[str, str] = field(default_factory=dict)


def in_order(incidents: Sequence[Incident]) -> list[Incident]:
    """Those that ask for something first, the worst of them before the others."""
    return sorted(incidents, key=lambda i: (_ORDER.index(i.state), -i.severity, -_persons(i), i.opened_at, i.id))


def print_incidents(incidents: Sequence[Incident], console: Console, setting: Setting) -> None:
    """Print two or three lines an incident, those that ask for something first, and what can be done."""
    counts = {state: sum(i.state is state for i in incidents) for state in _ORDER}
    told = ", ".join(f"{count} {state.value}" for state, count in counts.items() if count)
    console.print(
        Text(f"{plural(len(incidents), 'incident')}: {told}" if incidents else "No incident.", style="bold")
    )
    for incident in in_order(incidents):
        console.print()
        _print_short(incident, console, setting)
    active = [i for i in in_order(incidents) if i.active]
    if active:
        console.print()
        name = setting.short.get(active[0].id, active[0].id)
        console.print(
            Text(f"ketenwacht incidents show {name} says more; ack, snooze and resolve act on it.", style="dim")
        )


def print_incident(incident: Incident, events: Sequence[Event], console: Console, setting: Setting) -> None:
    """Print everything about one incident: what, where, how sure, what to do, and what happened to it."""
    glyphs = glyphs_of(console)
    console.print(_head(incident, incident.id, glyphs))
    rows = [
        ("feed", clean(incident.fingerprint.feed)),
        ("where", segment_words(incident.fingerprint.segment)),
        ("what", _what(incident)),
        ("evidence", f"{EVIDENCE[incident.evidence]}, check {clean(incident.fingerprint.check)}"),
        ("it says", clean(say(incident.said))),
        ("now", "; ".join(_standing(incident, setting))),
    ]
    rows += [("means", line) for line in impact_lines(incident.impact)]
    if incident.active:
        sender = setting.senders.get(incident.fingerprint.feed, "the sender")
        rows.append(("to do", action(findings([incident])[0], sender)))
    for name, words in rows:
        _print_row(name, glyphs.plain(words), console)
    console.print()
    console.print(Text("What happened", style="bold"))
    for event in events:
        when = f"{day(event.at.astimezone(setting.zone).date())} {event.at.astimezone(setting.zone):%H:%M}"
        detail = f": {_detail(event, setting)}" if event.detail else ""
        _print_row(when, f"{event.reason} by {clean(event.actor)}{glyphs.plain(detail)}", console, width=18)


def _detail(event: Event, setting: Setting) -> str:
    """What an event adds, with a moment at its beginning and ids of other incidents as people read them."""
    first, _, rest = event.detail.partition(" ")
    try:
        until = datetime.fromisoformat(first)
    except ValueError:
        return clean(setting.short.get(event.detail, event.detail))
    return clean(f"until {day(until.astimezone(setting.zone).date())}, {rest}")


def _print_short(incident: Incident, console: Console, setting: Setting) -> None:
    glyphs = glyphs_of(console)
    console.print(_head(incident, setting.short.get(incident.id, incident.id), glyphs))
    for line in (f"{_what(incident)}; {EVIDENCE[incident.evidence]}", "; ".join(_standing(incident, setting))):
        console.print(Padding(Text(glyphs.plain(line)), (0, 0, 0, 2), expand=False))


def _head(incident: Incident, name: str, glyphs: Glyphs) -> Text:
    status = _NATURE[incident.nature][0] if incident.active else Status.PASSED
    severity = incident.severity.name.lower()
    loud = "bold" if incident.active and incident.severity >= Severity.HIGH else ""
    return Text.assemble(
        (f"{glyphs.marks[status]} {name}", STYLE[status]),
        "  ",
        (severity, loud),
        f"  {segment_words(incident.fingerprint.segment)}",
    )


def _what(incident: Incident) -> str:
    missing = incident.missing
    if missing is None:
        said = clean(say(incident.said)).removeprefix(f"{incident.fingerprint.segment}: ")
        return said or _NATURE[incident.nature][1]
    what = " missing" if missing.value > 0 else ""
    return f"{missing_amount(missing)}{what} since {since(missing, incident.evidence)} ({missing_range(missing)})"


def _standing(incident: Incident, setting: Setting) -> Iterator[str]:
    """Where it is in its life, who looks after it, and what keeps it quiet."""
    opened = incident.opened_at.astimezone(setting.zone).date()
    if incident.active:
        lasted = plural(max(0, (setting.at.astimezone(setting.zone).date() - opened).days), "day")
        yield f"open since {day(opened)}, {lasted}" + (
            ", acknowledged" if incident.state is not State.OPEN else ""
        )
        yield f"looked after by {clean(incident.owner)}" if incident.owner else "nobody looks after it yet"
    else:
        ended = incident.closed_at if incident.state is State.CLOSED else incident.resolved_at
        until = "" if ended is None else f" {day(ended.astimezone(setting.zone).date())}"
        yield f"found {day(opened)}, {incident.state.value}{until}"
    if incident.snooze is not None:
        until = f"{day(incident.snooze.until.astimezone(setting.zone).date())}"
        yield f"snoozed until {until} by {clean(incident.snooze.owner)}: {clean(incident.snooze.reason)}"
    if incident.parent is not None:
        yield f"part of {setting.short.get(incident.parent, incident.parent)}"


def _persons(incident: Incident) -> float:
    return 0.0 if incident.missing is None else abs(incident.missing.value)


def _print_row(name: str, words: str, console: Console, *, width: int = 10) -> None:
    body = Text(words)
    lines = body.wrap(console, max(20, min(console.width, 100) - width - 2))
    for i, line in enumerate(lines):
        console.print(Text.assemble("  ", (f"{name if i == 0 else '':<{width}}", "dim"), line))
