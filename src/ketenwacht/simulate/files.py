"""The files of a simulation: deliveries with manifests, register snapshots, and the folder that holds them.

The manifest is written after the rows: it states that the rows are complete.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, time
from pathlib import Path
from typing import Any

import numpy as np

from ketenwacht.errors import ConfigError

from . import codes
from .plan import NumberedDelivery, StatedSelection
from .records import TOTALS, Records, concatenate
from .truth import TRUTH_FILE, TRUTH_SCHEMA
from .volumes import pick_week_ends, to_local
from .world import SimulatedWorld

SENDER, RECEIVER, SCHEMA_VERSION = "IND", "DUO", "1.0"
# Ids of deliveries are derived from this, so that the same simulation gives the same ids.
_NAMESPACE = uuid.UUID("5b0e2f6e-6a1c-5d7b-9c39-0f2b6f6a2022")


def write_file(path: Path, content: bytes, stamp: float) -> None:
    """Write a complete file or none, with a modification time (seconds since the epoch)."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    os.utime(partial, (stamp, stamp))
    partial.replace(path)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], stamp: date) -> None:
    """Write a CSV (`;`) with a modification time on the morning of `stamp`."""
    write_file(path, format_csv(header, rows).encode(), to_local(stamp, time(9, 0)).timestamp())


def format_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a CSV: header and rows, delimiter `;`, a line feed after each row."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _list_totals(totals: Counter[tuple[str, ...]]) -> list[dict[str, Any]]:
    return [{**dict(zip(TOTALS, key, strict=True)), "aantal": totals[key]} for key in sorted(totals)]


def build_manifest(
    delivery: NumberedDelivery, whole: bytes, stated: StatedSelection, seed: int, scenario: str
) -> dict[str, Any]:
    """Return the manifest of a delivery.

    Args:
        delivery: with its number.
        whole: the complete file of the sender.
        stated: the part of the selection to state.
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
        "schemaversie": planned.schema_version or SCHEMA_VERSION,
        "codetabelversies": codes.list_versions(planned.last),
        "bytes": len(whole),
        "sha256": hashlib.sha256(whole).hexdigest(),
        "aantal": planned.records.count,
        "aantallen": _list_totals(planned.records.count_totals()),
        "geselecteerd": None,
        "uitgesloten": [],
    }
    if stated is not StatedSelection.NOTHING:
        selected = planned.count_selected(stated)
        declared["geselecteerd"] = selected.total()
        declared["geselecteerd_aantallen"] = _list_totals(selected)
        declared["uitgesloten"] = [{"reden": r, "aantal": n} for r, n in sorted(planned.count_excluded().items())]
    return declared


def write_delivery(
    folder: Path, delivery: NumberedDelivery, stated: StatedSelection, seed: int, scenario: str
) -> None:
    """Write the files of one arriving delivery, the manifest last."""
    planned = delivery.planned
    whole = format_csv(planned.header, planned.records.list_rows()).encode(planned.encoding)
    stem = f"{SENDER}-{RECEIVER}_{planned.last:%Y%m%d}_{delivery.id}"
    stamp = planned.created.timestamp()
    arriving = whole[: _find_cut(whole, planned.arriving_share)]
    write_file(folder / f"{stem}.csv", arriving, stamp)
    text = json.dumps(build_manifest(delivery, whole, stated, seed, scenario), indent=2, ensure_ascii=False) + "\n"
    write_file(folder / f"{stem}.manifest.json", text.encode(), stamp)


def _find_cut(whole: bytes, share: float) -> int:
    """Return the length of a file of which a fraction arrives; it never ends at the end of a row."""
    at = round(share * len(whole))
    return at if at >= len(whole) or whole[at - 1] != ord("\n") else at - 3


# The sender's register: every person with a decision, with clear keys, once a week.

REGISTER_COLUMNS = ("v_nummer", "doelgroep", "verblijfsdoel", "gemeentecode", "datum_beschikking")


def list_snapshot_days(days: tuple[date, ...]) -> tuple[date, ...]:
    """Return the dates of the snapshots; the last working day when the range holds no complete week."""
    return pick_week_ends(days) or days[-1:]


def write_register(folder: Path, world: SimulatedWorld, canaries: Records | None = None) -> None:
    """Write a cumulative snapshot after the last delivery of each week.

    A person keeps the values of the first grant, whatever changes later.
    """
    grants = world.grants
    if canaries is not None:
        grants = concatenate([grants, canaries])
        grants = grants.take(np.argsort(grants.decided, kind="stable"))
    columns = [grants.cells[name].tolist() for name in REGISTER_COLUMNS]
    lines = [(";".join(row) + "\n").encode() for row in zip(*columns, strict=True)]
    # Each snapshot extends the one before it: one growing text.
    text, done = bytearray(";".join(REGISTER_COLUMNS) + "\n", "utf-8"), 0
    for day in list_snapshot_days(world.days):
        upto = int(np.searchsorted(grants.decided, np.datetime64(day), side="right"))
        text += b"".join(lines[done:upto])
        done = upto
        write_file(folder / f"REGISTER_{day:%Y%m%d}.csv", bytes(text), to_local(day, time(18, 0)).timestamp())


# The folder of a simulation: replaced completely or left unchanged.

# Marks a folder that is being written, so that a later call recognises it after a crash.
_MARKER = ".ketenwacht-simulation"
_WHERE = "OUT"


def _is_simulation(folder: Path) -> bool:
    try:
        found = json.loads((folder / TRUTH_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("schema") == TRUTH_SCHEMA


def _refuse_foreign(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise ConfigError(_WHERE, f"{out} is a file", "name a folder")
    if out.is_dir() and any(out.iterdir()) and not _is_simulation(out):
        what = f"{out} holds something that is not an earlier simulation"
        raise ConfigError(_WHERE, what, "name an empty or a new folder")


def _clear(folder: Path) -> Path:
    """Remove what a crash may have left in a temporary folder beside the target, and return the folder."""
    if folder.exists():
        if not (folder / _MARKER).exists() and not _is_simulation(folder):
            raise ConfigError(_WHERE, f"{folder} is in the way", "remove it, or name another folder")
        shutil.rmtree(folder)
    return folder


@contextmanager
def replace_folder(out: Path) -> Iterator[Path]:
    """Give a new folder to write in, and replace `out` by it when the block succeeds.

    When the block raises or the process dies, `out` stays unchanged.

    Raises:
        ConfigError: `out` is a file, or holds something that is not an earlier simulation.
    """
    out = out.resolve()
    before, fresh = out.with_name(f".{out.name}.before"), out.with_name(f".{out.name}.fresh")
    if before.exists() and not out.exists():
        before.rename(out)  # a process died between the two renames below
    _refuse_foreign(out)
    _clear(before)
    out.parent.mkdir(parents=True, exist_ok=True)
    _clear(fresh).mkdir()
    (fresh / _MARKER).touch()
    try:
        yield fresh
    except BaseException:  # also an interrupt: half a feed must not stay behind
        shutil.rmtree(fresh)
        raise
    (fresh / _MARKER).unlink()
    if out.exists():
        out.rename(before)
    fresh.rename(out)
    if before.exists():
        shutil.rmtree(before)
