"""Commands that act: incidents ack, snooze and resolve; alerts test, flush and list."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from ketenwacht.errors import ConfigError

from .judge import MOMENTS
from .look import Id, Replayed, incidents, looking, screen, show_one
from .options import ExitCode, Options, out, writer

if TYPE_CHECKING:
    from ketenwacht.domain.findings import Act
    from ketenwacht.domain.findings.finding import Finding

By = Annotated[
    str | None, typer.Option("--by", help="Who does this; without it the account that runs the command.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why, for those who read it later.")]
Until = Annotated[
    datetime,
    typer.Option("--until", formats=MOMENTS, help="Silence until then; local time unless it has an offset."),
]

alerts = typer.Typer(help="Try the alert routes, send what waits, list what was told.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    incidents.command()(ack)
    incidents.command()(snooze)
    incidents.command()(resolve)
    alerts.command("test")(try_alerts)
    alerts.command("flush")(flush_alerts)
    alerts.command("list")(list_alerts)
    app.add_typer(alerts, name="alerts")


def ack(context: typer.Context, incident: Id, by: By = None, *, replay: Replayed = False) -> None:
    """Say that somebody looks after an incident."""
    from ketenwacht.domain.findings import acknowledge
    from ketenwacht.workflows import clock

    who = clock.actor(by)
    _act(context.obj, incident, lambda found, at, _: acknowledge(found, actor=who, at=at), replay=replay)


def snooze(
    context: typer.Context, incident: Id, until: Until, reason: Reason, by: By = None, *, replay: Replayed = False
) -> None:
    """Ask for silence about an incident until a moment; a shortfall that grows breaks it."""
    from ketenwacht.domain.findings import snooze as hush
    from ketenwacht.workflows import clock

    who = clock.actor(by)

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
    _act(context.obj, incident, lambda found, at, _: end(found, actor=who, reason=reason, at=at), replay=replay)


def _act(options: Options, said: str, do: Callable[[Finding, datetime, tzinfo], Act], *, replay: bool) -> None:
    """Act, print the incident as it is now, and send what was written for those who follow it."""
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.alerts import flush_all
    from ketenwacht.workflows.incidents import act

    at = clock.now()
    with looking(options, None, replay=replay, every=True) as reader:
        done = act(reader, said, lambda found: do(found, at, reader.project.zone), at=at)
        events = reader.history.events(done.incident.id)
        show_one(reader, done.incident, events, options, changed=done.changed)
        sent = flush_all(reader.project, reader.history, write=writer(options), at=at)
    raise typer.Exit(ExitCode.PASSED if sent.delivered else ExitCode.NOT_DELIVERED)


def try_alerts(
    context: typer.Context,
    route: Annotated[str | None, typer.Option("--route", metavar="NAME", help="Only this route.")] = None,
) -> None:
    """Send a test message through each alert route and say whether it arrived; nothing else is sent."""
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.alerts import try_routes

    options: Options = context.obj
    project = options.loaded_project()
    formatter = project.formatter(language="en")
    tried = try_routes(project, route, write=writer(options), new_id=clock.new_id, at=clock.now())
    if options.json:
        rows = [{"route": t.route, "medium": t.medium, "arrived": t.arrived, "error": t.error} for t in tried]
        out(json.dumps({"schema": "ketenwacht/alerts-test/1", "routes": rows}, ensure_ascii=False))
    else:
        for one in tried:
            said = formatter.label(
                "alerts.arrived" if one.arrived else "alerts.not_arrived", medium=one.medium, error=one.error or ""
            )
            _line(one.route, said, fine=one.arrived)
    raise typer.Exit(ExitCode.PASSED if tried and all(one.arrived for one in tried) else ExitCode.NOT_DELIVERED)


def flush_alerts(context: typer.Context) -> None:
    """Send every alert that is due now; exit 4 when one did not arrive, or waits for another attempt."""
    from ketenwacht.domain.statement import Amount
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.alerts import flush_all

    options: Options = context.obj
    project = options.loaded_project()
    with project.history(create=False) as history:
        post = flush_all(project, history, write=writer(options), at=clock.now())
        waiting = history.posted(states=("pending", "sending"))
    if options.json:
        shown = {
            "schema": "ketenwacht/alerts-flush/1",
            "sent": post.sent,
            "not_sent": post.left,
            "waiting": len(waiting),
        }
        out(json.dumps(shown, ensure_ascii=False))
    else:
        formatter = project.formatter(language="en")
        counts = {"sent": post.sent, "left": post.left, "waiting": len(waiting)}
        screen().print(
            formatter.label("alerts.flushed", **{name: Amount(count) for name, count in counts.items()})
        )
        for one in waiting:
            error = one.error or formatter.label("alerts.not_tried")
            said = formatter.label("alerts.next", at=one.next_attempt_at, error=error)
            _line(one.alert.route, said, fine=False)
    raise typer.Exit(ExitCode.PASSED if post.delivered else ExitCode.NOT_DELIVERED)


def list_alerts(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, help="So many of the newest.")] = 20,
    *,
    replay: Replayed = False,
) -> None:
    """List the newest alerts: what was told when through which route, and what could not be."""
    from ketenwacht.render.json import alerts_object
    from ketenwacht.render.terminal import print_alerts

    options: Options = context.obj
    with looking(options, None, replay=replay, every=True) as reader:
        posted = reader.history.posted(limit=limit)
        counts = reader.history.outbox_counts()
        formatter = reader.project.formatter(language="en")
    rows = [(p.alert, p.state, p.attempts, p.sent_at, p.error) for p in posted]
    if options.json:
        out(json.dumps(alerts_object(rows, counts, replayed=reader.replayed), ensure_ascii=False))
    else:
        print_alerts(rows, counts, formatter, screen())


def _line(name: str, said: str, *, fine: bool) -> None:
    from ketenwacht.domain.result import Status
    from ketenwacht.render.terminal import glyphs_of

    console = screen()
    mark = glyphs_of(console).marks[Status.PASSED if fine else Status.FAILED]
    console.print(f"{mark} {name}: {said}", style="green" if fine else "bold red", soft_wrap=True)


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    return (moment.replace(tzinfo=zone) if moment.tzinfo is None else moment).astimezone(UTC)
