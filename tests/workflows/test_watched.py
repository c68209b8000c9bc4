"""Calls of a command that read files: one that stands still is left behind, and holds up no other."""

import os
from datetime import timedelta
from time import monotonic

import pytest

from ketenwacht.errors import DeliveryError
from ketenwacht.workflows.watched import WatchedCalls

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="only Linux tells what a thread does"),  # noqa: PTH110 - at import
]


def test_a_call_that_stands_still_is_left_behind_and_the_next_one_works(tmp_path):
    os.mkfifo(tmp_path / "hung")  # nobody writes to it, as on a mount whose server is gone
    calls = WatchedCalls(timedelta(seconds=1))
    with pytest.raises(DeliveryError, match="reading stood still for 1 second") as caught:
        calls((tmp_path / "hung").read_bytes)
    assert caught.value.statement.code == "delivery.file_stood_still"
    assert calls(sorted, [2, 1]) == [1, 2]
    os.close(os.open(tmp_path / "hung", os.O_WRONLY | os.O_NONBLOCK))  # the thread that was left behind ends


def test_a_fault_of_a_call_is_raised_as_it_is():
    with pytest.raises(ZeroDivisionError):
        WatchedCalls(timedelta(seconds=1))(divmod, 1, 0)


def test_a_call_that_works_for_longer_is_not_taken_for_one_that_hangs():
    def work():
        end = monotonic() + 3.0
        while monotonic() < end:
            pass
        return "done"

    assert WatchedCalls(timedelta(seconds=1.5))(work) == "done"
