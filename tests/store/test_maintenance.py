from __future__ import annotations

import sqlite3
import stat
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ketenwacht.domain.findings.finding import State
from ketenwacht.errors import StoreError
from ketenwacht.store import History
from ketenwacht.store.tables import metadata

from .samples import AT, DAY, FEED, MANIFEST, absent, alert, delivery, event, incident, run, save, snapshot

CUT = DAY + timedelta(3)


@pytest.fixture
def old(history):
    """Four deliveries, on the days 1 to 4 after DAY, and all that can hang on them."""
    for n in (1, 2, 3, 4):
        of = delivery(n, manifest=MANIFEST)
        at = AT + timedelta(n)
        closed = replace(incident(f"i{n}", check=f"c{n}", state=State.CLOSED), closed_at=at)
        told = replace(alert(f"a{n}", topic=f"{FEED}/{of.period}"), created_at=at)
        save(
            history,
            run(of),
            snapshot(of),
            states={"volume": {"n": n}},
            findings=[closed],
            events=[event(f"i{n}")],
            alerts=[told],
        )
        history.outbox.mark_sent(told.id, at=at, ref=None)
        history.expected.add(FEED, [at], watermark=at)
        history.expected.set_verdict(FEED, at, of.id, "received", at)
    return history


def counts(history):
    with history.database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def prune(history, *, before=CUT, dry_run=False, **more):
    return history.maintenance.prune(FEED, before=before, dry_run=dry_run, who="anna", at=AT, **more)


GOING = {
    "measurements": 8,
    "results": 6,
    "states": 2,
    "runs": 2,
    "events": 2,
    "memberships": 0,
    "incidents": 2,
    "alerts": 2,
    "expected": 2,
}


def test_what_would_go_is_counted_and_stays(old):
    before = counts(old)
    assert prune(old, dry_run=True) == GOING
    assert counts(old) == before


def test_what_is_older_goes_and_the_day_itself_stays(old):
    before = counts(old)

    assert prune(old) == GOING

    after = counts(old)
    assert {name: before[name] - after[name] for name in GOING} == GOING
    assert [one.delivery.period for one in old.runs.find(FEED)] == [CUT, CUT + timedelta(1)]
    assert prune(old) == dict.fromkeys(GOING, 0)


def test_a_delivery_that_was_pruned_is_not_judged_again(old):
    prune(old)
    of = delivery(1, manifest=MANIFEST)
    assert (of.id, of.sha256) in old.runs.find_judged(FEED)
    assert old.runs.save(run(of, name="again"), snapshot(of)) is False


def test_the_newest_run_stays_whatever_its_age(old):
    prune(old, before=DAY + timedelta(365))
    assert [one.delivery.id for one in old.runs.find(FEED)] == ["000004"]
    assert old.runs.find_states(FEED) == {"volume": {"n": 4}}


def test_only_the_wanted_kinds_go(old):
    assert prune(old, kinds=["alerts"]) == {"alerts": 2}
    assert len(old.runs.find(FEED)) == 4


def test_what_is_not_finished_stays(history):
    due = AT - timedelta(9)
    save(history, run(absent()), snapshot(absent()), findings=[incident()], events=[event()], alerts=[alert()])
    history.expected.add(FEED, [due], watermark=due)

    assert set(prune(history, before=DAY + timedelta(365)).values()) == {0}


def test_another_feed_is_left_alone(old):
    for feed in ("parcel", "parcels-2", "p%"):
        of = delivery(1, feed=feed)
        told = replace(alert(feed, topic=f"{feed}/x"), created_at=AT)
        save(old, run(of), snapshot(of), alerts=[told])
        old.outbox.mark_sent(feed, at=AT, ref=None)
    prune(old)
    assert old.outbox.count()["sent"] == 5
    assert len(old.runs.find("parcel")) == 1
    assert old.maintenance.prune("p%", before=DAY + timedelta(99), dry_run=True, who="", at=AT)["alerts"] == 1


def test_pruning_leaves_its_line_in_the_audit_log(old):
    prune(old, dry_run=True)
    prune(old)
    (line,) = old.audit.find()
    assert (line.entry.action, line.entry.actor) == ("prune", "anna")
    assert "2 runs" in line.entry.result


# --- copies of a SQLite history


@pytest.fixture
def file(tmp_path):
    with History.open(f"sqlite:///{tmp_path}/history.db") as opened:
        yield opened


def test_a_backup_is_a_whole_history_in_one_file(file, tmp_path):
    file.runs.save(run(), snapshot())

    file.maintenance.backup(tmp_path / "away" / "copy.db")

    (copied,) = (tmp_path / "away").iterdir()
    assert (copied.name, stat.S_IMODE(copied.stat().st_mode)) == ("copy.db", 0o600)
    with History.open(f"sqlite:///{tmp_path}/away/copy.db") as copy:
        assert copy.runs.find(FEED) == (run(),)


def test_a_backup_can_be_made_while_others_write(file, tmp_path):
    stop = threading.Event()

    def keep_writing():
        n = 0
        while not stop.is_set():
            n += 1
            file.runs.save(run(delivery(n)), snapshot(delivery(n)))

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        for n in range(5):
            file.maintenance.backup(tmp_path / f"copy{n}.db")
    finally:
        stop.set()
        writer.join()

    for n in range(5):
        with History.open(f"sqlite:///{tmp_path}/copy{n}.db") as copy:
            runs = copy.runs.find(FEED)
            assert [one.delivery.id for one in runs] == [f"{m:06}" for m in range(1, len(runs) + 1)]
            assert all(one.measurements == snapshot().measurements for one in copy.runs.find_snapshots(FEED))


def test_a_restored_history_is_what_it_was_for_all_who_have_it_open(file, tmp_path):
    file.runs.save(run(delivery(1)), snapshot(delivery(1)))
    file.maintenance.backup(tmp_path / "copy.db")
    with History.open(f"sqlite:///{tmp_path}/history.db") as other:
        other.runs.save(run(delivery(2)), snapshot(delivery(2), rows=1.0, other=2.0))

        file.maintenance.restore(tmp_path / "copy.db", who="anna", at=AT)

        assert other.runs.find(FEED) == (run(delivery(1)),)
        with pytest.raises(StoreError, match="changed or restored meanwhile; try again"):
            other.runs.save(run(delivery(3)), snapshot(delivery(3), other=3.0))
        assert other.runs.save(run(delivery(3)), snapshot(delivery(3), other=3.0)) is True
        assert other.runs.find_snapshots(FEED)[1].value("other") == 3.0
    assert [line.entry.action for line in file.audit.find()] == ["restore"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda _: None, "unable to open"),
        (lambda path: path.write_text("no database" * 999), "not a database"),
        (lambda path: sqlite3.connect(path).close(), "no such table"),
    ],
    ids=["not there", "no database", "empty"],
)
def test_what_is_no_backup_changes_nothing(file, tmp_path, make, said):
    file.runs.save(run(), snapshot())
    make(tmp_path / "copy.db")

    with pytest.raises(StoreError, match=said):
        file.maintenance.restore(tmp_path / "copy.db", who="anna", at=AT)

    assert file.runs.find(FEED) == (run(),)


def test_a_backup_of_a_newer_version_changes_nothing(file, tmp_path):
    file.maintenance.backup(tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        copy.execute("UPDATE alembic_version SET version_num = '9999'")
        copy.commit()

    with pytest.raises(StoreError, match="revision 9999 is not known"):
        file.maintenance.restore(tmp_path / "copy.db", who="anna", at=AT)

    assert file.read_revision() != "9999"


def test_a_place_that_cannot_hold_a_backup_is_said(file, tmp_path):
    (tmp_path / "away").touch()
    with pytest.raises(StoreError):
        file.maintenance.backup(tmp_path / "away" / "copy.db")


@pytest.mark.integration
def test_postgresql_is_copied_with_its_own_tools(postgresql, tmp_path):
    with History.open(postgresql) as history:
        with pytest.raises(StoreError, match="pg_dump"):
            history.maintenance.backup(tmp_path / "copy.db")
        with pytest.raises(StoreError, match="pg_restore"):
            history.maintenance.restore(tmp_path / "copy.db", who="anna", at=AT)
