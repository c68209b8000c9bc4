"""What an ODCS file says of delivery, in the words of config.yaml: schedule, source, parties."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from .delivery import FIGURES, PARTIES, PRODUCTION, TIMEZONE
from .model import ImportNote, ImportOutcome, Node, Tree
from .trees import custom, slug

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
    """What was read from a part of a document, and what is to be said of the rest.

    Attributes:
        settings: in the words of config.yaml.
        timezone: of calendar days; None: the file says none.
        used: indexes in the list that was read which now stand elsewhere and not with the terms.
        names: index → the name under which a server goes out, where that is not its own.
        notes: what could not be taken over as it stood.
    """

    settings: Tree = field(default_factory=dict)
    timezone: str | None = None
    used: set[int] = field(default_factory=set)
    names: dict[int, str] = field(default_factory=dict)
    notes: list[ImportNote] = field(default_factory=list)

    def note(self, where: str, kind: str, outcome: ImportOutcome, why: str) -> None:
        """Say one thing."""
        self.notes.append(ImportNote(where, kind, outcome, why))


def read_levels(levels: list[Tree]) -> ReadPart:
    """The schedule in service level properties; without a moment at which a delivery is due there is none."""
    taken, schedule = ReadPart(), {}
    for i, level in enumerate(levels):
        name = str(level.get("property", ""))
        if name == TIMEZONE[0] and level.get("unit") == TIMEZONE[1]:
            taken.timezone = str(level.get("value"))
            taken.used.add(i)
        elif name in _SETTING and (value := _figure(level, _SETTING[name][1])) is not None:
            key = _SETTING[name][0]
            if key not in schedule:
                schedule[key] = value
                taken.used.add(i)
    if "cron" not in schedule:
        schedule |= _daily(levels, taken)
    if "cron" in schedule:
        taken.settings["schedule"] = schedule
    else:
        taken.used = {i for i in taken.used if levels[i].get("property") == TIMEZONE[0]}
    for i, level in enumerate(levels):
        if i not in taken.used:
            why = (
                "no setting or check measures it"
                if "cron" in schedule
                else "there is no moment at which it is due"
            )
            taken.note(f"slaProperties[{i}] {level.get('property')}", "service level", ImportOutcome.WORDS, why)
    return taken


def _figure(level: Tree, form: str) -> Node:
    """The value in config.yaml's form; None when it cannot be one."""
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


def _daily(levels: list[Tree], taken: ReadPart) -> Tree:
    """Once a day at the time of availability, where another's file says both."""
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
    taken.used.add(daily[0])
    i, match = times[0]
    why = f"read as every day at {match[0]} in the zone of the configuration; an offset is not taken over"
    taken.note(f"slaProperties[{i}] timeOfAvailability", "service level", ImportOutcome.CHANGED, why)
    return {"cron": f"{int(match[2])} {int(match[1])} * * *"}


def read_roles(document: Tree) -> ReadPart:
    """Who delivers and who receives."""
    taken = ReadPart()
    for i, role in enumerate(document.get("roles") or ()):
        if role.get("role") in PARTIES and isinstance(role.get("description"), str):
            taken.settings.setdefault(role["role"], role["description"])
            taken.used.add(i)
    team = document.get("team")
    if "sender" not in taken.settings and isinstance(team, dict) and isinstance(team.get("name"), str):
        taken.settings["sender"] = team["name"]
        taken.note(
            "team.name", "party", ImportOutcome.FILLED, "the team that owns the contract is taken for the sender"
        )
    return taken


def read_servers(servers: list[Tree], described: Tree) -> ReadPart:
    """Where deliveries are: the production server, or the first; others become environments."""
    taken = ReadPart()
    first = next((i for i, one in enumerate(servers) if _is_production(one)), 0)
    for i, server in enumerate(servers):
        change = custom(server.get("customProperties"), "environment")
        if i == first and change is None:
            taken.settings["source"] = _source(server, described, taken)
            if taken.settings["source"]:
                taken.used.add(i)
                taken.names[i] = PRODUCTION
                if server.get("server") != PRODUCTION:
                    why = "it is where production delivers, and goes out under that name"
                    taken.note(f"servers.{server.get('server')}", "server", ImportOutcome.CHANGED, why)
            elif server.get("server") == PRODUCTION:
                taken.names[i] = f"{PRODUCTION}-given"
        elif change is not None:
            taken.settings.setdefault("environments", {})[server.get("server")] = change
            taken.used.add(i)
        else:
            why = "an environment of another kind than production is set by hand"
            taken.note(f"servers.{server.get('server')}", "server", ImportOutcome.WORDS, why)
    if not taken.settings.get("source"):
        path = f"var/deliveries/{slug(str(described.get('name', '')))}"
        taken.settings["source"] = {"kind": "files", "path": path, "pattern": _NAMES, "reader": "csv"}
        taken.note(
            "servers", "source", ImportOutcome.FILLED, f"no server that can be read: csv files under {path}"
        )
    return taken


def _is_production(server: Tree) -> bool:
    words = {str(server.get("environment") or "").lower(), str(server.get("server") or "").lower()}
    return bool(words & {PRODUCTION, "prod"})


def _source(server: Tree, described: Tree, taken: ReadPart) -> Tree:
    """The source that a server is; {} when none can be made of it."""
    name, kind = f"servers.{server.get('server')}", str(server.get("type"))
    known = custom(server.get("customProperties"), "source")
    path = server.get("path")
    if isinstance(path, str) and kind == "local":
        files: Tree = {
            "kind": "files",
            "path": path,
            "reader": _FORMATS.get(str(server.get("format")).lower(), "csv"),
        }
        if isinstance(known, dict) or server.get("server") == PRODUCTION:
            return files | (known or {})
        return files | _named(path, described, name, taken)
    if isinstance(known, dict):
        return known
    if kind in _URLS and server.get("host"):
        return _table(server, described, name, taken)
    taken.note(name, "server", ImportOutcome.WORDS, f"deliveries are not read from a server of type {kind}")
    return {}


def _named(path: str, described: Tree, where: str, taken: ReadPart) -> Tree:
    """How deliveries in a folder, or periods in a file, are told apart: another's file does not say."""
    if not PurePosixPath(path).suffix:
        taken.note(where, "source", ImportOutcome.FILLED, f"names of deliveries are taken to be {_NAMES}")
        return {"pattern": _NAMES}
    column = _period(described)
    if column is not None:
        taken.note(where, "source", ImportOutcome.FILLED, f"{column} is taken for the period of a row")
        return {"period_column": column}
    taken.note(where, "source", ImportOutcome.FILLED, "one file without a column of dates: name its period_column")
    return {"path": str(PurePosixPath(path).parent), "pattern": _NAMES}


def _table(server: Tree, described: Tree, where: str, taken: ReadPart) -> Tree:
    place = f"{server['host']}:{server.get('port')}" if server.get("port") else str(server["host"])
    url = f"{_URLS[str(server['type'])]}://{_LOGIN}@{place}/{server.get('database', '')}"
    table = str(described.get("physicalName") or described.get("name"))
    table = f"{server['schema']}.{table}" if server.get("schema") and "." not in table else table
    column = _period(described)
    why = (
        f"{column} is taken for the period of a row"
        if column
        else "there is no column of dates: name period_column"
    )
    taken.note(where, "source", ImportOutcome.FILLED, f"{why}; user and password come from the environment")
    return {"kind": "table", "url": url, "table": table, "period_column": column or "period"}


def _period(described: Tree) -> str | None:
    """The column of the period: the first partition, otherwise the first with a date."""
    properties = [one for one in described.get("properties") or () if isinstance(one, dict)]
    partitions = [one for one in properties if one.get("partitioned") is True]
    dated = [one for one in properties if one.get("logicalType") in ("date", "timestamp")]
    found = next(iter(partitions + dated), None)
    return str(found.get("physicalName") or found.get("name")) if found is not None else None
