"""Every error of ours, and nothing else.

KetenwachtError
├─ ConfigError              a setting, suite or check is wrong; exit code 2
├─ DeliveryError            one delivery cannot be judged; becomes a result with status ERROR
│  └─ UnreadableDelivery    it is there, but cannot be read as what it claims to be
├─ EngineError              an expectation or query could not be evaluated; becomes a result ERROR
├─ StoreError               history could not be read or written; exit code 3
│  ├─ Deposed               another process works now: stop
│  └─ Overtaken             what a write was based on changed meanwhile: read again
└─ NotifyError              an alert was not accepted; the outbox tries again unless permanent

No message may hold a value read from a delivery: only names, types, counts and line numbers.
"""

from __future__ import annotations

from pathlib import Path


class KetenwachtError(Exception):
    """Base of every error this package raises on purpose. It can be sent from one process to another."""

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
        what: what is wrong, without a full stop.
        mend: how to mend it, without a full stop.
    """

    def __init__(self, where: str, what: str, mend: str) -> None:
        self.where = where
        self.what = what
        self.mend = mend
        super().__init__(f"{where}: {what} — {mend}")


class DeliveryError(KetenwachtError):
    """One delivery cannot be judged; the rest of the feed can.

    Attributes:
        said: what it says as a `domain.statement.Statement`; None when it says it in words only.
    """

    def __init__(self, text: str, said: object = None) -> None:
        self.said = said
        super().__init__(text)


class UnreadableDelivery(DeliveryError):  # noqa: N818 - the name says what it is; its parent says it is an error
    """The delivery is there but cannot be read as what it claims to be."""


class EngineError(KetenwachtError):
    """A query or expectation could not be evaluated; never a pass."""


class StoreError(KetenwachtError):
    """The history could not be read or written."""


class Deposed(StoreError):  # noqa: N818 - see UnreadableDelivery
    """The right to work was lost to another process; nothing was written."""


class Overtaken(StoreError):  # noqa: N818 - see UnreadableDelivery
    """What this write was based on has changed meanwhile; nothing was written. Read again, and decide anew."""


class NotifyError(KetenwachtError):
    """An alert was not accepted by its route.

    Attributes:
        permanent: True when trying again cannot help (wrong channel, revoked token).
        retry_after: seconds the other side asked us to wait, None when it did not say.
    """

    def __init__(self, message: str, *, permanent: bool, retry_after: float | None = None) -> None:
        self.permanent = permanent
        self.retry_after = retry_after
        super().__init__(message)


def place_of(fault: BaseException) -> str:
    """Return where a fault comes from: a place in a settings file, or file and line of code. Empty: unknown."""
    if isinstance(fault, ConfigError):
        return fault.where
    step = fault.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return "" if step is None else f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}"
