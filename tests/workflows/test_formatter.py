"""The one formatter of a configuration: language, privacy, zone and labels."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest
from project import Project

import ketenwacht
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Persons
from ketenwacht.workflows.project import LoadedProject

TOWN = Segment.of({"gemeentecode": "0363"})


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project.copied_to(tmp_path_factory.mktemp("formatter"))


def opened(project, *overrides):
    return LoadedProject.open(project.root / "config.yaml", overrides=overrides)


@pytest.mark.parametrize(
    ("sentence", "limit", "shown"),
    [
        ("ten hides seven", 10, ["<10", "480"]),
        ("five hundred hides more, and rounds more coarsely", 500, ["<500", "<500"]),
        ("one hides nothing", 1, ["7", "481"]),
    ],
)
def test_the_configured_limit_governs_counts(project, sentence, limit, shown):
    formatter = opened(project, f"alerts.small_count={limit}").formatter()
    assert [formatter.value(Persons(count)) for count in (7, 481)] == shown, sentence


def test_language_and_zone_are_those_configured(project):
    project = opened(project)
    at = datetime(2022, 6, 24, 22, 30, tzinfo=UTC)
    assert project.formatter().moment(at) == "25 juni 2022 00:30"
    assert project.formatter(language="en").moment(at) == "25 June 2022 00:30"


def test_codes_are_named_by_the_code_tables_of_the_feed(project):
    project = opened(project)
    feed = project.feed(None)
    assert project.formatter(feed).segment(TOWN) == "gemeentecode Amsterdam (0363)"
    assert project.formatter().segment(TOWN) == "gemeentecode 0363"


@pytest.mark.parametrize(
    ("sentence", "column", "value", "said"),
    [
        ("a code is named", "verblijfsdoel", "A11", "Asiel bepaalde tijd, nareis (A11)"),
        ("a name that is the code is not said twice", "doelgroep", "gezinsmigrant", "gezinsmigrant"),
        ("a code that is in no table stands for itself", "gemeentecode", "9999", "9999"),
        ("a column without a table has no names", "postcode", "0363", "0363"),
    ],
)
def test_labels(project, sentence, column, value, said):
    project = opened(project)
    assert project.formatter(project.feed(None)).code(column, value) == said, sentence


def test_a_code_table_that_cannot_be_read_leaves_codes_as_they_are(tmp_path):
    project = Project.copied_to(tmp_path)
    (project.root / "expectations/codes/gemeentecode.csv").write_text("nothing\n", encoding="utf-8")
    project = opened(project)
    assert project.formatter(project.feed(None)).segment(TOWN) == "gemeentecode 0363"
    (project.root / "expectations/ind_duo.json").write_text("{", encoding="utf-8")
    assert project.formatter(project.feed(None)).segment(TOWN) == "gemeentecode 0363"


MAKERS = {
    "workflows/project.py": "the one of a configuration",
    "workflows/init.py": "the default rule, before there is a configuration",
    "measure/suggest_suite.py": "the default rule, before there is a configuration",
    "messages/privacy.py": "the same rule for one delivery",
    "cli/output.py": "where no configuration is read",
    "notify/base.py": "phrases around a stored message, which hold no count",
    "notify/slack/blocks.py": "words of a form",
    "notify/slack/socket.py": "words of a refusal",
    "messages/formatter.py": "the text of an exception, for those who debug; surfaces say its code",
    "workflows/doctor_history.py": "faults that doctor names in English, which hold no count of persons",
    "service/state.py": "faults that readiness names in English, which hold no count of persons",
    "workflows/worker.py": "the reason in the log of a worker that is replaced",
    "workflows/watched.py": "the text of an exception about a file that hangs, which holds no count",
    "workflows/measuring.py": "the text of an exception about a folder that hangs, which holds no count",
}
"""Who may make a formatter or a rule for counts, and why."""


@pytest.mark.integration
def test_every_surface_takes_its_formatter_from_the_configuration():
    sources = Path(ketenwacht.__file__).parent
    making = {
        path.relative_to(sources).as_posix()
        for path in sources.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"MessageFormatter", "Privacy"}
    }
    assert making == set(MAKERS)
