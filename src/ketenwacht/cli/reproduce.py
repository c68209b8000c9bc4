"""`reproduce`: come to past verdicts again."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from .judge import Feed, progress
from .look import Replayed, looking
from .options import ExitCode, Options, out


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(reproduce)


def reproduce(
    context: typer.Context,
    feed: Feed = None,
    delivery: Annotated[
        str | None, typer.Option("--delivery", metavar="ID", help="Only the verdicts on this delivery.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Only so many of the newest; else every one.")
    ] = None,
    *,
    replay: Replayed = False,
) -> None:
    """Come to past verdicts again, from stored counts and the rules and evidence of that moment, bit for bit.

    No delivery is read, so an auditor needs the history alone. Exit 0: all came out the same; 1: some did not;
    3: none can be judged again.
    """
    from ketenwacht.render.terminal import make_console
    from ketenwacht.render.terminal_history import ReproductionOutcome, print_reproduced, reproduced_object
    from ketenwacht.workflows.reproduce import reproduce as again

    options: Options = context.obj
    with (
        looking(options, feed, replay=replay) as reader,
        progress("judging again", shown=not options.json) as advanced,
    ):
        found = again(reader, delivery=delivery, limit=limit, progress=advanced)
        name = reader.feeds[0]
        formatter = reader.project.formatter(reader.project.feed(name), language="en")
    if options.json:
        out(json.dumps(reproduced_object(name, found), ensure_ascii=False))
    else:
        print_reproduced(name, found, formatter, make_console())
    outcomes = {one.outcome for one in found}
    if ReproductionOutcome.DIFFERENT in outcomes:
        raise typer.Exit(ExitCode.FAILED)
    raise typer.Exit(ExitCode.PASSED if ReproductionOutcome.SAME in outcomes else ExitCode.NOT_JUDGED)
