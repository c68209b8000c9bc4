"""The options that every command has, wherever they stand."""

import subprocess
import sys
from importlib.metadata import version

import pytest

from ketenwacht.cli.options import LastLine, hoisted


@pytest.mark.parametrize(
    ("said", "means"),
    [
        (["history", "--quiet"], ["--quiet", "history"]),
        (["check", "--verbose", "ind-duo"], ["--verbose", "check", "ind-duo"]),
        (["baseline", "approve", "--version", "2"], ["baseline", "approve", "--version", "2"]),
        (["history", "--", "--quiet"], ["history", "--", "--quiet"]),
    ],
)
def test_options_of_every_command_may_stand_anywhere(said, means):
    assert hoisted(said) == means


def test_the_version_is_that_of_the_package(place):
    assert place("--version").out == f"ketenwacht {version('ketenwacht')}\n"


def test_quiet_prints_the_last_line_only(place):
    usual, quiet = place("history"), place("history", "--quiet")
    assert quiet.out == usual.out.rstrip().splitlines()[-1] + "\n"
    assert quiet.code == usual.code


def test_quiet_leaves_json_whole(place):
    assert place("incidents", "list", "--quiet", "--format", "json").json["incidents"]


def test_verbose_says_on_standard_error_what_is_read(place):
    usual, verbose = place("incidents", "list"), place("incidents", "list", "--verbose")
    assert verbose.out == usual.out
    assert f"configuration: {place.root / 'config.yaml'}" in verbose.err.splitlines()
    assert "feeds: ind-duo" in verbose.err.splitlines()


def test_quiet_and_verbose_exclude_each_other(place):
    said = place("--quiet", "--verbose", "lint")
    assert said.code == 2
    assert "they exclude each other" in said.err


@pytest.mark.parametrize(
    ("written", "last"),
    [
        (["one\n", "two\n", "\n"], "two\n"),
        (["one\ntw", "o"], "two\n"),
        (["one\n", "   "], "one\n"),
        ([], ""),
    ],
    ids=["a blank line says nothing", "a line may come in parts", "nor do spaces", "nothing was written"],
)
def test_the_last_line_is_the_last_that_says_anything(written, last, capsys):
    held = LastLine(sys.stdout)
    for text in written:
        held.write(text)
    held.last()
    assert capsys.readouterr().out == last


@pytest.mark.parametrize(("typed", "offered"), [("inc", "incidents"), ("incidents sn", "snooze")])
def test_a_shell_completes_commands(typed, offered):
    words = f"ketenwacht {typed}"
    done = subprocess.run(
        [sys.executable, "-m", "ketenwacht"],
        env={
            "_KETENWACHT_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
            "PATH": "/usr/bin",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert offered in done.stdout.splitlines()
