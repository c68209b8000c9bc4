"""Commands of findings and alerts, and of incidents by the id of a finding; `incidents` takes short numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from ketenwacht.errors import ConfigError

from . import incidents as by_number
from .options import By, Feed, Id, Options, Reason, Replayed, Until
from .output import ExitCode, open_screen, print_json
from .queries import open_history

if TYPE_CHECKING:
    from ketenwacht.domain.findings import Act
    from ketenwacht.domain.findings.finding import Event, Finding
    from ketenwacht.messages.formatter import MessageFormatter
    from ketenwacht.render.terminal import IncidentTexts
    from ketenwacht.workflows.histories import HistoryReader


incidents = typer.Typer(
    help="List and show incidents; take, acknowledge, snooze, note, resolve, split and merge them.",
    no_args_is_help=True,
)


findings = typer.Typer(help="List what each check says about each segment.", no_args_is_help=True)


alerts = typer.Typer(help="Try the alert routes, send what waits, list what was told.", no_args_is_help=True)


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file."""
    incidents.command("list")(by_number.list_incidents)
    incidents.command("show")(show_incident)
    incidents.command("take")(by_number.take)
    incidents.command("ack")(ack)
    incidents.command("snooze")(snooze)
    incidents.command("note")(by_number.note)
    incidents.command("resolve")(resolve)
    incidents.command("split")(by_number.split)
    incidents.command("merge")(by_number.merge)
    findings.command("list")(list_findings)
    alerts.command("test")(try_alerts)
    alerts.command("flush")(flush_alerts)
    alerts.command("list")(list_alerts)
    app.add_typer(incidents, name="incidents")
    app.add_typer(findings, name="findings")
    app.add_typer(alerts, name="alerts")


def list_findings(
    context: typer.Context,
    feed: Feed = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    replay: Replayed = False,
) -> None:
    """List the findings that live: those that ask for something first, the worst of them on top."""
    from ketenwacht.render.json import findings_object
    from ketenwacht.render.terminal import IncidentTexts, count_text, print_incidents

    options: Options = context.obj
    project = options.project()
    found = project.findings(feed, closed=all_, replay=replay)
    views = [one.view for one in found]
    if options.json:
        print_json(findings_object(views, replayed=found.replayed))
    else:
        formatter = project.formatter()
        print_incidents(views, open_screen(), IncidentTexts(short=found.short, at=found.at, formatter=formatter))
        options.print_verdict(count_text(views, formatter))


def show_incident(context: typer.Context, incident: Id, *, replay: Replayed = False) -> None:
    """Show one incident: what is wrong, how sure that is, what to do, and what happened to it so far."""
    from ketenwacht.workflows.incidents import find_incident

    options: Options = context.obj
    if (number := by_number.parse_number(incident)) is not None:
        by_number.show(options, number, replay=replay)
        return
    with open_history(options, None, replay=replay, every=True) as reader:
        found = find_incident(reader, incident)
        events = reader.history.findings.find_events(found.id)
        show_one(reader, found, events, options)


def show_one(
    reader: HistoryReader,
    incident: Finding,
    events: Sequence[Event],
    options: Options,
    *,
    changed: bool | None = None,
) -> None:
    """Print one incident with its life; `changed` says whether it was acted on."""
    from ketenwacht.messages.views_finding import view_finding
    from ketenwacht.render.json import full_incident
    from ketenwacht.render.terminal import print_incident

    formatter = formatters_by_feed(reader, [incident])[incident.fingerprint.feed]
    view = view_finding(incident, formatter)
    if options.json:
        shown = full_incident(view, events) | ({} if changed is None else {"changed": changed})
        print_json(shown)
        return
    if changed is False:
        open_screen().print(formatter.label("incident.unchanged"))
    print_incident(view, events, open_screen(), incident_texts(reader, incident))


def formatters_by_feed(reader: HistoryReader, incidents: Sequence[Finding]) -> dict[str, MessageFormatter]:
    """Return what says the incidents of each feed; of one that is no longer configured only codes are shown."""
    feeds = reader.project.settings.feeds
    named = {incident.fingerprint.feed for incident in incidents}
    return {name: reader.project.formatter(feeds.get(name), language="en") for name in named}


def incident_texts(reader: HistoryReader, incident: Finding | None = None) -> IncidentTexts:
    """Return what incidents of an open history are shown with; of the one that is named also what to do."""
    from ketenwacht.messages.views_finding import describe_action
    from ketenwacht.render.terminal import IncidentTexts
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.incidents import short_ids

    formatter = reader.project.formatter(language="en")
    actions = {}
    if incident is not None and incident.active:
        feed = reader.project.settings.feeds.get(incident.fingerprint.feed)
        sender = "" if feed is None else feed.sender
        actions[incident.id] = describe_action(incident, sender, formatter)
    return IncidentTexts(
        short=short_ids(reader.history.findings.find(closed=True)),
        at=reader.moment(clock.now()),
        formatter=formatter,
        actions=actions,
    )


def ack(context: typer.Context, incident: Id, by: By = None, *, replay: Replayed = False) -> None:
    """Say that somebody looks after an incident."""
    from ketenwacht.domain.findings import acknowledge
    from ketenwacht.workflows import clock

    who = clock.actor(by)
    if (number := by_number.parse_number(incident)) is not None:
        by_number.acknowledge(context.obj, number, who, replay=replay)
        return
    _act(context.obj, incident, lambda found, at, _: acknowledge(found, actor=who, at=at), replay=replay)


def snooze(
    context: typer.Context, incident: Id, until: Until, reason: Reason, by: By = None, *, replay: Replayed = False
) -> None:
    """Ask for silence about an incident until a moment; a shortfall that grows breaks it."""
    from ketenwacht.domain.findings import snooze as hush
    from ketenwacht.workflows import clock

    who = clock.actor(by)
    if (number := by_number.parse_number(incident)) is not None:
        by_number.snooze(context.obj, number, until, reason, who, replay=replay)
        return

    def quiet(found: Finding, at: datetime, zone: tzinfo) -> Act:
        return hush(found, actor=who, reason=reason, until=_in_zone(until, zone), at=at)

    _act(context.obj, incident, quiet, replay=replay)


def resolve(
    context: typer.Context, incident: Id, reason: Reason, by: By = None, *, replay: Replayed = False
) -> None:
    """Say that an incident is over; it is reopened when it fails again soon."""
    from ketenwacht.domain.findings import resolve as end
    from ketenwacht.workflows import clock

    who = clock.actor(by)
    if not reason.strip():
        raise ConfigError("--reason", "it is empty", "say why it is over")
    if (number := by_number.parse_number(incident)) is not None:
        by_number.resolve(context.obj, number, reason, who, replay=replay)
        return
    _act(context.obj, incident, lambda found, at, _: end(found, actor=who, reason=reason, at=at), replay=replay)


def _act(options: Options, said: str, do: Callable[[Finding, datetime, tzinfo], Act], *, replay: bool) -> None:
    """Act, print the incident as it is now, and send what was written for those who follow it."""
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.alerts import send_due
    from ketenwacht.workflows.incidents import act

    at = clock.now()
    with open_history(options, None, replay=replay, every=True) as reader:
        done = act(reader, said, lambda found: do(found, at, reader.project.zone), at=at)
        events = reader.history.findings.find_events(done.incident.id)
        show_one(reader, done.incident, events, options, changed=done.changed)
        sent = send_due(reader.project, reader.history, write=options.message_writer(), at=at)
    raise typer.Exit(ExitCode.PASSED if sent.delivered else ExitCode.NOT_DELIVERED)


def try_alerts(
    context: typer.Context,
    route: Annotated[str | None, typer.Option("--route", metavar="NAME", help="Only this route.")] = None,
) -> None:
    """Send a test message through each alert route and say whether it arrived; nothing else is sent."""
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.alerts import test_routes

    options: Options = context.obj
    project = options.load_project()
    formatter = project.formatter(language="en")
    tried = test_routes(project, route, write=options.message_writer(), new_id=clock.new_id, at=clock.now())
    if options.json:
        rows = [{"route": t.route, "medium": t.medium, "arrived": t.arrived, "error": t.error} for t in tried]
        print_json({"schema": "ketenwacht/alerts-test/1", "routes": rows})
    else:
        for one in tried:
            said = formatter.label(
                "alerts.arrived" if one.arrived else "alerts.not_arrived", medium=one.medium, error=one.error or ""
            )
            _print_outcome(one.route, said, fine=one.arrived)
    raise typer.Exit(ExitCode.PASSED if tried and all(one.arrived for one in tried) else ExitCode.NOT_DELIVERED)


def flush_alerts(context: typer.Context) -> None:
    """Send every alert that is due now; exit 4 when one did not arrive, or waits for another attempt."""
    from ketenwacht.domain.statement import Amount
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.alerts import send_due

    options: Options = context.obj
    project = options.load_project()
    with project.history(create=False) as history:
        post = send_due(project, history, write=options.message_writer(), at=clock.now())
        waiting = history.outbox.find(states=("pending", "sending"))
    if options.json:
        shown = {
            "schema": "ketenwacht/alerts-flush/1",
            "sent": post.sent,
            "not_sent": post.left,
            "waiting": len(waiting),
        }
        print_json(shown)
    else:
        formatter = project.formatter(language="en")
        counts = {"sent": post.sent, "left": post.left, "waiting": len(waiting)}
        open_screen().print(
            formatter.label("alerts.flushed", **{name: Amount(count) for name, count in counts.items()})
        )
        for one in waiting:
            error = one.error or formatter.label("alerts.not_tried")
            said = formatter.label("alerts.next", at=one.next_attempt_at, error=error)
            _print_outcome(one.alert.route, said, fine=False)
    raise typer.Exit(ExitCode.PASSED if post.delivered else ExitCode.NOT_DELIVERED)


def list_alerts(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, help="So many of the newest.")] = 20,
    *,
    replay: Replayed = False,
) -> None:
    """List the newest alerts: when and through which route each was sent, or why it was not."""
    from ketenwacht.render.json import alerts_object
    from ketenwacht.render.terminal import print_alerts

    options: Options = context.obj
    with open_history(options, None, replay=replay, every=True) as reader:
        posted = reader.history.outbox.find(limit=limit)
        counts = reader.history.outbox.count()
        formatter = reader.project.formatter(language="en")
    rows = [(p.alert, p.state, p.attempts, p.sent_at, p.error) for p in posted]
    if options.json:
        print_json(alerts_object(rows, counts, replayed=reader.replayed))
    else:
        print_alerts(rows, counts, formatter, open_screen())


def _print_outcome(name: str, said: str, *, fine: bool) -> None:
    from ketenwacht.domain.result import Status
    from ketenwacht.render.terminal import glyphs_of

    console = open_screen()
    mark = glyphs_of(console).marks[Status.PASSED if fine else Status.FAILED]
    console.print(f"{mark} {name}: {said}", style="green" if fine else "bold red", soft_wrap=True)


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return (moment.replace(tzinfo=zone) if moment.tzinfo is None else moment).astimezone(UTC)
    except OverflowError:
        raise ConfigError("--until", "there is no such moment in UTC", "give an earlier end") from None
