"""A tiny feed, and both kinds of database."""

import psycopg
import pytest
from postgresql import running
from sqlalchemy import make_url
from tiny_feed import tiny_feed


@pytest.fixture
def tiny(tmp_path):
    return tiny_feed(tmp_path / "feed")


@pytest.fixture(scope="session")
def server():
    with running() as uri:
        yield uri


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
