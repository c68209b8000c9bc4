"""Measuring ahead in other processes says the same, in the same order."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from tiny_feed import tiny_feed

from ketenwacht.domain.measurement import ROWS
from ketenwacht.errors import ConfigError
from ketenwacht.processes import CallRaised, ProcessEnded, map_in_processes
from ketenwacht.scheduler import Work
from ketenwacht.workflows.measuring import ENOUGH, measure_ahead

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def all_cores():
    """This process may use every core that the machine has, for once."""
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    yield len(os.sched_getaffinity(0))
    os.sched_setaffinity(0, mine)


@pytest.mark.integration
def test_deliveries_that_are_measured_ahead_come_back_in_order(tmp_path, all_cores):
    if all_cores < 2:
        pytest.skip("one core measures by itself")
    tiny = tiny_feed(tmp_path / "feed")
    for number in range(ENOUGH + 3):
        tiny.deliver(date(2024, 2, 1) + timedelta(days=number), arrived=AT - timedelta(days=1), rows=number + 1)
    with tiny.session() as session:
        work = [Work(AT, found) for found in session.find(AT)]
        ahead = list(measure_ahead(session.context, work))
        assert [snapshot.value(ROWS) for snapshot in ahead] == [float(n + 1) for n in range(ENOUGH + 3)]
        assert list(measure_ahead(session.context, work[:2])) == ahead[:2]


SCRIPT = """
from pathlib import Path

from ketenwacht import Project

with Path("ran").open("a") as ran:
    ran.write("once;")
print(len(Project("config.yaml").check("tiny")))
"""


@pytest.mark.integration
def test_a_script_without_a_main_guard_runs_once(tmp_path, all_cores):
    """Processes that measure do not run the script of the caller again."""
    if all_cores < 2:
        pytest.skip("one core measures by itself")
    tiny = tiny_feed(tmp_path / "feed")
    for number in range(ENOUGH + 1):
        tiny.deliver(date(2024, 2, 1) + timedelta(days=number), arrived=AT - timedelta(days=1), rows=5)
    folder = tiny.root
    (folder / "mine.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "mine.py"], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.splitlines()[-1]) >= ENOUGH + 1
    assert (folder / "ran").read_text() == "once;"


def add(shared, item):
    if item == "fault":
        raise ConfigError("here", "it is wrong", "mend it")
    if item == "defect":
        raise ValueError("a value of a person")
    if item == "exit":
        os._exit(7)
    return shared + item


def test_answers_come_in_order_and_every_process_gets_what_is_shared():
    found = list(map_in_processes(add, 10, list(range(9)), workers=2, batch=2))
    assert found == [10 + n for n in range(9)]
    assert list(map_in_processes(add, 10, [], workers=2)) == []


@pytest.mark.parametrize(
    ("item", "error", "said"),
    [
        ("fault", ConfigError, "it is wrong"),
        ("defect", CallRaised, "ValueError"),
        ("exit", ProcessEnded, "status 7"),
    ],
)
def test_what_goes_wrong_in_a_process_is_raised_without_a_value(item, error, said):
    with pytest.raises(error, match=said) as raised:
        list(map_in_processes(add, 10, [1, item, 2], workers=2))
    assert "person" not in str(raised.value)
