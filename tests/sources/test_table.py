"""The same table in a real SQLite file and on a real PostgreSQL server."""

import itertools
import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import duckdb
import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from ketenwacht.domain.feed import TableSource
from ketenwacht.domain.statement import Amount, Statement, Term
from ketenwacht.errors import ConfigError, DeliveryError, UnreadableDelivery
from ketenwacht.sources import open_source

from .conftest import AT, only

pytestmark = pytest.mark.integration
SCHEMAS = itertools.count(1)
META = sa.MetaData()
TABLE = sa.Table(
    "Feed rows",
    META,
    sa.Column("select", sa.String, key="key"),
    sa.Column("Day", sa.Date),
    sa.Column("whole", sa.Integer),
    sa.Column("part", sa.Numeric(10, 2)),
    sa.Column("flag", sa.Boolean),
    sa.Column("seen", sa.DateTime),
    sa.Column("more", sa.JSON),
    sa.Column("raw", sa.LargeBinary),
)
ROW = {
    "key": "0000000001",
    "Day": date(2022, 1, 3),
    "whole": 7,
    "part": 1.5,
    "flag": True,
    "seen": datetime(2022, 1, 3, 10),  # noqa: DTZ001 - a column without a zone
    "more": {"a": 1},
    "raw": b"\x00\xff",
}
EMPTY = {**dict.fromkeys(ROW), "Day": date(2022, 1, 4), "more": sa.null()}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """The URL of an empty database, and an engine on it."""
    url = f"sqlite:///{tmp_path / 'rows.db'}"
    if request.param == "postgresql":
        server, schema = request.getfixturevalue("server"), f"s{next(SCHEMAS)}"
        admin = sa.create_engine(server, poolclass=NullPool)
        with admin.begin() as connection:
            connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
        url = sa.make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
        url = url.render_as_string(hide_password=False)
    engine = sa.create_engine(url, poolclass=NullPool)
    return url, engine


@pytest.fixture
def database_with_rows(database):
    """The same with rows in it."""
    url, engine = database
    META.create_all(engine)
    insert(engine, ROW, {**ROW, "key": "0000000002"}, EMPTY)
    return url, engine


def insert(engine, *rows):
    with engine.begin() as connection:
        for row in rows:
            value = {
                **row,
                "part": row["part"] if engine.name == "sqlite" else row["part"] and Decimal(row["part"]),
            }
            table = TABLE if engine.name != "sqlite" else plain(TABLE)
            connection.execute(table.insert().values(value))


def plain(table):
    """The table with a type SQLite has for its decimals, which SQLAlchemy otherwise warns of."""
    columns = [
        sa.Column(c.name, sa.Float if isinstance(c.type, sa.Numeric) else c.type, key=c.key) for c in table.columns
    ]
    return sa.Table(table.name, sa.MetaData(), *columns)


def reader_of(url, root="/", **settings):
    chosen = {"url": url, "table": "Feed rows", "period_column": "Day", **settings}
    return open_source("feed", TableSource(**chosen), root=root, zone=ZoneInfo("Europe/Amsterdam"))


def load_rows(reader, delivery):
    with duckdb.connect(":memory:") as con:
        columns = reader.load(delivery, con)
        return columns, con.execute("SELECT * FROM delivery ORDER BY 1").fetchall()


def test_each_period_is_a_delivery_with_the_types_of_the_database(database_with_rows, tmp_path):
    reader = reader_of(database_with_rows[0], tmp_path)
    first, second = reader.find(AT)
    assert (first.id, first.period, first.arrived_at, first.size) == ("2022-01-03", date(2022, 1, 3), None, None)
    columns, rows = load_rows(reader, reader.verify(first))
    assert [(c.name, c.type) for c in columns] == [
        ("select", "text"),
        ("Day", "date"),
        ("whole", "integer"),
        ("part", "number"),
        ("flag", "boolean"),
        ("seen", "timestamp"),
        ("more", "json"),
        ("raw", "binary"),
    ]
    assert rows[0] == ("0000000001", ROW["Day"], 7, 1.5, True, ROW["seen"], '{"a": 1}', b"\x00\xff")
    assert [row[0] for row in rows] == ["0000000001", "0000000002"]
    assert load_rows(reader, second)[1][0][2:] == (None,) * 6


def test_the_identity_of_a_period_stays_when_another_is_added_and_not_when_it_changes(
    database_with_rows, tmp_path
):
    url, engine = database_with_rows
    reader = reader_of(url, tmp_path)
    before = reader.verify(reader.find(AT)[0])
    insert(engine, {**ROW, "Day": date(2022, 1, 5)})
    assert len(reader.find(AT)) == 3
    assert reader.verify(before).sha256 == before.sha256
    insert(engine, {**ROW, "key": "0000000003"})
    assert reader.verify(before).sha256 != before.sha256
    with duckdb.connect(":memory:") as con:
        with pytest.raises(UnreadableDelivery, match="The file changed after it was verified"):
            reader.load(before, con)
        assert con.execute("SHOW TABLES").fetchall() == []


def test_a_period_that_is_gone_is_unreadable(database_with_rows, tmp_path):
    url, engine = database_with_rows
    reader = reader_of(url, tmp_path)
    found = reader.find(AT)[0]
    with engine.begin() as connection:
        connection.execute(TABLE.delete())
    assert reader.verify(found).problem == Statement("delivery.gone_from_table")
    assert reader.find(AT) == ()


def test_moments_are_one_delivery_a_day(database_with_rows, tmp_path):
    url, engine = database_with_rows
    insert(engine, *({**ROW, "seen": datetime(2022, 1, 3, 1, 0, n % 60)} for n in range(3)))  # noqa: DTZ001 - as above
    with engine.begin() as connection:
        connection.execute(TABLE.delete().where(TABLE.c.seen.is_(None)))
    reader = reader_of(url, tmp_path, period_column="seen")
    assert len(load_rows(reader, reader.verify(only(reader.find(AT))))[1]) == 5


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"table": "other"}, "table: there is no such table"),
        ({"table": 'x"; DROP TABLE y; --'}, "table: there is no such table"),
        ({"period_column": "other"}, "period_column: there is no column other"),
        ({"count_column": "other"}, "count_column: there is no column other"),
        ({"period_column": "whole"}, "period_column: column whole holds a null, or a value that is not a period"),
    ],
)
def test_what_the_database_does_not_have_is_a_fault_of_the_configuration(
    database_with_rows, tmp_path, settings, where
):
    with pytest.raises(ConfigError) as caught:
        reader_of(database_with_rows[0], tmp_path, **settings).find(AT)
    assert f"feeds.feed.source.{where}" in str(caught.value)


def test_rows_stream_in_many_batches(database, tmp_path):
    url, engine = database
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE big (day VARCHAR(10), n INTEGER, late VARCHAR(10))"))
        late = {74_998: "só"}  # the first value of its column comes after thousands of empty ones
        rows = [{"day": f"2022-01-{1 + n % 3:02d}", "n": n, "late": late.get(n)} for n in range(75_000)]
        connection.execute(sa.text("INSERT INTO big VALUES (:day, :n, :late)"), rows)
    reader = reader_of(url, tmp_path, table="big", period_column="day")
    found = reader.find(AT)
    assert [d.period.day for d in found] == [1, 2, 3]
    with duckdb.connect(":memory:") as con:
        reader.load(reader.verify(found[1]), con)
        counted = con.execute("SELECT count(*), min(n), max(n), sum(n), max(late) FROM delivery").fetchone()
    assert counted == (25_000, 1, 74_998, sum(range(1, 75_000, 3)), "só")


def test_postgresql_schemas_views_and_moments_with_an_offset(server):
    engine = sa.create_engine(server, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text('CREATE SCHEMA "Odd schema"'))
        connection.execute(
            sa.text('CREATE TABLE "Odd schema".t (at TIMESTAMPTZ, id UUID, many INT[], code NUMERIC(9))')
        )
        connection.execute(sa.text('CREATE VIEW "Odd schema".v AS SELECT * FROM "Odd schema".t'))
        row = {"at": datetime(2022, 1, 2, 23, 30, tzinfo=UTC), "id": "0" * 32, "many": [1]}
        connection.execute(sa.text('INSERT INTO "Odd schema".t VALUES (:at, :id, :many, 5)'), row)
    reader = reader_of(server, table="Odd schema.v", period_column="at")
    found = reader.verify(only(reader.find(AT)))
    columns, rows = load_rows(reader, found)
    assert found.period == date(2022, 1, 3)
    assert [c.type for c in columns] == ["timestamp", "text", "json", "integer"]
    assert rows == [(datetime(2022, 1, 3, 0, 30), "00000000-0000-0000-0000-000000000000", "[1]", 5)]  # noqa: DTZ001 - local


def test_postgresql_is_only_read(server):
    reader = reader_of(server, table="x")
    with reader.database.engine.connect() as connection, pytest.raises(sa.exc.InternalError):
        connection.execute(sa.text("CREATE TABLE never (a int)"))


ILL_TYPED = Statement("delivery.value_type", {"column": Amount(2), "type": Term("type.integer")})


def test_sqlite_texts_where_numbers_are_declared_are_unreadable_and_not_repeated(tmp_path):
    url = f"sqlite:///{tmp_path / 'rows.db'}"
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (day DATE, n INTEGER, d DATE)"))
        connection.execute(
            sa.text("INSERT INTO t VALUES ('2022-01-03', 'Marked', NULL), ('2022-01-04', 1, 'Marked')")
        )
        connection.execute(sa.text("INSERT INTO t VALUES ('2022-01-05', 1.5, NULL)"))
    reader = reader_of(url, tmp_path, table="t", period_column="day")
    assert [reader.verify(found).problem for found in reader.find(AT)] == [
        ILL_TYPED,
        Statement("delivery.values_of_other_types"),
        ILL_TYPED,
    ]


def test_a_relative_sqlite_file_is_looked_for_beside_the_configuration(tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'a b#%.db'}", poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE t (day TEXT)"))
        connection.execute(sa.text("INSERT INTO t VALUES ('2022-W01')"))
    reader = reader_of("sqlite:///a b#%.db", tmp_path, table="main.t", period_column="day")
    assert only(reader.find(AT)).period == date(2022, 1, 3)


def test_a_sqlite_file_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(
        DeliveryError, match=r"The database sqlite /.*none\.db cannot be read \(the database cannot be reached"
    ):
        reader_of(f"sqlite:///{tmp_path / 'none.db'}", tmp_path).find(AT)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://user:SECRET@127.0.0.1:1/db?password=SECRET",
        "postgresql+psycopg://user:SECRET@/db?host=/none",
    ],
)
def test_a_server_that_cannot_be_reached_does_not_tell_the_password(url):
    with pytest.raises(DeliveryError) as caught:
        reader_of(url).find(AT)
    assert "cannot be read (the database cannot be reached or does not answer)" in str(caught.value)
    assert "SECRET" not in repr(caught.value) + repr(reader_of(url))
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "url", ["no url SECRET", "nosuch://user:SECRET@host/db", "mssql+pymssql://user:SECRET@host/db", ""]
)
def test_a_url_that_cannot_be_used_is_a_fault_of_the_configuration(url):
    with pytest.raises(ConfigError, match=r"feeds\.feed\.source\.url") as caught:
        reader_of(url)
    assert "SECRET" not in repr(caught.value)
    assert caught.value.__context__ is None


def test_a_reader_goes_to_another_process(database_with_rows, tmp_path):
    url, _ = database_with_rows
    reader = pickle.loads(pickle.dumps(reader_of(url, tmp_path)))  # noqa: S301 - our own bytes
    assert len(reader.find(AT)) == 2
