"""Keys signed inside a database: the comparison is that of copied rows, and nothing shows the keys."""

from __future__ import annotations

import json
import logging
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from postgresql import for_sqlalchemy, running

from ketenwacht.domain.feed import Feed, OutsideEvidence, Register, Schedule, TableSource
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.successors import CodeSuccessors, Succession
from ketenwacht.errors import ConfigError, EngineError, UnreadableDelivery
from ketenwacht.reconcile import Keys, reconcile, write_extra, write_missing
from ketenwacht.sources import open_source
from ketenwacht.sources.in_database import OpenRows
from ketenwacht.sources.signed_rows import RemoteColumns, copy_signed
from ketenwacht.workflows.feed_keys import FeedKeys, compare_register
from ketenwacht.workflows.register_snapshots import RegisterSnapshot

ZONE = ZoneInfo("Europe/Amsterdam")
AT = datetime(2022, 3, 2, tzinfo=UTC)
DAY = date(2022, 3, 1)
KEYS = Keys.of({"k1": bytes(range(32)), "k2": bytes(range(100, 180))})
PEOPLE = ("day DATE", "id TEXT", "born DATE", "grp TEXT", "town TEXT", "decided TEXT", "does TEXT")
MARKED = "6666666666"


COPY = "sqlite:///copy.db"
"""SQLite signs nothing: both sides of a comparison in it are copied, and signed here."""


def write(url, root, table, rows):
    """Replace a table of persons, and its copy in SQLite."""
    marks = ", ".join("?" * len(PEOPLE))
    with closing(sqlite3.connect(root / "copy.db")) as connection, connection:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute(f"CREATE TABLE {table} ({', '.join(PEOPLE)})")
        texts = [[one.isoformat() if isinstance(one, date) else one for one in row] for row in rows]
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", texts)  # noqa: S608 - ours
    named = f"CREATE TABLE {table} ({', '.join(PEOPLE)})"
    if url.startswith("duckdb"):
        with duckdb.connect(str(root / "t.db")) as connection:
            connection.execute(f"DROP TABLE IF EXISTS {table}")
            connection.execute(named)
            if rows:
                connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?)", rows)  # noqa: S608 - ours
        return
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
        connection.exec_driver_sql(named)
        marks = ", ".join(f":c{i}" for i in range(len(PEOPLE)))
        if rows:
            values = [{f"c{i}": value for i, value in enumerate(row)} for row in rows]
            connection.execute(sa.text(f"INSERT INTO {table} VALUES ({marks})"), values)  # noqa: S608 - ours
    engine.dispose()


@pytest.fixture(scope="module")
def server():
    with running() as uri:
        yield for_sqlalchemy(uri)


@pytest.fixture(scope="module", params=["duckdb", "postgresql"])
def database(request, tmp_path_factory):
    """The URL of a database, and the folder that it is relative to."""
    root = tmp_path_factory.mktemp("database")
    if request.param == "postgresql":
        return request.getfixturevalue("server"), root
    return "duckdb:///t.db", root


def feed(url, engine, key=("id",)):
    source = TableSource(url=url, table="delivered", period_column="day")
    register = Register(
        source=TableSource(url=url, table="register", period_column="day"),
        decided_column="decided",
        segments=("grp", "town"),
        mutation_column="does",
        withdrawn=("gone",),
        count_by=(("grp",), ("grp", "town")),
    )
    return Feed(
        name="f",
        source=source,
        engine=engine,
        schedule=Schedule(cron="0 7 * * mon-fri"),
        key=key,
        evidence=OutsideEvidence(register=register),
    )


def sides(url, root, engine, key=("id",), keys=KEYS):
    """Return the delivered keys with what a comparison needs beside them."""
    of = feed(url, engine, key)
    reader = open_source("f", of.source, root=root, zone=ZONE)
    register = open_source("f.evidence.register", of.evidence.register.source, root=root, zone=ZONE)
    made = FeedKeys("s", of, ZONE, reader, keys, None, Guard(), register)
    (snapshot,) = register.find(AT)
    chosen = RegisterSnapshot(snapshot.period, delivery=snapshot)
    return made, made.sides(chosen, reader.find(AT), AT)


def outcome(url, root, engine, key=("id",), keys=KEYS):
    made, compared = sides(url, root, engine, key, keys)
    try:
        return reconcile(*compared)
    finally:
        made.close()


NUMBERS = [f"{n:010d}" for n in range(12)]
person = st.tuples(
    st.sampled_from([*NUMBERS, " 0000000001 ", "", None, "é€0000001"]),
    st.sampled_from([date(1990, 1, 1), date(1990, 1, 2)]),
    st.sampled_from(["a", "b", "", None]),
    st.sampled_from(["x", "y"]),
    st.sampled_from(["2022-01-02", "20220215", "2022-02-27", "nonsense", None]),
)


def as_rows(days, does):
    """Rows of each day; one person stands in a day once, since a table has no order of rows."""
    for day, found in days.items():
        seen = {}
        for one in found:
            seen.setdefault((one[0] or "").strip(), one)
        for place, (number, born, group, town, decided) in enumerate(seen.values()):
            yield (day, number, born, group, town, decided, does[place % len(does)])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    registered=st.lists(person, min_size=1, max_size=14).filter(
        lambda rows: any((r[0] or "").strip() for r in rows)
    ),
    first=st.lists(person, min_size=1, max_size=12),
    second=st.lists(person, max_size=12),
    does=st.lists(st.sampled_from(["new", "new", "gone"]), min_size=1, max_size=5),
    key=st.sampled_from([("id",), ("id", "born")]),
)
def test_random_tables_compare_as_their_copies(database, registered, first, second, does, key):
    url, root = database
    write(url, root, "register", list(as_rows({DAY: registered}, ["new"])))
    write(url, root, "delivered", list(as_rows({date(2022, 2, 1): first, date(2022, 2, 20): second}, does)))
    copied, signed = outcome(COPY, root, "duckdb", key), outcome(url, root, "sql", key)
    assert signed == copied


def simple(count, *, day=DAY):
    return [(day, f"{n:010d}", date(1990, 1, 1), "ab"[n % 2], "x", "2022-01-02", "new") for n in range(count)]


@pytest.mark.parametrize("key", [("id", "grp"), ("id", "decided")])
def test_a_column_of_the_key_may_be_a_segment_or_the_date_of_decision_too(database, key):
    url, root = database
    write(url, root, "register", simple(30))
    write(url, root, "delivered", simple(27, day=date(2022, 2, 1)))
    copied, signed = outcome(COPY, root, "duckdb", key), outcome(url, root, "sql", key)
    assert signed == copied
    assert (signed.whole.registered, signed.whole.missing) == (30, 3)
    assert {str(one.segment) for one in signed.counts} >= {"grp=a", "grp=b"}


def test_a_register_under_an_older_key_compares_with_rows_signed_in_place(database, tmp_path):
    url, root = database
    older = Keys.of({"k1": bytes(range(32))})
    rows = [(d, older.make_pseudonym(i), b, g, t, w, m) for d, i, b, g, t, w, m in simple(30)]
    write(url, root, "register", rows)
    write(url, root, "delivered", simple(27, day=date(2022, 2, 1)))
    found = outcome(url, root, "sql")
    assert (found.key_id, found.whole.registered, found.whole.missing, found.whole.extra) == ("k1", 30, 3, 0)


def test_the_lists_hold_the_pseudonyms_of_the_copy(database, tmp_path):
    url, root = database
    write(url, root, "register", simple(30))
    write(url, root, "delivered", [*simple(27, day=date(2022, 2, 1)), *simple(40, day=date(2022, 2, 1))[35:]])
    lists = []
    for engine in ("duckdb", "sql"):
        made, compared = sides(url, root, engine)
        missing, extra = tmp_path / f"{engine}-m.csv", tmp_path / f"{engine}-e.csv"
        assert (write_missing(*compared, missing), write_extra(*compared, extra)) == (3, 5)
        made.close()
        lists.append((missing.read_text(), extra.read_text()))
    assert lists[0] == lists[1]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["d41d8cd98f00b204e9800998ecf8427e"] * 3, "plain hashes"),
        (["k1:" + "a" * 64, "1234567890"], "mixes key ids"),
        (["k1:" + "a" * 64, "k2:" + "b" * 64], "mixes key ids"),
    ],
)
def test_keys_that_a_copy_would_refuse_are_refused(database, keys, said):
    url, root = database
    write(url, root, "register", [(DAY, key, date(1990, 1, 1), "a", "x", "2022-01-02", "new") for key in keys])
    write(url, root, "delivered", simple(3, day=date(2022, 2, 1)))
    with pytest.raises((ConfigError, UnreadableDelivery), match=said) as refused:
        outcome(url, root, "sql")
    assert not any(key in str(refused.value) for key in keys)


SECRETS = [
    form
    for key_id in KEYS.ids
    for pad in (
        KEYS.make_pads(key_id).inner,
        KEYS.make_pads(key_id).outer,
        dict(zip(KEYS.ids, KEYS.secrets, strict=True))[key_id],
    )
    for form in (pad[:8].hex(), pad[:8].hex().upper(), repr(pad[:8])[2:-1], pad[:8].decode("latin-1"))
]


@pytest.mark.integration
def test_postgresql_shows_no_key_in_statements_plans_or_log(server, tmp_path, caplog):
    """Read what an administrator can read while and after keys are signed: statements, prepared ones, the log."""
    write(server, tmp_path, "register", simple(30))
    write(server, tmp_path, "delivered", simple(27, day=date(2022, 2, 1)))
    caplog.set_level(logging.DEBUG)
    made, _ = sides(server, tmp_path, "sql")
    seen: list[str] = []
    engine = sa.create_engine(server)

    with made.reader.open_in_place(made.reader.verify_in_place(made.reader.find(AT)[0])) as rows:
        pads = {one: (KEYS.make_pads(one).inner, KEYS.make_pads(one).outer) for one in KEYS.ids}
        with duckdb.connect() as into:
            copy_signed(RemoteColumns.find(rows, ("id",)), into, ("id",), others=(), pads=pads, zone=ZONE)
        # A statement that signs sees its own text, as pg_stat_statements would keep it.
        own = "SELECT query, sha256({inner key 0} || {outer key 0}) FROM pg_stat_activity"
        seen += [str(row[0]) for row in rows.query_signed(own, (KEYS_PADS,))[1]]
        with engine.connect() as admin:
            seen += [str(row) for row in admin.exec_driver_sql("SELECT query FROM pg_stat_activity").fetchall()]
            seen += [str(row) for row in admin.exec_driver_sql("SELECT statement FROM pg_prepared_statements")]
            folder = Path(admin.exec_driver_sql("SELECT current_setting('data_directory')").scalar_one())
    assert any("$1" in text and "sha256" in text for text in seen), "the statement is there, with parameters"
    # A statement that fails is written into the log with its text.
    delivery = made.reader.verify_in_place(made.reader.find(AT)[0])
    with made.reader.open_in_place(delivery) as rows, pytest.raises(EngineError):
        rows.query_signed("SELECT sha256({inner key 0} || {outer key 0}) / 0", (KEYS_PADS,))
    made.close()
    engine.dispose()
    logs = [path.read_text(errors="replace") for path in folder.rglob("*log*") if path.is_file()]
    assert logs
    for text in (*seen, *logs, caplog.text):
        assert not [secret for secret in SECRETS if secret in text]


KEYS_PADS = (KEYS.make_pads("k1").inner, KEYS.make_pads("k1").outer)


@pytest.mark.integration
@pytest.mark.parametrize(
    "setting",
    ["log_statement = 'all'", "log_min_duration_statement = 0", "log_parameter_max_length_on_error = -1"],
)
def test_a_server_that_logs_parameters_is_not_given_the_keys(server, tmp_path, setting):
    write(server, tmp_path, "register", simple(30))
    write(server, tmp_path, "delivered", simple(27, day=date(2022, 2, 1)))
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as admin:
        name = setting.partition(" ")[0]
        user = admin.exec_driver_sql("SELECT current_user").scalar_one()
        admin.exec_driver_sql(f'ALTER ROLE "{user}" SET {setting}')
        try:
            with pytest.raises(ConfigError, match=name):
                outcome(server, tmp_path, "sql")
            copied = outcome(server, tmp_path, "duckdb").whole
            assert (copied.registered, copied.missing) == (30, 3), "a feed whose rows are copied copies both sides"
        finally:
            admin.exec_driver_sql(f'ALTER ROLE "{user}" RESET {name}')
    engine.dispose()


def test_a_plan_in_postgresql_shows_the_number_of_a_parameter(server):
    engine = sa.create_engine(server)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET plan_cache_mode = 'force_generic_plan'")
        connection.exec_driver_sql(
            "PREPARE signing(bytea) AS SELECT sha256($1 || convert_to(x, 'UTF8')) FROM (VALUES ('a')) AS t(x)"
        )
        plan = str(connection.exec_driver_sql("EXPLAIN (VERBOSE) EXECUTE signing('\\x0102030405')").fetchall())
    engine.dispose()
    assert "0102030405" not in plan
    assert "$1" in plan


def test_the_text_of_a_statement_that_signs_reaches_the_database_unchanged(database):
    url, root = database
    write(url, root, "delivered", simple(1))
    reader = open_source("f", feed(url, "sql").source, root=root, zone=ZONE)
    text = r"a\b : 10:00 \:c ::d 5% :e"
    with reader.open_in_place(reader.verify_in_place(reader.find(AT)[0])) as rows:
        made = rows.dialect.hmac.format(text="id", inner="{inner key 0}", outer="{outer key 0}")
        found = rows.run_signed(f"SELECT '{text}', {made} FROM ({rows.select}) AS d", (KEYS_PADS,))[1]  # noqa: S608 - ours
    assert [row[0] for row in found] == [text]


def test_duckdb_shows_no_key_in_its_log(tmp_path):
    write("duckdb:///t.db", tmp_path, "register", simple(3))
    write("duckdb:///t.db", tmp_path, "delivered", simple(3, day=date(2022, 2, 1)))
    reader = open_source("f", feed("duckdb:///t.db", "sql").source, root=tmp_path, zone=ZONE)
    with reader.open_in_place(reader.verify_in_place(reader.find(AT)[0])) as rows:
        rows.run("CALL enable_logging(level = 'debug')")
        made = rows.dialect.hmac.format(text="id", inner="{inner key 0}", outer="{outer key 0}")
        assert len(rows.query_signed(f"SELECT {made} FROM ({rows.select}) AS d{{keys}}", (KEYS_PADS,))[1]) == 3  # noqa: S608 - ours
        told = json.dumps(rows.run("SELECT * FROM duckdb_logs()")[1], default=str)
    assert "sha256" in told, "the statement is in the log"
    assert not [secret for secret in SECRETS if secret in told]


# Compared inside the database: the same outcome, and only counts leave.


ALPHABET = "abcdefghijklmnopqrstuvwxyz"
FIRST, SECOND, LATER = date(2022, 2, 1), date(2022, 2, 20), date(2022, 3, 5)


def prepare(url, root, engine="sql", key=("id",), values="first", segments=("grp", "town"), guard=None):
    """Return the keys of the feed, and what a comparison takes."""
    of = feed(url, engine, key)
    register = replace(of.evidence.register, values=values, segments=segments, backlog=segments[:1])
    register = replace(register, count_by=tuple((one,) for one in segments))
    of = replace(of, evidence=replace(of.evidence, register=register))
    reader = open_source("f", of.source, root=root, zone=ZONE)
    theirs = open_source("f.evidence.register", register.source, root=root, zone=ZONE)
    (snapshot,) = theirs.find(AT)
    made = FeedKeys("s", of, ZONE, reader, KEYS, None, guard or Guard(), theirs)
    return made, (RegisterSnapshot(snapshot.period, delivery=snapshot), reader.find(AT), AT)


def compare_here(*args, **options):
    made, compared = prepare(*args, **options)
    try:
        return reconcile(*made.sides(*compared))
    finally:
        made.close()


def compare_there(*args, **options):
    """Return the outcome of the database; None when it left the comparison to us."""
    made, compared = prepare(*args, **options)
    counted = made.compare_in_place(*compared)
    return None if counted is None else counted[0]


DATES = ["2022-01-02", "2022-02-10", "2022-02-15", "2022-02-27", "2022-02-15 10:30", "2022-04-01", "", None]
dated_person = st.tuples(
    st.sampled_from([*NUMBERS, " 0000000001 ", "", None, "é€0000001", "e\u0301:\\'%1"]),
    st.sampled_from([date(1990, 1, 1), date(1990, 1, 2), None]),
    st.sampled_from(["a", "b", " a", "2:ab", "é€", "", None, "1234567890"]),
    st.sampled_from(["x", "y"]),
    st.sampled_from(DATES),
    st.sampled_from(["new", "new", "new", "gone"]),
)


def as_distinct_rows(days, key, *, once):
    """Return rows of each day, each person once a day; in a register again when the date of decision differs."""
    for day, found in days.items():
        seen = set()
        for number, born, group, town, decided, does in found:
            person = ((number or "").strip(), born if "born" in key else None)
            mark = (*person, None if once else (decided or "")[:10])
            if mark not in seen:
                seen.add(mark)
                yield (day, number, born, group, town, decided, does)


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    registered=st.lists(dated_person, min_size=1, max_size=18),
    first=st.lists(dated_person, min_size=1, max_size=14),
    second=st.lists(dated_person, max_size=14),
    later=st.lists(dated_person, max_size=3),
    key=st.sampled_from([("id",), ("id", "born")]),
    values=st.sampled_from(["first", "newest"]),
    segments=st.sampled_from([("grp", "town"), ("grp",), ()]),
    merged=st.booleans(),
)
def test_random_tables_compare_there_as_their_copies_here(
    database, registered, first, second, later, key, values, segments, merged
):
    url, root = database
    registered.append(("0000000099", date(1990, 1, 1), "a", "x", "2022-01-02", "new"))
    delivered = {FIRST: first, SECOND: second, LATER: later}
    write(url, root, "register", list(as_distinct_rows({DAY: registered}, key, once=False)))
    write(url, root, "delivered", list(as_distinct_rows(delivered, key, once=True)))
    successors = (
        CodeSuccessors({"town": (Succession("x", date(2022, 1, 1), "y"),)}) if merged else CodeSuccessors()
    )
    options = {"key": key, "values": values, "segments": segments, "guard": Guard(successors=successors)}
    there = compare_there(url, root, **options)
    copied = compare_here(COPY, root, "duckdb", **options)
    assert there is not None, "the database answered"
    assert there == copied


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("delivered", [(FIRST, "0000000001", None, "a", "x", "2022-01-02", "new")]),
        ("delivered", [(FIRST, "0000000001", None, "b", "x", "2022-01-02", "gone")]),
        ("register", [(DAY, "0000000001", None, "a", "x", "2022-01-02", "new")]),
        ("register", [(DAY, "0000000077", None, "a", "x", "20220102", "new")]),
        ("register", [(DAY, "0000000077", None, "a", "x", "2022-02-30", "new")]),
        ("register", [(DAY, "0000000077", None, "a", "x", "1960-01-01", "new")]),
        ("register", [(DAY, "0000000077", None, "a", "x", "6666666666", "new")]),
        ("register", [(DAY, "k1:" + "a" * 64, None, "a", "x", "2022-01-02", "new")]),
        ("delivered", [(FIRST, "d41d8cd98f00b204e9800998ecf8427e", None, "a", "x", "2022-01-02", "new")]),
    ],
    ids=[
        "a person twice in a delivery with other values",
        "a person delivered and withdrawn in one delivery",
        "a person twice in the register with one date and other values",
        "a date without dashes",
        "a day that no month has",
        "a date before 1970",
        "a number in place of a date",
        "a pseudonym",
        "a plain hash",
    ],
)
def test_what_the_database_cannot_tell_as_a_copy_does_is_compared_here(database, table, rows):
    url, root = database
    tables = {"register": simple(5), "delivered": simple(4, day=FIRST)}
    tables[table] += rows
    for name, held in tables.items():
        write(url, root, name, held)
    assert compare_there(url, root) is None


def test_only_counts_leave_and_nothing_is_signed(database, monkeypatch, caplog):
    url, root = database
    write(url, root, "register", [*simple(300), (DAY, MARKED, date(1990, 1, 1), "a", "x", "2022-01-02", "new")])
    write(url, root, "delivered", simple(270, day=FIRST))
    fetched, asked = [], []
    plain = OpenRows.query

    def watch(self, sql):
        answer = plain(self, sql)
        asked.append(sql)
        fetched.extend(answer[1])
        return answer

    def refuse(*_):
        raise AssertionError("something was signed")

    monkeypatch.setattr(OpenRows, "query", watch)
    monkeypatch.setattr(OpenRows, "query_signed", refuse)
    caplog.set_level(logging.DEBUG)
    found = compare_there(url, root)
    assert (found.whole.registered, found.whole.missing, found.whole.matched + found.whole.late) == (301, 31, 270)
    assert len(fetched) < 20, "rows of counts, not of persons"
    # The alphabet of base64 in a statement has some bytes of a key of this test.
    texts = [text.replace(ALPHABET, "") for text in (*map(str, fetched), *asked, caplog.text)]
    numbers = [MARKED, *(f"{n:010d}" for n in range(2, 300))]  # the lowest are ranks of deliveries too
    assert not [number for number in numbers for text in texts if number in text]
    assert not [secret for secret in SECRETS for text in texts if secret in text]


def test_the_look_compares_in_the_database_and_forgets_nothing_it_read_here(database):
    url, root = database
    write(url, root, "register", simple(30))
    write(url, root, "delivered", simple(27, day=FIRST))
    made, compared = prepare(url, root)
    there, unread = compare_register(made, *compared)
    assert made.compare_in_place(*compared) is not None, "no pseudonym came over"
    here = reconcile(*made.sides(*compared))
    assert (there, unread) == (here, [])
    assert made.compare_in_place(*compared) is None, "keys that were read here go on to count"
    made.close()


def test_sides_in_two_databases_are_compared_here(database, tmp_path):
    url, root = database
    write(url, root, "register", simple(3))
    write(url, root, "delivered", simple(3, day=FIRST))
    made, compared = prepare(url, root)
    elsewhere, _ = tmp_path, write("duckdb:///t.db", tmp_path, "register", simple(3))
    made.register = open_source(
        "f.evidence.register",
        TableSource(url="duckdb:///t.db", table="register", period_column="day"),
        root=elsewhere,
        zone=ZONE,
    )
    assert made.compare_in_place(*compared) is None


@pytest.mark.integration
def test_a_server_that_logs_parameters_may_compare_since_no_key_is_sent(server, tmp_path):
    write(server, tmp_path, "register", simple(30))
    write(server, tmp_path, "delivered", simple(27, day=FIRST))
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as admin:
        user = admin.exec_driver_sql("SELECT current_user").scalar_one()
        admin.exec_driver_sql(f"ALTER ROLE \"{user}\" SET log_statement = 'all'")
        try:
            found = compare_there(server, tmp_path)
        finally:
            admin.exec_driver_sql(f'ALTER ROLE "{user}" RESET log_statement')
        folder = Path(admin.exec_driver_sql("SELECT current_setting('data_directory')").scalar_one())
    engine.dispose()
    assert found.whole.missing == 3
    logs = [path.read_text(errors="replace") for path in folder.rglob("*log*") if path.is_file()]
    assert not [secret for secret in SECRETS for text in logs if secret in text.replace(ALPHABET, "")]
