"""Operations on trees of YAML and JSON: overlay, subtract, sort keys, remove secrets; and on texts in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from ketenwacht.redaction import hide_secrets, names_secret

from .model import ENGINE, Node, Tree

_IDENTITY: Mapping[str, tuple[str, ...]] = {
    "schema": (),  # our contracts have one object, whatever its name
    "properties": ("name",),
    "quality": ("name",),
    "servers": ("server",),
    "roles": ("role",),
    "slaProperties": ("property",),
    "support": ("channel",),
    "customProperties": ("property",),
    "members": ("username",),
}
"""List whose items have an identity → the keys that identify an item; any other list is a value."""

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
_VALUES = ("value", "implementation", "arguments", "logicalTypeOptions")  # their content keeps its own order
_LATE = _PLACE["arguments"] - 0.5  # keys outside the table come before the long ones


def to_json_types(node: Node) -> Node:
    """Return the tree in JSON's types: dates become ISO text, tuples become lists, keys become text."""
    if isinstance(node, Mapping):
        return {str(key): to_json_types(value) for key, value in node.items()}
    if isinstance(node, list | tuple | set | frozenset):
        return [to_json_types(item) for item in node]
    return node.isoformat() if isinstance(node, date) else node


def pick_text(words: Node, language: str = "en") -> str:
    """Return one text of a text or a mapping language → text; ODCS holds one text, the English one by default."""
    if isinstance(words, Mapping):
        return str(words.get(language) or next(iter(words.values()), ""))
    return str(words or "")


def find_custom_property(properties: Node, name: str) -> Node:
    """Return the value of our custom property `name` in a list of custom properties, None when it is absent."""
    for item in properties if isinstance(properties, list) else ():
        if isinstance(item, Mapping) and item.get("property") == f"{ENGINE}.{name}":
            return item.get("value")
    return None


def build_custom_properties(**values: Node) -> list[Tree]:
    """Return our custom properties, `a_b` as `ketenwacht.aB`, without those that are None or empty."""
    named = ((re.sub(r"_(\w)", lambda m: m[1].upper(), key), value) for key, value in values.items())
    return [{"property": f"{ENGINE}.{key}", "value": value} for key, value in named if value not in (None, {}, [])]


def name_in_delivery(described: Tree) -> str:
    """Return the name that a property or object of the schema has in a delivery."""
    return str(described.get("physicalName") or described.get("name"))


def overlay(below: Tree, above: Tree) -> Tree:
    """Return `below` with `above` laid over it: mappings and identified items merge, other values are replaced."""
    out = dict(below)
    for key, value in above.items():
        current = out.get(key)
        if isinstance(current, dict) and isinstance(value, dict):
            out[key] = overlay(current, value)
        elif key in _IDENTITY and isinstance(current, list) and isinstance(value, list):
            out[key] = _overlay_items(current, value, _IDENTITY[key])
        else:
            out[key] = value
    return out


def _overlay_items(below: list[Node], above: list[Node], keys: tuple[str, ...]) -> list[Node]:
    out, free = list(below), set(range(len(below)))
    for item in above:
        i = _find_match(item, out, free, keys)
        if i is None:
            out.append(item)
        else:
            free.discard(i)
            out[i] = overlay(out[i], item)
    return out


def subtract(whole: Tree, base: Tree) -> Tree:
    """Return the part of `whole` that `base` lacks; laid over `base` again it gives all of `whole`."""
    out: Tree = {}
    for key, value in whole.items():
        current = base.get(key)
        if key in base and current == value:
            continue
        if isinstance(current, dict) and isinstance(value, dict):
            left = subtract(value, current)
            out |= {key: left} if left else {}
        elif key in _IDENTITY and isinstance(current, list) and isinstance(value, list):
            rest = _subtract_items(value, current, _IDENTITY[key])
            out |= {key: rest} if rest else {}
        else:
            out[key] = value
    return out


def _subtract_items(whole: list[Node], base: list[Node], keys: tuple[str, ...]) -> list[Node]:
    out, free = [], set(range(len(base)))
    names = [_identify(item, keys) for item in whole]
    for item, name in zip(whole, names, strict=True):
        i = _find_match(item, base, free, keys)
        if i is None:
            out.append(item)
            continue
        free.discard(i)
        left = subtract(item, base[i])
        # of two with the same identity the first must stay, or the second would match the first of `base`
        if left or names.count(name) > 1:
            out.append({key: item[key] for key in keys if key in item} | left)
    return out


def _find_match(item: Node, among: Sequence[Node], free: Iterable[int], keys: tuple[str, ...]) -> int | None:
    name = _identify(item, keys)
    return next((i for i in sorted(free) if name is not None and _identify(among[i], keys) == name), None)


def _identify(item: Node, keys: tuple[str, ...]) -> tuple[Node, ...] | None:
    if not isinstance(item, dict) or (keys and keys[0] not in item):
        return None
    return tuple(item.get(key) for key in keys)


def sort_keys(node: Node) -> Node:
    """Return the tree with keys in the order of the standard's own examples."""
    if isinstance(node, list):
        return [sort_keys(item) for item in node]
    if not isinstance(node, dict):
        return node
    keys = sorted(node, key=lambda key: (_PLACE.get(key, _LATE), key))
    return {key: node[key] if key in _VALUES else sort_keys(node[key]) for key in keys}


def slugify(text: str, joint: str = "-") -> str:
    """Return `text` as a name: lower-case words joined by `joint`; `feed` when no word remains."""
    return re.sub(r"[^a-z0-9]+", joint, text.lower()).strip(joint) or "feed"


_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]<>|#~])")


def escape_markdown(text: str) -> str:
    """Return `text` on one line, with every sign that Markdown gives a meaning escaped."""
    return _MARKDOWN_SIGNS.sub(r"\\\1", " ".join(text.split()))


# A contract never holds a password, even when the configuration does.

PLACEHOLDER = "${KETENWACHT_SOURCE_PASSWORD:-}"
"""The text that replaces a password."""

_DEFAULT = re.compile(r"\$\{(?P<name>[A-Za-z_]\w*):-(?P<default>[^}]*)\}")


def remove_secrets(node: Node) -> Node:
    """Return the tree with passwords replaced by a variable; `${NAME}` stays, and a default without a secret."""
    if isinstance(node, dict):
        return {key: _clean_value(key, value) for key, value in node.items()}
    if isinstance(node, list):
        return [remove_secrets(item) for item in node]
    return _clean_text(node) if isinstance(node, str) else node


def _clean_value(key: str, value: Node) -> Node:
    if isinstance(value, str) and key != "key" and names_secret(key):
        return value if not value or _is_variable(value) else PLACEHOLDER
    return remove_secrets(value)


def _is_variable(text: str) -> bool:
    return re.fullmatch(r"\$\{[A-Za-z_]\w*(:-)?\}", text) is not None


def _clean_text(text: str) -> str:
    return hide_secrets(_DEFAULT.sub(_clean_default, text), PLACEHOLDER)


def _clean_default(match: re.Match[str]) -> str:
    default = match["default"]
    secret = hide_secrets(default) != default or names_secret(match["name"])
    return f"${{{match['name']}}}" if secret and default else match[0]
