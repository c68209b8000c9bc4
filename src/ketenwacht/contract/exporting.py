"""A contract as one document of the Open Data Contract Standard, v3.1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .delivery import build_roles, build_servers, build_service_levels, holds_text_only, select_other_settings
from .library import NOT_NULL, UNIQUE
from .model import API_VERSION, CODE_COLUMNS, DRAFT, FIRST_VERSION, Contract, Tree
from .rules import (
    checks_to_rules,
    expectation_to_rule,
    find_column,
    list_agreed_columns,
    requires_every_row,
)
from .trees import build_custom_properties, name_in_delivery, overlay, pick_text, sort_keys, to_json_types

_TYPE_OF_RULE = {
    "expect_column_values_to_match_strftime_format": "date",
    "expect_column_values_to_be_dateutil_parseable": "date",
    "expect_column_mean_to_be_between": "number",
    "expect_column_sum_to_be_between": "number",
    "expect_column_stdev_to_be_between": "number",
}
"""Expectation type → logical type of its column, for a column whose terms give none."""
_RULED = ("required", "unique")
_TEXT = {"logicalType": "string", "physicalType": "text"}  # every cell of a delimited file is text


def to_odcs(contract: Contract) -> Tree:
    """Return the contract as an ODCS document: settings, suites and checks, with the terms laid over them.

    Raises:
        ConfigError: an expectation has no check_id.
    """
    document: Tree = sort_keys(overlay(derive_document(contract), _remove_flags(to_json_types(contract.terms))))
    return document


def _remove_flags(terms: Tree) -> Tree:
    """Return the terms without the flags of a column that only the suite may set."""
    described = [
        one | {"properties": [{k: v for k, v in p.items() if k not in _RULED} for p in one["properties"]]}
        if one.get("properties")
        else one
        for one in terms.get("schema") or ()
    ]
    return terms | ({"schema": described} if described else {})


def derive_document(contract: Contract) -> Tree:
    """Return the document that configuration, suites and checks give, without the terms."""
    settings = contract.settings
    levels = build_service_levels(settings.get("schedule"), contract.timezone)
    channels = [{"channel": c, "tool": "slack", "scope": "notifications"} for c in contract.channels]
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": contract.feed,
        "name": pick_text(settings.get("title")) or contract.feed,
        "version": FIRST_VERSION,
        "status": DRAFT,
        "servers": build_servers(settings),
        "schema": [_build_object(contract)],
        "team": {"name": str(settings.get("sender") or "sender")},
        "roles": build_roles(settings),
        **({"slaProperties": levels} if levels else {}),
        **({"support": channels} if channels else {}),
        "customProperties": build_custom_properties(
            feed=contract.feed,
            settings=select_other_settings(settings),
            code_tables={
                name: [_sort_code_row(row) for row in rows] for name, rows in sorted(contract.codes.items())
            },
        ),
    }


def _sort_code_row(row: Mapping[str, str]) -> Tree:
    """Return a row of a code table with its columns in their usual order."""
    return {
        key: row[key] for key in sorted(row, key=lambda k: (CODE_COLUMNS.index(k) if k in CODE_COLUMNS else 9, k))
    }


def list_columns(contract: Contract) -> tuple[str, ...]:
    """Return every column of the feed: those of the schema check in its order, then of terms, key and rules."""
    found = [c for check in contract.checks.get("checks") or () for c in list_agreed_columns(check)]
    found += [name_in_delivery(p) for p in list_term_properties(contract)]
    found += [contract.settings["key"]] if contract.settings.get("key") else []
    found += [c for suite in contract.suites for raw in suite.expectations if (c := find_column(raw)) is not None]
    return tuple(dict.fromkeys(str(column) for column in found))


def list_term_properties(contract: Contract) -> Iterator[Tree]:
    """Yield the terms' property for each column they describe."""
    for described in contract.terms.get("schema") or ():
        yield from described.get("properties") or ()


def _build_object(contract: Contract) -> Tree:
    names = {
        p["physicalName"]: p["name"] for p in list_term_properties(contract) if "physicalName" in p and "name" in p
    }
    rules = [
        (raw, find_column(raw), _build_rule(contract, raw, suite.name))
        for suite in contract.suites
        for raw in suite.expectations
    ]
    of_all = [item for _, column, item in rules if column is None]
    properties = []
    for column in list_columns(contract):
        own = [(raw, item) for raw, about, item in rules if about == column]
        one = {"name": names.get(column, column)} | _describe_column(contract, column, [raw for raw, _ in own])
        properties.append(one | ({"quality": [item for _, item in own]} if own else {}))
    quality = of_all + checks_to_rules(contract.checks.get("checks") or ())
    suites = [{"name": suite.name} | to_json_types(suite.rest) for suite in contract.suites]
    about = {key: value for key, value in to_json_types(contract.checks).items() if key != "checks"}
    source = contract.settings.get("source") or {}
    physical = "table" if source.get("kind") == "table" else "file"
    return {
        "name": contract.feed,
        "logicalType": "object",
        "physicalType": physical,
        "properties": properties,
        **({"quality": quality} if quality else {}),
        "customProperties": build_custom_properties(suites=suites, checks=about),
    }


def _build_rule(contract: Contract, raw: Tree, suite: str) -> Tree:
    item = expectation_to_rule(raw, where=f"suite {suite}")
    if len(contract.suites) > 1:
        item["customProperties"] = [*item.get("customProperties", ()), *build_custom_properties(suite=suite)]
    return item


def _describe_column(contract: Contract, column: str, raws: list[Tree]) -> Tree:
    out: Tree = dict(_TEXT) if holds_text_only(contract.settings.get("source") or {}) else {}
    for raw in raws:
        kind, kwargs = raw.get("type"), raw.get("kwargs") or {}
        if kind in _TYPE_OF_RULE:
            out["logicalType"] = _TYPE_OF_RULE[str(kind)]
        if kind == "expect_column_values_to_be_of_type" and isinstance(kwargs.get("type_"), str):
            out["physicalType"] = kwargs["type_"]
    if contract.settings.get("key") == column:
        out |= {"primaryKey": True, "primaryKeyPosition": 1}
    return out | {
        name: True for name, kind in (("required", NOT_NULL), ("unique", UNIQUE)) if requires_every_row(raws, kind)
    }
