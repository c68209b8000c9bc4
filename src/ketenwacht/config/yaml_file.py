"""YAML that records the line and column of every value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from ketenwacht.document_limits import DocumentError, check_yaml, read_document, read_secret
from ketenwacht.errors import ConfigError

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
        """Return `path:line:column` of the value at `location`, or of its nearest parent that has a place."""
        line, column = 1, 1
        node: object = self.tree
        for step in location:
            place = _find_place(node, step)
            if place is None:
                break
            line, column = place
            node = node[step]  # type: ignore[index]  # _find_place found the step in it
        return f"{self.path}:{line}:{column}"

    def has(self, location: Location) -> bool:
        """Return whether the file itself says something at `location`."""
        node: object = self.tree
        for step in location:
            if _find_place(node, step) is None:
                return False
            node = node[step]  # type: ignore[index]  # _find_place found the step in it
        return True


def _find_place(node: object, step: str | int) -> tuple[int, int] | None:
    """Return line and column (from 1) of a key or item in its parent; None when it is absent or has no place."""
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


def _explain_fault(problem: str) -> tuple[str, str]:
    """Return what is wrong with the YAML and how to mend it."""
    return next(((what, mend) for part, what, mend in _FAULTS if part in problem), _UNSAID)


@lru_cache(maxsize=8)
def _parse(text: str) -> Tree:
    """Return the tree of a text, which nobody changes: a command asks for the same file several times."""
    hidden = hide_variables(text)
    check_yaml(hidden)
    return YAML(typ="rt").load(hidden)


def read_yaml(path: Path) -> YamlFile:
    """Parse `path` strictly: one document, a mapping on top, no duplicate keys.

    Raises:
        ConfigError: the file is not there, not UTF-8, not YAML, or not a mapping.
    """
    try:
        text = read_document(path)
    except OSError as error:
        raise ConfigError(
            str(path), f"cannot be read ({error.strerror})", "give the path of a readable file"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), f"is not UTF-8 (byte {error.start})", "save the file as UTF-8") from None
    try:
        tree = _parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark is not None else str(path)
        raise ConfigError(place, *_explain_fault(str(error.problem or ""))) from None
    except DocumentError as error:
        raise ConfigError(error.place(str(path)), error.what, error.mend) from None
    except YAMLError:
        raise ConfigError(str(path), "not valid YAML", "mend the YAML") from None
    except ValueError:
        raise ConfigError(str(path), "a date or time that does not exist", "put the text in quotes") from None
    if not isinstance(tree, Mapping):
        raise ConfigError(f"{path}:1:1", "the top level is not a mapping", "start with `version: 1`")
    return YamlFile(path, tree)


# `${NAME}` and `${NAME:-default}` in configuration values: the only way a secret gets in.


_VARIABLE = re.compile(r"(?P<literal>\$\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")

# `{` and `}` end a plain scalar inside `{…}` and `[…]`; these private-use characters do not, and are as wide.
_HIDE = str.maketrans("{}", "\ue000\ue001")
_SHOW = str.maketrans("\ue000\ue001", "{}")


def hide_variables(yaml: str) -> str:
    """Make `${NAME}` safe anywhere in YAML text, keeping every line and column where it is."""
    return _VARIABLE.sub(lambda match: match[0].translate(_HIDE), yaml)


def show_variables(scalar: str) -> str:
    """Undo `hide_variables` in a parsed scalar."""
    return scalar.translate(_SHOW)


def interpolate(text: str, environ: Mapping[str, str], *, where: str) -> str:
    """Replace every `${NAME}` in `text`; `$${` stands for `${` itself.

    A name that is not set is looked for in the file that `NAME_FILE` names (as container secrets are given),
    then in the default. An unset name without a default is an error, an empty default is not.

    Raises:
        ConfigError: a name is not set and has no default, its file cannot be read, or a `${` is no variable.
    """

    def value(match: re.Match[str]) -> str:
        if match["literal"] is not None:
            return "${"
        name, default = match["name"], match["default"]
        if name in environ and environ[name] != "":
            return environ[name]
        file = environ.get(f"{name}_FILE")
        if file is not None:
            try:
                return read_secret(Path(file)).strip()
            except (OSError, UnicodeDecodeError):
                raise ConfigError(
                    where, f"the file of {name}_FILE cannot be read", "mend its path or rights"
                ) from None
        if default is not None:
            return default
        raise ConfigError(
            where,
            f"${{{name}}} is not set",
            f"set {name} or {name}_FILE, or give a default: ${{{name}:-…}}",
        )

    if "${" in _VARIABLE.sub("", text):
        what, mend = "a `${` without a name and its `}`", "write ${NAME}, or ${NAME:-default}"
        raise ConfigError(where, what, mend)
    return _VARIABLE.sub(value, text)


# The place of a setting in config.yaml, also of one that an environment overrides.


Where = Callable[[Location], str]


def make_locator(file: YamlFile, environment: str | None) -> Where:
    """Return a function that gives `path:line:column` of a setting in force.

    A setting of the environment has its place there.
    """

    def where(location: Location) -> str:
        steps = tuple(location)
        if environment is not None and steps[:1] == ("feeds",):
            above = (*steps[:2], "environments", environment, *steps[2:])
            if file.has(above):
                return file.where(above)
        return file.where(steps)

    return where


def locate_fault(fault: ConfigError, feed: str, where: Where) -> ConfigError:
    """Return a fault that names a setting of a feed, as `feeds.NAME.source.path` or `schedule.cron`, at its place.

    Any other fault is returned as it is.
    """
    prefix = f"feeds.{feed}."
    dotted = fault.where.removeprefix(prefix) if fault.where.startswith(prefix) else fault.where
    steps = dotted.split(".")
    if dotted == fault.where and steps[0] != "schedule":
        return fault
    found = where(("feeds", feed, *(int(step) if step.isdecimal() else step for step in steps)))
    return ConfigError(found, f"`{prefix}{dotted}`: {fault.what}", fault.mend)
