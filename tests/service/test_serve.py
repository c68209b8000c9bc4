"""`ketenwacht serve` as an operator starts it: it answers, ends when told to, and a second one takes over."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import pytest

pytestmark = pytest.mark.e2e

HEAVY = """
import sys
from ketenwacht.cli.root import run
code = run(["-c", sys.argv[1], "serve", "--once"])
import ketenwacht.web
heavy = {"great_expectations", "pandas"} & set(sys.modules)
sys.exit(f"imported: {heavy}" if heavy else code)
"""


class Running:
    def __init__(self, process):
        self.process, self.lines, self.address = process, [], ""
        self.listening = Event()
        self.reader = Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for text in self.process.stdout:
            line = json.loads(text)
            self.lines.append(line)
            if line["action"] == "listen":
                self.address = line["object"]
                self.listening.set()

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:  # noqa: S310 - our own address
            return answer.read().decode()

    def role(self):
        with suppress(urllib.error.HTTPError):
            return json.loads(self.get("/readyz"))["role"]
        return None


@contextmanager
def serving(tiny):
    command = [sys.executable, "-m", "ketenwacht", "-c", str(tiny.root / "config.yaml"), "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        running = Running(process)
        try:
            assert running.listening.wait(60)
            yield running
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(30)
            running.reader.join(5)


def wait(what, seconds):
    end, pause = monotonic() + seconds, Event()
    while monotonic() < end:
        if what():
            return True
        pause.wait(0.2)
    return False


def test_it_answers_and_ends_when_it_is_told_to(tiny):
    with serving(tiny) as one:
        assert one.get("/healthz") == "alive\n"
        assert wait(lambda: one.role() == "leader", 20)
        one.process.send_signal(signal.SIGTERM)
        assert one.process.wait(20) == 0
        one.reader.join(5)
        assert [line["action"] for line in one.lines][-1] == "stop"


def test_a_second_one_takes_over_within_a_minute_when_the_first_is_killed(tiny):
    with serving(tiny) as first:
        assert wait(lambda: first.role() == "leader", 20)
        with serving(tiny) as second:
            assert wait(lambda: second.role() == "standby", 20)
            os.kill(first.process.pid, signal.SIGKILL)
            began = monotonic()
            assert wait(lambda: second.role() == "leader", 60)
            assert monotonic() - began > 5, "not before the lease of the first was over"


def test_a_second_one_takes_over_at_once_when_the_first_ends(tiny):
    with serving(tiny) as first:
        assert wait(lambda: first.role() == "leader", 20)
        with serving(tiny) as second:
            first.process.send_signal(signal.SIGTERM)
            assert wait(lambda: second.role() == "leader", 20)


def test_a_port_that_is_taken_is_said(tiny):
    with serving(tiny) as one:
        port = one.address.rsplit(":", 1)[1]
        command = [
            sys.executable,
            "-m",
            "ketenwacht",
            "-c",
            str(tiny.root / "config.yaml"),
            "serve",
            "--port",
            port,
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2
        assert "cannot be taken" in done.stderr


def test_neither_the_service_nor_its_pages_import_what_measures(tiny):
    done = subprocess.run(
        [sys.executable, "-c", HEAVY, str(tiny.root / "config.yaml")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux tells which files a process has open")
def test_it_ends_well_when_it_is_told_to_before_it_has_begun(tiny):
    """Somebody holds the history, so that the service waits to open it: that takes as long as a migration."""
    with serving(tiny) as one:
        one.process.send_signal(signal.SIGTERM)
        assert one.process.wait(30) == 0
    (file,) = tiny.root.rglob("history.db")
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        command = [sys.executable, "-m", "ketenwacht", "-c", str(tiny.root / "config.yaml"), "serve"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as waiting:
            files = Path(f"/proc/{waiting.pid}/fd")
            assert wait(lambda: any(one.readlink().name == "history.db" for one in open_files(files)), 60)
            waiting.send_signal(signal.SIGTERM)
            holder.execute("ROLLBACK")
            assert waiting.wait(30) == 0
            assert b"Traceback" not in waiting.stderr.read()


def open_files(folder):
    with suppress(OSError):
        return [one for one in folder.iterdir() if os.path.lexists(one)]
    return []
