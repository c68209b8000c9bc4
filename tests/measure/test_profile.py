from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenwacht.domain.measurement import MetricKey
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.errors import UnreadableDelivery
from ketenwacht.measure.profile import profile
from ketenwacht.measure.sql_table import WorkspaceTable, open_workspace

GROUPINGS = ((), ("group",), ("group", "purpose"), ("purpose",))
COLUMNS = ("group", "purpose", "field")
VALUE = st.sampled_from([None, "", "a", "b", "B ", "é;'\""])
ROWS = st.lists(st.tuples(VALUE, VALUE, VALUE), max_size=30)


def naive(rows, groupings):
    """The same counts, in the plainest Python."""
    counts = Counter()
    for row in rows:
        values = dict(zip(COLUMNS, (cell or "" for cell in row), strict=True))
        for grouping in groupings:
            segment = Segment(tuple((name, values[name]) for name in grouping))
            counts[MetricKey("rows", segment)] += 1
            for name in COLUMNS:
                if not values[name]:
                    counts[MetricKey(f"nulls.{name}", segment)] += 1
    return {MetricKey("rows", WHOLE): 0} | counts


@pytest.fixture(scope="module")
def workspace():
    with open_workspace() as connection:
        connection.execute('CREATE TABLE delivery ("group" VARCHAR, purpose VARCHAR, field VARCHAR)')
        yield connection


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_it_counts_as_plain_python_does(workspace, rows):
    workspace.execute("DELETE FROM delivery")
    if rows:
        workspace.executemany("INSERT INTO delivery VALUES (?, ?, ?)", [list(row) for row in rows])
    assert profile(WorkspaceTable(workspace), GROUPINGS) == naive(rows, GROUPINGS)


def test_rows_that_are_counts_are_added_up():
    with open_workspace() as connection:
        connection.execute("CREATE TABLE delivery (region VARCHAR, n VARCHAR, note VARCHAR)")
        connection.execute(
            "INSERT INTO delivery VALUES ('x', '10', NULL), ('x', '5', 'y'), (NULL, '7', ''), ('z', NULL, 'y')"
        )
        found = profile(WorkspaceTable(connection), ((), ("region",)), "n")
    assert found == {
        MetricKey("rows"): 22,
        MetricKey("nulls.region"): 7,
        MetricKey("nulls.note"): 17,
        MetricKey("nulls.n"): 1,
        MetricKey("rows", Segment((("region", "x"),))): 15,
        MetricKey("nulls.note", Segment((("region", "x"),))): 10,
        MetricKey("rows", Segment((("region", ""),))): 7,
        MetricKey("nulls.region", Segment((("region", ""),))): 7,
        MetricKey("nulls.note", Segment((("region", ""),))): 7,
        MetricKey("rows", Segment((("region", "z"),))): 0,
        MetricKey("nulls.n", Segment((("region", "z"),))): 1,
    }


def test_a_count_that_is_no_number_is_an_error_and_never_a_zero():
    with open_workspace() as connection:
        connection.execute("CREATE TABLE delivery AS SELECT 'many' AS n")
        with pytest.raises(UnreadableDelivery, match="holds no count in 1 row"):
            profile(WorkspaceTable(connection), ((),), "n")


def test_a_dimension_that_is_no_column_costs_only_its_own_groupings():
    with open_workspace() as connection:
        connection.execute("CREATE TABLE delivery AS SELECT 'a' AS here")
        found = profile(WorkspaceTable(connection), ((), ("gone",), ("here", "gone"), ("here",)))
    assert {key.segment.dimensions for key in found} == {(), ("here",)}


def test_native_types_are_dimensions_too():
    with open_workspace() as connection:
        connection.execute("CREATE TABLE delivery AS SELECT TRUE AS day, 1 AS n, NULL::INTEGER AS gone")
        found = profile(WorkspaceTable(connection), (("day", "n"),))
    segment = Segment((("day", "true"), ("n", "1")))
    assert found == {MetricKey("rows", segment): 1, MetricKey("nulls.gone", segment): 1}


def test_without_groupings_nothing_is_measured():
    with open_workspace() as connection:
        connection.execute("CREATE TABLE delivery AS SELECT 1 AS a")
        assert profile(WorkspaceTable(connection), ()) == {}
