"""How the page writes what was agreed: whole, since nobody signs what stands behind three dots."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Node, Tree
from .page_words import word
from .secrets import without_secrets
from .trees import jsonable

_AND_OR = {"and": "and", "or": "or"}
_RELATIONS = {"IN": "∈", "NOT_IN": "∉", "==": "=", "!=": "≠", "<=": "≤", ">=": "≥"}


def value_text(value: Node, language: str) -> str:
    """A value on one line, however long; empty for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return word("yes" if value else "no", language)
    if isinstance(value, Mapping):
        if "$PARAMETER" in value:
            return _parameter(str(value["$PARAMETER"]), language)
        return ", ".join(f"{key}: {value_text(item, language)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        texts = [value_text(item, language) for item in value]
        nested = any(isinstance(item, list | tuple | Mapping) for item in value)
        return "; ".join(texts) if nested else ", ".join(texts)
    return " ".join(str(value).split())


def settings_text(settings: Mapping[str, Node], language: str) -> str:
    """Settings with their values, a condition in the signs of logic."""
    parts = [
        f"{word('when', language)} {_condition(value, language)}"
        if name == "row_condition"
        else f"{name} {value_text(value, language)}"
        for name, value in settings.items()
    ]
    return "; ".join(parts)


def code_text(row: Mapping[str, str], language: str) -> str:
    """A code, its name where that is another, and the days on which it may be used."""
    code, name = str(row.get("code")), str(row.get("name") or "")
    days = [f"{word(key, language)} {row[key]}" for key in ("valid_from", "valid_to") if row.get(key)]
    return " ".join(
        [code, *([name] if name and name != code else []), *([f"({', '.join(days)})"] if days else [])]
    )


def _parameter(name: str, language: str) -> str:
    if name.startswith("delivery_date"):
        return word("delivery_date", language)
    return f"{word('table', language)} {name}"


def _condition(node: Node, language: str) -> str:
    """A row condition of Great Expectations: `a = b`, and what is made of such."""
    if not isinstance(node, Mapping):
        return value_text(node, language)
    kind, column = str(node.get("type")), value_text((node.get("column") or {}).get("name"), language)
    if kind in _AND_OR:
        joined = f" {word(_AND_OR[kind], language)} "
        return joined.join(_condition(part, language) for part in node.get("conditions") or ())
    if kind == "nullity":
        return f"{column} {word('empty' if node.get('is_null') else 'filled', language)}"
    operator = str(node.get("operator"))
    return f"{column} {_RELATIONS.get(operator, operator)} {value_text(node.get('parameter'), language)}"


def form_of_files(source: Tree) -> Tree:
    """What a source says of the form of a delivery: all but where it is, how it is reached, and secrets."""
    shown: Tree = without_secrets(jsonable(source))
    return {key: value for key, value in shown.items() if key not in ("path", "url", "kind", "max_bytes")}
