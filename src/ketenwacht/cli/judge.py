"""Commands that judge: check, replay."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Options, console, exit_of, out, plain_words
from .setup import First, Last

if TYPE_CHECKING:
    from ketenwacht.api import Run

Feed = Annotated[
    str | None, typer.Argument(metavar="[FEED]", help="Name of the feed; needed when there are several.")
]
MOMENTS = ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]
At = Annotated[
    datetime | None,
    typer.Option("--at", formats=MOMENTS, help="Judge as if it were this moment (UTC unless it has an offset)."),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(check)
    app.command()(replay)


def check(
    context: typer.Context,
    feed: Feed = None,
    delivery: Annotated[str | None, typer.Option("--delivery", help="Only the delivery of this id.")] = None,
    at: At = None,
) -> None:
    """Judge the deliveries that are new, and those that are missing, now."""
    options: Options = context.obj
    moment = None if at is None else as_utc(at)
    runs = options.project().check(feed, delivery=delivery, at=moment, each=lambda run: show(run, options))
    if not runs:
        console(stderr=True).print(plain_words().label("cli.nothing_new"))
    raise typer.Exit(exit_of((run.status for run in runs), strict=options.strict, delivered=runs.delivered))


def replay(context: typer.Context, first: First, last: Last, feed: Feed = None) -> None:
    """Judge past deliveries one by one, each at the moment it came, and tell what was found when."""
    from ketenwacht.render.terminal import make_console
    from ketenwacht.render.terminal_history import print_timeline

    options: Options = context.obj
    with progress("judging", shown=options.bars) as advanced:
        nobody = (lambda _: None) if options.quiet else None  # a replay alerts nobody: it shows what was sent
        done = options.project(on_message=nobody).replay(
            feed,
            first=first.date(),
            last=last.date(),
            each=(lambda run: show(run, options)) if options.json else None,
            progress=advanced,
        )
    if options.json:
        out(json.dumps(done.to_dict(), ensure_ascii=False))
    else:
        print_timeline(done.replay, done.formatter, make_console())
        options.verdict(f"{done.runs.status.word}: {done.found_first.sentence}")
    statuses = (run.status for run in done.runs)
    raise typer.Exit(exit_of(statuses, strict=options.strict, delivered=done.runs.delivered))


def show(run: Run, options: Options) -> None:
    """Print one run: all of it, or with --quiet its verdict."""
    from ketenwacht.render.terminal import make_console, print_run, verdict_line

    if options.json:
        out(json.dumps(run.to_dict(), ensure_ascii=False))
    elif options.quiet:
        options.verdict(verdict_line(run.view, run.formatter).plain)
    else:
        print_run(run.view, run.formatter, make_console(), every=options.verbose)


def as_utc(moment: datetime) -> datetime:
    """A moment from the command line; without an offset it is meant in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


@contextmanager
def progress(what: str, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, when that is a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    screen = console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, disable=not (shown and screen.is_terminal), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
