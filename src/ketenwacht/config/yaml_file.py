"""YAML with a memory for places: every value can say at which line and column it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from ketenwacht.errors import ConfigError

from .interpolate import hide_variables

Location = Sequence[str | int]
Tree = object


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A parsed YAML file: its tree, and where in the file each value stands.

    Attributes:
        path: as the user wrote it, for messages.
        tree: nested CommentedMap, CommentedSeq and scalars.
    """

    path: Path
    tree: Tree

    def where(self, location: Location) -> str:
        """`path:line:column` of the value at `location`, or of its nearest parent that has a place."""
        line, column = 1, 1
        node: object = self.tree
        for step in location:
            place = _place(node, step)
            if place is None:
                break
            line, column = place
            node = node[step]  # type: ignore[index]  # _place found the step in it
        return f"{self.path}:{line}:{column}"

    def has(self, location: Location) -> bool:
        """Whether the file itself says something at `location`."""
        node: object = self.tree
        for step in location:
            if _place(node, step) is None:
                return False
            node = node[step]  # type: ignore[index]  # _place found the step in it
        return True


def _place(node: object, step: str | int) -> tuple[int, int] | None:
    """Line and column (from 1) of a key or item in its parent; None when it is not there or has no place."""
    try:
        if isinstance(node, CommentedMap) and step in node:
            line, column = node.lc.key(step)
        elif isinstance(node, CommentedSeq) and isinstance(step, int) and 0 <= step < len(node):
            line, column = node.lc.item(step)
        else:
            return None
    except (KeyError, TypeError, AttributeError):  # a value that was set by `--set` has no place in the file
        return None
    return line + 1, column + 1


_FAULTS = (
    ("duplicate key", "a setting stands here for the second time", "leave one of the two out"),
    (r"'\t'", "a tab, where YAML wants spaces", "indent with spaces"),
    (
        "mapping values are not allowed",
        "a `: ` where no setting can start",
        "put a text with `: ` in it in quotes",
    ),
    ("could not find expected ':'", "a line without a colon", "write it as `setting: value`"),
    ("expected ',' or", "a list or mapping is not closed, or lacks a comma", "mind the brackets and commas"),
    ("found unexpected end of stream", "a quote is not closed", "close it"),
    ("cannot start any token", "a character that YAML keeps for itself", "put the text in quotes"),
    ("expected <block end>", "the indentation does not fit the lines before", "indent it like its neighbours"),
    ("undefined alias", "a text that starts with `*` is no alias", "put the text in quotes"),
    ("tag", "a text that starts with `!` is no tag", "put the text in quotes"),
)
"""Part of the parser's own words → ours: its words may quote a value."""
_UNSAID = ("it is not valid YAML", "indentation and quotes are the usual causes")


def _yaml_fault(problem: str) -> tuple[str, str]:
    """What is wrong with the YAML and how to mend it."""
    return next(((what, mend) for part, what, mend in _FAULTS if part in problem), _UNSAID)


@lru_cache(maxsize=8)
def _parsed(text: str) -> Tree:
    """The tree of a text, which nobody changes: a command asks for the same file several times."""
    return YAML(typ="rt").load(hide_variables(text))


def read_yaml(path: Path) -> YamlFile:
    """Parse `path` strictly: one document, a mapping on top, no duplicate keys.

    Raises:
        ConfigError: the file is not there, not UTF-8, not YAML, or not a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            str(path), f"cannot be read ({error.strerror})", "give the path of a readable file"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), f"is not UTF-8 (byte {error.start})", "save the file as UTF-8") from None
    try:
        tree = _parsed(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark is not None else str(path)
        raise ConfigError(place, *_yaml_fault(str(error.problem or ""))) from None
    except YAMLError:
        raise ConfigError(str(path), "not valid YAML", "mend the YAML") from None
    if not isinstance(tree, Mapping):
        raise ConfigError(f"{path}:1:1", "the top level is not a mapping", "start with `version: 1`")
    return YamlFile(path, tree)
