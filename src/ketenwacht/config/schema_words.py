"""A schema in the words of people: durations as they are written, settings as their docstrings describe them."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from typing import Any, get_type_hints

from .validate import dataclasses_in

Schema = dict[str, Any]
DURATION = {
    "anyOf": [
        {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*(s|m|min|h|d|w)\s*$"},
        {"type": "string", "format": "duration", "pattern": "^[-+]?P"},
        {"type": "number"},
    ],
    "description": "A duration: 30min, 4h, 14d or 2w.",
}
_ENTRY = re.compile(r"^ {4}(\w+): ", re.MULTILINE)


def finished(schema: Schema, cls: type[Any]) -> Schema:
    """Durations as people write them, and every setting with the words of its docstring."""
    found = {one.__name__: one for one in _all_dataclasses(cls)}
    for name, part in [(cls.__name__, schema), *schema.get("$defs", {}).items()]:
        if name in found:
            _described(part, found[name])
    finished = _walked(schema)
    assert isinstance(finished, dict)  # noqa: S101 - a mapping stays one
    return finished


def _walked(node: object) -> object:
    if isinstance(node, list):
        return [_walked(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("format") == "duration" and node.get("type") == "string":
        kept = {key: value for key, value in node.items() if key in {"default", "description"}}
        return {**DURATION, **kept}
    if node.get("uniqueItems") and isinstance(node.get("default"), list):  # a set has no order of its own
        node = {**node, "default": sorted(node["default"])}
    return {key: _walked(value) for key, value in node.items()}


def _described(part: Schema, cls: type[Any]) -> None:
    text = inspect.cleandoc(cls.__doc__ or "")
    part["description"] = text.partition("\n")[0]
    words = _attributes(text)
    for name, setting in part.get("properties", {}).items():
        setting.pop("title", None)
        if name in words:
            setting["description"] = words[name]


def _attributes(docstring: str) -> dict[str, str]:
    """Setting → what the `Attributes:` of its class say of it."""
    _, _, listed = docstring.partition("Attributes:\n")
    starts = list(_ENTRY.finditer(listed))
    ends = [*(start.start() for start in starts[1:]), len(listed)][: len(starts)]
    return {
        start[1]: " ".join(listed[start.end() : end].split("\n\n")[0].split())
        for start, end in zip(starts, ends, strict=True)
    }


def _all_dataclasses(cls: type[Any]) -> Iterator[type[Any]]:
    seen: set[type[Any]] = set()
    todo = [cls]
    while todo:
        one = todo.pop()
        if one not in seen and dataclasses.is_dataclass(one):
            seen.add(one)
            yield one
            todo += [found for hint in get_type_hints(one).values() for found in dataclasses_in(hint)]
