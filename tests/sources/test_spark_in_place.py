"""Judged in Spark, rows give the verdicts and counts that a copy of them gives; only numbers leave."""

import importlib.util
import shutil
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pytest
from every_expectation import (
    EITHER,
    EXPECTATIONS,
    FILLED_IN,
    GROUP_A_B,
    GROUPINGS,
    NAMES,
    ROWS_OF_TYPES,
    TYPED,
    column,
    comparable,
    fill,
    pair,
    values,
    written,
)
from project import Project
from spark_pair import AT, OPTIONS, ZONE, compare, measure_both

from ketenwacht.domain.feed import SparkSource
from ketenwacht.domain.measurement import Unmeasured
from ketenwacht.errors import DeliveryError
from ketenwacht.measure import InDatabaseEngine, MeasurementPlan, measure, open_workspace
from ketenwacht.sources import open_source

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore"),  # of pyspark, in its own matters
    pytest.mark.skipif(
        importlib.util.find_spec("pyspark") is None,
        reason="pyspark is not installed: run `make test-spark`",
    ),
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java"),
]
ROOT = Path(__file__).resolve().parents[2]


def lake(folder, rows, share_of_nulls, seed=7):
    """Write rows of every type as Parquet, two thirds of them of one period."""
    (folder / "lake").mkdir(exist_ok=True)
    with open_workspace() as room:
        fill(room, rows, share_of_nulls, seed=seed)
        names = '"text", "group", "number", "day", "other", "dated", "amount", "flag", "seen"'
        room.execute(f"CREATE TABLE typed({names}) AS {ROWS_OF_TYPES}")
        room.execute(  # the folder is of the test
            "COPY (SELECT DATE '2022-01-03' + (rowid % 3 = 0)::INT AS \"Period\", * FROM typed) "  # noqa: S608 - as above
            f"TO '{folder}/lake/rows.parquet'"
        )
    source = SparkSource(path=f"{folder}/lake", period_column="Period", master="local[1]", options=OPTIONS)
    return open_source("feed", source, root=folder, zone=ZONE)


@pytest.mark.parametrize(
    ("why", "rows", "share_of_nulls"),
    [("a delivery", 1_500, 0.05), ("hardly a field is filled in", 300, 0.95), ("one row", 4, 0.0)],
)
def test_every_expectation_and_count_is_that_of_a_copy(tmp_path, why, rows, share_of_nulls):
    expectations = EXPECTATIONS + TYPED
    reader = lake(tmp_path, rows, share_of_nulls)
    plan = MeasurementPlan(segments=GROUPINGS, suites=(written(tmp_path, expectations),))
    (columns, copied), (same, in_place) = measure_both(reader, plan)
    assert same == columns
    assert comparable(in_place) == comparable(copied), why
    assert len({key.name for key in in_place if key.name.endswith(".met")}) == len(expectations)
    if rows == 1_500:
        assert not [key.name for key, value in in_place.items() if isinstance(value, Unmeasured)]


def test_the_librarys_own_statements_agree_too(tmp_path):
    few = (EXPECTATIONS + TYPED)[::12]  # each takes at least one job of Spark
    plan = MeasurementPlan(segments=((),), suites=(written(tmp_path, few),), statements="stock")
    (_, copied), (_, in_place) = measure_both(lake(tmp_path, 60, 0.1), plan)
    assert comparable(in_place) == comparable(copied)


@pytest.mark.parametrize("session", [{"master": "local[1]"}, {"remote": "local[1]"}], ids=["here", "connect"])
def test_the_suite_of_the_sample_judges_a_faulty_month_alike_here_and_over_connect(tmp_path, session):
    days = ("--from", "2022-01-03", "--to", "2022-01-31", "--seed", "5", "--scenario", "incident-2022")
    assert Project(tmp_path).run("simulate", "sample", *days).code == 0
    (tmp_path / "lake").mkdir()
    duckdb.sql(
        "COPY (SELECT DATE '2022-01-31' AS \"Period\", * REPLACE ("  # noqa: S608 - the folder is of the test
        "CASE WHEN line % 40 = 0 THEN 'G99' ELSE verblijfsdoel END AS verblijfsdoel, "
        "CASE WHEN line % 35 = 0 THEN NULL ELSE v_nummer END AS v_nummer) FROM (SELECT "
        "row_number() OVER () AS line, * FROM "
        f"read_csv('{tmp_path}/sample/deliveries/*.csv', all_varchar=true, delim=';', header=true))) "
        f"TO '{tmp_path}/lake/rows.parquet'"
    )
    groupings = ((), ("doelgroep",), ("doelgroep", "verblijfsdoel"), ("gemeentecode",))
    copied, in_place = compare(
        {"path": f"{tmp_path}/lake", **session}, tmp_path, str(ROOT / "expectations/ind_duo.json"), groupings
    )
    assert in_place == copied
    broken = [key.name for key, value in copied.items() if key.name.endswith(".unexpected") and value]
    assert broken, "a month with faults breaks rules"


def pick_one(chance, choices):
    return choices[int(chance.integers(len(choices)))]


@pytest.mark.parametrize("seed", [11])
def test_a_generated_suite_judges_alike(tmp_path, seed):
    """Random limits, value sets, patterns, shares and conditions for every kind of rule."""
    chance = np.random.default_rng(seed)
    conditions = [None, GROUP_A_B, FILLED_IN, EITHER]
    suite = []
    for _ in range(40):
        low, wide, many = (int(n) for n in chance.integers([0, 0, 1], [80, 60, 30]))
        numbers = {"min_value": low, "max_value": low + wide}
        texts = [str(n) for n in chance.choice(120, many, replace=False)]
        pick = partial(pick_one, chance)
        rest = {"mostly": round(float(chance.uniform(0.01, 1.0)), 3), "condition": pick(conditions)}
        suite.append(
            pick(
                [
                    values("not_be_null", pick(NAMES), **rest),
                    values("be_null", pick(NAMES), **rest),
                    values("be_in_set", value_set=texts, **rest),
                    values("not_be_in_set", value_set=texts, **rest),
                    values("be_between", pick(["number", "amount"]), **numbers, **rest),
                    values("match_regex", regex=pick(["^1", "[0-4]$", "^[0-9]{2}$", "5|7"]), **rest),
                    values("be_unique", pick(["text", "number"]), **rest),
                    column("mean_to_be_between", **numbers),
                    column("value_lengths_to_be_between", "text", min_value=1, max_value=pick([1, 2, 3])),
                    pair("a_to_be_greater_than_b", "day", "other", or_equal=pick([True, False])),
                ]
            )
        )
    lake(tmp_path, 700, float(chance.uniform(0.0, 0.4)), seed=seed)
    source = {"path": f"{tmp_path}/lake", "master": "local[1]"}
    copied, in_place = compare(source, tmp_path, written(tmp_path, suite), GROUPINGS[:2])
    assert in_place == copied
    assert not [key.name for key, value in copied.items() if value == "unmeasured"]


def stop_the_session(folder):
    from pyspark.sql import SparkSession  # noqa: PLC0415 - optional

    SparkSession.getActiveSession().stop()


def change_the_rows(folder):
    lake(folder, 60, 0.1, seed=8)


def change_the_columns(folder):
    duckdb.sql(f"COPY (SELECT DATE '2022-01-03' AS \"Period\", 'x' AS other_name) TO '{folder}/lake/rows.parquet'")


@pytest.mark.parametrize(
    ("happens", "codes"),
    [
        (change_the_rows, {"delivery.replaced", "delivery.rows_not_read", "delivery.rows_out_of_reach"}),
        (change_the_columns, {"delivery.replaced", "delivery.rows_not_read", "delivery.rows_out_of_reach"}),
        (stop_the_session, {"delivery.connection_lost"}),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_what_changes_or_stops_meanwhile_leaves_nothing_half_measured(tmp_path, happens, codes):
    reader = lake(tmp_path, 60, 0.1)
    engine = InDatabaseEngine(reader)
    verified = engine.verify(reader.find(AT)[0])
    plan = MeasurementPlan(segments=GROUPINGS, suites=(written(tmp_path, EXPECTATIONS[:4]),))

    def measure_while_it_happens():
        with engine.open(verified) as dataset:
            dataset.profile(((),), None)
            happens(tmp_path)
            return measure(dataset, verified, plan)

    with pytest.raises(DeliveryError) as fault:
        measure_while_it_happens()
    assert fault.value.statement.code in codes
    assert fault.value.__cause__ is None
    if happens is not change_the_columns:
        assert engine.verify(reader.find(AT)[0]).read, "the next run measures again"


def test_what_does_not_fit_is_an_error_of_its_expectation_and_no_value_is_shown(tmp_path, capfd):
    reader = lake(tmp_path, 60, 0.1)
    odd = [column("sum_to_be_between", "text", max_value=4), values("not_be_null")]
    plan = MeasurementPlan(segments=((),), suites=(written(tmp_path, odd),))
    duckdb.sql(
        f"COPY (SELECT * REPLACE ('Jansen-42' AS text) FROM '{tmp_path}/lake/rows.parquet') "  # noqa: S608 - of the test
        f"TO '{tmp_path}/lake/rows.parquet'"
    )
    engine = InDatabaseEngine(reader)
    verified = engine.verify(reader.find(AT)[0])
    with engine.open(verified) as dataset:
        found = measure(dataset, verified, plan)
    unmeasured = [key.name for key, value in found.items() if isinstance(value, Unmeasured)]
    assert unmeasured == ["expectation.0-expect_column_sum_to_be_between.met"]
    assert "Jansen" not in "".join(capfd.readouterr()) + repr(found)
