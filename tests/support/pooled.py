"""A real pgbouncer before a PostgreSQL server of our own."""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from time import monotonic

import psycopg
import pytest
from sqlalchemy import make_url


@contextmanager
def pooled(server, mode, *, size=5):
    """The URI of a pool before `server`; the test is skipped where there is no pgbouncer."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed: apt-get install pgbouncer")
    url = make_url(server)
    with tempfile.TemporaryDirectory(prefix="kw-pool-") as folder:
        place = Path(folder)
        place.chmod(0o777)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        host = url.host or url.query["host"]
        target = f"host={host} port={url.port or 5432} dbname={url.database} user={url.username}"
        (place / "pool.ini").write_text(
            f"[databases]\n* = {target}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
            f"unix_socket_dir =\nauth_type = any\npool_mode = {mode}\ndefault_pool_size = {size}\n"
            f"ignore_startup_parameters = extra_float_digits\nserver_connect_timeout = 5\n"
            "query_wait_timeout = 10\n"
        )
        # it refuses to run as root, and must reach the socket of the server
        owner = ["-u", Path(host).owner()] if os.geteuid() == 0 else []
        command = [program, *owner, str(place / "pool.ini")]
        with (place / "log").open("w") as log:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        uri = f"postgresql://{url.username}@127.0.0.1:{port}/{url.database}"
        try:
            end = monotonic() + 20
            while process.poll() is None and monotonic() < end:
                with suppress(psycopg.OperationalError), psycopg.connect(uri, connect_timeout=3):
                    break
                Event().wait(0.1)
            else:
                pytest.fail((place / "log").read_text()[-1500:])
            yield uri
        finally:
            process.terminate()
            process.wait(10)
