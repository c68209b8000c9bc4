"""Real servers of files on this machine: S3 (moto), SFTP (asyncssh) and HTTP."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SECRET = "s3cr3t-value-4711"


_S3 = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@contextmanager
def s3_server() -> Iterator[str]:
    """Yield the address of an S3 server, in a process of its own: it leaves sockets open."""
    with subprocess.Popen(
        [sys.executable, "-c", _S3], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def s3_client(endpoint: str) -> Any:
    """Return a client of an S3 server."""
    import boto3  # noqa: PLC0415 - slow to import

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id="tester",
        aws_secret_access_key=SECRET,
        region_name="eu-west-1",
    )


_SFTP = """
import asyncio, os, sys
import asyncssh

class Server(asyncssh.SSHServer):
    def begin_auth(self, username):
        return True
    def password_auth_supported(self):
        return True
    def validate_password(self, username, password):
        return username == "tester" and password == sys.argv[2]

async def main():
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=Server, server_host_keys=[key],
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=os.fsencode(sys.argv[1])),
    )
    print(server.get_port(), key.export_public_key().decode().strip(), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

asyncio.run(main())
"""


@contextmanager
def sftp_server(folder: Path, keys: Path) -> Iterator[int]:
    """Yield the port of an SFTP server of a folder; user `tester`, password `SECRET`.

    Args:
        folder: what it serves.
        keys: gets `known_hosts` with the key of the server.
    """
    with subprocess.Popen(
        [sys.executable, "-c", _SFTP, str(folder), SECRET],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            port, _, public = process.stdout.readline().strip().partition(" ")
            (keys / "known_hosts").write_text(f"[127.0.0.1]:{port} {public}\n")
            yield int(port)
        finally:
            process.kill()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer 403 below /secret."""
        if self.path.startswith("/secret"):
            self.send_error(403)
        else:
            super().do_GET()


@contextmanager
def web_server(folder: Path, digest: str | None = None) -> Iterator[str]:
    """Yield the address of a web server that lists a folder.

    Args:
        folder: what it serves.
        digest: states this as the digest of each file; None: states none.
    """

    class Handler(_Quiet):
        def end_headers(self) -> None:
            if digest is not None and not self.path.endswith("/"):
                self.send_header("Digest", digest)
            super().end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
