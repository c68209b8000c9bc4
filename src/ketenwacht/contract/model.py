"""What a contract is made of: the content of a project's own files, and the notes of an import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Node = Any
"""A YAML or JSON value: mapping, list, text, number, boolean or None."""
Tree = dict[str, Any]
"""A YAML or JSON mapping."""

API_VERSION = "v3.1.0"
"""The version of the Open Data Contract Standard that exports use."""
ENGINE = "ketenwacht"
"""The `engine` of our own checks in an ODCS file, and the prefix of our custom properties."""
CODE_COLUMNS = ("code", "name", "valid_from", "valid_to", "successor")
"""The columns of a code table; others may follow."""
FIRST_VERSION = "0.0.0"
"""The version of a contract whose terms give no version."""
DRAFT = "draft"
"""The status of a contract whose terms give no status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteTree:
    """The content of a suite's file.

    Attributes:
        name: of the suite.
        expectations: raw objects, in the order of the file.
        rest: everything else in the file, such as notes and meta.
    """

    name: str
    expectations: tuple[Tree, ...] = ()
    rest: Tree = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The contract of one feed, gathered from the files of a project.

    Attributes:
        feed: its key in config.yaml.
        timezone: of its calendar days; None: not given.
        settings: the feed in config.yaml, with variables as written, without the paths of other files.
        suites: rules for one delivery.
        checks: the checks YAML, rules for the stream of deliveries; empty: the default checks.
        codes: code table → its rows, column → text, empty cells left out.
        terms: agreements that no check judges (parties, purpose, meaning of columns), as members of ODCS.
        channels: the alert channels of the feed, as configured.
    """

    feed: str
    timezone: str | None = None
    settings: Tree = field(default_factory=dict)
    suites: tuple[SuiteTree, ...] = ()
    checks: Tree = field(default_factory=dict)
    codes: Mapping[str, tuple[Mapping[str, str], ...]] = field(default_factory=dict)
    terms: Tree = field(default_factory=dict)
    channels: tuple[str, ...] = ()


class ImportOutcome(Enum):
    """What an import did with a part of a document that has no counterpart here."""

    WORDS = "kept as words"
    FILLED = "filled in"
    CHANGED = "changed"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class ImportNote:
    """One part of a document that an import could not take over unchanged.

    Attributes:
        where: its place in the ODCS file, dotted.
        kind: short name of the group of parts it belongs to.
        outcome: kept but not judged; filled in, because the file does not give it; or changed.
        why: the reason, for people.
    """

    where: str
    kind: str
    outcome: ImportOutcome
    why: str
