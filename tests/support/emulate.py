"""A Slack that nobody here wrote: `emulate` 0.11.2 from npm, started on a free port.

    npm install --no-save --no-audit --no-fund emulate@0.11.2

It is found in `node_modules/.bin`, or where the variable KETENWACHT_EMULATE says.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SEED = """
slack:
  strict_scopes: true
  channels:
    - {name: general}
  tokens:
    - {token: xoxb-full, user: admin, scopes: ["chat:write", "channels:history", "channels:read", "files:write"]}
    - {token: xoxb-no-history, user: admin, scopes: ["chat:write", "channels:read"]}
"""


def find() -> str | None:
    """Path of the program, None when it is not installed here."""
    named = os.environ.get("KETENWACHT_EMULATE")
    local = Path(__file__).parents[2] / "node_modules" / ".bin" / "emulate"
    found = named or (str(local) if local.exists() else None)
    return found if found is not None and shutil.which("node") is not None else None


@contextmanager
def running(program: str, folder: Path, patience: float = 20.0) -> Iterator[str]:
    """Run it; gives the base URL of its Slack API."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    seed = folder / "seed.yaml"
    seed.write_text(SEED)
    command = [program, "start", "--service", "slack", "--port", str(port), "--seed", str(seed)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}/api/"
            _wait(url, process, patience)
            yield url
        finally:
            process.terminate()
            process.wait(10)


def _wait(url: str, process: subprocess.Popen[bytes], patience: float) -> None:
    for _ in range(int(patience / 0.1)):
        if process.poll() is not None:
            raise RuntimeError(f"emulate ended with {process.returncode}")
        try:
            urllib.request.urlopen(f"{url}auth.test", data=b"", timeout=1).close()  # noqa: S310 - our own address
        except urllib.error.HTTPError as answered:
            answered.close()
            return
        except OSError:
            time.sleep(0.1)  # noqa: TID251 - the world outside is waited for
        else:
            return
    raise RuntimeError("emulate does not answer")
