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

from .samples import AT, DAY, FEED, MANIFEST, absent, alert, delivery, event, incident, run, snapshot

CUT = DAY + timedelta(3)


@pytest.fixture
def old(history):
    """Four deliveries, on the days 1 to 4 after DAY, and all that can hang on them."""
    for n in (1, 2, 3, 4):
        of = delivery(n, manifest=MANIFEST)
        at = AT + timedelta(n)
        closed = replace(incident(f"i{n}", check=f"c{n}", state=State.CLOSED), closed_at=at)
        told = replace(alert(f"a{n}", topic=f"{FEED}/{of.period}"), created_at=at)
        history.save(
            run(of),
            snapshot(of),
            states={"volume": {"n": n}},
            incidents=[closed],
            events=[event(f"i{n}")],
            alerts=[told],
        )
        history.mark_sent(told.id, at=at, ref=None)
        history.expect(FEED, [at], watermark=at)
        history.fulfil(FEED, at, of.id, "received", at)
    return history


def counts(history):
    with history.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def prune(history, *, before=CUT, dry_run=False, **more):
    return history.prune(FEED, before=before, dry_run=dry_run, who="anna", at=AT, **more)


GOING = {
    "measurements": 8,
    "results": 6,
    "states": 2,
    "runs": 2,
    "events": 2,
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
    assert [one.delivery.period for one in old.runs(FEED)] == [CUT, CUT + timedelta(1)]
    assert prune(old) == dict.fromkeys(GOING, 0)


def test_a_delivery_that_was_pruned_is_not_judged_again(old):
    prune(old)
    of = delivery(1, manifest=MANIFEST)
    assert (of.id, of.sha256) in old.judged(FEED)
    assert old.save(run(of, name="again"), snapshot(of)) is False


def test_the_newest_run_stays_whatever_its_age(old):
    prune(old, before=DAY + timedelta(365))
    assert [one.delivery.id for one in old.runs(FEED)] == ["000004"]
    assert old.states(FEED) == {"volume": {"n": 4}}


def test_only_the_wanted_kinds_go(old):
    assert prune(old, kinds=["alerts"]) == {"alerts": 2}
    assert len(old.runs(FEED)) == 4


def test_what_is_not_finished_stays(history):
    due = AT - timedelta(9)
    history.save(run(absent()), snapshot(absent()), incidents=[incident()], events=[event()], alerts=[alert()])
    history.expect(FEED, [due], watermark=due)

    assert set(prune(history, before=DAY + timedelta(365)).values()) == {0}


def test_another_feed_is_left_alone(old):
    for feed in ("parcel", "parcels-2", "p%"):
        of = delivery(1, feed=feed)
        told = replace(alert(feed, topic=f"{feed}/x"), created_at=AT)
        old.save(run(of), snapshot(of), alerts=[told])
        old.mark_sent(feed, at=AT, ref=None)
    prune(old)
    assert old.outbox_counts()["sent"] == 5
    assert len(old.runs("parcel")) == 1
    assert old.prune("p%", before=DAY + timedelta(99), dry_run=True, who="", at=AT)["alerts"] == 1


def test_pruning_leaves_its_line_in_the_audit_log(old):
    prune(old, dry_run=True)
    prune(old)
    (line,) = old.audit_trail()
    assert (line.entry.action, line.entry.actor) == ("prune", "anna")
    assert "2 runs" in line.entry.result


# --- copies of a SQLite history


@pytest.fixture
def file(tmp_path):
    with History.open(f"sqlite:///{tmp_path}/history.db") as opened:
        yield opened


def test_a_backup_is_a_whole_history_in_one_file(file, tmp_path):
    file.save(run(), snapshot())

    file.backup(tmp_path / "away" / "copy.db")

    (copied,) = (tmp_path / "away").iterdir()
    assert (copied.name, stat.S_IMODE(copied.stat().st_mode)) == ("copy.db", 0o600)
    with History.open(f"sqlite:///{tmp_path}/away/copy.db") as copy:
        assert copy.runs(FEED) == (run(),)


def test_a_backup_can_be_made_while_others_write(file, tmp_path):
    stop = threading.Event()

    def keep_writing():
        n = 0
        while not stop.is_set():
            n += 1
            file.save(run(delivery(n)), snapshot(delivery(n)))

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        for n in range(5):
            file.backup(tmp_path / f"copy{n}.db")
    finally:
        stop.set()
        writer.join()

    for n in range(5):
        with History.open(f"sqlite:///{tmp_path}/copy{n}.db") as copy:
            runs = copy.runs(FEED)
            assert [one.delivery.id for one in runs] == [f"{m:06}" for m in range(1, len(runs) + 1)]
            assert all(one.measurements == snapshot().measurements for one in copy.snapshots(FEED))


def test_a_restored_history_is_what_it_was_for_all_who_have_it_open(file, tmp_path):
    file.save(run(delivery(1)), snapshot(delivery(1)))
    file.backup(tmp_path / "copy.db")
    with History.open(f"sqlite:///{tmp_path}/history.db") as other:
        other.save(run(delivery(2)), snapshot(delivery(2), rows=1.0, other=2.0))

        file.restore(tmp_path / "copy.db", who="anna", at=AT)

        assert other.runs(FEED) == (run(delivery(1)),)
        with pytest.raises(StoreError, match="changed or restored meanwhile; try again"):
            other.save(run(delivery(3)), snapshot(delivery(3), other=3.0))
        assert other.save(run(delivery(3)), snapshot(delivery(3), other=3.0)) is True
        assert other.snapshots(FEED)[1].value("other") == 3.0
    assert [line.entry.action for line in file.audit_trail()] == ["restore"]


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
    file.save(run(), snapshot())
    make(tmp_path / "copy.db")

    with pytest.raises(StoreError, match=said):
        file.restore(tmp_path / "copy.db", who="anna", at=AT)

    assert file.runs(FEED) == (run(),)


def test_a_backup_of_a_newer_version_changes_nothing(file, tmp_path):
    file.backup(tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        copy.execute("UPDATE alembic_version SET version_num = '9999'")
        copy.commit()

    with pytest.raises(StoreError, match="revision 9999 is not known"):
        file.restore(tmp_path / "copy.db", who="anna", at=AT)

    assert file.revision() != "9999"


def test_a_place_that_cannot_hold_a_backup_is_said(file, tmp_path):
    (tmp_path / "away").touch()
    with pytest.raises(StoreError):
        file.backup(tmp_path / "away" / "copy.db")


@pytest.mark.integration
def test_postgresql_is_copied_with_its_own_tools(postgresql, tmp_path):
    with History.open(postgresql) as history:
        with pytest.raises(StoreError, match="pg_dump"):
            history.backup(tmp_path / "copy.db")
        with pytest.raises(StoreError, match="pg_restore"):
            history.restore(tmp_path / "copy.db", who="anna", at=AT)
