"""JSON Schemas of config.yaml and checks/*.yaml, made of the dataclasses that the files are read into.

`python -m ketenwacht.config.json_schema FOLDER` writes them, with what installed plug-ins add; an editor finds
them by the comment on the first line of a file (yaml-language-server).
"""

from __future__ import annotations

import copy
import inspect
import json
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.checks.base import Check
from ketenwacht.domain.settings import Settings
from ketenwacht.errors import ConfigError
from ketenwacht.plugins import CHECKS, ENGINES, FORMATS, MEDIA, SOURCES, find_check_kind, list_words

from .load import find_settings_class
from .rules import DeclaredPeriod

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE = {"type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}"}
READERS = ("csv", "jsonl", "parquet", "json", "xml", "excel", "fixed-width")
"""Every file format that needs no plug-in; a test holds it to the formats there are."""


Schema = dict[str, Any]
DURATION = {
    "anyOf": [
        {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*(s|m|min|h|d|w)\s*$"},
        {"type": "string", "format": "duration", "pattern": "^[-+]?P"},
        {"type": "number"},
    ],
    "description": "A duration: 30min, 4h, 14d or 2w.",
}
_ENTRY = re.compile(r"^ {4}(\w+): ", re.MULTILINE)


def schema_of(cls: type[Any]) -> Schema:
    """Return the JSON Schema of a settings class: durations as people write them, every setting described."""
    return TypeAdapter(cls).json_schema(schema_generator=_SettingsSchema)


class _SettingsSchema(GenerateJsonSchema):
    """Pydantic's schema, with what it cannot know: how durations are written, and what the docstrings say."""

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> Schema:  # noqa: ARG002 - all are written alike
        return dict(DURATION)

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> Schema:
        made = super().dataclass_schema(schema)
        about, meanings = describe_settings(schema["cls"])
        made["description"] = about.partition("\n")[0]
        for name, setting in made.get("properties", {}).items():
            setting.update({"description": meanings[name]} if name in meanings else {})
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 - pydantic's signature
        return False  # a title would only repeat the name

    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401 - any default
        value = super().encode_default(dft)
        return sorted(value) if isinstance(dft, frozenset) else value  # a set has no order of its own


# Pydantic reads attribute docstrings too (`use_attribute_docstrings`), from the source file each time a class is
# first used. Settings keep the `Attributes:` section of every other docstring: commands start faster, and plug-ins
# describe their settings that way.
def describe_settings(cls: type[Any]) -> tuple[str, dict[str, str]]:
    """Return what a class is, and the meaning of each setting, from its docstring."""
    about, _, listed = inspect.cleandoc(cls.__doc__ or "").partition("Attributes:\n")
    starts = list(_ENTRY.finditer(listed))
    ends = [*(start.start() for start in starts[1:]), len(listed)][: len(starts)]
    return about.strip(), {
        start[1]: " ".join(listed[start.end() : end].split("\n\n")[0].split())
        for start, end in zip(starts, ends, strict=True)
    }


def config_schema(*, plugged: bool = False) -> Schema:
    """Return the schema of config.yaml. `environments` may override any part of a feed.

    Any value may be `${NAME}`.

    Args:
        plugged: with what the installed plug-ins add; a broken one is left out.
    """
    schema = schema_of(Settings)
    feed = schema["$defs"]["Feed"]
    feed["properties"].pop("name")  # it is the key
    feed["required"] = [name for name in feed.get("required", []) if name != "name"]
    _add_plugins(schema, plugged=plugged)
    for name in ("FileSource", "TableSource", "SparkSource"):
        _allow_variables(schema["$defs"][name])
    part = {"type": "object", "properties": copy.deepcopy(feed["properties"]), "additionalProperties": False}
    part["properties"]["source"] = {"type": "object"}  # merged over the feed's own: any part of it
    feed["properties"]["environments"] = {
        "description": "The same feed elsewhere, by name: what is written here goes over the feed's own settings.",
        "type": "object",
        "additionalProperties": part,
    }
    return {"$schema": DRAFT, "title": "ketenwacht: config.yaml", **schema}


def _add_plugins(schema: Schema, *, plugged: bool) -> None:
    """Add the kinds of source, engine, format and medium that are built in or come from plug-ins."""
    definitions, feed = schema["$defs"], schema["$defs"]["Feed"]["properties"]
    sources = [definitions[name]["properties"]["source"] for name in ("Feed", "Register", "CountSource")]
    for source in sources:
        _open_union(source)
    for other in ("TableSource", "SparkSource"):  # a source that names no kind is one of files
        definitions[other]["required"] = ["kind", *definitions[other].get("required", [])]
    for settings, group, placeholder in (
        (sources, SOURCES, "PluginSource"),
        ([feed["engine"]], ENGINES, "PluginEngine"),
    ):
        del definitions[placeholder]
        words = list_words(group, ()) if plugged else ()
        added = [kind for word in words for kind in _kind_of(word, group, definitions)]
        for setting in settings:
            kinds = [one for one in setting["anyOf"] if one != _ref(placeholder)]
            setting["anyOf"] = [*kinds, *added]
    reader = definitions["FileSource"]["properties"]["reader"]
    reader["enum"] = list_words(FORMATS, READERS) if plugged else list(READERS)
    media = {word: _settings_of(word, MEDIA) or {} for word in list_words(MEDIA, ()) if plugged}
    for own in media.values():
        definitions |= own.pop("$defs", {})
    route = definitions["Route"]["properties"]["media"]
    definitions["Route"]["properties"]["media"] = {
        "description": route["description"],
        "type": "object",
        "additionalProperties": False,
        "properties": media,
    }


def _open_union(source: Schema) -> None:
    """Make a union of kinds one that plug-ins may add to: their kinds have no class of ours."""
    union = source
    if "oneOf" not in source:  # it may also be left out
        (union,) = (one for one in source["anyOf"] if "oneOf" in one)
        source["anyOf"].remove(union)
    union.pop("discriminator")  # of OpenAPI
    source["anyOf"] = [*union.pop("oneOf"), *source.get("anyOf", [])]


def _kind_of(word: str, group: str, definitions: Schema) -> Iterator[Schema]:
    """Yield the settings of a plug-in with its word as their `kind`; of an engine also the word alone."""
    own = _settings_of(word, group)
    if own is None:
        return
    definitions |= own.pop("$defs", {})
    needed = own.get("required", [])
    yield {**own, "properties": {"kind": {"const": word}, **own["properties"]}, "required": ["kind", *needed]}
    if group == ENGINES and not needed:
        yield {"const": word}


def _settings_of(word: str, group: str) -> Schema | None:
    """Return the schema of a plug-in's settings; None when it is broken, which `lint` and `doctor` tell."""
    try:
        cls = find_settings_class(word, group)
    except ConfigError:
        return None
    return schema_of(cls) if cls is not None else None


def checks_schema(*, plugged: bool = False) -> Schema:
    """Return the schema of a checks file: each item of `checks` by the word in its `kind`.

    Args:
        plugged: with the kinds of the installed plug-ins; a broken one is left out.
    """
    definitions: Schema = {}
    kinds = []
    for kind in (*KINDS, *(_list_plugin_kinds() if plugged else ())):
        one = schema_of(kind)
        definitions |= one.pop("$defs", {})
        one["properties"] = {"kind": {"const": kind.kind}, **one["properties"]}
        one["required"] = ["kind", *one.get("required", [])]
        if "expected" in one["properties"]:
            one["properties"]["expected"]["items"] = _category_schema()
        definitions[kind.__name__] = one
        kinds.append(kind.__name__)
    declared = schema_of(DeclaredPeriod)
    definitions |= {**declared.pop("$defs", {}), "DeclaredPeriod": declared}
    return {
        "$schema": DRAFT,
        "title": "ketenwacht: what a stream of deliveries must satisfy",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "version": {"const": 1},
            "false_alarms_per_year": {
                "type": "number",
                "description": "What the team will live with, over all checks.",
            },
            "checks": {"type": ["array", "null"], "items": {"anyOf": [_ref(name) for name in kinds]}},
            "declared": {"type": ["array", "null"], "items": _ref("DeclaredPeriod")},
        },
        "$defs": dict(sorted(definitions.items())),
    }


SCHEMAS = {"config.schema.json": config_schema, "checks.schema.json": checks_schema}
"""File in `schemas/` → what makes it."""


def _list_plugin_kinds() -> Iterator[type[Check]]:
    own = {kind.kind for kind in KINDS}
    for word in list_words(CHECKS, ()):
        with suppress(ConfigError):
            kind = find_check_kind(word, word)
            if kind is not None and word not in own:
                yield kind


def as_text(schema: Schema) -> str:
    """Return a schema as it stands in its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _allow_variables(part: Schema) -> None:
    """Let numbers and words of a source come from the environment; texts may anyhow."""
    for name, setting in part["properties"].items():
        if setting.get("type") in {"integer", "number"}:
            about = setting.get("description", "")
            part["properties"][name] = {"anyOf": [setting, _VARIABLE], "description": about}


def _category_schema() -> Schema:
    value = {"type": ["string", "number"]}
    return {
        "type": "object",
        "additionalProperties": {"anyOf": [value, {"type": "array", "items": value}]},
        "description": "Dimension: a value, or a list of values.",
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def main(folder: Path) -> None:
    """Write every schema into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in SCHEMAS.items():
        (folder / name).write_text(as_text(make(plugged=True)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
