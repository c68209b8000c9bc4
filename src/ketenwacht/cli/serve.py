"""`ketenwacht serve`: the scheduler, the outbox and the pages in one process, for months."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .options import ExitCode, Options, exit_of

if TYPE_CHECKING:
    from ketenwacht.service.service import Service


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(serve)


def serve(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Of the pages; 0: a free one.")
    ] = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="Look at everything once, without pages, and end.")] = False,
) -> None:
    """Judge what comes and tell what must be told, until told to stop; a second one stands by."""
    from ketenwacht.service.service import Service
    from ketenwacht.service.signals import Log

    options: Options = context.obj
    project = options.loaded_project()
    with project.history() as history:
        service = Service.of(project, history, log=Log(), write=lambda text: sys.stderr.write(f"{text}\n"))
        if once:
            _once(service, strict=options.strict)
        _serve(service, port)


def _serve(service: Service, port: int | None) -> None:
    from ketenwacht.service.run import run
    from ketenwacht.web import PageServer, web_app

    settings = service.project.settings.service
    pages = PageServer(web_app(service), host=settings.host, port=settings.port if port is None else port)
    service.log.say("listen", pages.address, "open")
    run(service, pages)


def _once(service: Service, *, strict: bool) -> None:
    from contextlib import closing

    with closing(service):
        done = service.tick()
    if not done.worked:
        service.log.say("tick", "service", "another process has the lease")
        raise typer.Exit(ExitCode.NOT_JUDGED)
    if done.faults:
        raise typer.Exit(ExitCode.NOT_JUDGED)
    nothing_wrong = not done.statuses and done.drained
    code = ExitCode.PASSED if nothing_wrong else exit_of(done.statuses, strict=strict, delivered=done.drained)
    raise typer.Exit(code)
