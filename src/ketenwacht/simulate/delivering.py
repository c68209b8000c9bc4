"""A planned delivery as two files: the rows, and then the manifest, which says that they are complete."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from . import codes
from .plan import Numbered, Planned, StatedSelection
from .records import TOTALS

SENDER, RECEIVER, SCHEMA_VERSION = "IND", "DUO", "1.0"
# Names of a delivery are derived from this, so that the same simulation gives the same ones.
_NAMESPACE = uuid.UUID("5b0e2f6e-6a1c-5d7b-9c39-0f2b6f6a2022")


def as_csv(planned: Planned) -> bytes:
    """The whole file as the sender makes it: header and rows, `;`, one line feed a row."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(planned.header)
    writer.writerows(planned.records.rows())
    return text.getvalue().encode(planned.encoding)


def _counted(totals: Counter[tuple[str, ...]]) -> list[dict[str, Any]]:
    return [{**dict(zip(TOTALS, key, strict=True)), "aantal": totals[key]} for key in sorted(totals)]


def manifest(
    delivery: Numbered, whole: bytes, stated: StatedSelection, seed: int, scenario: str
) -> dict[str, Any]:
    """What the sender declares of a delivery.

    Args:
        delivery: with its number.
        whole: the file as it left the sender.
        stated: how much is said of the selection.
        seed: of the simulation.
        scenario: name of the scenario.
    """
    planned = delivery.planned
    declared: dict[str, Any] = {
        "levering_id": str(uuid.uuid5(_NAMESPACE, f"{scenario}/{seed}/{planned.last}/{delivery.id}")),
        "volgnummer": delivery.number,
        "soort": planned.kind,
        "zender": SENDER,
        "ontvanger": RECEIVER,
        "periode": {"van": planned.first.isoformat(), "tot": planned.last.isoformat()},
        "aangemaakt_op": planned.created.isoformat(),
        "schemaversie": SCHEMA_VERSION,
        "codetabelversies": codes.versions(planned.last),
        "bytes": len(whole),
        "sha256": hashlib.sha256(whole).hexdigest(),
        "aantal": planned.records.count,
        "aantallen": _counted(planned.records.totals()),
        "geselecteerd": None,
        "uitgesloten": [],
    }
    if stated is not StatedSelection.NOTHING:
        selected = planned.selected(stated)
        declared["geselecteerd"] = selected.total()
        declared["geselecteerd_aantallen"] = _counted(selected)
        declared["uitgesloten"] = [{"reden": r, "aantal": n} for r, n in sorted(planned.excluded().items())]
    return declared


def put(path: Path, content: bytes, stamp: float) -> None:
    """Write a file whole or not at all, with a modification time (seconds since the epoch)."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    os.utime(partial, (stamp, stamp))
    partial.replace(path)


def write(folder: Path, delivery: Numbered, stated: StatedSelection, seed: int, scenario: str) -> None:
    """Write the files of one delivery that arrives, the manifest last."""
    planned = delivery.planned
    whole = as_csv(planned)
    stem = f"{SENDER}-{RECEIVER}_{planned.last:%Y%m%d}_{delivery.id}"
    stamp = planned.created.timestamp()
    arriving = whole[: _cut(whole, planned.kept)]
    put(folder / f"{stem}.csv", arriving, stamp)
    text = json.dumps(manifest(delivery, whole, stated, seed, scenario), indent=2, ensure_ascii=False) + "\n"
    put(folder / f"{stem}.manifest.json", text.encode(), stamp)


def _cut(whole: bytes, kept: float) -> int:
    """Where a file stops of which only a fraction arrives: never at the end of a row."""
    at = round(kept * len(whole))
    return at if at >= len(whole) or whole[at - 1] != ord("\n") else at - 3
