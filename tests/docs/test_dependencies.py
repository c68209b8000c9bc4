"""The page on dependencies names each one, with the versions that pyproject.toml accepts."""

from __future__ import annotations

import re
import tomllib

import pytest
from project import ROOT

from ketenwacht.plugins import install_command

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
EXTRAS = PROJECT["project"]["optional-dependencies"]


def table_of(heading: str) -> dict[str, tuple[str, str]]:
    """Return the rows of the table below a heading: by first cell the two others."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (?!package|extra|---)(.+?) \| ?(.*?) ?\| (.+?) \|$", section, flags=re.MULTILINE)
    return {name.strip("`"): (accepted.strip("`"), why) for name, accepted, why in rows}


def split(wanted: list[str]) -> dict[str, str]:
    found = (re.match(r"[A-Za-z0-9._-]+", one) for one in wanted)
    return {match[0]: match.string[match.end() :] for match in found if match}


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [
        ("At run time", PROJECT["project"]["dependencies"]),
        ("To develop and test", PROJECT["dependency-groups"]["dev"]),
    ],
)
def test_every_dependency_is_named_with_the_versions_it_accepts_and_a_reason(heading, wanted):
    table = table_of(heading)
    assert {name: accepted for name, (accepted, _) in table.items()} == split(wanted)
    assert [name for name, (_, why) in table.items() if len(why) < 5] == []


def test_every_extra_is_installed_by_the_names_of_its_packages():
    assert {extra: command for extra, (command, _) in table_of("Extras").items()} == {
        extra: f"pip install {' '.join(repr(one) for one in wanted)}" for extra, wanted in EXTRAS.items()
    }


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_command_that_needs_an_extra_names_its_packages(extra):
    command = install_command(extra)
    assert command.startswith("pip install '")
    assert set(split(EXTRAS[extra])) == {re.split(r"[<>=\[]", one)[0] for one in re.findall(r"'(.+?)'", command)}


def test_the_packages_to_compare_detectors_with_are_named():
    assert [name for name in split(PROJECT["dependency-groups"]["bench"]) if name not in PAGE] == []
