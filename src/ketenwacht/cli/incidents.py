"""Commands of incidents by their short number: list, show, and what people do to them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from ketenwacht.errors import ConfigError

from .options import By, Feed, Options, Reason, Replayed
from .output import ExitCode, open_screen, print_json
from .queries import open_history

if TYPE_CHECKING:
    from ketenwacht.domain.incidents import Incident
    from ketenwacht.messages.views_incident import IncidentView
    from ketenwacht.workflows.histories import HistoryReader
    from ketenwacht.workflows.incident_acts import NumberedAct

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Number of the incident: 7 or #7.")]

_NUMBER = re.compile(r"#[0-9]{1,9}|[0-9]{1,5}")  # an id of a finding is never shown with less than six characters


def parse_number(text: str) -> int | None:
    """Return the number that a text is (`7`, `#7`); None: it is the id of a finding."""
    found = text.strip()
    return int(found.lstrip("#")) if _NUMBER.fullmatch(found) else None


def list_incidents(
    context: typer.Context,
    feed: Feed = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    replay: Replayed = False,
) -> None:
    """List the incidents: those that need action first, the worst of them on top."""
    from ketenwacht.render.json_incident import INCIDENTS_SCHEMA
    from ketenwacht.render.terminal_incidents import count_text, print_numbered

    options: Options = context.obj
    project = options.project()
    found = project.incidents(feed, closed=all_, replay=replay)
    if options.json:
        objects = [one.to_dict() for one in found]
        print_json({"schema": INCIDENTS_SCHEMA, "replayed": found.replayed, "incidents": objects})
        return
    formatter, views = project.formatter(), [one.view for one in found]
    print_numbered(views, formatter, open_screen(), at=found.at)
    options.print_verdict(count_text(views, formatter))


def show(options: Options, number: int, *, replay: bool) -> None:
    """Print one incident: what is wrong, how sure that is, what to do, and what happened to it so far."""
    with open_history(options, None, replay=replay, every=True) as reader:
        _print(options, reader, _find(reader, number))


def take(context: typer.Context, incident: Number, by: By = None, *, replay: Replayed = False) -> None:
    """Take an incident: you look after it from now on, also when somebody else did."""
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.incident_acts import Take

    _act(context.obj, _parse(incident), Take(), clock.actor(by), replay=replay)


def acknowledge(options: Options, number: int, who: str, *, replay: bool) -> None:
    """Acknowledge an incident."""
    from ketenwacht.workflows.incident_acts import Acknowledge

    _act(options, number, Acknowledge(), who, replay=replay)


def snooze(options: Options, number: int, until: datetime, reason: str, who: str, *, replay: bool) -> None:
    """Ask for silence about an incident up to a moment; a moment inside a day means the whole day."""
    from ketenwacht.workflows.incident_acts import SnoozeUntil

    zone = options.load_project().zone
    try:
        local = (until.replace(tzinfo=zone) if until.tzinfo is None else until).astimezone(zone)
        last = (local - timedelta(microseconds=1)).date()
    except OverflowError:
        raise ConfigError("--until", "there is no such moment", "give an earlier end") from None
    _act(options, number, SnoozeUntil(last, reason), who, replay=replay)


def note(
    context: typer.Context,
    incident: Number,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What others must know; no data of persons.")],
    by: By = None,
    *,
    replay: Replayed = False,
) -> None:
    """Write something down with an incident."""
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.incident_acts import Note

    _act(context.obj, _parse(incident), Note(text), clock.actor(by), replay=replay)


def resolve(options: Options, number: int, reason: str, who: str, *, replay: bool) -> None:
    """Say that an incident is over; it is reopened when it fails again soon."""
    from ketenwacht.workflows.incident_acts import Resolve

    _act(options, number, Resolve(reason), who, replay=replay)


def split(
    context: typer.Context,
    incident: Number,
    findings: Annotated[
        list[str], typer.Argument(metavar="FINDING…", help="Ids of the findings that go, or their beginnings.")
    ],
    reason: Reason,
    by: By = None,
    *,
    replay: Replayed = False,
) -> None:
    """Make some findings of an incident an incident of their own; grouping keeps them apart."""
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.incident_acts import Split

    options, number = context.obj, _parse(incident)
    with open_history(options, None, replay=replay, every=True) as reader:
        apart = tuple(_find_finding(_find(reader, number), text) for text in findings)
    _act(options, number, Split(apart, reason), clock.actor(by), replay=replay)


def merge(
    context: typer.Context,
    incident: Number,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Number of the other incident.")],
    reason: Reason,
    by: By = None,
    *,
    replay: Replayed = False,
) -> None:
    """Make two incidents one; the lowest number goes on, and grouping keeps them together."""
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.incident_acts import Merge

    _act(context.obj, _parse(incident), Merge(_parse(other), reason), clock.actor(by), replay=replay)


def _parse(text: str) -> int:
    number = parse_number(text)
    if number is None:
        raise ConfigError(f"incident {text}", "it is no number", "give one of `ketenwacht incidents list`, like 7")
    return number


def _find(reader: HistoryReader, number: int) -> Incident:
    found = reader.history.incidents.get(number, reader.project.settings.alerts.policy)
    if found is None:
        where = f"incident #{number}"
        raise ConfigError(where, "there is no such incident", "see `ketenwacht incidents list --all`")
    return found


def _find_finding(incident: Incident, text: str) -> str:
    found = [one.id for one in incident.findings if one.id.startswith(text.strip().lower())]
    if len(found) != 1:
        what = "several findings begin with that" if found else "it has no such finding"
        raise ConfigError(
            f"incident {incident.name}, finding {text}", what, f"see `incidents show {incident.number}`"
        )
    return found[0]


def _act(options: Options, number: int, act: NumberedAct, who: str, *, replay: bool) -> None:
    """Act, print the incident as it is now, and send what was written for those who follow it."""
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.alerts import send_due
    from ketenwacht.workflows.incident_acts import perform

    at = clock.now()
    with open_history(options, None, replay=replay, every=True) as reader:
        done = perform(reader.project, reader.history, number, act, actor=who, at=at, origin="cli")
        _print(options, reader, done.incident, changed=done.changed)
        sent = send_due(reader.project, reader.history, write=options.message_writer(), at=at)
    raise typer.Exit(ExitCode.PASSED if sent.delivered else ExitCode.NOT_DELIVERED)


def _view(reader: HistoryReader, incident: Incident) -> IncidentView:
    from ketenwacht.messages.views_incident import view_incident

    project = reader.project
    feed = project.settings.feeds.get(incident.feed)
    formatter = project.formatter(feed, language="en")
    return view_incident(incident, formatter, feed=feed, notes=project.settings.alerts.notes(incident.feed))


def _print(options: Options, reader: HistoryReader, incident: Incident, *, changed: bool | None = None) -> None:
    from ketenwacht.render.json_incident import INCIDENT_SCHEMA, incident_event_objects, numbered_incident_object
    from ketenwacht.render.terminal_incidents import print_one
    from ketenwacht.workflows import clock

    view, events = _view(reader, incident), reader.history.incidents.find_events(incident.number)
    formatter = reader.project.formatter(reader.project.settings.feeds.get(incident.feed), language="en")
    if options.json:
        shown = {
            "schema": INCIDENT_SCHEMA,
            **numbered_incident_object(view),
            "events": incident_event_objects(events, formatter),
        }
        print_json(shown | ({} if changed is None else {"changed": changed}))
        return
    if changed is False:
        open_screen().print(formatter.label("incident.unchanged"))
    print_one(view, events, formatter, open_screen(), at=reader.moment(clock.now()))
