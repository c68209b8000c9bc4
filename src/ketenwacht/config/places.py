"""Where in config.yaml a setting stands, also one that an environment lays over the feed's own."""

from __future__ import annotations

from collections.abc import Callable

from ketenwacht.errors import ConfigError

from .yaml_file import Location, YamlFile

Where = Callable[[Location], str]


def places(file: YamlFile, environment: str | None) -> Where:
    """What gives `path:line:column` of a setting as it is in force: in the environment where that says it."""

    def where(location: Location) -> str:
        steps = tuple(location)
        if environment is not None and steps[:1] == ("feeds",):
            above = (*steps[:2], "environments", environment, *steps[2:])
            if file.has(above):
                return file.where(above)
        return file.where(steps)

    return where


def located(fault: ConfigError, feed: str, where: Where) -> ConfigError:
    """A fault that names a setting of a feed, as `feeds.NAME.source.path` or `schedule.cron`, at its place.

    Any other fault is returned as it is.
    """
    prefix = f"feeds.{feed}."
    dotted = fault.where.removeprefix(prefix) if fault.where.startswith(prefix) else fault.where
    steps = dotted.split(".")
    if dotted == fault.where and steps[0] != "schedule":
        return fault
    found = where(("feeds", feed, *(int(step) if step.isdecimal() else step for step in steps)))
    return ConfigError(found, f"`{prefix}{dotted}`: {fault.what}", fault.mend)
