"""Measurements as a file: JSON lines without persons, to judge staging deliveries against production's past.

The first line says what the file is, and what people declared and approved: the exclusion windows without their
reasons, and the approved baselines. Each further line is one delivery. What checks remember follows from these.
Small counts are in the file as they are, so it stays where the history may be: in CI, never in a publication.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from ketenwacht.document_limits import DocumentError, parse_json
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
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.result import CheckResult, Evidence, JudgedRun, Status
from ketenwacht.domain.statement import Codes, from_stored_text, stored_text
from ketenwacht.errors import StoreError, describe_file_fault

from .audit import AuditEntry
from .codec import manifest_json, manifest_of, reason_text, segment_from, unmeasured
from .types import canonical

if TYPE_CHECKING:
    from .history import History

SCHEMA = "ketenwacht/measurements/1"
NOTICE = "holds counts below 10; for use inside CI only, not for publication"

CODES: Codes = {"import.not_judged": {}}
"""Codes of deliveries that were measured elsewhere; see `statement.Codes`."""
_IMPORTED = CheckResult("import", Status.SKIPPED, Evidence.HISTORY, code="import.not_judged")
_COUNTS = ("rows", "nulls.", "declared.", "canary.", "expectation.", "decided.")
"""How the names of our own counts begin; a plug-in may measure what is no count."""
_MOMENTS = ("arrived_at", "due_at")
_MOST_BYTES = 2**63 - 1  # what the history can hold
_WINDOWS = frozenset({"pause", "incident", "catch-up", "policy", "release"})
_JUDGES_BY = frozenset({"schema", "kind", "settings", "slack", "threshold"})
"""Of a baseline, what a check judges by; the rest explains how it was calibrated."""
_IMPORT_REASON = "imported with measurements"


@dataclass(frozen=True, slots=True)
class ApprovedBaseline:
    """The baseline that a check uses: `body` holds the settings it was made for, its slack and its threshold."""

    check: str
    version: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MeasurementFile:
    """What a measurement file holds.

    Attributes:
        feed: name of the feed.
        snapshots: its deliveries, in order of judging.
        exclusions: the windows that people declared, without their reasons and names.
        baselines: the approved baselines, at most one a check.
    """

    feed: str
    snapshots: tuple[Snapshot, ...] = ()
    exclusions: tuple[ExclusionWindow, ...] = ()
    baselines: tuple[ApprovedBaseline, ...] = ()


def export_measurements(history: History, feed: str) -> Iterator[str]:
    """Return the lines of a measurement file, without line ends, in order of judging."""
    return dump(read_measured(history, feed))


def read_measured(history: History, feed: str) -> MeasurementFile:
    """Return what a measurement file of a feed holds."""
    versions = history.baselines.find(feed)
    used = (history.baselines.find_approved(feed, check) for check in dict.fromkeys(one.check for one in versions))
    return MeasurementFile(
        feed,
        history.runs.find_snapshots(feed),
        history.exclusions.find(feed),
        tuple(
            ApprovedBaseline(one.check, one.version, one.body)
            for one in used
            if one is not None and one.body.keys() >= _JUDGES_BY  # those of an early release judge nothing
        ),
    )


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

    The declared windows come along, in the name of whoever brings them in. Approved baselines do not: somebody
    proposes and approves one in the history that uses it.

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
    found = load(lines, guard)
    for window in found.exclusions:
        declared = replace(window, reason=_IMPORT_REASON, declared_by=who)
        history.exclusions.add(found.feed, declared, at=at, origin=origin)
    runs = [
        (JudgedRun(new_id(), one.delivery, at, (_IMPORTED,), smallest_count(one)), one) for one in found.snapshots
    ]
    added = sum(history.runs.save(run, one) for run, one in runs)  # one transaction each: others write in between
    result = f"{added} new of {len(found.snapshots)}"
    history.audit.add(AuditEntry("measurements import", found.feed, result, origin, who, at))
    return added


def dump(file: MeasurementFile) -> Iterator[str]:
    """Return the lines of a measurement file, without line ends."""
    head = {
        "schema": SCHEMA,
        "feed": file.feed,
        "deliveries": len(file.snapshots),
        "notice": NOTICE,
        "exclusions": [_window(one) for one in file.exclusions],
        "baselines": [_baseline(one) for one in file.baselines],
    }
    return chain([canonical(head)], (canonical(_line(one)) for one in file.snapshots))


def load(lines: Iterable[str], guard: Guard | None = None) -> MeasurementFile:
    """Return what a measurement file holds, in its order.

    Args:
        lines: of the file.
        guard: what of the names in it may be kept; None: what does not look personal.

    Raises:
        StoreError: a line cannot be read, or deliveries are missing at the end. The text names the line only.
    """
    guard = guard or Guard()
    head, promised, found, number = MeasurementFile(""), 0, [], 0
    try:
        for number, line in enumerate(lines, start=1):
            content = parse_json(line)
            if number > 1:
                found.append(guard.snapshot(_snapshot(head.feed, content)))
            elif content["schema"] == SCHEMA:
                head, promised = _head(content, guard), int(content["deliveries"])
            else:
                raise StoreError(f"line 1 of the measurement file: its schema is not {SCHEMA}")
    except DocumentError as fault:
        raise StoreError(
            f"line {number} of the measurement file {fault.what} — write the file again with "
            "`ketenwacht measurements export`"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as fault:
        raise StoreError(
            f"line {number} of the measurement file: {_describe(fault)} — write the file again with "
            "`ketenwacht measurements export`"
        ) from None
    if number == 0 or len(found) != promised:
        raise StoreError(
            f"measurement file: {len(found)} of {promised} deliveries — it was cut off, copy it again"
        )
    return replace(head, snapshots=tuple(found))


class _ImpossibleError(ValueError):
    """A value that no measurement has; its text is ours and quotes nothing of the file."""


def _describe(fault: Exception) -> str:
    """Return what is wrong with a line, without its content: texts of other errors quote it."""
    return str(fault) if isinstance(fault, _ImpossibleError) else describe_file_fault(fault)


def _head(content: dict[str, Any], guard: Guard) -> MeasurementFile:
    """Return what the first line says; a file of an earlier version names neither windows nor baselines."""
    return MeasurementFile(
        str(content["feed"]),
        exclusions=tuple(_window_of(one, guard) for one in content.get("exclusions", ())),
        baselines=tuple(_baseline_of(one) for one in content.get("baselines", ())),
    )


def _window(window: ExclusionWindow) -> dict[str, Any]:
    """Return a window without its reason and without who declared it: both are words of people."""
    return {
        "first": window.first.isoformat(),
        "last": window.last.isoformat(),
        "kind": window.kind,
        "segment": window.segment.pairs,
    }


def _window_of(entry: dict[str, Any], guard: Guard) -> ExclusionWindow:
    first, last = date.fromisoformat(entry["first"]), date.fromisoformat(entry["last"])
    if entry["kind"] not in _WINDOWS or not FIRST_DAY <= first <= last <= LAST_DAY:
        raise _ImpossibleError("an exclusion window cannot be")
    return ExclusionWindow(first, last, "", entry["kind"], guard.segment(segment_from(entry["segment"])))


def _baseline(one: ApprovedBaseline) -> dict[str, Any]:
    return {"check": one.check, "version": one.version, **{name: one.body[name] for name in _JUDGES_BY}}


def _baseline_of(entry: dict[str, Any]) -> ApprovedBaseline:
    body = {name: entry[name] for name in _JUDGES_BY}
    body |= {name: _weight(entry[name]) for name in ("slack", "threshold")}
    if type(entry["settings"]) is not dict:
        raise _ImpossibleError("the settings of a baseline are no object")
    return ApprovedBaseline(str(entry["check"]), int(entry["version"]), body)


def _weight(value: object) -> float:
    """Return a slack or threshold; raise ValueError when it cannot be one."""
    if type(value) not in {int, float} or not 0 <= float(value) <= MOST_ROWS:  # type: ignore[arg-type]
        raise _ImpossibleError("a baseline holds an impossible number")
    return float(value)  # type: ignore[arg-type]


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
        raise _ImpossibleError("the period or size of a delivery cannot be")
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
        raise _ImpossibleError("a moment has no time zone, or cannot be")
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
        raise _ImpossibleError("a measurement is no number")
    number = float(value)  # type: ignore[arg-type]
    if not math.isfinite(number) or abs(number) > MOST_ROWS:
        raise _ImpossibleError("a measurement is infinite or too large")
    if name.startswith(_COUNTS) and (number < 0 or not number.is_integer()):
        raise _ImpossibleError("a count is below 0 or a fraction")
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
        raise _ImpossibleError("a manifest states an impossible number")
    days = (manifest.period_from, manifest.period_to)
    if any(day is not None and not FIRST_DAY <= day <= LAST_DAY for day in days):
        raise _ImpossibleError("a manifest states an impossible day")
    return manifest
