"""The facts of a contract about the stream of deliveries: its checks, its source and its schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import timedelta
from typing import Any

from ketenwacht.domain.traits import Holds, SettingRange, Weight, traits_of

from .delivery import GRACE, OWN, SLA
from .fact import ANY, Fact, Facts, seconds
from .model import Contract, Node, Tree
from .overtime import kind_of
from .trees import jsonable

_SORT: Mapping[Weight, str] = {
    Weight.UP: "setting, stricter when higher",
    Weight.DOWN: "setting, stricter when lower",
    Weight.WORDS: "words",
    Weight.ASKED: "asked",
    Weight.LET_OFF: "let off",
    Weight.EITHER: ANY,
}
"""What a change of a setting means → the sort of fact it is."""

_SCHEDULE: Mapping[str, str] = {
    **dict.fromkeys(("grace", "sla", "lag"), "time allowed"),
    "closures": "let off",
    "workdays": "asked",
    "calendar": "service level",
}
_SOURCE: Mapping[str, str] = {
    **dict.fromkeys(("path", "url", "max_bytes"), "words"),
    **dict.fromkeys(("manifest", "manifest_fields"), "manifest"),
}
"""Setting of a source → sort; where it is read is the receiver's affair, any other is a delivery's form."""

_WIDER = {"segments": "service level", "evidence": "service level"}


def checks(contract: Contract) -> Facts:
    """Its checks, their settings, and what is declared."""
    for check in jsonable(contract.checks).get("checks") or ():
        kind = str(check.get("kind"))
        name = str(check.get("name") or kind)
        key, subject = f"check.{name}", f"check {name}"
        yield key, Fact("check", kind, subject)
        known = traits_of(kind_of(kind)).settings
        for setting, value in (_defaults(kind) | check).items():
            about = known.get(setting, SettingRange())
            if setting not in ("kind", "name") and about.holds is not Holds.AGREED_COLUMNS:
                yield from _setting(setting, about, seconds(value), key, subject)
    for mask in jsonable(contract.checks).get("declared") or ():
        what = f"{mask.get('kind')} {mask.get('first')} to {mask.get('last')}"
        yield f"declared.{what}.{mask.get('segment')}", Fact("let off", value=True, subject=f"declared {what}")


def _setting(setting: str, known: SettingRange, value: Node, key: str, subject: str) -> Facts:
    about, sort = f"{setting} of {subject}", _SORT[known.weight]
    if known.holds is Holds.COLUMNS and isinstance(value, dict):
        for column, share in value.items():
            yield f"{key}.{setting}.{column}", Fact(sort, share, f"share of {column} filled, {subject}", key)
        return
    if isinstance(value, list) and sort in ("asked", "let off"):
        for one in value:
            yield (
                f"{key}.{setting}.{one!r}",
                Fact(sort, value=True, subject=f"{_shown(one)} in {about}", parent=key),
            )
    elif isinstance(value, dict) and sort == "let off":
        for one, why in value.items():
            yield f"{key}.{setting}.{one}", Fact(sort, why, f"{one} in {about}", key)
    elif value is not None:
        yield f"{key}.{setting}", Fact(sort, value, about, key)


def _shown(node: Node) -> str:
    if isinstance(node, dict):
        return ", ".join(f"{key} {_shown(value)}" for key, value in node.items())
    return "/".join(str(one) for one in node) if isinstance(node, list) else str(node)


def _defaults(kind: str) -> Tree:
    """The settings of a kind of check that apply when its YAML does not give them."""
    found: Any = kind_of(kind)
    if found is None:
        return {}
    out: Tree = {}
    for field in fields(found):
        value = field.default if field.default is not MISSING else None
        if field.default_factory is not MISSING:
            value = field.default_factory()
        out[field.name] = jsonable(value) if not isinstance(value, timedelta) else value
    return out


def delivery(contract: Contract) -> Facts:
    """Who delivers what to whom, in which form, and when."""
    settings = jsonable(contract.settings)
    for party in ("sender", "receiver"):
        yield party, Fact("party", settings.get(party) or party, party)
    source = {"kind": "files", **({"reader": "csv"} if settings.get("source", {}).get("kind") != "table" else {})}
    for name, value in (source | (settings.get("source") or {})).items():
        yield f"source.{name}", Fact(_SOURCE.get(name, "form"), value, f"{name} of a delivery")
    for name, value in settings.items():
        if name not in OWN or name in ("title", "environments"):
            yield f"feed.{name}", Fact(_WIDER.get(name, "words"), value, f"{name} of the feed")
    schedule = settings.get("schedule")
    if not schedule:
        return
    yield (
        "schedule",
        Fact("schedule", [schedule.get("cron"), contract.timezone], "moment at which a delivery is due"),
    )
    for name, value in ({"grace": GRACE, "sla": SLA} | schedule).items():
        if isinstance(value, list):
            for one in value:
                yield (
                    f"schedule.{name}.{one}",
                    Fact(_SCHEDULE[name], value=True, subject=f"{one} in {name}", parent="schedule"),
                )
        elif name != "cron":
            yield f"schedule.{name}", Fact(_SCHEDULE.get(name, "service level"), seconds(value), name, "schedule")
