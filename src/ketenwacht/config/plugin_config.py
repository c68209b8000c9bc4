"""What plug-ins bring into config.yaml: kinds of source, engines and media, with settings of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ketenwacht.domain.alerting import BUILT_IN
from ketenwacht.domain.feed import ENGINES, SOURCES
from ketenwacht.errors import ConfigError
from ketenwacht.plugins import ENGINES as ENGINE_GROUP
from ketenwacht.plugins import (
    MEDIA,
    EngineKind,
    MediumKind,
    SourceKind,
    find_engine_kind,
    find_medium_kind,
    find_source_kind,
    unknown_word,
)
from ketenwacht.plugins import SOURCES as SOURCE_GROUP

from .validate import build
from .yaml_file import Location, Where


def with_plugins(tree: Any, where: Where) -> Any:  # noqa: ANN401 - a YAML tree
    """The tree, with the settings of every plug-in validated by the plug-in's own dataclass.

    Raises:
        ConfigError: at the place in the file: there is no such word, its plug-in is broken, or a setting is wrong.
    """
    feeds, alerts = tree.get("feeds"), tree.get("alerts")
    out = dict(tree)
    if isinstance(feeds, dict):
        out["feeds"] = {name: _feed(feed, where, ("feeds", name)) for name, feed in feeds.items()}
    if isinstance(alerts, dict) and isinstance(alerts.get("routes"), list):
        routes = [_route(one, where, ("alerts", "routes", i)) for i, one in enumerate(alerts["routes"])]
        out["alerts"] = {**alerts, "routes": routes}
    return out


def _feed(feed: Any, where: Where, at: Location) -> Any:  # noqa: ANN401 - a YAML tree
    return _engine(_source(feed, where, at), where, at)


def _source(feed: Any, where: Where, at: Location) -> Any:  # noqa: ANN401 - a YAML tree
    source = feed.get("source") if isinstance(feed, dict) else None
    word = source.get("kind", SOURCES[0]) if isinstance(source, dict) else None
    if not isinstance(source, dict) or not isinstance(word, str):
        return feed
    here = (*at, "source")
    place = where((*here, "kind"))
    kind = find_source_kind(word, SOURCES, place)
    if kind is None:
        if word not in SOURCES:
            raise unknown_word(SOURCE_GROUP, word, SOURCES, place)
        return feed
    own = {key: value for key, value in source.items() if key != "kind"}
    settings = build(kind.settings, own, where, here)
    return {**feed, "source": {"kind": "plug-in", "word": word, "settings": settings}}


def _engine(feed: Any, where: Where, at: Location) -> Any:  # noqa: ANN401 - a YAML tree
    """The engine as one word, or as a mapping with the word as its `kind`."""
    named = feed.get("engine") if isinstance(feed, dict) else None
    own = named if isinstance(named, dict) else {}
    word = own.get("kind", ENGINES[0]) if isinstance(named, dict) else named
    if not isinstance(word, str):
        return feed
    here = (*at, "engine")
    place = where((*here, "kind") if isinstance(named, dict) else here)
    settings = {key: value for key, value in own.items() if key != "kind"}
    kind = find_engine_kind(word, ENGINES, place)
    if kind is not None:
        return {**feed, "engine": {"word": word, "settings": build(kind.settings, settings, where, here)}}
    if word not in ENGINES:
        raise unknown_word(ENGINE_GROUP, word, ENGINES, place)
    for name in settings:
        raise ConfigError(where((*here, name)), f"the engine `{word}` has no setting `{name}`", "leave it out")
    return {**feed, "engine": word}


def _route(route: Any, where: Where, at: Location) -> Any:  # noqa: ANN401 - a YAML tree
    media = route.get("media") if isinstance(route, dict) else None
    if not isinstance(media, dict):
        return route
    found = {}
    for word, own in media.items():
        here = (*at, "media", word)
        kind = find_medium_kind(str(word), BUILT_IN, where(here))
        if kind is None:
            raise unknown_word(MEDIA, str(word), (), where(here))
        found[str(word)] = build(kind.settings, own or {}, where, here)
    return {**route, "media": found}


def schema_of_kind(word: str, group: str) -> type[Any] | None:
    """The settings of a plug-in, for a schema; None when it is broken, which `lint` and `doctor` tell."""
    finders: dict[str, Callable[[str], SourceKind | MediumKind | EngineKind | None]] = {
        ENGINE_GROUP: lambda name: find_engine_kind(name, ENGINES, group),
        SOURCE_GROUP: lambda name: find_source_kind(name, SOURCES, group),
        MEDIA: lambda name: find_medium_kind(name, BUILT_IN, group),
    }
    found = finders[group](word)
    return found.settings if found is not None else None
