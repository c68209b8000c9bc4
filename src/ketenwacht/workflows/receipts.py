"""The receiver's machine-readable acknowledgement of each judged delivery, for the sender."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ketenwacht.domain.delivery import DeliveryKind
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.measurement import ROWS, Snapshot
from ketenwacht.domain.personal import shown_text
from ketenwacht.domain.result import CheckResult, JudgedRun, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.errors import ConfigError
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
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        what = f"cannot be made ({type(fault).__name__})"
        raise ConfigError(str(folder), what, "name a folder that you may write to") from None
    written, before = [], 0
    for name, run in runs.items():
        if (delivery is not None and name != delivery) or not _arrived(run):
            continue
        path = folder / f"{feed.name}_{name}{_SUFFIX}"
        if path.exists():
            before += 1
            continue
        made = build_receipt(feed, run, snapshots.get(name))
        with private_file(path) as partial:
            partial.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        written.append(path)
    return WrittenReceipts(tuple(written), before)


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
