"""Commands to set a feed up and to see whether it is set up right: init, lint, simulate, doctor."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ketenwacht.errors import ConfigError

from .options import ExitCode, Options, console, out, plain_words

DAY = ["%Y-%m-%d"]
First = Annotated[datetime, typer.Option("--from", formats=DAY, help="First day, inclusive.")]
Last = Annotated[datetime, typer.Option("--to", formats=DAY, help="Last day, inclusive.")]
Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same result.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(lint)
    app.command()(simulate)


def lint(context: typer.Context) -> None:
    """Validate configuration, suites and checks without data."""
    from ketenwacht.workflows.lint import find_faults

    options: Options = context.obj
    faults = find_faults(options.config, overrides=options.overrides)
    if options.json:
        out(json.dumps([{"where": f.where, "what": f.what, "mend": f.mend} for f in faults], ensure_ascii=False))
    elif faults:
        for fault in faults:
            out(str(fault))
        options.verdict(_counted(faults))
    else:
        console().print(plain_words().label("cli.nothing_to_mend"))
    raise typer.Exit(ExitCode.USAGE if faults else ExitCode.PASSED)


def _counted(faults: Sequence[ConfigError]) -> str:
    from ketenwacht.domain.statement import Amount

    files = {fault.where.partition(":")[0] for fault in faults}
    return plain_words().label("faults.count", faults=Amount(len(faults)), files=Amount(len(files)))


def _listing(context: typer.Context, scenario: str) -> str:
    """Name every scenario, where that is what was asked; nothing else is needed for it."""
    if scenario == "list":
        from ketenwacht.simulate import SCENARIOS

        if context.obj.json:
            shown = [{"name": one.name, "description": one.description} for one in SCENARIOS]
            out(json.dumps({"schema": "ketenwacht/scenarios/1", "scenarios": shown}, ensure_ascii=False))
            raise typer.Exit(ExitCode.PASSED)
        for one in SCENARIOS:
            out(f"{one.name:28} {one.description}")
        raise typer.Exit(ExitCode.PASSED)
    return scenario


Scenario = Annotated[
    str,
    typer.Option("--scenario", callback=_listing, is_eager=True, help="What happens; `list` names them all."),
]


def simulate(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder to write; an earlier simulation is replaced.")
    ],
    first: First,
    last: Last,
    seed: Seed = 1,
    scenario: Scenario = "healthy",
    canaries: Annotated[
        Path | None,
        typer.Option("--canaries", metavar="LIST", help="Synthetic persons that the sender puts in."),
    ] = None,
) -> None:
    """Write fictional deliveries in the real format, with what the sender and others know of the same persons."""
    from ketenwacht.domain.statement import Amount
    from ketenwacht.messages.views import segment_text
    from ketenwacht.simulate import simulate as write

    options: Options = context.obj
    truth = write(folder, first=first.date(), last=last.date(), seed=seed, scenario=scenario, canaries=canaries)
    if options.json:
        out(json.dumps(json.loads(truth.to_json()), ensure_ascii=False))
        return
    totals = truth.totals
    formatter = plain_words()  # its persons are fictional: they are counted exactly
    counts = {"deliveries": Amount(totals.deliveries), "persons": Amount(totals.delivered)}
    out(formatter.label("cli.simulated", folder=str(folder), scenario=scenario, seed=str(seed), **counts))
    for planted in truth.missing:
        count, segment = Amount(planted.count), segment_text(planted.segment, formatter)
        out(f"  {formatter.label('cli.planted_missing', count=count, segment=segment)}")
    for defect in truth.defects:
        named = {"kind": defect.kind, "delivery": defect.delivery, "status": defect.expected_status}
        out(f"  {formatter.label('cli.planted_defect', **named)}")
