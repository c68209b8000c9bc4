"""Through a pool of transactions the history works, and the leader lock is refused."""

from datetime import timedelta
from time import monotonic

import psycopg
import pytest
from pooled import pooled
from sqlalchemy import make_url

from ketenwacht.domain.findings.finding import Alert
from ketenwacht.errors import PooledLock, StoreError
from ketenwacht.store import LEADER, History, build_leader_lock
from ketenwacht.store.migrate import check_creating
from ketenwacht.workflows import clock

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def base(server):
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE pooled")
    return make_url(server).set(database="pooled").render_as_string(hide_password=False)


def lock(history, name):
    return build_leader_lock(
        history.leases, LEADER, worker=name, length=timedelta(seconds=30), monotonic=monotonic
    )


@pytest.mark.parametrize("size", [1, 5])
def test_a_lock_through_transactions_of_a_pool_is_refused_with_the_remedy(base, size):
    with pooled(base, "transaction", size=size) as uri, History.open(uri) as one, History.open(uri) as two:
        first, second = lock(one, "a"), lock(two, "b")
        for _ in range(3):
            assert [first.keep(), second.keep()] == [False, False], "nobody leads rather than two"
        assert isinstance(first.fault, PooledLock)
        assert "set history_lock_url" in str(first.fault)


def test_with_an_address_of_the_server_for_the_lock_one_leads_through_a_pool(base):
    with (
        pooled(base, "transaction") as uri,
        History.open(uri, lock_url=base) as one,
        History.open(uri, lock_url=base) as two,
    ):
        first, second = lock(one, "a"), lock(two, "b")
        assert [first.keep(), second.keep(), first.keep()] == [True, False, True]
        for number in range(12):  # more often than a driver waits before it prepares a statement
            one.outbox.add([Alert(str(number), "console", "t", "test", "{}", clock.now())])
            assert len(two.outbox.find()) == number + 1
        first.leave()
        assert second.keep()
        second.leave()


def test_a_pool_that_keeps_sessions_keeps_the_lock(base):
    with pooled(base, "session") as uri, History.open(uri) as one, History.open(uri) as two:
        first, second = lock(one, "a"), lock(two, "b")
        assert [first.keep(), second.keep(), first.keep()] == [True, False, True]
        assert first.fault is None
        first.leave()
        assert second.keep()
        second.leave()


ROLES = [
    ("a role without CREATE", "CREATE SCHEMA held", "grant the role USAGE and CREATE"),
    (
        "a replica or read-only server",
        "ALTER ROLE watcher SET default_transaction_read_only = on",
        "read-only replica",
    ),
]


@pytest.mark.parametrize(("sentence", "given", "remedy"), ROLES, ids=[one[0] for one in ROLES])
def test_a_history_that_the_role_may_not_make_is_told_with_the_remedy(base, sentence, given, remedy):
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute("CREATE ROLE watcher LOGIN")
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        connection.execute(given)
    try:
        url = make_url(base).set(username="watcher").render_as_string(hide_password=False)
        with pytest.raises(StoreError, match=remedy):
            check_creating(url)
    finally:
        with psycopg.connect(base, autocommit=True) as connection:
            connection.execute("DROP ROLE watcher")
            connection.execute("DROP SCHEMA IF EXISTS held")
