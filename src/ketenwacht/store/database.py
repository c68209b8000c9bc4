"""The connection to the history: SQLite by default, PostgreSQL by URL. One writer at a time, all or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Executable, Select, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError, StatementError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from ketenwacht.domain.measurement import MetricKey
from ketenwacht.errors import ConfigError, HistoryReplaced, StoreError, describe_file_fault
from ketenwacht.redaction import hide_secrets

Row = Mapping[str, object]
Settings = Callable[[DBAPIConnection, ConnectionPoolEntry], None]

_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_CONNECT_SECONDS = 10  # to reach a PostgreSQL server
_IDLE_SECONDS = 30  # that a PostgreSQL server waits for the next statement of a transaction


class HistoryDatabase:
    """The open database of a history: its engine, and how repositories read and write.

    Attributes:
        engine: the SQLAlchemy engine.
        where: the database as messages may name it, without credentials.
        audit_key: the HMAC key of the audit chain, None for a chain without a key.
        older_audit_keys: those that it was written with before.
        known_series: by feed, the series that the database is known to hold.
        guard: asked within every transaction that writes, before anything else; None: nobody.
        lock_url: of the PostgreSQL server for the leader lock alone; None: the address of the history itself.
    """

    def __init__(
        self, engine: Engine, *, audit_key: bytes | None = None, older_audit_keys: Sequence[bytes] = ()
    ) -> None:
        self.engine = engine
        self.where = place(engine.url)
        self.audit_key = audit_key
        self.older_audit_keys = older_audit_keys
        self.known_series: dict[str, dict[MetricKey, int]] = {}
        self.guard: Callable[[Connection], None] | None = None
        self.lock_url: str | None = None
        self._file = _file_of(engine.url)
        self._identity = _identity_of(self._file)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection on which every statement sees one and the same moment; nothing can be written.

        Raises:
            StoreError: the database cannot be reached or read.
        """
        self._check_file()
        with faults(self.where), self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def writing(self, *, guarded: bool = True) -> Iterator[Connection]:
        """Open one transaction: it is committed when the block ends well, and rolled back otherwise.

        Args:
            guarded: whether `guard` is asked first.

        Raises:
            LeadershipLost: the guard forbids it; nothing was written.
            StoreError: the database cannot be reached or written.
        """
        with self.begin(guarded=guarded) as transaction:
            yield transaction.connection

    @contextmanager
    def begin(self, *, guarded: bool = True) -> Iterator[Transaction]:
        """Open one transaction that several repositories can share; arguments and errors as for `writing`."""
        try:
            self._check_file()
            with faults(self.where), self.engine.connect() as connection:
                connection.execution_options(writes=True)
                with connection.begin():
                    if guarded and self.guard is not None:
                        self.guard(connection)
                    transaction = Transaction(self, connection)
                    yield transaction
                    for last in transaction.before_commit:
                        last()
        except StoreError:
            self.known_series.clear()  # the database may be another one than it was, restored from a backup
            raise
        for feed, series in transaction.new_series.items():
            self.known_series.setdefault(feed, {}).update(series)

    def ping(self) -> None:
        """Ask the database for an answer.

        Raises:
            StoreError: it gives none.
        """
        with self.reading() as connection:
            connection.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _check_file(self) -> None:
        """Refuse a SQLite file that is not the one that was opened: what is written to the old one is lost.

        Raises:
            HistoryReplaced: the file was deleted, moved away or replaced.
        """
        if self._file is None:
            return
        found = _identity_of(self._file)
        if self._identity is None:  # it was not there yet
            self._identity = found
        elif found != self._identity:
            raise HistoryReplaced(
                f"history {self.where}: its file was deleted or replaced while it was open"
                " — put the right file there and start the service again"
            )


class Transaction:
    """One open transaction. Repositories that are given it read and write in it; nobody commits but its opener.

    Attributes:
        connection: of the transaction.
        new_series: by feed, the series that it added; the database remembers them after the commit.
        facts: what it wrote, with digests, for the audit log; see `audit_facts.Digests`.
        before_commit: called in order when the block ends well. Lines of the audit log wait until then: they
            lock the log, and whoever holds it must wait for no other row.
    """

    def __init__(self, database: HistoryDatabase, connection: Connection) -> None:
        self._database = database
        self.connection = connection
        self.new_series: dict[str, dict[MetricKey, int]] = {}
        self.facts: dict[tuple[str, str], str | None] = {}
        self.before_commit: list[Callable[[], None]] = []

    @property
    def where(self) -> str:
        """The database as messages may name it, without credentials."""
        return self._database.where

    @property
    def audit_key(self) -> bytes | None:
        """The HMAC key of the audit chain, None for a chain without a key."""
        return self._database.audit_key

    @property
    def older_audit_keys(self) -> Sequence[bytes]:
        """The keys that the chain was written with before."""
        return self._database.older_audit_keys

    @property
    def known_series(self) -> Mapping[str, Mapping[MetricKey, int]]:
        """By feed, the series that the database is known to hold."""
        return self._database.known_series

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Return the connection of the transaction: what it has written is seen."""
        yield self.connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Return the connection of the transaction."""
        yield self.connection

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """Return the transaction itself: there is none inside another."""
        yield self


Connections = HistoryDatabase | Transaction
"""What a repository takes: a database (each call is a transaction of its own), or one open transaction."""


def connect(url: str, *, create: bool, patience: float) -> Engine:
    """Prepare an engine; nothing is reached yet.

    Args:
        url: `sqlite:///path`, `sqlite://` (in memory) or `postgresql://…`.
        create: make a SQLite file and its folders when they are not there.
        patience: seconds to wait for another process that is writing.

    Raises:
        StoreError: the URL is not one of these, or the file is not there and may not be made.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": _CONNECT_SECONDS,
                "application_name": "ketenwacht",
                "prepare_threshold": None,  # a pool gives the next transaction to a server that never prepared it
            },
        )
        event.listen(engine, "begin", _postgresql_settings(patience))
        return engine
    if parsed.database in {None, "", ":memory:"}:
        engine = create_engine(parsed, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        _sqlite_file(parsed, create=create)
        engine = create_engine(parsed, connect_args={"timeout": patience})
    event.listen(engine, "connect", _sqlite_settings(patience))
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def check_url(url: str) -> None:
    """Refuse what can be no URL of a history; nothing is reached, and no file is made.

    Raises:
        ConfigError: it is not one.
    """
    parse_url(url)


def rows_of(connection: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    """Return the rows of a query, by column name."""
    return [dict(row) for row in connection.execute(query).mappings()]


def ignore_known(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows whose key is not there yet."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)
    else:
        connection.execute(postgresql.insert(table).on_conflict_do_nothing(), rows)


def insert_plain(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows of plain numbers and texts, in the order of the columns, past SQLAlchemy: there are many."""
    if not rows:
        return
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    names = ", ".join(connection.dialect.identifier_preparer.quote(column.name) for column in table.columns)
    marks = ", ".join([mark] * len(table.columns))
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", list(rows))  # noqa: S608


def inserted(connection: Connection, table: Table, row: Row) -> object | None:
    """Insert a row and return the first column of its primary key; None if it exists."""
    key = next(iter(table.primary_key.columns))
    if connection.dialect.name == "sqlite":
        known = sqlite.insert(table).on_conflict_do_nothing().returning(key)
        return connection.execute(known, row).scalar_one_or_none()
    fresh = postgresql.insert(table).on_conflict_do_nothing().returning(key)
    return connection.execute(fresh, row).scalar_one_or_none()


def replace(connection: Connection, table: Table, row: Row) -> None:
    """Insert one row, or set every other column of the row with the same primary key."""
    connection.execute(_upsert(table, tuple(row), connection.dialect.name), row)


@cache
def _upsert(table: Table, names: tuple[str, ...], dialect: str) -> Executable:
    """Return the statement of `replace` for rows with these columns; the values come with each execution."""
    keys = [column.name for column in table.primary_key.columns]
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    others = {name: insert.excluded[name] for name in names if name not in keys}
    return insert.on_conflict_do_update(index_elements=keys, set_=others)


def parse_url(url: str) -> URL:
    """Return a URL of a history with its driver.

    Raises:
        ConfigError: it is not one, or is of another kind of database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigError(_URL, "the URL cannot be read", "write it as sqlite:///var/history.db") from None
    driver = _DRIVERS.get(parsed.get_backend_name())
    if driver is None:
        what = "only sqlite:///path and postgresql://host/database are known"
        raise ConfigError(_URL, what, "write it as sqlite:///var/history.db")
    if parsed.host is not None and "@" in parsed.host:
        raise ConfigError(_URL, "its password holds an @", "write it as %40")  # else it shows as the host
    return parsed.set(drivername=driver)


_URL = "history URL"


def _sqlite_file(url: URL, *, create: bool) -> None:
    if url.database is None or url.database.startswith("file:"):
        return  # a SQLite URI says itself what may be made
    path = Path(url.database)
    if not create and not path.exists():
        raise StoreError(f"history {place(url)}: there is none yet — judge a delivery first, or correct the URL")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise StoreError(
            f"history {place(url)}: its folder cannot be made ({describe_file_fault(fault)}) — name another one",
        ) from None
    if url.database != ":memory:" and not path.exists():
        with suppress(OSError):  # what is wrong with it is told when it is opened
            path.touch(mode=0o600)  # it holds exact counts; SQLite gives the files beside it the same mode


def _sqlite_settings(patience: float) -> Settings:
    def settings(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        del entry
        if isinstance(connection, sqlite3.Connection):
            connection.isolation_level = None  # transactions are begun by _sqlite_begin, never behind our back
        cursor = connection.cursor()
        try:
            cursor.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")
            cursor.execute("PRAGMA journal_mode = WAL")  # readers and the writer do not wait for one another
            cursor.execute("PRAGMA synchronous = FULL")  # what was committed survives a power cut
            cursor.execute("PRAGMA foreign_keys = ON")
        finally:
            cursor.close()

    return settings


def _sqlite_begin(connection: Connection) -> None:
    # A writer takes the lock first: a reader that turns writer halfway fails at once instead of waiting.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql_settings(patience: float) -> Callable[[Connection], None]:
    # For each transaction and not for the connection: behind a pool, the next transaction has another one.
    # A process that hangs in the middle of a write must not block the one that takes over.
    # A reading transaction is made read-only here: the driver's own option would begin each later transaction of
    # the connection READ WRITE, which overrides a server, database or role that was made read-only.
    limits = {"lock_timeout": round(patience * 1000), "idle_in_transaction_session_timeout": _IDLE_SECONDS * 1000}
    write = "SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in limits.items())
    read = f"{write}, set_config('transaction_read_only', 'on', true)"

    def settings(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql(write if writes else read)

    return settings


def _file_of(url: URL) -> Path | None:
    named = url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}
    return Path(str(url.database)) if named and not str(url.database).startswith("file:") else None


def _identity_of(file: Path | None) -> tuple[int, int] | None:
    """Return device and inode of a file; None when it is not there."""
    try:
        found = None if file is None else file.stat()
    except OSError:
        return None
    return None if found is None else (found.st_dev, found.st_ino)


# Faults of the database in plain words: no statement, no parameter, no password.


GRANT_WRITING = "grant the role SELECT, INSERT, UPDATE and DELETE on the tables of the history"
_REMEDIES = (
    ("database is locked", "another process is writing to it; try again, or stop that process"),
    ("lock timeout", "another process is writing to it; try again, or stop that process"),
    ("database schema is locked", "another process is writing to it; try again, or stop that process"),
    ("readonly database", "it can be read but not written; check the owner and mode of the file and its folder"),
    ("unable to open database file", "check that its folder exists and may be written"),
    (
        "read-only transaction",
        "the server is a read-only replica, or set read-only; use the address of the primary",
    ),
    ("recovery", "the server is a replica, or still starts; use the address of the primary"),
    ("permission denied for schema", "grant the role USAGE and CREATE on the schema of the history"),
    ("no schema has been selected", "create the schema, or grant the role USAGE and CREATE on it"),
    ("permission denied", GRANT_WRITING),
    ("must be owner", "give the tables to the role of the history, which migrates them"),
    (
        "unsupported startup parameter",
        "a pool between refuses an option; let it ignore the option, or name the server",
    ),
    ("prepared statement", "a pool between changes connections; let every process use this version"),
    ("query_wait_timeout", "the pool between has no free connection; raise its size"),
    ("too many", "the server has no free connection; raise max_connections, or stop other programs"),
    (
        "remaining connection slots",
        "the server has no free connection; raise max_connections, or stop other programs",
    ),
    ("no pg_hba.conf entry", "allow this machine and role in pg_hba.conf"),
    ("certificate", "correct sslrootcert, or the certificate of the server"),
    ("translate host name", "correct the host, or ask who runs DNS"),
    ("failed to resolve host", "correct the host, or ask who runs DNS"),
    ("timeout expired", "is the server on, and does a firewall let this machine through?"),
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
    """Return a database as messages may name it: without user, password and query, any of which may be secret."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{url.database or ':memory:'}"
    return f"{url.get_backend_name()}://{url.host or 'localhost'}/{url.database or ''}"


def explained(fault: Exception, where: str) -> StoreError:
    """Return the fault in our own words, and how to mend it."""
    what = hide_secrets(_first_line(fault))
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
