"""What one delivery comes down to: counts, what was declared, lateness, and an answer for each expectation."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from ketenwacht.domain.delivery import Delivery, Manifest
from ketenwacht.domain.measurement import Column, MetricKey, Unmeasured
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Name, Statement
from ketenwacht.errors import ConfigError
from ketenwacht.measure import MeasurementPlan, measure, open_workspace
from ketenwacht.measure.engine import CopiedDataset

DUE = datetime(2022, 6, 24, 5, tzinfo=UTC)
A = Segment((("group", "a"),))


def test_a_delivery_without_a_suite_is_counted_and_compared_with_what_was_declared():
    manifest = Manifest(rows=3, rows_by_segment={A: 3}, selected=4, excluded={"age": 1})
    delivery = Delivery(
        "feed", "1", date(2022, 6, 24), arrived_at=DUE + timedelta(hours=1), due_at=DUE, manifest=manifest
    )
    with open_workspace() as connection:
        connection.execute("CREATE TABLE delivery AS SELECT unnest(['a', 'a', NULL]) AS \"group\"")
        found = measure(
            CopiedDataset(connection, (Column("group", "text"),)),
            delivery,
            MeasurementPlan(segments=((), ("group",), ("gone",))),
        )
    empty = Segment((("group", ""),))
    assert found == {
        MetricKey("rows"): 3,
        MetricKey("rows", A): 2,
        MetricKey("rows", empty): 1,
        MetricKey("nulls.group"): 1,
        MetricKey("nulls.group", empty): 1,
        MetricKey("declared.rows"): 3,
        MetricKey("declared.rows", A): 3,
        MetricKey("declared.selected"): 4,
        MetricKey("declared.excluded.age"): 1,
        MetricKey("hours_late"): 1,
    }


def test_rows_are_counted_by_the_days_since_their_decision_and_no_date_is_kept():
    rows = [("a", "2022-06-24"), ("a", "2022-06-20"), ("a", "20-06-2022"), ("b", ""), ("b", "2022-06-25")]
    rows += [("b", "2019-01-01"), ("b", "soon")]
    with open_workspace() as connection:
        connection.execute('CREATE TABLE delivery ("group" TEXT, decided_on TEXT)')
        connection.executemany("INSERT INTO delivery VALUES (?, ?)", rows)
        plan = MeasurementPlan(
            segments=((),), decided=(("decided_on", ()), ("decided_on", ("group",)), ("gone", ()))
        )
        found = measure(
            CopiedDataset(connection, (Column("group", "text"), Column("decided_on", "text"))),
            Delivery("feed", "1", date(2022, 6, 24)),
            plan,
        )
    dated = {key: n for key, n in found.items() if key.name.startswith("decided.")}
    assert dated == {
        MetricKey("decided.0"): 1,
        MetricKey("decided.4"): 2,
        MetricKey("decided.0", A): 1,
        MetricKey("decided.4", A): 2,
    }
    assert not any("2022" in str(key) for key in found)


def test_a_parameter_without_a_code_table_costs_only_its_own_expectation(measured, tmp_path):
    path = tmp_path / "suite.json"
    known = {"type": "expect_column_values_to_be_in_set", "meta": {"check_id": "known"}}
    known["kwargs"] = {"column": "a", "value_set": {"$PARAMETER": "gone"}}
    path.write_text(json.dumps({"expectations": [known]}), encoding="utf-8")
    found = measured([{"a": "x"}], suites=(str(path),), segments=())
    assert found == {
        MetricKey("expectation.known.met"): Unmeasured(
            Statement("unmeasured.no_code_table", {"parameter": Name("gone")})
        )
    }


def test_expectations_of_several_suites_are_measured_together(measured, tmp_path):
    paths = []
    for name in ("one", "two"):
        path = tmp_path / f"{name}.json"
        entry = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "gone"}}
        path.write_text(json.dumps({"expectations": [entry | {"meta": {"check_id": name}}]}), encoding="utf-8")
        paths.append(str(path))
    found = measured([{"a": "x"}], suites=tuple(paths), segments=())
    assert {key.name for key in found} == {"expectation.one.met", "expectation.two.met"}


@pytest.mark.parametrize(
    ("why", "ids"), [("it has no identity", ["a", ""]), ("another has its identity", ["a", "a"])]
)
def test_an_expectation_that_cannot_be_told_from_others_is_refused_and_not_dropped(measured, tmp_path, why, ids):
    path = tmp_path / "suite.json"
    entry = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a"}}
    path.write_text(
        json.dumps({"expectations": [entry | {"meta": {"check_id": i}} for i in ids]}), encoding="utf-8"
    )
    with pytest.raises(ConfigError) as caught:
        measured([{"a": "x"}], suites=(str(path),))
    assert caught.value.where.rpartition(":")[0] == f"{path}:1", why  # the column is that of the second
