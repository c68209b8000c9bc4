"""Engines on databases of every kind, for tests that write what a feed reads."""

import duckdb
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from ketenwacht.dialects import build_duckdb_engine


def create_engine(url):
    """Return an engine that may write; the product itself opens DuckDB files for reading alone."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "duckdb":
        return build_duckdb_engine(lambda: duckdb.connect(parsed.database))
    return sa.create_engine(url, poolclass=NullPool)
