"""A contract as a list of facts, so that two versions can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import timedelta
from typing import Any

from ketenwacht.domain.check_traits import Holds, SettingRange, Weight, traits_of

from .delivery import GRACE, OWN, SLA
from .exporting import list_columns, list_term_properties
from .library import NOT_NULL, UNIQUE
from .model import Contract, Node, Tree
from .rules import find_column, find_kind
from .trees import name_in_delivery, to_json_types

ANY = "setting"
"""The sort of a setting of which neither direction is stricter."""
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)\s*")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a contract.

    Attributes:
        sort: a key of `compare.TABLE`.
        value: True for mere presence; numbers and durations (seconds) can go up and down.
        subject: what it is about, for people.
        parent: key of the fact that this one belongs to; when the parent comes or goes, this fact is not reported.
    """

    sort: str
    value: Node
    subject: str
    parent: str | None = None


Facts = Iterator[tuple[str, Fact]]


class Seconds(float):
    """A duration in seconds, shown to people as in config.yaml."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return `12h`: a whole number in the largest unit possible."""
        unit = next((unit for unit in ("d", "h", "min") if self % _SECONDS[unit] == 0), "s")
        return f"{float(self) / _SECONDS[unit]:g}{unit}"


def parse_seconds(value: Node) -> Node:
    """Return a duration such as `4h` in seconds, any other value unchanged."""
    if isinstance(value, timedelta):
        return Seconds(value.total_seconds())
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return Seconds(float(match[1]) * _SECONDS[match[2]]) if match is not None else value


# Facts about columns, rules, codes and terms.

SEVERITIES = ("info", "warning", "critical")


_OF_COLUMN = {"logicalType": "type", "physicalType": "type", "logicalTypeOptions": "service level"}
"""Member of a column in the terms → sort; any other is `words`."""

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
"""Severity of a rule → sort of a fact → its lighter sort, because such a rule fails no delivery."""


def list_facts(contract: Contract) -> dict[str, Fact]:
    """Return every fact of a contract, by a key that stays the same in another version of it."""
    return {key: fact for source in _SOURCES for key, fact in source(contract)}


def _list_column_facts(contract: Contract) -> Facts:
    for column in list_columns(contract):
        yield f"column.{column}", Fact("column", value=True, subject=f"column {column}")
    for prop in list_term_properties(contract):
        name = name_in_delivery(prop)
        for key, value in prop.items():
            sort = _OF_COLUMN.get(key, "words")
            if key not in ("name", "physicalName", "quality"):
                yield f"column.{name}.{key}", Fact(sort, value, f"{key} of column {name}", f"column.{name}")
    if contract.settings.get("key"):
        yield "key", Fact("key", contract.settings["key"], "key of a record")


def _list_rule_facts(contract: Contract) -> Facts:
    for raw in (to_json_types(raw) for suite in contract.suites for raw in suite.expectations):
        meta, kwargs = raw.get("meta") or {}, raw.get("kwargs") or {}
        check_id = str(meta.get("check_id") or raw.get("type"))
        whole = raw.get("type") in (NOT_NULL, UNIQUE) and kwargs.get("row_condition") is None
        severity = str(raw.get("severity") or "critical")
        subject, key = f"rule {check_id}", f"rule.{check_id}"
        if whole:
            subject += f" ({find_column(raw)} {'required' if raw['type'] == NOT_NULL else 'unique'})"
        yield key, Fact("required" if whole else "rule", severity, subject)
        for part, fact in _list_argument_facts(raw, key, subject):
            yield part, replace(fact, sort=_LIGHTER.get(severity, {}).get(fact.sort, fact.sort))
        for name, value in meta.items():
            if name != "check_id":
                yield f"{key}.meta.{name}", Fact("words", value, f"{name} of {subject}", key)


def _list_argument_facts(raw: Tree, key: str, subject: str) -> Facts:
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


def _list_code_facts(contract: Contract) -> Facts:
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


def _list_term_facts(contract: Contract) -> Facts:
    for key, value in to_json_types(contract.terms).items():
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
        yield from _list_unjudged_rules(described, "object")
        for prop in described.get("properties") or ():
            yield from _list_unjudged_rules(prop, f"column {prop.get('name')}")
        for key, value in described.items():
            if key not in ("properties", "quality"):
                yield f"terms.schema.{key}", Fact("words", value, f"{key} of the object")


def _list_unjudged_rules(described: Tree, of: str) -> Facts:
    """Yield rules that no check judges; other members of a judged rule are words."""
    for i, item in enumerate(described.get("quality") or ()):
        judged = not ({"metric", "query", "engine", "mustBe", "rule"} & set(item)) and item.get("type") != "text"
        name = item.get("name") or item.get("id") or item.get("description") or i
        sort = "words" if judged else "rule in words"
        yield f"quality.{of}.{name}", Fact(sort, item, f"rule {name} of {of}, in words")


# Facts about the stream of deliveries: checks, source, schedule.

_SORT: Mapping[Weight, str] = {
    Weight.UP: "setting, stricter when higher",
    Weight.DOWN: "setting, stricter when lower",
    Weight.WORDS: "words",
    Weight.ASKED: "asked",
    Weight.LET_OFF: "let off",
    Weight.EITHER: ANY,
}
"""Meaning of a change of a setting → sort of the fact."""

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
"""Setting of a source → sort; its location concerns the receiver only, any other is the form of a delivery."""

_WIDER = {"segments": "service level", "evidence": "service level"}


def _list_check_facts(contract: Contract) -> Facts:
    """Yield the checks, their settings, and the declared periods."""
    for check in to_json_types(contract.checks).get("checks") or ():
        kind = str(check.get("kind"))
        name = str(check.get("name") or kind)
        key, subject = f"check.{name}", f"check {name}"
        yield key, Fact("check", kind, subject)
        known = traits_of(find_kind(kind)).settings
        for setting, value in (_read_defaults(kind) | check).items():
            about = known.get(setting, SettingRange())
            if setting not in ("kind", "name") and about.holds is not Holds.AGREED_COLUMNS:
                yield from _list_setting_facts(setting, about, parse_seconds(value), key, subject)
    for mask in to_json_types(contract.checks).get("declared") or ():
        what = f"{mask.get('kind')} {mask.get('first')} to {mask.get('last')}"
        yield f"declared.{what}.{mask.get('segment')}", Fact("let off", value=True, subject=f"declared {what}")


def _list_setting_facts(setting: str, known: SettingRange, value: Node, key: str, subject: str) -> Facts:
    about, sort = f"{setting} of {subject}", _SORT[known.weight]
    if known.holds is Holds.COLUMNS and isinstance(value, dict):
        for column, share in value.items():
            yield f"{key}.{setting}.{column}", Fact(sort, share, f"share of {column} filled, {subject}", key)
        return
    if isinstance(value, list) and sort in ("asked", "let off"):
        for one in value:
            yield (
                f"{key}.{setting}.{one!r}",
                Fact(sort, value=True, subject=f"{_format_node(one)} in {about}", parent=key),
            )
    elif isinstance(value, dict) and sort == "let off":
        for one, why in value.items():
            yield f"{key}.{setting}.{one}", Fact(sort, why, f"{one} in {about}", key)
    elif value is not None:
        yield f"{key}.{setting}", Fact(sort, value, about, key)


def _format_node(node: Node) -> str:
    if isinstance(node, dict):
        return ", ".join(f"{key} {_format_node(value)}" for key, value in node.items())
    return "/".join(str(one) for one in node) if isinstance(node, list) else str(node)


def _read_defaults(kind: str) -> Tree:
    """Return the default settings of a check kind; {} for an unknown kind."""
    found: Any = find_kind(kind)
    if found is None:
        return {}
    out: Tree = {}
    for field in fields(found):
        value = field.default if field.default is not MISSING else None
        if field.default_factory is not MISSING:
            value = field.default_factory()
        out[field.name] = to_json_types(value) if not isinstance(value, timedelta) else value
    return out


def _list_delivery_facts(contract: Contract) -> Facts:
    """Yield the parties, the source, other settings, and the schedule."""
    settings = to_json_types(contract.settings)
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
            yield (
                f"schedule.{name}",
                Fact(_SCHEDULE.get(name, "service level"), parse_seconds(value), name, "schedule"),
            )


_SOURCES: tuple[Callable[[Contract], Facts], ...] = (
    _list_column_facts,
    _list_rule_facts,
    _list_code_facts,
    _list_check_facts,
    _list_delivery_facts,
    _list_term_facts,
)
