"""The calls of `remote`, which run in a process that can be ended; every fault becomes one of ours."""

from __future__ import annotations

import base64
import hashlib
import importlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeVar

from ketenwacht.domain.feed import RemoteAccess
from ketenwacht.domain.statement import Amount, Name, Statement
from ketenwacht.errors import DeliveryError, KetenwachtError
from ketenwacht.messages.formatter import make_delivery_error, unreadable

T = TypeVar("T")
_CHUNK = 1 << 20
_SECONDS = 20  # that a server may take to answer at all
_MOST_NAMES = 200_000


@dataclass(frozen=True, slots=True)
class RemotePlace:
    """A folder elsewhere.

    Attributes:
        scheme: s3, sftp, abfs, http …
        host: of the server; of S3 the bucket, of Azure the container.
        port: of the server; None: the usual one.
        user: from the address; None: see `access`.
        folder: without a slash at either end.
        access: how it is reached.
    """

    scheme: str
    host: str
    port: int | None
    user: str | None
    folder: str
    access: RemoteAccess = field(repr=False)

    def path(self, name: str = "") -> str:
        """Return the path of a file as `fsspec` writes it."""
        parts = [part for part in (self.folder, name) if part]
        if self.scheme in {"http", "https"}:
            port = f":{self.port}" if self.port is not None else ""
            return f"{self.scheme}://{self.host}{port}/" + "/".join(parts) + ("" if name else "/" * bool(parts))
        if self.scheme == "sftp":
            return "/" + "/".join(parts)
        return "/".join([self.host.partition("@")[0], *parts])


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One state of a file; a value is None where the server does not tell it.

    Attributes:
        size: in bytes.
        modified: when it was last written (UTC).
        tag: what its server calls this state.
        regular: whether it is a file, and no link.
        checksum: algorithm and value (hexadecimal) of its content, as its server states it.
    """

    size: int | None = None
    modified: datetime | None = None
    tag: str | None = None
    regular: bool = True
    checksum: tuple[str, str] | None = None


# Connections.


_open: dict[RemotePlace, Any] = {}


def _connect(place: RemotePlace) -> Any:  # noqa: ANN401 - fsspec has no types
    if place not in _open:
        _open[place] = _OPENERS[place.scheme](place)
    return _open[place]


def _given(**options: object) -> dict[str, object]:
    return {name: value for name, value in options.items() if value is not None}


_FRESH = {"use_listings_cache": False, "skip_instance_cache": True}


def _open_s3(place: RemotePlace) -> Any:  # noqa: ANN401 - see `_connect`
    access = place.access
    config: dict[str, object] = {
        "connect_timeout": _SECONDS,
        "read_timeout": _SECONDS,
        "retries": {"max_attempts": 2},
    }
    if access.endpoint is not None:
        config["s3"] = {"addressing_style": "path"}
    return importlib.import_module("s3fs").S3FileSystem(
        anon=access.anonymous,
        **_given(key=access.user, secret=access.secret, token=access.token, endpoint_url=access.endpoint),
        client_kwargs=_given(region_name=access.region, verify=access.ca_file),
        config_kwargs=config,
        **_FRESH,
    )


def _open_sftp(place: RemotePlace) -> Any:  # noqa: ANN401 - see `_connect`
    access = place.access
    return importlib.import_module("sshfs").SSHFileSystem(
        place.host,
        **_given(
            port=place.port,
            username=place.user or access.user,
            password=access.secret,
            client_keys=[access.key_file] if access.key_file is not None else None,
            passphrase=access.token,
        ),
        known_hosts=_known_hosts(access),  # without it, the library accepts any server
        connect_timeout=_SECONDS,
        login_timeout=_SECONDS,
        skip_instance_cache=True,
    )


def _known_hosts(access: RemoteAccess) -> str | bytes:
    """Return the file with the keys of servers; no keys when there is none, so that no server is accepted."""
    usual = Path("~/.ssh/known_hosts").expanduser()
    return access.known_hosts or (str(usual) if usual.is_file() else b"")


def _open_azure(place: RemotePlace) -> Any:  # noqa: ANN401 - see `_connect`
    access = place.access
    account = place.host.partition("@")[2].partition(".")[0] or access.user
    options = _given(account_name=account, account_key=access.secret, sas_token=access.token)
    if access.endpoint is not None:
        parts = {"AccountName": account, "AccountKey": access.secret, "SharedAccessSignature": access.token}
        named = {"BlobEndpoint": access.endpoint, **parts}
        options = {"connection_string": ";".join(f"{name}={value}" for name, value in _given(**named).items())}
    return importlib.import_module("adlfs").AzureBlobFileSystem(
        **options,
        anon=access.anonymous,
        connection_timeout=_SECONDS,
        read_timeout=_SECONDS,
        **_FRESH,
    )


def _open_web(place: RemotePlace) -> Any:  # noqa: ANN401 - see `_connect`
    aiohttp = importlib.import_module("aiohttp")
    access = place.access
    client: dict[str, object] = {
        "timeout": aiohttp.ClientTimeout(total=None, sock_connect=_SECONDS, sock_read=_SECONDS),
        "trust_env": True,
    }
    user = place.user or access.user
    if user is not None:
        client["auth"] = aiohttp.BasicAuth(user, access.secret or "")
    if access.token is not None:
        client["headers"] = {"Authorization": f"Bearer {access.token}"}
    if access.ca_file is not None:
        import ssl  # noqa: PLC0415 - few sources need it

        return _web_with(ssl.create_default_context(cafile=access.ca_file), client)
    return importlib.import_module("fsspec.implementations.http").HTTPFileSystem(client_kwargs=client, **_FRESH)


def _web_with(context: object, client: dict[str, object]) -> Any:  # noqa: ANN401 - see `_connect`
    """Return a file system of web servers whose certificates `context` accepts."""
    aiohttp = importlib.import_module("aiohttp")

    async def get_client(**options: object) -> object:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context), **options)

    web = importlib.import_module("fsspec.implementations.http")
    return web.HTTPFileSystem(get_client=get_client, client_kwargs=client, **_FRESH)


_OPENERS: Mapping[str, Callable[[RemotePlace], Any]] = {
    "s3": _open_s3,
    "sftp": _open_sftp,
    **dict.fromkeys(("abfs", "abfss", "az"), _open_azure),
    **dict.fromkeys(("http", "https"), _open_web),
}


# Faults.


_FAULTS: tuple[tuple[str, frozenset[str]], ...] = (
    ("delivery.remote_host_key", frozenset({"HostKeyNotVerifiable", "KeyImportError"})),
    (
        "delivery.remote_certificate",
        frozenset({"SSLCertVerificationError", "SSLError", "ClientSSLError", "ClientConnectorCertificateError"}),
    ),
    ("delivery.remote_no_host", frozenset({"gaierror", "ClientConnectorDNSError"})),
    (
        "delivery.remote_denied",
        frozenset({"PermissionError", "PermissionDenied", "SFTPPermissionDenied", "NoCredentialsError"})
        | {"ClientAuthenticationError", "PartialCredentialsError"},
    ),
    ("delivery.remote_not_found", frozenset({"FileNotFoundError", "SFTPNoSuchFile", "ResourceNotFoundError"})),
    (
        "delivery.remote_timeout",
        frozenset({"TimeoutError", "ConnectTimeoutError", "ReadTimeoutError", "FSTimeoutError"}),
    ),
    ("delivery.remote_refused", frozenset({"ConnectionRefusedError"})),
)
"""Code of a problem → classes of exceptions, by name: their libraries are optional. The first that fits counts."""
_STATUS = {401: "delivery.remote_denied", 403: "delivery.remote_denied", 404: "delivery.remote_not_found"}
_FINAL = frozenset({"delivery.remote_not_found", "delivery.remote_denied", "delivery.remote_host_key"})
"""Faults that another connection does not mend."""


def find_fault(error: BaseException) -> Statement:
    """Return what went wrong, from an exception and those that led to it, without any of their texts."""
    chain = list(_chain(error))
    names = {cls.__name__ for one in chain for cls in type(one).__mro__}
    numbers = [getattr(one, name, None) for one in chain for name in ("status", "status_code")]
    status = [_STATUS[number] for number in numbers if number in _STATUS]
    codes = [*status, *(code for code, classes in _FAULTS if classes & names)]
    if codes:
        return Statement(codes[0])
    if any(getattr(one, "errno", None) == _REFUSED for one in chain):
        return Statement("delivery.remote_refused")
    return Statement("delivery.remote_failed", {"cause": Name(type(error).__name__)})


_REFUSED = 111


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, and every one that it comes from or holds."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = (one.__cause__, one.__context__, getattr(one, "os_error", None), getattr(one, "error", None))
        waiting += [more for more in inner if isinstance(more, BaseException)]
        waiting += [more for more in one.args if isinstance(more, BaseException)]


def _ask(place: RemotePlace, work: Callable[[Any], T]) -> T:
    """Return `work` of a connection; a connection that may have gone stale is made anew once.

    Raises:
        DeliveryError: it cannot be reached.
        UnreadableDelivery: there is no such file.
    """
    fault = Statement("delivery.remote_failed", {"cause": Name("Exception")})
    for _ in range(2):
        known = place in _open
        try:
            return work(_connect(place))
        except KetenwachtError:
            raise
        except Exception as error:  # noqa: BLE001 - of four libraries
            fault = find_fault(error)
        _open.pop(place, None)
        if not known or fault.code in _FINAL:
            break
    raise make_delivery_error(DeliveryError, fault)


# Calls.


def list_files(place: RemotePlace) -> dict[str, RemoteFile | None]:
    """Return the files of a folder by name; None: their server tells of one file at a time.

    Raises:
        DeliveryError: the folder cannot be listed.
    """
    entries = _ask(place, lambda fs: fs.ls(place.path(), detail=True))
    web = place.scheme in {"http", "https"}
    found: dict[str, RemoteFile | None] = {}
    for entry in entries[:_MOST_NAMES]:
        name = str(entry["name"]).rstrip("/").rpartition("/")[2].partition("?")[0]
        if name and entry.get("type") != "directory" and _is_below(entry["name"], place):
            found[name] = None if web else _describe(entry)
    return found


def _is_below(name: str, place: RemotePlace) -> bool:
    """Return whether an entry lies in the folder itself: a web page may link to anywhere."""
    return str(name).rpartition("/")[0].strip("/") == place.path().strip("/")


def stat_file(place: RemotePlace, names: Sequence[str]) -> dict[str, RemoteFile | None]:
    """Return the state of files.

    Raises:
        DeliveryError: one of them is not there, or cannot be reached.
    """
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only here

    with ThreadPoolExecutor(8) as pool:
        states = pool.map(lambda name: _ask(place, lambda fs: _state(fs, place, name)), names)
        return dict(zip(names, states, strict=True))


def _state(fs: Any, place: RemotePlace, name: str) -> RemoteFile:  # noqa: ANN401 - see `_connect`
    path = place.path(name)
    if place.scheme != "s3":
        return _describe(fs.info(path))
    bucket, _, key = path.partition("/")
    head = fs.call_s3("head_object", Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    return _describe({**head, "size": head["ContentLength"], "checksum": _s3_checksum(head)})


def _s3_checksum(head: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the checksum of the content; an ETag is one only of an object of one part that is not encrypted."""
    if head.get("ChecksumSHA256") and head.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT":
        return _decode("sha256", head["ChecksumSHA256"])
    tag = str(head.get("ETag", "")).strip('"')
    plain = head.get("ServerSideEncryption") in {None, "AES256"} and not head.get("SSECustomerAlgorithm")
    return ("md5", tag) if plain and re.fullmatch("[0-9a-f]{32}", tag) else None


def _decode(algorithm: str, text: str) -> tuple[str, str] | None:
    with suppress(ValueError):
        value = base64.b64decode(text, validate=True).hex()
        return (algorithm, value) if len(value) == 2 * hashlib.new(algorithm).digest_size else None
    return None


def _describe(entry: Mapping[str, Any]) -> RemoteFile:
    """Return the state of a file from what `fsspec` tells of it; each library has its own names."""
    times = (entry.get(name) for name in ("LastModified", "last_modified", "mtime", "Last-Modified"))
    modified = next((time for time in times if time is not None), None)
    tags = (entry.get(name) for name in ("ETag", "etag"))
    size = entry.get("size")
    return RemoteFile(
        size=int(size) if size is not None else None,
        modified=_moment(modified),
        tag=next((str(tag).strip('"') for tag in tags if tag), None),
        regular=entry.get("type", "file") == "file",
        checksum=entry.get("checksum") or _stated_checksum(entry),
    )


def _stated_checksum(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    settings = entry.get("content_settings")
    md5 = getattr(settings, "content_md5", None) or (
        settings.get("content_md5") if isinstance(settings, dict) else None
    )
    if isinstance(md5, bytes | bytearray):
        return "md5", bytes(md5).hex()
    if isinstance(entry.get("Content-MD5"), str):
        return _decode("md5", entry["Content-MD5"])
    digest = re.search(r"sha-256=([A-Za-z0-9+/=]+)", str(entry.get("Digest") or ""), re.IGNORECASE)
    return _decode("sha256", digest[1]) if digest is not None else None


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        with suppress(ValueError):
            value = parsedate_to_datetime(value)
    if isinstance(value, int | float):
        value = datetime.fromtimestamp(value, UTC)
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def fetch_file(place: RemotePlace, name: str, target: str, most: int) -> None:
    """Copy a file to `target`, and check it against the size and the checksum that its server states.

    Raises:
        UnreadableDelivery: it is too large, no regular file, changes meanwhile, or differs from its checksum.
        DeliveryError: it cannot be reached.
    """
    try:
        _ask(place, lambda fs: _fetch(fs, place, name, target, most))
    except DeliveryError as fault:
        if not isinstance(fault.statement, Statement) or fault.statement.code != "delivery.remote_not_found":
            raise
    else:
        return
    raise unreadable("delivery.not_opened", cause=Name("FileNotFoundError"))


def _fetch(fs: Any, place: RemotePlace, name: str, target: str, most: int) -> None:  # noqa: ANN401 - see `_connect`
    before = _state(fs, place, name)
    if not before.regular:
        raise unreadable("delivery.no_regular_file")
    if before.size is not None and before.size > most:
        raise unreadable("delivery.too_large", size=Amount(before.size), most=Amount(most))
    digest = hashlib.new(before.checksum[0], usedforsecurity=False) if before.checksum is not None else None
    size = 0
    with fs.open(place.path(name), "rb") as file, open(target, "wb") as copy:  # noqa: PTH123 - maybe of /proc
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise unreadable("delivery.too_large", size=Amount(size), most=Amount(most))
            copy.write(chunk)
            if digest is not None:
                digest.update(chunk)
    if _state(fs, place, name) != before or before.size not in {None, size}:
        raise unreadable("delivery.changed")
    if digest is not None and before.checksum is not None and digest.hexdigest() != before.checksum[1]:
        raise unreadable("delivery.remote_checksum")


def read_files(place: RemotePlace, names: Collection[str], most: int) -> dict[str, bytes]:
    """Return the content of small files; those of more than `most` bytes are left out.

    Raises:
        DeliveryError: one of them is not there, or cannot be reached.
    """
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only here

    def read(fs: Any, name: str) -> bytes:  # noqa: ANN401 - see `_connect`
        with fs.open(place.path(name), "rb") as file:
            data: bytes = file.read(most + 1)
            return data

    with ThreadPoolExecutor(8) as pool:
        contents = pool.map(lambda name: _ask(place, lambda fs: read(fs, name)), names)
        return {name: data for name, data in zip(names, contents, strict=True) if len(data) <= most}
