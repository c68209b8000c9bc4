"""Deliveries and manifests as JSON and as rows, and back, without loss."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from ketenwacht.domain.delivery import UNREADABLE, Delivery, DeliveryKind, Manifest
from ketenwacht.domain.measurement import Column, Unmeasured
from ketenwacht.domain.result import Missing
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import LEGACY, Statement, from_stored_text, stored_text

from .tables import NO_SHA
from .types import canonical

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    T = TypeVar("T", bound=DataclassInstance)

EVIDENCE = "evidence "
"""How the key of a run begins that no delivery led to, but evidence that arrived."""
_DATES = ("period_from", "period_to")
_TOTALS = ("rows_by_segment", "selected_by_segment")
_MAPPINGS = ("code_table_versions", "excluded")


def digest(*parts: object) -> str:
    """Return the identity of some content: SHA-256 of its canonical JSON, in hex."""
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def values_of(flat: DataclassInstance) -> dict[str, Any]:
    """Return the fields of a dataclass whose columns have their names."""
    return {field.name: getattr(flat, field.name) for field in fields(flat)}


def built(kind: type[T], row: Mapping[str, Any]) -> T:
    """Return the dataclass that `values_of` took apart, from a row that may hold more."""
    return kind(**{field.name: row[field.name] for field in fields(kind)})


def manifest_json(manifest: Manifest) -> dict[str, Any]:
    """Return a manifest as a JSON object without what is not stated. It holds counts and names, no persons."""
    stated = {f.name: value for f in fields(manifest) if (value := getattr(manifest, f.name)) is not None}
    stated["kind"] = manifest.kind.value
    for name in _DATES:
        if name in stated:
            stated[name] = stated[name].isoformat()
    if manifest.created_at is not None:
        stated["created_at"] = manifest.created_at.isoformat()
    for name in _TOTALS:
        stated[name] = [[segment.pairs, count] for segment, count in stated[name].items()]
    for name in _MAPPINGS:
        stated[name] = dict(stated[name])
    return stated


def manifest_of(stated: Mapping[str, Any]) -> Manifest:
    """Return the manifest that `manifest_json` wrote."""
    values = dict(stated)
    values["kind"] = DeliveryKind(values["kind"])
    for name in _DATES:
        if name in values:
            values[name] = date.fromisoformat(values[name])
    if "created_at" in values:
        values["created_at"] = datetime.fromisoformat(values["created_at"])
    for name in _TOTALS:
        values[name] = {segment_from(pairs): count for pairs, count in values[name]}
    return Manifest(**values)


def segment_from(pairs: list[list[str]]) -> Segment:
    """Return a segment from the list of pairs that JSON makes of it."""
    return Segment(tuple((name, value) for name, value in pairs))


def delivery_row(delivery: Delivery, columns: tuple[Column, ...]) -> dict[str, Any]:
    """Return a delivery and its columns as a row of `deliveries`, without its id."""
    return {
        "feed": delivery.feed,
        "delivery_id": delivery.id,
        "sha256": sha_key(delivery.mark),
        "period": delivery.period,
        "presence": delivery.presence,
        "arrived_at": delivery.arrived_at,
        "due_at": delivery.due_at,
        "size": delivery.size,
        "manifest": None if delivery.manifest is None else manifest_json(delivery.manifest),
        "problem": None if delivery.problem is None else stored_text(delivery.problem),
        "columns": [[column.name, column.type] for column in columns],
    }


def delivery_of(row: Mapping[str, Any]) -> Delivery:
    """Return the delivery that a row of `deliveries` holds."""
    return Delivery(
        feed=row["feed"],
        id=row["delivery_id"],
        period=row["period"],
        presence=row["presence"],
        arrived_at=row["arrived_at"],
        due_at=row["due_at"],
        sha256=sha_of(row["sha256"]),
        size=row["size"],
        manifest=None if row["manifest"] is None else manifest_of(row["manifest"]),
        problem=None if row["problem"] is None else from_stored_text(row["problem"]),
    )


def columns_of(row: Mapping[str, Any]) -> tuple[Column, ...]:
    """Return the columns that a row of `deliveries` holds."""
    return tuple(Column(name, kind) for name, kind in row["columns"])


def sha_key(mark: str | None) -> str:
    """Return a SHA-256, or another mark of a delivery's content, as keys hold it."""
    return NO_SHA if mark is None else mark


def mark_of(key: str) -> str | None:
    """Return the mark that a key holds."""
    return None if key == NO_SHA else key


def sha_of(key: str) -> str | None:
    """Return the SHA-256 that a key holds; None when it holds another mark, or none."""
    if key.startswith(EVIDENCE):
        return key.removeprefix(EVIDENCE).partition(" ")[2] or None
    return None if key == NO_SHA or key.startswith(UNREADABLE) else key


def evidence_key(evidence: str, mark: str | None) -> str:
    """Return the key of a run that new evidence led to: a digest of the evidence, and the mark of the delivery."""
    return f"{EVIDENCE}{evidence} {sha_key(mark)}"


def evidence_of(key: str) -> str:
    """Return the digest of the evidence that led to a run; empty for the run of a delivery."""
    return key.removeprefix(EVIDENCE).partition(" ")[0] if key.startswith(EVIDENCE) else ""


def missing_row(missing: Missing | None) -> dict[str, Any]:
    """Return an estimate of missing persons as the four columns that hold it."""
    return {
        "missing_since": None if missing is None else missing.since,
        "missing_value": None if missing is None else missing.value,
        "missing_low": None if missing is None else missing.low,
        "missing_high": None if missing is None else missing.high,
    }


def missing_of(row: Mapping[str, Any]) -> Missing | None:
    """Return the estimate that `missing_row` wrote."""
    if row["missing_since"] is None:
        return None
    value, low, high = (
        math.nan if row[name] is None else row[name] for name in ("missing_value", "missing_low", "missing_high")
    )
    return Missing(row["missing_since"], value, low, high)


def reason_text(value: Unmeasured) -> str:
    """Return why something was not measured, as a text of the history."""
    return stored_text(value.reason) if isinstance(value.reason, Statement) else value.reason


def unmeasured(text: str) -> Unmeasured:
    """Read what `reason_text` gave."""
    found = from_stored_text(text)
    return Unmeasured(text if found.code == LEGACY else found)
