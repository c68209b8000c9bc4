"""What cannot be a count or a segment makes a delivery unreadable, with the reason."""

from __future__ import annotations

import time

import duckdb
import pytest

from ketenwacht.domain.measurement import ROWS, MetricKey
from ketenwacht.errors import UnreadableDelivery
from ketenwacht.measure.profile import MOST_SEGMENTS, profile
from ketenwacht.measure.sql_table import WorkspaceTable

IMPOSSIBLE = [
    ("a count below zero", "-1"),
    ("half a record", "1.5"),
    ("infinitely many records", "inf"),
    ("a count that is no number", "nan"),
    ("more records than can be", "1000000000001"),
]


@pytest.mark.parametrize("groupings", [((),), (("kind",),), ((), ("kind",))], ids=["whole", "parts", "both"])
@pytest.mark.parametrize(("sentence", "count"), IMPOSSIBLE, ids=[one[0] for one in IMPOSSIBLE])
def test_an_impossible_count_is_the_problem_of_the_delivery(sentence, count, groupings):
    with duckdb.connect(":memory:") as connection:
        connection.execute("CREATE TABLE delivery (kind VARCHAR, n VARCHAR)")
        connection.execute("INSERT INTO delivery VALUES ('a', '3'), ('b', ?)", [count])
        with pytest.raises(UnreadableDelivery) as refused:
            profile(WorkspaceTable(connection), groupings, "n")
    assert refused.value.statement.code == "delivery.count_wrong", sentence


def test_digits_with_a_last_point_zero_and_no_count_are_possible():
    with duckdb.connect(":memory:") as connection:
        connection.execute("CREATE TABLE delivery AS SELECT * FROM (VALUES ('3.0'), ('0'), (NULL), ('1000')) t(n)")
        assert profile(WorkspaceTable(connection), [()], "n")[MetricKey(ROWS)] == 1003.0


def test_a_hundred_thousand_segments_are_refused_within_seconds():
    begin = time.monotonic()
    with duckdb.connect(":memory:") as connection:
        connection.execute("CREATE TABLE delivery AS SELECT CAST(i AS VARCHAR) AS kind FROM range(100000) t(i)")
        with pytest.raises(UnreadableDelivery) as refused:
            profile(WorkspaceTable(connection), [(), ("kind",)])
    assert refused.value.statement.code == "delivery.too_many_segments"
    assert refused.value.statement.params["most"].value == MOST_SEGMENTS
    assert time.monotonic() - begin < 10
