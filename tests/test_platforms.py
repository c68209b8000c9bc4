"""What only Linux has is asked for with an alternative; so is what Windows lacks, by all but `serve`."""

from __future__ import annotations

import subprocess
import sys

import pytest

ELSEWHERE = """
import os, socket
from pathlib import Path

for module, names in ((os, ("sched_getaffinity", "memfd_create")), (socket, ("SOCK_CLOEXEC",))):
    for name in names:
        vars(module).pop(name, None)

def hide_proc(method):
    def without_proc(path, *args, **more):
        if path.parts[:2] == ("/", "proc"):
            raise FileNotFoundError(path)
        return method(path, *args, **more)
    return without_proc

for name in ("read_text", "iterdir", "open", "exists"):
    setattr(Path, name, hide_proc(getattr(Path, name)))
"""
WINDOWS = """
import builtins, os, signal, socket, types

ABSENT = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "posix"}
LACKING = {
    os: "getuid geteuid getgid getegid getpgid getpgrp setsid setpgid fork forkpty killpg nice statvfs "
    "fstatvfs chown lchown fchown fchmod mkfifo pread pwrite sendfile sysconf getloadavg uname wait3 wait4 "
    "register_at_fork sched_getaffinity sched_setaffinity memfd_create O_NONBLOCK O_NOFOLLOW O_CLOEXEC "
    "O_DIRECTORY",
    signal: "SIGKILL SIGHUP SIGUSR1 SIGUSR2 SIGALRM SIGQUIT SIGCHLD SIGPIPE SIGSTOP SIGCONT setitimer getitimer "
    "alarm pause sigwait pthread_kill pthread_sigmask ITIMER_REAL",
    socket: "AF_UNIX SOCK_CLOEXEC SO_PEERCRED",
}
PROXIES = {}
for module, names in LACKING.items():
    PROXIES[module.__name__] = proxy = types.ModuleType(module.__name__)
    vars(proxy).update({k: v for k, v in vars(module).items() if k not in names.split()})
import_module = builtins.__import__

def import_as_on_windows(name, globals=None, locals=None, fromlist=(), level=0):
    \"\"\"Hide from the product, and from nothing else, what Windows lacks.\"\"\"
    if str((globals or {}).get("__name__")).startswith("ketenwacht") and level == 0:
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if name in PROXIES:
            return PROXIES[name]
    return import_module(name, globals, locals, fromlist, level)

builtins.__import__ = import_as_on_windows
"""
MODULES = """
import importlib, pkgutil, ketenwacht
for module in pkgutil.walk_packages(ketenwacht.__path__, "ketenwacht."):
    if not module.name.endswith("__main__") and ".migrations." not in module.name:
        importlib.import_module(module.name)
"""
CONFIG = """version: 1
history: sqlite:///history.db
feeds:
  parcels:
    source: {kind: files, path: in, pattern: "{date:%Y%m%d}.csv", reader: csv}
    segments: [[], [kind]]
    checks: checks.yaml
"""
CHECK = "import sys; from ketenwacht.cli.root import run; sys.exit(run(sys.argv[1:]))"


def run_elsewhere(code: str, *arguments: str, cwd, elsewhere: str = ELSEWHERE) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-W", "error::RuntimeWarning", "-c", elsewhere + code, *arguments]
    return subprocess.run(call, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.integration
@pytest.mark.parametrize("elsewhere", [ELSEWHERE, ELSEWHERE + WINDOWS], ids=["as on macOS", "as on Windows"])
def test_every_module_is_imported_where_linux_alone_has_nothing(tmp_path, elsewhere):
    done = run_elsewhere(MODULES, cwd=tmp_path, elsewhere=elsewhere)
    assert done.returncode == 0, done.stderr


def write_feed(place):
    (place / "config.yaml").write_text(CONFIG, encoding="utf-8")
    (place / "checks.yaml").write_text("version: 1\nchecks: [{kind: ledger}, {kind: volume}]\n", encoding="utf-8")
    (place / "in").mkdir()
    for day in range(1, 7):
        (place / f"in/2024010{day}.csv").write_text("kind\na\nb\n", encoding="utf-8")


@pytest.mark.integration
def test_a_delivery_is_judged_there(tmp_path):
    write_feed(tmp_path)
    done = run_elsewhere(CHECK, "check", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 deliveries" in done.stdout
    assert run_elsewhere(CHECK, "doctor", cwd=tmp_path).returncode in {0, 1}


ONE_SHOT = [
    (("lint",), "nothing to fix"),
    (("check",), "6 deliveries"),
    (("ci", "--env", "staging", "--junit", "r/junit.xml", "--save", "r/saved.jsonl"), "exit 0"),
    (("measurements", "export", "m.jsonl"), ""),
    (("history",), "2024"),
    (("incidents", "list"), ""),
    (("report", "--out", "report.html"), ""),
    (("backup", "backup.db"), ""),
    (("doctor",), ""),
]


@pytest.mark.e2e
def test_the_commands_that_end_work_as_on_windows(tmp_path):
    write_feed(tmp_path)
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG + "    environments: {staging: {source: {path: in}}}\n", encoding="utf-8")
    for command, expected in ONE_SHOT:
        done = run_elsewhere(CHECK, *command, cwd=tmp_path, elsewhere=ELSEWHERE + WINDOWS)
        assert done.returncode in ({0, 1} if command == ("doctor",) else {0}), (command, done.stdout, done.stderr)
        assert expected in done.stdout, (command, done.stdout)
    assert {path.name for path in (tmp_path / "r").iterdir()} == {"junit.xml", "saved.jsonl"}


def test_the_simulation_hides_what_windows_lacks(tmp_path):
    code = "__name__ = 'ketenwacht.x'\nimport os, signal\nassert not hasattr(os, 'getuid')\nimport fcntl"
    done = run_elsewhere(code, cwd=tmp_path, elsewhere=WINDOWS)
    assert "No module named 'fcntl'" in done.stderr
