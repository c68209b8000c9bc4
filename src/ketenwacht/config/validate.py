"""From a YAML tree to a frozen dataclass: strict, and with messages as good as a compiler's."""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
import types
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from ketenwacht.domain.check_traits import Holds, list_held, listed_categories, traits_of
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.settings import Settings
from ketenwacht.errors import ConfigError

from .yaml_file import Location, Where, show_variables

if TYPE_CHECKING:
    from ketenwacht.domain.checks.base import Check

T = TypeVar("T")

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
    **dict.fromkeys(
        ("dict_type", "mapping_type", "dataclass_type", "model_type", "model_attributes_type"), _A_MAPPING
    ),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), ("is not a whole number", "write it as 10")),
    **dict.fromkeys(("float_type", "float_parsing"), ("is not a number", "write it as 0.5")),
    **dict.fromkeys(("bool_type", "bool_parsing"), ("is neither true nor false", "write true or false")),
    "string_type": ("is not a text", "write a text, in quotes where it looks like a number or date"),
}


_ADAPTERS: dict[object, TypeAdapter[Any]] = {}


def get_adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - a class, or a union of some
    """Return what reads and writes values of `kind`; to make one takes longer than to read a file with it."""
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
    faults = find_problems(cls, tree, where, location)
    if faults:
        raise faults[0]
    made: T = get_adapter(cls).validate_python(convert_durations(cls, to_plain(tree)))
    return made


def find_problems(cls: type[Any], tree: object, where: Where, location: Location = ()) -> list[ConfigError]:
    """Return every fault in `tree` as a `cls`, in the order of the file; [] when there is none."""
    return [fault for _, fault in _place_problems(cls, tree, where, location)]


def _place_problems(
    cls: type[Any], tree: object, where: Where, location: Location
) -> list[tuple[tuple[str | int, ...], ConfigError]]:
    """Return it as `find_problems`, with where each fault stands in `tree`."""
    written = to_plain(tree)
    try:
        get_adapter(cls).validate_python(convert_durations(cls, written))
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=True, include_input=False)
        errors.sort(key=lambda e: e["type"] not in _UNKNOWN)  # a misspelt setting explains the missing one
        placed = [(dict(e), _steps_in_file(e["loc"], written)) for e in errors]
        meant = [(e, steps) for e, steps in placed if steps is not None] or [(dict(e), e["loc"]) for e in errors]
        explained = {(*steps[:-1], _find_nearest(cls, steps)) for e, steps in meant if e["type"] in _UNKNOWN}
        shown = [(e, steps) for e, steps in meant if e["type"] != "missing" or steps not in explained]
        faults = [(tuple(steps), _make_fault(cls, e, steps, where, location)) for e, steps in shown]
        return list({(fault.where, fault.what): (steps, fault) for steps, fault in faults}.values())
    return []


def build_partly(
    cls: type[T],
    tree: object,
    where: Where,
    location: Location = (),
    told: Iterable[Location] = (),
) -> tuple[T | None, list[ConfigError]]:
    """Return what can be built of a faulty tree, with every fault, so that faults behind them are found too.

    A setting with a fault gets its default; one that is misspelt counts as the one that was meant. Faults that
    follow from that are not told.

    Args:
        cls: a dataclass that forbids unknown keys.
        tree: what the YAML holds.
        where: gives `path:line:column` of a location in the file.
        location: where `tree` hangs in the file.
        told: places in `tree` whose faults are known already.

    Returns:
        None where too little remains to build anything.
    """
    faults: dict[tuple[str, str], ConfigError] = {}
    known = {tuple(steps) for steps in told}
    for _ in range(_ROUNDS):
        new = _place_problems(cls, tree, where, location)
        if not new:
            return build(cls, tree, where, location), list(faults.values())
        for steps, fault in new:
            nearest = _find_nearest(cls, steps) if fault.what.endswith("is not a known setting") else None
            if not any(steps[: len(one)] == one for one in known):
                faults.setdefault((fault.where, fault.what), fault)
            known |= {steps, *([(*steps[:-1], nearest)] if nearest is not None else [])}
            tree = leave_out(tree, steps, meant=nearest)
            if tree is None:
                return None, list(faults.values())
    return None, list(faults.values())


_ROUNDS = 40


def leave_out(tree: object, steps: Location, *, meant: str | None = None) -> object:
    """Return a tree without what stands at a place, or with it under the name that was meant.

    What is missing at a place takes the mapping around it along. None: nothing is left.
    """
    if not steps or not isinstance(tree, dict | list):
        return None
    first, rest = steps[0], steps[1:]
    items: dict[str | int, object] = dict(tree) if isinstance(tree, dict) else dict(enumerate(tree))
    if first not in items:
        return None
    left = leave_out(items[first], rest, meant=meant) if rest else None
    if left is not None:
        items[first] = left
    else:
        value = items.pop(first)
        if meant is not None and not rest:
            items.setdefault(meant, value)
    return items if isinstance(tree, dict) else list(items.values())


def _steps_in_file(loc: tuple[str | int, ...], tree: object) -> tuple[str | int, ...] | None:
    """Return where a fault stands in the file; None when it is about a member of a union that was not meant.

    Pydantic puts the name of the union's member into the location (`files`, `str`, `dict[str,str]`); files do not.
    """
    steps: list[str | int] = []
    node = tree
    for i, step in enumerate(loc):
        if isinstance(node, dict) and (step in node or (i == len(loc) - 1 and not _is_member(step))):
            steps.append(step)
            node = node.get(step)
        elif isinstance(node, list) and isinstance(step, int):
            steps.append(step)
            node = node[step]
        elif step != "[key]" and not _fits(str(step), node):
            return None
    return tuple(steps)


_SCALARS = ("str", "int", "float", "bool", "date")


def _is_member(step: str | int) -> bool:
    return isinstance(step, int) or step in _SCALARS or "[" in step


def _fits(member: str, node: object) -> bool:
    """Return whether what the file holds has the shape of this member of a union."""
    if member in _SCALARS or member.startswith("literal["):
        return not isinstance(node, dict)
    if member.startswith(("tuple[", "list[", "set[", "frozenset[")):
        return isinstance(node, list)
    return isinstance(node, dict)


def _make_fault(
    cls: type[Any], error: Mapping[str, Any], steps: tuple[str | int, ...], where: Where, location: Location
) -> ConfigError:
    name = ".".join(str(step) for step in (*location, *steps)) or "this"
    what, mend = _MEND.get(error["type"], (f"is wrong: {error['msg'].lower()}", "mend the value"))
    nearest = _find_nearest(cls, steps) if error["type"] in _UNKNOWN else None
    if nearest is not None:
        mend = f"did you mean `{nearest}`?"
    expected = str(error.get("ctx", {}).get("expected", "")).replace("'", "`")
    return ConfigError(where((*location, *steps)), f"`{name}` {what}", mend.format(expected=expected))


def _find_nearest(cls: type[Any], steps: tuple[str | int, ...]) -> str | None:
    """Return the setting that was meant by one that is not known; None when none is near."""
    *parents, last = steps or ("",)
    near = difflib.get_close_matches(str(last), sorted(_list_names(cls, tuple(parents))), n=1, cutoff=0.5)
    return near[0] if near else None


def _list_names(cls: type[Any], steps: tuple[Any, ...]) -> set[str]:
    """Return the settings that exist where `steps` lead, over all members of a union."""
    classes = {cls}
    for step in steps:
        found: set[Any] = set()
        for one in classes:
            for hint in _read_hints(one).values() if isinstance(step, int) else [_read_hints(one).get(str(step))]:
                found |= find_dataclasses(hint)
        if found:
            classes = found
    return {field.name for one in classes for field in dataclasses.fields(one) if field.init}


_KNOWN: dict[object, dict[str, Any]] = {}  # the hints of a class are asked for once a setting


def _read_hints(cls: Any) -> dict[str, Any]:  # noqa: ANN401 - a class, whatever its type
    if cls not in _KNOWN:
        _KNOWN[cls] = get_type_hints(cls) if dataclasses.is_dataclass(cls) else {}
    return _KNOWN[cls]


def find_dataclasses(hint: Any) -> set[Any]:  # noqa: ANN401 - a type hint has no narrower type
    """Return every dataclass that a type hint names, inside whatever containers and unions."""
    if dataclasses.is_dataclass(hint):
        return {hint}
    return {found for part in get_args(hint) for found in find_dataclasses(part)}


def to_plain(tree: object) -> object:
    """Return the tree without ruamel's classes, which pydantic would take for something special."""
    if isinstance(tree, Mapping):
        return {str(key): to_plain(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [to_plain(item) for item in tree]
    if isinstance(tree, bool) or tree is None:
        return tree
    if isinstance(tree, str):
        return show_variables(str(tree))
    for kind in (int, float):
        if isinstance(tree, kind):
            return kind(tree)
    return tree


def convert_durations(hint: Any, tree: object) -> object:  # noqa: ANN401 - a type hint has no narrower type
    """Turn `4h` into seconds wherever `hint` says that a duration stands."""
    origin = get_origin(hint)
    if hint is timedelta:
        return _convert_duration(tree)
    if dataclasses.is_dataclass(hint) and isinstance(tree, dict):
        hints = _read_hints(hint)
        return {key: convert_durations(hints.get(key), value) for key, value in tree.items()}
    if origin in (Union, types.UnionType):
        return _convert_first(get_args(hint), tree)
    if origin is not None and isinstance(tree, dict):
        return {key: convert_durations(get_args(hint)[-1], value) for key, value in tree.items()}
    if origin is not None and isinstance(tree, list) and get_args(hint):
        return [convert_durations(get_args(hint)[0], item) for item in tree]
    return tree


def _convert_duration(tree: object) -> object:
    """Return a duration in seconds, other values unchanged.

    Return a bare number other than 0 as an invalid text, so that validation rejects it.
    """
    match = _DURATION.match(tree) if isinstance(tree, str) else None
    if match is not None:
        return float(match[1]) * _SECONDS[match[2]]
    return _UNITLESS if isinstance(tree, int | float) and tree != 0 else tree


def _convert_first(hints: tuple[Any, ...], tree: object) -> object:
    for hint in hints:
        changed = convert_durations(hint, tree)
        if changed != tree:
            return changed
    return tree


# What is wrong though every word of it is allowed: files, columns, groups and figures that do not fit.


_LONGEST_NAME = 255  # of a file; `exists` raises for a longer one


def suggest_word(word: str, known: Collection[str], otherwise: str) -> str:
    """Return how to mend a word that is not known."""
    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f"did you mean `{near[0]}`?" if near else otherwise


def is_file(path: Path) -> bool:
    """Return whether there is a regular file; there is none with a name that is too long for the system."""
    try:
        return path.is_file()
    except OSError:
        return False


def find_missing_files(feed: Feed, root: Path, where: Where) -> Iterator[ConfigError]:
    """Find files that the feed names and that do not exist."""
    named: list[tuple[Location, str]] = [(("suites", i), path) for i, path in enumerate(feed.suites)]
    named += [((key,), path) for key, path in (("checks", feed.checks), ("contract", feed.contract)) if path]
    for steps, path in named:
        if not is_file(root / path):
            if len(Path(path).name) < _LONGEST_NAME and (root / path).exists():
                what, mend = f"`{path}` is no regular file", "write it as a file"
                yield ConfigError(where(("feeds", feed.name, *steps)), what, mend)
                continue
            beside = {entry.name for entry in (root / path).parent.glob("*")}
            folder = Path(path).parent
            near = difflib.get_close_matches(Path(path).name, sorted(beside), n=1, cutoff=0.8)
            mend = (
                f"did you mean `{(folder / near[0]).as_posix()}`?" if near else "mend the path, or write the file"
            )
            yield ConfigError(where(("feeds", feed.name, *steps)), f"there is no file `{path}`", mend)


def find_unknown_feeds(settings: Settings, where: Where, written: Collection[str] = ()) -> Iterator[ConfigError]:
    """Yield alert settings that name an unknown feed; alerts of the intended feed would be lost.

    Args:
        settings: without the feeds that could not be read.
        where: finds the place of a setting.
        written: names of all feeds of the file, also of those that could not be read.
    """
    known = dict.fromkeys((*settings.feeds, *written))
    otherwise = f"use one of: {', '.join(known)}" if known else "add it under `feeds:`"
    for i, route in enumerate(settings.alerts.routes):
        for j, name in enumerate(route.feeds):
            if name not in known:
                place = where(("alerts", "routes", i, "feeds", j))
                yield ConfigError(place, f"there is no feed `{name}`", suggest_word(name, known, otherwise))
    for name in settings.alerts.feeds:
        if name not in known:
            yield ConfigError(
                where(("alerts", "feeds", name)),
                f"there is no feed `{name}`",
                suggest_word(name, known, otherwise),
            )


def find_unknown_columns(feed: Feed, columns: Collection[str], where: Where) -> Iterator[ConfigError]:
    """Find columns that the feed names and that its deliveries do not have.

    Args:
        feed: as configured.
        columns: those that the schema check lists.
        where: gives a place in config.yaml.
    """
    at = ("feeds", feed.name)
    named: list[tuple[Location, str]] = [
        ((*at, "segments", i, j), name) for i, dims in enumerate(feed.segments) for j, name in enumerate(dims)
    ]
    alone = isinstance(feed.key, str)
    named += [((*at, "key") if alone else (*at, "key", i), name) for i, name in enumerate(feed.key_columns)]
    register = feed.evidence.register
    if register is not None:
        inside = (*at, "evidence", "register")
        named += [((*inside, "segments", i), name) for i, name in enumerate(register.segments)]
        named += [((*inside, "mutation_column"), name) for name in [register.mutation_column] if name is not None]
    for place, name in named:
        if name not in columns:
            mend = suggest_word(name, columns, "name a column of the schema check, or add it there")
            yield ConfigError(where(place), f"there is no column `{name}`", mend)


def find_unshared_dimensions(feed: Feed, where: Where) -> Iterator[ConfigError]:
    """Find dimensions by which a register is counted and that it does not share with the deliveries."""
    register = feed.evidence.register
    if register is None:
        return
    shared = set(register.segments)
    at = ("feeds", feed.name, "evidence", "register")
    named: list[tuple[Location, str]] = [((*at, "backlog", i), name) for i, name in enumerate(register.backlog)]
    named += [((*at, "count_by", i, j), n) for i, dims in enumerate(register.count_by) for j, n in enumerate(dims)]
    for place, name in named:
        if name not in shared:
            mend = suggest_word(name, shared, "add it to the register's `segments`, or take it out here")
            yield ConfigError(where(place), f"the register and the deliveries do not share `{name}`", mend)


def find_out_of_range(check: Check, where: Where, at: Location) -> Iterator[ConfigError]:
    """Find numbers of a check that are out of range."""
    for name, setting in traits_of(check).settings.items():
        value = getattr(check, name, None)
        each = value.items() if isinstance(value, dict) else [(None, value)]
        for key, figure in each:
            if isinstance(figure, int | float) and not setting.least <= figure <= setting.most:
                inside = (name,) if key is None else (name, key)
                mend = f"write {setting.least:g} or more"
                if setting.most < math.inf:
                    mend = f"write a share from {setting.least:g} to {setting.most:g}"
                yield ConfigError(where((*at, *inside)), f"`{'.'.join(inside)}` is out of range", mend)


def find_uncounted_categories(check: Check, feed: Feed, where: Where, at: Location) -> Iterator[ConfigError]:
    """Find categories that can never be seen, since nothing is counted by all of their dimensions."""
    known = {name for dims in feed.segments for name in dims}
    counted = "; ".join(f"[{', '.join(dims)}]" for dims in feed.segments)
    for setting, i, category in _list_items(check, Holds.CATEGORIES):
        dims = set(category)
        strange = sorted(dims - known)
        if strange:
            mend = suggest_word(strange[0], known, f"use dimensions of one of: {counted}")
            place = where((*at, setting, i, strange[0]))
            yield ConfigError(place, f"nothing is counted by `{strange[0]}`", mend)
        elif not any(dims <= set(shape) for shape in feed.segments):
            what = f"nothing is counted by [{', '.join(category)}] together"
            yield ConfigError(where((*at, setting, i)), what, "add them to the feed's `segments`")


def find_idle_allowances(check: Check, where: Where, at: Location) -> Iterator[ConfigError]:
    """Find allowances for rare categories that have no effect.

    The share is out of range, or nothing asks for them.
    """
    wanted = listed_categories([check])
    for setting, i, rare in _list_items(check, Holds.RARE):
        inside = (*at, setting, i)
        if not 0.0 < rare.share <= 1.0:
            yield ConfigError(where((*inside, "share")), "`share` is out of range", "write a share above 0, to 1")
        if wanted and not any(rare.covers(category) for category in wanted):
            yield ConfigError(where(inside), "is of no category that is expected", "name values of `expected`")


def _list_items(check: Check, holds: Holds) -> Iterator[tuple[str, int, Any]]:
    """Yield every item of the settings that hold this: the setting, its place in it, and itself."""
    for setting, items in list_held(check, holds):
        yield from ((setting, i, item) for i, item in enumerate(items))
