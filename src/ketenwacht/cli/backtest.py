"""`backtest`: what would be found how soon, and what would not."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import datetime
from enum import Enum
from typing import Annotated

import typer

from .judge import Feed, progress
from .look import Replayed
from .options import Options, out, tell
from .setup import DAY


class LossEvidence(Enum):
    """The evidence that looks for the loss."""

    HISTORY = "history"
    REFERENCE = "reference"
    RECONCILIATION = "reconciliation"


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(backtest)


def backtest(
    context: typer.Context,
    drop: Annotated[
        list[str],
        typer.Option(
            "--drop",
            metavar="NAME=VALUE:SHARE",
            help="A loss, `a=x,b=y:0.2`; `:0.2` is the whole feed. Repeatable.",
        ),
    ],
    feed: Feed = None,
    runs: Annotated[int, typer.Option("--runs", min=1, help="Histories a loss.")] = 100,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same figures.")] = 1,
    evidence: Annotated[
        LossEvidence, typer.Option("--evidence", help="What looks for the loss.")
    ] = LossEvidence.HISTORY,
    creep: Annotated[
        int,
        typer.Option("--creep", metavar="D", min=0, help="The loss grows over so many deliveries; 0: at once."),
    ] = 0,
    onset: Annotated[
        datetime | None,
        typer.Option(
            "--onset", formats=DAY, help="The loss begins on this day; else another day in each history."
        ),
    ] = None,
    code_of: Annotated[
        str | None,
        typer.Option(
            "--code-of", metavar="COLUMN", help="Only one code of this column is lost, another each run."
        ),
    ] = None,
    uncertainty: Annotated[
        float, typer.Option("--uncertainty", min=0, max=1, help="Of the reference's figures, a fraction.")
    ] = 0.02,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes.")] = 2,
    *,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="The loss was there from the first day.")
    ] = False,
    replay: Replayed = False,
) -> None:
    """Plant losses in past counts and see which are found how soon; then name what would go unseen.

    Uses what was judged live or in the newest replay; while that is short, counts drawn like it, or an example.
    """
    from ketenwacht.config.rules import load_rules
    from ketenwacht.messages.report.backtest import view_backtest
    from ketenwacht.render.baselines import full_backtest_object, print_backtest
    from ketenwacht.render.terminal import make_console
    from ketenwacht.workflows.backtest.data import BacktestOptions, parse_drop
    from ketenwacht.workflows.backtest.scenarios import backtest as plant
    from ketenwacht.workflows.histories import open_fullest

    options: Options = context.obj
    project = options.loaded_project()
    named = project.feed(feed)
    drops = [parse_drop(text) for text in drop]
    setting = BacktestOptions(
        evidence.value,
        runs,
        seed,
        creep,
        code_of,
        from_start,
        onset.date() if onset is not None else None,
        uncertainty,
        workers,
    )
    with ExitStack() as stack:
        history = open_fullest(stack, project, named.name, replay=replay)
        advanced = stack.enter_context(progress("planting", shown=not options.json))
        done = plant(
            history, named, load_rules(named, project.root), drops, setting, on_warning=tell, progress=advanced
        )
    formatter = project.formatter(named, language="en")
    view = view_backtest(done, formatter)
    if options.json:
        out(json.dumps(full_backtest_object(view), ensure_ascii=False))
    else:
        print_backtest(view, formatter, make_console())
