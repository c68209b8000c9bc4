"""What only Linux has is asked for with an alternative: macOS has none of it."""

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
read_text = Path.read_text

def without_proc(path, *args, **more):
    if path.parts[:2] == ("/", "proc"):
        raise FileNotFoundError(path)
    return read_text(path, *args, **more)

Path.read_text = without_proc
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


def run_elsewhere(code: str, *arguments: str, cwd) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-W", "error::RuntimeWarning", "-c", ELSEWHERE + code, *arguments]
    return subprocess.run(call, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.integration
def test_every_module_is_imported_where_linux_alone_has_nothing(tmp_path):
    done = run_elsewhere(MODULES, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.integration
def test_a_delivery_is_judged_there(tmp_path):
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "checks.yaml").write_text(
        "version: 1\nchecks: [{kind: ledger}, {kind: volume}]\n", encoding="utf-8"
    )
    (tmp_path / "in").mkdir()
    for day in range(1, 7):
        (tmp_path / f"in/2024010{day}.csv").write_text("kind\na\nb\n", encoding="utf-8")
    done = run_elsewhere(CHECK, "check", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 deliveries" in done.stdout
    assert run_elsewhere(CHECK, "doctor", cwd=tmp_path).returncode in {0, 1}
