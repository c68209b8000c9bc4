"""The published JSON Schemas: in step with the models, and met by the files that the product ships."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from ketenwacht.config.json_schema import READERS, SCHEMAS, as_text, checks_schema, config_schema
from ketenwacht.config.yaml_file import hide_variables
from ketenwacht.domain.checks import KINDS
from ketenwacht.sources.formats import FORMATS

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
CONFIG = """\
version: 1
feeds:
  arrivals:
    source: {kind: files, path: in, pattern: "A_{date:%Y%m%d}.csv"}
    schedule: {cron: "0 7 * * mon-fri", grace: 4h}
"""
CHECKS = "version: 1\nchecks:\n  - {kind: volume, segments: [group]}\n"


def faults(schema, text):
    tree = YAML(typ="safe").load(hide_variables(text))
    plain = json.loads(json.dumps(tree, default=str))
    return [error.message for error in Draft202012Validator(schema).iter_errors(plain)]


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_that_of_the_models(name):
    published = (ROOT / "schemas" / name).read_text(encoding="utf-8")
    assert published == as_text(SCHEMAS[name]()), "run: make docs"
    Draft202012Validator.check_schema(json.loads(published))


@pytest.mark.parametrize(
    ("file", "schema", "named"),
    [
        ("config.yaml", config_schema, "schemas/config.schema.json"),
        ("checks/ind_duo.yaml", checks_schema, "../schemas/checks.schema.json"),
    ],
)
def test_what_ships_meets_its_schema_and_names_it_for_editors(file, schema, named):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert faults(schema(), text) == []
    assert text.splitlines()[0] == f"# yaml-language-server: $schema={named}"
    assert ((ROOT / file).parent / named).is_file()


@pytest.mark.parametrize(
    ("sentence", "old", "new"),
    [
        ("a misspelt setting", "grace: 4h", "grase: 4h"),
        ("a duration that is none", "grace: 4h", "grace: soon"),
        ("a kind of source that there is not", "kind: files", "kind: pigeon"),
        ("a feed without a source", "source:", "title:"),
        ("a name inside the feed, which is its key", "schedule:", "name: other\n    schedule:"),
    ],
)
def test_an_editor_sees_what_lint_would_say_of_a_configuration(sentence, old, new):
    assert faults(config_schema(), CONFIG) == []
    assert faults(config_schema(), CONFIG.replace(old, new, 1)) != []


@pytest.mark.parametrize(
    ("sentence", "old", "new"),
    [
        ("a kind of check that there is not", "volume", "volum"),
        ("a setting of another kind", "segments: [group]", "within: 4h"),
        ("a setting of the wrong type", "[group]", "3"),
        ("a block that there is not", "version: 1", "versions: 1"),
    ],
)
def test_an_editor_sees_what_lint_would_say_of_checks(sentence, old, new):
    assert faults(checks_schema(), CHECKS) == []
    assert faults(checks_schema(), CHECKS.replace(old, new, 1)) != []


def test_an_editor_knows_every_file_format_that_needs_no_plugin():
    assert tuple(form.name for form in FORMATS) == READERS


def test_an_environment_may_hold_any_part_of_a_feed():
    assert faults(config_schema(), CONFIG + "    environments: {staging: {source: {path: staged}}}\n") == []
    assert faults(config_schema(), CONFIG + "    environments: {staging: {sauce: {path: staged}}}\n") != []


def test_every_kind_of_check_and_every_setting_says_what_it_is():
    definitions = checks_schema()["$defs"]
    for kind in KINDS:
        assert definitions[kind.__name__]["description"]
    schedule = config_schema()["$defs"]["Schedule"]["properties"]
    assert all(setting.get("description") for setting in schedule.values())
