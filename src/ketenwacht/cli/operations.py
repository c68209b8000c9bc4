"""Commands that run the service and maintain its history: serve, backup, restore, prune."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ketenwacht.errors import ConfigError

from .options import DAY, By, Options
from .output import ExitCode, default_formatter, exit_code_of, print_line

if TYPE_CHECKING:
    from ketenwacht.service.service import Service


Yes = Annotated[bool, typer.Option("--yes", help="Do it; without this it is only said what would be done.")]


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("serve")(serve)
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("prune")(prune)


def serve(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Of the pages; 0: a free one.")
    ] = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="Look at everything once, without pages, and end.")] = False,
) -> None:
    """Judge deliveries and send alerts until it is stopped; a second process stands by."""
    from ketenwacht.service.run import end_at_signals

    if not once:
        end_at_signals()
    from ketenwacht.service.service import Service
    from ketenwacht.service.signals import Log

    options: Options = context.obj
    project = options.load_project()
    with project.history() as history:
        service = Service.of(project, history, log=Log(), write=lambda text: sys.stderr.write(f"{text}\n"))
        if once:
            _tick_once(service, strict=options.strict)
        _serve_pages(service, port)


def _serve_pages(service: Service, port: int | None) -> None:
    from contextlib import ExitStack

    from ketenwacht.service.run import run
    from ketenwacht.web import PageServer, metrics_app, web_app

    settings = service.project.settings.service

    def on_fault(fault: str, where: str) -> None:
        service.log.say("answer", "pages", "failed", fault=fault, where=where)

    number = settings.port if port is None else port
    pages = PageServer(web_app(service), host=settings.host, port=number, on_fault=on_fault)
    service.log.say("listen", pages.address, "open")
    with ExitStack() as stack:
        if settings.metrics_port is not None:
            metrics = PageServer(metrics_app(service), host=settings.host, port=settings.metrics_port)
            service.log.say("listen", metrics.address, "open")
            stack.enter_context(metrics)
        run(service, pages)


def _tick_once(service: Service, *, strict: bool) -> None:
    from contextlib import closing

    with closing(service):
        done = service.tick()
    if not done.worked:
        service.log.say("tick", "service", "another process has the lease")
        raise typer.Exit(ExitCode.NOT_JUDGED)
    if done.faults:
        raise typer.Exit(ExitCode.NOT_JUDGED)
    nothing_wrong = not done.statuses and done.drained
    code = ExitCode.PASSED if nothing_wrong else exit_code_of(done.statuses, strict=strict, delivered=done.drained)
    raise typer.Exit(code)


def backup(context: typer.Context, file: Annotated[Path, typer.Argument(help="Where the copy goes.")]) -> None:
    """Copy a SQLite history to a file, as it is at this moment, while others go on writing."""
    options: Options = context.obj
    if file.is_dir():
        raise ConfigError(f"FILE {file}", "is a folder", "name a file in it")
    with options.load_project().history(create=False) as history:
        history.maintenance.backup(file)
    _print_done(
        options,
        {"schema": "ketenwacht/backup/1", "backup": str(file)},
        default_formatter().label("cli.backup", path=str(file)),
    )


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A copy that `backup` made.")],
    by: By = None,
    *,
    yes: Yes = False,
) -> None:
    """Make a SQLite history what it was when a copy was made; what was written since is lost."""
    from ketenwacht.workflows import clock

    options: Options = context.obj
    if not yes:
        raise ConfigError("--yes", "what was written since the copy would be lost", "add --yes to do it")
    if not file.is_file():
        raise ConfigError(f"FILE {file}", "is not a file", "name a copy that `ketenwacht backup` made")
    who = _name_actor(by)
    with options.load_project().history() as history:
        history.maintenance.restore(file, who=who, at=clock.now())
    _print_done(
        options,
        {"schema": "ketenwacht/restore/1", "restored": str(file)},
        default_formatter().label("cli.restored", path=str(file)),
    )


def prune(
    context: typer.Context,
    feed: Annotated[str, typer.Argument(help="Name of the feed.")],
    before: Annotated[
        datetime,
        typer.Option("--before", **DAY, help="What is older than this day goes."),
    ],
    kinds: Annotated[
        list[str] | None,
        typer.Option("--kind", help="runs, incidents, alerts or expected; may be repeated; without it all four."),
    ] = None,
    by: By = None,
    *,
    yes: Yes = False,
) -> None:
    """Remove what is older than a day: runs, closed incidents, sent alerts, settled due moments."""
    from ketenwacht.domain.statement import Amount
    from ketenwacht.store.maintenance import KINDS
    from ketenwacht.workflows import clock

    unknown = sorted(set(kinds or ()) - set(KINDS))
    if unknown:
        raise ConfigError("--kind", f"there is no kind {unknown[0]}", f"write one of {', '.join(KINDS)}")

    options: Options = context.obj
    project = options.load_project()
    name = project.feed(feed).name
    who = _name_actor(by)
    with project.history(create=False) as history:
        counts = history.maintenance.prune(
            name, before=before.date(), dry_run=not yes, who=who, at=clock.now(), kinds=kinds or KINDS
        )
    formatter = default_formatter()
    told = ", ".join(formatter.label("cli.prune_row", count=Amount(n), table=table) for table, n in counts.items())
    said = formatter.label("cli.pruned" if yes else "cli.would_prune", feed=name, rows=told)
    _print_done(
        options, {"schema": "ketenwacht/prune/1", "feed": name, "removed": yes, "rows": dict(counts)}, said
    )


def _name_actor(by: str | None) -> str:
    from ketenwacht.workflows import clock

    who = by or clock.user()
    if not who:
        raise ConfigError("--by", "this account has no name", "say who does this with --by")
    return who


def _print_done(options: Options, told: dict[str, object], text: str) -> None:
    print_line(json.dumps(told, ensure_ascii=False) if options.json else text)
