"""The fuzzer itself: every reader gets sound input first, refusals are counted, and nothing stops the run."""

import os
import signal
from threading import Event

import pytest
from fuzz import Tally, Task, find_refused_seeds, find_suspicious, fuzz, make_targets, try_input
from fuzz_targets import REFUSED, Target

from ketenwacht.errors import ConfigError

SOUND = b"1"


def change(_, rng):
    return str(rng.randrange(10)).encode()


def refuse(data):
    raise ConfigError("here", "refused", "write another")


def die(data):
    if data == b"7":
        os._exit(3)


def stand_still(data):
    if data == b"7":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGPROF})  # as code that is not Python
        Event().wait(60)


def target(read):
    return Target("one", (SOUND,), change, read, 1.0)


@pytest.mark.integration
def test_no_reader_refuses_its_sound_input(tmp_path):
    assert find_refused_seeds(make_targets(tmp_path)) == []


ANSWERS = [
    ("an error of ours", refuse, 1, 0),
    ("an answer that says so", lambda _: REFUSED, 1, 0),
    ("an answer", lambda _: 5, 0, 0),
    ("an error of another", lambda _: 1 // 0, 0, 1),
    ("an exit", lambda _: (_ for _ in ()).throw(SystemExit(0)), 0, 1),
]


@pytest.mark.parametrize(("sentence", "read", "refused", "faults"), ANSWERS, ids=[one[0] for one in ANSWERS])
def test_what_becomes_of_an_input_is_counted(sentence, read, refused, faults):
    tally = Tally()
    before = signal.signal(signal.SIGALRM, signal.SIG_DFL)
    try:
        try_input(target(read), SOUND, tally)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert (tally.inputs, tally.refused, tally.faults.total()) == (1, refused, faults), sentence


@pytest.mark.integration
@pytest.mark.parametrize(
    ("read", "fault"), [(die, "ends the process (3)"), (stand_still, "stands still")], ids=["dies", "stands still"]
)
def test_a_process_that_dies_or_stands_still_is_replaced_and_every_input_counts_once(read, fault):
    lines = []
    tallies = fuzz(lambda _: (target(read),), [Task("one", 12)], seed=3, still=2.0, write=lines.append)
    assert tallies["one"].inputs == 12
    assert set(tallies["one"].faults) == {fault}
    assert tallies["one"].smallest[fault] == b"7"
    assert len(lines) == 1


def test_a_reader_that_refuses_nothing_or_all_of_many_inputs_is_named():
    tallies = {"none": Tally(300, 0), "all": Tally(300, 300), "some": Tally(300, 40), "few": Tally(10, 0)}
    assert find_suspicious(tallies) == ["none", "all"]
