"""A real MariaDB for tests, as a process of its own below a temporary folder, without a port."""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
SERVER = shutil.which("mariadbd", path=PATH)
BUILD = shutil.which("mariadb-install-db", path=PATH)
MISSING = SERVER is None or BUILD is None
_SMALL = ("--skip-log-bin", "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=16M", "--skip-networking")


@contextmanager
def running():
    """Yield the URL of an empty database on a server that stops afterwards."""
    with tempfile.TemporaryDirectory(prefix="mdb-", ignore_cleanup_errors=True) as folder:
        data, socket = f"{folder}/data", f"{folder}/s"
        build = [BUILD, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
        user = ["--user=root"] if os.geteuid() == 0 else []
        subprocess.run([*build, "--skip-test-db", *user], check=True, capture_output=True)
        with (Path(folder) / "log").open("w") as log:
            server = subprocess.Popen(
                [SERVER, "--no-defaults", f"--datadir={data}", f"--socket={socket}", *_SMALL, *user],
                stdout=log,
                stderr=log,
            )
        try:
            _wait(server, Path(socket))
            yield f"mariadb+pymysql://root@localhost/%s?unix_socket={socket}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait(server, socket):
    for _ in range(600):
        if socket.exists():
            return
        assert server.poll() is None, "the server stopped"
        time.sleep(0.1)  # noqa: TID251 - a server of another project starts
    raise AssertionError("the server does not start")
