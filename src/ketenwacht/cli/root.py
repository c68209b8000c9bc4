"""`ketenwacht [OPTIONS] COMMAND`: the frame of all commands, and where every error becomes an exit code."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Sequence
from enum import Enum
from errno import ENAMETOOLONG
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_command_name
from typer.models import CommandInfo

from ketenwacht.errors import ConfigError, KetenwachtError, place_of

from . import (
    baselines,
    contract,
    evidence,
    findings,
    judge,
    lineage,
    operations,
    psi,
    queries,
    reconciliation,
    sender,
    setup,
    undercoverage,
)
from .options import Options, find_command, hoist_options
from .output import ExitCode, exit_code_of_error, last_line_only, open_console, print_line

HELP = """Says, with evidence, whether everybody who should be in a feed is in it.

Exit codes: 0 passed (warned and unproven included, unless --strict) · 1 failed · 2 usage or configuration ·
3 could not judge, or nothing to judge · 4 judged, but an alert or the history was not delivered.
"""


class OutputFormat(Enum):
    """How a command prints."""

    TEXT = "text"
    JSON = "json"


app = typer.Typer(name="ketenwacht", help=HELP, no_args_is_help=True, pretty_exceptions_enable=False)
GROUPS = (
    setup,
    judge,
    contract,
    reconciliation,
    sender,
    psi,
    undercoverage,
    evidence,
    baselines,
    queries,
    lineage,
    findings,
    operations,
)
for group in GROUPS:
    group.add_commands(app)


ALIASES = {("history", part): ("measurements", part) for part in ("export", "import")}
"""Alias → command."""


def resolve_alias(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the alias of a command replaced by its name."""
    for i, pair in enumerate(pairwise(arguments)):
        if pair in ALIASES:
            return [*arguments[:i], *ALIASES[pair], *arguments[i + 2 :]]
    return list(arguments)


def narrow(words: Sequence[str]) -> typer.Typer:
    """Return the app with only the command that `words` name: building all of them takes longer than most take.

    Returns:
        The whole app where no command is named, or an unknown one: it lists and suggests commands.
    """
    name = find_command(words)
    commands = [one for one in app.registered_commands if _name_of(one) == name]
    groups = [one for one in app.registered_groups if one.name == name]
    if name is None or not (commands or groups) or "_KETENWACHT_COMPLETE" in os.environ:
        return app
    narrowed = copy.copy(app)
    narrowed.registered_commands, narrowed.registered_groups = commands, groups
    return narrowed


def _name_of(command: CommandInfo) -> str | None:
    named = command.callback.__name__ if command.callback is not None else ""
    return command.name or get_command_name(named)


def _version(asked: bool) -> None:
    if asked:
        from ketenwacht import __version__

        print_line(f"ketenwacht {__version__}")
        raise typer.Exit(ExitCode.PASSED)


@app.callback(help=HELP)
def every_command(
    context: typer.Context,
    config: Annotated[Path, typer.Option("--config", "-c", help="The configuration.")] = Path("config.yaml"),
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Override a setting for this call; dotted, items by number."
        ),
    ] = None,
    format_: Annotated[OutputFormat, typer.Option("--format", help="How to print.")] = OutputFormat.TEXT,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Warned and unproven count as failed.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Say more, on standard error, and list every result.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the verdict only: one line.")] = False,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Read the options of every command, for the command that follows."""
    if verbose and quiet:
        raise ConfigError("--verbose --quiet", "they exclude each other", "give one of them")
    held = context.with_resource(last_line_only()) if quiet and format_ is OutputFormat.TEXT else None
    options = Options(config, tuple(set_ or ()), format_ is OutputFormat.JSON, strict, verbose, quiet, held)
    options.print_detail(f"configuration: {config.resolve()}")
    context.obj = options


def run(arguments: Sequence[str], command: Callable[..., object] = app) -> int:
    """Run one command.

    Args:
        arguments: its words.
        command: what takes them; a caller that runs many commands builds it once.

    Returns:
        Its exit code. An error of ours becomes one line on standard error. So does a defect: its class and place,
        without its text, which may quote a value of a delivery; exit code 3.
    """
    try:
        words = resolve_alias(hoist_options(arguments))
        (narrow(words) if command is app else command)(words, prog_name="ketenwacht")
    except KetenwachtError as error:
        open_console(stderr=True).print(f"error: {error}", style="red", markup=False, soft_wrap=True)
        return exit_code_of_error(error)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 0
    except Exception as defect:  # noqa: BLE001 - whatever it is, it ends with an exit code of the contract
        if isinstance(defect, OSError) and defect.errno == ENAMETOOLONG:
            refused = "error: a path in the configuration or the command is too long for a file — shorten it"
            open_console(stderr=True).print(refused, style="red", markup=False, soft_wrap=True)
            return ExitCode.USAGE
        said = f"defect: {type(defect).__name__} at {place_of(defect)} - please report it with this line"
        open_console(stderr=True).print(said, style="red", markup=False, soft_wrap=True)
        return ExitCode.NOT_JUDGED
    return 0
