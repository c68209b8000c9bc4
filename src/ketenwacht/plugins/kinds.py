"""The kinds that an entry point may name: check, source, medium, engine. Each is checked before use."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args

from ketenwacht.domain.check_traits import CheckTraits
from ketenwacht.domain.statement import Language

from .entry_points import CHECKS, ENGINES, MEDIA, SOURCES, Plugin, find_plugin

if TYPE_CHECKING:
    from ketenwacht.domain.checks.base import Check

_STRICT = "__pydantic_config__"


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of source that a plug-in adds.

    Attributes:
        settings: a frozen dataclass with the settings under `source` beside `kind`. A field `count_column` has the
            same meaning as for files and tables.
        build: (name of the feed, settings, folder of config.yaml, time zone) → a `FeedReader`. It must open
            nothing, and return a value that can be sent to another process.
    """

    settings: type[Any]
    build: Callable[[str, Any, Path, tzinfo], Any]


@dataclass(frozen=True, slots=True)
class MediumKind:
    """A medium for alerts that a plug-in adds.

    Attributes:
        settings: a frozen dataclass with the settings under `media` and the name of the medium.
        build: settings → a `Notifier`.
    """

    settings: type[Any]
    build: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class EngineKind:
    """An engine that a plug-in adds.

    Attributes:
        settings: a frozen dataclass with the settings under `engine` beside `kind`.
        build: (reader of the feed, settings) → an `Engine`. It must open nothing, and return a value that can be
            sent to another process.
    """

    settings: type[Any]
    build: Callable[[Any, Any], Any]


K = TypeVar("K", SourceKind, MediumKind, EngineKind)


def find_check_kind(word: str, where: str) -> type[Check] | None:
    """Return the class of a kind of check, built in or from a plug-in; None when there is none.

    Raises:
        ConfigError: the plug-in does not work, or two packages claim the word.
    """
    own = _own_checks()
    plugin = find_plugin(CHECKS, word, own, where)
    if plugin is None:
        return own.get(word)
    kind = plugin.load(where)
    if not isinstance(kind, type) or not callable(getattr(kind, "judge", None)):
        raise plugin.fault(where, "does not name a class with a method `judge`")
    if getattr(kind, "kind", None) != word:
        raise plugin.fault(where, f"names a class whose `kind` is not `{word}`")
    _check_settings(kind, plugin, where)
    if "name" not in {one.name for one in dataclasses.fields(kind) if one.init}:
        raise plugin.fault(where, "has no setting `name`, which identifies one of two checks of a kind")
    fault = _fault_of_texts(kind, word) or _fault_of_traits(kind)
    if fault is not None:
        raise plugin.fault(where, fault)
    return cast("type[Check]", kind)


def _fault_of_texts(kind: type[Any], word: str) -> str | None:
    """Return what is wrong with the codes of a kind or their texts; None when they are right or absent."""
    codes, texts = (getattr(kind, name, {}) for name in ("codes", "texts"))
    if not all(isinstance(one, Mapping) for one in (codes, texts)):
        return "has `codes` or `texts` that are not a mapping"
    for code, params in codes.items():
        if not str(code).startswith(f"{word}."):
            return f"declares the code `{code}`, which does not begin with `{word}.`"
        for language in get_args(Language):
            text = texts[code].get(language) if isinstance(texts.get(code), Mapping) else None
            if not isinstance(text, str):
                return f"has no text of `{code}` in the language {language}"
            if _placeholders(text) != set(params):
                return f"has a text of `{code}` ({language}) that does not use exactly the declared parameters"
    return None


def _placeholders(text: str) -> set[str] | None:
    """Return the parameters that a text uses; None when its braces do not match."""
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return None


def _fault_of_traits(kind: type[Any]) -> str | None:
    return (
        None
        if isinstance(getattr(kind, "traits", CheckTraits()), CheckTraits)
        else "has `traits` that are not CheckTraits"
    )


def collect_texts(checks: Collection[Check]) -> dict[str, dict[Language, str]]:
    """Return code → language → text for the checks of plug-ins, from `texts` of their classes.

    Built-in kinds have their texts in the catalogue. A plug-in cannot change those.
    """
    own = _own_checks() if checks else {}
    found: dict[str, dict[Language, str]] = {}
    for check in checks:
        if check.kind not in own:
            found.update({code: dict(texts) for code, texts in getattr(check, "texts", {}).items()})
    return found


def _own_checks() -> dict[str, type[Check]]:
    from ketenwacht.domain.checks import KINDS  # noqa: PLC0415 - config.yaml is read without any check

    return {kind.kind: kind for kind in KINDS}


def find_source_kind(word: str, built_in: Collection[str], where: str) -> SourceKind | None:
    """Return the kind of source that a plug-in adds by this word; None when there is none.

    Raises:
        ConfigError: the plug-in does not work, or two packages claim the word.
    """
    return _kind(SOURCES, SourceKind, word, built_in, where)


def find_medium_kind(word: str, built_in: Collection[str], where: str) -> MediumKind | None:
    """Return the medium that a plug-in adds by this word; see `find_source_kind`."""
    return _kind(MEDIA, MediumKind, word, built_in, where)


def find_engine_kind(word: str, built_in: Collection[str], where: str) -> EngineKind | None:
    """Return the engine that a plug-in adds by this word; see `find_source_kind`."""
    return _kind(ENGINES, EngineKind, word, built_in, where)


def _kind(group: str, kind: type[K], word: str, built_in: Collection[str], where: str) -> K | None:
    plugin = find_plugin(group, word, built_in, where)
    if plugin is None:
        return None
    found = plugin.load(where)
    if not isinstance(found, kind):
        raise plugin.fault(where, f"does not name a {kind.__name__}")
    _check_settings(found.settings, plugin, where)
    return found


def _check_settings(settings: object, plugin: Plugin, where: str) -> None:
    """Raise ConfigError for settings that are not a frozen dataclass, or that accept misspelt names."""
    params = getattr(settings, "__dataclass_params__", None)
    if not isinstance(settings, type) or params is None or not params.frozen:
        raise plugin.fault(where, "has settings that are not a frozen dataclass")
    strict = getattr(settings, _STRICT, {})
    if strict.get("extra") != "forbid":
        what = f'would accept misspelt settings: its settings need `{_STRICT} = {{"extra": "forbid"}}`'
        raise plugin.fault(where, what)
