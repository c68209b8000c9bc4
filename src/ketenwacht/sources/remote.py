"""Files that lie elsewhere: S3, SFTP, Azure Blob Storage and web servers, through `fsspec`.

Libraries of remote files hang, start threads and quote credentials in their messages. They run in a process of
their own, which can be ended, and only the kind of a fault comes back.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import unquote, urlsplit

from ketenwacht.domain.feed import RemoteAccess
from ketenwacht.domain.settings import ServiceSettings
from ketenwacht.domain.statement import Amount, Name, Statement
from ketenwacht.errors import ConfigError, DeliveryError
from ketenwacht.messages.formatter import make_delivery_error
from ketenwacht.plugins import install_command
from ketenwacht.processes import (
    CallRaised,
    ChildProcess,
    End,
    ProcessEnded,
    ProcessLimits,
    in_child,
    stop_at_exit,
)

from .base import AT_ONCE
from .layouts import private_copy
from .places import Listing
from .remote_calls import RemoteFile, RemotePlace, fetch_file, list_files, read_files, stat_file

T = TypeVar("T")
_process = stop_at_exit(ChildProcess())
UNKNOWN = datetime.max.replace(tzinfo=UTC)
"""When a file was written whose server does not tell."""
_GROWS = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A kind of remote place.

    Attributes:
        extra: the optional extra of this package that brings it.
        module: what that brings.
        whole: whether a file appears all at once, when its upload is done.
    """

    extra: str
    module: str
    whole: bool


SCHEMES = {
    "s3": Scheme("s3", "s3fs", whole=True),
    "sftp": Scheme("sftp", "sshfs", whole=False),
    "abfs": Scheme("azure", "adlfs", whole=True),
    "abfss": Scheme("azure", "adlfs", whole=True),
    "az": Scheme("azure", "adlfs", whole=True),
    "http": Scheme("http", "aiohttp", whole=False),
    "https": Scheme("http", "aiohttp", whole=False),
}


def is_remote(path: str) -> bool:
    """Return whether a path of a source is the address of a place elsewhere."""
    return "://" in path


@dataclass(frozen=True, slots=True)
class RemoteFolder:
    """A folder elsewhere; see `FileStore`. Build it with `open_remote`.

    Attributes:
        place: where it is, and how it is reached.
        whole: whether a file appears all at once.
        limits: what listing and copying may take.
    """

    place: RemotePlace = field(repr=False)
    whole: bool
    limits: ServiceSettings = field(default_factory=ServiceSettings, repr=False)

    @property
    def quiet(self) -> timedelta:
        """A minute where a file can be seen while it is uploaded."""
        return AT_ONCE if self.whole else _GROWS

    def list(self, wanted: Callable[[str], bool]) -> Listing:
        """See `FileStore.list`."""
        found: Mapping[str, RemoteFile | None] = self._call(list_files, self.place)
        bare = [name for name, file in found.items() if file is None and wanted(name)]
        if bare:  # a web server tells of one file at a time
            found = {**found, **self._call(stat_file, self.place, bare)}
        return {name: _written_at(file) for name, file in found.items()}

    @contextmanager
    def open(self, name: str, most: int) -> Iterator[Path]:
        """See `FileStore.open`; this is a copy, which is checked against the checksum of the server."""
        with private_copy() as (copy, path):
            target = str(path).replace("/proc/self/", f"/proc/{os.getpid()}/")
            self._call(fetch_file, self.place, name, target, most, slow=True)
            copy.flush()
            yield path

    def read(self, names: Collection[str], most: int) -> Mapping[str, bytes]:
        """See `FileStore.read`."""
        return self._call(read_files, self.place, tuple(names), most) if names else {}

    def read_ahead(self, names: Collection[str], most: int) -> Mapping[str, bytes]:
        """See `FileStore.read_ahead`."""
        return self.read(names, most)

    def stamp(self, name: str) -> Hashable:
        """See `FileStore.stamp`."""
        return self._call(stat_file, self.place, [name])[name]

    def written(self, name: str) -> datetime:
        """See `FileStore.written`."""
        return _written_at(self._call(stat_file, self.place, [name])[name])

    def _call(self, work: Callable[..., T], *args: object, slow: bool = False) -> T:
        """Return the result of a function of `remote_calls`, in a process that can be ended.

        Args:
            work: the function.
            args: of the function.
            slow: it may take long as long as it goes on; otherwise `service.listing` is its limit.
        """
        if in_child():
            return work(*args)
        total = None if slow else self.limits.listing
        limits = ProcessLimits(self.limits.memory, total, self.limits.standstill if slow else None)
        try:
            return cast("T", _process.call(work, *args, limits=limits))
        except ProcessEnded as fault:
            code, about = _ENDED.get(fault.end, "delivery.listing_ended"), {}
            if fault.end in {End.TOTAL, End.STANDSTILL}:
                about = {"seconds": Amount(fault.limit)}
            why = Statement(code, about)
        except CallRaised as fault:
            why = Statement("delivery.remote_failed", {"cause": Name(fault.cause.split(" at ")[0])})
        raise make_delivery_error(DeliveryError, why)


_ENDED = {End.TOTAL: "delivery.listing_took_time", End.STANDSTILL: "delivery.file_stood_still"}


def _written_at(file: RemoteFile | None) -> datetime:
    return UNKNOWN if file is None or file.modified is None else file.modified


def open_remote(path: str, access: RemoteAccess | None, *, root: Path, setting: str) -> RemoteFolder:
    """Return the folder at an address; this connects to nothing.

    Args:
        path: its address, such as `s3://bucket/folder`.
        access: how it is reached; None: as the environment says.
        root: the folder of config.yaml, which relative paths of key files are relative to.
        setting: of the source, for errors.

    Raises:
        ConfigError: the address is not valid, or holds a password; or what it needs is not installed.
    """
    try:
        url = urlsplit(path)
        port = url.port
    except ValueError:
        url, port = urlsplit("x:"), None
    scheme = SCHEMES.get(url.scheme.lower())
    if scheme is None or not url.hostname:
        known = "s3://, sftp://, abfs://, https:// or http://"
        raise ConfigError(f"{setting}.path", "this address is not supported", f"use a folder, or {known}")
    if url.password is not None or url.query or url.fragment:
        what = "an address with a password or parameters is shown in messages"
        raise ConfigError(f"{setting}.path", what, "remove them, and set `storage` with ${NAME} instead")
    if importlib.util.find_spec(scheme.module) is None or importlib.util.find_spec("fsspec") is None:
        what = f"{url.scheme}:// needs {scheme.module}, which is not installed"
        raise ConfigError(f"{setting}.path", what, install_command(scheme.extra))
    access = access or RemoteAccess()
    access = replace(
        access,
        key_file=_move(root, access.key_file),
        known_hosts=_move(root, access.known_hosts),
        ca_file=_move(root, access.ca_file),
    )
    host = url.netloc.rpartition("@")[2].rpartition(":")[0] if port is not None else url.netloc.rpartition("@")[2]
    user = unquote(url.username) if url.username is not None else None
    place = RemotePlace(url.scheme.lower(), host, port, user, unquote(url.path).strip("/"), access)
    return RemoteFolder(place, scheme.whole)


def _move(root: Path, file: str | None) -> str | None:
    return str(root / Path(file).expanduser()) if file is not None else None


def split_file(path: str) -> tuple[str, str]:
    """Return the folder of a remote file, and its name."""
    folder, _, name = path.rstrip("/").rpartition("/")
    return folder, name
