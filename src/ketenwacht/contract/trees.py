"""Trees of YAML and JSON: laid over each other, taken off each other, put in the standard's order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from .model import ENGINE, Node, Tree

_IDENTITY: Mapping[str, tuple[str, ...]] = {
    "schema": (),  # a contract of ours has one object, whatever its name
    "properties": ("name",),
    "quality": ("name",),
    "servers": ("server",),
    "roles": ("role",),
    "slaProperties": ("property",),
    "support": ("channel",),
    "customProperties": ("property",),
    "members": ("username",),
}
"""Lists whose items are known by name, and by which keys; all other lists are values."""

_ORDER = (
    *("apiVersion", "kind", "id", "name", "version", "status", "domain", "tenant", "dataProduct"),
    *("property", "server", "channel", "role", "username", "value", "valueExt"),
    *("physicalName", "businessName", "type", "environment", "metric", "engine"),
    *("logicalType", "physicalType", "primaryKey", "primaryKeyPosition", "required", "unique"),
    *("description", "purpose", "usage", "limitations", "dimension", "severity", "unit", "access"),
    *("arguments", "implementation", "servers", "schema", "properties", "items", "quality", "slaProperties"),
    *("team", "roles", "support", "price", "tags", "authoritativeDefinitions", "customProperties"),
)
_PLACE = {key: i for i, key in enumerate(_ORDER)}
_VALUES = ("value", "implementation", "arguments", "logicalTypeOptions")  # what is in these has its own order
_LATE = _PLACE["arguments"] - 0.5  # keys that the table does not name stand before the large ones


def jsonable(node: Node) -> Node:
    """The tree in JSON's types only: dates as ISO text, tuples as lists, keys as text."""
    if isinstance(node, Mapping):
        return {str(key): jsonable(value) for key, value in node.items()}
    if isinstance(node, list | tuple | set | frozenset):
        return [jsonable(item) for item in node]
    return node.isoformat() if isinstance(node, date) else node


def one_text(words: Node, language: str = "en") -> str:
    """Words that may be one text a language, as one text; the standard has room for one, the English."""
    if isinstance(words, Mapping):
        return str(words.get(language) or next(iter(words.values()), ""))
    return str(words or "")


def custom(properties: Node, name: str) -> Node:
    """The value of our custom property `name` in a list of custom properties; None when it is not there."""
    for item in properties if isinstance(properties, list) else ():
        if isinstance(item, Mapping) and item.get("property") == f"{ENGINE}.{name}":
            return item.get("value")
    return None


def customs(**values: Node) -> list[Tree]:
    """Custom properties of ours, `a_b` written as `ketenwacht.aB`; those that are None or empty are left out."""
    named = ((re.sub(r"_(\w)", lambda m: m[1].upper(), key), value) for key, value in values.items())
    return [{"property": f"{ENGINE}.{key}", "value": value} for key, value in named if value not in (None, {}, [])]


def overlay(below: Tree, above: Tree) -> Tree:
    """`above` over `below`: mappings and named items merge, anything else is replaced."""
    out = dict(below)
    for key, value in above.items():
        mine = out.get(key)
        if isinstance(mine, dict) and isinstance(value, dict):
            out[key] = overlay(mine, value)
        elif key in _IDENTITY and isinstance(mine, list) and isinstance(value, list):
            out[key] = _overlay_items(mine, value, _IDENTITY[key])
        else:
            out[key] = value
    return out


def _overlay_items(below: list[Node], above: list[Node], keys: tuple[str, ...]) -> list[Node]:
    out, free = list(below), set(range(len(below)))
    for item in above:
        i = _match(item, out, free, keys)
        if i is None:
            out.append(item)
        else:
            free.discard(i)
            out[i] = overlay(out[i], item)
    return out


def subtract(whole: Tree, base: Tree) -> Tree:
    """What `base` does not say already: laid over `base` again, it says all of `whole`."""
    out: Tree = {}
    for key, value in whole.items():
        mine = base.get(key)
        if key in base and mine == value:
            continue
        if isinstance(mine, dict) and isinstance(value, dict):
            left = subtract(value, mine)
            out |= {key: left} if left else {}
        elif key in _IDENTITY and isinstance(mine, list) and isinstance(value, list):
            rest = _subtract_items(value, mine, _IDENTITY[key])
            out |= {key: rest} if rest else {}
        else:
            out[key] = value
    return out


def _subtract_items(whole: list[Node], base: list[Node], keys: tuple[str, ...]) -> list[Node]:
    out, free = [], set(range(len(base)))
    names = [_name(item, keys) for item in whole]
    for item, name in zip(whole, names, strict=True):
        i = _match(item, base, free, keys)
        if i is None:
            out.append(item)
            continue
        free.discard(i)
        left = subtract(item, base[i])
        # of two alike the first must stay, so that the second is not taken for it
        if left or names.count(name) > 1:
            out.append({key: item[key] for key in keys if key in item} | left)
    return out


def _match(item: Node, among: Sequence[Node], free: Iterable[int], keys: tuple[str, ...]) -> int | None:
    name = _name(item, keys)
    return next((i for i in sorted(free) if name is not None and _name(among[i], keys) == name), None)


def _name(item: Node, keys: tuple[str, ...]) -> tuple[Node, ...] | None:
    if not isinstance(item, dict) or (keys and keys[0] not in item):
        return None
    return tuple(item.get(key) for key in keys)


def ordered(node: Node) -> Node:
    """The tree with keys in the order of the standard's own examples."""
    if isinstance(node, list):
        return [ordered(item) for item in node]
    if not isinstance(node, dict):
        return node
    keys = sorted(node, key=lambda key: (_PLACE.get(key, _LATE), key))
    return {key: node[key] if key in _VALUES else ordered(node[key]) for key in keys}


def slug(text: str, joint: str = "-") -> str:
    """`text` as a name for a feed, file or check: lower-case words joined by `joint`; `feed` when none is left."""
    return re.sub(r"[^a-z0-9]+", joint, text.lower()).strip(joint) or "feed"
