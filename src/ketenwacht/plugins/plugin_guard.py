"""The border to code of others: whatever it raises becomes an error of ours, without a word of its message."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TypeVar

from ketenwacht.errors import KetenwachtError

T = TypeVar("T")


def guard_plugin_call(work: Callable[[], T], fault: Callable[[str], KetenwachtError]) -> T:
    """Let code of another package work.

    Errors of our own classes pass. Any other becomes the error that `fault` makes, raised after the handler has
    ended, so that nothing leads back to a message that may quote a person.

    Args:
        work: what the other package does.
        fault: makes our error, given the class of the exception and the place in the code where it was raised.
    """
    try:
        return work()
    except KetenwachtError:
        raise
    except Exception as raised:  # noqa: BLE001 - nobody here knows what classes another package raises
        cause = f"{type(raised).__name__}{_place(raised)}"
    raise fault(cause)


def _place(raised: Exception) -> str:
    """File and line of the innermost frame: code, no value."""
    frames = traceback.extract_tb(raised.__traceback__)
    if not frames:
        return ""
    folder, _, name = frames[-1].filename.replace("\\", "/").rpartition("/")
    return f" at {folder.rpartition('/')[2]}/{name}:{frames[-1].lineno}"
