"""A contract as single facts, each of a sort that the table of changes knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from .fact import ANY, Fact, Facts
from .facts_over_time import checks, delivery
from .library import NOT_NULL, UNIQUE
from .model import Contract, Tree
from .render import columns, term_properties
from .rows import column_of
from .trees import jsonable

SEVERITIES = ("info", "warning", "critical")


_OF_COLUMN = {"logicalType": "type", "physicalType": "type", "logicalTypeOptions": "service level"}
"""Member of a column in the terms → sort; any other is words."""

_RULE_ARGUMENT: Mapping[str, str] = {
    "mostly": "bound on what is right",
    "min_value": "lower bound",
    "max_value": "upper bound",
}

_LIGHTER: Mapping[str, Mapping[str, str]] = {
    "warning": {"rule's argument": ANY, "allowed value": "let off", "forbidden value": "asked"},
    "info": dict.fromkeys(
        ("rule's argument", "allowed value", "forbidden value", *_RULE_ARGUMENT.values()), "words"
    ),
}
"""Severity of a rule → what a fact about it comes down to, since such a rule fails nothing."""


def facts_of(contract: Contract) -> dict[str, Fact]:
    """Every fact of a contract, by a key that is the same in another version of it."""
    return {key: fact for source in _SOURCES for key, fact in source(contract)}


def _columns(contract: Contract) -> Facts:
    for column in columns(contract):
        yield f"column.{column}", Fact("column", value=True, subject=f"column {column}")
    for prop in term_properties(contract):
        name = str(prop.get("physicalName") or prop.get("name"))
        for key, value in prop.items():
            sort = _OF_COLUMN.get(key, "words")
            if key not in ("name", "physicalName", "quality"):
                yield f"column.{name}.{key}", Fact(sort, value, f"{key} of column {name}", f"column.{name}")
    if contract.settings.get("key"):
        yield "key", Fact("key", contract.settings["key"], "key of a record")


def _rules(contract: Contract) -> Facts:
    for raw in (jsonable(raw) for suite in contract.suites for raw in suite.expectations):
        meta, kwargs = raw.get("meta") or {}, raw.get("kwargs") or {}
        check_id = str(meta.get("check_id") or raw.get("type"))
        whole = raw.get("type") in (NOT_NULL, UNIQUE) and kwargs.get("row_condition") is None
        severity = str(raw.get("severity") or "critical")
        subject, key = f"rule {check_id}", f"rule.{check_id}"
        if whole:
            subject += f" ({column_of(raw)} {'required' if raw['type'] == NOT_NULL else 'unique'})"
        yield key, Fact("required" if whole else "rule", severity, subject)
        for part, fact in _arguments(raw, key, subject):
            yield part, replace(fact, sort=_LIGHTER.get(severity, {}).get(fact.sort, fact.sort))
        for word, said in meta.items():
            if word != "check_id":
                yield f"{key}.meta.{word}", Fact("words", said, f"{word} of {subject}", key)


def _arguments(raw: Tree, key: str, subject: str) -> Facts:
    yield f"{key}.type", Fact("rule's argument", raw.get("type"), f"type of {subject}", key)
    kwargs, forbidden = raw.get("kwargs") or {}, "not_be_in_set" in str(raw.get("type"))
    for name, value in {"mostly": 1.0, **kwargs}.items():
        if name == "value_set" and isinstance(value, list):
            sort = "forbidden value" if forbidden else "allowed value"
            for one in value:
                yield f"{key}.value_set.{one!r}", Fact(sort, value=True, subject=f"{one} in {subject}", parent=key)
        else:
            sort = _RULE_ARGUMENT.get(name, "rule's argument")
            yield f"{key}.{name}", Fact(sort, value, f"{name} of {subject}", key)


def _codes(contract: Contract) -> Facts:
    for table, rows in contract.codes.items():
        parent = f"codes.{table}"
        yield parent, Fact("code table", value=True, subject=f"code table {table}")
        for row in rows:
            code = row.get("code", "")
            key, subject = f"{parent}.{code}", f"code {code} of {table}"
            yield key, Fact("code", value=True, subject=subject, parent=parent)
            for name, value in row.items():
                sort = {"valid_from": "code's first day", "valid_to": "code's last day"}.get(name, "words")
                if name != "code":
                    yield f"{key}.{name}", Fact(sort, value, f"{name} of {subject}", key)


def _terms(contract: Contract) -> Facts:
    for key, value in jsonable(contract.terms).items():
        if key == "slaProperties":
            for level in value:
                name = f"{level.get('property')} {level.get('element', '')}".strip()
                yield (
                    f"sla.{name}.{level.get('driver')}",
                    Fact("service level", [level.get("value"), level.get("unit")], name),
                )
        elif key != "schema":
            yield f"terms.{key}", Fact("words", value, key)
    for described in contract.terms.get("schema") or ():
        yield from _in_words(described, "object")
        for prop in described.get("properties") or ():
            yield from _in_words(prop, f"column {prop.get('name')}")
        for key, value in described.items():
            if key not in ("properties", "quality"):
                yield f"terms.schema.{key}", Fact("words", value, f"{key} of the object")


def _in_words(described: Tree, of: str) -> Facts:
    """Rules that nothing judges; what the terms say besides of a rule that is judged is words."""
    for i, item in enumerate(described.get("quality") or ()):
        judged = not ({"metric", "query", "engine", "mustBe", "rule"} & set(item)) and item.get("type") != "text"
        name = item.get("name") or item.get("id") or item.get("description") or i
        sort = "words" if judged else "rule in words"
        yield f"quality.{of}.{name}", Fact(sort, item, f"rule {name} of {of}, in words")


_SOURCES: tuple[Callable[[Contract], Facts], ...] = (_columns, _rules, _codes, checks, delivery, _terms)
