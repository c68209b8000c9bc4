"""Every command with its arguments and options, as scripts and the docs know them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import typer

from ketenwacht.cli.root import app, narrow

OF_THE_MACHINE = {"workers"}  # options with its number of cores as the default


def describe(command, path: tuple[str, ...] = ()) -> Iterator[str]:
    """One line a command, argument and option: names, type, default, help."""
    yield f"{' '.join(path) or 'ketenwacht'}: {' '.join((command.help or '').split())}"
    for one in (param for param in command.params if not param.name.endswith("_completion")):  # of the library
        names = "/".join([*one.opts, *one.secondary_opts])
        marks = [
            *(f"{end} {getattr(one, end)}" for end in ("min", "max") if getattr(one, end, None) is not None),
            one.display_type(typer.Context(command)),
            *(["required"] if one.required else []),
            *(["many"] if one.multiple or one.nargs != 1 else []),
        ]
        shown = getattr(one.default, "value", one.default)
        given = "" if shown is None or one.name in OF_THE_MACHINE else f" = {shown}"
        yield f"  {names} ({', '.join(marks)}){given}: {' '.join((getattr(one, 'help', '') or '').split())}"
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        yield from describe(inner, (*path, name))


def test_every_command_has_the_options_that_scripts_know(golden):
    golden("commands.txt", "\n".join(describe(typer.main.get_command(app))) + "\n")


@pytest.mark.parametrize(
    ("words", "built"),
    [
        pytest.param(["lint"], ["lint"], id="a command"),
        pytest.param(["--config", "report", "--strict", "lint"], ["lint"], id="options before it"),
        pytest.param(["incidents", "list"], ["incidents"], id="a group of commands"),
        pytest.param(["lnit"], None, id="an unknown word, for which a command is suggested"),
        pytest.param(["--help", "lint"], None, id="the list of commands"),
        pytest.param([], None, id="no word"),
    ],
)
def test_only_the_command_that_is_named_is_built(words, built):
    narrowed = narrow(words)
    commands = sorted(typer.main.get_command(narrowed).commands)
    assert commands == (built if built is not None else sorted(typer.main.get_command(app).commands))
