"""A contract as one document of the Open Data Contract Standard, v3.1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .delivery import own_settings, roles, servers, service_levels
from .library import NOT_NULL, UNIQUE
from .model import API_VERSION, CODE_COLUMNS, DRAFT, FIRST_VERSION, Contract, Tree
from .overtime import agreed_columns, kind_of, to_items
from .rows import column_of, to_item
from .trees import customs, jsonable, one_text, ordered, overlay

_TYPE_OF_RULE = {
    "expect_column_values_to_match_strftime_format": "date",
    "expect_column_values_to_be_dateutil_parseable": "date",
    "expect_column_mean_to_be_between": "number",
    "expect_column_sum_to_be_between": "number",
    "expect_column_stdev_to_be_between": "number",
}
"""Expectation type → logical type of its column, for a column whose terms give none."""
_RULED = ("required", "unique")
_TEXT = {"logicalType": "string", "physicalType": "text"}  # what a cell of a delimited file is, whatever it means


def to_odcs(contract: Contract) -> Tree:
    """The contract as ODCS: what the files say, and over it the terms.

    Raises:
        ConfigError: an expectation has no check_id.
    """
    document: Tree = ordered(overlay(derived(contract), _without_rules(jsonable(contract.terms))))
    return document


def _without_rules(terms: Tree) -> Tree:
    """The terms without what only the suite can say of a column."""
    described = [
        one | {"properties": [{k: v for k, v in p.items() if k not in _RULED} for p in one["properties"]]}
        if one.get("properties")
        else one
        for one in terms.get("schema") or ()
    ]
    return terms | ({"schema": described} if described else {})


def derived(contract: Contract) -> Tree:
    """Everything in the contract that configuration, suites and checks say, without the terms."""
    settings = contract.settings
    levels = service_levels(settings.get("schedule"), contract.timezone)
    channels = [{"channel": c, "tool": "slack", "scope": "notifications"} for c in contract.channels]
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": contract.feed,
        "name": one_text(settings.get("title")) or contract.feed,
        "version": FIRST_VERSION,
        "status": DRAFT,
        "servers": servers(settings),
        "schema": [_object(contract)],
        "team": {"name": str(settings.get("sender") or "sender")},
        "roles": roles(settings),
        **({"slaProperties": levels} if levels else {}),
        **({"support": channels} if channels else {}),
        "customProperties": customs(
            feed=contract.feed,
            settings=own_settings(settings),
            code_tables={name: [_row(row) for row in rows] for name, rows in sorted(contract.codes.items())},
        ),
    }


def _row(row: Mapping[str, str]) -> Tree:
    """A row of a code table, its columns in their usual order."""
    return {
        key: row[key] for key in sorted(row, key=lambda k: (CODE_COLUMNS.index(k) if k in CODE_COLUMNS else 9, k))
    }


def columns(contract: Contract) -> tuple[str, ...]:
    """Every column of the feed: those of the schema check in its order, then those of terms, key and rules."""
    found = [c for check in contract.checks.get("checks") or () for c in agreed_columns(check)]
    found += [str(p.get("physicalName") or p.get("name")) for p in term_properties(contract)]
    found += [contract.settings["key"]] if contract.settings.get("key") else []
    found += [c for suite in contract.suites for raw in suite.expectations if (c := column_of(raw)) is not None]
    return tuple(dict.fromkeys(str(column) for column in found))


def term_properties(contract: Contract) -> Iterator[Tree]:
    """What the terms say of each column."""
    for described in contract.terms.get("schema") or ():
        yield from described.get("properties") or ()


def _object(contract: Contract) -> Tree:
    names = {
        p["physicalName"]: p["name"] for p in term_properties(contract) if "physicalName" in p and "name" in p
    }
    rules = [
        (raw, column_of(raw), _rule(contract, raw, suite.name))
        for suite in contract.suites
        for raw in suite.expectations
    ]
    of_all = [item for _, column, item in rules if column is None]
    properties = []
    for column in columns(contract):
        own = [(raw, item) for raw, about, item in rules if about == column]
        one = {"name": names.get(column, column)} | _described(contract, column, [raw for raw, _ in own])
        properties.append(one | ({"quality": [item for _, item in own]} if own else {}))
    quality = of_all + to_items(contract.checks.get("checks") or ())
    suites = [{"name": suite.name} | jsonable(suite.rest) for suite in contract.suites]
    about = {key: value for key, value in jsonable(contract.checks).items() if key != "checks"}
    source = contract.settings.get("source") or {}
    physical = "table" if source.get("kind") == "table" else "file"
    return {
        "name": contract.feed,
        "logicalType": "object",
        "physicalType": physical,
        "properties": properties,
        **({"quality": quality} if quality else {}),
        "customProperties": customs(suites=suites, checks=about),
    }


def _rule(contract: Contract, raw: Tree, suite: str) -> Tree:
    item = to_item(raw, where=f"suite {suite}")
    if len(contract.suites) > 1:
        item["customProperties"] = [*item.get("customProperties", ()), *customs(suite=suite)]
    return item


def _described(contract: Contract, column: str, raws: list[Tree]) -> Tree:
    source = contract.settings.get("source") or {}
    text = source.get("kind", "files") == "files" and source.get("reader", "csv") == "csv"
    out: Tree = dict(_TEXT) if text else {}
    for raw in raws:
        kind, kwargs = raw.get("type"), raw.get("kwargs") or {}
        if kind in _TYPE_OF_RULE:
            out["logicalType"] = _TYPE_OF_RULE[str(kind)]
        if kind == "expect_column_values_to_be_of_type" and isinstance(kwargs.get("type_"), str):
            out["physicalType"] = kwargs["type_"]
    if contract.settings.get("key") == column:
        out |= {"primaryKey": True, "primaryKeyPosition": 1}
    return out | {name: True for name, kind in (("required", NOT_NULL), ("unique", UNIQUE)) if asked(raws, kind)}


def asked(raws: Iterable[Tree], kind: str) -> bool:
    """Whether a rule of this type fails a delivery for a single row, whatever the row."""
    return any(
        raw.get("type") == kind
        and raw.get("severity", "critical") == "critical"
        and (raw.get("kwargs") or {}).get("mostly", 1) == 1
        and (raw.get("kwargs") or {}).get("row_condition") is None
        for raw in raws
    )


def effective_kinds(contract: Contract) -> list[str]:
    """The kinds of check in the contract that this installation knows."""
    return [c["kind"] for c in contract.checks.get("checks") or () if kind_of(str(c.get("kind"))) is not None]
