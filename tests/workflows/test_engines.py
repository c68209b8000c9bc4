"""The engine that config.yaml names, used as a person would; and what an engine cannot do, told by lint."""

import json
import shutil
from datetime import UTC
from pathlib import Path

import pytest
from project import Project

from ketenwacht.domain.feed import Feed, FileSource, TableSource
from ketenwacht.errors import ConfigError
from ketenwacht.measure import CopyEngine
from ketenwacht.sources import open_source
from ketenwacht.sources.table import TableReader
from ketenwacht.workflows.engines import build_engine

pytestmark = pytest.mark.integration

WEATHER = Path(__file__).parents[1] / "shapes/data/weather"
TABLE = """\
version: 1
feeds:
  rows:
    source: {kind: table, url: "sqlite:///rows.db", table: rows, period_column: day}
    engine: sql
"""


def project(root, config):
    root.mkdir(exist_ok=True)
    (root / "config.yaml").write_text(config)
    return Project(root)


@pytest.mark.parametrize(("word", "own"), [("csv", False), ("parquet", False), ("made-by-others", True)])
def test_a_format_of_a_plugin_gets_a_database_of_its_own_for_each_delivery(tmp_path, word, own):
    reader = open_source("f", FileSource(path=".", pattern="{date:%Y%m%d}.csv"), root=tmp_path)
    engine = build_engine(Feed(name="f", source=FileSource(path=".", reader=word)), reader)
    assert isinstance(engine, CopyEngine)
    assert engine.own_database is own


@pytest.mark.e2e
def test_judged_in_place_a_feed_gets_the_verdicts_that_it_gets_from_copies(tmp_path):
    shutil.copytree(WEATHER, tmp_path / "weather")
    mine = Project(tmp_path / "weather")
    days = ("--from", "2013-02-01", "--to", "2013-02-06", "--format", "json")
    copied = mine.run("replay", *days)
    in_place = mine.run("replay", *days, "--set", "feeds.weather.engine=sql")
    assert in_place.code == copied.code, in_place.err
    runs = [[json.loads(line) for line in done.out.splitlines()] for done in (copied, in_place)]
    assert len(runs[0]) > 5
    assert [run["results"] for run in runs[1][:-1]] == [run["results"] for run in runs[0][:-1]]
    again = mine.run("reproduce", "--format", "json")
    assert again.code == 0, again.out


@pytest.mark.parametrize(
    ("sentence", "config", "place", "said"),
    [
        (
            "a file is in no database",
            TABLE.replace('table, url: "sqlite:///rows.db", table: rows, ', "files, path: rows.csv, "),
            "config.yaml:5:5",
            "`sql` judges rows in the database that they are in, and this source is no table of one",
        ),
        (
            "a table is not in Spark",
            TABLE.replace("engine: sql", "engine: spark"),
            "config.yaml:5:5",
            "`spark` judges rows that Spark reads, and this source is not of `kind: spark`",
        ),
        (
            "a register",
            TABLE
            + '    key: id\n    evidence: {register: {path: r, pattern: "{date:%Y%m%d}", decided_column: d}}\n',
            "config.yaml:7:16",
            "sqlite cannot sign keys where they lie — set `engine: duckdb`, so that each delivery is copied",
        ),
        (
            "canaries",
            TABLE + '    key: id\n    canaries: {first: "90", last: "99"}\n',
            "config.yaml:7:5",
            "synthetic persons are taken out of copied rows, and `engine: sql` copies none",
        ),
        (
            "a misspelt word",
            TABLE.replace("engine: sql", "engine: sqll"),
            "config.yaml:5:5",
            "there is no engine `sqll` — did you mean `sql`?",
        ),
        (
            "a setting that it has not",
            TABLE.replace("engine: sql", "engine: {kind: sql, threads: 4}"),
            "config.yaml:5:25",
            "the engine `sql` has no setting `threads` — leave it out",
        ),
    ],
)
def test_what_an_engine_cannot_do_is_told_at_its_place(tmp_path, sentence, config, place, said):
    linted = project(tmp_path, config).run("lint")
    assert linted.code == 2
    lines = [line for line in linted.out.splitlines() if said in line]
    assert lines, linted.out
    assert lines[0].startswith(f"{place}: ")


def test_a_database_without_a_dialect_is_told(tmp_path):
    """No driver of such a database is installed here, so the reader is of an invented one."""

    class Database:
        dialect = "sibyl"

    source = TableSource(url="sibyl://", table="rows", period_column="day")
    feed = Feed(name="rows", source=source, engine="sql")
    with pytest.raises(ConfigError, match=r"`sql` judges rows in duckdb, mariadb, .*, not in sibyl — install"):
        build_engine(feed, TableReader("rows", source, Database(), UTC))


def test_an_engine_may_be_written_with_its_kind(tmp_path):
    assert project(tmp_path, TABLE.replace("engine: sql", "engine: {kind: sql}")).run("lint").code == 0
