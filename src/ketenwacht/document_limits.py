"""Limits on YAML and JSON that another party wrote: size, depth, aliases and numbers.

A configuration, suite, contract, manifest, digest or measurement file may hold anything. Every reader of one calls
`parse_json` or `check_yaml` first, and `read_document` reads files of settings. What passes can be walked, copied
and compared safely: nesting does not exhaust the stack, aliases do not expand to millions of values, no key stands
twice, and every number is finite.
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import select
import stat
from datetime import date
from pathlib import Path
from time import monotonic
from typing import IO, Any, NoReturn

MAX_BYTES = 16 * 2**20
"""The largest JSON document that is read, in bytes. The largest suite that we know has 0.2 MiB."""
MAX_YAML_BYTES = 2**20
"""The largest YAML document: its parser takes about ten seconds for a mebibyte."""
PIPE_SECONDS = 5.0
"""How long a secret may take to arrive through a pipe."""
MAX_DEPTH = 60
MAX_VALUES = 100_000
"""How many values a YAML document may hold, each alias counted as what it stands for."""

_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_LONGEST_INTEGER = 300  # digits: more than that no double holds
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt ].*)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LARGE_INTEGER = re.compile(rf"[-+]?[0-9_]{{{_LONGEST_INTEGER + 1},}}")
_CORE_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")
)


class DocumentError(ValueError):
    """A document that is refused.

    Attributes:
        what: what is wrong with it; holds no value of the document.
        mend: what to do about it.
        line: where, counted from 1; None: somewhere.
        column: where in the line, counted from 1.
    """

    def __init__(self, what: str, mend: str, line: int | None = None, column: int = 1) -> None:
        super().__init__(what)
        self.what, self.mend, self.line, self.column = what, mend, line, column

    def place(self, name: str) -> str:
        """Return `name:line:column`, or `name` where the line is not known."""
        return name if self.line is None else f"{name}:{self.line}:{self.column}"


def read_document(path: Path, *, encoding: str = "utf-8") -> str:
    """Return the text of a file of settings, which is regular: a pipe or a device never ends.

    Raises:
        OSError: it cannot be read, is no regular file, or is larger than `MAX_BYTES`.
        UnicodeDecodeError: it is not in that encoding.
    """
    with open(path, encoding=encoding, opener=_open_at_once) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "is no regular file")
        if found.st_size > MAX_BYTES:
            raise OSError(errno.EFBIG, f"is larger than {MAX_BYTES // 2**20} MiB")
        return file.read()


def read_secret(path: Path, *, seconds: float = PIPE_SECONDS) -> str:
    """Return the text of a file that a variable such as `NAME_FILE` names.

    It may be a pipe, as a shell makes one for `<(command)`: somebody must write it and close it in time.

    Raises:
        OSError: it cannot be read, is a device or a folder, is larger than `MAX_BYTES`, or is a pipe that gives no
            text or no end in `seconds`.
        UnicodeDecodeError: it is not UTF-8.
    """
    descriptor = _open_at_once(str(path), os.O_RDONLY)
    try:
        kind = os.fstat(descriptor).st_mode
        if not stat.S_ISFIFO(kind):
            return read_document(path)
        return _read_pipe(descriptor, monotonic() + seconds).decode()
    finally:
        os.close(descriptor)


def _read_pipe(descriptor: int, until: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    while waiting.poll(max(0.0, until - monotonic()) * 1000):
        part = os.read(descriptor, 1 << 16)
        if not part:
            return b"".join(parts)
        parts.append(part)
        size += len(part)
        if size > MAX_BYTES:
            raise OSError(errno.EFBIG, f"is larger than {MAX_BYTES // 2**20} MiB")
    raise TimeoutError(errno.ETIMEDOUT, "is a pipe that nobody writes to its end")


def open_regular(path: Path) -> IO[bytes]:
    """Open a file for reading that must be regular.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115 - the caller closes it
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise OSError(errno.EINVAL, "is no regular file")


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # without it, a pipe waits for somebody who writes


def parse_json(data: bytes | str) -> Any:  # noqa: ANN401 - JSON is any of seven types
    """Parse one JSON document.

    Args:
        data: the document; bytes are UTF-8, with or without a byte order mark.

    Raises:
        DocumentError: it is too large or too deep, has a key twice, a number that no double holds, or is no JSON.
    """
    if len(data) > MAX_BYTES:
        raise DocumentError(f"is larger than {MAX_BYTES // 2**20} MiB", "split it")
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        raise DocumentError(f"is not UTF-8 (byte {error.start})", "save it as UTF-8") from None
    _check_depth(text)
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_constant=_constant, parse_int=_integer, parse_float=_number
        )
    except json.JSONDecodeError as error:
        raise DocumentError("is not JSON", f"mend the syntax ({error.msg})", error.lineno, error.colno) from None


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        if depth > MAX_DEPTH:
            line = text.count("\n", 0, match.start()) + 1
            raise DocumentError(f"is nested deeper than {MAX_DEPTH} levels", "make it flatter", line)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DocumentError("has a key twice in one object", "leave one of the two out")
    return found


def _constant(_: str) -> NoReturn:
    raise DocumentError("holds NaN or Infinity, which are no JSON", "write null, or a number")


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > _LONGEST_INTEGER:
        raise DocumentError(f"holds a number of more than {_LONGEST_INTEGER} digits", "write it as a text")
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise DocumentError("holds a number that is too large", "write a number below 1e308")
    return number


def check_yaml(text: str) -> None:
    """Refuse a YAML text that must not be loaded. What is not YAML at all is left to the parser's own error.

    Raises:
        DocumentError: it is too large or too deep, its aliases expand without end, it has a tag of its own, a date
            that does not exist, or a number that is infinite or too long.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415 - a command that reads no YAML does not pay for its parser
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415 - as above

    if len(text) > MAX_YAML_BYTES:
        raise DocumentError(f"is larger than {MAX_YAML_BYTES // 2**20} MiB", "split it")
    guard = _YamlGuard()
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            guard.take(event)
    except YAMLError:
        return


class _YamlGuard:
    """Counts what a stream of YAML events would become, without building it."""

    def __init__(self) -> None:
        self._open: list[tuple[str | None, int]] = []  # anchor and values so far of each open collection
        self._sizes: dict[str, int] = {}
        self._values = 0

    def take(self, event: Any) -> None:  # noqa: ANN401 - ruamel's events have no common type
        """Take the next event.

        Raises:
            DocumentError: as `check_yaml`.
        """
        match type(event).__name__:
            case "SequenceStartEvent" | "MappingStartEvent":
                self._begin(event)
            case "SequenceEndEvent" | "MappingEndEvent":
                self._end()
            case "AliasEvent":
                self._alias(event)
            case "ScalarEvent":
                self._scalar(event)

    def _begin(self, event: Any) -> None:  # noqa: ANN401 - see `take`
        self._check_tag(event)
        self._add(1, event)
        self._open.append((event.anchor, 1))
        if len(self._open) > MAX_DEPTH:
            self._refuse(event, f"is nested deeper than {MAX_DEPTH} levels", "make it flatter")

    def _end(self) -> None:
        anchor, size = self._open.pop()
        if anchor is not None:
            self._sizes[anchor] = size
        if self._open:
            above, already = self._open[-1]
            self._open[-1] = (above, already + size)

    def _alias(self, event: Any) -> None:  # noqa: ANN401 - see `take`
        if any(anchor == event.anchor for anchor, _ in self._open):
            self._refuse(event, "an alias stands inside what it stands for", "write it out")
        if event.anchor in self._sizes:  # otherwise it is undefined, which the parser tells
            self._leaf(self._sizes[event.anchor], event)

    def _scalar(self, event: Any) -> None:  # noqa: ANN401 - see `take`
        self._check_tag(event)
        self._check_scalar(event)
        if event.anchor is not None:
            self._sizes[event.anchor] = 1
        self._leaf(1, event)

    def _leaf(self, size: int, event: Any) -> None:  # noqa: ANN401 - see `take`
        self._add(size, event)
        if self._open:
            anchor, already = self._open[-1]
            self._open[-1] = (anchor, already + size)

    def _add(self, size: int, event: Any) -> None:  # noqa: ANN401 - see `take`
        self._values += size
        if self._values > MAX_VALUES:
            self._refuse(event, f"holds more than {MAX_VALUES} values, aliases expanded", "split it")

    def _check_tag(self, event: Any) -> None:  # noqa: ANN401 - see `take`
        tag = None if event.tag is None else str(event.tag)
        if tag not in {None, "!"} and tag not in _CORE_TAGS:
            self._refuse(event, "a text that starts with `!` is no tag", "put the text in quotes")

    def _check_scalar(self, event: Any) -> None:  # noqa: ANN401 - see `take`
        if event.style is not None:
            return  # quoted: a text, whatever it looks like
        if _NOT_FINITE.fullmatch(event.value):
            self._refuse(event, "a number that is not finite", "write a number, or put the text in quotes")
        if _LARGE_INTEGER.fullmatch(event.value):
            what = f"a number of more than {_LONGEST_INTEGER} digits"
            self._refuse(event, what, "put it in quotes")
        day = _DAY.fullmatch(event.value)
        if day is not None and not _exists(day):
            self._refuse(event, "a day that does not exist", "write a day of the calendar as 2022-12-31")

    @staticmethod
    def _refuse(event: Any, what: str, mend: str) -> NoReturn:  # noqa: ANN401 - see `take`
        mark = event.start_mark
        raise DocumentError(what, mend, mark.line + 1, mark.column + 1)


def _exists(day: re.Match[str]) -> bool:
    try:
        date(*(int(part) for part in day.groups()))
    except ValueError:
        return False
    return True
