"""What a contract is made of: the trees of a project's own files, and what an import says of another's."""

from __future__ import annotations

import re
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


# Nothing secret leaves in a contract, also when somebody wrote it into the configuration.


PLACEHOLDER = "${KETENWACHT_SOURCE_PASSWORD:-}"
"""What stands where a password stood."""

_DEFAULT = re.compile(r"\$\{(?P<name>[A-Za-z_]\w*):-(?P<default>[^}]*)\}")
_USER_PART = re.compile(
    r"(?P<before>://(?:\$\{[^}]*\}|[^/@:\s])*:)(?P<secret>(?:\$\{[^}]*\}|[^/@\s])+)(?P<after>@)"
)
_QUERY = re.compile(
    r"(?P<before>[?&;](?:\w*password|pwd|passwd|\w*token|\w*secret|\w*key|sig|credential)=)(?P<secret>(?:\$\{[^}]*\}|[^&;\s}])+)",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"passw|passphrase|_pass$|_pw$|_pwd$|secret|token|credential|private_key|api_?key", re.IGNORECASE
)


def without_secrets(node: Node) -> Node:
    """The tree with passwords replaced by a variable; a `${NAME}` is kept, its default when it is harmless."""
    if isinstance(node, dict):
        return {key: _value(key, value) for key, value in node.items()}
    if isinstance(node, list):
        return [without_secrets(item) for item in node]
    return _text(node) if isinstance(node, str) else node


def _value(key: str, value: Node) -> Node:
    if isinstance(value, str) and _WORDS.search(key) and not _is_variable(value):
        return PLACEHOLDER if value else value
    return without_secrets(value)


def _is_variable(text: str) -> bool:
    return re.fullmatch(r"\$\{[A-Za-z_]\w*(:-)?\}", text) is not None


def _text(text: str) -> str:
    return _QUERY.sub(_hidden, _USER_PART.sub(_hidden, _DEFAULT.sub(_harmless, text)))


def _harmless(match: re.Match[str]) -> str:
    secret = _USER_PART.search(match["default"]) or _QUERY.search(match["default"]) or _WORDS.search(match["name"])
    return f"${{{match['name']}}}" if secret and match["default"] else match[0]


def _hidden(match: re.Match[str]) -> str:
    kept = match["secret"] if _is_variable(match["secret"]) else PLACEHOLDER
    return f"{match['before']}{kept}{match.groupdict().get('after') or ''}"
