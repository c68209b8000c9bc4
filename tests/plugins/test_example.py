"""The package in docs/plugins/example: built, installed beside the product, and used by configuration alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from plugged import CHECKS, CONFIG, EXAMPLE, ROWS, install_example, plugged_project, write_deliveries

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    install_example(folder / "site", folder / "built")
    return {"PYTHONPATH": str(folder / "site")}


@pytest.mark.parametrize("feed", ["zipped", "lists"])
def test_its_source_format_check_and_medium_judge_and_tell(tmp_path, site, feed):
    project = plugged_project(tmp_path / "p", rows=ROWS[:2])
    linted = project.run("lint", env=site)
    assert (linted.code, linted.out.strip()) == (0, "nothing to fix"), linted.out
    before = project.run("check", feed, "--format", "json", env=site)
    assert before.code == 0, before.err
    write_deliveries(tmp_path / "p", ROWS)
    done = project.run("check", feed, "--format", "json", env=site)
    assert done.code == 1, done.err
    runs = read_runs(before) + read_runs(done)
    said = [[r["status"] for r in run["results"] if r["check"] == "least"] for run in runs]
    assert said == [["passed", "passed"], ["passed", "passed"], ["failed", "failed"]]
    assert {r["observed_text"] for r in runs[-1]["results"] if r["check"] == "least"} == {"<10"}
    few = {r["message"] for r in runs[-1]["results"] if r["check"] == "least"}
    assert few == {"Only <10 rows; the agreement is at least 12."}
    told = [json.loads(line) for line in (tmp_path / "p/var/alerts.jsonl").read_text().splitlines()]
    assert [line["what"] for line in told] == ["new"]
    said = "group a, group b: Only <10 rows; the agreement is at least 12"
    assert (told[0]["headline"], told[0]["problems"]) == (f"{said}, {feed}", [said])


def read_runs(done):
    """Return the runs of a check; its last line is the summary."""
    *runs, summary = [json.loads(line) for line in done.out.splitlines()]
    assert summary["schema"] == "ketenwacht/summary/1"
    return runs


def test_what_its_check_finds_is_said_in_the_language_of_alerts(tmp_path, site):
    config = CONFIG.replace("language: en", "language: nl")
    project = plugged_project(tmp_path / "p", config=config, rows=ROWS[:2])
    assert project.run("check", "lists", env=site).code == 0
    write_deliveries(tmp_path / "p", ROWS)
    assert project.run("check", "lists", env=site).code == 1
    (line,) = (tmp_path / "p/var/alerts.jsonl").read_text().splitlines()
    assert json.loads(line)["problems"] == ["group a, group b: Maar <10 regels; afgesproken is ten minste 12"]


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


def test_every_wrong_setting_of_a_plugin_is_linted_at_its_place_in_one_round(tmp_path, site):
    config = CONFIG.replace("path: days.zip", "pth: days.zip").replace("journal: {file:", "journal: {fil:")
    checks = CHECKS.replace("rows: 12", "row: 12") + "  - {kind: leest, rows: 1}\n"
    project = plugged_project(tmp_path / "p", config=config, checks=checks)
    assert [line.rpartition("/")[2] for line in project.run("lint", env=site).out.splitlines()] == [
        "config.yaml:5:25: `feeds.zipped.source.pth` is not a known setting — did you mean `path`?",
        "config.yaml:17:25: `alerts.routes.0.media.journal.fil` is not a known setting — did you mean `file`?",
        "checks.yaml:5:19: `checks.2.row` is not a known setting — did you mean `rows`?",
        "checks.yaml:6:6: there is no kind of check `leest` — did you mean `least`?",
    ]


def test_without_the_package_its_words_are_unknown(tmp_path):
    done = plugged_project(tmp_path / "p").run("lint")
    assert done.code == 2
    lines = [line.rpartition("/")[2] for line in done.out.splitlines()]
    assert lines[:-1] == [
        "config.yaml:5:14: there is no kind of source `zip` — use one of: files, table, spark",
        "config.yaml:6:5: there is no engine `twice` — use one of: duckdb, sql, spark",
        "config.yaml:17:15: there is no medium `journal` — install the package that brings it",
        (
            "config.yaml:11:68: `feeds.lists.source.reader`: there is no file format `json-list`"
            " — did you mean `jsonl`?"
        ),
    ]
    assert lines[-1].startswith(
        "checks.yaml:5:6: there is no kind of check `least` — use one of: schedule, ledger"
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
    said = [[r["status"] for r in run["results"] if r["check"].startswith("contract")] for run in read_runs(done)]
    assert said == [["passed"]] * 3
