"""What `doctor` says of one thing, and how any of our errors becomes such a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from ketenwacht.errors import ConfigError, KetenwachtError, NotifyError


class SymptomLevel(Enum):
    """How a thing is, best first."""

    FINE = "fine"
    ABSENT = "absent"  # optional, and not there
    WARNING = "warning"  # works, and is worth a look
    MISCONFIGURED = "misconfigured"
    UNREACHABLE = "unreachable"
    STUCK = "stuck"  # alerts that should have been told and were not


@dataclass(frozen=True, slots=True)
class Symptom:
    """One line of `doctor`.

    Attributes:
        trouble: how it is.
        subject: what it is about.
        said: what was found.
        mend: what to do; empty when there is nothing to do.
    """

    trouble: SymptomLevel
    subject: str
    said: str
    mend: str = ""


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 day`, `2 days`, `1,200 days`; of what is no person."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def fine(subject: str, said: str) -> Symptom:
    """Nothing to do."""
    return Symptom(SymptomLevel.FINE, subject, said)


def of_error(subject: str, fault: KetenwachtError) -> Symptom:
    """The symptom of an error of ours."""
    if isinstance(fault, ConfigError):
        return Symptom(SymptomLevel.MISCONFIGURED, subject, f"{fault.where}: {fault.what}", fault.mend)
    what, _, mend = str(fault).partition(" — ")
    permanent = isinstance(fault, NotifyError) and fault.permanent
    return Symptom(SymptomLevel.MISCONFIGURED if permanent else SymptomLevel.UNREACHABLE, subject, what, mend)


def guarded(subject: str, examine: Callable[[], Iterator[Symptom]]) -> Iterator[Symptom]:
    """The symptoms that an examination finds; an error of ours ends it as one more."""
    try:
        yield from examine()
    except KetenwachtError as fault:
        yield of_error(subject, fault)
