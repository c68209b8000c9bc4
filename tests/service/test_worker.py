"""The process that measures is replaced when it dies, hangs or eats; one delivery never stops all others."""

import os
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from odd_readers import HungReader, Odd

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.statement import Statement
from ketenwacht.errors import DeliveryError
from ketenwacht.measure import CopyEngine
from ketenwacht.processes import WorkStopped, resident_bytes
from ketenwacht.scheduler import Work
from ketenwacht.workflows.worker import Worker, WorkLimits

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)
MIB = 1024**2

pytestmark = pytest.mark.integration


@pytest.fixture
def stage(tiny, tmp_path):
    tiny.deliver(date(2024, 3, 1), arrived=AT)
    with tiny.session() as session:
        (found,) = session.find(AT + timedelta(hours=1))

        def odd(how, times):
            return replace(
                session.context,
                engine=CopyEngine(Odd(session.context.reader, how, times, str(tmp_path / "tally"))),
            )

        yield odd, Work(AT, found)


def worker(heard, *, going=lambda: True, patience=60.0, memory=2000, standstill=60.0, listing=60.0):
    seconds = [timedelta(seconds=one) for one in (listing, standstill, patience)]
    return Worker(WorkLimits(memory * MIB, *seconds), going, lambda *said: heard.append(said[1]))


def test_one_process_measures_one_delivery_after_another(stage):
    odd, work = stage
    heard = []
    with closing_(worker(heard)) as mine:
        context = odd("die", 0)
        first = list(mine.measure(context, [work, work]))
        pid = mine.pid
        again = list(mine.measure(context, [work]))
        assert mine.pid == pid != os.getpid()
        assert mine.bytes > MIB
    assert [s.value(ROWS) for s in first + again] == [30.0] * 3
    assert heard == []
    assert resident_bytes(pid) == 0 or mine.pid is None


ENDS = [
    ("it was killed", "die", {}, "The delivery could not be measured: its process ended."),
    ("it hangs", "hang", {"patience": 4.0}, "The delivery could not be measured within 4 seconds."),
    (
        "it eats memory",
        "eat",
        {"memory": 400},
        "The delivery could not be measured within 419,430,400 bytes of memory.",
    ),
]


@pytest.mark.parametrize(("sentence", "how", "limits", "why"), ENDS, ids=[e[0] for e in ENDS])
def test_a_process_that_ends_is_replaced_and_the_delivery_measured(stage, sentence, how, limits, why):
    odd, work = stage
    heard = []
    with closing_(worker(heard, **limits)) as mine:
        (snapshot,) = mine.measure(odd(how, 1), [work])
    assert snapshot.value(ROWS) == 30.0
    assert heard == [why]
    assert mine.replaced == 1


def test_a_delivery_that_ends_every_process_is_unreadable_and_the_next_one_is_measured(stage):
    odd, work = stage
    heard = []
    with closing_(worker(heard)) as mine:
        poison, fine = mine.measure(odd("die", 3), [work, work])
    assert poison.delivery.presence is Presence.UNREADABLE
    assert poison.delivery.problem == Statement("delivery.measuring_ended")
    assert fine.value(ROWS) == 30.0
    assert mine.replaced == 3


def test_losing_the_right_to_work_ends_the_process_while_it_measures(stage):
    odd, work = stage
    looks = iter([True, True, False])
    with closing_(worker([], going=lambda: next(looks))) as mine:
        with pytest.raises(WorkStopped):
            list(mine.measure(odd("hang", 1), [work]))
        assert mine.pid is None


def test_reading_that_stands_still_is_given_up_for_now(stage):
    odd, work = stage
    heard = []
    with closing_(worker(heard, standstill=4.0)) as mine:
        (snapshot,) = mine.measure(odd("hang", 1), [work])
    assert heard == ["The delivery could not be measured: reading stood still for 4 seconds."]
    assert snapshot.delivery.unreadable_for_now, "the next check tries again"


def test_a_delivery_that_takes_long_and_makes_progress_is_measured(stage):
    odd, work = stage
    heard = []
    with closing_(worker(heard, standstill=2.0)) as mine:
        (snapshot,) = mine.measure(odd("toil", 1), [work])
    assert snapshot.value(ROWS) == 30.0
    assert heard == []


def test_a_source_is_listed_in_the_process(stage):
    odd, work = stage
    with closing_(worker([])) as mine:
        assert mine.find(odd("die", 0), AT + timedelta(hours=1), timedelta(0)) == (work.delivery,)
        assert mine.pid is not None


def test_a_source_that_hangs_is_given_up_in_time_and_its_process_ended(stage):
    odd, work = stage
    heard = []
    context = odd("hang", 0)
    hung = replace(context, reader=HungReader(context.reader))
    with closing_(worker(heard, listing=4.0)) as mine:
        with pytest.raises(DeliveryError, match="did not list its deliveries within 4 seconds"):
            mine.find(hung, AT, timedelta(0))
        assert mine.pid is None
        assert mine.find(context, AT + timedelta(hours=1), timedelta(0)) == (work.delivery,)
    assert heard == ["The source did not list its deliveries within 4 seconds."]


def test_what_the_source_says_is_wrong_comes_back_as_it_was(stage, tiny):
    odd, _ = stage
    for path in (tiny.root / "in").glob("*"):
        path.unlink()
    (tiny.root / "in").rmdir()
    with closing_(worker([])) as mine, pytest.raises(DeliveryError) as fault:
        mine.find(odd("die", 0), AT, timedelta(0))
    assert fault.value.statement.code == "delivery.folder_not_listed"


class closing_(closing):  # noqa: N801 - reads like the one of the library
    def __exit__(self, *said):
        self.thing.stop()
