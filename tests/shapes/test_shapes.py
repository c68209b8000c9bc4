"""Five real, public files of different shapes, judged by configuration alone; docs/shapes.md tells the same."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from ketenwacht.cli.root import run

HERE = Path(__file__).parent / "data"
pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Shape:
    """One file, what it is replayed over, and what must come of it."""

    name: str
    sample: str
    first: str
    last: str
    deliveries: int
    never: frozenset[str] = frozenset({"error"})


SHAPES = (
    Shape("births", "daily.csv", "1999-01-01", "1999-03-31", 89, frozenset({"error", "failed", "warned"})),
    Shape("deaths", "weekly.csv", "2020-03-16", "2021-06-30", 67),
    Shape("flights", "flights.parquet", "2013-01-01", "2013-03-15", 74),
    Shape("weather", "sqlite:///weather.db#observations", "2013-01-01", "2013-03-31", 89),
    Shape("housing", "sales.jsonl", "2007-01-01", "2013-12-31", 83),
)
BY_NAME = {shape.name: shape for shape in SHAPES}


_REPLAYED = {}


@pytest.fixture
def place(tmp_path, monkeypatch):
    def put(name):
        folder = tmp_path / name
        shutil.copytree(HERE / name, folder)
        monkeypatch.chdir(folder)
        return folder

    return put


def judged(capsys, *arguments):
    """Exit code, the runs by period, and the summary of a replay."""
    capsys.readouterr()
    code = run([*arguments, "--format", "json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    runs = {one["period"]: one for one in lines if one["schema"].startswith("ketenwacht/run/")}
    return code, runs, lines[-1]


def findings(summary, check):
    """What the check found, in whichever incident it went, by when it was found."""
    found = [one for incident in summary["incidents"] for one in incident["findings"] if one["check"] == check]
    return sorted(found, key=lambda one: one["opened_at"])


def results(runs, check):
    return {period: r for period, one in runs.items() for r in one["results"] if r["check"] == check}


def replayed(place, capsys, shape):
    """As `judged`, once for all tests; nobody changes what comes of it."""
    if shape.name not in _REPLAYED:
        place(shape.name)
        assert run(["lint"]) == 0
        _REPLAYED[shape.name] = judged(capsys, "replay", "--from", shape.first, "--to", shape.last)
    return _REPLAYED[shape.name]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_replay_judges_every_delivery_and_calls_nothing_green_without_evidence(shape, place, capsys):
    _, runs, summary = replayed(place, capsys, shape)
    statuses = Counter(one["status"] for one in runs.values())
    assert len(runs) == summary["deliveries"] == shape.deliveries
    assert not shape.never & statuses.keys()
    assert statuses["passed"] == 0 or shape.name == "deaths"  # the only one with an outside figure


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_what_init_suggests_passes_lint_and_judges_its_sample(shape, place, capsys):
    place(shape.name)
    assert run(["init", "new", "--from", shape.sample, "--feed", shape.name]) == 0
    config = ["-c", "new/config.yaml"]
    assert run([*config, "lint"]) == 0
    last = date.fromisoformat(shape.first) + timedelta(days=125 if shape.name in {"deaths", "housing"} else 8)
    _, runs, _ = judged(capsys, *config, "replay", "--from", shape.first, "--to", str(last))
    assert len(runs) >= 3
    assert all(r["status"] != "error" for one in runs.values() for r in one["results"])
    failed = {r["check"] for one in runs.values() for r in one["results"] if r["status"] == "failed"}
    assert not {check for check in failed if check.startswith(("contract", "schema", "completeness"))}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_without_schedule_suite_key_or_checks_it_works_with_what_it_has(shape, place, capsys):
    folder = place(shape.name)
    config = (folder / "config.yaml").read_text().splitlines()
    bare = [
        line for line in config if line.split(":")[0].strip() not in {"schedule", "suites", "checks", "evidence"}
    ]
    (folder / "config.yaml").write_text("\n".join(bare))
    code, runs, _ = judged(capsys, "check", "--at", f"{shape.first}T23:00Z")
    statuses = {one["status"] for one in runs.values()}
    fell = shape.name == "housing"  # the one whose fall lasts; the wave of deaths of 2020 has only begun
    assert code == (1 if fell else 0)
    assert ("failed" in statuses) is fell
    assert statuses <= {"unproven", "warned", "failed"}
    assert {r["status"] for r in results(runs, "evidence").values()} == {"unproven"}
    checks = {r["check"] for one in runs.values() for r in one["results"]}
    assert checks - {"volume.surplus"} == {"schedule", "schema", "volume", "evidence"}


def test_the_storm_of_february_2013_shows_in_the_flights(place, capsys):
    code, runs, summary = replayed(place, capsys, BY_NAME["flights"])
    departed = results(runs, "completeness.dep_time")
    assert code == 1
    assert [day for day, r in departed.items() if r["status"] == "failed"][:2] == ["2013-02-08", "2013-02-09"]
    found = [
        (one["opened_at"][:10], one["resolved_at"][:10]) for one in findings(summary, "completeness.dep_time")
    ]
    assert found == [("2013-02-09", "2013-02-11"), ("2013-03-07", "2013-03-10")]  # a storm each
    assert [len(one["findings"]) for one in summary["incidents"]] == [1, 1]


def test_the_waves_of_2020_show_in_the_deaths_against_the_forecast(place, capsys):
    _, runs, summary = replayed(place, capsys, BY_NAME["deaths"])
    waves = findings(summary, "reference")
    assert waves[0]["opened_at"][:10] == "2020-04-06"
    assert waves[0]["missing"]["since"] == "2020-03-23"  # the week before was no more than the forecast allows
    assert waves[0]["missing"]["value"] < -1000  # more than was expected
    assert {r["status"] for r in results(runs, "evidence").values()} == {"passed"}


def test_hours_that_a_station_did_not_report_show_in_the_weather(place, capsys):
    _, runs, _ = replayed(place, capsys, BY_NAME["weather"])
    short = [day for day, r in results(runs, "contract.whole-day").items() if r["status"] == "warned"]
    assert len(short) == 8
    assert {r["status"] for r in results(runs, "contract.once-an-hour").values()} == {"passed"}


def test_the_fall_of_the_market_shows_in_the_houses_sold(place, capsys):
    """The slow recovery of 2012 and 2013 is learnt as the level and not told; DETECTOR 4 told it in May 2013."""
    _, runs, _ = replayed(place, capsys, BY_NAME["housing"])
    volume = results(runs, "volume")
    first = min(period for period, r in volume.items() if r["status"] == "failed")
    assert first == "2009-03-01"  # October to January: 23 % fewer than a year before
    assert volume[first]["code"] == "volume.shortfall"
    assert "2008-10-01" <= volume[first]["missing"]["since"] <= "2009-01-01"
    assert volume["2010-10-01"]["code"] == "volume.shortfall", "the second fall is told too"


def test_a_month_that_does_not_come_is_missing_and_one_that_grows_is_not_judged_before_it_is_due(place, capsys):
    folder = place("housing")
    lines = (folder / "sales.jsonl").read_text().splitlines(keepends=True)
    (folder / "sales.jsonl").write_text("".join(line for line in lines if '"2007-03"' not in line))
    _, runs, _ = judged(capsys, "replay", "--from", "2007-01-01", "--to", "2007-05-31")
    assert [r["status"] for r in results(runs, "schedule").values()].count("failed") == 1
    assert max(runs) == "2007-04-01"  # May is due on 5 June


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_the_page_shows_each_configuration_as_it_is(shape):
    page = (Path(__file__).parents[2] / "docs/shapes.md").read_text(encoding="utf-8")
    files = [path for path in (HERE / shape.name).iterdir() if path.suffix in {".yaml", ".json"}]
    assert files
    assert all(path.read_text(encoding="utf-8") in page for path in files)
