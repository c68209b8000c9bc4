"""A contract as single facts, each of a sort that the table of changes knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import timedelta
from typing import Any

from .delivery import GRACE, OWN, SLA
from .library import NOT_NULL, UNIQUE
from .model import Contract, Node, Tree
from .overtime import kind_of
from .render import columns, term_properties
from .rows import column_of
from .trees import jsonable

SEVERITIES = ("info", "warning", "critical")
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)\s*")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a contract says.

    Attributes:
        sort: a key of the table of changes.
        value: True for what is simply there; numbers and durations (seconds) can go up and down.
        subject: what it is about, for people.
        parent: key of the fact without which this one means nothing; its own coming or going is told instead.
    """

    sort: str
    value: Node
    subject: str
    parent: str | None = None


Facts = Iterator[tuple[str, Fact]]

_UP, _DOWN, _ANY = "setting, stricter when higher", "setting, stricter when lower", "setting"
_SETTING: Mapping[str, str] = {
    **dict.fromkeys(("false_alarms_per_year", "remind", "surplus", "different_fails"), _UP),
    **dict.fromkeys(("threshold", "slack", "at_least", "max_age", "within", "after_deliveries", "jump"), _DOWN),
    **dict.fromkeys(("learn", "allowed_share", "tolerated", "usual_share", "max_uncertainty"), _DOWN),
    **dict.fromkeys(("tolerated_missing", "tolerated_extra", "tolerated_different"), _DOWN),
    **dict.fromkeys(("lag_days", "late_share", "late_days", "noise"), _DOWN),
    **dict.fromkeys(("because", "asking_share"), "words"),
    **dict.fromkeys(("expected", "columns"), "asked"),
    "explained": "let off",
}
"""Setting of a check → the sort of fact it is; one that is not here can be stricter either way."""

_SCHEDULE: Mapping[str, str] = {
    **dict.fromkeys(("grace", "sla", "lag"), "time allowed"),
    "closures": "let off",
    "workdays": "asked",
    "calendar": "service level",
}
_SOURCE: Mapping[str, str] = {
    **dict.fromkeys(("path", "url", "max_bytes"), "words"),
    **dict.fromkeys(("manifest", "manifest_fields"), "manifest"),
}
"""Setting of a source → sort; where it is read is the receiver's affair, any other is a delivery's form."""

_OF_COLUMN = {"logicalType": "type", "physicalType": "type", "logicalTypeOptions": "service level"}
"""Member of a column in the terms → sort; any other is words."""

_RULE_ARGUMENT: Mapping[str, str] = {
    "mostly": "bound on what is right",
    "min_value": "lower bound",
    "max_value": "upper bound",
}

_LIGHTER: Mapping[str, Mapping[str, str]] = {
    "warning": {"rule's argument": _ANY, "allowed value": "let off", "forbidden value": "asked"},
    "info": dict.fromkeys(
        ("rule's argument", "allowed value", "forbidden value", *_RULE_ARGUMENT.values()), "words"
    ),
}
"""Severity of a rule → what a fact about it comes down to, since such a rule fails nothing."""


def facts_of(contract: Contract) -> dict[str, Fact]:
    """Every fact of a contract, by a key that is the same in another version of it."""
    return {key: fact for source in _SOURCES for key, fact in source(contract)}


def seconds(value: Node) -> Node:
    """A duration such as `4h` in seconds; anything else as it is."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return float(match[1]) * _SECONDS[match[2]] if match is not None else value


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


def _checks(contract: Contract) -> Facts:
    for check in jsonable(contract.checks).get("checks") or ():
        kind = str(check.get("kind"))
        name = str(check.get("name") or kind)
        key, subject = f"check.{name}", f"check {name}"
        yield key, Fact("check", kind, subject)
        for setting, value in (_defaults(kind) | check).items():
            if setting not in ("kind", "name") and not (kind == "schema" and setting == "columns"):
                yield from _setting(setting, seconds(value), key, subject)
    for mask in jsonable(contract.checks).get("declared") or ():
        what = f"{mask.get('kind')} {mask.get('first')} to {mask.get('last')}"
        yield f"declared.{what}.{mask.get('segment')}", Fact("let off", value=True, subject=f"declared {what}")


def _setting(setting: str, value: Node, key: str, subject: str) -> Facts:
    about = f"{setting} of {subject}"
    if setting == "fields" and isinstance(value, dict):
        for column, share in value.items():
            yield f"{key}.fields.{column}", Fact(_UP, share, f"share of {column} filled, {subject}", key)
        return
    sort = _SETTING.get(setting, _ANY)
    if isinstance(value, list) and sort in ("asked", "let off"):
        for one in value:
            yield (
                f"{key}.{setting}.{one!r}",
                Fact(sort, value=True, subject=f"{_shown(one)} in {about}", parent=key),
            )
    elif isinstance(value, dict) and sort == "let off":
        for one, why in value.items():
            yield f"{key}.{setting}.{one}", Fact(sort, why, f"{one} in {about}", key)
    elif value is not None:
        yield f"{key}.{setting}", Fact(sort, value, about, key)


def _shown(node: Node) -> str:
    if isinstance(node, dict):
        return ", ".join(f"{key} {_shown(value)}" for key, value in node.items())
    return "/".join(str(one) for one in node) if isinstance(node, list) else str(node)


def _defaults(kind: str) -> Tree:
    """The settings of a kind of check that apply when its YAML does not give them."""
    found: Any = kind_of(kind)
    if found is None:
        return {}
    out: Tree = {}
    for field in fields(found):
        value = field.default if field.default is not MISSING else None
        if field.default_factory is not MISSING:
            value = field.default_factory()
        out[field.name] = jsonable(value) if not isinstance(value, timedelta) else value
    return out


def _delivery(contract: Contract) -> Facts:
    settings = jsonable(contract.settings)
    for party in ("sender", "receiver"):
        yield party, Fact("party", settings.get(party) or party, party)
    source = {"kind": "files", **({"reader": "csv"} if settings.get("source", {}).get("kind") != "table" else {})}
    for name, value in (source | (settings.get("source") or {})).items():
        yield f"source.{name}", Fact(_SOURCE.get(name, "form"), value, f"{name} of a delivery")
    for name, value in settings.items():
        if name not in OWN or name in ("title", "environments"):
            yield f"feed.{name}", Fact(_WIDER.get(name, "words"), value, f"{name} of the feed")
    schedule = settings.get("schedule")
    if not schedule:
        return
    yield (
        "schedule",
        Fact("schedule", [schedule.get("cron"), contract.timezone], "moment at which a delivery is due"),
    )
    for name, value in ({"grace": GRACE, "sla": SLA} | schedule).items():
        if isinstance(value, list):
            for one in value:
                yield (
                    f"schedule.{name}.{one}",
                    Fact(_SCHEDULE[name], value=True, subject=f"{one} in {name}", parent="schedule"),
                )
        elif name != "cron":
            yield f"schedule.{name}", Fact(_SCHEDULE.get(name, "service level"), seconds(value), name, "schedule")


_WIDER = {"segments": "service level", "evidence": "service level"}


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


_SOURCES: tuple[Callable[[Contract], Facts], ...] = (_columns, _rules, _codes, _checks, _delivery, _terms)
