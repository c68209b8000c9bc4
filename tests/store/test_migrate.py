from __future__ import annotations

from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from ketenwacht.errors import StoreError
from ketenwacht.store import History
from ketenwacht.store.database import HistoryDatabase, connect
from ketenwacht.store.migrate import HEAD, known_revisions, move
from ketenwacht.store.tables import audit, metadata

from .samples import FEED, alert, delivery, event, incident, run, save, snapshot

assert audit.metadata is metadata  # papers' tables are compared too


BEFORE_0011 = {"smallest": 1.0, "detector": 1}
"""What a run comes back with from a revision that knew neither."""


def tables_of(database):
    with database.reading() as connection:
        return set(inspect(connection).get_table_names())


@pytest.fixture
def url(new_url):
    return new_url


@pytest.fixture
def bare(url):
    """A database without any table."""
    database = HistoryDatabase(connect(url, create=True, patience=1.0))
    yield database
    database.close()


def test_the_code_writes_the_newest_revision():
    assert known_revisions()[0] == HEAD


def test_a_new_history_is_at_the_newest_revision(history):
    assert history.read_revision() == HEAD


def test_the_migrations_make_exactly_the_tables_of_the_code(history):
    with history.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_going_down_leaves_nothing(history):
    save(history, run(), snapshot(), findings=[incident()], events=[event()], alerts=[alert()])
    move(history.database, "base")
    assert tables_of(history.database) == {"alembic_version"}


@pytest.mark.parametrize("start", known_revisions())
def test_every_earlier_revision_comes_up(bare, url, start):
    move(bare, start)

    with History.open(url) as history:
        assert history.read_revision() == HEAD
        assert history.runs.save(run(), snapshot()) is True


@pytest.mark.parametrize("target", known_revisions())
def test_going_down_and_up_keeps_what_the_lower_revision_knows(history, target):
    judged = replace(run(), smallest=7.0, detector=2)
    history.runs.save(judged, snapshot())

    move(history.database, target)
    move(history.database, HEAD)

    assert history.runs.find_snapshots(FEED) == (snapshot(),)
    assert history.runs.find(FEED) == (judged if target >= "0011" else replace(judged, **BEFORE_0011),)


def test_opening_again_changes_nothing(history, url):
    history.runs.save(run(), snapshot())

    with History.open(url) as again:
        assert again.runs.find(FEED) == (run(),)


def test_a_history_of_a_newer_version_is_left_alone_and_says_what_to_do(history, url):
    with history.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreError, match=r"revision 9999.*install the version that wrote it"):
        History.open(url)

    with history.database.reading() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"


def test_a_migration_that_fails_halfway_leaves_nothing(bare):
    with bare.writing() as connection:  # in the way of the last table but one of the first revision
        connection.execute(text("CREATE TABLE states (a INTEGER)"))

    with pytest.raises(StoreError, match="states"):
        move(bare, HEAD)

    assert tables_of(bare) == {"states"}


def test_a_migrated_history_takes_new_deliveries_of_a_known_series(history):
    history.runs.save(run(delivery(1)), snapshot(delivery(1)))
    move(history.database, "0001")
    move(history.database, HEAD)

    assert history.runs.save(run(delivery(2)), snapshot(delivery(2))) is True
