"""The errors that this package raises on purpose.

KetenwachtError
├─ ConfigError              a setting, suite or check is wrong; exit code 2
│  └─ MissingTableError         a table or path that a setting names is not there
├─ DeliveryError            one delivery cannot be judged; becomes a result with status ERROR
│  └─ UnreadableDelivery    a delivery or register is there, but cannot be parsed
├─ EngineError              an expectation or query could not be evaluated; becomes a result ERROR
│  └─ StatementTimeout      a statement took longer than its limit; the database is not asked again
├─ StoreError               history could not be read or written; exit code 3
│  ├─ LeadershipLost        another process is the leader now: stop
│  ├─ HistoryReplaced       its file was deleted or replaced while it was open: start again
│  ├─ PooledLock            the leader lock would go through a pool, which keeps no lock
│  └─ ConcurrentUpdate      the data behind a write changed since it was read: read again
├─ AuditError               the audit log does not go on from the head that was kept outside the history
└─ NotifyError              a route refused an alert; the outbox tries again unless permanent

No message may hold a value read from a delivery: only names, types, counts and line numbers. Nor a secret: see
`redaction`.
"""

from __future__ import annotations

import csv
import errno
import os
from gzip import BadGzipFile
from pathlib import Path

from ketenwacht.redaction import hide_secrets


class KetenwachtError(Exception):
    """Base of every error this package raises on purpose. It can be sent from one process to another.

    Secrets are taken out of its texts, wherever they come from: of a library, a server or a setting.
    """

    def __init__(self, *texts: object) -> None:
        super().__init__(*(hide_secrets(text) if isinstance(text, str) else text for text in texts))

    def __reduce__(self) -> tuple[object, ...]:
        """Return how `pickle` makes it again, whatever its constructor asks for."""
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(kind: type[KetenwachtError], args: tuple[object, ...], state: dict[str, object]) -> KetenwachtError:
    fault = kind.__new__(kind, *args)
    fault.args = args
    fault.__dict__.update(state)
    return fault


class ConfigError(KetenwachtError):
    """A configuration file, suite, check or argument is wrong.

    Attributes:
        where: `path:line` (or `path:line:column`), or the name of an option.
        what: the fault, without a full stop.
        mend: the remedy, without a full stop.
    """

    def __init__(self, where: str, what: str, mend: str) -> None:
        self.where, self.what, self.mend = hide_secrets(where), hide_secrets(what), hide_secrets(mend)
        super().__init__(f"{where}: {what} — {mend}")


class MissingTableError(ConfigError):
    """A table or path that a setting names is not there, or this account may not see it."""


class DeliveryError(KetenwachtError):
    """One delivery cannot be judged; other deliveries of the feed can.

    Attributes:
        statement: the message as a `domain.statement.Statement`; None when it is text only.
    """

    def __init__(self, text: str, statement: object = None) -> None:
        self.statement = statement
        super().__init__(text)


class UnreadableDelivery(DeliveryError):  # noqa: N818 - the name states the fault; the parent is named Error
    """A delivery or register is there, but cannot be parsed."""


class EngineError(KetenwachtError):
    """A query or expectation could not be evaluated; this never counts as passed."""


class StatementTimeout(EngineError):  # noqa: N818 - see UnreadableDelivery
    """A statement took longer than its limit and was stopped; the database is not asked again."""


class StoreError(KetenwachtError):
    """The history could not be read or written."""


class LeadershipLost(StoreError):  # noqa: N818 - see UnreadableDelivery
    """Another process is the leader now; nothing was written."""


class HistoryReplaced(StoreError):  # noqa: N818 - see UnreadableDelivery
    """The file of the history is not the one that was opened; nothing was written."""


class PooledLock(StoreError):  # noqa: N818 - see UnreadableDelivery
    """The leader lock would not hold: a pool between gives each transaction another connection."""


class ConcurrentUpdate(StoreError):  # noqa: N818 - see UnreadableDelivery
    """The data behind this write changed since it was read; nothing was written. Read again, and decide again."""


class AuditError(KetenwachtError):
    """The audit log does not go on from the head that was kept outside, or that head cannot be read or kept."""


class NotifyError(KetenwachtError):
    """A route refused an alert.

    Attributes:
        permanent: True when a retry cannot succeed (wrong channel, revoked token).
        retry_after: seconds to wait before a retry, as requested by the route; None: not given.
        answered: False when the other side could not be reached, so that it refused nothing.
    """

    def __init__(
        self, message: str, *, permanent: bool, retry_after: float | None = None, answered: bool = True
    ) -> None:
        self.permanent = permanent
        self.retry_after = retry_after
        self.answered = answered
        super().__init__(message)


def place_of(fault: BaseException) -> str:
    """Return where a fault comes from: a place in a settings file, or file and line of code. Empty: unknown."""
    if isinstance(fault, ConfigError):
        return fault.where
    step = fault.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return "" if step is None else f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}"


_FILE_FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (FileNotFoundError, "there is no such file or folder"),
    (PermissionError, "this account has no right to it"),
    (IsADirectoryError, "it is a folder"),
    (NotADirectoryError, "a part of its path is a file, not a folder"),
    (FileExistsError, "a file of that name is in the way"),
    (TimeoutError, "it did not answer in time"),
    (BadGzipFile, "it is not a gzip file"),
    (UnicodeError, "it is not text in UTF-8"),
    (EOFError, "it ends too early"),
    (csv.Error, "it is not a table with separators"),
    (KeyError, "a column or field is missing"),
    (ValueError, "a value is not what belongs there"),
    (TypeError, "a part is of another type than agreed"),
    (AttributeError, "a part is of another type than agreed"),
    (OverflowError, "a number is too large"),
)
_OWN_TEXTS = frozenset({errno.EINVAL, errno.EFBIG, errno.ETIMEDOUT})
"""Numbers with which `documents.read_document` raises an `OSError` that has a text of ours."""


def describe_file_fault(fault: BaseException) -> str:
    """Return in words why a file cannot be read, used or written; without its name, and without what it holds."""
    if isinstance(fault, OSError) and fault.filename is None and fault.errno in _OWN_TEXTS and fault.strerror:
        return f"it {fault.strerror}" if fault.strerror.startswith("is ") else fault.strerror.lower()
    for kind, words in _FILE_FAULTS:
        if isinstance(fault, kind):
            return words
    if isinstance(fault, OSError) and fault.errno is not None:
        return os.strerror(fault.errno).lower()
    return type(fault).__name__


def format_count(count: int, one: str, many: str | None = None) -> str:
    """Return `1 day`, `2 days`, `1,200 days`; never for persons."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
