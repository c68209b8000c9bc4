"""What the receiver gives the sender: an acknowledgement of each judged delivery, and two files a week."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ketenwacht.domain.delivery import FIRST_DAY, DeliveryKind
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.measurement import ROWS, Snapshot
from ketenwacht.domain.personal_values import shown_text
from ketenwacht.domain.result import CheckResult, JudgedRun, Status, worst
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.errors import ConfigError, describe_file_fault
from ketenwacht.reconcile.tables import private_file
from ketenwacht.store import History

SCHEMA = "ketenwacht/receipt/1"
_SUFFIX = ".receipt.json"
_KINDS: Mapping[DeliveryKind, str] = {
    DeliveryKind.MUTATION: "mutatie",
    DeliveryKind.SNAPSHOT: "stand",
    DeliveryKind.REDELIVERY: "herlevering",
    DeliveryKind.CORRECTION: "correctie",
    DeliveryKind.CATCH_UP: "inhaal",
}
_NEWEST = 60
"""Earlier verdicts that are looked at after a check: more than come in a month of working days."""
_TOLD = {Status.FAILED, Status.ERROR, Status.WARNED}


@dataclass(frozen=True, slots=True)
class WrittenReceipts:
    """Which receipts were written, and how many were there already."""

    written: tuple[Path, ...]
    before: int


def write_receipts(feed: Feed, history: History, folder: Path, *, delivery: str | None = None) -> WrittenReceipts:
    """Write a receipt of each delivery that was judged on arrival; one that is there already stays as it is.

    Args:
        feed: as configured.
        history: where its deliveries were judged.
        folder: for the receipts, made when absent.
        delivery: id of the only delivery to acknowledge; None: each.

    Raises:
        ConfigError: there is no such delivery, or a file cannot be written.
    """
    runs = {run.delivery.id: run for run in history.runs.find(feed.name) if not run.by_evidence}
    snapshots = {one.delivery.id: one for one in history.runs.find_snapshots(feed.name)}
    if delivery is not None and delivery not in runs:
        what = f"no delivery {shown_text(delivery)} of {feed.name} was judged"
        raise ConfigError("--delivery", what, "give the id of a delivery as `ketenwacht history` shows it")
    _make_folder(folder)
    written, before = [], 0
    for name, run in runs.items():
        if (delivery is not None and name != delivery) or not _arrived(run):
            continue
        path = _name_receipt(feed, run, folder)
        if _is_there(path):
            before += 1
            continue
        _write_receipt(feed, run, snapshots.get(name), path)
        written.append(path)
    return WrittenReceipts(tuple(written), before)


def write_configured(  # noqa: PLR0913 - where from, where to, and when
    feed: Feed,
    root: Path,
    history: History,
    measured: Mapping[str, Snapshot],
    *,
    today: date,
    on_warning: Callable[[str, str], None],
) -> None:
    """Write the receipts and weekly files that a feed is configured to write; what is there stays.

    This runs after every check, so that only the verdicts of what it measured and the newest `_NEWEST` are looked
    at. What cannot be written is warned of and tried again by the next check.

    Args:
        feed: as configured.
        root: folder of config.yaml.
        history: where its deliveries were judged.
        measured: what this check measured, by id of the delivery.
        today: the local date.
        on_warning: called with a place, and what is wrong there.
    """
    settings = feed.receipts
    if settings is None:
        return
    folder = root / settings.folder
    try:
        _make_folder(folder)
        runs = history.runs.find(feed.name, limit=_NEWEST)
        if measured:  # a first look may judge years
            first = min(one.delivery.period for one in measured.values())
            runs = (*history.runs.find(feed.name, since=first), *runs)
        waiting = [
            run
            for run in {run.id: run for run in runs}.values()
            if not run.by_evidence and _arrived(run) and not _is_there(_name_receipt(feed, run, folder))
        ]
        snapshots = measured
        if any(run.delivery.id not in measured for run in waiting):
            snapshots = {one.delivery.id: one for one in history.runs.find_snapshots(feed.name, metrics={ROWS})}
        for run in waiting:
            _write_receipt(feed, run, snapshots.get(run.delivery.id), _name_receipt(feed, run, folder))
        if settings.weekly:
            write_weeks(feed, history, folder, today=today, newest=True)
    except ConfigError as fault:
        on_warning(f"feeds.{feed.name}.receipts", str(fault))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        what = f"cannot be made ({describe_file_fault(fault)})"
        raise ConfigError(str(folder), what, "name a folder that you may write to") from None


def _name_receipt(feed: Feed, run: JudgedRun, folder: Path) -> Path:
    return folder / f"{feed.name}_{run.delivery.id}{_SUFFIX}"


def _write_receipt(feed: Feed, run: JudgedRun, snapshot: Snapshot | None, path: Path) -> None:
    _write(path, json.dumps(build_receipt(feed, run, snapshot), indent=2, ensure_ascii=False) + "\n")


def build_receipt(feed: Feed, run: JudgedRun, snapshot: Snapshot | None) -> dict[str, object]:
    """Return the receipt of one delivery, in the fields of a manifest, with verdict and findings as codes.

    A delivery that could not be read or judged is rejected. One that broke a rule is accepted with its findings:
    its records were taken over.
    """
    delivery, manifest = run.delivery, run.delivery.manifest
    rejected = not delivery.read
    first = manifest.period_from if manifest is not None else None
    last = manifest.period_to if manifest is not None else None
    number = int(delivery.id) if delivery.id.isdecimal() else manifest.sequence if manifest is not None else None
    counts = {} if rejected or snapshot is None else _count_segments(feed, snapshot)
    return {
        "schema": SCHEMA,
        "levering_id": manifest.delivery_uuid if manifest is not None and manifest.delivery_uuid else delivery.id,
        "volgnummer": number,
        "soort": _KINDS[delivery.kind],
        "zender": feed.receiver,
        "ontvanger": feed.sender,
        "periode": {"van": (first or delivery.period).isoformat(), "tot": (last or delivery.period).isoformat()},
        "aangemaakt_op": _moment(run.at),
        "ontvangen_op": _moment(delivery.arrived_at),
        "sha256": delivery.sha256,
        "status": "rejected" if rejected else "accepted",
        "oordeel": max((result.status for result in run.results), default=Status.PASSED).word,
        "aantal": 0 if rejected or snapshot is None else _rows(snapshot),
        "aantallen": [{**segment.as_dict(), "aantal": rows} for segment, rows in counts.items()],
        "uitgesloten": [],
        "bevindingen": _describe_findings(run.results),
    }


def _arrived(run: JudgedRun) -> bool:
    return run.delivery.sha256 is not None or run.delivery.read


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at is not None else None


def _rows(snapshot: Snapshot) -> int:
    value = snapshot.value(ROWS, WHOLE)
    return int(value) if isinstance(value, float) else 0


def _count_segments(feed: Feed, snapshot: Snapshot) -> dict[Segment, int]:
    """Return rows by the finest dimensions that the feed is counted by; {} when it is counted whole."""
    finest = max((tuple(dims) for dims in feed.segments), key=len, default=())
    if not finest:
        return {}
    found = {s: snapshot.value(ROWS, s) for s in snapshot.segments(ROWS) if s.dimensions == finest}
    return {s: int(value) for s, value in sorted(found.items()) if isinstance(value, float)}


def _describe_findings(results: Sequence[CheckResult]) -> list[dict[str, object]]:
    return [
        {"check": r.check, "code": r.code, "segment": r.segment.as_dict(), "status": r.status.word}
        for r in results
        if r.status in _TOLD
    ]


# For the sender, of each week that is over: a quality file, and the list of differences.


QUALITY_SCHEMA = "ketenwacht/quality/1"
_QUALITY, _DIFFERENCES = ".quality.json", ".differences.csv"
_WEEK = timedelta(days=7)
_COLUMNS = ("delivery", "period", "check", "code", "status")
_NUMBERS = ("observed", "expected_low", "expected_high", "difference", "unit")


@dataclass(frozen=True, slots=True)
class WeekFiles:
    """Where the two files of a week go.

    Attributes:
        monday: its first day.
        quality: the quality file, JSON.
        differences: the list of differences, CSV.
    """

    monday: date
    quality: Path
    differences: Path

    @classmethod
    def of(cls, feed: Feed, monday: date, folder: Path) -> WeekFiles:
        """Return the files of the week that begins on a Monday."""
        name = f"{feed.name}_{monday:%G-W%V}"
        return cls(monday, folder / f"{name}{_QUALITY}", folder / f"{name}{_DIFFERENCES}")

    @property
    def there(self) -> bool:
        """Whether both are there."""
        return _is_there(self.quality) and _is_there(self.differences)


def write_weeks(feed: Feed, history: History, folder: Path, *, today: date, newest: bool = False) -> list[Path]:
    """Write the quality file and the list of differences of each week that is over; what is there stays.

    Args:
        feed: as configured.
        history: where its deliveries were judged.
        folder: for the files.
        today: the local date; its week is not over.
        newest: only the last week that is over.

    Returns:
        The files that were written.

    Raises:
        ConfigError: a file cannot be written.
    """
    last = today - timedelta(days=today.weekday()) - _WEEK
    if newest and WeekFiles.of(feed, last, folder).there:
        return []
    runs = _find_newest_runs(history.runs.find(feed.name, since=last if newest else None))
    periods = [run.delivery.period for run in runs if run.delivery.period > FIRST_DAY]
    if not periods:
        return []
    snapshots = {one.delivery.id: one for one in history.runs.find_snapshots(feed.name, metrics={ROWS})}
    first = last if newest else min(periods) - timedelta(days=min(periods).weekday())
    written: list[Path] = []
    for monday in _list_weeks(first, last):
        files = WeekFiles.of(feed, monday, folder)
        of_it = [run for run in runs if monday <= run.delivery.period < monday + _WEEK]
        if not of_it or files.there:
            continue
        # The list first: where the quality file is, the week is complete.
        _write(files.differences, format_differences(feed, of_it))
        _write(files.quality, json.dumps(describe_week(feed, monday, of_it, snapshots), indent=2) + "\n")
        written += [files.quality, files.differences]
    return written


def _find_newest_runs(runs: Sequence[JudgedRun]) -> list[JudgedRun]:
    """Return the newest verdict on each delivery, in order of period."""
    newest = {run.delivery.id: run for run in runs}
    return sorted(newest.values(), key=lambda run: (run.delivery.period, run.delivery.id))


def _list_weeks(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _WEEK


def _is_there(path: Path) -> bool:
    """Return whether a file is there; raise ConfigError where that cannot be told: a name too long, no right."""
    try:
        return path.exists()
    except OSError as fault:
        raise _refuse(path, fault) from None


def _write(path: Path, text: str) -> None:
    try:
        with private_file(path) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as fault:  # a full disk, too
        raise _refuse(path, fault) from None


def _refuse(path: Path, fault: OSError) -> ConfigError:
    what = f"cannot be written ({describe_file_fault(fault)})"
    return ConfigError(str(path), what, "name a folder with room that you may write to")


def describe_week(
    feed: Feed, monday: date, runs: Sequence[JudgedRun], snapshots: Mapping[str, Snapshot]
) -> dict[str, object]:
    """Return the quality file of a week: its deliveries with verdicts and findings as codes, and their sums."""
    told = [result for run in runs for result in run.results if result.status in _TOLD]
    rows = {run.delivery.id: _count_rows(run, snapshots) for run in runs}
    by_check = Counter((result.check, result.status.word) for result in told)
    return {
        "schema": QUALITY_SCHEMA,
        "feed": feed.name,
        "zender": feed.receiver,
        "ontvanger": feed.sender,
        "week": f"{monday:%G-W%V}",
        "periode": {"van": monday.isoformat(), "tot": (monday + _WEEK - timedelta(days=1)).isoformat()},
        "oordeel": worst(result.status for run in runs for result in run.results).word,
        "leveringen": len(runs),
        "afgekeurd": sum(_arrived(run) and not run.delivery.read for run in runs),
        "aantal": sum(rows.values()),
        "bevindingen": [
            {"check": check, "status": status, "aantal": count}
            for (check, status), count in sorted(by_check.items())
        ],
        "per_levering": [
            {
                "levering_id": run.delivery.id,
                "periode": run.delivery.period.isoformat(),
                "sha256": run.delivery.sha256,
                "status": "accepted" if run.delivery.read else "rejected" if _arrived(run) else "missing",
                "oordeel": worst(result.status for result in run.results).word,
                "aantal": rows[run.delivery.id],
                "bevindingen": sum(result.status in _TOLD for result in run.results),
            }
            for run in runs
        ],
    }


def _count_rows(run: JudgedRun, snapshots: Mapping[str, Snapshot]) -> int:
    found = snapshots.get(run.delivery.id)
    value = found.value(ROWS, WHOLE) if found is not None and run.delivery.read else None
    return int(value) if isinstance(value, float) else 0


def format_differences(feed: Feed, runs: Sequence[JudgedRun]) -> str:
    """Return the list of differences of a week as CSV (`;`): a row a finding, with numbers and no persons.

    `difference` is how far the observed number lies outside the expected ones; empty where nothing was counted.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow([*_COLUMNS, *feed.dimensions, *_NUMBERS])
    for run in runs:
        for result in run.results:
            if result.status in _TOLD:
                writer.writerow(_list_cells(feed, run, result))
    return text.getvalue()


def _list_cells(feed: Feed, run: JudgedRun, result: CheckResult) -> list[object]:
    values, found = result.segment.as_dict(), result.observed
    low = high = difference = None
    if result.expected is not None:
        low, high = result.expected.low, result.expected.high
        if found is not None:
            difference = max(
                low - found if low is not None else 0.0, found - high if high is not None else 0.0, 0.0
            )
    named = [run.delivery.id, run.delivery.period, result.check, result.code, result.status.word]
    numbers = [_format_number(one) for one in (found, low, high, difference)]
    return [*named, *(values.get(name, "") for name in feed.dimensions), *numbers, result.unit]


def _format_number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}" if value % 1 else f"{value:.0f}"
