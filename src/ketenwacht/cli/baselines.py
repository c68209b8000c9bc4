"""Commands of own history: propose, show, approve and pin baselines; backtest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from .options import DAY, By, Feed, Options, Replayed, Why
from .output import print_json, print_note, progress
from .queries import open_history

if TYPE_CHECKING:
    from ketenwacht.domain.feed import Feed as Configured
    from ketenwacht.messages.report.data import OwnHistoryView
    from ketenwacht.store import History
    from ketenwacht.store.declarations import BaselineVersion
    from ketenwacht.workflows.outside_evidence import Attribution
    from ketenwacht.workflows.project import LoadedProject


MOST_RUNS = 100_000
"""More histories than this take days, and make no figure more certain."""
Check = Annotated[str, typer.Option("--check", metavar="NAME", help="The check.")]


Number = Annotated[int | None, typer.Option("--version", min=1, help="Which version; else the newest.")]


baseline = typer.Typer(
    help="Calibrate the thresholds of a feed's own history: propose, look, approve, pin.", no_args_is_help=True
)


class LossEvidence(Enum):
    """The evidence that looks for the loss."""

    HISTORY = "history"
    REFERENCE = "reference"
    RECONCILIATION = "reconciliation"


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("backtest")(run_backtest)
    baseline.command("propose")(propose)
    baseline.command("show")(show)
    baseline.command("approve")(approve)
    baseline.command("pin")(pin)
    app.add_typer(baseline, name="baseline")


def propose(
    context: typer.Context,
    why: Why,
    feed: Feed = None,
    check: Annotated[
        str | None, typer.Option("--check", metavar="NAME", help="Only this check; else all that can be.")
    ] = None,
    runs: Annotated[int, typer.Option("--runs", min=10, max=MOST_RUNS, help="Clean histories to draw.")] = 100,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same threshold.")] = 1,
    by: By = None,
    *,
    replay: Replayed = False,
) -> None:
    """Find the threshold at which clean histories like this feed's cost no more false alarms than allowed.

    It is kept as a version that judges nothing until somebody approves it. Learns from what was judged live, or
    from the newest replay.
    """
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.baselines import DrawOptions, tunable_checks
    from ketenwacht.workflows.baselines import propose as calibrate
    from ketenwacht.workflows.outside_evidence import Attribution

    options: Options = context.obj
    attribution = Attribution(clock.actor(by), why, clock.now())
    made: list[BaselineVersion] = []
    with open_history(options, feed, replay=replay) as reader:
        named = reader.project.feed(reader.feeds[0])
        for one in tunable_checks(reader.project, named, check):
            with progress(f"calibrating {one.name}", shown=not options.json) as advanced:
                made.append(calibrate(reader, one, attribution, DrawOptions(runs, seed), progress=advanced))
        _print_versions(reader.project, named, made, options)


def show(
    context: typer.Context,
    feed: Feed = None,
    check: Annotated[str | None, typer.Option("--check", metavar="NAME", help="Only this check.")] = None,
) -> None:
    """Show every version, of the newest all that it rests on, and what own history can detect today."""
    from ketenwacht.workflows.backtest.detection_limits import describe_own_history
    from ketenwacht.workflows.histories import open_required

    options: Options = context.obj
    project = options.load_project()
    named = project.feed(feed)
    with open_required(project) as history:
        found = history.baselines.find(named.name, check)
        today = describe_own_history(history, project, named, check, print_note)
    _print_versions(project, named, found, options, today)


def approve(
    context: typer.Context, check: Check, why: Why, feed: Feed = None, number: Number = None, by: By = None
) -> None:
    """Let the check judge by a version from its next delivery on."""
    from ketenwacht.workflows.baselines import approve as accept

    def act(history: History, named: str, attribution: Attribution) -> BaselineVersion:
        return accept(history, named, check, number, attribution)

    _decide(context.obj, feed, why, by, act)


def pin(
    context: typer.Context,
    check: Check,
    why: Why,
    feed: Feed = None,
    number: Number = None,
    by: By = None,
    *,
    none: Annotated[bool, typer.Option("--none", help="Pin nothing: the newest approved one judges.")] = False,
) -> None:
    """Keep judging by an approved version, whatever is approved after it."""
    from ketenwacht.workflows.baselines import pin as fix
    from ketenwacht.workflows.baselines import select_version, unpin

    def act(history: History, named: str, attribution: Attribution) -> BaselineVersion:
        if none:
            unpin(history, named, check, attribution)
            return select_version(history, named, check, None)
        return fix(history, named, check, select_version(history, named, check, number).version, attribution)

    _decide(context.obj, feed, why, by, act)


def _decide(
    options: Options,
    feed: str | None,
    why: str,
    by: str | None,
    do: Callable[[History, str, Attribution], BaselineVersion],
) -> None:
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.histories import open_required
    from ketenwacht.workflows.outside_evidence import Attribution

    project = options.load_project()
    named = project.feed(feed)
    with open_required(project) as history:
        done = do(history, named.name, Attribution(clock.actor(by), why, clock.now()))
    _print_versions(project, named, [done], options)


def _print_versions(
    project: LoadedProject,
    feed: Configured,
    versions: Sequence[BaselineVersion],
    options: Options,
    today: Mapping[str, Sequence[OwnHistoryView]] | None = None,
) -> None:
    from ketenwacht.messages.report.baselines import view_baseline
    from ketenwacht.render.baselines import (
        baselines_object,
        own_history_object,
        print_baselines,
        print_own_history,
    )
    from ketenwacht.render.terminal import make_console
    from ketenwacht.workflows.baselines import describe_baselines

    formatter = project.formatter(feed, language="en")
    views = [view_baseline(one, formatter) for one in describe_baselines(project, feed, versions)]
    if options.json:
        own = {} if today is None else {"own_history": own_history_object(today, formatter)}
        print_json({**baselines_object(feed.name, views), **own})
    else:
        print_baselines(feed.name, views, formatter, make_console())
        print_own_history(today or {}, formatter, make_console())


def run_backtest(
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
    runs: Annotated[int, typer.Option("--runs", min=1, max=MOST_RUNS, help="Histories a loss.")] = 100,
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
            "--onset",
            **DAY,
            help="The loss begins on this day; else another day in each history.",
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
    workers: Annotated[int, typer.Option("--workers", min=1, max=256, help="Processes.")] = 2,
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
    from ketenwacht.workflows.backtest.scenarios import run_backtest as plant
    from ketenwacht.workflows.histories import open_fullest

    options: Options = context.obj
    project = options.load_project()
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
            history,
            named,
            load_rules(named, project.root),
            drops,
            setting,
            on_warning=print_note,
            progress=advanced,
        )
    formatter = project.formatter(named, language="en")
    view = view_backtest(done, formatter)
    if options.json:
        print_json(full_backtest_object(view))
    else:
        print_backtest(view, formatter, make_console())
