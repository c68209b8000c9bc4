"""`ketenwacht init`: the files of a new feed, with suggestions from a sample of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ketenwacht.errors import ConfigError

from .options import Options, console, out, plain_words

if TYPE_CHECKING:
    from ketenwacht.workflows.init import InitResult


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(init)


def init(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where to write; nothing is overwritten.")
    ] = Path(),
    sample: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="FILE|URL#TABLE", help="A sample (csv, jsonl, parquet, table) to learn from."
        ),
    ] = None,
    feed: Annotated[
        str | None, typer.Option("--feed", metavar="NAME", help="Name of the feed; else after the sample.")
    ] = None,
    period_format: Annotated[
        str | None,
        typer.Option(
            "--period-format", metavar="LAYOUT", help="How the sample writes its periods, such as %d-%m-%Y."
        ),
    ] = None,
) -> None:
    """Write a commented config.yaml, expectations/ and checks/ for a new feed."""
    from ketenwacht.workflows.init import start_feed, start_feed_from

    options: Options = context.obj
    if sample is None and period_format is not None:
        raise ConfigError("--period-format", "there is no sample", "name one with --from")
    started = (
        start_feed(folder, feed=feed)
        if sample is None
        else start_feed_from(folder, sample, feed=feed, period_format=period_format)
    )
    _tell(started, folder, options)


def _tell(started: InitResult, folder: Path, options: Options) -> None:
    from ketenwacht.workflows.init import summary

    suggested = summary(started.suggested) if started.suggested is not None else {}
    if options.json:
        files = [str(path) for path in started.files]
        told = {"feed": started.feed, "files": files, "suggested": suggested, "notes": list(started.notes)}
        out(json.dumps(told, ensure_ascii=False))
        return
    for path in started.files:
        out(str(path))
    for name, text in suggested.items():
        out(f"  {name}: {text}")
    for note in started.notes:
        out(f"  {plain_words().label('cli.note', note=note)}")
    steps = [f"ketenwacht -c {folder / 'config.yaml'} lint"]
    found = started.suggested
    if found is not None and found.first is not None and found.last is not None:
        steps.append(f"ketenwacht -c {folder / 'config.yaml'} replay --from {found.first} --to {found.last}")
    console().print(plain_words().label("cli.next", steps="\n      ".join(steps)), markup=False, soft_wrap=True)
