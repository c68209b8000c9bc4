"""Nothing that a user can call or set goes undescribed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from project import ROOT
from reference import EXITS, PAGE, render_reference
from typer.main import get_command

import ketenwacht
from ketenwacht.cli.output import ExitCode
from ketenwacht.cli.root import app
from ketenwacht.config.json_schema import describe_settings
from ketenwacht.config.manual import _PARTS, render_manual
from ketenwacht.domain.checks import KINDS

README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    named = [c.name or c.callback.__name__ for c in app.registered_commands]
    return sorted([*named, *(g.name for g in app.registered_groups)])


def test_the_manual_of_settings_is_in_step_with_the_settings():
    written = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    assert written == render_manual(), "run: make docs"


def test_the_page_of_codes_is_in_step_with_the_code():
    assert PAGE.read_text(encoding="utf-8") == render_reference(), "run: make docs"
    assert list(EXITS) == list(ExitCode)


@pytest.mark.parametrize("cls", [*(cls for _, cls in _PARTS), *KINDS], ids=lambda cls: cls.__name__)
def test_every_setting_has_a_meaning(cls):
    about, settings = describe_settings(cls)
    fields = {field.name for field in dataclasses.fields(cls)} - {"name", "kind"}
    wanted = {f for f in fields if not f.startswith("_")}
    assert wanted <= set(settings), wanted - set(settings)
    assert about


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme(command):
    assert re.search(rf"`[^`\n]*\b{re.escape(command)}\b", README), command


def options() -> list[str]:
    def of(command: Any) -> Iterator[str]:
        for param in command.params:
            yield from (name for name in param.opts if name.startswith("--"))
        for inner in getattr(command, "commands", {}).values():
            yield from of(inner)

    return sorted(set(of(get_command(app))) - {"--help"})


@pytest.mark.parametrize("option", options())
def test_every_option_is_in_the_documents(option):
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    assert any(re.search(rf"{re.escape(option)}\b", page.read_text(encoding="utf-8")) for page in pages)


@pytest.mark.parametrize(
    "name", [*ketenwacht.__all__, *(name for name in vars(ketenwacht.Project) if not name.startswith("_"))]
)
def test_every_public_name_is_in_the_manual_of_the_python_api(name):
    assert re.search(rf"`[^`\n]*\b{name}\b", (ROOT / "docs/python.md").read_text(encoding="utf-8")), name


@pytest.mark.parametrize("code", list(ExitCode))
def test_every_exit_code_is_in_the_readme(code):
    assert re.search(rf"\b{int(code)} \w+", README)


def test_every_link_of_the_documents_leads_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), (page.name, target)


def slugs_of(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and the site make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_task_by_role_leads_to_a_section_that_exists():
    page = ROOT / "docs/roles.md"
    named = re.findall(r"\]\(([\w-]+\.md)#([^)]+)\)", page.read_text(encoding="utf-8"))
    assert len(named) > 30
    assert [f"{file}#{part}" for file, part in named if part not in slugs_of(page.with_name(file))] == []


def test_no_page_names_a_path_of_a_machine():
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        assert str(Path.home()) + "/" not in page.read_text(encoding="utf-8")
