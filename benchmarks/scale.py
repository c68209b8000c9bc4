# ruff: noqa: INP001, S608 - a script; its names are its own
"""How cost and memory of a measurement in Spark grow with the rows: each size in a process of its own.

`python benchmarks/scale.py 1000000 5000000` prints, for each number of rows, the seconds and the peak memory of
this side (the driver, in Python), after it compared the counts with those of DuckDB over the same file. It needs
pyspark and Java; rows are made by DuckDB in a temporary folder.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import duckdb

from ketenwacht.domain.feed import SparkSource
from ketenwacht.domain.measurement import ROWS as ROW_COUNT
from ketenwacht.domain.measurement import Measurement, MetricKey, Unmeasured
from ketenwacht.domain.segment import Segment
from ketenwacht.measure import InDatabaseEngine, MeasurementPlan, measure
from ketenwacht.measure.gx_import import import_lightly
from ketenwacht.sources import open_source

ROWS = """
SELECT DATE '2022-01-03' AS day, n AS number, lpad(n::VARCHAR, 10, '0') AS person,
    'group ' || (n % 7) AS "group", 'goal ' || (n % 23) AS goal, CASE WHEN n % 50 > 0 THEN n % 1000 END AS code,
    DATE '1980-01-01' + (n % 15000)::INT AS born
FROM range({rows}) r(n)
"""
EXPECTATIONS = (
    ("expect_column_values_to_be_unique", {"column": "person"}),
    ("expect_column_values_to_be_unique", {"column": "number"}),
    ("expect_column_values_to_match_regex", {"column": "person", "regex": "^[0-9]{10}$"}),
    ("expect_column_values_to_not_be_null", {"column": "code", "mostly": 0.9}),
    ("expect_column_values_to_be_between", {"column": "code", "min_value": 0, "max_value": 999}),
    ("expect_column_values_to_be_in_set", {"column": "group", "value_set": [f"group {n}" for n in range(7)]}),
    (
        "expect_column_values_to_be_between",
        {"column": "born", "min_value": "1980-01-01", "max_value": "2030-01-01"},
    ),
    ("expect_column_max_to_be_between", {"column": "code", "max_value": 999}),
)


def measure_in_spark(folder: Path) -> dict[str, float]:
    """Verify and measure the rows below `folder`; return seconds and MiB."""
    suite = folder / "suite.json"
    entries = [
        {"type": kind, "kwargs": kwargs, "meta": {"check_id": f"{number}"}}
        for number, (kind, kwargs) in enumerate(EXPECTATIONS)
    ]
    suite.write_text(json.dumps({"name": "s", "expectations": entries}))
    source = SparkSource(path=str(folder / "lake"), period_column="day")
    reader = open_source("feed", source, root=folder, zone=UTC)
    plan = MeasurementPlan(segments=((), ("group",), ("group", "goal")), suites=(str(suite),))
    with import_lightly():  # as in the processes that measure
        import ketenwacht.measure.gx_suite  # noqa: F401, PLC0415 - as above
    begun = perf_counter()
    engine = InDatabaseEngine(reader)
    delivery = engine.verify(reader.find(datetime(2026, 6, 1, tzinfo=UTC))[0])
    with engine.open(delivery) as dataset:
        found = measure(dataset, delivery, plan)
    unmeasured = [key.name for key, value in found.items() if isinstance(value, Unmeasured)]
    if unmeasured:
        sys.exit(f"not measured: {unmeasured}")
    seconds = perf_counter() - begun
    here = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)  # before DuckDB counts here
    verify_counts(found, folder)
    return {"seconds": round(seconds, 1), "driver_mib": here, "measurements": len(found)}


def verify_counts(found: Mapping[MetricKey, Measurement], folder: Path) -> None:
    """End with an error unless DuckDB, over the same file, counts the same rows and unexpected values."""
    rows = f"'{folder}/lake/rows.parquet'"
    ((total, without_code),) = duckdb.sql(
        f"SELECT count(*), count(*) FILTER (code IS NULL) FROM {rows}"
    ).fetchall()
    expected: dict[MetricKey, float] = {MetricKey(ROW_COUNT): float(total)}
    for names in (("group",), ("group", "goal")):
        listed = ", ".join(f'"{name}"' for name in names)
        for *values, count in duckdb.sql(f"SELECT {listed}, count(*) FROM {rows} GROUP BY {listed}").fetchall():
            expected[MetricKey(ROW_COUNT, Segment(tuple(zip(names, values, strict=True))))] = float(count)
    for number in range(len(EXPECTATIONS)):
        unexpected = float(without_code) if EXPECTATIONS[number][0].endswith("not_be_null") else 0.0
        expected[MetricKey(f"expectation.{number}.unexpected")] = unexpected
    wrong = [str(key) for key, count in expected.items() if found.get(key) != count]
    if wrong:
        sys.exit(f"counted otherwise: {wrong[:5]}")


def main() -> None:
    """Print one JSON line for each number of rows."""
    if sys.argv[1] == "--one":
        sys.stdout.write(json.dumps(measure_in_spark(Path(sys.argv[2]))) + "\n")
        return
    for rows in map(int, sys.argv[1:]):
        with tempfile.TemporaryDirectory(prefix="ketenwacht-scale-") as name:
            (Path(name) / "lake").mkdir()
            duckdb.sql(f"COPY ({ROWS.format(rows=rows)}) TO '{name}/lake/rows.parquet'")
            command = [sys.executable, __file__, "--one", name]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        sys.stdout.write(f"{rows:>11,} {done.stdout.strip() or done.stderr[-300:]}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
