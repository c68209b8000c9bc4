"""Where the files of a source are: a folder of this machine, or a remote folder (`remote`)."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from ketenwacht.domain.statement import Amount
from ketenwacht.errors import DeliveryError
from ketenwacht.messages.formatter import unreadable

from .base import AT_ONCE, guard_read
from .content import resolve_inside, stamp_of

Listing = Mapping[str, datetime]
"""Name of a file → when it was last written (UTC)."""


class FileStore(Protocol):
    """A folder with files. A plain value: it may be sent to another process."""

    @property
    def quiet(self) -> timedelta:
        """How long after its last change a file may still grow, at least."""
        ...

    def list(self, wanted: Callable[[str], bool]) -> Listing:
        """Return every file, with the time of its last change, which is only exact for `wanted` names.

        Raises:
            DeliveryError: the folder cannot be listed.
        """
        ...

    def open(self, name: str, most: int) -> AbstractContextManager[Path]:
        """Yield the path of a file, or of a private copy of it.

        Args:
            name: of the file.
            most: bytes; a larger file is refused before it is copied.

        Raises:
            UnreadableDelivery: there is no such file, or it changes while it is copied.
            DeliveryError: it cannot be reached.
        """
        ...

    def read(self, names: Collection[str], most: int) -> Mapping[str, bytes]:
        """Return the content of small files; those of more than `most` bytes are left out.

        Raises:
            UnreadableDelivery: a file cannot be read.
            DeliveryError: it cannot be reached.
        """
        ...

    def read_ahead(self, names: Collection[str], most: int) -> Mapping[str, bytes]:
        """Return what `read` returns, where that is faster than file by file; otherwise nothing.

        Raises:
            DeliveryError: they cannot be reached.
        """
        ...

    def stamp(self, name: str) -> Hashable:
        """Return what identifies one state of a file.

        Raises:
            UnreadableDelivery: there is no such file.
            DeliveryError: it cannot be reached.
        """
        ...

    def written(self, name: str) -> datetime:
        """Return when a file was last written (UTC).

        Raises:
            DeliveryError: there is no such file, or it cannot be reached.
        """
        ...


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A folder of this machine; see `FileStore`.

    Attributes:
        path: of the folder.
        inside: whether a link to a file elsewhere is refused.
    """

    path: Path
    inside: bool = True

    def _resolve(self, name: str) -> Path:
        if self.inside:
            return resolve_inside(self.path, name)
        return guard_read("delivery.not_opened", lambda: (self.path / name).resolve(strict=True))

    @property
    def quiet(self) -> timedelta:
        """No time: the caller knows how long a file may grow."""
        return AT_ONCE

    def list(self, wanted: Callable[[str], bool]) -> Listing:
        """See `FileStore.list`; every time is exact."""
        del wanted
        return guard_read("delivery.folder_not_listed", self._list, error=DeliveryError)

    def _list(self) -> Listing:
        with os.scandir(self.path) as entries:
            return {
                entry.name: datetime.fromtimestamp(entry.stat(follow_symlinks=False).st_mtime, UTC)
                for entry in entries
            }

    @contextmanager
    def open(self, name: str, most: int) -> Iterator[Path]:
        """See `FileStore.open`; this is the file itself."""
        del most
        yield self._resolve(name)

    def read(self, names: Collection[str], most: int) -> Mapping[str, bytes]:
        """See `FileStore.read`."""
        found: dict[str, bytes] = {}
        for name in names:
            path = self._resolve(name)
            if stamp_of(path).size <= most:
                found[name] = guard_read("delivery.manifest_not_read", path.read_bytes)
        return found

    def read_ahead(self, names: Collection[str], most: int) -> Mapping[str, bytes]:
        """See `FileStore.read_ahead`."""
        del names, most
        return {}

    def stamp(self, name: str) -> Hashable:
        """See `FileStore.stamp`."""
        return stamp_of(self._resolve(name))

    def written(self, name: str) -> datetime:
        """See `FileStore.written`."""
        found = guard_read("delivery.file_not_there", (self.path / name).stat, error=DeliveryError)
        return datetime.fromtimestamp(found.st_mtime, UTC)


def read_one(store: FileStore, name: str, most: int, refused: str) -> bytes:
    """Return the content of one small file.

    Args:
        store: where it lies.
        name: of the file.
        most: bytes.
        refused: code of the problem when it is larger.

    Raises:
        UnreadableDelivery: it is larger, or cannot be read.
        DeliveryError: it cannot be reached.
    """
    found = store.read([name], most)
    if name not in found:
        raise unreadable(refused, most=Amount(most))
    return found[name]
