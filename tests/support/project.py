"""A copy of the sample project in a folder of its own, and commands run in it as a person would."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ketenwacht.cli.root import run

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("config.yaml", "checks", "expectations")


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    """The sample project, copied."""

    root: Path

    @classmethod
    def copied_to(cls, root: Path) -> Project:
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, root / part)
            else:
                shutil.copy(source, root / part)
        return cls(root)

    def run(self, *arguments: str, env: dict[str, str] | None = None, timeout: float = 300) -> Done:
        """`ketenwacht ARGUMENTS` in the project's folder, in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "ketenwacht", *arguments],
            cwd=self.root,
            env=_environment() | (env or {}),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def fork(self, *arguments: str, timeout: float = 300) -> Done:
        """The same in a process that starts with its imports done: all that comes out of it is taken."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["ketenwacht.cli.root", "ketenwacht.measure.gx_suite"])
        with tempfile.TemporaryDirectory() as folder:
            said = Path(folder) / "out", Path(folder) / "err"
            child = context.Process(target=_in_child, args=(self.root, arguments, _environment(), *said))
            child.start()
            child.join(timeout)
            assert child.exitcode is not None, "it takes too long"
            out, err = (path.read_text(encoding="utf-8", errors="replace") for path in said)
            return Done(child.exitcode, out, err)

    def call(self, *arguments: str, env: dict[str, str] | None = None) -> Done:
        """`ketenwacht ARGUMENTS` in the project's folder, in this process: where the process is not the point."""
        before, fresh = dict(os.environ), _environment() | (env or {})
        out, err = io.StringIO(), io.StringIO()
        os.environ.clear()
        os.environ.update(fresh)
        try:
            with contextlib.chdir(self.root), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = run(arguments)
        finally:
            os.environ.clear()
            os.environ.update(before)
        return Done(code, out.getvalue(), err.getvalue())

    def simulate(self, scenario: str = "healthy", *, first: str = "2022-01-01", last: str = "2022-01-31") -> None:
        done = self.call(
            "simulate", "var/sample", "--from", first, "--to", last, "--seed", "5", "--scenario", scenario
        )
        assert done.code == 0, done.err


def _in_child(root: Path, arguments: Sequence[str], environment: dict[str, str], out: Path, err: Path) -> None:
    """Be a process of its own: whatever is written, by Python or below it, goes into the two files."""
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.chdir(root)
    os.environ.clear()
    os.environ.update(environment)
    sys.exit(run(arguments))


def _environment() -> dict[str, str]:
    """The environment without what steers the program or a build server's reports."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("KETENWACHT_", "SLACK_", "GITHUB_"))}
    return clean | {"COLUMNS": "100", "NO_COLOR": "1"}
