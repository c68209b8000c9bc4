"""The folder a simulation is written to: replaced as a whole or left as it was."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ketenwacht.errors import ConfigError

from .truth import FILE, SCHEMA

# Lies in a folder that is being written, so that a later call knows it for its own after a crash.
_MARKER = ".ketenwacht-simulation"
_WHERE = "OUT"


def _is_simulation(folder: Path) -> bool:
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("schema") == SCHEMA


def _refuse_foreign(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise ConfigError(_WHERE, f"{out} is a file", "name a folder")
    if out.is_dir() and any(out.iterdir()) and not _is_simulation(out):
        what = f"{out} holds something that is not an earlier simulation"
        raise ConfigError(_WHERE, what, "name an empty or a new folder")


def _cleared(folder: Path) -> Path:
    """A sibling of the target under a name of ours, without what a crash may have left there."""
    if folder.exists():
        if not (folder / _MARKER).exists() and not _is_simulation(folder):
            raise ConfigError(_WHERE, f"{folder} is in the way", "remove it, or name another folder")
        shutil.rmtree(folder)
    return folder


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Give a new folder to write in, and put it in the place of `out` when the block ends well.

    When the block raises, or the process dies, `out` holds what it held before.

    Raises:
        ConfigError: `out` is a file, or holds something that is not an earlier simulation.
    """
    out = out.resolve()
    before, fresh = out.with_name(f".{out.name}.before"), out.with_name(f".{out.name}.fresh")
    if before.exists() and not out.exists():
        before.rename(out)  # a process died between the two renames below
    _refuse_foreign(out)
    _cleared(before)
    out.parent.mkdir(parents=True, exist_ok=True)
    _cleared(fresh).mkdir()
    (fresh / _MARKER).touch()
    try:
        yield fresh
    except BaseException:
        shutil.rmtree(fresh)
        raise
    (fresh / _MARKER).unlink()
    if out.exists():
        out.rename(before)
    fresh.rename(out)
    if before.exists():
        shutil.rmtree(before)
