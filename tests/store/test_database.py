from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest
from sqlalchemy import event

from ketenwacht.errors import KetenwachtError, StoreError
from ketenwacht.store import History
from ketenwacht.store.audit import AuditEntry, take_turns

from .samples import AT, FEED, delivery, run, snapshot


def sqlite_url(path) -> str:
    return f"sqlite:///{path}"


def test_the_folders_of_a_sqlite_file_are_made(tmp_path):
    with History.open(sqlite_url(tmp_path / "a" / "b" / "history.db")) as history:
        history.ping()
    assert (tmp_path / "a" / "b" / "history.db").exists()


def test_only_who_made_a_history_can_read_it_and_one_that_is_there_keeps_its_mode(tmp_path):
    fresh, shared = tmp_path / "fresh.db", tmp_path / "shared.db"
    shared.touch(mode=0o640)
    for path in (fresh, shared):
        with History.open(sqlite_url(path)) as history:
            history.runs.save(run(), snapshot())
            beside = {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.glob(f"{path.name}*")}
        assert beside == {stat.S_IMODE(path.stat().st_mode)}
    assert [stat.S_IMODE(path.stat().st_mode) for path in (fresh, shared)] == [0o600, 0o640]


def test_sqlite_is_set_to_survive_a_power_cut_and_to_keep_its_references(tmp_path):
    with (
        History.open(sqlite_url(tmp_path / "history.db"), patience=1.5) as history,
        history.database.reading() as connection,
    ):
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 1500}


def test_a_history_in_memory_works_and_is_gone_afterwards():
    with History.open("sqlite://") as history:
        history.runs.save(run(), snapshot())
        assert history.runs.find_snapshots(FEED) == (snapshot(),)
    with History.open("sqlite://") as history:
        assert history.runs.find_snapshots(FEED) == ()


def test_a_history_that_must_be_there_is_not_made(tmp_path):
    with pytest.raises(StoreError, match="there is none yet"):
        History.open(sqlite_url(tmp_path / "a" / "history.db"), create=False)
    assert not (tmp_path / "a").exists()


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"its folder cannot be made .* name another one"):
        History.open(sqlite_url(tmp_path / "file" / "history.db"))


def test_a_folder_in_place_of_the_file_is_said(tmp_path):
    with pytest.raises(StoreError, match=r"unable to open .* may be written"):
        History.open(sqlite_url(tmp_path))


def test_a_file_that_is_no_database_is_said(tmp_path):
    (tmp_path / "history.db").write_text("volgnummer;v_nummer\n" * 100)
    with pytest.raises(StoreError, match="no SQLite database; name another one"):
        History.open(sqlite_url(tmp_path / "history.db"))


def test_a_file_that_may_only_be_read_is_read_and_not_written(tmp_path):
    with History.open(sqlite_url(tmp_path / "history.db")) as history:
        history.runs.save(run(), snapshot())

    with History.open(f"sqlite:///file:{tmp_path}/history.db?mode=ro&uri=true") as history:
        assert history.runs.find_snapshots(FEED) == (snapshot(),)
        with pytest.raises(StoreError, match="can be read but not written"):
            history.runs.save(run(delivery(2)), snapshot(delivery(2)))


def test_another_writer_is_waited_for_and_then_said(tmp_path):
    with (
        History.open(sqlite_url(tmp_path / "history.db"), patience=0.05) as history,
        closing(sqlite3.connect(tmp_path / "history.db", isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="database is locked — another process is writing"):
            history.runs.save(run(), snapshot())
        assert history.runs.find_snapshots(FEED) == ()  # readers do not wait for it
        other.execute("ROLLBACK")
        assert history.runs.save(run(), snapshot()) is True


def test_who_waits_too_long_for_another_writer_is_told_so(history, url):
    with History.open(url, patience=0.1) as other, history.database.writing() as connection:
        take_turns(connection)
        with pytest.raises(StoreError, match="another process is writing"):
            other.audit.add(AuditEntry("approve", "thing", "ok", "cli", "anna", AT))
    assert history.audit.find() == ()


def test_a_history_that_is_up_to_date_is_opened_without_alembic(history, url):
    script = (
        f"import sys; from ketenwacht.store import History; History.open({url!r}).close(); print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    ).stdout.split()
    assert "sqlalchemy" in loaded
    assert "alembic" not in loaded
    assert "great_expectations" not in loaded


def test_a_full_disk_is_said_and_leaves_nothing_half(tmp_path):
    with History.open(sqlite_url(tmp_path / "history.db")) as history:
        with history.database.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        with history.database.writing() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")

        with pytest.raises(StoreError, match="disk is full — free some space"):
            history.runs.save(run(), snapshot(**{f"metric {n} {'long' * 50}": 1.0 for n in range(200)}))

        assert history.runs.find_judged(FEED) == frozenset()
        assert history.runs.save(run(), snapshot()) is True


def test_reading_cannot_write(history):
    if history.database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite knows no transaction that only reads")
    with pytest.raises(StoreError, match="read-only"), history.database.reading() as connection:
        connection.exec_driver_sql("DELETE FROM runs")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://u:geheim@h/d", "only sqlite"),
        ("no url at all geheim", "cannot be read"),
        ("postgresql://u:geheim@localhost:1/d?password=geheim2", "start the database server"),
        ("postgresql+psycopg://u:geheim@localhost:1/d", "postgresql://localhost/d"),
        ("postgres://u:geheim@localhost:1/d", "postgresql://localhost/d"),
        ("postgresql://u:x@geheim@localhost:1/d", "as %40"),
    ],
    ids=["another database", "no URL", "nobody listens", "with its driver", "in another spelling", "an @ in it"],
)
def test_a_url_that_does_not_work_is_said_without_its_password(url, said):
    with pytest.raises(KetenwachtError, match=said) as caught:
        History.open(url)
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_name_that_no_database_can_keep_is_said_and_not_shown(history):
    with pytest.raises(StoreError) as caught:
        history.runs.save(run(delivery(id="a\udc80b")), snapshot(delivery(id="a\udc80b")))
    assert "characters that a database cannot keep" in str(caught.value)


def test_what_a_reader_sees_does_not_change_under_it(history, url):
    history.runs.save(run(delivery(1)), snapshot(delivery(1)))
    with history.database.reading() as connection, History.open(url) as other:
        before = connection.exec_driver_sql("SELECT count(*) FROM runs").scalar_one()
        other.runs.save(run(delivery(2)), snapshot(delivery(2)))
        assert connection.exec_driver_sql("SELECT count(*) FROM runs").scalar_one() == before == 1


@pytest.mark.integration
def test_postgresql_that_restarts_is_found_again(postgresql):
    with History.open(postgresql) as history, History.open(postgresql) as other:
        history.ping()
        with other.database.writing() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'ketenwacht' AND pid <> pg_backend_pid()",
            )
        assert history.runs.save(run(), snapshot()) is True


def test_every_connection_goes_back(history):
    out = []
    event.listen(history.database.engine, "checkout", lambda *_: out.append(1))
    event.listen(history.database.engine, "checkin", lambda *_: out.pop())
    history.runs.save(run(), snapshot())
    history.runs.find_snapshots(FEED)
    assert out == []
