"""Import of an ODCS document: contracts, and notes about the parts that no check judges."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ketenwacht.errors import ConfigError

from .delivery import NESTED_READERS, ReadPart, holds_text_only, read_roles, read_servers, read_service_levels
from .exporting import derive_document
from .import_rules import Known, QualityRules, derive_expectations, describe_object, read_quality_rules
from .model import Contract, ImportNote, ImportOutcome, SuiteTree, Tree
from .rules import DescribedObject
from .shapes import check_shapes
from .trees import find_custom_property, name_in_delivery, slugify, subtract, to_json_types


@dataclass(frozen=True, slots=True)
class ImportedContracts:
    """The contracts of a document, one a schema object, and notes about parts that changed."""

    contracts: tuple[Contract, ...]
    notes: tuple[ImportNote, ...]


def from_odcs(document: Tree, *, where: str, known: Known) -> ImportedContracts:
    """Return the contracts of a document.

    Args:
        document: the parsed file.
        where: its name, for messages.
        known: whether an expectation type may be used in a suite.

    Raises:
        ConfigError: it is not ODCS v3.
    """
    document = _check_document(to_json_types(document), where)
    described = document.get("schema") or [{"name": str(document.get("name") or document.get("id"))}]
    several = len(described) > 1
    taken = [_read_contract(document, one, several=several, known=known) for one in described]
    notes = [note for _, found in taken for note in found]
    if several:
        why = f"it has {len(described)} objects; each becomes a feed with terms of its own"
        notes.insert(0, ImportNote("schema", "several objects", ImportOutcome.CHANGED, why))
    contracts = _number_duplicates([contract for contract, _ in taken])
    return ImportedContracts(contracts, tuple(dict.fromkeys(notes)))


def _check_document(document: Tree, where: str) -> Tree:
    version = str(document.get("apiVersion") or "")
    if document.get("kind") != "DataContract" or not re.match(r"v3\.", version):
        raise ConfigError(
            where, "is not a contract of ODCS v3", "give a file with `kind: DataContract`, apiVersion v3"
        )
    if isinstance(document.get("team"), list):  # until v3.0 a team was a list
        document["team"] = {"members": document["team"]}
    check_shapes(document, where)
    return document


def _number_duplicates(contracts: list[Contract]) -> tuple[Contract, ...]:
    seen: dict[str, int] = {}
    out = []
    for contract in contracts:
        seen[contract.feed] = seen.get(contract.feed, 0) + 1
        n = seen[contract.feed]
        out.append(contract if n == 1 else replace(contract, feed=f"{contract.feed}-{n}"))
    return tuple(out)


def _read_contract(
    document: Tree, described: Tree, *, several: bool, known: Known
) -> tuple[Contract, list[ImportNote]]:
    given = document.get("customProperties")
    ours = find_custom_property(given, "feed")
    feed = str(ours) if ours is not None else _build_feed_name(document, described, several=several)
    levels = read_service_levels(document.get("slaProperties") or [])
    roles, servers = read_roles(document), read_servers(document.get("servers") or [], described)
    settings = {"title": _build_title(document, described, several=several)} | roles.settings | servers.settings
    settings |= levels.settings | _find_key(described) | (find_custom_property(given, "settings") or {})
    if settings["title"] == feed:
        del settings["title"]
    rules = QualityRules()
    left = _read_object(described, settings, rules, known=known, own=ours is not None)
    suites = _build_suites(feed, described, rules)
    checks = (find_custom_property(described.get("customProperties"), "checks") or {}) | {"checks": rules.checks}
    codes = find_custom_property(given, "codeTables") or {}
    contract = Contract(
        feed=feed,
        timezone=levels.timezone,
        settings=settings,
        suites=suites,
        checks=checks if ours is not None else _build_default_checks(described, settings, checks, suites),
        codes={str(name): tuple(rows) for name, rows in codes.items()},
    )
    rest = _remove_used(document, levels, roles, servers) | {"schema": [left]}
    terms = subtract(rest, derive_document(contract))
    for key in ("apiVersion", "kind"):
        terms.pop(key, None)
    return replace(contract, terms=terms), [*levels.notes, *roles.notes, *servers.notes, *rules.notes]


def _build_feed_name(document: Tree, described: Tree, *, several: bool) -> str:
    name = str(described.get("name") or document.get("name") or document.get("id") or "feed")
    return slugify(f"{document['name']} {name}" if several and document.get("name") else name)


def _build_title(document: Tree, described: Tree, *, several: bool) -> str:
    name, inner = document.get("name"), described.get("businessName") or described.get("name")
    if several and name:
        return f"{name}: {inner}"
    return str(name or inner or document.get("id"))


def _find_key(described: Tree) -> Tree:
    keys = [p for p in described.get("properties") or () if isinstance(p, dict) and p.get("primaryKey") is True]
    return {"key": name_in_delivery(keys[0])} if len(keys) == 1 else {}


def _read_object(described: Tree, settings: Tree, rules: QualityRules, *, known: Known, own: bool) -> Tree:
    """Read the rules of an object and its properties; return the object without the members that they cover."""
    name = str(described.get("name"))
    left = dict(described)
    about = DescribedObject() if own else describe_object(described)
    left["quality"] = read_quality_rules(described.get("quality"), None, f"schema.{name}", rules, known, about)
    text = holds_text_only(settings.get("source") or {})
    properties = []
    for prop in described.get("properties") or ():
        column = name_in_delivery(prop)
        place = f"schema.{name}.{prop.get('name')}"
        rest = dict(prop)
        rest["quality"] = read_quality_rules(prop.get("quality"), column, place, rules, known, about)
        of_column = [
            raw for found in rules.by_suite.values() for raw in found if raw["kwargs"].get("column") == column
        ]
        found, rest, notes = derive_expectations(
            _remove_types(rest) if own else rest, column, place, text=text, rules=of_column
        )
        for raw in found:
            rules.add("", raw)
        nested = [] if own else _find_nested(prop, column, settings)
        for path, child in nested:
            _read_nested(path, child, f"schema.{name}", settings, rules, known=known, about=about)
        rules.notes += () if own else [n for n in notes if not (nested and n.where == f"{place}.properties")]
        properties.append(_remove_empty(_restore_types(rest, prop) if own else rest))
    left["properties"] = properties
    if described.get("relationships"):
        why = "only one delivery of one feed is judged"
        rules.notes.append(ImportNote(f"schema.{name}.relationships", "relationship", ImportOutcome.WORDS, why))
    many = [p for p in properties if p.get("primaryKey") is True]
    if len(many) > 1:
        why = "a feed has one key; make the columns together unique by an expectation"
        rules.notes.append(ImportNote(f"schema.{name}", "composite key", ImportOutcome.WORDS, why))
    return _remove_empty(left)


def _find_nested(prop: Tree, column: str, settings: Tree) -> list[tuple[str, Tree]]:
    """Return path and property of each value inside an object, where the reader has such columns."""
    if (settings.get("source") or {}).get("reader") not in NESTED_READERS:
        return []
    found: list[tuple[str, Tree]] = []
    for child in prop.get("properties") or ():
        path = f"{column}.{name_in_delivery(child)}"
        inner = _find_nested(child, path, settings)
        found += inner or [(path, child)]
    return found


def _read_nested(  # noqa: PLR0913 - the property, its place, and what holds its rules
    path: str,
    child: Tree,
    where: str,
    settings: Tree,
    rules: QualityRules,
    *,
    known: Known,
    about: DescribedObject,
) -> None:
    """Add the rules of a value inside an object; its words stay in the terms, below the object that holds it."""
    source = settings["source"]
    source["nested"] = [*source.get("nested", []), path]
    read_quality_rules(child.get("quality"), path, f"{where}.{path}", rules, known, about)
    listed = [raw for found in rules.by_suite.values() for raw in found if raw["kwargs"].get("column") == path]
    text = source["reader"] != "parquet"
    found, _, notes = derive_expectations(child, path, f"{where}.{path}", text=text, rules=listed)
    for raw in found:
        rules.add("", raw)
    rules.notes += notes


_FORMAL = ("logicalType", "logicalTypeOptions")


def _remove_types(prop: Tree) -> Tree:
    """Return a property of our own export without its types: its rules hold them already."""
    return {key: value for key, value in prop.items() if key not in _FORMAL}


def _restore_types(rest: Tree, prop: Tree) -> Tree:
    return rest | {key: prop[key] for key in _FORMAL if key in prop}


def _remove_empty(tree: Tree) -> Tree:
    return {key: value for key, value in tree.items() if key not in ("quality", "properties") or value}


def _build_suites(feed: str, described: Tree, rules: QualityRules) -> tuple[SuiteTree, ...]:
    heads = find_custom_property(described.get("customProperties"), "suites") or []
    if not heads:
        heads = [{"name": slugify(feed, "_")}] if rules.by_suite else []
    first = heads[0]["name"] if heads else ""
    found: dict[str, list[Tree]] = {}
    for name, raws in rules.by_suite.items():
        found.setdefault(name or first, []).extend(raws)
    heads += [{"name": name} for name in found if name not in {head["name"] for head in heads}]
    return tuple(
        SuiteTree(
            name=str(head["name"]),
            expectations=tuple(found.get(head["name"], ())),
            rest={key: value for key, value in head.items() if key != "name"},
        )
        for head in heads
    )


def _build_default_checks(described: Tree, settings: Tree, checks: Tree, suites: tuple[SuiteTree, ...]) -> Tree:
    """Return checks for a contract without our own: those that need no setting beyond the document."""
    properties = [p for p in described.get("properties") or () if isinstance(p, dict)]
    columns = [name_in_delivery(p) for p in properties] + list((settings.get("source") or {}).get("nested", ()))
    made: list[Tree] = [{"kind": "schedule"}] if "schedule" in settings else []
    made += [{"kind": "schema", "columns": columns}] if columns else []
    made += [{"kind": "contract"}] if suites else []
    made += [{"kind": "volume"}, {"kind": "evidence"}]
    own = {str(check.get("kind")) for check in checks["checks"]}
    return (
        {"version": 1} | checks | {"checks": [*checks["checks"], *(one for one in made if one["kind"] not in own)]}
    )


_SAID = {
    "slaProperties": ("value", "unit"),
    "roles": ("description",),
    "servers": ("type", "environment", "path", "format", "host", "port", "database", "schema"),
}
"""List → the members of its items that configuration holds after an import."""


def _remove_used(document: Tree, levels: ReadPart, roles: ReadPart, servers: ReadPart) -> Tree:
    """Return the document without the members that configuration holds now; other members of an item stay."""
    out = dict(document)
    for key, taken in (("slaProperties", levels), ("roles", roles), ("servers", servers)):
        items = [dict(item) for item in document.get(key) or ()]
        for i, item in enumerate(items):
            if i in taken.names:
                item["server"] = taken.names[i]
            if i in taken.used:
                for member in _SAID[key]:
                    item.pop(member, None)
        out |= {key: items} if items else {}
    return out
