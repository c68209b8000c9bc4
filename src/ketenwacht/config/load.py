"""config.yaml → `Settings`: read, override, fill in the environment, merge the chosen one, validate."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ketenwacht.document_limits import DocumentError, check_yaml
from ketenwacht.domain.alerting import BUILT_IN, CONSOLE
from ketenwacht.domain.feed import ENGINES, SOURCES, Feed
from ketenwacht.domain.settings import Settings
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

from .access import find_access_faults
from .ranges import find_out_of_bounds, find_unplaced
from .validate import build, build_partly, leave_out, suggest_word, to_plain
from .yaml_file import Location, Where, YamlFile, interpolate, make_locator, read_yaml


def load_settings(
    path: Path,
    *,
    environ: Mapping[str, str],
    overrides: Sequence[str] = (),
    environment: str | None = None,
) -> Settings:
    """Read `path` into settings.

    Args:
        path: config.yaml.
        environ: where `${NAME}` is looked up.
        overrides: `dotted.key=value`; list items by number; the value is read as YAML.
        environment: a name under each feed's `environments`, merged over the feed; None: as it stands.

    Raises:
        ConfigError: with `path:line:column`, what is wrong and how to mend it.
    """
    settings, faults = read_settings(path, environ=environ, overrides=overrides, environment=environment)
    if settings is None or faults:
        raise faults[0]
    return settings


def read_settings(
    path: Path,
    *,
    environ: Mapping[str, str],
    overrides: Sequence[str] = (),
    environment: str | None = None,
) -> tuple[Settings | None, list[ConfigError]]:
    """Read the settings as `load_settings` does; return every fault and what can be built without them or None."""
    try:
        tree, file = read_tree(path, overrides)
        tree = _choose_environment(tree, environment, file)
    except ConfigError as fault:
        return None, [fault]
    where, faulty = make_locator(file, environment), _Faults()
    tree = _interpolate(tree, environ, where, (), faulty)
    named = _name_feeds(resolve_plugins(tree, where, faulty))
    settings, faults = build_partly(Settings, named, where, told=faulty.places)
    faults = [*faulty.faults, *faults]
    if settings is not None:
        misfits = list(_find_misfits(settings, where, told=bool(faults)))
        faults += misfits
        if any("time zone" in fault.what for fault in misfits):
            settings = replace(settings, timezone="UTC")
    return settings, faults


@dataclass(slots=True)
class _Faults:
    """Faults that were found one by one, and where they stand; it collects while the tree is walked."""

    faults: list[ConfigError] = field(default_factory=list)
    places: list[Location] = field(default_factory=list)

    def add(self, fault: ConfigError, at: Location) -> None:
        """Remember a fault; what stands there is left out."""
        self.faults.append(fault)
        self.places.append(at)


_LEFT_OUT = object()
"""Stands for a value with a fault until the mapping or list around it leaves it out."""


def read_tree(path: Path, overrides: Sequence[str] = ()) -> tuple[dict[str, Any], YamlFile]:
    """Return the configuration as written, with overrides, variables not filled in; and the file it stands in.

    Raises:
        ConfigError: the file or an override cannot be read.
    """
    file = read_yaml(path)
    tree = cast("dict[str, Any]", to_plain(file.tree))
    for override in overrides:
        _override(tree, override)
    return tree, file


def parse_value(text: str, where: str) -> object:
    """Return a value that is given on the command line as YAML; an empty text is one.

    Raises:
        ConfigError: at `where`: it is no YAML.
    """
    try:
        check_yaml(text)
        return to_plain(YAML(typ="safe").load(text)) if text else ""
    except DocumentError as error:
        raise ConfigError(where, error.what, error.mend) from None
    except (YAMLError, ValueError):
        raise ConfigError(where, "the value is not YAML", "quote it") from None


def _override(tree: Any, override: str) -> None:  # noqa: ANN401 - a YAML tree
    """Set one dotted key in place."""
    where = f"--set {override.partition('=')[0]}"
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise ConfigError("--set", f"`{key}` has no value", "write it as KEY=VALUE")
    value = parse_value(text, where)
    *parents, last = key.split(".")
    node = tree
    for step in parents:
        node = _step_into(node, step, where)
    if isinstance(node, list):
        index = _parse_index(last, len(node) + 1, where)
        node[index : index + 1] = [value]
    elif isinstance(node, dict):
        node[last] = value
    else:
        raise ConfigError(
            where, f"`{parents[-1]}` is a single value", "name a key of a mapping or an item of a list"
        )


def _step_into(node: Any, step: str, where: str) -> Any:  # noqa: ANN401 - a YAML tree
    if isinstance(node, list):
        index = _parse_index(step, len(node) + 1, where)
        if index == len(node):
            node.append({})
        return node[index]
    if isinstance(node, dict):
        if node.get(step) is None:
            node[step] = {}
        return node[step]
    raise ConfigError(where, f"there is nothing below `{step}`", "name a key of a mapping or an item of a list")


def _parse_index(step: str, length: int, where: str) -> int:
    if step.isdecimal() and int(step) < length:
        return int(step)
    raise ConfigError(where, f"`{step}` is not an item of a list of {length - 1}", "count items from 0")


def _choose_environment(tree: Any, environment: str | None, file: YamlFile) -> Any:  # noqa: ANN401 - a YAML tree
    """Take `environments` out of each feed, and merge the chosen one over it."""
    feeds = tree.get("feeds")
    if not isinstance(feeds, dict):
        return tree
    offered = {name: _environments(name, feed, file) for name, feed in feeds.items()}
    known = {str(name) for each in offered.values() for name in each}
    if environment is not None and environment not in known:
        raise ConfigError(
            f"{file.path}: --env {environment}",
            "no feed has this environment",
            f"use one of: {', '.join(sorted(known))}"
            if known
            else f"write `environments: {{{environment}: {{source: {{path: …}}}}}}` under a feed",
        )
    merged = {}
    for name, feed in feeds.items():
        own = dict(feed) if isinstance(feed, dict) else feed
        if isinstance(own, dict):
            own.pop("environments", None)
            chosen = offered[name].get(environment)
            own = _merge(own, chosen) if isinstance(chosen, dict) else own
        merged[name] = own
    return {**tree, "feeds": merged}


def _environments(name: Any, feed: Any, file: YamlFile) -> dict[Any, Any]:  # noqa: ANN401 - YAML trees
    found = feed.get("environments") if isinstance(feed, dict) else None
    if found is not None and not isinstance(found, dict):
        where = file.where(("feeds", name, "environments"))
        raise ConfigError(where, "`environments` is not a mapping", "write a name, and its settings under it")
    return found or {}


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Lay `above` over `below`, mapping by mapping; lists and scalars are replaced."""
    out = copy.copy(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = _merge(out[key], value) if both else value
    return out


def _interpolate(tree: Any, environ: Mapping[str, str], where: Where, at: Location, faulty: _Faults) -> Any:  # noqa: ANN401 - a YAML tree
    if isinstance(tree, dict):
        filled = {key: _interpolate(value, environ, where, (*at, key), faulty) for key, value in tree.items()}
        return {key: value for key, value in filled.items() if value is not _LEFT_OUT}
    if isinstance(tree, list):
        items = [_interpolate(item, environ, where, (*at, i), faulty) for i, item in enumerate(tree)]
        return [item for item in items if item is not _LEFT_OUT]
    if not isinstance(tree, str):
        return tree
    try:
        return interpolate(tree, environ, where=where(at))
    except ConfigError as fault:
        faulty.add(fault, at)
        return _LEFT_OUT


def list_environments(path: Path) -> tuple[str, ...]:
    """Return the name of every environment that the file configures, in its order; () when it cannot be read."""
    try:
        tree = read_tree(path)[0]
    except ConfigError:
        return ()
    feeds = tree.get("feeds")
    each = (
        [feed.get("environments") for feed in feeds.values() if isinstance(feed, dict)]
        if isinstance(feeds, dict)
        else []
    )
    return tuple(dict.fromkeys(str(name) for found in each if isinstance(found, dict) for name in found))


def _name_feeds(tree: Any) -> Any:  # noqa: ANN401 - a YAML tree
    """Copy the key of each feed into it as its name."""
    feeds = tree.get("feeds")
    if not isinstance(feeds, dict):
        return tree
    return {**tree, "feeds": {k: {"name": k, **v} if isinstance(v, dict) else v for k, v in feeds.items()}}


def _find_misfits(settings: Settings, where: Where, *, told: bool) -> Iterator[ConfigError]:
    """Yield what types cannot express. `told`: a feed may be left out for a fault that is known already."""
    if settings.version != 1:
        yield ConfigError(where(("version",)), f"version {settings.version} is not known", "use version: 1")
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        mend = suggest_word(settings.timezone, available_timezones(), "use an IANA name such as Europe/Amsterdam")
        yield ConfigError(where(("timezone",)), "`timezone` is not a time zone", mend)
    if not settings.feeds and not told:
        yield ConfigError(where(("feeds",)), "there is no feed", "add one under `feeds:`")
    yield from find_out_of_bounds(settings, where)
    yield from find_unplaced(settings, where)
    yield from _find_route_faults(settings, where)
    yield from _find_address_faults(settings, where)
    yield from find_access_faults(settings.service.access, lambda *steps: where(("service", "access", *steps)))


def _find_route_faults(settings: Settings, where: Where) -> Iterator[ConfigError]:
    """Yield each name that two channels share: the outbox would take them for one, and one would stay silent."""
    alerts, seen = settings.alerts, set[str]()
    for number, route in enumerate(alerts.routes):
        names = {channel.name for channel in route.channels(number + 1)}
        twice = names & (seen | {CONSOLE})
        if twice:
            yield ConfigError(
                where(("alerts", "routes", number)),
                f"another route or channel is called `{min(twice)}` too",
                "give every route a name of its own",
            )
        seen |= names
    if alerts.fallback is not None and alerts.fallback not in seen | {CONSOLE}:
        yield ConfigError(
            where(("alerts", "fallback")),
            f"there is no route `{alerts.fallback}`",
            f"use one of: {', '.join((*sorted(seen), CONSOLE))}",
        )


def _find_address_faults(settings: Settings, where: Where) -> Iterator[ConfigError]:
    """Yield each address that is none of the web: what is sent there would fail at every attempt."""
    service: Location = ("service", "ping")
    found = [] if settings.service.ping is None else [(service, settings.service.ping)]
    for number, route in enumerate(settings.alerts.routes):
        if route.slack is not None:
            found.append((("alerts", "routes", number, "slack", "base_url"), route.slack.base_url))
    for steps, address in found:
        if not _is_of_the_web(address):
            name = ".".join(map(str, steps))
            yield ConfigError(where(steps), f"`{name}` is not an address of the web", "write https://host/path")


def _is_of_the_web(address: str) -> bool:
    try:
        url = urlsplit(address)
        return url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:  # of brackets, or a port that is no number below 65,536
        return False


def find_feed(settings: Settings, name: str | None) -> Feed:
    """Return the feed called `name`; the only one when `name` is None.

    Raises:
        ConfigError: there is no such feed, or several and none was named.
    """
    names = ", ".join(settings.feeds)
    if name is None:
        if len(settings.feeds) == 1:
            return next(iter(settings.feeds.values()))
        raise ConfigError("FEED", "there are several feeds", f"name one of: {names}")
    if name not in settings.feeds:
        raise ConfigError("FEED", "there is no such feed", f"use one of: {names}")
    return settings.feeds[name]


# What plug-ins bring into config.yaml: kinds of source, engines and media, with settings of their own.


def resolve_plugins(tree: Any, where: Where, faulty: _Faults) -> Any:  # noqa: ANN401 - a YAML tree
    """Return the tree, with the settings of every plug-in validated by the plug-in's own dataclass.

    A word that is not known, a broken plug-in or a wrong setting is added to `faulty` and left out.
    """
    feeds, alerts = tree.get("feeds"), tree.get("alerts")
    out = dict(tree)
    if isinstance(feeds, dict):
        out["feeds"] = {name: _feed(feed, where, ("feeds", name), faulty) for name, feed in feeds.items()}
    if isinstance(alerts, dict) and isinstance(alerts.get("routes"), list):
        routes = [_media(one, where, ("alerts", "routes", i), faulty) for i, one in enumerate(alerts["routes"])]
        out["alerts"] = {**alerts, "routes": routes}
    return out


def _feed(feed: Any, where: Where, at: Location, faulty: _Faults) -> Any:  # noqa: ANN401 - a YAML tree
    for resolve, setting in ((_source, "source"), (_engine, "engine")):
        try:
            feed = resolve(feed, where, at)
        except ConfigError as fault:
            faulty.add(fault, (*at, setting))
            feed = leave_out(feed, (setting,))
    evidence = feed.get("evidence") if isinstance(feed, dict) else None
    return {**feed, "evidence": _evidence(evidence, where, (*at, "evidence"), faulty)} if evidence else feed


def _evidence(node: Any, where: Where, at: Location, faulty: _Faults) -> Any:  # noqa: ANN401 - a YAML tree
    """Return a part of the evidence with every `source` in it resolved, as that of a feed is."""
    if isinstance(node, list):
        return [_evidence(item, where, (*at, i), faulty) for i, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("source"), dict):
        try:
            return _source(node, where, at)
        except ConfigError as fault:
            faulty.add(fault, (*at, "source"))
            return leave_out(node, ("source",))
    return {key: _evidence(value, where, (*at, key), faulty) for key, value in node.items()}


def _media(route: Any, where: Where, at: Location, faulty: _Faults) -> Any:  # noqa: ANN401 - a YAML tree
    try:
        return _route(route, where, at)
    except ConfigError as fault:
        faulty.add(fault, (*at, "media"))
        return leave_out(route, ("media",))


def _source(feed: Any, where: Where, at: Location) -> Any:  # noqa: ANN401 - a YAML tree
    """Return the feed with the kind of its source filled in, and the settings of a plug-in's source built."""
    source = feed.get("source") if isinstance(feed, dict) else None
    if not isinstance(source, dict):
        return feed
    word = str(source.get("kind", SOURCES[0]))
    here = (*at, "source")
    place = where((*here, "kind"))
    kind = find_source_kind(word, SOURCES, place)
    if kind is None:
        if word not in SOURCES:
            raise unknown_word(SOURCE_GROUP, word, SOURCES, place)
        return {**feed, "source": {**source, "kind": word}}
    own = {key: value for key, value in source.items() if key != "kind"}
    settings = build(kind.settings, own, where, here)
    return {**feed, "source": {"kind": "plug-in", "word": word, "settings": settings}}


def _engine(feed: Any, where: Where, at: Location) -> Any:  # noqa: ANN401 - a YAML tree
    """Return the engine as one word, or as a mapping with the word as its `kind`."""
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


def find_settings_class(word: str, group: str) -> type[Any] | None:
    """Return the settings of a plug-in, for a schema; None when it is broken, which `lint` and `doctor` tell."""
    finders: dict[str, Callable[[str], SourceKind | MediumKind | EngineKind | None]] = {
        ENGINE_GROUP: lambda name: find_engine_kind(name, ENGINES, group),
        SOURCE_GROUP: lambda name: find_source_kind(name, SOURCES, group),
        MEDIA: lambda name: find_medium_kind(name, BUILT_IN, group),
    }
    found = finders[group](word)
    return found.settings if found is not None else None
