"""Measurements that need no rows: what the sender declares of a delivery, and how late it came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ketenwacht.domain.delivery import Delivery, Manifest
from ketenwacht.domain.measurement import (
    DECLARED_EXCLUDED,
    DECLARED_ROWS,
    DECLARED_SELECTED,
    HOURS_LATE,
    Measurement,
    MetricKey,
)
from ketenwacht.domain.segment import WHOLE, Segment

_HOUR = timedelta(hours=1)


def declared(manifest: Manifest | None, groupings: Sequence[tuple[str, ...]]) -> dict[MetricKey, Measurement]:
    """Return what a manifest declares, as measurements (rows).

    Args:
        manifest: None: nothing was declared.
        groupings: the dimensions the feed is counted by. A control total is added up to each grouping whose
            dimensions it states; to the others it says nothing.

    Returns:
        `declared.rows` and `declared.selected` for the whole feed when stated, and by segment; a segment that no
        control total names is not there. `declared.excluded.<reason>` for the whole feed.
    """
    if manifest is None:
        return {}
    found = {
        **_totals(DECLARED_ROWS, manifest.rows, manifest.rows_by_segment, groupings),
        **_totals(DECLARED_SELECTED, manifest.selected, manifest.selected_by_segment, groupings),
    }
    found |= {MetricKey(DECLARED_EXCLUDED + reason): float(count) for reason, count in manifest.excluded.items()}
    return found


def hours_late(delivery: Delivery, at: datetime | None = None) -> dict[MetricKey, Measurement]:
    """Return `hours_late`: how long after it was due a delivery was complete; negative when early.

    Args:
        delivery: one that arrived, or is still absent.
        at: now (UTC); for a delivery that has not arrived its lateness grows until then.

    Returns:
        Nothing when it was never due, or has not arrived and `at` is None.
    """
    arrived = delivery.arrived_at if delivery.arrived_at is not None else at
    if delivery.due_at is None or arrived is None:
        return {}
    return {MetricKey(HOURS_LATE): (arrived - delivery.due_at) / _HOUR}


def _totals(
    name: str, whole: int | None, by_segment: Mapping[Segment, int], groupings: Sequence[tuple[str, ...]]
) -> dict[MetricKey, Measurement]:
    sums: dict[MetricKey, Measurement] = {}
    for grouping in groupings:
        for segment, count in by_segment.items():
            projected = segment.project(grouping)
            if projected.dimensions == grouping:
                key = MetricKey(name, projected)
                earlier = sums.get(key, 0.0)
                sums[key] = count + (earlier if isinstance(earlier, float) else 0.0)
    if whole is not None:
        sums[MetricKey(name, WHOLE)] = float(whole)
    return sums
