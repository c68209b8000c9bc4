"""Judged where they are, in every database with a dialect, rows give the verdicts and counts of a copy."""

import itertools
import json
import pickle
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

import mariadb
import pytest
import sqlalchemy as sa
from engines import create_engine
from every_expectation import (
    EXPECTATIONS,
    GROUPINGS,
    NOT_OF_A_COPY,
    ROWS_OF_TYPES,
    TYPED,
    column,
    comparable,
    fill,
    values,
    written,
)
from postgresql import for_sqlalchemy, running
from sqlalchemy.pool import NullPool

from ketenwacht.domain.feed import TableSource
from ketenwacht.domain.measurement import MetricKey, Unmeasured, nulls
from ketenwacht.domain.statement import Amount, Name, Statement, Term
from ketenwacht.errors import DeliveryError, EngineError, UnreadableDelivery
from ketenwacht.measure import CopyEngine, InDatabaseEngine, KeyRange, MeasurementPlan, ValueRules, measure
from ketenwacht.measure.sql_table import open_workspace
from ketenwacht.measure.suite import KNOWN, QUERY
from ketenwacht.sources import open_source
from ketenwacht.sql import quote_name

pytestmark = pytest.mark.integration
SUITE = Path(__file__).parents[2] / "expectations" / "ind_duo.json"
SCHEMAS = itertools.count(1)
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Amsterdam")
DAYS = (date(2022, 1, 3), date(2022, 1, 4))
META = sa.MetaData()
ROWS = sa.Table(
    "Feed rows",
    META,
    sa.Column("Period", sa.Date),
    *(sa.Column(name, sa.String(2000)) for name in ("text", "group")),
    sa.Column("number", sa.Integer),
    *(sa.Column(name, sa.String(200)) for name in ("day", "other")),
    sa.Column("dated", sa.Date),
    sa.Column("amount", sa.Numeric(10, 2)),
    sa.Column("flag", sa.Boolean),
    sa.Column("seen", sa.DateTime),
)


@pytest.fixture(scope="session")
def server():
    with running() as uri:
        yield for_sqlalchemy(uri)


@pytest.fixture(scope="session")
def mariadb_server():
    if mariadb.MISSING:
        pytest.skip("MariaDB is not installed: apt-get install mariadb-server")
    with mariadb.running() as uri:
        yield uri


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The URL of an empty database with transactions over several statements."""
    return empty_database(request, tmp_path)


@pytest.fixture(params=["sqlite", "postgresql", "duckdb", "mariadb"])
def any_url(request, tmp_path):
    """The URL of an empty database of every kind."""
    return empty_database(request, tmp_path)


def empty_database(request, tmp_path):
    if request.param in {"sqlite", "duckdb"}:
        return f"{request.param}:///{tmp_path / 'rows.db'}"
    if request.param == "mariadb":
        server, name = request.getfixturevalue("mariadb_server"), f"d{next(SCHEMAS)}"
        run_on(server % "mysql", lambda c: c.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4"))
        return server % name
    server, schema = request.getfixturevalue("server"), f"s{next(SCHEMAS)}"
    with sa.create_engine(server, poolclass=NullPool).begin() as connection:
        connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
    return (
        sa.make_url(server)
        .update_query_dict({"options": f"-csearch_path={schema}"})
        .render_as_string(hide_password=False)
    )


def run_on(url, work):
    with create_engine(url).begin() as connection:
        return work(connection)


def create_rows(rows, share_of_nulls):
    """Rows as a database takes them; every third is of another period."""
    with open_workspace() as room:
        fill(room, rows, share_of_nulls, seed=7)
        found = room.execute(ROWS_OF_TYPES).fetchall()
    return [
        dict(zip(ROWS.columns.keys(), (DAYS[number % 3 == 0], *row), strict=True))
        for number, row in enumerate(found)
    ]


def reader_of(url, table="Feed rows", period="Period", **settings):
    source = TableSource(url=url, table=table, period_column=period, **settings)
    return open_source("feed", source, root=Path(), zone=ZONE)


def both(reader, plan, which=0):
    """What the two engines measure of one delivery."""
    delivery = reader.find(AT)[which]
    for engine in (CopyEngine(reader), InDatabaseEngine(reader)):
        verified = engine.verify(delivery)
        assert verified.read, verified.problem
        with engine.open(verified) as dataset:
            yield dataset.columns, measure(dataset, verified, plan)


def test_no_type_of_expectation_is_left_out():
    assert {kind for kind, _ in EXPECTATIONS + TYPED + NOT_OF_A_COPY} == KNOWN - {
        QUERY
    }  # a query runs on a copy only


@pytest.mark.parametrize("statements", ["folded", "stock"])
@pytest.mark.parametrize(
    ("why", "rows", "share_of_nulls"),
    [("a delivery", 1_500, 0.05), ("hardly a field is filled in", 300, 0.95), ("one row", 4, 0.0)],
)
def test_every_expectation_and_count_is_that_of_a_copy(any_url, tmp_path, why, rows, share_of_nulls, statements):
    expectations = EXPECTATIONS + TYPED
    if statements == "stock" and any_url.startswith("mariadb"):
        # There the library's own statement counts rows with a null too; the folded one does not.
        expectations = [one for one in expectations if one[0] != "expect_compound_columns_to_be_unique"]
    run_on(any_url, META.create_all)
    run_on(any_url, lambda connection: connection.execute(ROWS.insert(), create_rows(rows, share_of_nulls)))
    plan = MeasurementPlan(segments=GROUPINGS, suites=(written(tmp_path, expectations),), statements=statements)
    (columns, copied), (same, in_place) = both(reader_of(any_url), plan)
    assert same == columns
    assert comparable(in_place) == comparable(copied), why
    assert len({key.name for key in in_place if key.name.endswith(".met")}) == len(expectations)
    if rows == 1_500:
        assert not [key.name for key, value in in_place.items() if isinstance(value, Unmeasured)]


class Counted:
    """A reader that records the statements of its database, and the answers."""

    def __init__(self, reader):
        self.reader, self.statements, self.answers = reader, [], []

    def verify_in_place(self, delivery):
        return self.reader.verify_in_place(delivery)

    @contextmanager
    def open_in_place(self, delivery):
        with self.reader.open_in_place(delivery) as held:
            outer = self

            class Held:
                dialect, columns, schema, select = held.dialect, held.columns, held.schema, held.select

                @staticmethod
                def query(sql):
                    names, rows = held.query(sql)
                    outer.statements.append(sql)
                    outer.answers += [value for row in rows for value in row]
                    return names, rows

            yield Held()


def sample_table(url, feed_rows, times):
    """The sample feed as a table of text, with a period column."""
    rows = [row | {"v_nummer": f"{i:010d}"} for i in range(times) for row in feed_rows()]
    table = sa.Table("feed", sa.MetaData(), *(sa.Column(name, sa.String(200)) for name in ("period", *rows[0])))
    run_on(url, table.metadata.create_all)
    run_on(url, lambda c: c.execute(table.insert(), [{"period": "2022-06-24", **row} for row in rows]))
    return reader_of(url, "feed", "period")


PLAN = MeasurementPlan(segments=((), ("doelgroep",), ("doelgroep", "verblijfsdoel")), suites=(str(SUITE),))


def test_the_sample_suite_agrees_and_takes_three_statements(any_url, feed_rows):
    reader = sample_table(any_url, feed_rows, 40)
    (_, copied), (_, in_place) = both(reader, PLAN)
    assert comparable(in_place) == comparable(copied)
    counted = Counted(reader)
    with InDatabaseEngine(counted).open(reader.find(AT)[0]) as dataset:
        measure(dataset, reader.find(AT)[0], PLAN)
    assert len(counted.statements) == 3, "for the counts, for texts that often mean empty, for the whole suite"


def test_no_person_leaves_the_database(any_url, feed_rows):
    reader = sample_table(any_url, feed_rows, 40)
    persons = {cell for row in feed_rows() for name, cell in row.items() if cell and name in PERSONAL}
    persons |= {f"{i:010d}" for i in range(40)}
    for statements in ("folded", "stock"):
        counted = Counted(reader)
        delivery = InDatabaseEngine(counted).verify(reader.find(AT)[0])
        plan = replace(PLAN, statements=statements)
        with InDatabaseEngine(counted).open(delivery) as dataset:
            measure(dataset, delivery, plan)
        assert counted.answers
        assert not persons & {str(value) for value in counted.answers}


PERSONAL = ("v_nummer", "bsn", "geboortedatum", "referent_v_nummer", "postcode")


def test_all_statements_see_one_state_and_the_next_delivery_the_new_one(url):
    run_on(url, META.create_all)
    run_on(url, lambda c: c.execute(ROWS.insert(), create_rows(50, 0.0)))
    if url.startswith("sqlite"):  # there a reader would otherwise lock a writer out
        with sa.create_engine(url, poolclass=NullPool).connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    reader = reader_of(url)
    engine, plan = InDatabaseEngine(reader), MeasurementPlan(segments=((),))
    delivery = engine.verify(reader.find(AT)[0])
    with engine.open(delivery) as dataset:
        before = measure(dataset, delivery, plan)
        run_on(url, lambda c: c.execute(ROWS.insert(), create_rows(50, 0.0)))
        assert measure(dataset, delivery, plan) == before
    with pytest.raises(UnreadableDelivery, match="changed after"), engine.open(delivery):
        pass
    again = engine.verify(replace(delivery, sha256=None))
    assert again.sha256 != delivery.sha256
    with engine.open(again) as dataset:
        assert sum(measure(dataset, again, plan).values()) == 2 * sum(before.values())


def test_the_same_rows_in_another_order_are_the_same_delivery(any_url):
    rows = create_rows(60, 0.3)
    run_on(any_url, META.create_all)
    run_on(any_url, lambda c: c.execute(ROWS.insert(), rows))
    reader = reader_of(any_url)
    first = InDatabaseEngine(reader).verify(reader.find(AT)[0]).sha256

    def put(changed):
        run_on(any_url, lambda c: c.execute(ROWS.delete()))
        run_on(any_url, lambda c: c.execute(ROWS.insert(), changed))
        return InDatabaseEngine(reader).verify(reader.find(AT)[0]).sha256

    assert put(rows[::-1]) == first
    moved = [{**row, "text": row["group"], "group": row["text"]} for row in rows]
    assert put(moved) != first
    assert put([{**row, "text": (row["text"] or "") + "x"} for row in rows]) != first
    assert put(rows) == first


def test_nothing_can_be_written_while_it_judges(url):
    run_on(url, META.create_all)
    run_on(url, lambda c: c.execute(ROWS.insert(), create_rows(50, 0.0)))
    reader = reader_of(url)
    with reader.open_in_place(reader.find(AT)[0]) as held:
        with pytest.raises(EngineError, match=r"InternalError|OperationalError"):
            held.query("CREATE TABLE more (a INTEGER)")
        with pytest.raises(EngineError, match=r"^(Programming|Operational)Error$") as raised:
            held.query("SELECT no_such_column FROM no_such_table")
        assert raised.value.__cause__ is None
        assert held.query("SELECT 1")[1][0][0] == 1, "what was refused leaves the transaction as it was"


def lose_the_connection(url, name):
    """End the session that measures, as an administrator does."""
    server = sa.make_url(url)
    if server.get_backend_name() == "postgresql":
        sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'"
        run_on(url, lambda c: c.exec_driver_sql(sql))
        return
    listed = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> connection_id()"
    for (number,) in run_on(url, lambda c: c.exec_driver_sql(listed).fetchall()):
        run_on(url, lambda c, number=number: c.exec_driver_sql(f"KILL {int(number)}"))


def revoke_the_right(url, name):
    run_on(url, lambda c: c.exec_driver_sql(f'REVOKE SELECT ON "Feed rows" FROM {name}'))  # noqa: S608 - of the test


LOST = [
    ("postgresql", lose_the_connection, "delivery.connection_lost"),
    ("mariadb", lose_the_connection, "delivery.connection_lost"),
    ("postgresql", revoke_the_right, "delivery.rows_out_of_reach"),
]


@pytest.mark.parametrize(("statements", "before"), [("folded", 0), ("folded", 1), ("stock", 2)])
@pytest.mark.parametrize(("kind", "lose", "code"), LOST, ids=lambda one: getattr(one, "__name__", one))
def test_rows_that_get_out_of_reach_leave_nothing_half_measured(
    request, tmp_path, kind, lose, code, statements, before
):
    request.param = kind
    url = empty_database(request, tmp_path)
    name, mine = f"reader{next(SCHEMAS)}", url
    run_on(url, META.create_all)
    run_on(url, lambda c: c.execute(ROWS.insert(), create_rows(50, 0.1)))
    if kind == "postgresql":
        schema = url.rpartition("search_path%3D")[2]
        for sql in (
            f"CREATE ROLE {name} LOGIN",
            f"GRANT USAGE ON SCHEMA {schema} TO {name}",
            f'GRANT SELECT ON "Feed rows" TO {name}',
        ):
            run_on(url, lambda c, sql=sql: c.exec_driver_sql(sql))
        mine = sa.make_url(url).set(username=name).render_as_string(hide_password=False)
    reader = reader_of(mine)
    plan = MeasurementPlan(segments=((),), suites=(written(tmp_path, EXPECTATIONS[:8]),), statements=statements)
    delivery = InDatabaseEngine(reader).verify(reader.find(AT)[0])

    class Losing(Counted):
        """Loses the rows before a statement."""

        @contextmanager
        def open_in_place(self, delivery):
            with super().open_in_place(delivery) as rows:
                ask = rows.query

                def query(sql):
                    if len(self.statements) == before:
                        lose(url, name)
                    return ask(sql)

                rows.query = query
                yield rows

    with pytest.raises(DeliveryError) as lost, InDatabaseEngine(Losing(reader)).open(delivery) as dataset:
        measure(dataset, delivery, plan)
    assert lost.value.statement.code == code
    assert lost.value.__cause__ is None
    if code == "delivery.connection_lost":
        assert InDatabaseEngine(reader).verify(delivery).sha256 == delivery.sha256, "the next run measures again"


def test_a_table_whose_columns_change_after_it_was_verified_is_unreadable_and_nothing_is_measured(any_url):
    run_on(any_url, META.create_all)
    run_on(any_url, lambda c: c.execute(ROWS.insert(), create_rows(30, 0.1)))
    reader = reader_of(any_url)
    engines = (InDatabaseEngine(reader), CopyEngine(reader))
    verified = [engine.verify(reader.find(AT)[0]) for engine in engines]
    with create_engine(any_url).begin() as connection:
        quote = connection.dialect.identifier_preparer.quote
        connection.execute(sa.text(f"ALTER TABLE {quote('Feed rows')} RENAME COLUMN {quote('text')} TO another"))

    for engine, delivery in zip(engines, verified, strict=True):
        with pytest.raises(DeliveryError) as fault, engine.open(delivery):
            pytest.fail("the rows of other columns were opened")
        assert fault.value.statement.code == "delivery.replaced"
        assert engine.verify(delivery).read, "the next run measures the new columns"


def test_a_period_that_is_gone_is_unreadable(any_url):
    run_on(any_url, META.create_all)
    run_on(any_url, lambda c: c.execute(ROWS.insert(), create_rows(50, 0.0)))
    reader = reader_of(any_url)
    delivery = reader.find(AT)[0]
    run_on(any_url, lambda c: c.execute(ROWS.delete()))
    assert InDatabaseEngine(reader).verify(delivery).problem == Statement("delivery.gone_from_table")


@pytest.mark.parametrize(
    ("name", "kind", "value"),
    [
        ("number", "integer", "zeven"),
        ("dated", "date", "2022-02-30"),
        ("flag", "boolean", 7),
        ("seen", "timestamp", "2022-13-01 10:00:00"),
        ("amount", "number", "veel"),
    ],
)
def test_sqlite_holds_what_a_copy_would_stumble_on_and_is_refused_alike(tmp_path, name, kind, value):
    url = f"sqlite:///{tmp_path / 'rows.db'}"
    run_on(url, META.create_all)
    run_on(url, lambda c: c.execute(ROWS.insert(), create_rows(9, 0.0)))
    run_on(url, lambda c: c.exec_driver_sql(f'UPDATE "Feed rows" SET {name} = ?', (value,)))  # noqa: S608 - of the table above
    reader = reader_of(url)
    delivery = reader.find(AT)[0]
    number = list(ROWS.columns.keys()).index(name) + 1
    assert InDatabaseEngine(reader).verify(delivery).problem == Statement(
        "delivery.value_type", {"column": Amount(number), "type": Term(f"type.{kind}")}
    )
    assert not CopyEngine(reader).verify(delivery).read


def test_a_count_that_is_no_number_makes_a_delivery_unreadable_on_both(any_url):
    table = sa.Table("counts", sa.MetaData(), sa.Column("period", sa.String(200)), sa.Column("n", sa.String(200)))
    run_on(any_url, table.metadata.create_all)
    rows = [{"period": "2022-01", "n": "7"}, {"period": "2022-01", "n": "many"}, {"period": "2022-02", "n": "5.0"}]
    run_on(any_url, lambda c: c.execute(table.insert(), rows))
    reader = reader_of(any_url, "counts", "period", count_column="n")
    plan = MeasurementPlan(count_column="n")
    for engine in (CopyEngine(reader, ValueRules(count_column="n")), InDatabaseEngine(reader)):
        delivery = engine.verify(reader.find(AT)[0])
        with pytest.raises(UnreadableDelivery) as refused, engine.open(delivery) as dataset:
            measure(dataset, delivery, plan)
        rows = {"column": Name("n"), "rows": Amount(1)}
        assert refused.value.statement == Statement("delivery.count_wrong", rows)
    (_, copied), (_, in_place) = both(reader, plan, which=1)
    assert comparable(copied) == comparable(in_place)
    assert 5.0 in comparable(in_place).values()


def test_synthetic_persons_are_never_counted_as_persons(url):
    run_on(url, META.create_all)
    run_on(url, lambda c: c.execute(ROWS.insert(), create_rows(9, 0.0)))
    reader = reader_of(url)
    delivery = reader.find(AT)[0]
    with InDatabaseEngine(reader).open(delivery) as dataset:
        found = measure(dataset, delivery, MeasurementPlan(canaries=KeyRange("text", "0", "9")))
    assert [type(value) for value in found.values()] == [Unmeasured]


def test_it_can_be_sent_to_another_process_and_shows_no_password(tmp_path):
    reader = reader_of("postgresql+psycopg://user:secret@host/db")
    engine = pickle.loads(pickle.dumps(InDatabaseEngine(reader)))  # noqa: S301 - our own
    assert engine == InDatabaseEngine(reader)
    assert "secret" not in repr(engine)


def test_what_only_postgresql_has_is_counted_and_compared_as_in_a_copy(server, tmp_path):
    schema = f"s{next(SCHEMAS)}"
    columns = (
        "period TIMESTAMPTZ, word TEXT, fixed CHAR(4), moment TIMESTAMPTZ, big NUMERIC(30, 0), "
        "half DOUBLE PRECISION, uid UUID, doc JSONB, raw BYTEA, list INTEGER[], clock TIME, small VARCHAR(9)"
    )
    cells = (
        "'2022-01-03 23:30+00', (ARRAY['a', 'B', 'ä', 'Z', NULL, ''])[1 + mod(n, 6)], "
        "(ARRAY['ab', 'abcd', NULL])[1 + mod(n, 3)], "
        "TIMESTAMPTZ '2022-01-03 22:30+00' + n * INTERVAL '1 hour', mod(n, 4), "
        "mod(n, 5) / 2.0, md5('u')::uuid, json_build_object('n', n), 'x', ARRAY[n], '10:00', n::text"
    )

    def build(connection):
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        connection.exec_driver_sql(f"CREATE TABLE {schema}.odd ({columns})")
        connection.exec_driver_sql(f"INSERT INTO {schema}.odd SELECT {cells} FROM generate_series(1, 30) AS s(n)")  # noqa: S608 - above

    run_on(server, build)
    expectations = [
        column("value_lengths_to_equal", "fixed", value=4),
        values("be_in_set", "fixed", value_set=["ab", "abcd"]),
        values("be_between", "moment", min_value="2022-01-04 00:00:00"),
        values("be_between", "word", min_value="2022-01-01"),
        column("sum_to_be_between", "big", max_value=44),
    ]
    dims = ("word", "fixed", "moment", "big", "half", "uid", "clock", "small")
    plan = MeasurementPlan(segments=((), *((name,) for name in dims)), suites=(written(tmp_path, expectations),))
    reader = reader_of(server, f"{schema}.odd", "period")
    assert reader.find(AT)[0].period == date(2022, 1, 4), "the day of a moment is that of the feed's own zone"
    (_, copied), (_, in_place) = both(reader, plan)
    assert comparable(in_place) == comparable(copied)
    assert not [value for value in in_place.values() if isinstance(value, Unmeasured)]
    with reader.open_in_place(reader.find(AT)[0]) as held:
        assert held.select.count('COLLATE "C"') == 6, (
            "text is compared by code point, whatever the database's own order"
        )


def test_a_column_may_be_called_anything(any_url, tmp_path):
    names = ["a :b", "{x}", "it's", "Upper", "select", "end", "delivery", "back\\slash", "semi;colon"]
    listed = [sa.Column(name, sa.String(200)) for name in ("period", *names)]
    run_on(any_url, sa.Table("names", sa.MetaData(), *listed).create)
    columns = ", ".join(quote_name(name) for name in names)
    columns = columns.replace('"', "`") if any_url.startswith("mariadb") else columns
    marks = ", ".join(["'100% :x'"] * len(names))
    raw = f"INSERT INTO names (period, {columns}) VALUES ('2022-01-03', {marks})"  # noqa: S608 - the names above
    run_on(any_url, lambda c: c.execution_options(no_parameters=True).exec_driver_sql(raw))
    expectations = [values("not_be_null", name) for name in names]
    expectations += [values("match_regex", name, regex="^100% :") for name in names]
    expectations += [values("be_unique", name) for name in names]
    plan = MeasurementPlan(segments=((), *((name,) for name in names)), suites=(written(tmp_path, expectations),))
    (_, copied), (_, in_place) = both(reader_of(any_url, "names", "period"), plan)
    assert comparable(in_place) == comparable(copied)
    unmet = [(key.name, value) for key, value in in_place.items() if key.name.endswith(".met") and value != 1.0]
    assert unmet == []


@pytest.mark.parametrize("agreed", [(), ("NULL", "o'k")], ids=["nothing agreed", "agreed"])
def test_blank_texts_are_empty_on_both(any_url, agreed):
    texts = ["a", "", " ", "\t ", "\u00a0", "\u200b", "\u3000", "é", " x ", "NULL", "\\N", "o'k", None]
    table = sa.Table("texts", sa.MetaData(), sa.Column("period", sa.String(200)), sa.Column("t", sa.String(200)))
    run_on(any_url, table.metadata.create_all)
    run_on(any_url, lambda c: c.execute(table.insert(), [{"period": "2022-01", "t": text} for text in texts]))
    reader, rules = reader_of(any_url, "texts", "period"), ValueRules(agreed)
    delivery = reader.find(AT)[0]
    found = []
    for engine in (CopyEngine(reader, rules), InDatabaseEngine(reader, rules)):
        with engine.open(engine.verify(delivery)) as dataset:
            found.append(comparable(measure(dataset, delivery, MeasurementPlan(((), ("t",))))))
    copied, in_place = found
    assert copied == in_place
    assert copied[MetricKey(nulls("t"))] == 7 + len(agreed)


ENDLESS = r"^(.+)(.+)(.+)\1\2\3$"
"""A pattern that tries very many ways; the matcher of DuckDB is linear and has no back-references."""


@pytest.mark.parametrize("statements", ["folded", "stock"])
def test_a_pattern_without_end_is_stopped_and_the_other_expectations_are_judged(url, statements):
    def build(connection):
        META.create_all(connection)
        connection.execute(ROWS.insert(), [{"Period": DAYS[0], "text": "a" * 1500 + "b", "number": 1}] * 3)

    run_on(url, build)
    entries = {
        name: json.dumps({"type": kind, "kwargs": kwargs, "meta": {"check_id": name}})
        for name, (kind, kwargs) in {
            "endless": values("match_regex", "text", regex=ENDLESS),
            "fine": values("not_be_null", "text"),
        }.items()
    }
    reader = replace(reader_of(url), limit=timedelta(seconds=2))
    (delivery,) = reader.find(AT)
    with InDatabaseEngine(reader).open(delivery) as dataset:
        began = monotonic()
        outcomes = dataset.evaluate(entries, statements)
        took = monotonic() - began
        again = dataset.evaluate({"endless": entries["endless"]}, statements)
    assert outcomes["endless"] == again["endless"] == Unmeasured(Statement("unmeasured.took_time"))
    assert outcomes["fine"].met
    assert took < 60
