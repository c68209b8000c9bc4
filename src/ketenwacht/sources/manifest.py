"""The manifest: what the sender declares of a delivery. It is read strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NoReturn, TypeGuard

from ketenwacht.document_limits import parse_json
from ketenwacht.domain.delivery import FIRST_DAY, LAST_DAY, MOST_ROWS, DeliveryKind, Manifest
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount, Name, Statement, Term
from ketenwacht.errors import ConfigError
from ketenwacht.messages.formatter import unreadable

from .base import guard_read

MAX_BYTES = 16 << 20
_MAX_TEXT = 200

# Our name of a field → its place in a manifest of the default format; a dot leads into an object.
FIELDS = {
    "delivery_uuid": "levering_id",
    "sequence": "volgnummer",
    "kind": "soort",
    "sender": "zender",
    "receiver": "ontvanger",
    "period_from": "periode.van",
    "period_to": "periode.tot",
    "created_at": "aangemaakt_op",
    "schema_version": "schemaversie",
    "software_version": "softwareversie",
    "code_table_versions": "codetabelversies",
    "size": "bytes",
    "sha256": "sha256",
    "rows": "aantal",
    "rows_by_segment": "aantallen",
    "selected": "geselecteerd",
    "selected_by_segment": "geselecteerd_aantallen",
    "excluded": "uitgesloten",
    "item_count": "aantal",  # inside an item of the three lists above
    "item_reason": "reden",  # inside an item of `excluded`
}

_KINDS = {
    "mutatie": DeliveryKind.MUTATION,
    "stand": DeliveryKind.SNAPSHOT,
    "herlevering": DeliveryKind.REDELIVERY,
    "correctie": DeliveryKind.CORRECTION,
    "inhaal": DeliveryKind.CATCH_UP,
    **{kind.value: kind for kind in DeliveryKind},
}


def field_paths(renamed: Mapping[str, str], *, where: str) -> dict[str, str]:
    """Return our name of each field → its place in the manifest of a sender.

    Args:
        renamed: our name, or the name in the default format → the name of the sender; a dot leads into an object.
        where: the setting, for the error.

    Raises:
        ConfigError: a name is not a field of a manifest.
    """
    unknown = sorted(set(renamed) - FIELDS.keys() - set(FIELDS.values()))
    if unknown:
        raise ConfigError(where, f"{unknown[0]} is no field of a manifest", f"use one of {', '.join(FIELDS)}")
    return {ours: renamed.get(ours, renamed.get(theirs, theirs)) for ours, theirs in FIELDS.items()}


def parse_manifest(data: bytes, paths: Mapping[str, str]) -> Manifest:
    """Read a manifest; ignore keys that are not fields.

    Args:
        data: the bytes of the file, UTF-8 JSON.
        paths: what `field_paths` returned.

    Raises:
        UnreadableDelivery: with the field and what it should be, never with its value.
    """
    body = guard_read(
        "delivery.manifest_not_json", lambda: parse_json(data), why=lambda: Statement("delivery.manifest_not_json")
    )
    if not isinstance(body, dict):
        raise unreadable("delivery.manifest_no_object")
    get = _Fields(body, paths)
    manifest = Manifest(
        delivery_uuid=get.text("delivery_uuid"),
        sequence=get.count("sequence"),
        kind=get.kind("kind"),
        sender=get.text("sender"),
        receiver=get.text("receiver"),
        period_from=get.day("period_from"),
        period_to=get.day("period_to"),
        created_at=get.moment("created_at"),
        schema_version=get.text("schema_version"),
        software_version=get.text("software_version"),
        code_table_versions=get.texts("code_table_versions"),
        size=get.count("size"),
        sha256=get.sha256("sha256"),
        rows=get.count("rows"),
        rows_by_segment=get.by_segment("rows_by_segment"),
        selected=get.count("selected"),
        selected_by_segment=get.by_segment("selected_by_segment"),
        excluded=get.by_reason("excluded"),
    )
    first, last = manifest.period_from, manifest.period_to
    if first is not None and last is not None and first > last:
        get.refuse("period_to", "before_first")
    return manifest


@dataclass(frozen=True, slots=True)
class _Fields:
    """Reads one field at a time; an absent field and null both mean: not stated."""

    body: Mapping[str, object]
    paths: Mapping[str, str]

    def refuse(self, field: str, what: str, item: int | None = None) -> NoReturn:
        """Raise UnreadableDelivery for a field, or for an item of its list, by a term of the catalogue."""
        name, fault = Name(self.paths[field]), Term(f"manifest.{what}")
        if item is None:
            raise unreadable("delivery.manifest_field", field=name, fault=fault)
        raise unreadable("delivery.manifest_item", field=name, item=Amount(item), fault=fault)

    def value(self, field: str) -> object:
        at: object = self.body
        for part in self.paths[field].split("."):
            if at is None:
                return None
            if not isinstance(at, dict):
                self.refuse(field, "not_inside_object")
            at = at.get(part)
        return at

    def text(self, field: str) -> str | None:
        value = self.value(field)
        if value is None or _is_text(value):
            return value
        return self.refuse(field, "no_text")

    def texts(self, field: str) -> dict[str, str]:
        value = self.value(field)
        if value is None:
            return {}
        if not isinstance(value, dict) or not all(_is_text(v) and _is_text(k) for k, v in value.items()):
            self.refuse(field, "no_texts")
        return value

    def count(self, field: str) -> int | None:
        value = self.value(field)
        return None if value is None else self._whole(field, value)

    def kind(self, field: str) -> DeliveryKind:
        value = self.value(field)
        if value is None:
            return DeliveryKind.MUTATION
        if not isinstance(value, str) or value not in _KINDS:
            self.refuse(field, "no_kind")
        return _KINDS[value]

    def day(self, field: str) -> date | None:
        value = self.value(field)
        if value is None:
            return None
        day = _day(value)
        return day if day is not None else self.refuse(field, "no_date")

    def moment(self, field: str) -> datetime | None:
        value = self.value(field)
        if value is None:
            return None
        moment = _moment(value)
        return moment if moment is not None else self.refuse(field, "no_moment")

    def sha256(self, field: str) -> str | None:
        value = self.value(field)
        if value is None:
            return None
        if not isinstance(value, str) or not re.fullmatch(r"[0-9a-fA-F]{64}", value):
            self.refuse(field, "no_sha256")
        return value.lower()

    def by_segment(self, field: str) -> dict[Segment, int]:
        found: dict[Segment, int] = {}
        for number, item in enumerate(self._items(field), start=1):
            count = self._whole(field, item.pop(self.paths["item_count"], None), number)
            values = {name: "" if value is None else value for name, value in item.items()}
            if not all(isinstance(value, str) and len(value) <= _MAX_TEXT for value in values.values()):
                self.refuse(field, "no_text_dimension", number)
            segment = Segment(tuple((name, str(value)) for name, value in values.items()))
            if segment in found:
                self.refuse(field, "segment_twice", number)
            found[segment] = count
        return found

    def by_reason(self, field: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for number, item in enumerate(self._items(field), start=1):
            reason = item.get(self.paths["item_reason"])
            if not _is_text(reason) or reason in found:
                self.refuse(field, "no_reason", number)
            count = item.get(self.paths["item_count"])
            found[str(reason)] = self._whole(field, count, number)
        return found

    def _items(self, field: str) -> list[dict[str, object]]:
        value = self.value(field)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.refuse(field, "no_list")
        return [dict(item) for item in value]

    def _whole(self, field: str, value: object, item: int | None = None) -> int:
        if type(value) is int and 0 <= value <= MOST_ROWS:
            return value
        return self.refuse(field, "no_whole_number" if item is None else "no_count", item)


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= _MAX_TEXT and value.isprintable()


def _day(value: object) -> date | None:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str) or not re.match(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}", value, re.ASCII):
        return None
    try:
        moment = datetime.fromisoformat(value)
        aware = moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
    return aware if aware is not None and FIRST_DAY <= aware.date() <= LAST_DAY else None
