"""A comparison of rows signed in Spark beside that of copied rows, and what an administrator reads of it."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from zoneinfo import ZoneInfo

import duckdb
import numpy as np

from ketenwacht.domain.feed import Feed, FileSource, OutsideEvidence, Register, Schedule, SparkSource
from ketenwacht.domain.guard import Guard
from ketenwacht.reconcile import Keys, reconcile
from ketenwacht.sources import open_source
from ketenwacht.workflows.feed_keys import FeedKeys
from ketenwacht.workflows.register_snapshots import RegisterSnapshot

AT = datetime(2022, 3, 2, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Amsterdam")
KEYS = Keys.of({"k1": bytes(range(32)), "k2": bytes(range(100, 180))})


def secrets():
    """Every way in which a part of a key may be written."""
    for key_id, key in zip(KEYS.ids, KEYS.secrets, strict=True):
        pads = KEYS.make_pads(key_id)
        for part in (pads.inner[:8], pads.outer[:8], key[:8]):
            yield from (part.hex(), part.hex().upper(), " ".join(f"{byte:02X}" for byte in part))
            yield ", ".join(str(byte - 256 if byte > 127 else byte) for byte in part)


def write_tables(folder, seed):
    """Write random persons as Parquet: some lost, some moved, some withdrawn, some without a key."""
    rng = np.random.default_rng(seed)

    def choose(*values):
        return values[rng.integers(len(values))]

    people = [(f"{n:010d}", choose("a", "b"), choose("x", "y")) for n in range(300)]
    register = [
        ("2022-03-01", number, group, town, choose("2022-01-10", "20220225", "odd", None), "new")
        for number, group, town in people
        if rng.random() < 0.9
    ]
    delivered = [
        (choose("2022-02-01", "2022-02-20"), number, group, choose(*"xxxxy") if town == "x" else town)
        for number, group, town in people
        if rng.random() < 0.85
    ]
    delivered += [("2022-02-20", None, "a", "x"), ("2022-02-20", " 0000000299 ", "b", "é")]
    with duckdb.connect() as connection:
        for table, rows in (
            ("register", register),
            ("delivered", [(*row, "2022-01-10", choose("new", "new", "gone")) for row in delivered]),
        ):
            connection.execute(
                f"CREATE TABLE {table} (day DATE, id TEXT, grp TEXT, town TEXT, decided TEXT, does TEXT)"
            )
            connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?)", rows)  # noqa: S608 - our own names
            (folder / table).mkdir()
            connection.execute(f"COPY {table} TO '{folder / table}/part.parquet' (FORMAT parquet)")


def compare(folder, seed):
    """The same as `_compare`, in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_compare, folder, seed).result()


def _compare(folder, seed):
    """Return what copied rows and signed rows say, and what an administrator of the cluster reads."""
    write_tables(folder, seed)
    logs = folder / "events"
    logs.mkdir()
    options = {
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.compress": "false",
        "spark.eventLog.dir": f"file://{logs}",
        "spark.sql.debug.maxToStringFields": "1000",
    }
    outcomes = []
    for engine in ("duckdb", "spark"):
        # The copied side does not know Spark: the files themselves are read, and their keys signed here.
        sources = {
            name: FileSource(path=f"{folder / name}/part.parquet", reader="parquet", period_column="day")
            if engine == "duckdb"
            else SparkSource(path=str(folder / name), period_column="day", options=options)
            for name in ("register", "delivered")
        }
        register = Register(
            source=sources["register"],
            decided_column="decided",
            segments=("grp", "town"),
            mutation_column="does",
            withdrawn=("gone",),
            count_by=(("grp",), ("grp", "town")),
        )
        feed = Feed(
            name="f",
            source=sources["delivered"],
            engine=engine,
            schedule=Schedule(cron="0 7 * * mon-fri"),
            key="id",
            evidence=OutsideEvidence(register=register),
        )
        reader = open_source("f", feed.source, root=folder, zone=ZONE)
        beside = open_source("f.evidence.register", register.source, root=folder, zone=ZONE)
        made = FeedKeys("s", feed, ZONE, reader, KEYS, None, Guard(), beside)
        (snapshot,) = beside.find(AT)
        outcomes.append(
            reconcile(*made.sides(RegisterSnapshot(snapshot.period, delivery=snapshot), reader.find(AT), AT))
        )
        made.close()
    with reader.open_in_place(reader.verify_in_place(reader.find(AT)[0])) as rows:
        pads = tuple((KEYS.make_pads(one).inner, KEYS.make_pads(one).outer) for one in KEYS.ids)
        signed = rows.dialect.hmac.format(text='"id"', inner="{inner key 0}", outer="{outer key 0}")
        asked = f"EXPLAIN EXTENDED SELECT {signed} FROM ({rows.select}) AS d{{keys}}"  # noqa: S608 - our own names
        plan = str(rows.query_signed(asked, pads)[1])
    from pyspark.sql import SparkSession  # noqa: PLC0415 - optional

    SparkSession.getActiveSession().stop()
    return outcomes, plan, [path.read_text(errors="replace") for path in logs.rglob("*") if path.is_file()]
