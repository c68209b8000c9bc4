"""What a contract is made of: the trees of a project's own files, and what an import says of another's."""

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
"""The version of the Open Data Contract Standard that is written."""
ENGINE = "ketenwacht"
"""The `engine` of our own checks in an ODCS file, and the prefix of our custom properties."""
CODE_COLUMNS = ("code", "name", "valid_from", "valid_to", "successor")
"""The columns of a code table; others may follow."""
FIRST_VERSION = "0.0.0"
"""The version of a contract whose terms give none: nobody has agreed to it yet."""
DRAFT = "draft"
"""The status of a contract whose terms give none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteTree:
    """A suite as it stands in its file.

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
    """One feed's contract: every fact in it stands in one file of the project.

    Attributes:
        feed: its key in config.yaml.
        timezone: of its calendar days; None: not said.
        settings: the feed in config.yaml as written, variables not filled in, without the paths of other files.
        suites: rules for one delivery.
        checks: the checks YAML, rules for the stream of deliveries; empty: the feed has the default checks.
        codes: code table → its rows, column → text, empty cells left out.
        terms: what the parties agreed and nothing judges (who, why, meaning of columns), in ODCS' own words.
        channels: where alerts about the feed go, as configured.
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
    """What became of something in another's contract that has no place of its own here."""

    WORDS = "kept as words"
    FILLED = "filled in"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ImportNote:
    """One thing that an import could not take over as it stood.

    Attributes:
        where: its place in the ODCS file, dotted.
        kind: a short name for things of its sort.
        outcome: kept, but nothing judges it; filled in, since the file does not say it; or changed.
        why: for people.
    """

    where: str
    kind: str
    outcome: ImportOutcome
    why: str
