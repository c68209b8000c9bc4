"""Our SQLAlchemy dialect of DuckDB: what it says of tables, and where it writes other SQL than PostgreSQL's."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from ketenwacht.dialects.duckdb import DUCKDB
from ketenwacht.errors import ConfigError, DeliveryError
from ketenwacht.sources.database import connect

TYPES = {
    "integer": "TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT "
    "DECIMAL(12,0)",
    "number": "FLOAT DOUBLE DECIMAL(10,2)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "time": "TIME TIMETZ",
    "timestamp": "TIMESTAMP TIMESTAMPTZ TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS",
    "json": "JSON INTEGER[] VARCHAR[][]",
    "binary": "BLOB",
    "text": "VARCHAR UUID BIT INTERVAL STRUCT(a%INTEGER) MAP(VARCHAR,DATE) ENUM('x','y') INTEGER[3]",
}
NAMED = [(ours, kind.replace("%", " ")) for ours, kinds in TYPES.items() for kind in kinds.split()]


@pytest.fixture
def read(tmp_path):
    def run(table, *statements):
        with duckdb.connect(str(tmp_path / "rows.db")) as connection:
            for statement in statements:
                connection.execute(statement)
        return connect("duckdb:///rows.db", table, root=tmp_path, feed="f").columns()

    return run


@pytest.mark.parametrize(("ours", "kind"), NAMED, ids=[kind for _, kind in NAMED])
def test_each_type_has_our_name(ours, kind, read):
    (column,) = read("t", f'CREATE TABLE t ("a column" {kind} NOT NULL)')
    assert (column.name, column.type) == ("a column", ours)


def test_a_table_of_a_schema_and_of_a_database_and_a_view_are_found(read):
    made = ("CREATE SCHEMA s", "CREATE TABLE s.pivot (x INTEGER)", "CREATE VIEW v AS SELECT 1 AS one")
    assert read("s.pivot", *made) == read("rows.s.pivot")
    assert [column.name for column in read("v")] == ["one"]


@pytest.mark.parametrize("table", ["nope", "s.nope", "x.s.nope", 'a"b; DROP TABLE t'])
def test_a_table_that_is_not_there_is_told(table, read):
    with pytest.raises(ConfigError, match="there is no such table"):
        read(table, "CREATE TABLE IF NOT EXISTS t (x INTEGER)")


def test_no_file_is_made_for_a_misspelt_name(tmp_path):
    with pytest.raises(DeliveryError, match="cannot be read"):
        connect("duckdb:///nope.db", "t", root=tmp_path, feed="f").columns()
    assert not list(Path(tmp_path).iterdir())


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (sa.literal("xay").regexp_match("a"), True),  # a search; `~` would match the whole text
        (~sa.literal("xay").regexp_match("a"), False),
        (sa.literal("a.b").regexp_match(r"a\.b"), True),
        (sa.literal("a\\b") == "a\\b", True),
        (sa.cast(sa.literal("0.1"), sa.Float()), 0.1),  # of 64 bits
    ],
)
def test_it_writes_what_duckdb_understands(expression, value):
    text = str(sa.select(expression).compile(dialect=DUCKDB.compiler(), compile_kwargs={"literal_binds": True}))
    with duckdb.connect(":memory:") as connection:
        assert connection.execute(text).fetchone() == (value,)


def test_a_moment_with_a_time_zone_comes_over():
    with duckdb.connect(":memory:") as connection:
        (found,) = connection.execute("SELECT TIMESTAMPTZ '2022-01-14 12:00:00+00'").fetchone()
    assert found == datetime(2022, 1, 14, 12, tzinfo=UTC)
