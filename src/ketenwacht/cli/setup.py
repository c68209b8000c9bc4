"""Commands to set a feed up and to see whether it is set up right: init, lint, simulate, doctor."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from .exits import Exit
from .options import Options, console, out

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
    from ketenwacht.workflows.linting import find_faults

    options: Options = context.obj
    faults = find_faults(options.config, overrides=options.overrides)
    if options.json:
        import json

        out(json.dumps([{"where": f.where, "what": f.what, "mend": f.mend} for f in faults], ensure_ascii=False))
    elif faults:
        for fault in faults:
            out(str(fault))
    else:
        console().print("nothing to mend")
    raise typer.Exit(Exit.USAGE if faults else Exit.PASSED)


def _listing(scenario: str) -> str:
    """Name every scenario, where that is what was asked; nothing else is needed for it."""
    if scenario == "list":
        from ketenwacht.simulate import SCENARIOS

        for one in SCENARIOS:
            out(f"{one.name:28} {one.description}")
        raise typer.Exit(Exit.PASSED)
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
    import json

    from ketenwacht.simulate import simulate as write

    options: Options = context.obj
    truth = write(folder, first=first.date(), last=last.date(), seed=seed, scenario=scenario, canaries=canaries)
    if options.json:
        out(json.dumps(json.loads(truth.to_json()), ensure_ascii=False))
        return
    totals = truth.totals
    out(
        f"{folder}: {totals.deliveries} deliveries, {totals.delivered:,} persons, scenario {scenario}, seed {seed}"
    )
    for planted in truth.missing:
        out(f"  planted: {planted.count:,} persons of {planted.segment} are missing")
    for defect in truth.defects:
        out(f"  planted: {defect.kind} in {defect.delivery}, which should be {defect.expected_status}")
