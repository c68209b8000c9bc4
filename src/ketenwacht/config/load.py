"""config.yaml → `Settings`: read, override, fill in the environment, merge the chosen one, validate."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ketenwacht.documents import DocumentError, check_yaml
from ketenwacht.domain.alerting import CONSOLE
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.settings import Settings
from ketenwacht.errors import ConfigError

from .plugin_config import with_plugins
from .semantics import close
from .validate import build, plain, problems
from .yaml_file import Location, Where, YamlFile, interpolate, places, read_yaml


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
    if settings is None:
        raise faults[0]
    return settings


def read_settings(
    path: Path,
    *,
    environ: Mapping[str, str],
    overrides: Sequence[str] = (),
    environment: str | None = None,
) -> tuple[Settings | None, list[ConfigError]]:
    """As `load_settings`, with every fault in the way of settings; None and at least one fault then."""
    try:
        tree, file = read_tree(path, overrides)
        where = places(file, environment)
        tree = _choose_environment(tree, environment, file)
        tree = _interpolated(tree, environ, where, ())
        named = _name_feeds(with_plugins(tree, where))
        faults = problems(Settings, named, where)
        if faults:
            return None, faults
        settings = build(Settings, named, where)
        _check(settings, file)
    except ConfigError as fault:
        return None, [fault]
    return settings, []


def read_tree(path: Path, overrides: Sequence[str] = ()) -> tuple[dict[str, Any], YamlFile]:
    """The configuration as written, with overrides, variables not filled in; and the file it stands in.

    Raises:
        ConfigError: the file or an override cannot be read.
    """
    file = read_yaml(path)
    tree = cast("dict[str, Any]", plain(file.tree))
    for override in overrides:
        _override(tree, override)
    return tree, file


def _override(tree: Any, override: str) -> None:  # noqa: ANN401 - a YAML tree
    """Set one dotted key in place."""
    where = f"--set {override.partition('=')[0]}"
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise ConfigError("--set", f"`{key}` has no value", "write it as KEY=VALUE")
    try:
        check_yaml(text)
        value = plain(YAML(typ="safe").load(text)) if text else ""
    except DocumentError as error:
        raise ConfigError(where, error.what, error.mend) from None
    except (YAMLError, ValueError):
        raise ConfigError(where, "the value is not YAML", "quote it") from None
    *parents, last = key.split(".")
    node = tree
    for step in parents:
        node = _step_into(node, step, where)
    if isinstance(node, list):
        index = _index(last, len(node) + 1, where)
        node[index : index + 1] = [value]
    elif isinstance(node, dict):
        node[last] = value
    else:
        raise ConfigError(
            where, f"`{parents[-1]}` is a single value", "name a key of a mapping or an item of a list"
        )


def _step_into(node: Any, step: str, where: str) -> Any:  # noqa: ANN401 - a YAML tree
    if isinstance(node, list):
        index = _index(step, len(node) + 1, where)
        if index == len(node):
            node.append({})
        return node[index]
    if isinstance(node, dict):
        if node.get(step) is None:
            node[step] = {}
        return node[step]
    raise ConfigError(where, f"there is nothing below `{step}`", "name a key of a mapping or an item of a list")


def _index(step: str, length: int, where: str) -> int:
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
            f"use one of: {', '.join(sorted(known)) or 'none is configured'}",
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
    """`above` over `below`, mapping by mapping; lists and scalars are replaced."""
    out = copy.copy(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = _merge(out[key], value) if both else value
    return out


def _interpolated(tree: Any, environ: Mapping[str, str], where: Where, at: Location) -> Any:  # noqa: ANN401 - a YAML tree
    if isinstance(tree, dict):
        return {key: _interpolated(value, environ, where, (*at, key)) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_interpolated(item, environ, where, (*at, i)) for i, item in enumerate(tree)]
    return interpolate(tree, environ, where=where(at)) if isinstance(tree, str) else tree


def environments_in(path: Path) -> tuple[str, ...]:
    """The name of every environment that the file configures, in its order; () when it cannot be read."""
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
    """A feed's name is its key; the dataclass wants it inside."""
    feeds = tree.get("feeds")
    if not isinstance(feeds, dict):
        return tree
    return {**tree, "feeds": {k: {"name": k, **v} if isinstance(v, dict) else v for k, v in feeds.items()}}


def _check(settings: Settings, file: YamlFile) -> None:
    """What types alone cannot say."""
    if settings.version != 1:
        raise ConfigError(file.where(("version",)), f"version {settings.version} is not known", "use version: 1")
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        mend = close(settings.timezone, available_timezones(), "use an IANA name such as Europe/Amsterdam")
        raise ConfigError(file.where(("timezone",)), "not a time zone", mend) from None
    if not settings.feeds:
        raise ConfigError(file.where(("feeds",)), "there is no feed", "add one under `feeds:`")
    if settings.alerts.small_count < 1:
        where, mend = file.where(("alerts", "small_count")), "write 10, or 1 where nothing is personal"
        raise ConfigError(where, "`alerts.small_count` is out of range", mend)
    _check_routes(settings, file)


def _check_routes(settings: Settings, file: YamlFile) -> None:
    """Two channels of one name would be one for the outbox, and one of them would stay silent."""
    alerts, seen = settings.alerts, set[str]()
    for number, route in enumerate(alerts.routes):
        names = {channel.name for channel in route.channels(number + 1)}
        twice = names & (seen | {CONSOLE})
        if twice:
            raise ConfigError(
                file.where(("alerts", "routes", number)),
                f"another route or channel is called `{min(twice)}` too",
                "give every route a name of its own",
            )
        seen |= names
    if alerts.fallback is not None and alerts.fallback not in seen | {CONSOLE}:
        raise ConfigError(
            file.where(("alerts", "fallback")),
            f"there is no route `{alerts.fallback}`",
            f"use one of: {', '.join((*sorted(seen), CONSOLE))}",
        )


def feed_named(settings: Settings, name: str | None) -> Feed:
    """The feed called `name`; the only one when `name` is None.

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
