"""Dataclasses of arrays and numbers as JSON values, exact: what checks remember between deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar, cast

import numpy as np

from .negbin import Array

_Arrays = TypeVar("_Arrays")


def to_lists(values: Array) -> object:
    """Return an array as nested lists; not-a-number becomes null."""
    if np.isfinite(values).all():
        return values.tolist()
    held = values.astype(object)
    held[~np.isfinite(values)] = None
    return held.tolist()


def from_lists(value: object) -> Array:
    """Read back what `to_lists` wrote."""
    return np.array(value, dtype=np.float64)


def arrays_to_dict(held: object) -> dict[str, object]:
    """Return a dataclass of arrays and numbers as JSON values, exact."""
    found: dict[str, object] = {}
    for f in fields(cast("Any", held)):
        value = getattr(held, f.name)
        found[f.name] = to_lists(value) if isinstance(value, np.ndarray) else value
    return found


def arrays_from_dict(kind: type[_Arrays], body: Mapping[str, object]) -> _Arrays:
    """Read back what `arrays_to_dict` wrote; lists become arrays."""
    values = {f.name: body[f.name] for f in fields(cast("Any", kind))}
    return kind(**{name: from_lists(v) if isinstance(v, list) else v for name, v in values.items()})
