"""A real Spark on this machine; skipped where pyspark is not installed: run `make test-spark`."""

import importlib.util
import json
import pickle
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from project import Project

from ketenwacht.domain.feed import SparkSource
from ketenwacht.domain.measurement import Column
from ketenwacht.errors import ConfigError, DeliveryError, UnreadableDelivery
from ketenwacht.sources import open_source

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Amsterdam")
HERE = importlib.util.find_spec("pyspark") is not None
spark = pytest.mark.skipif(not HERE, reason="pyspark is not installed: run `make test-spark`")
java = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")
ROWS = """
    SELECT DATE '2022-01-03' + (n // 40)::INT AS day, n::VARCHAR AS id, chr(97 + (n % 3)::INT) AS "group",
        n::INT AS whole, (n * 1.5)::DECIMAL(10, 2) AS part, n % 2 = 0 AS flag, TIMESTAMPTZ '2022-01-03 23:30:00+00'
        AS seen, {'a': n} AS more, 'x'::BLOB AS raw, CASE WHEN n % 4 > 0 THEN 'y' END AS "odd`name"
    FROM range(80) r(n)
"""
pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]  # of pyspark, in its own matters


@pytest.fixture
def files(tmp_path):
    """A folder of Parquet files with two periods."""
    (tmp_path / "lake").mkdir()
    duckdb.sql(f"COPY ({ROWS}) TO '{tmp_path / 'lake/rows.parquet'}'")
    return tmp_path


def reader_of(root, **settings):
    source = SparkSource(**{"path": "lake", "period_column": "day", "master": "local[1]"} | settings)
    return open_source("feed", source, root=root, zone=ZONE)


@spark
@java
def test_it_reads_a_period_with_every_type(files):
    reader = pickle.loads(pickle.dumps(reader_of(files)))  # noqa: S301 - our own
    first, second = reader.find(AT)
    assert (first.period, second.period) == (date(2022, 1, 3), date(2022, 1, 4))
    verified = reader.verify(second)
    assert verified.sha256 != reader.verify(first).sha256
    with duckdb.connect(":memory:") as con:
        columns = reader.load(verified, con)
        rows = con.execute("SELECT * FROM delivery ORDER BY whole").fetchall()
    types = ["date", "text", "text", "integer", "number", "boolean", "timestamp", "json", "binary", "text"]
    assert [column.type for column in columns] == types
    assert len(rows) == 40
    moment = datetime(2022, 1, 4, 0, 30)  # noqa: DTZ001 - as it was in the feed's own zone
    assert rows[0] == (date(2022, 1, 4), "40", "b", 40, 60.0, True, moment, '{"a":40}', b"x", None)


@spark
@java
def test_columns_that_are_not_wanted_are_never_fetched(files):
    reader = reader_of(files, columns=("day", "group"))
    with duckdb.connect(":memory:") as con:
        assert reader.load(reader.find(AT)[0], con) == (Column("day", "date"), Column("group", "text"))
        assert con.execute('SELECT count(*), count(DISTINCT "group") FROM delivery').fetchone() == (40, 3)


@spark
@java
def test_a_period_that_is_a_moment_is_that_of_the_feeds_own_zone(files):
    (only,) = reader_of(files, period_column="seen").find(AT)
    assert only.period == date(2022, 1, 4)
    reader = reader_of(files, period_column="seen")
    with duckdb.connect(":memory:") as con:
        reader.load(only, con)
        assert con.execute("SELECT count(*) FROM delivery").fetchone() == (80,)


@spark
@java
@pytest.mark.parametrize(
    ("sentence", "settings", "error", "said"),
    [
        ("no such path", {"path": "nowhere"}, ConfigError, "feeds.feed.source.path: there is no such path"),
        ("no such table", {"path": None, "table": "no.such"}, ConfigError, "source.table: there is no such table"),
        ("no such column", {"columns": ("day", "gone")}, ConfigError, "source.columns: there is no column gone"),
        (
            "no such period",
            {"period_column": "gone"},
            ConfigError,
            "source.period_column: there is no column gone",
        ),
        ("no such format", {"format": "oddformat"}, DeliveryError, "cannot be read by Spark: "),
        ("no period in it", {"period_column": "group"}, ConfigError, "a value that is not a period"),
    ],
)
def test_what_is_wrong_is_said_in_our_words(files, sentence, settings, error, said):
    with pytest.raises(error, match=said) as raised:
        reader_of(files, **settings).find(AT)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None or settings.get("columns")


@spark
@java
def test_a_changed_table_is_unreadable_and_no_value_is_told(files):
    reader = reader_of(files)
    delivery = reader.verify(reader.find(AT)[0])
    changed = ROWS.replace("n::VARCHAR AS id", "'999900018' AS id")
    duckdb.sql(f"COPY ({changed}) TO '{files / 'lake/rows.parquet'}'")
    with duckdb.connect(":memory:") as con:
        with pytest.raises(UnreadableDelivery, match="changed after") as raised:
            reader.load(delivery, con)
        assert con.execute("SHOW TABLES").fetchall() == []
    assert "999900018" not in str(raised.value)


CONFIG = """\
version: 1
history: sqlite:///history.db
feeds:
  lake:
    source: {kind: spark, path: lake, period_column: day, %s}
    segments: [[], [group]]
"""


@spark
@java
@pytest.mark.e2e
@pytest.mark.parametrize("where", ['master: "local[1]"', 'remote: "local[1]"'], ids=["here", "connect"])
def test_a_feed_is_judged_from_spark_here_and_over_connect(files, where):
    (files / "config.yaml").write_text(CONFIG % where.replace("remote:", f"path: {files}/lake, remote:"))
    if "remote" in where:
        text = (files / "config.yaml").read_text().replace("path: lake, ", "", 1)
        (files / "config.yaml").write_text(text)
    done = Project(files).run("check", "--format", "json")
    assert done.code == 0, done.err
    runs = [json.loads(line) for line in done.out.splitlines()]
    assert [run["period"] for run in runs if "period" in run] == ["2022-01-03", "2022-01-04"]
    assert {run["status"] for run in runs if "period" in run} == {"unproven"}


def test_without_pyspark_the_configuration_says_what_to_install(tmp_path):
    (tmp_path / "config.yaml").write_text(CONFIG % 'master: "local[1]"')
    code = (
        "import importlib.util as u, sys; find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'pyspark' else find(name, *rest)\n"
        "from ketenwacht.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "lint"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    line = (
        "config.yaml:5:14: `feeds.lake.source.kind`: pyspark is not installed — "
        "pip install 'pyspark[connect]<5,>=4.1.4'"
    )
    assert line in done.stdout.splitlines()


@spark
def test_without_java_it_says_what_to_install(files):
    (files / "config.yaml").write_text(CONFIG % 'master: "local[1]"')
    env = {"JAVA_HOME": str(files / "nowhere"), "PATH": str(Path(sys.executable).parent) + ":/usr/bin:/bin"}
    done = Project(files).run("check", env=env)
    assert done.code == 3
    assert "Install Java 17 or newer, or set a server with `remote`" in done.out + done.err
    assert "Traceback" not in done.err


@pytest.mark.skipif(not HERE, reason="without pyspark that is said first")
@pytest.mark.parametrize("settings", [{"table": "a"}, {"path": None}])
def test_it_is_said_what_to_read(tmp_path, settings):
    with pytest.raises(ConfigError, match="there is no `table` or `path`, or there are both"):
        reader_of(tmp_path, **settings)
