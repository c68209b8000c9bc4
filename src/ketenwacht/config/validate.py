"""From a YAML tree to a frozen dataclass: strict, and with messages as good as a compiler's."""

from __future__ import annotations

import dataclasses
import difflib
import re
import types
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from ketenwacht.domain.feed import FileSource
from ketenwacht.errors import ConfigError

from .yaml_file import Location, show_variables

T = TypeVar("T")
Where = Callable[[Location], str]

_DURATION = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)\s*$")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}

_UNITLESS = "a number without a unit"  # nobody can tell hours from seconds: refused as any text that is none

_A_LIST = ("is not a list", "write it in brackets: [one, other]")
_A_MAPPING = ("has no settings of its own", "write them indented below it, or as {{setting: value}}")
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")

# pydantic's error types → what we say instead of its own text, which may quote the value.
_MEND = {
    "missing": ("is missing", "add it"),
    "extra_forbidden": ("is not a known setting", "remove it"),
    "unexpected_keyword_argument": ("is not a known setting", "remove it"),
    "literal_error": ("is not one of the allowed words", "use one of: {expected}"),
    "enum": ("is not one of the allowed words", "use one of: {expected}"),
    "date_from_datetime_parsing": ("is not a date", "write it as 2022-01-31"),
    "date_parsing": ("is not a date", "write it as 2022-01-31"),
    "date_type": ("is not a date", "write it as 2022-01-31"),
    "time_delta_parsing": ("is not a duration", "write it as 30min, 4h, 14d or 2w"),
    "time_delta_type": ("is not a duration", "write it as 30min, 4h, 14d or 2w"),
    **dict.fromkeys(("tuple_type", "list_type", "set_type", "frozen_set_type"), _A_LIST),
    **dict.fromkeys(("dict_type", "mapping_type", "dataclass_type", "model_type"), _A_MAPPING),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), ("is not a whole number", "write it as 10")),
    **dict.fromkeys(("float_type", "float_parsing"), ("is not a number", "write it as 0.5")),
    **dict.fromkeys(("bool_type", "bool_parsing"), ("is neither true nor false", "write true or false")),
    "string_type": ("is not a text", "write a text, in quotes where it looks like a number or date"),
}


_ADAPTERS: dict[object, TypeAdapter[Any]] = {}


def adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - a class, or a union of some
    """What reads and writes values of `kind`; to make one takes longer than to read a file with it."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def build(cls: type[T], tree: object, where: Where, location: Location = ()) -> T:
    """Build `cls` from a tree of mappings, lists and scalars.

    Args:
        cls: a dataclass that forbids unknown keys.
        tree: what the YAML holds.
        where: gives `path:line:column` of a location in the file.
        location: where `tree` hangs in the file.

    Raises:
        ConfigError: the first fault in the order of the file.
    """
    faults = problems(cls, tree, where, location)
    if faults:
        raise faults[0]
    made: T = adapter(cls).validate_python(durations(cls, plain(tree)))
    return made


def problems(cls: type[Any], tree: object, where: Where, location: Location = ()) -> list[ConfigError]:
    """Every fault in `tree` as a `cls`, in the order of the file; [] when there is none."""
    try:
        adapter(cls).validate_python(durations(cls, plain(tree)))
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=True, include_input=False)
        errors.sort(key=lambda e: e["type"] not in _UNKNOWN)  # a misspelt setting explains the missing one
        meant = [dict(e) for e in errors if _meant(cls, tree, e["loc"])]
        explained = {(*_steps(e)[:-1], _nearest(cls, e)) for e in meant if e["type"] in _UNKNOWN}
        told = [e for e in meant if e["type"] != "missing" or _steps(e) not in explained]
        faults = [_fault(cls, e, where, location) for e in told]
        return list({(fault.where, fault.what): fault for fault in faults}.values())
    return []


def _meant(cls: type[Any], tree: object, loc: tuple[Any, ...]) -> bool:
    """Whether a fault speaks of the union member that the tree's `kind` names, not of its siblings.

    When the word names no member at all, only the fault of the word itself is meant.
    """
    classes, node = {cls}, tree
    for i, step in enumerate(loc):
        if _is_mapping_tag(step):
            return isinstance(node, Mapping)  # a text, or one a language
        if step == "str" and i == len(loc) - 1 and not (isinstance(node, Mapping) and step in node):
            return not isinstance(node, Mapping)
        if _is_union_tag(step):
            kinds = {one.__name__: _default_kind(one) for one in classes}
            if kinds.get(str(step)) is None or not isinstance(node, Mapping):
                continue
            word = node.get("kind", _default_kind(FileSource))
            return word == kinds[str(step)] or (word not in kinds.values() and loc[i + 1 :] == ("kind",))
        classes = {found for one in classes for found in dataclasses_in(_hints(one).get(str(step)))} or classes
        if isinstance(node, Mapping):
            node = node.get(step)
        elif isinstance(node, list) and isinstance(step, int):
            node = node[step]
    return True


def _default_kind(cls: Any) -> object:  # noqa: ANN401 - any class
    kind = getattr(cls, "__dataclass_fields__", {}).get("kind")
    return kind.default if kind is not None else None


def _fault(cls: type[Any], error: Mapping[str, Any], where: Where, location: Location) -> ConfigError:
    steps = _steps(error)
    name = ".".join(str(step) for step in (*location, *steps)) or "this"
    what, mend = _MEND.get(error["type"], (f"is wrong: {error['msg'].lower()}", "mend the value"))
    nearest = _nearest(cls, error) if error["type"] in _UNKNOWN else None
    if nearest is not None:
        mend = f"did you mean `{nearest}`?"
    expected = str(error.get("ctx", {}).get("expected", "")).replace("'", "`")
    return ConfigError(where((*location, *steps)), f"`{name}` {what}", mend.format(expected=expected))


def _steps(error: Mapping[str, Any]) -> tuple[Any, ...]:
    """Where a fault is, as the file has it."""
    pairs = pairwise(("", *error["loc"]))  # what follows a mapping's tag is a key of it, whatever it looks like
    steps = tuple(step for before, step in pairs if _is_mapping_tag(before) or not _is_union_tag(step))
    text = error["type"] == "string_type" and steps[-1:] == ("str",)  # the first of: a text, or one a language
    return steps[:-1] if text else steps


def _nearest(cls: type[Any], error: Mapping[str, Any]) -> str | None:
    """The setting that was meant by one that is not known; None when none is near."""
    *parents, last = _steps(error) or ("",)
    near = difflib.get_close_matches(str(last), sorted(_names_at(cls, tuple(parents))), n=1, cutoff=0.5)
    return near[0] if near else None


def _is_union_tag(step: object) -> bool:
    """Pydantic puts the class name of a union member, or `tagged-union[…]`, into the location; files do not."""
    return isinstance(step, str) and (step[:1].isupper() or "[" in step)


def _is_mapping_tag(step: object) -> bool:
    return isinstance(step, str) and step.startswith("dict[")


def _names_at(cls: type[Any], steps: tuple[Any, ...]) -> set[str]:
    """The settings that exist where `steps` lead, over all members of a union."""
    classes = {cls}
    for step in steps:
        found: set[Any] = set()
        for one in classes:
            for hint in _hints(one).values() if isinstance(step, int) else [_hints(one).get(str(step))]:
                found |= dataclasses_in(hint)
        if found:
            classes = found
    return {field.name for one in classes for field in dataclasses.fields(one) if field.init}


_KNOWN: dict[object, dict[str, Any]] = {}  # the hints of a class are asked for once a setting


def _hints(cls: Any) -> dict[str, Any]:  # noqa: ANN401 - a class, whatever its type
    if cls not in _KNOWN:
        _KNOWN[cls] = get_type_hints(cls) if dataclasses.is_dataclass(cls) else {}
    return _KNOWN[cls]


def dataclasses_in(hint: Any) -> set[Any]:  # noqa: ANN401 - a type hint has no narrower type
    """Every dataclass that a type hint names, inside whatever containers and unions."""
    if dataclasses.is_dataclass(hint):
        return {hint}
    return {found for part in get_args(hint) for found in dataclasses_in(part)}


def plain(tree: object) -> object:
    """The tree without ruamel's classes, which pydantic would take for something special."""
    if isinstance(tree, Mapping):
        return {str(key): plain(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [plain(item) for item in tree]
    if isinstance(tree, bool) or tree is None:
        return tree
    if isinstance(tree, str):
        return show_variables(str(tree))
    for kind in (int, float):
        if isinstance(tree, kind):
            return kind(tree)
    return tree


def durations(hint: Any, tree: object) -> object:  # noqa: ANN401 - a type hint has no narrower type
    """Turn `4h` into seconds wherever `hint` says that a duration stands."""
    origin = get_origin(hint)
    if hint is timedelta:
        return _duration(tree)
    if dataclasses.is_dataclass(hint) and isinstance(tree, dict):
        hints = _hints(hint)
        return {key: durations(hints.get(key), value) for key, value in tree.items()}
    if origin in (Union, types.UnionType):
        return _first_change(get_args(hint), tree)
    if origin is not None and isinstance(tree, dict):
        return {key: durations(get_args(hint)[-1], value) for key, value in tree.items()}
    if origin is not None and isinstance(tree, list) and get_args(hint):
        return [durations(get_args(hint)[0], item) for item in tree]
    return tree


def _duration(tree: object) -> object:
    """Seconds; what is no duration as it is, and a bare number as a text that is none either."""
    match = _DURATION.match(tree) if isinstance(tree, str) else None
    if match is not None:
        return float(match[1]) * _SECONDS[match[2]]
    return _UNITLESS if isinstance(tree, int | float) and tree != 0 else tree


def _first_change(hints: tuple[Any, ...], tree: object) -> object:
    for hint in hints:
        changed = durations(hint, tree)
        if changed != tree:
            return changed
    return tree
