"""Snapshots of a register in their folder: which there are, and of which day each speaks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ketenwacht.domain.feed import Register
from ketenwacht.sources import compile_pattern


def register_files(register: Register, root: Path) -> Iterator[tuple[date, Path]]:
    """Every register snapshot with its reference date, oldest first; none when the folder is not there."""
    pattern = compile_pattern(register.pattern)
    folder = root / register.path
    found = ((pattern.match(path.name), path) for path in folder.iterdir()) if folder.is_dir() else ()
    dated = ((named.period, path) for named, path in found if named is not None and named.period is not None)
    yield from sorted(dated)
