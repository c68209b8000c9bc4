"""What a database fault means to the person who reads it. No statement, no parameter, no password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, SQLAlchemyError, StatementError

from ketenwacht.errors import StoreError

_REMEDIES = (
    ("database is locked", "another process is writing to it; try again, or stop that process"),
    ("lock timeout", "another process is writing to it; try again, or stop that process"),
    ("database schema is locked", "another process is writing to it; try again, or stop that process"),
    ("readonly database", "it can be read but not written; check the owner and mode of the file and its folder"),
    ("unable to open database file", "check that its folder exists and may be written"),
    ("disk is full", "free some space on its disk, or prune the history"),
    ("disk i/o error", "check the disk that it is on"),
    ("no space left", "free some space on its disk, or prune the history"),
    ("not a database", "the file is no SQLite database; name another one"),
    ("malformed", "the file is damaged; restore a backup"),
    ("connection refused", "start the database server, or correct the host and port"),
    ("connection unexpectedly", "the database server went away; try again"),
    ("terminating connection", "the database server went away; try again"),
    ("password authentication failed", "correct the user and password"),
    ("does not exist", "create it, or correct the URL"),
    ("unique constraint", "it holds other content under the same identity; nothing was written"),
    ("foreign key constraint", "it was changed or restored meanwhile; try again"),
)


def place(url: URL) -> str:
    """A database as messages may name it: without user, password and query, any of which may be secret."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{url.database or ':memory:'}"
    return f"{url.get_backend_name()}://{url.host or 'localhost'}/{url.database or ''}"


def explained(fault: Exception, where: str) -> StoreError:
    """The fault in our own words, and how to mend it."""
    what = _first_line(fault)
    lowered = what.lower()
    mend = next((remedy for sign, remedy in _REMEDIES if sign in lowered), None)
    return StoreError(f"history {where}: {what}" + ("" if mend is None else f" — {mend}"))


@contextmanager
def faults(where: str) -> Iterator[None]:
    """Turn what the database raises inside into a `StoreError`; everything else passes."""
    try:
        yield
    except (SQLAlchemyError, UnicodeError) as fault:
        raise explained(fault, where) from None


def _first_line(fault: Exception) -> str:
    if isinstance(fault, UnicodeError):
        return "a name holds characters that a database cannot keep"
    if isinstance(fault, ArgumentError):
        return "the URL cannot be read"
    if isinstance(fault, StatementError) and fault.orig is not None:
        # PostgreSQL puts values into DETAIL and CONTEXT lines, never into the first one.
        return (str(fault.orig).strip() or type(fault.orig).__name__).splitlines()[0]
    return type(fault).__name__
