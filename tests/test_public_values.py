"""The values of every enumeration, as histories hold them and as JSON and commands show them.

Whoever changes one of these breaks histories, scripts or dashboards that know it; a new one is added here.
"""

from __future__ import annotations

import ast
from enum import Enum
from importlib import import_module
from pathlib import Path

import pytest

import ketenwacht

ROOT = Path(ketenwacht.__file__).parent
VALUES: dict[str, dict[str, object]] = {
    "ChangeEffect": {"EDITORIAL": 0, "LOOSENING": 1, "TIGHTENING": 2, "BREAKING": 3},
    "DeliveryKind": {
        "MUTATION": "mutation",
        "SNAPSHOT": "snapshot",
        "REDELIVERY": "redelivery",
        "CORRECTION": "correction",
        "CATCH_UP": "catch-up",
    },
    "DeliveryMark": {"RECEIVED": "received", "LATE": "late", "MISSING": "missing", "UNREADABLE": "unreadable"},
    "DeliveryOutcome": {"RECEIVED": "received", "LATE": "late", "MISSED": "missed", "EXCUSED": "excused"},
    "Evidence": {
        "CONTRACT": "contract",
        "CONTROL_TOTAL": "control-total",
        "ACKNOWLEDGEMENT": "acknowledgement",
        "RECONCILIATION": "reconciliation",
        "REFERENCE": "reference",
        "UNDERCOVERAGE": "undercoverage",
        "HISTORY": "history",
        "INQUIRY": "inquiry",
        "SCHEDULE": "schedule",
    },
    "ExitCode": {"PASSED": 0, "FAILED": 1, "USAGE": 2, "NOT_JUDGED": 3, "NOT_DELIVERED": 4},
    "FailOn": {
        "BREAKING": "breaking",
        "TIGHTENING": "tightening",
        "LOOSENING": "loosening",
        "EDITORIAL": "editorial",
    },
    "Holds": {
        "AGREED_COLUMNS": "agreed columns",
        "COLUMNS": "columns",
        "CATEGORIES": "categories",
        "RARE": "rare",
        "HOPS": "hops",
    },
    "ImportOutcome": {
        "WORDS": "kept as words",
        "FILLED": "filled in",
        "CHANGED": "changed",
        "LEFT_OUT": "left out",
    },
    "IncidentNature": {
        "MISSING": "missing",
        "SURPLUS": "surplus",
        "LATE": "late",
        "UNREADABLE": "unreadable",
        "BROKEN_RULE": "broken-rule",
        "SCHEMA": "schema",
        "PRIVACY": "privacy",
        "CANNOT_JUDGE": "cannot-judge",
    },
    "IncidentReason": {
        "OPENED": "opened",
        "REOPENED": "reopened",
        "GREW": "grew",
        "SEVERITY_GREW": "severity-grew",
        "NATURE_CHANGED": "nature-changed",
        "JOINED": "joined",
        "MERGED": "merged",
        "STOPPED": "stopped",
        "GROWS_AGAIN": "grows-again",
        "RECOVERED": "recovered",
        "CLOSED": "closed",
        "TAKEN": "taken",
        "ACKNOWLEDGED": "acknowledged",
        "SNOOZED": "snoozed",
        "SNOOZE_ENDED": "snooze-ended",
        "NOTED": "noted",
        "RESOLVED_BY_HAND": "resolved-by-hand",
        "SPLIT": "split",
        "MERGED_BY_HAND": "merged-by-hand",
    },
    "IncidentState": {
        "OPEN": "open",
        "ACKNOWLEDGED": "acknowledged",
        "SNOOZED": "snoozed",
        "STOPPED": "stopped",
        "RESOLVED": "resolved",
        "CLOSED": "closed",
    },
    "LedgerOutcome": {
        "NEXT": "next",
        "GAP": "gap",
        "FILLED": "filled",
        "REPLACED": "replaced",
        "DUPLICATE": "duplicate",
        "REPLAY": "replay",
        "CONFLICT": "conflict",
        "RESTARTED": "restarted",
    },
    "LossEvidence": {"HISTORY": "history", "REFERENCE": "reference", "RECONCILIATION": "reconciliation"},
    "Nature": {"ERROR": "error", "FAILED": "failed", "WARNED": "warned", "PRIVACY": "privacy"},
    "OutputFormat": {"TEXT": "text", "JSON": "json"},
    "PeriodKind": {
        "PAUSE": "pause",
        "INCIDENT": "incident",
        "CATCH_UP": "catch-up",
        "POLICY": "policy",
        "RELEASE": "release",
    },
    "Presence": {"READ": "read", "ABSENT": "absent", "UNREADABLE": "unreadable"},
    "Reason": {
        "OPENED": "opened",
        "REOPENED": "reopened",
        "RECOVERED": "recovered",
        "RESOLVED_BY_HAND": "resolved-by-hand",
        "EXCUSED": "excused",
        "ACKNOWLEDGED": "acknowledged",
        "CLOSED_QUIET": "closed-quiet",
        "SUPERSEDED": "superseded",
        "SNOOZED": "snoozed",
        "SNOOZE_EXPIRED": "snooze-expired",
        "SNOOZE_BROKEN": "snooze-broken",
        "SEVERITY_GREW": "severity-grew",
        "SHORTFALL_GREW": "shortfall-grew",
        "NATURE_CHANGED": "nature-changed",
        "FLAPPING": "flapping",
        "STABLE": "stable",
        "GROUPED": "grouped",
        "UNGROUPED": "ungrouped",
        "STILL_FAILING": "still-failing",
        "STILL_HEALTHY": "still-healthy",
        "UNDECIDED": "undecided",
        "INHIBITED": "inhibited",
        "SEEN": "seen",
        "OLDER": "older",
    },
    "Release": {"STREAM": "stream", "LEVEL": "level", "NOTHING": "nothing"},
    "ReproductionOutcome": {"SAME": "same", "DIFFERENT": "different", "UNKNOWN": "unknown"},
    "Severity": {"LOW": 1, "MEDIUM": 2, "HIGH": 3, "CRITICAL": 4},
    "Starts": {"DECISION": "decision", "DELIVERY": "delivery"},
    "State": {"OPEN": "open", "ACKNOWLEDGED": "acknowledged", "RESOLVED": "resolved", "CLOSED": "closed"},
    "Status": {"PASSED": 0, "SKIPPED": 1, "UNPROVEN": 2, "WARNED": 3, "FAILED": 4, "ERROR": 5},
    "SymptomLevel": {
        "FINE": "fine",
        "ABSENT": "absent",
        "WARNING": "warning",
        "MISCONFIGURED": "misconfigured",
        "UNREACHABLE": "unreachable",
        "STUCK": "stuck",
    },
    "Weight": {
        "UP": "up",
        "DOWN": "down",
        "ASKED": "asked",
        "LET_OFF": "let off",
        "WORDS": "words",
        "EITHER": "either",
    },
}
INTERNAL = {"Acknowledged", "End", "PlannedOutcome", "Role", "Signal", "StatedSelection"}
"""These are neither stored nor shown; a role is written as an act is named."""


def enumerations():
    """Every enumeration of the package, by its name; modules without one are not imported."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        classes = [
            node
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ClassDef)
        ]
        names = [
            node.name
            for node in classes
            if any(isinstance(base, ast.Name) and base.id in {"Enum", "StrEnum", "IntEnum"} for base in node.bases)
        ]
        if names:
            module = import_module(".".join(("ketenwacht", *path.relative_to(ROOT).with_suffix("").parts)))
            found |= {name: getattr(module, name) for name in names}
    return found


FOUND = enumerations()


def test_every_enumeration_is_in_the_table_or_named_as_internal():
    assert set(FOUND) == {*VALUES, *INTERNAL}


@pytest.mark.parametrize("name", sorted(VALUES))
def test_its_values_are_what_others_know(name):
    kind: type[Enum] = FOUND[name]
    assert {member: value.value for member, value in kind.__members__.items()} == VALUES[name]
