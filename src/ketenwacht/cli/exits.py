"""Exit codes, in one place."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from ketenwacht.domain.status import Status
from ketenwacht.errors import ConfigError, DeliveryError, EngineError, KetenwachtError, NotifyError, StoreError


class ExitCode(IntEnum):
    """What a command says to whoever called it."""

    PASSED = 0
    FAILED = 1
    USAGE = 2
    NOT_JUDGED = 3
    NOT_DELIVERED = 4


_OF_ERROR: tuple[tuple[type[KetenwachtError], ExitCode], ...] = (
    (ConfigError, ExitCode.USAGE),
    (NotifyError, ExitCode.NOT_DELIVERED),
    (StoreError, ExitCode.NOT_JUDGED),
    (DeliveryError, ExitCode.NOT_JUDGED),
    (EngineError, ExitCode.NOT_JUDGED),
)

_OF_STATUS = {Status.FAILED: ExitCode.FAILED, Status.ERROR: ExitCode.NOT_JUDGED}
_STRICT = {Status.WARNED: ExitCode.FAILED, Status.UNPROVEN: ExitCode.FAILED, **_OF_STATUS}


def exit_of_error(error: KetenwachtError) -> ExitCode:
    """The exit code of an error that ended a command."""
    return next((code for kind, code in _OF_ERROR if isinstance(error, kind)), ExitCode.NOT_JUDGED)


def exit_of(statuses: Iterable[Status], *, strict: bool, delivered: bool = True) -> ExitCode:
    """The exit code of a judgement: 4 over 3 over 1 over 0; nothing judged is 3.

    Args:
        statuses: of every run.
        strict: warned and unproven count as failed.
        delivered: whether alerts and history got where they had to.
    """
    if not delivered:
        return ExitCode.NOT_DELIVERED
    table = _STRICT if strict else _OF_STATUS
    codes = [table.get(status, ExitCode.PASSED) for status in statuses]
    return max(codes, default=ExitCode.NOT_JUDGED)
