"""Values for JSON, as they may leave the tool: a hidden number of persons is null, with `"hidden": true`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import (
    Amount,
    Fraction,
    MissingCount,
    Name,
    Persons,
    Serial,
    Share,
    Statement,
    Term,
    Text,
    Value,
)

from .formatter import MessageFormatter
from .privacy import Shown


def to_public(value: Value, formatter: MessageFormatter) -> object:
    """Return a parameter: persons as `{"value": 410}` or `{"value": null, "hidden": true}`, others plain."""
    return _PUBLIC[type(value)](value, formatter)


def public_shown(shown: Shown) -> dict[str, object]:
    """Return a number of persons, or a share of them, as JSON shows it."""
    return {"value": None, "hidden": True} if shown.hidden else {"value": figure(shown.value)}


def public_counts(**persons: Shown) -> dict[str, object]:
    """Return counts of persons by name; `hidden` is there when one is null because it must not be shown."""
    counts: dict[str, object] = {name: figure(one.value) for name, one in persons.items()}
    return {**counts, "hidden": True} if any(one.hidden for one in persons.values()) else counts


def figure(value: float | None) -> float | None:
    """Return a number as JSON can hold it: whole when it is whole, null when it is not finite."""
    if value is None or not math.isfinite(value):
        return None
    return int(value) if float(value).is_integer() else round(value, 6)


def moment(at: datetime | None) -> str | None:
    """Return a moment in UTC, ISO 8601 to the second; null for none."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


_PUBLIC: Mapping[type, Callable[[Any, MessageFormatter], object]] = {
    Persons: lambda one, formatter: public_shown(formatter.privacy.count(one.value, of_delivery=one.of_delivery)),
    MissingCount: lambda one, formatter: public_shown(formatter.privacy.count(one.value)),
    Share: lambda one, formatter: public_shown(
        formatter.privacy.share(one.part, one.whole, of_delivery=one.of_delivery)
    ),
    Fraction: lambda one, _: figure(one.value),
    Amount: lambda one, _: figure(one.value),
    Serial: lambda one, _: one.first if one.first == one.last else [one.first, one.last],
    Name: lambda one, _: one.text,
    Text: lambda one, formatter: one.in_language(formatter.language),
    Term: lambda one, _: one.key,
    Segment: lambda one, _: one.as_dict(),
    datetime: lambda one, _: moment(one),
    date: lambda one, _: one.isoformat(),
    Statement: lambda one, formatter: {
        "code": one.code,
        "params": {name: to_public(value, formatter) for name, value in one.params.items()},
    },
    tuple: lambda many, formatter: [to_public(one, formatter) for one in many],
}
"""The JSON form of each type of value."""
