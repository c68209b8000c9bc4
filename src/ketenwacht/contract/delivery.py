"""Schedule, source and parties of a feed, as service levels, servers and roles of the standard, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import SplitResult, urlsplit

from .model import ImportNote, ImportOutcome, Node, Tree
from .trees import (
    build_custom_properties,
    find_custom_property,
    name_in_delivery,
    overlay,
    remove_secrets,
    slugify,
    to_json_types,
)

PRODUCTION = "production"
OWN = ("title", "sender", "receiver", "source", "environments", "schedule", "key", "suites", "checks", "contract")
"""Settings of a feed that the standard has a member for, or that name other files."""

NESTED_READERS = ("json", "jsonl", "parquet")
"""Readers of files whose columns may hold objects."""
GRACE, SLA = "4h", "14d"
"""Defaults of a schedule, which a contract states."""
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
"""Setting of a schedule → property of the service level, its form, and its meaning."""
TIMEZONE = ("timezone", "iana", "Calendar days and times of day are read in this zone.")


def build_service_levels(schedule: Tree | None, timezone: str | None) -> list[Tree]:
    """Return the schedule as service level properties; [] without a schedule."""
    if schedule is None:
        return []
    stated = {"grace": GRACE, "sla": SLA} | to_json_types(schedule)
    levels = [_build_level(*FIGURES[key], stated[key]) for key in FIGURES if stated.get(key) not in (None, [], "")]
    return levels + ([_build_level(*TIMEZONE, timezone)] if timezone is not None else [])


def _build_level(name: str, form: str, meaning: str, value: Node) -> Tree:
    unit = form if form in ("cron", "country", "dates", "iana") else None
    match = _DURATION.fullmatch(value) if isinstance(value, str) and form == "duration" else None
    if match is not None:
        value, unit = int(match[1]), match[2]
    elif form == "duration" and not isinstance(value, str):
        unit = "s"  # a bare number is seconds in config.yaml
    elif isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    return {"property": name, "value": value} | ({"unit": unit} if unit else {}) | {"description": meaning}


def build_roles(settings: Tree) -> list[Tree]:
    """Return the sender and the receiver as roles."""
    return [{"role": p, "access": _ACCESS[p], "description": str(settings.get(p) or p)} for p in PARTIES]


def build_servers(settings: Tree) -> list[Tree]:
    """Return the servers of production and of each environment, without secrets."""
    source = remove_secrets(to_json_types(settings.get("source") or {}))
    found = [_build_server(PRODUCTION, source, build_custom_properties(source=_select_rest(source)))]
    for name, change in to_json_types(settings.get("environments") or {}).items():
        above = remove_secrets(change or {})
        merged = overlay(source, above.get("source") or {})
        found.append(
            _build_server(str(name), merged, build_custom_properties(environment=above or {"source": {}}))
        )
    return found


def _build_server(name: str, source: Tree, properties: list[Tree]) -> Tree:
    kind, members = _find_server_type(source)
    out = {"server": name, "type": kind, "environment": name} | members
    return out | ({"customProperties": properties} if properties else {})


def _find_server_type(source: Tree) -> tuple[str, Tree]:
    """Return the type of a server and its members; `custom` when no type of the standard fits."""
    if _is_files(source) and isinstance(source.get("path"), str):
        return "local", {"path": source["path"], "format": str(source.get("reader") or "csv")}
    url = source.get("url")
    parts = urlsplit(url) if isinstance(url, str) and "${" not in url.partition("@")[2] else None
    kind = _DATABASES.get(parts.scheme.partition("+")[0]) if parts is not None else None
    if parts is None or kind is None or not _is_complete(parts):
        return "custom", {}
    members: Tree = {"host": parts.hostname, "port": _find_port(parts), "database": parts.path.lstrip("/")}
    schema = str(source.get("table") or "").rpartition(".")[0] or "public"
    return kind, members | ({"schema": schema} if kind == "postgres" else {})


def _is_complete(parts: SplitResult) -> bool:
    return bool(parts.hostname and len(parts.path) > 1 and _find_port(parts) is not None)


def _find_port(parts: SplitResult) -> int | None:
    try:
        given = parts.port
    except ValueError:
        return None
    return given if given is not None else {"mysql": 3306}.get(parts.scheme.partition("+")[0], 5432)


def _is_files(source: Tree) -> bool:
    return bool(source.get("kind", "files") == "files")


def _select_rest(source: Tree) -> Tree:
    """Return the settings that the members of a local server do not hold; all settings of any other source."""
    if not _is_files(source) or not isinstance(source.get("path"), str):
        return source
    reader = str(source.get("reader") or "csv")
    held = ("kind", "path", *(["reader"] if _FORMATS.get(reader) == reader else []))
    return {key: value for key, value in source.items() if key not in held}


def holds_text_only(source: Tree) -> bool:
    """Return whether every cell of a delivery from `source` is text: it comes as delimited files."""
    return _is_files(source) and bool(source.get("reader", "csv") == "csv")


def select_other_settings(settings: Tree) -> Tree:
    """Return the settings without a member in the standard; a title only when it is in several languages."""
    kept = {
        key: value
        for key, value in settings.items()
        if key not in OWN or (key == "title" and isinstance(value, Mapping))
    }
    found: Tree = remove_secrets(to_json_types(kept))
    return found


# From a document of the standard to config.yaml.

_UNITS: Mapping[str, str] = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "week", "weeks"), "w"),
}
_SETTING = {name: (key, form) for key, (name, form, _) in FIGURES.items()}
_CRON_FIELDS = 5
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_FORMATS = {"csv": "csv", "json": "jsonl", "jsonl": "jsonl", "ndjson": "jsonl", "parquet": "parquet"}
_URLS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg", "mysql": "mysql"}
_LOGIN = "${KETENWACHT_SOURCE_USER:-}:${KETENWACHT_SOURCE_PASSWORD:-}"
_NAMES = "{date:%Y%m%d}.csv"


@dataclass(slots=True)
class ReadPart:
    """The settings read from one part of a document, and notes about the rest.

    Attributes:
        settings: as in config.yaml.
        timezone: of calendar days; None: not given.
        used: indexes of the items that became settings, so that the terms leave them out.
        names: index → name of a server in an export, when it differs from its own.
        notes: items that could not be taken over unchanged.
    """

    settings: Tree = field(default_factory=dict)
    timezone: str | None = None
    used: set[int] = field(default_factory=set)
    names: dict[int, str] = field(default_factory=dict)
    notes: list[ImportNote] = field(default_factory=list)

    def note(self, where: str, kind: str, outcome: ImportOutcome, why: str) -> None:
        """Add a note."""
        self.notes.append(ImportNote(where, kind, outcome, why))


def read_service_levels(levels: list[Tree]) -> ReadPart:
    """Read the schedule from service level properties; without a due moment there is no schedule."""
    part, schedule = ReadPart(), {}
    for i, level in enumerate(levels):
        name = str(level.get("property", ""))
        if name == TIMEZONE[0] and level.get("unit") == TIMEZONE[1]:
            part.timezone = str(level.get("value"))
            part.used.add(i)
        elif name in _SETTING and (value := _read_value(level, _SETTING[name][1])) is not None:
            key = _SETTING[name][0]
            if key not in schedule:
                schedule[key] = value
                part.used.add(i)
    if "cron" not in schedule:
        schedule |= _read_daily_schedule(levels, part)
    if "cron" in schedule:
        part.settings["schedule"] = schedule
    else:
        part.used = {i for i in part.used if levels[i].get("property") == TIMEZONE[0]}
    for i, level in enumerate(levels):
        if i not in part.used:
            why = (
                "no setting or check measures it"
                if "cron" in schedule
                else "there is no moment at which it is due"
            )
            part.note(f"slaProperties[{i}] {level.get('property')}", "service level", ImportOutcome.WORDS, why)
    return part


def _read_value(level: Tree, form: str) -> Node:
    """Return the value as in config.yaml, None when it has no such form."""
    value, unit = level.get("value"), str(level.get("unit") or "")
    if form == "duration":
        if isinstance(value, str) and not unit:
            return value
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return f"{value}{_UNITS.get(unit.lower(), '')}" if number and unit.lower() in _UNITS else None
    if not isinstance(value, str):
        return None
    if form == "cron":
        return value if len(value.split()) == _CRON_FIELDS else None
    return [part.strip() for part in value.split(",")] if form == "dates" else value


def _read_daily_schedule(levels: list[Tree], part: ReadPart) -> Tree:
    """Read a daily schedule from a frequency of one day and a time of availability; {} without both."""
    daily = [
        i
        for i, one in enumerate(levels)
        if one.get("property") == "frequency" and one.get("value") == 1 and _UNITS.get(str(one.get("unit"))) == "d"
    ]
    times = [
        (i, match)
        for i, one in enumerate(levels)
        if one.get("property") == "timeOfAvailability" and (match := _TIME.match(str(one.get("value"))))
    ]
    if not daily or not times:
        return {}
    part.used.add(daily[0])
    i, match = times[0]
    why = f"read as every day at {match[0]} in the zone of the configuration; an offset is not taken over"
    part.note(f"slaProperties[{i}] timeOfAvailability", "service level", ImportOutcome.CHANGED, why)
    return {"cron": f"{int(match[2])} {int(match[1])} * * *"}


def read_roles(document: Tree) -> ReadPart:
    """Read the sender and the receiver from the roles, or the sender from the team."""
    part = ReadPart()
    for i, role in enumerate(document.get("roles") or ()):
        if role.get("role") in PARTIES and isinstance(role.get("description"), str):
            part.settings.setdefault(role["role"], role["description"])
            part.used.add(i)
    team = document.get("team")
    if "sender" not in part.settings and isinstance(team, dict) and isinstance(team.get("name"), str):
        part.settings["sender"] = team["name"]
        part.note(
            "team.name", "party", ImportOutcome.FILLED, "the team that owns the contract is taken for the sender"
        )
    return part


def read_servers(servers: list[Tree], described: Tree) -> ReadPart:
    """Read the source from the production server, or from the first; our other servers become environments."""
    part = ReadPart()
    first = next((i for i, one in enumerate(servers) if _is_production(one)), 0)
    for i, server in enumerate(servers):
        change = find_custom_property(server.get("customProperties"), "environment")
        if i == first and change is None:
            part.settings["source"] = _read_source(server, described, part)
            if part.settings["source"]:
                part.used.add(i)
                part.names[i] = PRODUCTION
                if server.get("server") != PRODUCTION:
                    why = "it is where production delivers, and goes out under that name"
                    part.note(f"servers.{server.get('server')}", "server", ImportOutcome.CHANGED, why)
            elif server.get("server") == PRODUCTION:
                part.names[i] = f"{PRODUCTION}-given"
        elif change is not None:
            part.settings.setdefault("environments", {})[server.get("server")] = change
            part.used.add(i)
        else:
            why = "an environment of another kind than production is set by hand"
            part.note(f"servers.{server.get('server')}", "server", ImportOutcome.WORDS, why)
    if not part.settings.get("source"):
        path = f"var/deliveries/{slugify(str(described.get('name', '')))}"
        reader = _find_reader(servers[first] if servers else {})
        pattern = _NAMES.removesuffix("csv") + reader
        part.settings["source"] = {"kind": "files", "path": path, "pattern": pattern, "reader": reader}
        why = f"no server that can be read: {reader} files under {path}"
        part.note("servers", "source", ImportOutcome.FILLED, why)
    return part


def _find_reader(server: Tree) -> str:
    """Return the reader for files of a server, after its format; csv when it states none that is read."""
    word = str(server.get("format") or "").lower()
    if word == "json" and server.get("delimiter") != "array":
        return "jsonl"
    return word if word in NESTED_READERS else "csv"


def _is_production(server: Tree) -> bool:
    words = {str(server.get("environment") or "").lower(), str(server.get("server") or "").lower()}
    return bool(words & {PRODUCTION, "prod"})


def _read_source(server: Tree, described: Tree, part: ReadPart) -> Tree:
    """Return a server as a source; {} when deliveries are not read from such a server."""
    name, kind = f"servers.{server.get('server')}", str(server.get("type"))
    known = find_custom_property(server.get("customProperties"), "source")
    path = server.get("path")
    if isinstance(path, str) and kind == "local":
        files: Tree = {
            "kind": "files",
            "path": path,
            "reader": _FORMATS.get(str(server.get("format")).lower(), "csv"),
        }
        if isinstance(known, dict) or server.get("server") == PRODUCTION:
            return files | (known or {})
        return files | _read_file_names(path, described, name, part)
    if isinstance(known, dict):
        return known
    if kind in _URLS and server.get("host"):
        return _read_table_source(server, described, name, part)
    part.note(name, "server", ImportOutcome.WORDS, f"deliveries are not read from a server of type {kind}")
    return {}


def _read_file_names(path: str, described: Tree, where: str, part: ReadPart) -> Tree:
    """Fill in the names of deliveries in a folder, or the period column of a file: a document has neither."""
    if not PurePosixPath(path).suffix:
        part.note(where, "source", ImportOutcome.FILLED, f"names of deliveries are taken to be {_NAMES}")
        return {"pattern": _NAMES}
    column = _find_period_column(described)
    if column is not None:
        part.note(where, "source", ImportOutcome.FILLED, f"{column} is taken for the period of a row")
        return {"period_column": column}
    part.note(where, "source", ImportOutcome.FILLED, "one file without a column of dates: name its period_column")
    return {"path": str(PurePosixPath(path).parent), "pattern": _NAMES}


def _read_table_source(server: Tree, described: Tree, where: str, part: ReadPart) -> Tree:
    place = f"{server['host']}:{server.get('port')}" if server.get("port") else str(server["host"])
    url = f"{_URLS[str(server['type'])]}://{_LOGIN}@{place}/{server.get('database', '')}"
    table = name_in_delivery(described)
    table = f"{server['schema']}.{table}" if server.get("schema") and "." not in table else table
    column = _find_period_column(described)
    why = (
        f"{column} is taken for the period of a row"
        if column
        else "there is no column of dates: name period_column"
    )
    part.note(where, "source", ImportOutcome.FILLED, f"{why}; user and password come from the environment")
    return {"kind": "table", "url": url, "table": table, "period_column": column or "period"}


def _find_period_column(described: Tree) -> str | None:
    """Return the column of the period: the first partition, else the first column of dates, else None."""
    properties = [one for one in described.get("properties") or () if isinstance(one, dict)]
    partitions = [one for one in properties if one.get("partitioned") is True]
    dated = [one for one in properties if one.get("logicalType") in ("date", "timestamp")]
    found = next(iter(partitions + dated), None)
    return name_in_delivery(found) if found is not None else None
