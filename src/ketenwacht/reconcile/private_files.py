"""Files for the owner only, written completely or not at all.

A module of its own: the sender's kit packs it, and holds nothing but the standard library and our pure code.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ketenwacht.errors import ConfigError, UnreadableDelivery, describe_file_fault

_PRIVATE = 0o600
_NAMED = re.compile(rb'"schema": "(ketenwacht/[a-z-]{1,20}/[0-9]{1,3})"')


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


def make_head_error(path: Path, line: bytes, schema: str) -> UnreadableDelivery:
    """Return the error for a file that does not begin as `schema` does: it says which other of ours it is."""
    named = _NAMED.search(line)
    if named is None or named[1] == schema.encode():
        return UnreadableDelivery(f"{path}: does not begin with the head of {schema}")
    return UnreadableDelivery(f"{path}: is a file of {named[1].decode()}, and one of {schema} was expected")


def make_length_error(path: Path, size: int, expected: int) -> UnreadableDelivery:
    """Return the error for a file that is shorter or longer than its head says."""
    why = "it was cut short" if size < expected else "something was added to it"
    return UnreadableDelivery(f"{path}: has {size} bytes and should have {expected}: {why}")
