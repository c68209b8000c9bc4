"""`${NAME}` and `${NAME:-default}` in configuration values: the only way a secret gets in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from ketenwacht.errors import ConfigError

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")

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
    """Replace every `${NAME}` in `text`.

    A name that is not set is looked for in the file that `NAME_FILE` names (as container secrets are given),
    then in the default. An unset name without a default is an error, an empty default is not.

    Raises:
        ConfigError: a name is not set and has no default, its file cannot be read, or a `${` is no variable.
    """

    def value(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        if name in environ and environ[name] != "":
            return environ[name]
        file = environ.get(f"{name}_FILE")
        if file is not None:
            try:
                return Path(file).read_text(encoding="utf-8").strip()
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
