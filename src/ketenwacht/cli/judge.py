"""Commands that judge: check, replay."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from .exits import exit_of
from .options import Options, console, out
from .setup import First, Last

if TYPE_CHECKING:
    from ketenwacht.domain.result import Run
    from ketenwacht.messages.formatter import MessageFormatter

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
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.alerts.acting import flush_all
    from ketenwacht.workflows.judging import check as judge
    from ketenwacht.workflows.session import open_session

    options: Options = context.obj
    moment = clock.now() if at is None else as_utc(at)
    with open_session(options.office(), feed, told=tell) as session:
        how = session.office.formatter(session.station.feed, language="en")
        runs = [show(run, how, options) for run in judge(session, delivery=delivery, at=moment)]
        post = flush_all(session.office, session.history, write=writer(options), at=moment)
    if not runs:
        console(stderr=True).print("nothing to judge: no new delivery, and none that was due is missing")
    raise typer.Exit(exit_of((run.status for run in runs), strict=options.strict, delivered=post.delivered))


def replay(context: typer.Context, first: First, last: Last, feed: Feed = None) -> None:
    """Judge past deliveries one by one, each at the moment it came, and tell what was found when."""
    from ketenwacht.messages.views import view_run
    from ketenwacht.render import replay_object, run_object
    from ketenwacht.render.terminal import make_console
    from ketenwacht.render.terminal_replay import print_timeline
    from ketenwacht.workflows.retelling import retell

    options: Options = context.obj
    office = options.office()
    how = office.formatter(office.feed(feed), language="en")

    def each(run: Run) -> None:
        if options.json:
            out(json.dumps(run_object(view_run(run, how)), ensure_ascii=False))

    with progress("judging", shown=not options.json) as advanced:
        told = retell(
            office,
            feed,
            first=first.date(),
            last=last.date(),
            each=each,
            progress=advanced,
            told=tell,
            write=writer(options),
        )
    if options.json:
        out(json.dumps(replay_object(told.replay, how), ensure_ascii=False))
    else:
        print_timeline(told.replay, how, make_console())
    raise typer.Exit(exit_of(told.statuses, strict=options.strict, delivered=told.delivered))


def show(run: Run, how: MessageFormatter, options: Options) -> Run:
    """Print one run, and give it back."""
    from ketenwacht.messages.views import view_run
    from ketenwacht.render import run_object
    from ketenwacht.render.terminal import make_console, print_run

    view = view_run(run, how)
    if options.json:
        out(json.dumps(run_object(view), ensure_ascii=False))
    else:
        print_run(view, how, make_console())
    return run


def writer(options: Options) -> Callable[[str], None]:
    """Where the messages of the console go: to standard error when standard output holds JSON."""
    screen = console(stderr=options.json)
    return lambda text: screen.print(text, markup=False, soft_wrap=True)


def tell(name: str, problem: str) -> None:
    """Something that was left aside, on standard error."""
    console(stderr=True).print(f"{name}: {problem}", style="yellow", markup=False, soft_wrap=True)


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
