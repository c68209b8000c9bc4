"""Dataclasses of arrays to JSON values and back, exact; not-a-number becomes null."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar, cast

import numpy as np

from .negbin import Array

_Held = TypeVar("_Held")


def plain(values: Array) -> object:
    """An array as nested lists."""
    if np.isfinite(values).all():
        return values.tolist()
    held = values.astype(object)
    held[~np.isfinite(values)] = None
    return held.tolist()


def array(value: object) -> Array:
    """Read back what `plain` wrote."""
    return np.array(value, dtype=np.float64)


def to_dict(held: object) -> dict[str, object]:
    """A dataclass of arrays and numbers as JSON values."""
    found: dict[str, object] = {}
    for f in fields(cast("Any", held)):
        value = getattr(held, f.name)
        found[f.name] = plain(value) if isinstance(value, np.ndarray) else value
    return found


def from_dict(kind: type[_Held], body: Mapping[str, object]) -> _Held:
    """Read back what `to_dict` wrote; lists become arrays."""
    values = {f.name: body[f.name] for f in fields(cast("Any", kind))}
    return kind(**{name: array(v) if isinstance(v, list) else v for name, v in values.items()})
