"""Commands of baselines: propose, show, approve, pin."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .act import By
from .judge import Feed, progress
from .look import Replayed, looking
from .options import Options, out
from .outside import Why

if TYPE_CHECKING:
    from ketenwacht.domain.feed import Feed as Configured
    from ketenwacht.store import History
    from ketenwacht.store.declared import BaselineVersion
    from ketenwacht.workflows.outside_evidence import Attribution
    from ketenwacht.workflows.project import LoadedProject

Check = Annotated[str, typer.Option("--check", metavar="NAME", help="The check.")]
Number = Annotated[int | None, typer.Option("--version", min=1, help="Which version; else the newest.")]

baseline = typer.Typer(
    help="Calibrate the thresholds of a feed's own history: propose, look, approve, pin.", no_args_is_help=True
)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    baseline.command()(propose)
    baseline.command()(show)
    baseline.command()(approve)
    baseline.command()(pin)
    app.add_typer(baseline, name="baseline")


def propose(
    context: typer.Context,
    why: Why,
    feed: Feed = None,
    check: Annotated[
        str | None, typer.Option("--check", metavar="NAME", help="Only this check; else all that can be.")
    ] = None,
    runs: Annotated[int, typer.Option("--runs", min=10, help="Clean histories to draw.")] = 100,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same threshold.")] = 1,
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
    with looking(options, feed, replay=replay) as reader:
        named = reader.project.feed(reader.feeds[0])
        for one in tunable_checks(reader.project, named, check):
            with progress(f"calibrating {one.name}", shown=not options.json) as advanced:
                made.append(calibrate(reader, one, attribution, DrawOptions(runs, seed), progress=advanced))
        _print(reader.project, named, made, options)


def show(
    context: typer.Context,
    feed: Feed = None,
    check: Annotated[str | None, typer.Option("--check", metavar="NAME", help="Only this check.")] = None,
) -> None:
    """Show every version, and of the newest all that it rests on."""
    from ketenwacht.workflows.histories import open_required

    options: Options = context.obj
    project = options.loaded_project()
    named = project.feed(feed)
    with open_required(project) as history:
        found = history.baselines(named.name, check)
    _print(project, named, found, options)


def approve(
    context: typer.Context, check: Check, why: Why, feed: Feed = None, number: Number = None, by: By = None
) -> None:
    """Let the check judge by a version from its next delivery on."""
    from ketenwacht.workflows.baselines import approve as accept

    def act(history: History, named: str, attribution: Attribution) -> BaselineVersion:
        return accept(history, named, check, number, attribution)

    _act(context.obj, feed, why, by, act)


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
    from ketenwacht.workflows.baselines import chosen_version, unpin
    from ketenwacht.workflows.baselines import pin as fix

    def act(history: History, named: str, attribution: Attribution) -> BaselineVersion:
        if none:
            unpin(history, named, check, attribution)
            return chosen_version(history, named, check, None)
        return fix(history, named, check, chosen_version(history, named, check, number).version, attribution)

    _act(context.obj, feed, why, by, act)


def _act(
    options: Options,
    feed: str | None,
    why: str,
    by: str | None,
    do: Callable[[History, str, Attribution], BaselineVersion],
) -> None:
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.histories import open_required
    from ketenwacht.workflows.outside_evidence import Attribution

    project = options.loaded_project()
    named = project.feed(feed)
    with open_required(project) as history:
        done = do(history, named.name, Attribution(clock.actor(by), why, clock.now()))
    _print(project, named, [done], options)


def _print(
    project: LoadedProject, feed: Configured, versions: Sequence[BaselineVersion], options: Options
) -> None:
    from ketenwacht.messages.report.baselines import view_baseline
    from ketenwacht.render.baselines import baselines_object, print_baselines
    from ketenwacht.render.terminal import make_console
    from ketenwacht.workflows.baselines import shown_baselines

    formatter = project.formatter(feed, language="en")
    views = [view_baseline(one, formatter) for one in shown_baselines(project, feed, versions)]
    if options.json:
        out(json.dumps(baselines_object(feed.name, views), ensure_ascii=False))
    else:
        print_baselines(feed.name, views, formatter, make_console())
