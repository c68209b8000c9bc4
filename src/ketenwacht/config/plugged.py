"""What plug-ins bring into config.yaml: kinds of source and media, with settings of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ketenwacht.domain.alerting import BUILT_IN
from ketenwacht.domain.feed import SOURCES
from ketenwacht.plugins import MEDIA, MediumKind, SourceKind, medium_kind, source_kind, unknown
from ketenwacht.plugins import SOURCES as SOURCE_GROUP

from .places import Where
from .validate import build
from .yaml_file import Location


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
    source = feed.get("source") if isinstance(feed, dict) else None
    word = source.get("kind", SOURCES[0]) if isinstance(source, dict) else None
    if not isinstance(source, dict) or not isinstance(word, str):
        return feed
    here = (*at, "source")
    place = where((*here, "kind"))
    kind = source_kind(word, SOURCES, place)
    if kind is None:
        if word not in SOURCES:
            raise unknown(SOURCE_GROUP, word, SOURCES, place)
        return feed
    own = {key: value for key, value in source.items() if key != "kind"}
    settings = build(kind.settings, own, where, here)
    return {**feed, "source": {"kind": "plug-in", "word": word, "settings": settings}}


def _route(route: Any, where: Where, at: Location) -> Any:  # noqa: ANN401 - a YAML tree
    media = route.get("media") if isinstance(route, dict) else None
    if not isinstance(media, dict):
        return route
    found = {}
    for word, own in media.items():
        here = (*at, "media", word)
        kind = medium_kind(str(word), BUILT_IN, where(here))
        if kind is None:
            raise unknown(MEDIA, str(word), (), where(here))
        found[str(word)] = build(kind.settings, own or {}, where, here)
    return {**route, "media": found}


def schema_of_kind(word: str, group: str) -> type[Any] | None:
    """The settings of a plug-in, for a schema; None when it is broken, which `lint` and `doctor` tell."""
    finders: dict[str, Callable[[str], SourceKind | MediumKind | None]] = {
        SOURCE_GROUP: lambda name: source_kind(name, SOURCES, group),
        MEDIA: lambda name: medium_kind(name, BUILT_IN, group),
    }
    found = finders[group](word)
    return found.settings if found is not None else None
