"""A small contract that tests change in their own ways, and a judge of documents that nobody here wrote."""

import copy
import dataclasses

from ketenwacht.contract import Contract, SuiteTree

COLUMNS = ["number", "group", "decided_on"]


def rule(check_id, kind, severity="critical", **kwargs):
    return {
        "type": kind,
        "kwargs": kwargs,
        "meta": {"check_id": check_id, "title": f"The rule {check_id}", "owner": "SENDER"},
        "severity": severity,
    }


def trees():
    return {
        "feed": "persons",
        "timezone": "Europe/Amsterdam",
        "settings": {
            "title": "Persons who moved",
            "sender": "SENDER",
            "receiver": "RECEIVER",
            "source": {"kind": "files", "path": "in", "reader": "csv", "pattern": "{date:%Y%m%d}.csv"},
            "environments": {"staging": {"source": {"path": "staging"}}},
            "schedule": {"cron": "0 7 * * mon-fri", "calendar": "NL", "grace": "4h", "sla": "14d"},
            "segments": [[], ["group"]],
            "key": "number",
        },
        "rules": [
            rule("number-present", "expect_column_values_to_not_be_null", column="number"),
            rule("group-filled", "expect_column_values_to_not_be_null", "warning", column="group", mostly=0.95),
            rule(
                "group-known",
                "expect_column_values_to_be_in_set",
                column="group",
                value_set={"$PARAMETER": "group"},
            ),
            rule("number-form", "expect_column_values_to_match_regex", column="number", regex="^\\d{10}$"),
            rule("rows", "expect_table_row_count_to_be_between", min_value=1, max_value=900),
        ],
        "checks": {
            "version": 1,
            "false_alarms_per_year": 4,
            "checks": [
                {"kind": "schedule"},
                {"kind": "schema", "columns": list(COLUMNS)},
                {"kind": "contract"},
                {"kind": "completeness", "fields": {"group": 0.9}},
                {"kind": "volume", "segments": ["group"], "false_alarms_per_year": 1},
                {"kind": "coverage", "expected": [{"group": ["a", "b"]}], "within": "30d"},
            ],
            "declared": [],
        },
        "codes": {
            "group": [{"code": "a", "name": "First"}, {"code": "b"}, {"code": "no", "valid_to": "2030-12-31"}]
        },
        "terms": {
            "version": "1.2.0",
            "status": "active",
            "description": {"purpose": "Know who moved.", "usage": "Letters."},
            "team": {"name": "Data office", "members": [{"username": "a.bakker", "role": "owner"}]},
            "support": [{"channel": "#moves", "tool": "slack"}],
            "slaProperties": [{"property": "retention", "value": 3, "unit": "y"}],
            "schema": [
                {
                    "description": "One row a person.",
                    "properties": [
                        {"name": "number", "description": "Number of the person.", "logicalType": "string"},
                        {"name": "decided_on", "logicalType": "date", "classification": "personal"},
                    ],
                }
            ],
        },
    }


def built(tree):
    tree = copy.deepcopy(tree)
    rules = tuple(tree.pop("rules"))
    codes = {name: tuple(rows) for name, rows in tree.pop("codes").items()}
    return Contract(**tree, suites=(SuiteTree(name="persons", expectations=rules),), codes=codes)


def replaced(contract, **changes):
    return dataclasses.replace(contract, **changes)
