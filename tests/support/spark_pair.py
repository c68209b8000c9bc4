"""What a copy and Spark measure of the same rows; kinds of session do not mix in one process."""

from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from zoneinfo import ZoneInfo

from every_expectation import comparable

from ketenwacht.domain.feed import SparkSource
from ketenwacht.measure import CopyEngine, InDatabaseEngine, MeasurementPlan, measure
from ketenwacht.sources import open_source

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Amsterdam")
OPTIONS = {"spark.sql.shuffle.partitions": "2", "spark.ui.enabled": "false"}


def measure_both(reader, plan):
    """Yield the columns and the measurements of a copy, and then of the rows where they are."""
    delivery = reader.find(AT)[0]
    for engine in (CopyEngine(reader), InDatabaseEngine(reader)):
        verified = engine.verify(delivery)
        assert verified.read, verified.problem
        with engine.open(verified) as dataset:
            yield dataset.columns, measure(dataset, verified, plan)


def compare(*arguments):
    """The same as `_compare`, in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_compare, *arguments).result()


def _compare(source, folder, suite, groupings):
    reader = open_source(
        "feed", SparkSource(period_column="Period", options=OPTIONS, **source), root=folder, zone=ZONE
    )
    plan = MeasurementPlan(segments=groupings, suites=(suite,))
    (_, copied), (_, in_place) = measure_both(reader, plan)
    return comparable(copied), comparable(in_place)
