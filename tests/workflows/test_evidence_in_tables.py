"""Registers, references, inquiries and counts at hops that are not CSV files, judged as soon as they arrive."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
import sqlalchemy as sa
from postgresql import for_sqlalchemy, running
from tiny_feed import tiny_feed

from ketenwacht.api import Project
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.segment import WHOLE
from ketenwacht.errors import ConfigError
from ketenwacht.sources import CountTable
from ketenwacht.sources.whole_table import load_whole
from ketenwacht.workflows.check import check
from ketenwacht.workflows.evidence_files import EvidenceFiles, FilesSetAside
from ketenwacht.workflows.lint import find_faults
from ketenwacht.workflows.replay import replay

WEEK = [date(2022, 1, day) for day in (10, 11, 12, 13, 14)]
FRIDAY = datetime(2022, 1, 14, 18, tzinfo=UTC)
DAY = timedelta(days=1)
CHECKS = "checks: [{kind: reconciliation, segments: [kind]}, {kind: reference}, {kind: volume}]\n"
PERSON = "9912345678"
REGISTER = ("on_day DATE", "id VARCHAR(20)", "kind VARCHAR(20)", "decided DATE")
REFERENCE = (
    *("period_from DATE", "period_to DATE", "count INTEGER", "uncertainty DOUBLE PRECISION"),
    *("published_on DATE", "source VARCHAR(40)"),
)
HOP = ("period_from DATE", "period_to DATE", "kind VARCHAR(20)", "count INTEGER", "published_on DATE")


class Sql:
    """Tables of one database that SQLAlchemy reaches."""

    def __init__(self, url, root):
        self.url, self.root = url, root

    def source(self, table, period=None):
        own = {"kind": "table", "url": self.url, "table": table}
        return {**own, **({"period_column": period} if period else {})}

    def write(self, table, columns, rows):
        """Replace a table."""
        path = self.url.partition(":///")[2]
        if self.url.startswith("duckdb"):
            with duckdb.connect(str(self.root / path)) as connection:
                connection.execute(f"CREATE OR REPLACE TABLE {table} ({', '.join(columns)})")
                if rows:
                    connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)  # noqa: S608 - our own names
            return
        url = f"sqlite:///{self.root / path}" if self.url.startswith("sqlite") else self.url
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
            connection.exec_driver_sql(f"CREATE TABLE {table} ({', '.join(columns)})")
            values = [{f"c{i}": str(v) if v is not None else None for i, v in enumerate(row)} for row in rows]
            if values:
                casts = ", ".join(
                    f"CAST(:c{i} AS {column.split(' ', 1)[1]})" if "sqlite" not in url else f":c{i}"
                    for i, column in enumerate(columns)
                )
                connection.execute(sa.text(f"INSERT INTO {table} VALUES ({casts})"), values)  # noqa: S608 - our own names
        engine.dispose()


class Parquet:
    """Parquet files, one a table."""

    def __init__(self, root):
        self.root = root

    def source(self, table, period=None):
        own = {"kind": "files", "path": f"{table}.parquet", "reader": "parquet"}
        return {**own, **({"period_column": period} if period else {})}

    def write(self, table, columns, rows):
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE t ({', '.join(columns)})")
            if rows:
                connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(columns))})", rows)  # noqa: S608 - our own names
            connection.execute(f"COPY t TO '{self.root / table}.parquet' (FORMAT parquet)")


@pytest.fixture(scope="module")
def server():
    with running() as uri:
        yield for_sqlalchemy(uri)


@pytest.fixture(params=["sqlite", "duckdb", "postgresql", "parquet"])
def place(request, tmp_path):
    """Where evidence lies, beside the feed."""
    root = tmp_path / "feed"
    if request.param == "parquet":
        return Parquet(root)
    if request.param == "postgresql":
        url = request.getfixturevalue("server")
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS people, figures, sent, other")
        engine.dispose()
        return Sql(url, root)
    return Sql(f"{request.param}:///evidence.db", root)


def feed_with(root, evidence):
    """A feed of five deliveries with the persons 0 to 29, with this evidence, judged on the Friday at noon."""
    tiny = tiny_feed(root)
    config = tiny.root / "config.yaml"
    added = f"    key: id\n    evidence: {json.dumps(evidence)}\n    checks"
    config.write_text(config.read_text().replace("    checks", added, 1))
    (tiny.root / "checks.yaml").write_text(CHECKS)
    for day in WEEK:
        tiny.deliver(day, arrived=datetime(day.year, day.month, day.day, 5, tzinfo=UTC))
    return tiny


def judge(tiny, at):
    with tiny.session() as session:
        return [(run.delivery.id, run.by_evidence) for run in check(session, delivery=None, at=at)]


def failed(tiny):
    with tiny.session() as session:
        return {f.said.code for f in session.history.findings.find("tiny") if f.active}


def persons(day, count, *, decided="2021-12-20"):
    return [(day, str(i), "ab"[i % 2], date.fromisoformat(decided)) for i in range(count)]


def test_a_register_in_a_table_is_compared_when_a_new_day_is_in_it_and_once(tmp_path, place):
    register = {"source": place.source("people", "on_day"), "decided_column": "decided", "segments": ["kind"]}
    tiny = feed_with(tmp_path / "feed", {"register": register})
    place.write("people", REGISTER, persons(date(2022, 1, 13), 30))
    assert find_faults(tiny.root / "config.yaml") == []
    assert len(judge(tiny, FRIDAY)) == 5
    assert "reconciliation.missing" not in failed(tiny)
    assert judge(tiny, FRIDAY + DAY) == []
    place.write("people", REGISTER, persons(date(2022, 1, 13), 30) + persons(date(2022, 1, 14), 34))
    assert judge(tiny, FRIDAY + DAY) == [("2022-01-14", True)], "a new day in the table"
    assert "reconciliation.missing" in failed(tiny)
    assert judge(tiny, FRIDAY + DAY) == [], "the same days again are nothing to judge"
    with tiny.session() as session:
        found = session.history.evidence.find_reconciliations("tiny", until=None)
    whole = [(c.register_date.day, c.registered, c.missing, c.extra) for c in found if c.segment == WHOLE]
    assert whole == [(13, 30, 0, 0), (14, 34, 4, 0)]


def test_a_replay_compares_each_day_of_a_register_in_a_table(tmp_path, place):
    register = {"source": place.source("people", "on_day"), "decided_column": "decided", "segments": ["kind"]}
    tiny = feed_with(tmp_path / "feed", {"register": register})
    place.write("people", REGISTER, persons(date(2022, 1, 11), 30) + persons(date(2022, 1, 12), 32))
    with tiny.session() as session:
        list(replay(session, first=WEEK[0], last=WEEK[-1]))
        found = session.history.evidence.find_reconciliations("tiny", until=None)
    assert [(c.register_date.day, c.missing) for c in found if c.segment == WHOLE] == [(11, 0), (12, 2)]


def test_references_in_a_table_count_from_their_publication_and_a_correction_is_a_new_version(tmp_path, place):
    tiny = feed_with(tmp_path / "feed", {"references": [{"source": place.source("figures")}]})
    row = (date(2022, 1, 10), date(2022, 1, 14), 150, 0.02, date(2022, 1, 15), "CBS")
    place.write("figures", REFERENCE, [row])
    judge(tiny, FRIDAY)
    assert judge(tiny, FRIDAY) == [], "nobody could know it yet"
    assert judge(tiny, FRIDAY + DAY) == [("2022-01-14", True)]
    assert judge(tiny, FRIDAY + DAY) == []
    place.write("figures", REFERENCE, [row, (*row[:2], 900, 0.02, date(2022, 1, 16), "CBS")])
    assert judge(tiny, FRIDAY + 2 * DAY) == [("2022-01-14", True)], "a restated figure"
    with tiny.session() as session:
        found = session.history.evidence.find_references("tiny", known_on=None)
    assert [(f.version, f.count) for f in found] == [(2, 900.0)]


def test_counts_of_a_hop_in_a_table_are_those_of_a_file(tmp_path, place):
    tiny = feed_with(tmp_path / "feed", {"hops": {"sent": {"counts": [{"source": place.source("sent")}]}}})
    place.write("sent", HOP, [(day, day, kind, 15, day) for day in WEEK for kind in "ab"])
    with tiny.session() as session:
        session.intake.read_files(FRIDAY)
        read = session.intake.files.hop_counts()
        session.intake.read_files(FRIDAY)
        assert session.intake.files.hop_counts() == read
    assert sorted((f.period_from, str(f.segment), f.count) for f in read)[:2] == [
        (WEEK[0], "kind=a", 15.0),
        (WEEK[0], "kind=b", 15.0),
    ]


def test_a_table_that_is_not_there_is_set_aside_with_its_own_finding_and_found_again(tmp_path, place):
    register = {"source": place.source("people", "on_day"), "decided_column": "decided", "segments": ["kind"]}
    evidence = {"register": register, "references": [{"source": place.source("figures")}]}
    tiny = feed_with(tmp_path / "feed", evidence)
    place.write("other", HOP, [])
    assert len(judge(tiny, FRIDAY)) == 5, "the deliveries are judged all the same"
    with tiny.session() as session:
        live = [f for f in session.history.findings.find("tiny") if f.fingerprint.check == "evidence-files"]
    assert {str(f.fingerprint.segment) for f in live} == {
        "file=evidence.register",
        "file=evidence.references.0",
    }
    assert all(f.active for f in live)
    if isinstance(place, Sql):
        assert {f.said.code for f in live} == {"evidence_files.no_table"}
    place.write("people", REGISTER, persons(date(2022, 1, 14), 30))
    place.write("figures", REFERENCE, [])
    judge(tiny, FRIDAY + DAY)
    assert "evidence_files.set_aside" not in failed(tiny)


def test_a_table_of_counts_is_read_once_a_look_and_no_further_than_is_allowed(tmp_path, place):
    """A plain runner counts how often rows are read; a table of persons is not copied whole to be refused."""
    tiny = feed_with(tmp_path / "feed", {"references": [{"source": place.source("figures")}]})
    row = (date(2022, 1, 10), date(2022, 1, 14), 150, 0.02, date(2022, 1, 15), "CBS")
    place.write("figures", REFERENCE, [(*row[:5], f"CBS {n}") for n in range(5)])
    called = []

    def run(function, *arguments):
        called.append(arguments[0])
        return function(*arguments)

    with tiny.session() as session:
        feed, aside = session.context.feed, FilesSetAside(lambda *_: None, run=run)
        files = EvidenceFiles(feed, tiny.root, ZoneInfo("UTC"), session.history, Guard(), aside, run)
        for look in (1, 2):
            files.read(FRIDAY)
            assert [type(one) for one in called if isinstance(one, CountTable)].count(CountTable) == look
        assert len(session.history.evidence.find_references("tiny", known_on=None)) == 5
    source = feed.evidence.references[0].source
    with duckdb.connect() as scratch:
        load_whole(source, scratch, setting="s", root=tiny.root, zone=UTC, at_most=3)
        assert scratch.execute("SELECT count(*) FROM delivery").fetchall() == [(3,)]


def test_no_value_of_a_faulty_register_leaves(tmp_path, place, capfd):
    register = {"source": place.source("people", "on_day"), "decided_column": "decided", "segments": ["kind"]}
    evidence = {"register": register, "references": [{"source": place.source("figures")}]}
    tiny = feed_with(tmp_path / "feed", evidence)
    hashed = "d41d8cd98f00b204e9800998ecf8427e"
    place.write("people", (*REGISTER[:1], "id VARCHAR(40)", *REGISTER[2:]), [(WEEK[-1], hashed, PERSON, WEEK[0])])
    place.write("figures", (*REFERENCE[:5], "source VARCHAR(40)"), [(*WEEK[:2], 3, 0.1, WEEK[2], PERSON)])
    warnings: list[str] = []
    with tiny.session() as session:
        session.intake.aside.on_warning = lambda name, why: warnings.append(f"{name} {why}")
        list(check(session, delivery=None, at=FRIDAY + DAY))
    assert len(warnings) == 2
    kept = b"".join(path.read_bytes() for path in (tiny.root / "var").rglob("*") if path.is_file())
    for text in (*warnings, *capfd.readouterr(), kept.decode("latin-1")):
        assert PERSON not in text
        assert hashed not in text


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ({"register": {"decided_column": "d"}}, "register.path` is missing — add it, or a `source`"),
        (
            {"register": {"decided_column": "d", "path": "x", "pattern": "y", "source": {"path": "z"}}},
            "there is a `source`, and also a `path` or `pattern`",
        ),
        (
            {"register": {"decided_column": "d", "source": {"kind": "table", "url": "sqlite://", "table": "t"}}},
            "`feeds.tiny.evidence.register.source.period_column` is missing — add it",
        ),
        ({"references": [{"source": {"kind": "tabel", "url": "x"}}]}, "tabel"),
        ({"references": [{"source": {"kind": "table", "url": "x"}}]}, "source.table` is missing"),
    ],
)
def test_a_place_of_evidence_that_cannot_be_is_refused_by_lint(tmp_path, evidence, said):
    tiny = feed_with(tmp_path / "feed", evidence)
    assert any(said in str(fault) for fault in find_faults(tiny.root / "config.yaml")), list(
        map(str, find_faults(tiny.root / "config.yaml"))
    )


def test_a_comparison_on_request_takes_the_newest_register_that_is_configured(tmp_path, place):
    register = {"source": place.source("people", "on_day"), "decided_column": "decided", "segments": ["kind"]}
    tiny = feed_with(tmp_path / "feed", {"register": register})
    place.write("people", REGISTER, persons(date(2022, 1, 13), 30) + persons(date(2022, 1, 14), 50))
    done = Project(tiny.root / "config.yaml").reconcile(keep=False)
    assert done.to_dict()["register_date"] == "2022-01-14"
    with pytest.raises(ConfigError, match="no register is named"):
        Project(tiny.root / "config.yaml").reconcile(keep=False, day=date(2022, 1, 12))
