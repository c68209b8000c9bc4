"""The options that every command has, wherever they stand."""

import re
import subprocess
import sys
from importlib.metadata import version

import pytest

from ketenwacht.cli import root
from ketenwacht.cli.options import hoist_options
from ketenwacht.cli.output import LastLine

pytestmark = pytest.mark.integration


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
    assert hoist_options(said) == means


def test_the_version_is_that_of_the_package(place):
    assert place("--version").out == f"ketenwacht {version('ketenwacht')}\n"


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (["history"], "✗ failed  ind-duo: delivery 000011 for 17 Jan 2022 – the data is wrong"),
        (["findings", "list"], "7 findings: 7 open"),
        (["lint"], "nothing to fix"),
        (["lint", "--set", "feeds.ind-duo.key=5"], "1 fault in 1 file"),
        (["check", "--delivery", "000003"], ". unproven  ind-duo: delivery 000003 for 5 Jan 2022 – nothing .*"),
        (["replay", "--from", "2022-01-03", "--to", "2022-01-04"], "unproven: Nobody was found to be missing, .*"),
        (["report", "--out", "report.html"], "report.html: .*"),
        (["alerts", "list"], ".*"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value[:2]),
)
def test_quiet_prints_the_verdict_on_one_line(place, monkeypatch, command, line):
    place.go_live()
    monkeypatch.chdir(place.root)
    said = place(*command, "--quiet")
    assert re.fullmatch(line + "\n", said.out), said.out
    assert said.code == place(*command).code


def test_quiet_tells_alerts_on_standard_error(place):
    said = place("check", "--quiet")
    assert [line.split()[0] for line in said.out.splitlines()] == ["?"] * 5 + ["✗"] * 6
    assert "first look: 1 incident open" in said.err


def test_quiet_leaves_json_whole(place):
    assert place("incidents", "list", "--quiet", "--format", "json").json["incidents"]


def test_verbose_lists_every_result(place):
    place.go_live()
    usual, verbose = (place("check", "--delivery", "000011", *extra).out for extra in ([], ["--verbose"]))
    passed = [len(re.findall("^✓ passed +[^0-9 ]", text, re.MULTILINE)) for text in (usual, verbose)]
    assert passed[0] == 0
    assert passed[1] > 10


def test_every_command_that_prints_prints_json_when_asked(place, tmp_path):
    place.go_live()
    counts, page = str(tmp_path / "counts"), str(tmp_path / "page.md")
    for command, schema in (
        (["measurements", "export", counts], "measurements-export"),
        (["measurements", "import", counts, "--by", "An"], "measurements-import"),
        (["contract", "page"], "contract-page"),
        (["contract", "page", "--out", page], "contract-written"),
        (["simulate", "x", "--from", "2022-01-01", "--to", "2022-01-02", "--scenario", "list"], "scenarios"),
    ):
        assert place(*command, "--format", "json").json["schema"] == f"ketenwacht/{schema}/1", command


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


def test_a_defect_is_one_line_and_an_exit_code_of_the_contract(capsys):
    @root.app.command("break-down", hidden=True)
    def _() -> None:
        raise RuntimeError("999912345")

    try:
        assert root.run(["break-down"]) == 3
    finally:
        root.app.registered_commands.pop()
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(
        r"defect: RuntimeError at test_options\.py:\d+ - please report it with this line\n", said.err
    )


@pytest.mark.parametrize(
    "setting", ["history=sqlite:///{}", "feeds.ind-duo.checks={}", "feeds.ind-duo.suites=[{}]"]
)
def test_a_path_that_no_file_can_have_is_an_error_of_the_configuration(place, setting):
    done = place("check", "--set", setting.format("n" * 300))
    assert done.code == 2
    assert "too long" in done.err
