"""Measurements as a file: JSON lines without persons, to judge staging deliveries against production's past.

The first line says what the file is; each further line is one delivery. Small counts are in it as they are, so
it stays where the history may be: in CI, never in a publication.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from ketenwacht.documents import DocumentError, parse_json
from ketenwacht.domain.delivery import FIRST_DAY, LAST_DAY, MOST_ROWS, Delivery, Manifest, Presence
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.measurement import (
    Column,
    Measurement,
    MetricKey,
    Snapshot,
    Unmeasured,
    smallest_count,
)
from ketenwacht.domain.result import CheckResult, Evidence, JudgedRun, Status
from ketenwacht.domain.statement import Codes, from_stored_text, stored_text
from ketenwacht.errors import StoreError

from .audit import AuditEntry
from .codec import manifest_json, manifest_of, reason_text, segment_from, unmeasured
from .types import canonical

if TYPE_CHECKING:
    from .history import History

SCHEMA = "ketenwacht/measurements/1"
NOTICE = "holds counts below 10; for use inside CI only, not for publication"

CODES: Codes = {"import.not_judged": {}}
"""What is said of deliveries that were measured elsewhere; see `statement.Codes`."""
_IMPORTED = CheckResult("import", Status.SKIPPED, Evidence.HISTORY, code="import.not_judged")
_COUNTS = ("rows", "nulls.", "declared.", "canary.", "expectation.", "decided.")
"""How the names of our own counts begin; a plug-in may measure what is no count."""
_MOMENTS = ("arrived_at", "due_at")
_MOST_BYTES = 2**63 - 1  # what the history can hold


def export_measurements(history: History, feed: str) -> Iterator[str]:
    """Return the lines of a measurement file, without line ends, in order of judging."""
    return dump(feed, history.runs.find_snapshots(feed))


def import_measurements(  # noqa: PLR0913 - what, whose names, and who brings it in
    history: History,
    lines: Iterable[str],
    *,
    new_id: Callable[[], str],
    who: str,
    at: datetime,
    origin: str = "cli",
    guard: Guard | None = None,
) -> int:
    """Add the deliveries of a measurement file to a history, each as a run that judged nothing.

    Args:
        history: open.
        lines: of the file.
        new_id: gives each new run its id.
        who: brings them in.
        at: now (UTC).
        origin: from where.
        guard: what of the names in the file may be kept; None: what does not look personal.

    Returns:
        How many deliveries are new; one that is known stays as it is.

    Raises:
        StoreError: the file is no measurement file, or the history cannot be written.
    """
    feed, snapshots = load(lines, guard)
    runs = [(JudgedRun(new_id(), one.delivery, at, (_IMPORTED,), smallest_count(one)), one) for one in snapshots]
    added = sum(history.runs.save(run, one) for run, one in runs)  # one transaction each: others write in between
    result = f"{added} new of {len(snapshots)}"
    history.audit.add(AuditEntry("measurements import", feed, result, origin, who, at))
    return added


def dump(feed: str, snapshots: Sequence[Snapshot]) -> Iterator[str]:
    """Return the lines of a measurement file, without line ends."""
    head = {"schema": SCHEMA, "feed": feed, "deliveries": len(snapshots), "notice": NOTICE}
    return chain([canonical(head)], (canonical(_line(one)) for one in snapshots))


def load(lines: Iterable[str], guard: Guard | None = None) -> tuple[str, tuple[Snapshot, ...]]:
    """Return the feed and the deliveries of a measurement file, in its order.

    Args:
        lines: of the file.
        guard: what of the names in it may be kept; None: what does not look personal.

    Raises:
        StoreError: a line cannot be read, or deliveries are missing at the end. The text names the line only.
    """
    feed, promised, found, number = "", 0, [], 0
    try:
        for number, line in enumerate(lines, start=1):
            content = parse_json(line)
            if number > 1:
                found.append((guard or Guard()).snapshot(_snapshot(feed, content)))
            elif content["schema"] == SCHEMA:
                feed, promised = str(content["feed"]), int(content["deliveries"])
            else:
                raise StoreError(f"line 1 of the measurement file: its schema is not {SCHEMA}")
    except DocumentError as fault:
        raise StoreError(f"line {number} of the measurement file {fault.what}") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as fault:
        raise StoreError(f"line {number} of the measurement file: {type(fault).__name__}") from None
    if number == 0 or len(found) != promised:
        raise StoreError(
            f"measurement file: {len(found)} of {promised} deliveries — it was cut off, copy it again"
        )
    return feed, tuple(found)


def _line(snapshot: Snapshot) -> dict[str, Any]:
    delivery = snapshot.delivery
    line: dict[str, Any] = {
        "id": delivery.id,
        "period": delivery.period.isoformat(),
        "presence": delivery.presence.value,
        "sha256": delivery.sha256,
        "size": delivery.size,
        "problem": None if delivery.problem is None else stored_text(delivery.problem),
        "manifest": None if delivery.manifest is None else manifest_json(delivery.manifest),
        "columns": [[column.name, column.type] for column in snapshot.columns],
        "measurements": [_entry(key, value) for key, value in snapshot.measurements.items()],
    }
    for name in _MOMENTS:
        moment = getattr(delivery, name)
        line[name] = None if moment is None else moment.isoformat()
    return line


def _entry(key: MetricKey, value: Measurement) -> list[Any]:
    if isinstance(value, Unmeasured):
        return [key.name, key.segment.pairs, None, reason_text(value)]
    return [key.name, key.segment.pairs, None if math.isnan(value) else value]


def _snapshot(feed: str, line: dict[str, Any]) -> Snapshot:
    moments = {name: None if line[name] is None else _moment(line[name]) for name in _MOMENTS}
    period, size = date.fromisoformat(line["period"]), line["size"]
    if not FIRST_DAY <= period <= LAST_DAY or not (
        size is None or (type(size) is int and 0 <= size <= _MOST_BYTES)
    ):
        raise ValueError("the period or size of a delivery cannot be")
    delivery = Delivery(
        feed=feed,
        id=line["id"],
        period=period,
        presence=Presence(line["presence"]),
        sha256=line["sha256"],
        size=size,
        manifest=None if line["manifest"] is None else _possible(manifest_of(line["manifest"])),
        problem=None if line["problem"] is None else from_stored_text(line["problem"]),
        **moments,
    )
    columns = tuple(Column(name, kind) for name, kind in line["columns"])
    return Snapshot(delivery, dict(_measured(entry) for entry in line["measurements"]), columns)


def _moment(text: str) -> datetime:
    """Return a moment in UTC; raise ValueError when it has no time zone, or no delivery came then."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or not FIRST_DAY < moment.date() < LAST_DAY:
        raise ValueError("a moment has no time zone, or cannot be")
    return moment.astimezone(UTC)


def _measured(entry: list[Any]) -> tuple[MetricKey, Measurement]:
    name, pairs, value, *reason = entry
    key = MetricKey(name, segment_from(pairs))
    if reason:
        return key, unmeasured(reason[0])
    return key, math.nan if value is None else _number(name, value)


def _number(name: str, value: object) -> float:
    """Return the value of a measurement; raise ValueError when nothing could have measured it."""
    if type(value) not in {int, float}:
        raise TypeError("a measurement is no number")
    number = float(value)  # type: ignore[arg-type]
    if not math.isfinite(number) or abs(number) > MOST_ROWS:
        raise ValueError("a measurement is infinite or too large")
    if name.startswith(_COUNTS) and (number < 0 or not number.is_integer()):
        raise ValueError("a count is below 0 or a fraction")
    return number


def _possible(manifest: Manifest) -> Manifest:
    """Return a manifest; raise ValueError when it states an impossible number or day."""
    counts = (
        *(manifest.sequence, manifest.size, manifest.rows, manifest.selected),
        *manifest.rows_by_segment.values(),
        *manifest.selected_by_segment.values(),
        *manifest.excluded.values(),
    )
    if any(count is not None and (type(count) is not int or not 0 <= count <= MOST_ROWS) for count in counts):
        raise ValueError("a manifest states an impossible number")
    days = (manifest.period_from, manifest.period_to)
    if any(day is not None and not FIRST_DAY <= day <= LAST_DAY for day in days):
        raise ValueError("a manifest states an impossible day")
    return manifest
