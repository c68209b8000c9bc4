"""What config.yaml says of a feed, in the standard's words: servers, service levels and parties."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from .model import Node, Tree, without_secrets
from .trees import customs, jsonable, overlay

PRODUCTION = "production"
OWN = ("title", "sender", "receiver", "source", "environments", "schedule", "key", "suites", "checks", "contract")
"""Settings of a feed that have a place in the standard, or stand in a file of their own."""

GRACE, SLA = "4h", "14d"
"""The defaults of a schedule, which a contract states."""
PARTIES = ("sender", "receiver")
_ACCESS = {"sender": "write", "receiver": "read"}
_DURATION = re.compile(r"(0|[1-9]\d*)(s|m|min|h|d|w)")
_DATABASES = {"postgresql": "postgres", "postgres": "postgres", "mysql": "mysql"}

FIGURES: Mapping[str, tuple[str, str, str]] = {
    "cron": ("frequency", "cron", "When a delivery is due: minute, hour, day, month, weekday."),
    "grace": ("grace", "duration", "How long after the due moment a delivery still counts as on time."),
    "sla": ("latency", "duration", "A record has arrived at most this long after its decision."),
    "lag": ("lag", "duration", "From the first day of a period to the first day on which it can be due."),
    "calendar": ("calendar", "country", "Public holidays of this calendar, on which nothing is due."),
    "closures": ("closures", "dates", "Further days on which nothing is due."),
    "workdays": ("workdays", "dates", "Public holidays on which deliveries are due all the same."),
}
"""Setting of a schedule → property of the service level, its form, and what it means."""
TIMEZONE = ("timezone", "iana", "Calendar days and times of day are read in this zone.")


def service_levels(schedule: Tree | None, timezone: str | None) -> list[Tree]:
    """The schedule as service level properties; [] without one."""
    if schedule is None:
        return []
    said = {"grace": GRACE, "sla": SLA} | jsonable(schedule)
    levels = [_level(*FIGURES[key], said[key]) for key in FIGURES if said.get(key) not in (None, [], "")]
    return levels + ([_level(*TIMEZONE, timezone)] if timezone is not None else [])


def _level(name: str, form: str, meaning: str, value: Node) -> Tree:
    unit = form if form in ("cron", "country", "dates", "iana") else None
    match = _DURATION.fullmatch(value) if isinstance(value, str) and form == "duration" else None
    if match is not None:
        value, unit = int(match[1]), match[2]
    elif form == "duration" and not isinstance(value, str):
        unit = "s"  # a bare number is seconds in config.yaml
    elif isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    return {"property": name, "value": value} | ({"unit": unit} if unit else {}) | {"description": meaning}


def roles(settings: Tree) -> list[Tree]:
    """Who delivers and who receives."""
    return [{"role": p, "access": _ACCESS[p], "description": str(settings.get(p) or p)} for p in PARTIES]


def servers(settings: Tree) -> list[Tree]:
    """Where deliveries are, in production and in each environment, without a secret."""
    source = without_secrets(jsonable(settings.get("source") or {}))
    found = [_server(PRODUCTION, source, customs(source=_rest(source)))]
    for name, change in jsonable(settings.get("environments") or {}).items():
        above = without_secrets(change or {})
        merged = overlay(source, above.get("source") or {})
        found.append(_server(str(name), merged, customs(environment=above or {"source": {}})))
    return found


def _server(name: str, source: Tree, properties: list[Tree]) -> Tree:
    kind, native = _native(source)
    out = {"server": name, "type": kind, "environment": name} | native
    return out | ({"customProperties": properties} if properties else {})


def _native(source: Tree) -> tuple[str, Tree]:
    """The type of server and its own members; `custom` when the standard has no type that says as much."""
    if _is_files(source) and isinstance(source.get("path"), str):
        return "local", {"path": source["path"], "format": str(source.get("reader") or "csv")}
    url = source.get("url")
    parts = urlsplit(url) if isinstance(url, str) and "${" not in url.partition("@")[2] else None
    kind = _DATABASES.get(parts.scheme.partition("+")[0]) if parts is not None else None
    if parts is None or kind is None or not _complete(parts):
        return "custom", {}
    native: Tree = {"host": parts.hostname, "port": _port(parts), "database": parts.path.lstrip("/")}
    schema = str(source.get("table") or "").rpartition(".")[0] or "public"
    return kind, native | ({"schema": schema} if kind == "postgres" else {})


def _complete(parts: SplitResult) -> bool:
    return bool(parts.hostname and len(parts.path) > 1 and _port(parts) is not None)


def _port(parts: SplitResult) -> int | None:
    try:
        given = parts.port
    except ValueError:
        return None
    return given if given is not None else {"mysql": 3306}.get(parts.scheme.partition("+")[0], 5432)


def _is_files(source: Tree) -> bool:
    return bool(source.get("kind", "files") == "files")


def _rest(source: Tree) -> Tree:
    """What the members of a local server do not say; all of any other source."""
    if not _is_files(source) or not isinstance(source.get("path"), str):
        return source
    return {key: value for key, value in source.items() if key not in ("kind", "path", "reader")}


def own_settings(settings: Tree) -> Tree:
    """The settings for which the standard has no place; of a title only one in several languages."""
    kept = {
        key: value
        for key, value in settings.items()
        if key not in OWN or (key == "title" and isinstance(value, Mapping))
    }
    found: Tree = without_secrets(jsonable(kept))
    return found
