"""The package in docs/plugins/example: built, installed beside the product, and used by configuration alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from plugged import CHECKS, CONFIG, EXAMPLE, install_example, plugged_project

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    install_example(folder / "site", folder / "built")
    return {"PYTHONPATH": str(folder / "site")}


@pytest.mark.parametrize("feed", ["zipped", "lists"])
def test_its_source_format_check_and_medium_judge_and_tell(tmp_path, site, feed):
    project = plugged_project(tmp_path / "p")
    linted = project.run("lint", env=site)
    assert (linted.code, linted.out.strip()) == (0, "nothing to fix"), linted.out
    done = project.run("check", feed, "--format", "json", env=site)
    assert done.code == 1, done.err
    runs = [json.loads(line) for line in done.out.splitlines()]
    said = [[r["status"] for r in run["results"] if r["check"] == "least"] for run in runs]
    assert said == [["passed", "passed"], ["passed", "passed"], ["failed", "failed"]]
    assert {r["observed_text"] for r in runs[-1]["results"] if r["check"] == "least"} == {"<10"}
    few = {r["message"] for r in runs[-1]["results"] if r["check"] == "least"}
    assert few == {"Only <10 rows; the agreement is at least 12."}
    told = [json.loads(line) for line in (tmp_path / "p/var/alerts.jsonl").read_text().splitlines()]
    assert [line["what"] for line in told] == ["new"]
    assert told[0]["headline"].startswith(f"{feed}, delivery of 3 January 2024: 2 problems")
    assert told[0]["problems"] == ["Only <10 rows; the agreement is at least 12."] * 2


def test_what_its_check_finds_is_said_in_the_language_of_alerts(tmp_path, site):
    project = plugged_project(tmp_path / "p", config=CONFIG.replace("language: en", "language: nl"))
    assert project.run("check", "lists", env=site).code == 1
    (line,) = (tmp_path / "p/var/alerts.jsonl").read_text().splitlines()
    assert json.loads(line)["problems"] == ["Maar <10 regels; afgesproken is ten minste 12."] * 2


def test_doctor_lists_every_plugin_with_its_version(tmp_path, site):
    done = plugged_project(tmp_path / "p").run("doctor", env=site)
    for word, what in {
        "least": "kind of check",
        "json-list": "file format",
        "zip": "kind of source",
        "twice": "engine",
        "journal": "medium",
    }.items():
        assert f"plug-in {word}: {what} of ketenwacht-example 1.0.0" in done.out


def test_settings_of_a_plugin_are_linted_at_their_place(tmp_path, site):
    config = CONFIG.replace("path: days.zip", "pth: days.zip").replace("journal: {file:", "journal: {fil:")
    checks = CHECKS.replace("rows: 12", "row: 12") + "  - {kind: leest, rows: 1}\n"
    (tmp_path / "p").mkdir()
    project = plugged_project(tmp_path / "p/1", config=config, checks=checks)
    assert project.run("lint", env=site).out.splitlines() == [
        "config.yaml:5:25: `feeds.zipped.source.pth` is not a known setting — did you mean `path`?",
    ]
    project = plugged_project(tmp_path / "p/2", config=CONFIG.replace("{file:", "{fil:"), checks=checks)
    (only,) = project.run("lint", env=site).out.splitlines()
    assert only.startswith("config.yaml:17:25: `alerts.routes.0.media.journal.fil` is not a known setting")
    project = plugged_project(tmp_path / "p/3", checks=checks)
    lines = [line.rpartition("/")[2] for line in project.run("lint", env=site).out.splitlines()]
    assert lines[0].startswith("checks.yaml:5:19: `checks.2.row` is not a known setting — did you mean `rows`?")
    assert "checks.yaml:6:6: there is no kind of check `leest` — did you mean `least`?" in lines


def test_without_the_package_its_words_are_unknown(tmp_path):
    done = plugged_project(tmp_path / "p").run("lint")
    assert done.code == 2
    assert done.out.strip() == (
        "config.yaml:5:14: there is no kind of source `zip` — use one of: files, table, spark"
    )


def test_an_editor_learns_its_settings_from_the_schemas_that_init_writes(tmp_path, site):
    project = plugged_project(tmp_path / "p")
    assert project.run("init", "new", env=site).code == 0
    checks = json.loads((tmp_path / "p/new/schemas/checks.schema.json").read_text())
    assert checks["$defs"]["LeastCheck"]["properties"]["rows"]["description"] == "the least number of rows."
    config = json.loads((tmp_path / "p/new/schemas/config.schema.json").read_text())
    assert "json-list" in config["$defs"]["FileSource"]["properties"]["reader"]["enum"]
    assert {"const": "twice"} in config["$defs"]["Feed"]["properties"]["engine"]["anyOf"]
    (source,) = [s for s in config["$defs"]["Feed"]["properties"]["source"]["anyOf"] if "properties" in s]
    assert source["properties"]["kind"] == {"const": "zip"}
    assert set(config["$defs"]["Route"]["properties"]["media"]["properties"]) == {"journal"}


def test_a_gate_and_a_contract_take_a_check_of_a_plugin(tmp_path, site):
    staged = CONFIG.replace(
        "    segments: [[], [group]]\n", "    segments: [[], [group]]\n    environments: {staging: {}}\n", 1
    )
    project = plugged_project(tmp_path / "p", config=staged)
    done = project.run("ci", "zipped", "--format", "json", env=site)
    assert done.code == 1
    failed = [r for r in json.loads(done.out)["results"] if r["status"] == "failed" and r["check"] == "least"]
    assert len(failed) == 2
    contract = project.run("contract", "export", "zipped", env=site).out
    assert "The rows of each segment against a minimum." in contract


def test_its_manual_names_what_it_has():
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    modules = {path.name for path in Path(EXAMPLE / "src").rglob("*.py")} - {"__init__.py"}
    assert all(f"`{name}`" in readme for name in modules)


def test_its_engine_judges_the_suite_in_both_ways_and_takes_settings(tmp_path, site):
    config = CONFIG.replace("engine: twice", "engine: {kind: twice, wy: differs}")
    project = plugged_project(tmp_path / "p", config=config)
    (only,) = project.run("lint", env=site).out.splitlines()
    assert only == "config.yaml:6:27: `feeds.zipped.engine.wy` is not a known setting — did you mean `why`?"
    project = plugged_project(tmp_path / "q", config=config.replace("wy:", "why:"))
    done = project.run("check", "zipped", "--format", "json", env=site)
    runs = [json.loads(line) for line in done.out.splitlines()]
    said = [[r["status"] for r in run["results"] if r["check"].startswith("contract")] for run in runs]
    assert said == [["passed"]] * 3
