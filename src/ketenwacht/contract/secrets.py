"""Nothing secret leaves in a contract, also when somebody wrote it into the configuration."""

from __future__ import annotations

import re

from .model import Node

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
