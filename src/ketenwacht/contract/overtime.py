"""Rules for the stream of deliveries: our own checks as custom quality rules of the standard, and back."""

from __future__ import annotations

import inspect
from collections.abc import Iterable

from ketenwacht.domain.checks.base import Check
from ketenwacht.domain.traits import Holds, traits_of
from ketenwacht.errors import ConfigError
from ketenwacht.plugins import find_check_kind

from .model import ENGINE, Tree
from .trees import jsonable


def kind_of(word: str) -> type[Check] | None:
    """The check of a kind; None when this installation has none of that name, or its plug-in is broken."""
    try:
        return find_check_kind(word, word)
    except ConfigError:
        return None


def agreed_columns(check: Tree) -> list[str]:
    """The columns that a check, as it stands in the checks YAML, says a delivery has."""
    settings = traits_of(kind_of(str(check.get("kind")))).settings
    lists = (check.get(name) or () for name, one in settings.items() if one.holds is Holds.AGREED_COLUMNS)
    return [column for listed in lists for column in listed]


def says(word: str) -> str:
    """What a kind of check looks at, in one sentence; empty for a kind that is not known."""
    kind = kind_of(word)
    return (inspect.getdoc(kind) or "").partition("\n")[0] if kind is not None else ""


def to_items(checks: Iterable[Tree]) -> list[Tree]:
    """Checks as they stand in the checks YAML, as quality rules of the object."""
    return [_item(jsonable(check)) for check in checks]


def _item(check: Tree) -> Tree:
    word = str(check.get("kind") or "")
    item = {"name": str(check.get("name") or word), "type": "custom", "engine": ENGINE, "implementation": check}
    said = says(word)
    return item | ({"description": said} if said else {}) | {"dimension": traits_of(kind_of(word)).dimension}


def from_item(item: Tree) -> Tree | None:
    """The check that a quality rule holds; None when it holds none of ours."""
    body = item.get("implementation")
    ours = item.get("type") == "custom" and item.get("engine") == ENGINE and isinstance(body, dict)
    return dict(body) if ours and isinstance(body, dict) and body.get("kind") else None
