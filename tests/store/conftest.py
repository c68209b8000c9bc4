"""The same suite on a SQLite file and on a real PostgreSQL server."""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerContext

import psycopg
import pytest
from postgresql import running
from sqlalchemy import delete, make_url

from ketenwacht.store import History
from ketenwacht.store.tables import metadata

_SCHEMAS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own."""
    with running() as uri:
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # processes die here, the machine does not
            connection.execute("SELECT pg_reload_conf()")
        yield uri


@pytest.fixture(scope="session")
def processes() -> ForkServerContext:
    """Starts processes that share nothing with this one, and do not import everything anew each."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["alembic.command", "hypothesis", "ketenwacht.store", "psycopg", "pytest"])
    return context


@contextmanager
def schema(server: str) -> Iterator[str]:
    """The URL of an empty schema of its own, dropped afterwards."""
    name = f"s{next(_SCHEMAS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
        url = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
        yield url.render_as_string(hide_password=False)
        connection.execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture(scope="session")
def standing(server) -> Iterator[str]:
    """A schema with all its tables: to make them takes PostgreSQL longer than most tests do."""
    with schema(server) as url:
        yield url


@pytest.fixture
def postgresql(standing) -> str:
    """The URL of a history on PostgreSQL with nothing in it."""
    with History.open(standing) as history, history.database.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    return standing


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)]


@pytest.fixture(params=BOTH)
def url(request, tmp_path) -> str:
    """The URL of an empty history: each test runs once on each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/var/history.db"
    return request.getfixturevalue("postgresql")


@pytest.fixture(params=BOTH)
def new_url(request, tmp_path) -> Iterator[str]:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/var/history.db"
        return
    with schema(request.getfixturevalue("server")) as url:
        yield url


@pytest.fixture
def history(url) -> Iterator[History]:
    """An open, empty history."""
    with History.open(url) as opened:
        yield opened
