"""Measuring ahead in other processes says the same, in the same order."""

import os
from datetime import UTC, date, datetime, timedelta

import pytest
from tiny_feed import tiny_feed

from ketenwacht.domain.measurement import ROWS
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
