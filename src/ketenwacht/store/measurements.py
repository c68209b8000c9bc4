"""Measurements, normalised: a series is named once, a measurement is a number in it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import Connection, Select, select

from ketenwacht.domain.measurement import Measurement, MetricKey, Unmeasured
from ketenwacht.domain.segment import Segment

from .codec import reason_text, unmeasured
from .database import ignore_known, insert_plain
from .tables import deliveries, measurements, runs, series
from .types import canonical, segment_of, segment_text

StoredMeasurement = tuple[int, int, float | None, str | None]
"""A row of `measurements`: run, series, value, and why there is none."""


def series_id(feed: str, metric: str, segment: str) -> int:
    """Return the number of a series: 63 bits of a SHA-256 over what names it.

    It follows from the name alone, so a number that a process remembers stays right when the history under it
    is restored from a backup. Two of a million series share one with a probability of 5e-8. The segment is
    given as `segment_text` writes it.
    """
    name = f"[{canonical(feed)},{canonical(metric)},{segment}]"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1


def write_measurements(
    connection: Connection,
    feed: str,
    run: int,
    values: Mapping[MetricKey, Measurement],
    known: Mapping[MetricKey, int],
) -> tuple[dict[MetricKey, int], list[StoredMeasurement]]:
    """Write the measurements of one run.

    Args:
        connection: in a transaction.
        feed: whose run it is.
        run: its number.
        values: what was measured.
        known: series that the database is known to hold.

    Returns:
        The series that were not known, for the caller to remember once all is committed; and the rows.
    """
    fresh: dict[MetricKey, int] = {}
    named = []
    for key in values:
        if key not in known:
            segment = segment_text(key.segment)
            fresh[key] = series_id(feed, key.name, segment)
            named.append({"id": fresh[key], "feed": feed, "metric": key.name, "segment": segment})
    ignore_known(connection, series, named)
    rows = [
        (run, known[key] if key in known else fresh[key], *_stored_value(value)) for key, value in values.items()
    ]
    insert_plain(connection, measurements, rows)
    return fresh, rows


def read_measurements(
    connection: Connection,
    feed: str,
    *,
    before: date | None,
    metrics: Collection[str] | None,
    segments: Callable[[Segment], bool] | None = None,
) -> dict[int, dict[MetricKey, Measurement]]:
    """Return what was measured of a feed's deliveries, by run number; runs that measured nothing are not there."""
    wanted = select(series.c.id, series.c.metric, series.c.segment).where(series.c.feed == feed)
    if metrics is not None:
        wanted = wanted.where(series.c.metric.in_(sorted(metrics)))
    keys = {number: MetricKey(metric, segment_of(text)) for number, metric, text in connection.execute(wanted)}
    query = select(measurements).where(measurements.c.run.in_(_numbers(feed, before)))
    if segments is not None:
        keys = {number: key for number, key in keys.items() if segments(key.segment)}
        query = query.where(measurements.c.series.in_(sorted(keys)))
    elif metrics is not None:
        query = query.where(measurements.c.series.in_(select(wanted.subquery().c.id)))
    return _by_run(keys, connection.execute(query))


def _numbers(feed: str, before: date | None) -> Select[tuple[int]]:
    numbers = select(runs.c.number).join(deliveries).where(deliveries.c.feed == feed)
    return numbers if before is None else numbers.where(deliveries.c.period < before)


def _by_run(
    keys: Mapping[int, MetricKey],
    rows: Iterable[tuple[int, int, float | None, str | None]],
) -> dict[int, dict[MetricKey, Measurement]]:
    found: dict[int, dict[MetricKey, Measurement]] = {}
    for run, number, value, reason in rows:
        values = found.get(run)
        if values is None:
            values = found[run] = {}
        if value is not None:
            values[keys[number]] = value
        else:
            values[keys[number]] = math.nan if reason is None else unmeasured(reason)
    return found


def _stored_value(value: Measurement) -> tuple[float | None, str | None]:
    if isinstance(value, Unmeasured):
        return None, reason_text(value)
    return (None if math.isnan(value) else float(value)), None
