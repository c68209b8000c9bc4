"""Files for the owner only, written completely or not at all.

A module of its own: the sender's kit packs it, and holds nothing but the standard library and our pure code.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ketenwacht.errors import ConfigError, describe_file_fault

_PRIVATE = 0o600


@contextmanager
def private_file(path: Path) -> Iterator[Path]:
    """Give a file of mode 0600 to write, and rename it to `path` when the block succeeds.

    Raises:
        ConfigError: `path` is a folder, or its folder cannot be written to.
    """
    if path.is_dir():
        raise ConfigError(str(path), "is a folder", "name a file in it")
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    except OSError as fault:
        raise ConfigError(
            str(path), f"cannot be written ({describe_file_fault(fault)})", "name a file in a folder of yours"
        ) from None
    os.close(descriptor)
    partial = Path(name)
    try:
        yield partial
        with partial.open("rb+") as stream:
            os.fsync(stream.fileno())
        partial.chmod(_PRIVATE)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
